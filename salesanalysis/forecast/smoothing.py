"""Two simple forecasts of many series at once: theta and damped trend, by exponential smoothing.

The series stand in one array, one row each, newest value last; shorter ones begin with missing
values. All smoothing constants of a grid are tried together, and each series takes the one with the
least squared one-step errors.
"""

import itertools
from dataclasses import dataclass

import numpy as np

#: The constants that are tried: of the level, of the trend (as a share of the level's), and how
#: much of the trend is left after a period.
LEVELS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
TREND_LEVELS = (0.05, 0.15, 0.3, 0.5, 0.7, 0.9)
TRENDS = (0.01, 0.05, 0.15, 0.4)
DAMPINGS = (0.8, 0.9, 0.95, 0.98, 1.0)
#: A straight line that explains this share of the variance of a rising series with so many values
#: is a clear trend: of fewer values a line explains much by chance, and all their trends die away.
CLEAR_TREND, LEAST_FOR_TREND = 0.8, 18
#: How many first values the level starts from, and how many the first trend is the slope of.
FIRST_LEVEL, FIRST_TREND = 4, 10


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Forecasts of many series, one row each.

    ``mean`` (series × horizon); ``level_constant``: how much of a surprise stays in the level;
    ``error_variance``: of the one-step errors inside the history.
    """

    mean: np.ndarray
    level_constant: np.ndarray
    error_variance: np.ndarray


def theta(values: np.ndarray, horizon: int) -> Smoothed:
    """The theta method: the mean of the straight trend and of the level of the doubled departures.

    So half of the trend goes on. Where it rises clearly, all of it does: half of it leaves such
    series too low (airline passengers by 5%), and of the M3 series those by month, quarter and year
    alike are forecast better. A line that falls is not drawn out so: it would come to 0.

    References
    ----------
    Assimakopoulos, V., Nikolopoulos, K. (2000), International Journal of Forecasting 16, 521–530;
    the best of the M3 competition.
    """
    first, count = _first(values), _count(values)
    position = np.arange(values.shape[1]) - first[:, None]
    slope, intercept = _line(values, position)
    line = intercept[:, None] + slope[:, None] * position
    doubled = 2 * values - line

    start = _mean_of_first(doubled, first, FIRST_LEVEL)
    constants = np.array(LEVELS)
    level = np.repeat(start[:, None], len(constants), axis=1)
    squares = np.zeros_like(level)
    for column, now in enumerate(doubled.T):
        seen = (first <= column)[:, None]
        error = np.where(seen, now[:, None] - level, 0.0)
        squares += error**2
        level += constants * error
    best = squares.argmin(axis=1)
    row = np.arange(len(values))

    clear = (slope > 0) & (count >= LEAST_FOR_TREND) & (_explained(values, line) > CLEAR_TREND)
    steps = np.arange(horizon)
    ahead = intercept[:, None] + slope[:, None] * (count[:, None] + steps * (1 + clear[:, None]))
    # The doubled series has errors twice as large as the series.
    variance = squares[row, best] / 4 / np.maximum(count - 2, 1)
    return Smoothed((level[row, best][:, None] + ahead) / 2, constants[best], variance)


def damped_trend(values: np.ndarray, horizon: int) -> Smoothed:
    """A level and a trend that both follow the data; ahead, the trend dies away or goes on.

    References
    ----------
    Gardner, E. S., McKenzie, E. (1985), Management Science 31, 1237–1246.
    """
    first, count = _first(values), _count(values)
    grid = np.array(list(itertools.product(TREND_LEVELS, TRENDS, DAMPINGS)))
    of_level, of_trend, damping = grid[:, 0], grid[:, 0] * grid[:, 1], grid[:, 2]
    slope, before = _first_line(values, first)
    level = np.repeat(before[:, None], len(grid), axis=1)
    trend = np.repeat(slope[:, None], len(grid), axis=1)
    squares = np.zeros_like(level)
    for column, now in enumerate(values.T):
        seen = (first <= column)[:, None]
        expected = level + damping * trend
        error = np.where(seen, now[:, None] - expected, 0.0)
        squares += error**2
        level = np.where(seen, expected + of_level * error, level)
        trend = np.where(seen, damping * trend + of_trend * error, trend)
    squares[np.ix_(count < LEAST_FOR_TREND, damping == 1)] = np.inf
    best = squares.argmin(axis=1)
    row = np.arange(len(values))

    left = np.cumsum(damping[best][:, None] ** np.arange(1, horizon + 1), axis=1)
    mean = level[row, best][:, None] + trend[row, best][:, None] * left
    return Smoothed(mean, of_level[best], squares[row, best] / np.maximum(count - 4, 1))


def _first(values: np.ndarray) -> np.ndarray:
    """The column in which each series begins."""
    return np.isnan(values).sum(axis=1)


def _count(values: np.ndarray) -> np.ndarray:
    return (~np.isnan(values)).sum(axis=1)


def _mean_of_first(values: np.ndarray, first: np.ndarray, most: int) -> np.ndarray:
    """The mean of the first values of each series, at most so many."""
    position = np.arange(values.shape[1]) - first[:, None]
    return np.nanmean(np.where((position >= 0) & (position < most), values, np.nan), axis=1)


def _line(values: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and intercept (at position 0) of the least-squares line through each series."""
    position = np.where(np.isnan(values), np.nan, position)
    middle, mean = np.nanmean(position, axis=1), np.nanmean(values, axis=1)
    away = position - middle[:, None]
    size = np.nansum(away**2, axis=1)
    slope = np.nansum(away * (values - mean[:, None]), axis=1) / np.where(size > 0, size, 1.0)
    return slope, mean - slope * middle


def _explained(values: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The share of each series' variance that a line explains."""
    around = values - np.nanmean(values, axis=1)[:, None]
    total = np.nansum(around**2, axis=1)
    left = np.nansum((values - line) ** 2, axis=1)
    return 1 - np.divide(left, total, out=np.ones_like(total), where=total > 0)


def _first_line(values: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope of each series at its beginning, and its level one period before."""
    position = np.arange(values.shape[1]) - first[:, None]
    beginning = np.where((position >= 0) & (position < FIRST_TREND), values, np.nan)
    slope, intercept = _line(beginning, position)
    return slope, intercept - slope
