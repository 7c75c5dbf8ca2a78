"""How the true rates of many groups are spread: the hierarchical beta-binomial model.

The trials of a group have the group's own rate, the rates of the groups come from one beta
distribution, and what is known of that distribution is a grid of its possible parameters with their
probabilities. See :func:`salesanalysis.stats.pooled_rates` for the model and its references.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.stats.ranks import posterior_ranks
from salesanalysis.stats.shares import require_level

#: Cells of each axis: while looking for the posterior, and for the posterior itself.
_COARSE, _FINE = 41, 64
#: Cells whose density is this many times e below the highest are outside the grid.
_DEPTH = 12.0
_NARROWINGS = 20
#: Share of the greatest spread; at 1 there would be rates of 0 and 1 only.
_GREATEST = 0.9999
#: Turns of the search for a quantile; the second half are bisections, enough for any bracket.
_MOST_TURNS = 120


@dataclass(frozen=True, eq=False)
class Spread:
    """How the true rates of the groups are spread: the posterior of their beta distribution.

    Attributes
    ----------
    alpha, beta, weight : numpy arrays
        The cells of the grid and their posterior probabilities, which add up to 1; the most
        probable cell first.
    """

    alpha: np.ndarray
    beta: np.ndarray
    weight: np.ndarray

    @classmethod
    def fit(cls, n: ArrayLike, k: ArrayLike) -> "Spread":
        """The posterior given trials and successes of each group."""
        n, k = np.asarray(n, dtype=float), np.asarray(k, dtype=float)
        # Equal groups need their likelihood only once.
        pairs, times = np.unique(np.column_stack([n, k])[n > 0], axis=0, return_counts=True)
        scale = _Scale.around(*(times @ pairs))
        box = _support(scale, pairs, times)
        across, log_share = _product(_midpoints(*box[0]), _midpoints(*box[1]))
        density = _log_density(scale, across, log_share, pairs, times)
        weight = np.exp(density - density.max())
        # Cells that together hold less than a millionth cost time and change nothing.
        order = np.argsort(-weight, kind="stable")
        kept = order[: np.searchsorted(np.cumsum(weight[order]), (1 - 1e-6) * weight.sum()) + 1]
        alpha, beta = scale.parameters(across[kept], log_share[kept])
        return cls(alpha, beta, weight[kept] / weight[kept].sum())

    @property
    def mean(self) -> np.ndarray:
        """Mean of the true rates, in each cell."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the true rates between the groups, in each cell."""
        return np.sqrt(self.mean * (1 - self.mean) / (1 + self.alpha + self.beta))

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """One row for the mean and one for the spread: ``name, value, low, high, unit``.

        ``value`` is the posterior mean. The spread is never 0 here: groups that are equal as far
        as the data can tell have a ``low`` next to 0.
        """
        tail = (1 - require_level(level)) / 2
        rows = []
        for name, values in (("mean_rate", self.mean), ("between_sd", self.sd)):
            low, high = _weighted_quantiles(values, self.weight, [tail, 1 - tail])
            value = float(self.weight @ values)
            rows.append({"name": name, "value": value, "low": low, "high": high, "unit": "share"})
        return pd.DataFrame(rows)

    def group_rates(self, n: np.ndarray, k: np.ndarray, level: float) -> np.ndarray:
        """Columns pooled rate, lower and upper limit, own weight; one row per group."""
        tail = (1 - level) / 2
        pairs, back = np.unique(np.column_stack([n, k]), axis=0, return_inverse=True)
        # The heaviest cells come first; the limits, which cost the most, do without the last 0.01%
        # of the probability.
        heavy = slice(np.searchsorted(np.cumsum(self.weight), 1 - 1e-4) + 1)
        share = self.weight[heavy] / self.weight[heavy].sum()
        rows = []
        for trials, successes in pairs:
            a, b = self.alpha + successes, self.beta + (trials - successes)
            low, high = _mixture_quantiles(a[heavy], b[heavy], share, [tail, 1 - tail])
            mean = self.weight @ (a / (a + b))
            rows.append([mean, low, high, self.weight @ (trials / (a + b))])
        return np.array(rows)[back.ravel()]

    def ranks(
        self, n: np.ndarray, k: np.ndarray, level: float, draws: int, seed: int
    ) -> np.ndarray:
        """Columns median rank, its limits, probability of the highest and of the lowest rate."""
        rng = np.random.default_rng(seed)
        cell = rng.choice(len(self.weight), size=draws, p=self.weight)[:, None]
        rates = rng.beta(self.alpha[cell] + k, self.beta[cell] + (n - k))
        return posterior_ranks(rates, level=level).to_numpy()


@dataclass(frozen=True)
class _Scale:
    """The two axes of the grid: ``across`` for the mean and ``log_share`` for the spread.

    If the groups are alike, all of them together tell the mean to within ``error``; if they are
    very different, it may be far from there. So the logit of the mean is ``centre + error ×
    sinh(across)``: close steps around the common rate, wide ones far from it. The spread, as a
    share of its maximum 1/√(1 + M), is on a logarithmic axis.
    """

    centre: float
    error: float

    @classmethod
    def around(cls, n: float, k: float) -> "_Scale":
        from scipy.special import logit

        won, rest = k + 0.5, n - k + 0.5
        return cls(float(logit(won / (n + 1))), float(np.sqrt((n + 1) / (won * rest))))

    def mean_logit(self, across):
        return self.centre + self.error * np.sinh(across)

    def parameters(self, across, log_share) -> tuple[np.ndarray, np.ndarray]:
        """Alpha and beta of the beta distribution."""
        from scipy.special import expit

        precision = np.expm1(-2 * log_share)
        mean_logit = self.mean_logit(across)
        return expit(mean_logit) * precision, expit(-mean_logit) * precision

    def log_area(self, across, log_share) -> np.ndarray:
        """Log of (d mean × d share) / (d across × d log_share): the prior on these axes."""
        from scipy.special import log_expit

        mean_logit = self.mean_logit(across)
        slope = log_expit(mean_logit) + log_expit(-mean_logit) + np.log(np.cosh(across))
        return slope + log_share


def _log_density(scale: _Scale, across, log_share, pairs, times) -> np.ndarray:
    """Log of the posterior density on the axes of the grid, up to a constant."""
    from scipy.special import betaln

    alpha, beta = scale.parameters(across, log_share)
    before = betaln(alpha, beta)
    total = scale.log_area(across, log_share)
    for (n, k), count in zip(pairs, times, strict=True):
        total += count * (betaln(alpha + k, beta + (n - k)) - before)
    return total


def _support(scale: _Scale, pairs, times) -> list[tuple[float, float]]:
    """Limits of both axes outside which the posterior is negligible: grids narrowed in turn."""
    reach = np.arcsinh(12 + 6 / scale.error)
    n = times @ pairs[:, 0]
    # From a spread that the data cannot tell from none to nearly all there can be.
    box = [(-reach, reach), (-0.5 * np.log1p(1e6 * n), np.log(_GREATEST))]
    for _ in range(_NARROWINGS):
        axes = [np.linspace(low, high, _COARSE) for low, high in box]
        cells = _product(*axes)
        density = _log_density(scale, *cells, pairs, times)
        inside = density > density.max() - _DEPTH
        before, box = box, [
            _around(axis, at[inside]) for axis, at in zip(axes, cells, strict=True)
        ]  # fmt: skip
        if box == before:
            break
    return box


def _around(axis: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """The neighbours on the axis, where there are any, of the least and the greatest inside."""
    first, last = np.searchsorted(axis, [inside.min(), inside.max()])
    return float(axis[max(first - 1, 0)]), float(axis[min(last + 1, len(axis) - 1)])


def _midpoints(low: float, high: float) -> np.ndarray:
    return low + (high - low) * (np.arange(_FINE) + 0.5) / _FINE


def _product(first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """All pairs of the values of two axes."""
    return [axis.ravel() for axis in np.meshgrid(first, second)]


def _weighted_quantiles(values, weight, shares) -> list[float]:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) - weight[order] / 2
    return [float(np.interp(share, below, values[order])) for share in shares]


def _mixture_quantiles(a, b, weight, shares) -> list[float]:
    """Quantiles of a mixture of beta distributions, by Newton's method inside a bracket.

    Both the value and the share below it are on the logit scale, where the one is nearly a straight
    line in the other.
    """
    from scipy.special import betainc, betaln, expit, log_expit, logit

    normalizer = betaln(a, b)
    found = []
    for share in shares:
        low, high = -700.0, 700.0  # logits of the smallest and the greatest double
        at = logit(weight @ (a / (a + b)))
        for turn in range(_MOST_TURNS):
            # From the nearer end, which keeps all digits.
            below = weight @ betainc(a, b, expit(at))
            if at > 0:
                below = 1 - weight @ betainc(b, a, expit(-at))
            low, high = (at, high) if below < share else (low, at)
            if abs(below - share) < 1e-9 or high - low < 1e-9:
                break
            # d below / d at
            slope = weight @ np.exp(a * log_expit(at) + b * log_expit(-at) - normalizer)
            step = np.inf
            if turn < _MOST_TURNS / 2 and 0 < below < 1 and slope > 0:
                step = (logit(share) - logit(below)) * below * (1 - below) / slope
            at = at + step if low < at + step < high else (low + high) / 2
        found.append(float(expit(at)))
    return found
