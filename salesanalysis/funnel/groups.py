"""What the functions of the funnel family share: splits, and a share with open deals in it."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from salesanalysis import errors
from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.known import WEIGHT, Known, require_single
from salesanalysis.stats import aalen_johansen, wilson

#: With fewer deals than this still watched, an incidence says more about them than about the rest.
LEAST_AT_RISK = 10


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


def incidence(
    frame: pd.DataFrame, days: str, cause: np.ndarray, horizon_days: float | None, level: float
) -> dict:
    """Cumulative incidence of cause 1 at the horizon, with how far the data carry it.

    Rows whose ``days`` are missing, or over before the deal came under observation
    (``entry_days``, where the frame has them), do not count. A counted frame has its ``weight``.
    """
    if horizon_days is not None and not horizon_days >= 0:
        raise SalesAnalysisError(f"`horizon_days` is {horizon_days!r}; expected 0 days or more.")
    entry = frame["entry_days"] if "entry_days" in frame.columns else 0.0 * frame[days]
    seen = frame[days].notna() & ((frame[days] > entry) | (entry <= 0))
    days, entry, cause, weight = (
        frame.loc[seen, days].to_numpy(float),
        entry[seen].to_numpy(float),
        cause[seen.to_numpy()],
        weights(frame)[seen.to_numpy()].to_numpy(),
    )
    nothing = dict.fromkeys(["rate", "rate_low", "rate_high", "horizon_days"], np.nan)
    if not len(days):
        return {"n": 0, "k": 0} | nothing
    horizon = float(horizon_days) if horizon_days is not None else np.nan
    if horizon_days is None:
        horizon = supported_horizon(days, cause, weight)
    won = (cause == 1) & (days <= horizon)
    counted = {"n": int(weight.sum()), "k": int(weight[won].sum())}
    # Beyond the longest observation nothing is known, unless everybody has left by then.
    if np.isnan(horizon) or (horizon > days.max() and (cause == 0).any()):
        return counted | nothing | {"horizon_days": horizon}
    curve = aalen_johansen(days, cause, entry=entry, count=weight, level=level)
    curve = curve[(curve["cause"] == 1) & (curve["days"] <= horizon)]
    if curve.empty:
        at_risk = int(weight[days >= horizon].sum())
        low, high = wilson(0, at_risk, level=level)
        limits = {"rate": 0.0, "rate_low": float(low), "rate_high": float(high)}
    else:
        last = curve.iloc[-1]
        limits = {
            "rate": last["incidence"],
            "rate_low": last["incidence_low"],
            "rate_high": last["incidence_high"],
        }
    return counted | limits | {"horizon_days": horizon}


def supported_horizon(days: np.ndarray, cause: np.ndarray, weight=None) -> float:
    """The longest wait that ended while enough deals had been watched that long.

    Enough is ``LEAST_AT_RISK``, or a quarter of them where that is less; missing where nothing
    has ended.

    Examples
    --------
    >>> import numpy as np
    >>> supported_horizon(np.arange(1.0, 21.0), np.ones(20))
    16.0
    """
    weight = np.ones(len(days)) if weight is None else weight
    order = np.argsort(days, kind="stable")
    days, cause, before = days[order], cause[order], np.append(0, np.cumsum(weight[order]))
    at_risk = before[-1] - before[np.searchsorted(days, days, side="left")]
    supported = (cause > 0) & (at_risk >= min(LEAST_AT_RISK, np.ceil(before[-1] / 4)))
    return float(days[supported].max()) if supported.any() else np.nan
