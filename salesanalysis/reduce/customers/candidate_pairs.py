"""Which records of a file are worth comparing: those that share one of several keys.

Every pair of a file of 100,000 would be five thousand million; those that share a telephone, a
code, a name or a part of it are a few per record. The keys are made and joined where the data lie.
"""

from collections.abc import Iterator, Sequence

import ibis
import numpy as np
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
#: The sign before the keys of the first kind; those of the others follow it.
_FIRST = ord("A")


def candidate_pairs(
    accounts: AnyTable, *, fields: Sequence[str] | None = None, most: int = MOST_SHARING
) -> pd.DataFrame:
    """The pairs of records that share a key.

    Keys are the code, the end of the telephone number, the core of the name (without legal form and
    words of places), how it begins and ends, the address and its street with the number, the
    representative within a city; of every other field what is written there. Ends of the code and
    of the address find those with a slip at the beginning.

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
    sharing = keys.mutate(sharing=keys.count().over(group_by="key"))
    shared = to_pandas(sharing.filter(sharing.sharing.between(2, most)).drop("sharing"))
    one, other, kind = _pairs_of(shared)
    ids = np.array(sorted(shared["account_id"].unique()), dtype=object)
    pair, at = np.unique(one * max(len(ids), 1) + other, return_inverse=True)
    bits = np.zeros(len(pair), np.int64)
    np.bitwise_or.at(bits, at, np.int64(1) << kind)
    one, other = np.divmod(pair, max(len(ids), 1))
    return pd.DataFrame(
        {"account_id": ids[one], "other_id": ids[other], "keys": _named(bits, names)}
    ).astype("str")


def _pairs_of(shared: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of the accounts with one key, as numbers in the order of ids, and the key's kind."""
    rows = shared.drop_duplicates()
    numbered = np.unique(rows["account_id"].to_numpy(object), return_inverse=True)[1]
    key = pd.factorize(rows["key"])[0]
    order = np.lexsort((numbered, key))
    numbered, key = numbered[order].astype(np.int64), key[order]
    kind = np.array([ord(text[0]) - _FIRST for text in rows["key"]], np.int64)[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else key
    sizes = np.diff(np.r_[first, len(key)])
    found = [np.empty((0, 3), np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        at = first[sizes == size]
        left, right = np.triu_indices(size, 1)
        block = at[:, None] + np.arange(size)
        one, other = (numbered[block[:, side]].ravel() for side in (left, right))
        found.append(np.column_stack([one, other, np.repeat(kind[at], len(left))]))
    one, other, kinds = np.concatenate(found).T
    return one, other, kinds


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
    sizes = keys.group_by("key").agg(records=keys.count())
    found = to_pandas(sizes.filter(sizes.records > most)).rename(columns={"key": "value"})
    kinds = np.array([ord(text[0]) - _FIRST for text in found["value"]], np.int64)
    found.insert(0, "key", np.array([*names, ""], object)[kinds])
    found = found.assign(value=found["value"].str[1:]).astype({"key": "str", "value": "str"})
    order = ["records", "key", "value"]
    return found.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _named(bits: np.ndarray, names: list[str]) -> list[str]:
    """The names of the keys whose bits are set, in words."""
    said = {
        bit: ", ".join(name for at, name in enumerate(names) if bit >> at & 1)
        for bit in np.unique(bits).tolist()
    }
    return [said[bit] for bit in bits.tolist()]


def _keys(accounts: AnyTable, fields: Sequence[str] | None) -> tuple[ibis.Table, list[str]]:
    """One row per record and key that it has, and the kinds of keys; a key begins with its kind."""
    table = as_ibis(accounts)
    require_columns(table, ["account_id"], "accounts")
    fields = compared(table.columns, fields)
    # Distinct, so that engines clean a field once and not anew for every key made of it.
    clean = table.select(
        "account_id", **{field: _cleaned(table[field], field) for field in fields}
    ).distinct()
    made = dict(_made({field: clean[field] for field in fields}))
    tagged = [
        ibis.ifelse(key.length() >= _LEAST_SIGNS, chr(_FIRST + kind) + key, ibis.null("string"))
        for kind, key in enumerate(made.values())
    ]
    rows = clean.select("account_id", key=ibis.array(tagged).unnest())
    return rows.filter(rows.account_id.notnull(), rows.key.notnull()), list(made)


def _cleaned(value, field: str):
    """:func:`salesanalysis.company_fields.cleaned` in the engine."""
    text = value.cast("string")
    # Few values are wide, and to translate costs more than all the steps.
    wide = text.re_search(f"[{WIDE[0]}-{WIDE[-2]}{WIDE[-1]}]")
    value = ibis.ifelse(wide, text.translate(WIDE, NARROW), text).lower()
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
        if field == "registration_code":
            yield "code_ends", value.right(_ENDS)
        if field == "address":
            yield "street", value.re_extract(_STREET_ZH, 0)
            yield "street_en", value.re_extract(_STREET, 0)
            yield "address_ends", value.right(_ENDS)
