"""How good forecasts were: scores of points, quantiles, intervals and whole distributions.

Everywhere error = forecast − actual, and draws lie along the *last* axis: ``draws[..., j]`` are the
possible values of what became ``actual[...]``. The lower a score, the better, except for the
coverage and the probability integral transform, which are judged by how near they are to the truth.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast.point_errors import bias, mase, ratio, relative_crps, smape, wape
from salesanalysis.stats import wilson

__all__ = [
    "bias",
    "crps",
    "crps_normal",
    "crps_quantiles",
    "interval_coverage",
    "interval_score",
    "mase",
    "pinball",
    "pit",
    "relative_crps",
    "smape",
    "wape",
]


# Of quantiles and intervals


def pinball(quantile: ArrayLike, actual: ArrayLike, *, share: ArrayLike) -> np.ndarray | np.float64:
    """Pinball loss of a quantile forecast: (actual − q)·share above it, (q − actual)·(1 − share) below.

    Parameters
    ----------
    quantile, actual : array-like
        Of shapes that broadcast.
    share : float or array-like
        Which quantile it is, 0.5 for the median; broadcast as well.

    Returns
    -------
    numpy array or float
        In the unit of the actuals.

    References
    ----------
    Koenker, R., Bassett, G. (1978), Econometrica 46, 33–50.

    Examples
    --------
    >>> float(pinball(100, 130, share=0.9)), float(pinball(100, 90, share=0.9).round(6))
    (27.0, 1.0)
    """  # noqa: E501
    share = _shares(share, "share")
    short = np.asarray(actual, dtype=float) - np.asarray(quantile, dtype=float)
    return np.maximum(share * short, (share - 1) * short)


def interval_score(
    low: ArrayLike, high: ArrayLike, actual: ArrayLike, *, level: float
) -> np.ndarray | np.float64:
    """Interval (Winkler) score: its width, and 2/(1 − level) for each unit that it was missed by.

    Parameters
    ----------
    low, high, actual : array-like
        Of shapes that broadcast.
    level : float
        Share that the interval is to cover, such as 0.8.

    Returns
    -------
    numpy array or float
        In the unit of the actuals.

    References
    ----------
    Gneiting, T., Raftery, A. E. (2007), JASA 102, 359–378, eq. 43.

    Examples
    --------
    >>> interval_score(90, 110, [100, 120], level=0.8).round(6).tolist()
    [20.0, 120.0]
    """
    level = float(_shares(level, "level"))
    low, high, actual = (np.asarray(value, dtype=float) for value in (low, high, actual))
    if np.any(low > high):
        raise SalesAnalysisError("`low` must not lie above `high`.")
    missed = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return high - low + 2 / (1 - level) * missed


def interval_coverage(
    low: ArrayLike, high: ArrayLike, actual: ArrayLike, *, level: float = 0.95
) -> pd.DataFrame:
    """How often intervals held the actual, and how wide they were.

    Parameters
    ----------
    low, high, actual : array-like of the same shape
        Rows of which one is missing do not count. Limits belong to the interval.
    level : float
        Confidence level of the interval *of the share covered*. It takes windows as independent;
        where they overlap, it is too narrow.

    Returns
    -------
    DataFrame
        One row: ``n, k`` (inside), ``rate, rate_low, rate_high`` (Wilson), ``mean_width``.

    Examples
    --------
    >>> table = interval_coverage([0, 0, 0], [10, 10, 10], [5, 12, 10])
    >>> table[["n", "k", "rate", "mean_width"]].round(3)
       n  k   rate  mean_width
    0  3  2  0.667        10.0
    """
    low, high, actual = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (low, high, actual))
    )
    there = ~(np.isnan(low) | np.isnan(high) | np.isnan(actual))
    low, high, actual = low[there], high[there], actual[there]
    n, k = len(actual), int(((low <= actual) & (actual <= high)).sum())
    rate_low, rate_high = wilson(k, n, level=level)
    row = {"n": n, "k": k, "rate": ratio(k, n), "rate_low": float(rate_low)}
    row |= {"rate_high": float(rate_high), "mean_width": ratio((high - low).sum(), n)}
    return pd.DataFrame([row])


# Of distributions


def crps(draws: ArrayLike, actual: ArrayLike, *, fair: bool = False) -> np.ndarray | np.float64:
    """Continuous ranked probability score of draws: E|X − actual| − E|X − X′| / 2.

    Parameters
    ----------
    draws : array-like, shape (..., draws)
        Possible values, along the last axis.
    actual : array-like, shape (...)
        What it became.
    fair : bool
        False scores the distribution that puts equal weight on each draw. True is what endless
        draws of the same forecast would score on average, which does not punish few draws.

    Returns
    -------
    numpy array of shape (...), or a float
        In the unit of the actuals; of one draw the absolute error.

    Raises
    ------
    SalesAnalysisError
        There are no draws (for ``fair`` fewer than two), or the shapes do not belong together.

    References
    ----------
    Gneiting, T., Raftery, A. E. (2007), JASA 102, 359–378, eq. 21. Fair: Ferro, C. A. T. (2014),
    Quarterly Journal of the Royal Meteorological Society 140, 1917–1923.

    Examples
    --------
    >>> float(crps([0.0, 1.0], 0.5)), float(crps([0.0, 1.0], 0.5, fair=True))
    (0.25, 0.0)
    """
    draws, actual = _distribution(draws, actual, least=2 if fair else 1)
    ordered = np.sort(draws, axis=-1)
    n = ordered.shape[-1]
    # E|X − X′| of a sample from its order statistics: Σ (2i − n − 1)·x_(i) · 2/n².
    place = 2 * np.arange(1, n + 1) - n - 1
    spread = (ordered * place).sum(axis=-1) * 2 / (n * (n - 1 if fair else n))
    return np.abs(ordered - actual[..., None]).mean(axis=-1) - spread / 2


def crps_normal(mean: ArrayLike, sd: ArrayLike, actual: ArrayLike) -> np.ndarray:
    """Continuous ranked probability score of a normal distribution, in closed form.

    Parameters
    ----------
    mean, sd, actual : array-like
        Of shapes that broadcast; with ``sd`` 0 the absolute error.

    Returns
    -------
    numpy array or float

    References
    ----------
    Gneiting, T., Raftery, A. E., Westveld, A. H., Goldman, T. (2005), Monthly Weather Review 133,
    1098–1118, eq. 5.

    Examples
    --------
    >>> float(crps_normal(0, 1, 0).round(6))
    0.233695
    """
    from scipy.special import ndtr

    mean, sd, actual = (np.asarray(value, dtype=float) for value in (mean, sd, actual))
    if np.any(sd < 0):
        raise SalesAnalysisError("`sd` must not be negative.")
    z = np.divide(actual - mean, sd, out=np.zeros(np.broadcast(mean, sd, actual).shape),
                  where=sd > 0)  # fmt: skip
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    score = sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return np.where(sd > 0, score, np.abs(actual - mean))


def crps_quantiles(
    quantiles: ArrayLike, actual: ArrayLike, *, shares: ArrayLike
) -> np.ndarray | np.float64:
    """Continuous ranked probability score from a few quantiles: twice their mean pinball loss.

    Each quantile stands for the shares that are nearest to it, so that the tails, beyond the
    outermost ones, count as if the distribution ended there.

    Parameters
    ----------
    quantiles : array-like, shape (..., quantiles)
        Along the last axis.
    actual : array-like, shape (...)
    shares : array-like
        Which quantiles they are, ascending, between 0 and 1.

    Returns
    -------
    numpy array of shape (...), or a float

    References
    ----------
    Laio, F., Tamea, S. (2007), Hydrology and Earth System Sciences 11, 1267–1277, eq. 7.

    Examples
    --------
    >>> float(crps_quantiles([90.0, 100.0, 110.0], 100.0, shares=[0.1, 0.5, 0.9]).round(3))
    1.2
    """
    shares = _shares(shares, "shares")
    quantiles, actual = _distribution(quantiles, actual)
    if shares.shape != quantiles.shape[-1:] or np.any(np.diff(shares) <= 0):
        raise SalesAnalysisError(
            f"`shares` must name the {quantiles.shape[-1]} quantiles, ascending; got"
            f" {shares.tolist()}."
        )
    edges = np.concatenate([[0.0], (shares[1:] + shares[:-1]) / 2, [1.0]])
    return (2 * pinball(quantiles, actual[..., None], share=shares) * np.diff(edges)).sum(axis=-1)


def pit(draws: ArrayLike, actual: ArrayLike) -> np.ndarray | np.float64:
    """Probability integral transform: the share of the draws that lie below what came.

    Over many forecasts it is spread evenly over 0–1 where these are calibrated; it piles up at the
    ends where intervals are too narrow, in the middle where too wide. A draw equal to the actual
    counts half.

    Parameters
    ----------
    draws : array-like, shape (..., draws)
        Possible values, along the last axis.
    actual : array-like, shape (...)
        What it became.

    Returns
    -------
    numpy array of shape (...), or a float

    References
    ----------
    Dawid, A. P. (1984), Journal of the Royal Statistical Society A 147, 278–292. Ties: Czado, C.,
    Gneiting, T., Held, L. (2009), Biometrics 65, 1254–1261.

    Examples
    --------
    >>> float(pit([1, 2, 3, 4], 3))
    0.625
    """
    draws, actual = _distribution(draws, actual)
    actual = actual[..., None]
    return ((draws < actual).mean(axis=-1) + (draws <= actual).mean(axis=-1)) / 2


def _distribution(draws, actual, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draws along the last axis, and the actual of each of the other axes."""
    draws, actual = np.asarray(draws, dtype=float), np.asarray(actual, dtype=float)
    if draws.ndim == 0 or draws.shape[-1] < least:
        raise SalesAnalysisError(f"There must be at least {least} draws, along the last axis.")
    if actual.shape not in (draws.shape[:-1], ()):
        raise SalesAnalysisError(
            f"`actual` has the shape {actual.shape}, draws the shape {draws.shape}; expected one"
            " actual for each row of draws."
        )
    return draws, np.broadcast_to(actual, draws.shape[:-1])


def _shares(share, argument: str) -> np.ndarray:
    share = np.asarray(share, dtype=float)
    if not np.all((share > 0) & (share < 1)):
        raise SalesAnalysisError(
            f"`{argument}` is {share.tolist()}; expected between 0 and 1, such as 0.8."
        )
    return share
