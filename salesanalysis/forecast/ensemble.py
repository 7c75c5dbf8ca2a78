"""Many series forecast at once: the mean of theta and damped trend, with calibrated intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast.seasonality import CLEAR, Season, seasons
from salesanalysis.forecast.smoothing import damped_trend, theta

#: Errors inside the history are smaller than those of forecasts: the spread is widened by so much
#: one period ahead, and by so much more for each period after.
WIDER, WIDER_PER_PERIOD = 1.07, 0.02
#: Constants that were chosen by few values fit these better than what follows: the spread is
#: widened by the square of so many values ÷ those there are.
FEW_VALUES = 5.5
#: One error more than was seen, as a share of the values: a series that never moved may yet.
PRIOR_ERROR = 0.01
#: Mean and standard deviation of a standard normal variable whose negative half counts as 0.
_HALF_MEAN, _HALF_SD = 0.3989423, 0.5838194
#: With fewer values than this there is no trend to speak of.
LEAST_VALUES = 6


@dataclass(frozen=True, eq=False)
class SeriesForecasts:
    """Forecasts of many series: one row per series, one column per period ahead.

    Attributes
    ----------
    mean, sd : arrays, series × horizon
    carried : array, one per series
        How much of one period's surprise stays for the periods after.
    positive : array of bool, one per series
        Whether the series cannot fall below 0, because it never has: its forecasts are log-normal,
        those of other series normal.
    seasonal : list of Season or None
    """

    mean: np.ndarray
    sd: np.ndarray
    carried: np.ndarray
    positive: np.ndarray
    seasonal: list[Season | None]

    def quantiles(self, shares: Sequence[float]) -> np.ndarray:
        """Quantiles, shape (series, horizon, shares)."""
        from scipy.special import ndtri

        z = ndtri(np.asarray(shares, dtype=float))
        positive = self.positive[:, None, None]
        return _spread_out(self.mean[..., None], self.sd[..., None], positive, z)

    def draws(
        self, row: int, count: int, rng: np.random.Generator, *, first_share: float = 1.0
    ) -> np.ndarray:
        """Possible courses of one series, shape (horizon, count).

        Periods belong together: a surprise stays, in part, for the periods after it. Of the first
        period only the share ``first_share`` is still to come; its variance shrinks likewise.
        """
        news = rng.standard_normal((self.mean.shape[1], count))
        before = np.cumsum(news, axis=0) - news
        carried = self.carried[row]
        size = np.sqrt(1 + np.arange(len(news)) * carried**2)[:, None]
        z = (news + carried * before) / size
        left = np.ones((len(news), 1))
        left[0] = first_share
        mean, sd = self.mean[row][:, None] * left, self.sd[row][:, None] * np.sqrt(left)
        return _spread_out(mean, sd, self.positive[row], z)


def forecast_many(
    series: Sequence[np.ndarray],
    *,
    horizon: int,
    season: int = 12,
    clear: float = CLEAR,
    wider: float = WIDER,
    wider_per_period: float = WIDER_PER_PERIOD,
) -> SeriesForecasts:
    """The next values of many series, each with its spread.

    The mean of two forecasts that err in different ways, the theta method and the damped trend, of
    the series without its season; the season is put back at the end. The spread comes from the
    errors inside the history, grows with the distance and is widened by what is known of such
    forecasts, most of all where values are few; where a series was never negative its forecast is
    not either.

    Parameters
    ----------
    series : list of 1-d arrays
        Oldest value first, without gaps, at least six values each.
    horizon : int
        How many periods ahead.
    season : int
        Periods in a season: 12 for months, 52 for weeks, 1 for none.
    clear : float
        How many standard errors a season must be above chance.
    wider, wider_per_period : float
        What the spread is multiplied by one period ahead, and what is added to that for each
        further period.

    Returns
    -------
    SeriesForecasts

    Raises
    ------
    SalesAnalysisError
        There is no series, or one is too short or has missing values.

    References
    ----------
    Makridakis, S., Hibon, M. (2000), International Journal of Forecasting 16, 451–476, on means of
    forecasts; and as for theta, damped trend and season.

    Examples
    --------
    >>> found = forecast_many([np.array([10, 12, 11, 13, 12, 14, 13.0])], horizon=2)
    >>> found.mean.round(1).tolist(), found.quantiles([0.1, 0.9]).round(1).tolist()
    ([[13.4, 13.7]], [[[10.7, 16.3], [10.9, 16.7]]])
    """
    series = [np.asarray(values, dtype=float) for values in series]
    short = [values for values in series if len(values) < LEAST_VALUES or np.isnan(values).any()]
    if not series:
        raise SalesAnalysisError("`series` is empty; expected one series or more.")
    if short or horizon < 1:
        raise SalesAnalysisError(
            f"`series` must have {LEAST_VALUES} values or more each, none missing, and `horizon`"
            f" must be 1 or more; got {len(short)} others, such as {list(short[:1])}, and"
            f" {horizon!r}."
        )
    found = seasons(series, length=season, clear=clear)
    plain = _stacked(
        [
            values if own is None else own.removed_from(values)
            for values, own in zip(series, found, strict=True)
        ]
    )
    counts = np.array([len(values) for values in series])
    one, other = theta(plain, horizon), damped_trend(plain, horizon)
    mean = (one.mean + other.mean) / 2
    carried = (one.level_constant + other.level_constant) / 2
    ahead = np.arange(horizon)
    size = np.array([np.abs(values).mean() for values in series])
    variance = (one.error_variance + other.error_variance) / 2 + (PRIOR_ERROR * size) ** 2 / counts
    sd = (np.sqrt(variance * (1 + 2 / counts)) * (1 + (FEW_VALUES / counts) ** 2))[:, None]
    sd = sd * np.sqrt(1 + ahead * carried[:, None] ** 2) * wider * (1 + wider_per_period * ahead)

    for row, own in enumerate(found):
        if own is not None:
            indices = own.at(counts[row], horizon)
            mean[row] = mean[row] * indices if own.multiplies else mean[row] + indices
            sd[row] = sd[row] * indices if own.multiplies else sd[row]
    positive = np.array([bool((values >= 0).all()) for values in series])
    mean[positive], sd[positive] = _kept_above_zero(mean[positive], sd[positive])
    return SeriesForecasts(mean, sd, carried, positive, found)


def _stacked(series: Sequence[np.ndarray]) -> np.ndarray:
    """One row per series, newest value last, missing values before the oldest."""
    longest = max(len(values) for values in series)
    stacked = np.full((len(series), longest), np.nan)
    for row, values in enumerate(series):
        stacked[row, longest - len(values) :] = values
    return stacked


def _kept_above_zero(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At least the mean, at most the spread for it, of a normal variable around 0 cut off there."""
    mean = np.maximum(mean, _HALF_MEAN * sd)
    return mean, np.minimum(sd, _HALF_SD / _HALF_MEAN * mean)


def _spread_out(mean, sd, positive, z) -> np.ndarray:
    """The values ``z`` standard deviations out: of a log-normal where ``positive``, else normal."""
    ratio = np.divide(sd, mean, out=np.zeros(np.broadcast(mean, sd).shape), where=mean > 0)
    spread = np.sqrt(np.log1p(ratio**2))
    return np.where(positive, mean * np.exp(spread * z - spread**2 / 2), mean + sd * z)
