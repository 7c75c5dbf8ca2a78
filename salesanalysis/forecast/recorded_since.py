"""From which day closings were recorded: before it, no closing says nothing."""

import numpy as np

from salesanalysis.forecast.deal_arrays import DealArrays
from salesanalysis.forecast.risk_tables import LARGE_PARTS, quarter_parts

#: Closings before that day must be rarer than this share of what the later pace would give …
_PACE = 0.2
#: … over so many days at least: in each quarter is the end of one …
_PACE_DAYS = 92
#: … and the difference must be this clear (log-likelihood).
_CLEARNESS = 8.0


def recording_start(known: DealArrays) -> int:
    """The first day from which closings were recorded, judged from the closings themselves.

    Many lists begin with deals that were open when the system was introduced: deals are older than
    the first recorded closing, and those that had closed before are not there (left truncation).
    Then deals are at risk only from that day on. It is the day that best splits the history into a
    part with (nearly) no closings and a part with many, given how many deals of each age were open;
    where no day does so clearly, it is the day of the first deal.

    The end of a quarter is held against the ends of others, the rest against the rest, and the pace
    is that of a whole quarter at least: a company that closes most of its deals on the last days of
    quarters or months would otherwise seem to have recorded nothing before the last of them, and
    all that came before would be thrown away.

    References
    ----------
    Hinkley, D. V. (1970), Inference about the change-point in a sequence of random variables,
    Biometrika 57, 1–17; for Poisson counts with exposure.
    """
    first = int(known.created.min())
    days = known.as_of - first + 1
    done = known.closed <= known.as_of
    if not done.any() or days < 2:
        return first
    age = (known.closed - known.created)[done]
    edges = np.unique(np.quantile(age, [0.2, 0.4, 0.6, 0.8]).astype(int) + 1)
    edges = np.concatenate([[0], edges, [10**6]])
    at_risk = _at_risk(known, first, days, edges)
    part = quarter_parts(known.calendar, first + np.arange(days))
    at_end = LARGE_PARTS[part] == LARGE_PARTS.max()
    bin_of = np.searchsorted(edges, age, side="right") - 1
    day = known.closed[done] - first
    observed = np.bincount(day, minlength=days).astype(float)
    start = earlier = int(day.min())
    for _ in range(5):  # the pace is that of the days after the split, so the two settle together
        expected, since = np.zeros(days), max(0, min(start, days - _PACE_DAYS))
        for one in (at_end, ~at_end):
            later = (day >= since) & one[day]
            closings = np.bincount(bin_of[later], minlength=len(edges) - 1)
            pace = closings / np.maximum(at_risk[:, since:] @ one[since:], 1)
            expected += (pace @ at_risk) * one
        split = _clearest_split(observed, expected)
        if split in (start, 0):
            start = split
            break
        earlier, start = min(start, split), split
    else:  # two days take turns: less is thrown away from the earlier one on
        start = earlier
    return first + start


def _at_risk(known: DealArrays, first: int, days: int, edges: np.ndarray) -> np.ndarray:
    """How many deals of each age group were open on each day."""
    counts = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        begin = known.created - first + low
        end = np.minimum(known.last_day - first, known.created - first + high - 1)
        inside = end >= begin
        enter = np.bincount(begin[inside], minlength=days)[:days]
        leave = np.bincount(end[inside] + 1, minlength=days + 1)[:days]
        counts.append(np.cumsum(enter - leave))
    return np.array(counts, dtype=float)


def _clearest_split(observed: np.ndarray, expected: np.ndarray) -> int:
    """The first day of the second part of the clearest split, 0 where none is clear enough."""
    o, e = np.cumsum(observed), np.cumsum(expected)
    before_o, before_e = o[:-1], e[:-1]
    after_o, after_e = o[-1] - before_o, e[-1] - before_e
    gain = _fit(before_o, before_e) + _fit(after_o, after_e) - _fit(o[-1:], e[-1:])
    since = np.minimum(np.arange(len(o) - 1), max(0, len(o) - 1 - _PACE_DAYS))
    pace_o, pace_e = o[-1] - o[since], e[-1] - e[since]
    rare = (before_e > 0) & (after_e > 0) & (before_o * pace_e < _PACE * pace_o * before_e)
    gain = np.where(rare, gain, -np.inf)
    best = int(np.argmax(gain)) if len(gain) else 0
    return best + 1 if len(gain) and gain[best] > _CLEARNESS else 0


def _fit(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Log-likelihood of Poisson counts at their own pace, constants left out."""
    some = observed > 0
    ratio = np.where(some, observed, 1.0) / np.where(some, np.maximum(expected, 1e-12), 1.0)
    return observed * np.log(ratio)
