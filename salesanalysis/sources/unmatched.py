"""Keys of two tables that should join and do not."""

import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, nearest

if TYPE_CHECKING:
    import ibis

#: So many values of a side, those with most rows, are compared with so many of the other side.
_COMPARED, _COMPARED_WITH = 100, 5_000


def unmatched_keys(
    left: "ibis.Table | pd.DataFrame", right: "ibis.Table | pd.DataFrame", key: str
) -> pd.DataFrame:
    """The values of a key that one of two tables has and the other has not.

    A join drops such rows, or leaves their columns empty, without a word. Missing keys are no keys
    and are not listed.

    Parameters
    ----------
    left, right : ibis.Table or DataFrame
        The two tables; both have the column ``key``.
    key : str
        The column that they are to be joined by.

    Returns
    -------
    DataFrame, one row per value and side, the values with most rows first
        The key, ``side`` (left or right), ``rows`` (how many of that side have the value),
        ``nearest`` (the value of the other side that differs only in blanks, case, signs, width or
        leading zeros, which spreadsheets take off; for the 100 values with most rows the most
        similar one; empty for none). For a value of the right side only such as the left side has
        alone.

    Examples
    --------
    >>> deals = pd.DataFrame({"product": ["GTXPro", "GTXPro", "MG Special"]})
    >>> prices = pd.DataFrame({"product": ["GTX Pro", "MG Special"]})
    >>> unmatched_keys(deals, prices, "product")
       product   side  rows  nearest
    0   GTXPro   left     2  GTX Pro
    1  GTX Pro  right     1   GTXPro
    """
    counts = {"left": _counts(left, key, "left"), "right": _counts(right, key, "right")}
    lonely = {
        side: [(value, n) for value, n in counts[side].items() if value not in counts[other]]
        for side, other in (("left", "right"), ("right", "left"))
    }
    # What the left side lacks may be any value of the right, otherwise written; a value that only
    # the right side has is at most one that the left side has alone.
    others = {"left": list(counts["right"]), "right": [value for value, _ in lonely["left"]]}
    rows = []
    for side, alone in lonely.items():
        plain = {}
        for value in others[side]:
            plain.setdefault(_plain(value), value)
        alone.sort(key=lambda pair: (-pair[1], pair[0]))
        for place, (value, count) in enumerate(alone):
            rows.append((value, side, count, _nearest(value, plain, place < _COMPARED)))
    return pd.DataFrame(rows, columns=[key, "side", "rows", "nearest"])


def _counts(table, key: str, side: str) -> dict[str, int]:
    if key not in table.columns:
        near = ", ".join(nearest(key, list(table.columns))) or ", ".join(table.columns)
        raise SalesAnalysisError(
            f"`key` is `{key}`, which `{side}` does not have. Nearest: {near}."
        )
    if isinstance(table, pd.DataFrame):
        counted = table[key].dropna().astype(str).value_counts()
        return {value: int(count) for value, count in counted.items()}
    found = table.filter(table[key].notnull()).group_by(key).agg(rows=lambda t: t.count())
    columns = found.to_pyarrow().to_pydict()
    return {str(v): n for v, n in zip(columns[key], columns["rows"], strict=True)}


def _plain(value: str) -> str:
    bare = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", value).casefold())
    return bare.lstrip("0") or bare


def _nearest(value: str, plain: dict[str, str], compare: bool) -> str:
    same = plain.get(_plain(value))
    if same is not None:
        return same
    if not compare or len(plain) > _COMPARED_WITH:
        return ""
    close = nearest(_plain(value), plain, 1)
    return plain[close[0]] if close else ""
