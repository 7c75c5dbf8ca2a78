"""What the functions of the funnel family share: a table by groups, one row for each."""

from collections.abc import Iterator, Sequence

import pandas as pd

from salesanalysis import errors
from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.known import Known, require_single


def split_columns(frame: pd.DataFrame, by: Sequence[str] | str) -> list[str]:
    """The columns to split by, each once, checked to be there."""
    by = as_list(by)
    require_columns(frame, by, counted=True)
    return by


def split_table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    """One row per group, its columns those of the split and of the result."""
    return pd.DataFrame(rows, columns=each_once(columns))


def each_once(columns: list[str]) -> list[str]:
    """The columns of a result; a split by one that it has in any case is refused."""
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise SalesAnalysisError(
            f"`by` names {', '.join(f'`{name}`' for name in twice)}, which the result has in any"
            " case. Leave it out, or split by a copy under another name."
        )
    return columns


def require_columns(frame: pd.DataFrame, columns: Sequence[str], *, counted: bool = False) -> None:
    """Refuse what is no table, lacks one of the columns or, unless ``counted``, has weights."""
    if isinstance(frame, Known):
        raise SalesAnalysisError(
            "Expected one table; got all that is known. Give one frame of it, such as"
            " `known.entries` or `known.deals`."
        )
    if not counted:
        require_single(frame)
    errors.require_columns(frame.columns, columns)


def require_known(values: pd.Series, known: Sequence[str]) -> None:
    """Refuse values that are not in the vocabulary of their column."""
    strange = values[~values.isin(known)].unique()
    if len(strange):
        raise SalesAnalysisError(
            f"`{values.name}` has {', '.join(map(repr, strange[:5]))}; expected {', '.join(known)}."
        )


def groups(frame: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict, pd.DataFrame]]:
    """The groups in sorted order, missing values last, each with its key as a dict."""
    if not by:
        yield {}, frame
        return
    for key, part in frame.groupby(list(by), dropna=False, sort=True, observed=True):
        yield dict(zip(by, key, strict=True)), part
