"""Counted frames: fewer rows, each with the number of equal rows that it stands for."""

from collections.abc import Sequence

import pandas as pd

from salesanalysis.errors import SalesAnalysisError

#: The column of a counted frame: how many equal rows each row stands for.
WEIGHT = "weight"


def weights(frame: pd.DataFrame) -> pd.Series:
    """How many equal things each row of a counted frame stands for; 1 where it is not counted."""
    if WEIGHT not in frame.columns:
        return pd.Series(1, index=frame.index)
    weight = frame[WEIGHT]
    wrong = ~(weight >= 0) | (weight % 1 != 0)
    if wrong.any():
        raise SalesAnalysisError(
            f"`{WEIGHT}` has {weight[wrong].iloc[0]!r}; expected how many equal rows each row"
            " stands for: whole numbers, 0 or more."
        )
    return weight.astype("int64")


def number(which: pd.Series, weight: pd.Series) -> int:
    """How many things a flag is true of; it is not where it is missing."""
    return int(weight[which.fillna(False).to_numpy(bool)].sum())


def require_single(frame: pd.DataFrame, name: str = "The table") -> None:
    """Refuse a counted frame where each row must be one thing.

    Examples
    --------
    >>> require_single(pd.DataFrame({"stage": ["offer"], "weight": [3]}))
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: The table is counted (`weight`); this needs the single deals. Make it without weights.
    """  # noqa: E501
    if WEIGHT in frame.columns:
        raise SalesAnalysisError(
            f"{name} is counted (`{WEIGHT}`); this needs the single deals. Make it without weights."
        )


def refuse_weight(by: Sequence[str]) -> None:
    """Refuse to carry along a column that would be taken for the number of equal rows.

    Examples
    --------
    >>> refuse_weight(["region", "weight"])
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `by` names `weight`, which says how many deals a row stands for. Rename that column.
    """  # noqa: E501
    if WEIGHT in by:
        raise SalesAnalysisError(
            f"`by` names `{WEIGHT}`, which says how many deals a row stands for. Rename that"
            " column."
        )
