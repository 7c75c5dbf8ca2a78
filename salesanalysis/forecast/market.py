"""The potential of a new area: buyers × use × price × reachable share, each known as a range."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast.draws import QUANTILES, quantile_name
from salesanalysis.stats import z_value
from salesanalysis.summarised import Summarised


@dataclass(frozen=True, eq=False, repr=False)
class Potential(Summarised):
    """What a new area could bring in a period.

    Attributes
    ----------
    values : ndarray, one per draw
        Money in the currency of ``price``, per the period of ``use``.
    factors : DataFrame, one row per factor
        ``factor, low, median, high, variance_share``: how much of the uncertainty would go if
        this factor were known.
    """

    values: np.ndarray
    factors: pd.DataFrame

    def summary(self, *, quantiles: Sequence[float] = QUANTILES) -> pd.DataFrame:
        """Mean and quantiles: ``name, value, unit``."""
        names = ["mean", *(quantile_name(q) for q in quantiles)]
        numbers = [self.values.mean(), *np.quantile(self.values, list(quantiles))]
        return pd.DataFrame({"name": names, "value": numbers, "unit": "amount"})


#: A number that is known, or the two ends of a range.
Range = float | tuple[float, float]


def potential(
    *,
    buyers: Range,
    use: Range,
    price: Range,
    share: Range,
    level: float = 0.8,
    draws: int = 10_000,
    seed: int = 0,
) -> Potential:
    """The potential of a new area, as a distribution.

    Parameters
    ----------
    buyers, use, price : float or (low, high)
        How many buyers there are, how many pieces each uses in a period, what a piece costs: a
        number that is known, or a range that holds the truth with probability ``level``; log-normal
        in between.
    share : float or (low, high)
        The share of them that can be reached, between 0 and 1; logistic-normal in between.
    level : float
        What the ranges are meant to hold.
    draws, seed : int
        How many draws, and where their random numbers start.

    Returns
    -------
    Potential

    Raises
    ------
    SalesAnalysisError
        A range is no range, or outside what its factor can be.

    References
    ----------
    Sales-system source, §4.

    Examples
    --------
    >>> area = potential(buyers=(800, 1200), use=(2, 4), price=500, share=(0.05, 0.2))
    >>> area.summary(quantiles=[0.1, 0.5, 0.9]).round(-3)["value"].tolist()
    [169000.0, 62000.0, 142000.0, 309000.0]
    >>> area.factors[["factor", "variance_share"]].round(2).values.tolist()
    [['buyers', 0.06], ['use', 0.18], ['price', 0.0], ['share', 0.75]]
    """
    z = z_value(level)
    rng = np.random.default_rng(seed)
    given = {"buyers": buyers, "use": use, "price": price, "share": share}
    logs, rows = {}, []
    for factor, value in given.items():
        low, high = _range(factor, value)
        odds = factor == "share" and high < 1
        # Shares are spread on the scale of their odds, everything else on that of its logarithm.
        ends = np.log([low, high]) - (np.log1p([-low, -high]) if odds else 0.0)
        drawn = ends.mean() + np.diff(ends) / (2 * z) * rng.standard_normal(draws)
        logs[factor] = -np.logaddexp(0, -drawn) if odds else drawn
        median = np.exp(-np.logaddexp(0, -ends.mean())) if odds else np.exp(ends.mean())
        rows.append({"factor": factor, "low": low, "median": median, "high": high})
    # The variance of many equal numbers is not 0, by rounding.
    variance = np.array([values.var() if np.ptp(values) else 0.0 for values in logs.values()])
    factors = pd.DataFrame(rows)
    factors["variance_share"] = variance / variance.sum() if variance.sum() > 0 else 0.0
    return Potential(np.exp(sum(logs.values())), factors)


def _range(factor: str, value) -> tuple[float, float]:
    """The two ends of a factor, checked."""
    ends = np.atleast_1d(np.asarray(value, dtype=float))
    limit = 1.0 if factor == "share" else np.inf
    if len(ends) not in (1, 2) or not (0 < ends[0] <= ends[-1] <= limit) or np.isinf(ends).any():
        raise SalesAnalysisError(
            f"`{factor}` is {value!r}; expected a number or a range (low, high), above 0"
            + (" and up to 1." if factor == "share" else ".")
        )
    if factor == "share" and ends[-1] == 1 and ends[0] < 1:
        raise SalesAnalysisError(
            f"`share` is {value!r}; the upper end of a range must lie below 1: all buyers are"
            " reached only where that is certain (share=1)."
        )
    return float(ends[0]), float(ends[-1])
