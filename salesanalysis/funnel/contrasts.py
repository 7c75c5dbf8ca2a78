"""One seller against the rest of the team: the numbers, without frames.

Each contrast has two standard errors. ``test_error`` makes log ratio ÷ error the *signed root* of
the likelihood-ratio statistic: that keeps the tails of a test honest where events are few.
``error`` is that of the estimate itself, for its interval.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from salesanalysis.stats import risk_table

#: A log ratio smaller than this is 0 for the signed root, whose two sides both vanish there.
_TINY = 1e-4


@dataclass(frozen=True, eq=False)
class Contrast:
    """The log ratio of each seller to the rest, its error, and its error for the test.

    All are missing where nothing can be compared.
    """

    log_ratio: np.ndarray
    error: np.ndarray
    test_error: np.ndarray

    def widened(self, factor) -> "Contrast":
        """The same with both errors multiplied."""
        return Contrast(self.log_ratio, self.error * factor, self.test_error * factor)

    def where(self, testable) -> "Contrast":
        """The same, missing where not testable."""
        return Contrast(
            *(np.where(testable, x, np.nan) for x in (self.log_ratio, self.error, self.test_error))
        )


def odds_contrast(k, n, share) -> Contrast:
    """The log odds ratio by which ``k`` of ``n`` differ from what was to be expected.

    The maximum-likelihood ratio common to all cells, in which the odds of each are those of
    ``share``; none or all is read as half an event away from it.

    Parameters
    ----------
    k, n, share : arrays, seller × cell
        Successes, trials, and the share of successes to be expected.

    Returns
    -------
    Contrast
        One value per seller.

    References
    ----------
    Signed root: Barndorff-Nielsen, O. E., Cox, D. R. (1994), Inference and Asymptotics, sec. 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> fewer = odds_contrast(np.array([[20.0]]), np.array([[60.0]]), np.array([[0.5]]))
    >>> float(fewer.log_ratio[0].round(4)), float(fewer.error[0].round(4))
    (-0.6931, 0.2739)
    >>> float((fewer.log_ratio / fewer.test_error)[0].round(2))
    -2.61
    """
    trials = n.sum(axis=1)
    seen = np.clip(k.sum(axis=1), 0.5, np.maximum(trials - 0.5, 0.5))
    offset = logit(np.clip(share, 1e-12, 1 - 1e-12))
    log_ratio = np.zeros(len(k))
    for _ in range(100):
        p = expit(offset + log_ratio[:, None])
        information = (n * p * (1 - p)).sum(axis=1)
        step = (seen - (n * p).sum(axis=1)) / np.maximum(information, 1e-9)
        step = np.where(trials > 0, np.clip(step, -1, 1), 0.0)
        log_ratio = log_ratio + step
        if np.abs(step).max(initial=0) < 1e-10:
            break
    growth = np.logaddexp(0, offset + log_ratio[:, None]) - np.logaddexp(0, offset)
    deviance = 2 * (seen * log_ratio - (n * growth).sum(axis=1))
    at_even = (n * share * (1 - share)).sum(axis=1)
    p = expit(offset + log_ratio[:, None])
    return _contrast(log_ratio, deviance, at_even, (n * p * (1 - p)).sum(axis=1))


def count_contrast(k, expected) -> Contrast:
    """The log ratio of counts to what was to be expected, as Poisson counts; 0 is read as a half.

    Examples
    --------
    >>> import numpy as np
    >>> more = count_contrast(np.array([20.0]), np.array([10.0]))
    >>> float(more.log_ratio[0].round(4)), float((more.log_ratio / more.test_error)[0].round(2))
    (0.6931, 2.78)
    """
    seen = np.maximum(k, 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(seen / expected)
        deviance = 2 * (seen * log_ratio - (seen - expected))
    return _contrast(log_ratio, deviance, expected, np.where(expected > 0, seen, 0.0))


def _contrast(log_ratio, deviance, at_even, at_estimate) -> Contrast:
    """The contrast from its deviance and the information at a ratio of 1 and at the estimate."""
    with np.errstate(divide="ignore", invalid="ignore"):
        test_error = np.abs(log_ratio) / np.sqrt(deviance)
        test_error = np.where(np.abs(log_ratio) < _TINY, 1 / np.sqrt(at_even), test_error)
        error = 1 / np.sqrt(at_estimate)
    known = np.isfinite(error) & np.isfinite(test_error) & (test_error > 0)
    return Contrast(log_ratio, error, test_error).where(known)


def shrunken(log_ratio, error) -> np.ndarray:
    """Log ratios drawn towards 0, those that hardly differ from it all the way.

    The factor is 1 − (error ÷ log ratio)², at least 0 (Breiman, L. (1995), Technometrics 37,
    373–384, "non-negative garrote").

    Examples
    --------
    >>> import numpy as np
    >>> shrunken(np.array([-1.0, -0.2]), np.array([0.3, 0.3])).round(2)
    array([-0.91, -0.  ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return log_ratio * np.maximum(0.0, 1 - (error / log_ratio) ** 2)


def expected_exits(days, entry, left, stratum, edges=()) -> np.ndarray:
    """How many exits each row was to be expected to have, as its whole stratum leaves.

    The Nelson–Aalen cumulative hazard of the stratum from ``entry`` to ``days``: the E of the
    log-rank test, row by row. Over a stratum they add up to the exits seen.

    Parameters
    ----------
    days, entry, left, stratum : arrays, one value per row
        Age at the end or the last look, age at the beginning of observation, whether it left.
    edges : array, increasing
        Ages that divide the result into age bands; an edge belongs to the band before it.

    Returns
    -------
    array, row × age band

    Examples
    --------
    >>> import numpy as np
    >>> days, left = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])
    >>> expected_exits(days, np.zeros(3), left, np.zeros(3, int), edges=[1.0]).round(3)
    array([[0.333, 0.   ],
           [0.333, 0.5  ],
           [0.333, 0.5  ]])
    """
    upper, lower = np.append(edges, np.inf), np.append(-1.0, edges)
    expected = np.zeros((len(days), len(upper)))
    for code in np.unique(stratum):
        rows = np.flatnonzero(stratum == code)
        times, at_risk, exits, _ = risk_table(days[rows], left[rows], entry=entry[rows])
        hazard = np.concatenate([[0.0], np.cumsum(exits.sum(axis=0) / at_risk)])
        # Who was there from the beginning is at risk at 0 as well.
        start = np.where(entry[rows] <= 0, -1.0, entry[rows])
        rows, start = rows[start < days[rows]], start[start < days[rows]]
        for band, (low, high) in enumerate(zip(lower, upper, strict=True)):
            until = np.searchsorted(times, np.minimum(days[rows], high), side="right")
            since = np.searchsorted(times, np.maximum(start, low), side="right")
            expected[rows, band] = hazard[np.maximum(until, since)] - hazard[since]
    return expected


class WeightedCurves:
    """Survival and incidence of the same rows under many weightings, sorted once.

    With weights of 0 and 1 they are those of Kaplan–Meier and Aalen–Johansen among the rows of
    weight 1; with the weights of direct standardisation they are standardised.

    Parameters
    ----------
    days, cause, entry : arrays, one value per row
        As for :func:`salesanalysis.stats.aalen_johansen`; cause 1 is the one of interest.

    References
    ----------
    Cole, S. R., Hernán, M. A. (2004), Computer Methods and Programs in Biomedicine 75, 45–49.

    Examples
    --------
    >>> import numpy as np
    >>> curves = WeightedCurves(np.array([1.0, 2, 2, 3]), np.array([1, 2, 0, 1]), np.zeros(4))
    >>> curves.incidence(np.ones(4), 2.5), curves.median(np.ones(4))
    (0.25, 2.0)
    """

    def __init__(self, days: np.ndarray, cause: np.ndarray, entry: np.ndarray):
        # Of equal times, those who leave come before those who are censored. One row at a time
        # then gives the same as all rows of a time together.
        self._order = np.lexsort((cause == 0, days))
        self._days, self._cause = days[self._order], cause[self._order]
        start = entry[self._order]
        self._late = np.flatnonzero((start > 0) & (start < self._days))
        self._late = self._late[np.argsort(start[self._late], kind="stable")]
        self._come = np.searchsorted(start[self._late], self._days, side="left")
        self._watched = (start < self._days) | (start <= 0)

    def _hazard(self, weight: np.ndarray) -> np.ndarray:
        weight = weight[self._order] * self._watched
        at_risk = np.cumsum(weight[::-1])[::-1]
        if len(self._late):
            late = np.concatenate([[0.0], np.cumsum(weight[self._late])])
            at_risk = at_risk - (late[-1] - late[self._come])
        with np.errstate(divide="ignore", invalid="ignore"):
            hazard = np.where(weight > 0, weight / at_risk, 0.0)
        return np.minimum(hazard, 1.0)  # of the last row it is 1, give or take rounding

    def incidence(self, weight: np.ndarray, horizon: float) -> float:
        """Share that has left by cause 1 at the horizon."""
        hazard = self._hazard(weight)
        staying = np.cumprod(1 - np.where(self._cause > 0, hazard, 0.0))
        before = np.concatenate([[1.0], staying[:-1]])
        counts = (self._cause == 1) & (self._days <= horizon)
        return float((before * hazard)[counts].sum())

    def median(self, weight: np.ndarray) -> float:
        """Days by which half have left in any way; infinite where the data do not say."""
        staying = np.cumprod(1 - np.where(self._cause > 0, self._hazard(weight), 0.0))
        gone = np.flatnonzero(staying <= 0.5 + 1e-12)
        return float(self._days[gone[0]]) if len(gone) else np.inf
