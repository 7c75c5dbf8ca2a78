"""What a purchase of each customer is worth: the gamma-gamma model, and whether it may be used."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.customers.likeliest import errors_of, most_likely
from salesanalysis.customers.purchasing import LEAST_BUYERS, NOT_IDENTIFIED, OK
from salesanalysis.errors import require_columns
from salesanalysis.stats import z_value

DEPENDS = "depends_on_frequency"
#: A correlation whose interval lies beyond this makes the model's spend wrong for many.
_RELATED = 0.1
#: What the logarithms of p, q, v may be at most: of a larger p a customer's purchases are alike.
_MOST = (np.log(50.0), 14.0, 14.0)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SpendModel:
    """What purchases are worth, as from :func:`fit_spend`.

    Attributes
    ----------
    status : str
        ``ok``; ``depends_on_frequency``: who buys often spends more or less a time, so what is
        expected of those who bought once is doubtful; ``not_identified``: nothing is told.
    values, errors : array
        ``p, q`` and ``v`` (money) with their standard errors; without one ``p`` is as large as it
        may be: the purchases of a customer are alike.
    log_likelihood : float
    buyers : int
        To how many repeat buyers it was fitted.
    correlation, low, high : float
        Of spend and the logarithm of the repeats, with the 95% interval.
    """

    status: str
    values: np.ndarray
    errors: np.ndarray
    log_likelihood: float
    buyers: int
    correlation: float
    low: float
    high: float

    def __repr__(self) -> str:
        return f"SpendModel: {self.status}, {self.buyers:,} repeat buyers"

    def summary(self) -> pd.DataFrame:
        """The parameters: ``parameter, estimate, standard_error``; missing if not identified."""
        shown = {
            "parameter": ["p", "q", "v"],
            "estimate": self.values,
            "standard_error": self.errors,
        }
        return pd.DataFrame(shown)

    def expected(self, rhythm: pd.DataFrame) -> pd.Series:
        """The value of a purchase of each customer, in the order of the rows given.

        The mean of its repeats, drawn to that of all as far as they are few.
        """
        x, m = _spent(rhythm)
        p, q, v = self.values
        return pd.Series(p * (v + m * x) / (p * x + q - 1), rhythm.index, name="expected_spend")

    def drawn(
        self, rhythm: pd.DataFrame, purchases: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """What so many purchases of each customer may be worth together, one draw of each."""
        x, m = _spent(rhythm)
        p, q, v = self.values
        scale = rng.gamma(q + p * x) / (v + m * x)
        return rng.gamma(p * purchases) / scale


def _spent(rhythm: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Repeats, and the mean of what they were worth; 0 where there is none."""
    require_columns(rhythm.columns, ["repeats", "repeat_amount"], "`rhythm`")
    x = rhythm["repeats"].to_numpy(float, na_value=np.nan)
    return x, np.where(x > 0, rhythm["repeat_amount"].to_numpy(float, na_value=np.nan), 0.0)


def fit_spend(rhythm: pd.DataFrame) -> SpendModel:
    """What purchases are worth, from those of the customers who bought again.

    Each customer's purchases vary about a mean of its own, and the means of customers vary. The
    model needs means that do not depend on how often one buys: this is tested.

    Parameters
    ----------
    rhythm : DataFrame, one row per customer
        As from :func:`salesanalysis.reduce.customers.rhythm`: ``repeats, repeat_amount``.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. (2013), The gamma-gamma model of monetary value.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mean = 30 / rng.gamma(4.0, size=300)
    >>> rhythm = pd.DataFrame({"repeats": 5, "repeat_amount": rng.gamma(30.0, mean / 6)})
    >>> rhythm["repeats"] = rng.integers(1, 9, 300)
    >>> fit_spend(rhythm).status
    'ok'
    """
    from scipy.special import digamma, gammaln

    x, m = _spent(rhythm)
    bought = (x > 0) & (m > 0)
    # In the order of the values: adding up in another order changes digits.
    order = np.lexsort((m[bought], x[bought]))
    x, m = x[bought][order], m[bought][order]
    related = _related(x, m)
    if len(x) < LEAST_BUYERS or np.ptp(m) == 0:
        return _unknown(len(x), related)
    unit = np.median(m)
    m = m / unit

    def loss(z):
        p, q, v = np.exp(z)
        both, logs = p * x + q, np.log(v + m * x)
        value = gammaln(both) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        value += (p * x - 1) * np.log(m) + p * x * np.log(x) - both * logs
        a = digamma(both)
        by_p = x * (a - digamma(p * x) + np.log(m) + np.log(x) - logs)
        by_q = a - digamma(q) + np.log(v) - logs
        by_v = q / v - both / (v + m * x)
        slope = np.array([by_p.mean(), by_q.mean(), by_v.mean()])
        return -value.mean(), -slope * np.exp(z)

    z, total, covariance = most_likely(loss, len(x), [(0.7, 1.1, 0.0)], _MOST)
    if covariance is None or np.exp(z[1]) <= 1:  # of a smaller q the mean is infinite
        return _unknown(len(x), related)
    values = np.exp(z) * [1, 1, unit]
    depends = related[1] > _RELATED or related[2] < -_RELATED
    return SpendModel(
        status=DEPENDS if depends else OK,
        values=values,
        errors=errors_of(values, covariance),
        log_likelihood=float(total - len(x) * np.log(unit)),
        buyers=len(x),
        correlation=related[0], low=related[1], high=related[2],
    )  # fmt: skip


def _unknown(buyers: int, related: tuple[float, float, float]) -> SpendModel:
    """What is said where too little is known."""
    nothing = np.full(3, np.nan)
    return SpendModel(
        status=NOT_IDENTIFIED, values=nothing, errors=nothing, log_likelihood=np.nan, buyers=buyers,
        correlation=related[0], low=related[1], high=related[2],
    )  # fmt: skip


def _related(x: np.ndarray, m: np.ndarray) -> tuple[float, float, float]:
    """Correlation of spend and frequency with its 95% interval (Fisher's); missing of too few."""
    if len(x) < LEAST_BUYERS or np.ptp(x) == 0 or np.ptp(m) == 0:
        return np.nan, np.nan, np.nan
    r = float(np.corrcoef(np.log(x), m)[0, 1])
    away = z_value(0.95) / np.sqrt(len(x) - 3)
    return r, float(np.tanh(np.arctanh(r) - away)), float(np.tanh(np.arctanh(r) + away))
