"""Survival and competing risks, exact about censoring."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.stats.shares import ROUNDING, share_limits, wilson, z_value


def risk_table(
    days: ArrayLike,
    cause: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    count: ArrayLike | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Distinct event times, numbers at risk, events by cause and time, and the causes.

    Somebody is at risk at ``t`` when ``entry < t <= days``: who leaves at ``t`` was at risk at
    ``t``, who enters at ``t`` is so only afterwards. Who enters at 0 is at risk at 0 as well.

    Parameters
    ----------
    days, cause, entry, count
        As for :func:`aalen_johansen`.

    Returns
    -------
    times, at_risk, events, causes : numpy arrays
        ``events`` is cause × time; the others have one value per time, ``causes`` one per cause.

    Examples
    --------
    >>> times, at_risk, events, causes = risk_table([1, 2, 2, 3], [1, 2, 0, 1], entry=[0, 0, 1, 2])
    >>> times, at_risk
    (array([1., 2., 3.]), array([2., 2., 1.]))
    """
    days = np.asarray(days, dtype=float)
    cause = np.asarray(cause, dtype=np.int64)
    count = np.ones(len(days)) if count is None else np.asarray(count, dtype=float)
    entry = np.full(len(days), -np.inf) if entry is None else np.asarray(entry, dtype=float)
    if not len(days) == len(cause) == len(count) == len(entry):
        raise SalesAnalysisError("`days`, the events, `entry` and `count` differ in length.")
    if np.isnan(days).any() or np.isnan(entry).any():
        raise SalesAnalysisError(
            "`days` and `entry` must not be missing: leave such rows out and count them first."
        )
    if (days < 0).any():
        raise SalesAnalysisError(f"`days` must not be negative; the least is {days.min():g}.")
    # A duration of 0 was under observation at time 0: an entry at 0 must not exclude it.
    inside = (entry < days) | (entry <= 0)
    days, cause, count, entry = days[inside], cause[inside], count[inside], entry[inside]
    entry = np.where(entry <= 0, -np.inf, entry)

    event = cause > 0
    times, slot = np.unique(days[event], return_inverse=True)
    causes = np.unique(cause[event])
    events = np.zeros((len(causes), len(times)))
    np.add.at(events, (np.searchsorted(causes, cause[event]), slot), count[event])

    def weight_at_or_after(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
        order = np.argsort(values, kind="stable")
        below = np.concatenate([[0.0], np.cumsum(weight[order])])
        return below[-1] - below[np.searchsorted(values[order], times, side="left")]

    late = entry > -np.inf
    at_risk = weight_at_or_after(days, count)
    if late.any():
        at_risk = at_risk - weight_at_or_after(entry[late], count[late])
    return times, at_risk, events, causes


def kaplan_meier(
    days: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    count: ArrayLike | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Kaplan–Meier survival: the share that is still waiting after so many days.

    Parameters
    ----------
    days : array-like of float
        Time to the event, or to the last look where it has not happened.
    event : array-like of bool
        Whether the event happened; False is right-censored.
    entry : array-like of float, optional
        Age at which the row came under observation (delayed entry, left truncation).
    count : array-like, optional
        How many equal things each row stands for.
    level : float
        Confidence level of the pointwise interval (Greenwood's variance on the log(−log) scale).

    Returns
    -------
    DataFrame
        One row per distinct event time: ``days, at_risk, events, survival, survival_low,
        survival_high``. Empty where no event was seen.

    References
    ----------
    Kaplan, E. L., Meier, P. (1958), JASA 53, 457–481. Interval: Kalbfleisch, J. D.,
    Prentice, R. L. (1980), The Statistical Analysis of Failure Time Data, sec. 1.3; R
    ``survfit(conf.type = "log-log")``.

    Examples
    --------
    >>> kaplan_meier([2, 3, 3, 5], [True, True, False, True])[["days", "at_risk", "survival"]]
       days  at_risk  survival
    0   2.0      4.0      0.75
    1   3.0      3.0      0.50
    2   5.0      1.0      0.00
    """
    z = z_value(level)
    cause = np.asarray(event, dtype=bool).astype(np.int64)
    times, at_risk, events, _ = risk_table(days, cause, entry=entry, count=count)
    died = events.sum(axis=0)
    survival = np.cumprod(1 - died / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(died / (at_risk * (at_risk - died)))
        spread = z * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(spread), survival ** np.exp(-spread)
    certain = survival == 0  # Greenwood's variance is not defined once nobody is left
    return pd.DataFrame(
        {
            "days": times,
            "at_risk": at_risk,
            "events": died,
            "survival": survival,
            "survival_low": np.where(certain, 0.0, low),
            "survival_high": np.where(certain, np.nan, high),
        }
    )


def survival_quantile(
    curve: pd.DataFrame, share: float | Sequence[float] = 0.5
) -> list[tuple[float, float, float]]:
    """When a given share has had the event: estimate, lower and upper limit for each ``share``.

    Parameters
    ----------
    curve : DataFrame
        As from :func:`kaplan_meier`.
    share : float or list of float
        0.5 is the median.

    Returns
    -------
    list of (days, low, high)
        Infinite where the curve, or its limit, never falls so far: the data do not say.

    References
    ----------
    Brookmeyer, R., Crowley, J. (1982), Biometrics 38, 29–41.

    Examples
    --------
    >>> survival_quantile(kaplan_meier([1, 2, 3, 4], [True] * 4))[0][0]
    2.0
    """
    shares = [share] if isinstance(share, int | float) else list(share)

    def first(column: str, left: float) -> float:
        # A limit that is no longer defined (the very last event) is read as not reached.
        fallen = np.flatnonzero(curve[column].to_numpy() <= left + 1e-12)
        return float(curve["days"].iloc[fallen[0]]) if len(fallen) else np.inf

    return [
        (first("survival", 1 - p), first("survival_low", 1 - p), first("survival_high", 1 - p))
        for p in shares
    ]


def restricted_mean(
    days: ArrayLike,
    event: ArrayLike,
    *,
    horizon_days: float,
    entry: ArrayLike | None = None,
    count: ArrayLike | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean time to the event, of which no more than ``horizon_days`` count: the area under a curve.

    Unlike the mean itself it can be told while some are still waiting, and unlike the median also
    where fewer than half have had the event.

    Parameters
    ----------
    days, event, entry, count
        As for :func:`kaplan_meier`.
    horizon_days : float
        Up to where the curve is looked at; nobody may have been lost from sight before, unless all
        have had the event.
    level : float
        Confidence level of the interval, normal with Greenwood's variance, never outside the
        horizon. Where nobody has had the event the lower limit is that of all whom Wilson's limit
        of a share of 0 allows having it at once.

    Returns
    -------
    DataFrame
        One row: ``horizon_days, n`` (rows counted), ``mean_days, mean_low, mean_high``.

    Raises
    ------
    SalesAnalysisError
        ``horizon_days`` is not over 0, or lies behind the last day that was watched.

    References
    ----------
    Irwin, J. O. (1949), Journal of Hygiene 47, 188–189; Klein, J. P., Moeschberger, M. L. (2003),
    Survival Analysis, 2nd ed., sec. 4.5; R ``print(survfit(…), rmean = )``.

    Examples
    --------
    >>> found = restricted_mean([2, 3, 3, 5], [True, True, False, True], horizon_days=4)
    >>> found[["mean_days", "mean_low", "mean_high"]].round(2)
       mean_days  mean_low  mean_high
    0       3.25      2.44        4.0
    """
    z = z_value(level)
    require_number("horizon_days", horizon_days, over=0)
    curve = kaplan_meier(days, event, entry=entry, count=count, level=level)
    watched = float(np.max(np.asarray(days, dtype=float), initial=0))
    if horizon_days > watched and not (len(curve) and curve["survival"].iloc[-1] <= ROUNDING):
        raise SalesAnalysisError(
            f"`horizon_days` is {horizon_days:g}, but nobody was watched for longer than"
            f" {watched:g} days; expected no more than that."
        )
    curve = curve[curve["days"] < horizon_days]
    n = float(len(np.asarray(days)) if count is None else np.sum(count))
    edges = np.array([0.0, *curve["days"], horizon_days])
    areas = np.diff(edges) * np.array([1.0, *curve["survival"]])
    mean = float(areas.sum())
    # What is still to come after each event counts as far as the event was uncertain.
    behind = mean - np.cumsum(areas)[:-1]
    at_risk, events = curve["at_risk"].to_numpy(), curve["events"].to_numpy()
    left = np.where(at_risk > events, at_risk - events, np.inf)
    half = z * float(np.sqrt((behind**2 * events / (at_risk * left)).sum()))
    low = mean - half if len(curve) else horizon_days * (1 - float(wilson(0, n, level=level)[1]))
    row = {"horizon_days": float(horizon_days), "n": n, "mean_days": mean}
    row |= {"mean_low": max(low, 0.0), "mean_high": min(mean + half, float(horizon_days))}
    return pd.DataFrame([row])


def aalen_johansen(
    days: ArrayLike,
    cause: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    count: ArrayLike | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Aalen–Johansen cumulative incidence: the share that has ended in each way after so many days.

    Where there is more than one way out (won, lost), 1 − Kaplan–Meier of one of them overstates it,
    because it treats those who left the other way as if they could still come. This does not.

    Parameters
    ----------
    days : array-like of float
        Time to the end, or to the last look where there is none yet.
    cause : array-like of int
        0 for still open (censored), otherwise the number of the way out: 1, 2, …
    entry : array-like of float, optional
        Age at which the row came under observation (delayed entry, left truncation).
    count : array-like, optional
        How many equal things each row stands for.
    level : float
        Confidence level of the pointwise interval, on the log(−log) scale.

    Returns
    -------
    DataFrame
        One row per cause × distinct time of any end: ``cause, days, at_risk, events, incidence,
        incidence_low, incidence_high``.

    References
    ----------
    Aalen, O., Johansen, S. (1978), Scandinavian Journal of Statistics 5, 141–150. Variance by the
    delta method: Marubini, E., Valsecchi, M. G. (1995), Analysing Survival Data from Clinical
    Trials, p. 341.

    Examples
    --------
    >>> table = aalen_johansen([1, 2, 2, 3], [1, 2, 0, 1])
    >>> table.loc[table["cause"] == 1, "incidence"].tolist()
    [0.25, 0.25, 0.75]
    """
    z = z_value(level)
    times, at_risk, events, causes = risk_table(days, cause, entry=entry, count=count)
    ended = events.sum(axis=0)
    after = np.cumprod(1 - ended / at_risk)
    before = np.concatenate([[1.0], after[:-1]]) if len(after) else after
    with np.errstate(divide="ignore", invalid="ignore"):
        # When the last one leaves, the term is infinite but is multiplied by a zero increment.
        greenwood = np.where(ended < at_risk, ended / (at_risk * (at_risk - ended)), 0.0)
    frames = []
    for row, number in enumerate(causes):
        d = events[row]
        incidence = np.minimum(np.cumsum(before * d / at_risk), 1.0)
        own = np.cumsum(before**2 * d * (at_risk - d) / at_risk**3)
        cross = before * d / at_risk**2
        variance = (
            incidence**2 * np.cumsum(greenwood)
            - 2 * incidence * np.cumsum(greenwood * incidence)
            + np.cumsum(greenwood * incidence**2)
            + own
            - 2 * (incidence * np.cumsum(cross) - np.cumsum(cross * incidence))
        )
        low, high = share_limits(incidence, np.sqrt(np.maximum(variance, 0)), z)
        # Where none or all have ended in this way the variance is 0, which would be too sure.
        none, every = incidence == 0, incidence > 1 - ROUNDING
        so_far = np.cumsum(d)
        high[none] = _most_of_none(at_risk, ended, level)[none]
        low[every] = wilson(so_far[every], so_far[every], level=level)[0]
        frames.append(
            pd.DataFrame(
                {
                    "cause": number,
                    "days": times,
                    "at_risk": at_risk,
                    "events": d,
                    "incidence": incidence,
                    "incidence_low": low,
                    "incidence_high": high,
                }
            )
        )
    if not frames:
        columns = ["cause", "days", "at_risk", "events"]
        columns += ["incidence", "incidence_low", "incidence_high"]
        return pd.DataFrame({column: [] for column in columns}, dtype=float)
    return pd.concat(frames, ignore_index=True)


def most_of_none(
    days: ArrayLike,
    ended: ArrayLike,
    *,
    horizon_days: float,
    entry: ArrayLike | None = None,
    count: ArrayLike | None = None,
    level: float = 0.95,
) -> float:
    """Upper limit, at the horizon, of a cumulative incidence of which no event was seen.

    Parameters
    ----------
    days, entry, count, level
        As for :func:`aalen_johansen`.
    ended : array-like of bool
        Whether it ended, in whichever other way.
    horizon_days : float
        The age at which the share is asked for.

    Returns
    -------
    float

    Notes
    -----
    A way out that nobody took can have had a hazard only where somebody was at risk of it. So many
    of the whole could have gone unseen that way as if ``number at risk ÷ share still there`` had
    been watched to their end, at the time at which that is least; Wilson's limit of none of so
    many. Where nobody was lost from sight that is the number of all. It is never more than what
    the lower limit of all other ends leaves.

    Examples
    --------
    Of 100 all ended otherwise; that few of them were left late does not widen it:

    >>> round(most_of_none(range(100), [True] * 100, horizon_days=95), 3)
    0.037
    """
    days = np.asarray(days, dtype=float)
    begin = np.zeros(len(days)) if entry is None else np.asarray(entry, dtype=float)
    weight = np.ones(len(days)) if count is None else np.asarray(count, dtype=float)
    times, at_risk, events, _ = risk_table(
        days, np.asarray(ended, dtype=bool), entry=entry, count=count
    )
    before = times <= horizon_days
    at_risk, events = at_risk[before], events.sum(axis=0)[before]
    # Who was lost from sight between the last end and the horizon is not watched at it.
    there = weight[(days >= horizon_days) & ((begin < horizon_days) | (begin <= 0))].sum()
    if there:
        at_risk, events = np.append(at_risk, there), np.append(events, 0.0)
    return float(_most_of_none(at_risk, events, level)[-1]) if len(at_risk) else np.nan


def _most_of_none(at_risk: np.ndarray, ended: np.ndarray, level: float) -> np.ndarray:
    """The same at each of the times at which so many were at risk and so many ended otherwise."""
    after = np.cumprod(1 - ended / at_risk)
    before = np.concatenate([[1.0], after[:-1]]) if len(after) else after
    with np.errstate(divide="ignore"):
        watched = np.minimum.accumulate(at_risk / before)
        greenwood = np.where(ended < at_risk, ended / (at_risk * (at_risk - ended)), 0.0)
    error = after * np.sqrt(np.cumsum(greenwood))
    others, _ = share_limits(1 - after, error, z_value(level))
    every, so_far = after <= ROUNDING, np.cumsum(ended)
    others[every] = wilson(so_far[every], so_far[every], level=level)[0]
    return np.minimum(wilson(0, watched, level=level)[1], 1 - others)
