"""The seasonal pattern of a series: found where the data allow, shrunk by how well they show it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: A series has a season where its correlation with itself one season before is that many standard
#: errors above chance (90% two-sided), the rule of the M competitions.
CLEAR = 1.645


@dataclass(frozen=True, eq=False)
class Season:
    """Indices of one season; the first belongs to the first value of the series.

    ``multiplies``: the indices are factors with mean 1, else amounts to be added with mean 0.
    """

    indices: np.ndarray
    multiplies: bool

    def at(self, first: int, count: int) -> np.ndarray:
        """The indices of ``count`` values from position ``first`` of the series on."""
        return self.indices[(first + np.arange(count)) % len(self.indices)]

    def removed_from(self, values: np.ndarray) -> np.ndarray:
        """The series without its season."""
        own = self.at(0, len(values))
        return values / own if self.multiplies else values - own


def seasons(series: Sequence[np.ndarray], *, length: int, clear: float = CLEAR) -> list:
    """The season of each series, ``None`` where there is none to be seen.

    A season needs two full rounds and two values more. Its indices are those of the classical
    decomposition, drawn to "no season" as far as they could be noise (James and Stein's estimator):
    what one round says is noisy, and taking it at its word makes forecasts worse.

    Parameters
    ----------
    series : list of 1-d arrays
        Oldest value first.
    length : int
        Periods in a season: 12 for months, 52 for weeks.
    clear : float
        How many standard errors the seasonal autocorrelation must be above 0.

    Returns
    -------
    list of Season or None

    References
    ----------
    Test: Assimakopoulos, V., Nikolopoulos, K. (2000), International Journal of Forecasting 16,
    521–530. Shrinkage: Miller, D. M., Williams, D. (2003), International Journal of Forecasting 19,
    669–684.
    """
    return [_season(np.asarray(values, dtype=float), length, clear) for values in series]


def _season(values: np.ndarray, length: int, clear: float) -> Season | None:
    if length < 2 or len(values) < 2 * length + 2 or not _is_seasonal(values, length, clear):
        return None
    trend = _moving_average(values, length)
    start = length // 2  # the moving average is centred: it begins half a season later
    inner = values[start : start + len(trend)]
    multiplies = bool((values > 0).all() and (trend > 0).all())
    neutral = 1.0 if multiplies else 0.0
    single = inner / trend if multiplies else inner - trend
    place = (start + np.arange(len(trend))) % length

    rounds = np.bincount(place, minlength=length)
    raw = np.bincount(place, weights=single, minlength=length) / rounds
    raw = raw / raw.mean() if multiplies else raw - raw.mean()
    noise = ((single - raw[place]) ** 2).sum() / max(len(single) - length, 1) / rounds.mean()
    spread = ((raw - neutral) ** 2).sum()
    kept = max(0.0, 1 - (length - 3) * noise / spread) if spread > 0 else 0.0
    return Season(neutral + kept * (raw - neutral), multiplies)


def _is_seasonal(values: np.ndarray, length: int, clear: float) -> bool:
    """Whether values one season apart are clearly alike (Bartlett's standard error)."""
    about_mean = values - values.mean()
    total = (about_mean**2).sum()
    if total <= 0:
        return False
    lags = [(about_mean[lag:] * about_mean[:-lag]).sum() / total for lag in range(1, length + 1)]
    error = np.sqrt((1 + 2 * np.square(lags[:-1]).sum()) / len(values))
    return bool(lags[-1] > clear * error)


def _moving_average(values: np.ndarray, length: int) -> np.ndarray:
    """Centred over one season; with an even number of periods the two ends count half."""
    weights = np.ones(length)
    if length % 2 == 0:
        weights = np.concatenate([[0.5], np.ones(length - 1), [0.5]])
    return np.convolve(values, weights / length, mode="valid")
