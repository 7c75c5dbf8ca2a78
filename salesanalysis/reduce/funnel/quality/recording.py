"""When the recording of closings began and that of new deals ended, from counts per day."""

import numpy as np
import pandas as pd

#: A day divides "not recorded" from "recorded" when hardly any of the expected events lie on the
#: one side of it: at most this share …
HARDLY = 0.2
#: … and when that is so unlikely under the usual rate (log-likelihood ratio of Poisson counts;
#: 10 is about 1 in 100,000 for one day, which leaves room for the search over days).
CLEARLY = 10.0
#: With fewer events than this the usual rate is not known.
LEAST = 30
#: Days of the usual rate of new deals, how many it takes to know it, and the shortest silence.
RATE_DAYS, LEAST_RATE_DAYS, LEAST_SILENCE_DAYS = 91, 14, 7
#: At most so many days are tried; always the first ones, the others evenly spread.
_TRIED = 100


def closings_start(daily: pd.DataFrame, today: int) -> tuple[bool, int | None]:
    """Whether the data can tell, and the day on which the recording of closings began.

    Where closings are recorded only from some day on (an export, a new system), the deals that are
    older than that are in the list only if they were still open then. The usual rate of closing at
    each age is learnt from the later half of the closings, with delayed entry; then the closings
    that the deals created earlier should have had by then are compared with those they had.

    Parameters
    ----------
    daily : DataFrame
        ``created, closed, n``: whole days, ``closed`` missing while open.
    today : int
        The last day of the data.

    Returns
    -------
    (bool, int or None)
        ``None`` for the day where closings seem to be recorded from the first deal on.

    Examples
    --------
    Deals close at an age of 5 days, but nothing was recorded before day 40:

    >>> created = np.repeat(np.arange(100.0), 2)
    >>> closed = created + 5
    >>> daily = pd.DataFrame({"created": created, "closed": closed, "n": 1.0})
    >>> closings_start(daily[daily["closed"] >= 40], 110)
    (True, None)
    >>> kept = daily["closed"].where(daily["closed"] >= 40, daily["closed"] + 80)
    >>> closings_start(daily.assign(closed=kept), 200)
    (True, 40)
    """
    known = daily[daily["closed"].notna()].sort_values("closed")
    if known["n"].sum() < 2 * LEAST:
        return False, None
    half = known["n"].cumsum().searchsorted(known["n"].sum() / 2)
    middle = float(known["closed"].iloc[half])
    hazard = _closing_rates(daily, middle, today)
    cumulative = np.cumsum(hazard)

    days = np.unique(known["closed"])
    days = days[days <= middle]
    few = np.unique(np.linspace(0, len(days) - 1, min(len(days), _TRIED)).astype(int))
    created, n = daily["created"].to_numpy(), daily["n"].to_numpy()
    last_seen = daily["closed"].fillna(np.inf).to_numpy()
    best, start = 0.0, None
    for first in days[few]:
        age = np.minimum(last_seen, first - 1) - created
        old = age >= 0
        reached = np.minimum(age[old], len(cumulative) - 1).astype(int)
        expected = float((n[old] * cumulative[reached]).sum())
        seen = float(n[last_seen < first].sum())
        gain = _surprise(seen, expected)
        if seen <= HARDLY * expected and gain > max(best, CLEARLY):
            best, start = gain, int(first)
    return True, start


def _closing_rates(daily: pd.DataFrame, start: float, today: int) -> np.ndarray:
    """Share of the deals that close at each age in days, seen from ``start`` on (delayed entry)."""
    end = daily["closed"].fillna(today).to_numpy()
    seen = end >= start
    created, n = daily["created"].to_numpy()[seen], daily["n"].to_numpy()[seen]
    leave = np.maximum(end[seen] - created, 0).astype(int)
    enter = np.maximum(start - created, 0).astype(int)
    closed = daily["closed"].notna().to_numpy()[seen]
    size = leave.max() + 2
    came = np.bincount(enter, weights=n, minlength=size)
    left = np.bincount(leave + 1, weights=n, minlength=size)
    at_risk = np.cumsum(came - left)
    events = np.bincount(leave[closed], weights=n[closed], minlength=size)
    return np.divide(events, at_risk, out=np.zeros(size), where=at_risk > 0.5)


def arrivals_stop(daily: pd.DataFrame, today: int) -> tuple[bool, int | None]:
    """Whether the data can tell, and the last day on which new deals came in as usual.

    Parameters
    ----------
    daily, today
        As for :func:`closings_start`.

    Returns
    -------
    (bool, int or None)
        ``None`` for the day where new deals come in until the end.

    Examples
    --------
    >>> daily = pd.DataFrame({"created": np.arange(60.0), "closed": np.nan, "n": 3.0})
    >>> arrivals_stop(daily, 59), arrivals_stop(daily, 90)
    ((True, None), (True, 59))
    """
    arrivals = daily.groupby("created")["n"].sum()
    if arrivals.sum() < LEAST or arrivals.index.max() - arrivals.index.min() < LEAST_RATE_DAYS:
        return False, None
    days, n = arrivals.index.to_numpy(), arrivals.to_numpy()
    until = np.cumsum(n)
    tried = np.flatnonzero(
        (days >= days[0] + LEAST_RATE_DAYS) & (days <= today - LEAST_SILENCE_DAYS)
    )[-2 * _TRIED :]
    best, stop = 0.0, None
    for at in tried:
        since = max(days[at] - RATE_DAYS, days[0] - 1)
        before = until[at] - until[days <= since].max(initial=0.0)
        expected = before / (days[at] - since) * (today - days[at])
        seen = until[-1] - until[at]
        gain = _surprise(seen, expected)
        if seen <= HARDLY * expected and gain > max(best, CLEARLY):
            best, stop = gain, int(days[at])
    return True, stop


def _surprise(seen: float, expected: float) -> float:
    """How unlikely so few events are: the log-likelihood ratio of Poisson counts, 0 if not few."""
    if seen >= expected:
        return 0.0
    return expected - seen + (seen * np.log(seen / expected) if seen else 0.0)
