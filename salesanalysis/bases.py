"""What a conversion rate divides by: a record for each basis, and which of them is quoted.

Open deals make every simple share wrong in a known direction, so a rate names its basis. To add
one, write its record into :data:`BASES`, its word ``funnel.value.basis.<name>`` into the texts, and
the column ``<name>_rate`` beside the others of ``columns.csv``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import ADVANCED, OPEN
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.known import number, weights
from salesanalysis.stats import aalen_johansen, most_of_none, wilson

#: With fewer deals than this still watched, an incidence says more about them than about the rest.
LEAST_AT_RISK = 10


@dataclass(frozen=True)
class Basis:
    """One way to divide.

    Attributes
    ----------
    estimate : callable
        ``(waits, horizon_days, level)`` → ``n, k, rate, rate_low, rate_high, horizon_days`` of the
        deals at one stage: ``result, result_days``; ``entry_days, weight`` where there are any.
    divides_by, misleads : str
        What it divides by and when that misleads, in a few words, for guides.
    """

    estimate: Callable[[pd.DataFrame, float | None, float], dict]
    divides_by: str
    misleads: str


def _of_all(waits: pd.DataFrame, horizon_days: float | None, level: float) -> dict:
    weight = weights(waits)
    n, k = int(weight.sum()), number(waits["result"] == ADVANCED, weight)
    low, high = wilson(k, n, level=level)
    rate = k / n if n else np.nan
    return {"n": n, "k": k, "rate": rate, "rate_low": float(low), "rate_high": float(high)} | {
        "horizon_days": np.nan
    }


def _of_decided(waits: pd.DataFrame, horizon_days: float | None, level: float) -> dict:
    return _of_all(waits[waits["result"] != OPEN], horizon_days, level)


def _in_the_end(waits: pd.DataFrame, horizon_days: float | None, level: float) -> dict:
    cause = np.select([waits["result"] == ADVANCED, waits["result"] == OPEN], [1, 0], 2)
    return incidence(waits, "result_days", cause, horizon_days, level)


BASES = {
    "reached": Basis(
        _of_all,
        "all deals that reached the stage",
        "counts open deals as failed: a lower bound",
    ),
    "decided": Basis(
        _of_decided,
        "those no longer waiting",
        "biased when winners and losers take different times",
    ),
    "final": Basis(
        _in_the_end,
        "Aalen–Johansen: open deals count for as long as they were watched",
        "the one to quote; it says up to which age the data carry it",
    ),
}

#: The basis that figures, headlines and other reports take.
QUOTED = "final"


def quoted(table: pd.DataFrame, name: str = "conversion") -> pd.DataFrame:
    """The rows of a table of rates in the basis to quote; all of them where it has no other.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, or rates of one's own without a basis.
    name : str
        What the argument is called, for messages.

    Raises
    ------
    SalesAnalysisError
        The table has several bases and not this one.

    Examples
    --------
    >>> table = pd.DataFrame({"basis": ["reached", "final"], "rate": [0.3, 0.4]})
    >>> quoted(table)["rate"].tolist(), quoted(table[:1])["rate"].tolist()
    ([0.4], [0.3])
    """
    bases = table["basis"].unique() if "basis" in table else []
    if len(bases) < 2:
        return table
    if QUOTED not in bases:
        raise SalesAnalysisError(
            f"`{name}` has the bases {', '.join(bases)} and not `{QUOTED}`; keep the rows of one."
        )
    return table[table["basis"] == QUOTED]


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
    if not counted["k"]:
        watched = {"entry": entry, "count": weight, "horizon_days": horizon, "level": level}
        limits = {"rate": 0.0, "rate_low": 0.0}
        limits["rate_high"] = most_of_none(days, cause > 0, **watched)
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
