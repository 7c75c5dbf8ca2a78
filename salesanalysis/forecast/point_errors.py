"""How good point forecasts were; everywhere error = forecast − actual, the lower the better."""

import numpy as np
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError


def wape(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Weighted absolute percentage error: the sum of absolute errors ÷ that of absolute actuals.

    Parameters
    ----------
    forecast, actual : array-like of the same shape
        Pairs of which either is missing do not count.

    Returns
    -------
    float
        As a share; missing where nothing was sold, so that there is nothing to relate to.

    References
    ----------
    Kolassa, S., Schütz, W. (2007), Foresight 6, 40–43 (the MAD/mean ratio).

    Examples
    --------
    >>> wape([110, 80], [100, 100])
    0.15
    """
    forecast, actual = _pairs(forecast, actual)
    return ratio(np.abs(forecast - actual).sum(), np.abs(actual).sum())


def bias(forecast: ArrayLike, actual: ArrayLike) -> float:
    """The sum of errors ÷ that of absolute actuals: over 0 where forecasts were too high.

    Parameters
    ----------
    forecast, actual : array-like of the same shape
        Pairs of which either is missing do not count.

    Returns
    -------
    float
        As a share; missing where nothing was sold.

    Examples
    --------
    >>> bias([110, 80], [100, 100])
    -0.05
    """
    forecast, actual = _pairs(forecast, actual)
    return ratio((forecast - actual).sum(), np.abs(actual).sum())


def smape(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, as in the M3 competition.

    The mean of 2·|forecast − actual| ÷ (|forecast| + |actual|); a pair of two zeros is no error.

    Parameters
    ----------
    forecast, actual : array-like of the same shape
        Pairs of which either is missing do not count.

    Returns
    -------
    float
        As a share from 0 to 2; the competition prints it in per cent.

    References
    ----------
    Makridakis, S., Hibon, M. (2000), International Journal of Forecasting 16, 451–476, app. A.

    Examples
    --------
    >>> round(smape([110, 100], [90, 100]), 4)
    0.1
    """
    forecast, actual = _pairs(forecast, actual)
    size = np.abs(forecast) + np.abs(actual)
    parts = np.divide(2 * np.abs(forecast - actual), size, out=np.zeros(len(size)), where=size > 0)
    return float(parts.mean()) if len(parts) else np.nan


def mase(forecast: ArrayLike, actual: ArrayLike, *, history: ArrayLike, season: int = 1) -> float:
    """Mean absolute scaled error: 1 is as good as repeating the last season inside the history.

    Parameters
    ----------
    forecast, actual : array-like of the same shape
        Of one series.
    history : array-like
        The values before; their mean absolute change over ``season`` periods is the scale.
    season : int
        12 for monthly, 1 for no season.

    Returns
    -------
    float
        Missing where the history is too short or never changes.

    References
    ----------
    Hyndman, R. J., Koehler, A. B. (2006), International Journal of Forecasting 22, 679–688.

    Examples
    --------
    >>> mase([13, 13], [14, 10], history=[10, 12, 11, 13])
    1.2
    """
    history = np.asarray(history, dtype=float)
    if season < 1:
        raise SalesAnalysisError(f"`season` is {season!r}; expected 1 or more periods.")
    forecast, actual = _pairs(forecast, actual)
    steps = np.abs(history[season:] - history[:-season])
    return ratio(np.abs(forecast - actual).mean(), steps.mean()) if len(steps) else np.nan


def relative_crps(score: ArrayLike, actual: ArrayLike) -> float:
    """The sum of scores ÷ that of absolute actuals, to compare forecasts of different money.

    Parameters
    ----------
    score, actual : array-like of the same shape
        Scores such as from :func:`crps`, and what came. Pairs of which either is missing do not
        count.

    Returns
    -------
    float
        As a share; missing where nothing was sold.

    Examples
    --------
    >>> relative_crps([10.0, 30.0], [100.0, 100.0])
    0.2
    """
    score, actual = _pairs(score, actual)
    return ratio(score.sum(), np.abs(actual).sum())


def _pairs(forecast, actual) -> tuple[np.ndarray, np.ndarray]:
    """Both flat, without the pairs of which one is missing."""
    forecast, actual = np.asarray(forecast, dtype=float), np.asarray(actual, dtype=float)
    if forecast.shape != actual.shape:
        raise SalesAnalysisError(
            f"`forecast` and `actual` must be of one shape; got {forecast.shape} and"
            f" {actual.shape}."
        )
    there = ~(np.isnan(forecast) | np.isnan(actual))
    return forecast[there], actual[there]


def ratio(part: float, whole: float) -> float:
    """A ratio, missing where there is nothing to relate to."""
    return float(part / whole) if whole > 0 else np.nan
