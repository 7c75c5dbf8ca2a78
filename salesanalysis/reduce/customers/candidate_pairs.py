"""Which records of a file are worth comparing: those that share one of several keys.

Every pair of a file of 100,000 would be five thousand million; those that share a telephone, a
code, a name or a part of it are a few per record. The keys are made and joined where the data lie.
"""

from collections.abc import Iterator, Sequence

import ibis
import pandas as pd

from salesanalysis.company_fields import LAST_OF_PHONE, NARROW, WIDE, compared, steps_of
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas

#: A key that more records share than this tells little, and its pairs would be most of all.
MOST_SHARING = 50
#: Chinese and other names begin and end alike where these signs do.
_ENDS_ZH, _ENDS = 4, 8
#: A street and its number, as Chinese addresses have them and as others do.
_STREET_ZH, _STREET = "[^0-9]{3}[0-9]+", "[0-9]+[^0-9]{5}"
_LEAST_SIGNS = 2


def candidate_pairs(
    accounts: AnyTable, *, fields: Sequence[str] | None = None, most: int = MOST_SHARING
) -> pd.DataFrame:
    """The pairs of records that share a key.

    Keys are the code, the end of the telephone number, the core of the name (without legal form and
    words of places), how it begins and ends, the address and its street with the number, the
    representative within a city; of every other field what is written there.

    Parameters
    ----------
    accounts : Ibis table or DataFrame, one row per record
        ``account_id`` and the fields.
    fields : list of str, optional
        By which records are compared; those of
        :data:`salesanalysis.company_fields.IDENTITY` that there are, else all that there are.
    most : int
        A key that more records share makes no pairs; :func:`crowded_keys` says which those are.

    Returns
    -------
    DataFrame, one row per pair, sorted by both ids
        ``account_id`` and ``other_id``, the smaller first, ``keys``: those that they share.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A1", "A2", "A3"],
    ...                      "name": ["上海恒信电子有限公司", "上海市恒信电子", "苏州瑞嘉化工"],
    ...                      "phone": ["021-61234567", "+86 21 61234567", None]})
    >>> candidate_pairs(file)
      account_id other_id                               keys
    0         A1       A2  name, name_begins, name_ends, phone
    """
    keys, names = _keys(accounts, fields)
    sizes = keys.group_by("bit", "key").agg(sharing=keys.count())
    shared = keys.inner_join(sizes.filter(sizes.sharing.between(2, most)), ["bit", "key"])
    one = shared.select("account_id", "bit", "key")
    other = one.view().rename(other_id="account_id")
    pairs = one.inner_join(other, ["bit", "key"])
    pairs = pairs.filter(pairs.account_id < pairs.other_id)
    pairs = pairs.group_by("account_id", "other_id").agg(keys=pairs.bit.sum())
    found = to_pandas(pairs)
    # Engines do not order text alike.
    first = found["account_id"] <= found["other_id"]
    ordered = found.assign(
        account_id=found["account_id"].where(first, found["other_id"]),
        other_id=found["other_id"].where(first, found["account_id"]),
        keys=_named(found["keys"], names),
    )
    return ordered.sort_values(["account_id", "other_id"], ignore_index=True)


def crowded_keys(
    accounts: AnyTable, *, fields: Sequence[str] | None = None, most: int = MOST_SHARING
) -> pd.DataFrame:
    """The keys that too many records share to compare these with each other because of them.

    A telephone of two hundred customers is a placeholder, or a sign of made-up ones.

    Parameters
    ----------
    accounts, fields, most
        As for :func:`candidate_pairs`.

    Returns
    -------
    DataFrame, one row per key, most records first
        ``key`` (as in ``keys`` there), ``value`` (cleaned), ``records``.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": [f"A{n}" for n in range(60)], "phone": "000-00000"})
    >>> crowded_keys(file)
         key     value  records
    0  phone  00000000       60
    """
    keys, names = _keys(accounts, fields)
    sizes = keys.group_by("bit", "key").agg(records=keys.count())
    found = to_pandas(sizes.filter(sizes.records > most)).rename(columns={"key": "value"})
    found = found.assign(key=_named(found["bit"], names))[["key", "value", "records"]]
    order = ["records", "key", "value"]
    return found.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _named(bits: pd.Series, names: list[str]) -> pd.Series:
    """The names of the keys whose bits are set, in words."""
    said = {
        bit: ", ".join(name for at, name in enumerate(names) if int(bit) >> at & 1)
        for bit in bits.unique()
    }
    return bits.map(said).astype("str")


def _keys(accounts: AnyTable, fields: Sequence[str] | None) -> tuple[ibis.Table, list[str]]:
    """One row per record and key that it has; each kind of key is a bit, with its name."""
    table = as_ibis(accounts)
    require_columns(table, ["account_id"], "accounts")
    fields = compared(table.columns, fields)
    clean = {field: _cleaned(table[field], field) for field in fields}
    made = dict(_made(clean))
    parts = [
        table.select("account_id", key=key, bit=ibis.literal(1 << at, type="int64"))
        for at, key in enumerate(made.values())
    ]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = rows.filter(rows.account_id.notnull(), rows.key.length() >= _LEAST_SIGNS)
    return rows.distinct(), list(made)


def _cleaned(value, field: str):
    """:func:`salesanalysis.company_fields.cleaned` in the engine."""
    value = value.cast("string").translate(WIDE, NARROW).lower()
    for pattern, instead in steps_of(field):
        value = value.re_replace(pattern, instead)
    return value.right(LAST_OF_PHONE) if field == "phone" else value


def _made(clean: dict) -> Iterator[tuple[str, ibis.expr.types.StringValue]]:
    """The keys of each field, by their names."""
    for field, value in clean.items():
        if field == "legal_representative" and "city" in clean:
            # Many share a name, few of them a city.
            yield field, value + "/" + clean["city"]
        elif field != "city" or len(clean) == 1:
            yield field, value
        if field == "name":
            other = value.re_search("^[0-9a-z]+$")
            for ends, part in (("begins", value.left), ("ends", value.right)):
                yield f"name_{ends}", ibis.ifelse(other, part(_ENDS), part(_ENDS_ZH))
        if field == "address":
            yield "street", value.re_extract(_STREET_ZH, 0)
            yield "street_en", value.re_extract(_STREET, 0)
