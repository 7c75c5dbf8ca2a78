"""The customers' file: what it lacks, what in it is wrong, and what of it somebody has checked.

A file has three keepers: who collects it, who checks and confirms it, and the office that keeps it,
which sees here what the others left open. A file that nobody else has checked is a draft.
"""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.customers.accounts import groups, require_accounts, unmerged
from salesanalysis.customers.credit_code import VALID, code_state
from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.stats import wilson

#: What a file should hold, where nothing else is said.
REQUIRED = (
    *("name", "registration_code", "legal_representative", "contact", "phone", "address"),
    *("main_products", "monthly_sales", "sales_area", "owner_id", "credit_limit"),
    "payment_terms_days",
)
DRAFT, INCOMPLETE, COMPLETE = "draft", "incomplete", "complete"
#: Words that fill a cell and say nothing.
_EMPTY_WORDS = frozenset(
    [*("", "-", "--", "/", "?", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "test")]
    + [*("x", "xx", "xxx", "无", "暂无", "未知", "不详", "待定", "待补", "测试", "没有", "空")]
)


def _is_phone(value: object) -> bool:
    """7 to 15 digits, as the world's numbering plan allows, and not one digit alone."""
    digits = [one for one in unicodedata.normalize("NFKC", str(value)) if one.isdigit()]
    return 7 <= len(digits) <= 15 and len(set(digits)) > 1


def _number(low: float, high: float = np.inf) -> Callable[[object], bool]:
    return lambda value: bool(low <= float(value) <= high)


#: What a value must be to be used; of other fields any word will do.
_VALID: dict[str, Callable[[object], bool]] = {
    "registration_code": lambda value: code_state(value) == VALID,
    "phone": _is_phone,
    "monthly_sales": _number(0),
    "credit_limit": _number(0),
    "payment_terms_days": _number(0, 720),
    "loyalty_level": _number(0),
}


def is_filled(values: pd.Series) -> np.ndarray:
    """Which values say something: neither missing nor a word for it."""
    filled = values.notna().to_numpy(bool)
    if not pd.api.types.is_numeric_dtype(values) and not _is_date(values):
        words = values.astype(str).str.strip().str.lower()
        filled = filled & ~words.isin(_EMPTY_WORDS).to_numpy(bool)
    return filled


def _is_date(values: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(values)


def _is_valid(values: pd.Series) -> np.ndarray:
    """Which values are filled and can be right."""
    filled, rule = is_filled(values), _VALID.get(str(values.name))
    if rule is None:
        return filled
    return np.array([full and rule(v) for full, v in zip(filled, values, strict=True)], dtype=bool)


def _is_verified(file: pd.DataFrame) -> np.ndarray:
    """Which files another than their collector has checked and confirmed, by name."""
    checked = is_filled(file["verified_by"])
    if "collected_by" in file:
        checked = checked & ~file["verified_by"].eq(file["collected_by"]).fillna(False).to_numpy(
            bool
        )
    return checked


def _prepared(file: pd.DataFrame, required: Sequence[str], by: list[str]) -> pd.DataFrame:
    """The accounts that were kept, with the columns that are asked for."""
    if not required:
        raise SalesAnalysisError(
            "`required` names no field; expected one or more, such as `phone`."
        )
    require_accounts(file)
    require_columns(file.columns, by, "`file`")
    # What a file has no column for is empty in every one of its rows.
    lacking = {name: None for name in [*required, "verified_by"] if name not in file}
    return unmerged(file).assign(**lacking)


def completeness(
    file: pd.DataFrame, *, required: Sequence[str] = REQUIRED, by: Sequence[str] | str = ()
) -> pd.DataFrame:
    """Of each field, how many accounts have it, rightly, and checked.

    Parameters
    ----------
    file : DataFrame
        The customers' file (``known.file``); accounts merged into others are left out.
    required : sequence of str
        The fields that a file should hold; one that it has no column for is empty everywhere.
    by : column or columns
        To split by, such as ``sales_area`` or ``owner_id``.

    Returns
    -------
    DataFrame, one row per group × field, in the order of ``required``
        The columns of ``by``, ``field``, ``n`` (accounts), ``empty`` (no value, or a word for
        none), ``wrong`` (a value that cannot be right: a code with another check character, a phone
        of three digits, a negative limit), ``k`` (the others), ``rate`` with Wilson's 95% interval
        ``rate_low, rate_high``, ``verified_n`` and ``verified_rate`` (those of ``k`` whose file
        another than its collector has checked).

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"], "phone": ["021-5551234", "无", "123"],
    ...                      "verified_by": ["Wu", None, "Wu"]})
    >>> table = completeness(file, required=["phone", "address"])
    >>> table[["field", "n", "empty", "wrong", "k", "rate_high", "verified_n"]].round(2)
         field  n  empty  wrong  k  rate_high  verified_n
    0    phone  3      1      1  1       0.79           1
    1  address  3      3      0  0       0.56           0
    """
    by = as_list(by)
    rows = _prepared(file, required, by)
    found = []
    for key, part in groups(rows, by):
        verified = _is_verified(part)
        for field in dict.fromkeys(required):
            filled, right = is_filled(part[field]), _is_valid(part[field])
            found.append(
                key
                | {
                    "field": field,
                    "n": len(part),
                    "empty": int((~filled).sum()),
                    "wrong": int((filled & ~right).sum()),
                    "k": int(right.sum()),
                    "verified_n": int((right & verified).sum()),
                }
            )
    table = pd.DataFrame(found, columns=[*by, "field", "n", "empty", "wrong", "k", "verified_n"])
    low, high = wilson(table["k"], table["n"])
    share = table["n"].where(table["n"] > 0).astype(float)
    table = table.assign(rate=table["k"] / share, rate_low=low, rate_high=high)
    table["verified_rate"] = table["verified_n"] / share
    shown = ["rate", "rate_low", "rate_high", "verified_n", "verified_rate"]
    return table[[*by, "field", "n", "empty", "wrong", "k", *shown]]


def file_states(file: pd.DataFrame, *, required: Sequence[str] = REQUIRED) -> pd.DataFrame:
    """Of each account, what its file lacks and whether it is a draft.

    Parameters
    ----------
    file, required
        As for :func:`completeness`.

    Returns
    -------
    DataFrame, one row per account, the emptiest first
        ``account_id, name, sales_area, owner_id`` (as far as the file has them), ``state``
        (``draft``: nobody but its collector has checked it; ``incomplete``: checked, but a field is
        empty or wrong; ``complete``), ``collected_by, verified_by, verified_at``, ``filled`` (share
        of the fields that are filled and right), ``empty_fields``, ``wrong_fields`` (their names).

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A", "B"], "phone": ["021-5551234", "123"],
    ...                      "verified_by": ["Wu", None]})
    >>> file_states(file, required=["phone"])[["account_id", "state", "filled", "wrong_fields"]]
      account_id     state  filled wrong_fields
    0          B     draft     0.0        phone
    1          A  complete     1.0
    """  # noqa: W291
    rows = _prepared(file, required, [])
    fields = list(dict.fromkeys(required))
    filled = np.column_stack([is_filled(rows[field]) for field in fields])
    right = np.column_stack([_is_valid(rows[field]) for field in fields])
    whole = right.all(axis=1)
    state = np.select([~_is_verified(rows), ~whole], [DRAFT, INCOMPLETE], COMPLETE)

    def named(which: np.ndarray) -> list[str]:
        return [", ".join(np.array(fields)[row]) for row in which]

    table = rows.assign(
        state=pd.Series(state, rows.index, dtype=str),
        filled=right.mean(axis=1),
        empty_fields=pd.Series(named(~filled), rows.index, dtype=str),
        wrong_fields=pd.Series(named(filled & ~right), rows.index, dtype=str),
        **{n: None for n in ("collected_by", "verified_at") if n not in rows},
    )
    table = table.sort_values(["filled", "account_id"], kind="stable")
    who = [name for name in ("name", "sales_area", "owner_id") if name in file]
    keepers = ["collected_by", "verified_by", "verified_at"]
    shown = ["account_id", *who, "state", *keepers, "filled", "empty_fields", "wrong_fields"]
    return table[shown].reset_index(drop=True)


def file_coverage(
    file: pd.DataFrame,
    *,
    by: Sequence[str] | str = "sales_area",
    required: Sequence[str] = REQUIRED,
    least: int = 3,
) -> pd.DataFrame:
    """How many files each area has, how many are complete and verified, and how many it is short.

    Parameters
    ----------
    file, required
        As for :func:`completeness`; hand over the upstream customers alone where only these count.
    by : column or columns
        The area.
    least : int
        So many files each area should have.

    Returns
    -------
    DataFrame, one row per area, those without a name last
        The columns of ``by``, ``n`` (files), ``complete_n`` (complete and verified), ``verified_n``
        (verified, complete or not), ``drafts``, ``short_by`` (files short of ``least``).
    """
    least, by = require_number("least", least, low=0, whole=True), as_list(by)
    if not by:
        raise SalesAnalysisError("`by` names no column; expected that of the area.")
    rows = _prepared(file, required, by)
    states = file_states(rows, required=required).drop_duplicates("account_id")
    state = rows["account_id"].map(states.set_index("account_id")["state"])
    found = [
        key
        | {
            "n": len(part),
            "complete_n": int((state[part.index] == COMPLETE).sum()),
            "verified_n": int((state[part.index] != DRAFT).sum()),
            "drafts": int((state[part.index] == DRAFT).sum()),
            "short_by": max(least - len(part), 0),
        }
        for key, part in groups(rows, by)
    ]
    return pd.DataFrame(found, columns=[*by, "n", "complete_n", "verified_n", "drafts", "short_by"])
