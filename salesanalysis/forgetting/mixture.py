"""Learners whose log half-lives are normal: what their scores say of mean, spread and each one.

Everything is a sum over a grid of log half-lives, so that nothing has to be fitted to a learner.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, xlog1py, xlogy

#: Nodes of the grid of log half-lives.
NODES = 161
#: Learners from whom the start and the error are estimated, where there are more.
MOST_LEARNERS = 1_000
#: Nodes of the grids of the mean and of the spread of the log half-lives, finer each time.
_ZOOM = (15, 15, 15, 27)
#: How far under its greatest the log posterior is taken to be nothing.
_NEGLIGIBLE = 14.0
_LEAST_SD, _MOST_SD = 1e-3, 4.0


@dataclass(frozen=True, eq=False)
class LearnerRows:
    """Scores (``first``, with ``second`` 1) or counts (right, asked) of learners from 0 on."""

    learner: np.ndarray
    elapsed: np.ndarray
    first: np.ndarray
    second: np.ndarray
    guess: np.ndarray
    counts: bool

    @property
    def learners(self) -> int:
        """How many learners there are."""
        return int(self.learner.max()) + 1

    def some(self, most: int) -> "LearnerRows":
        """The rows of about ``most`` learners, evenly from all of them."""
        step = max(self.learners // most, 1)
        kept = self.learner % step == 0
        arrays = self.elapsed, self.first, self.second, self.guess
        return LearnerRows(self.learner[kept] // step, *(a[kept] for a in arrays), self.counts)

    def added(self, values) -> np.ndarray:
        """The sum of ``values`` (rows × …) over each learner's rows."""
        total = np.zeros((self.learners, *values.shape[1:]))
        np.add.at(total, self.learner, values)
        return total


@dataclass(frozen=True, eq=False)
class Level:
    """What the learners share besides their half-lives: start and error."""

    start: float
    start_sd: float = 0.0
    error_sd: float = np.nan


@dataclass(frozen=True, eq=False)
class Mixture:
    """The posterior of the mean and the spread of the log half-lives, and what goes with it.

    Attributes
    ----------
    model : str
    grid : array
        Log half-lives.
    mean, sd, weight : arrays
        Pairs of mean and spread, and their posterior probability.
    level : Level
    """

    model: str
    grid: np.ndarray
    mean: np.ndarray = field(repr=False)
    sd: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)
    level: Level

    @classmethod
    def fit(cls, rows: LearnerRows, model: str, start: float | None) -> "Mixture":
        """Learn all of it from the rows."""
        times = rows.elapsed[rows.elapsed > 0]
        grid = np.linspace(np.log(times.min() / 20), np.log(times.max() * 1e3), NODES)
        level = _level(rows.some(MOST_LEARNERS), model, grid, start)
        likelihood = _likelihood(rows, model, grid, level)
        mean, sd, weight = _posterior(likelihood, grid)
        return cls(model, grid, mean, sd, weight, level)

    def prior(self) -> np.ndarray:
        """The probability of each node for a learner of whom nothing is known."""
        return _node_weights(self.grid, self.mean, self.sd) @ self.weight

    def mean_shape(self, t: ArrayLike) -> np.ndarray:
        """The mean over learners of what is left of the start."""
        return shape(self.model, np.asarray(t)[:, None], np.exp(self.grid)) @ self.prior()

    def population(self, level: float) -> dict[str, float]:
        """Half-life of the typical learner, spread and start, with credible limits."""
        low, middle, high = _weighted(self.mean, self.weight, level)
        sd_low, sd, sd_high = _weighted(self.sd, self.weight, level)
        return {
            "half_life": float(np.exp(middle)),
            "half_life_low": float(np.exp(low)),
            "half_life_high": float(np.exp(high)),
            "log_sd": sd,
            "log_sd_low": sd_low,
            "log_sd_high": sd_high,
            "start": self.level.start,
            "start_sd": self.level.start_sd,
            "error_sd": self.level.error_sd,
        }

    def learner_half_lives(self, rows: LearnerRows, level: float) -> pd.DataFrame:
        """One row per learner: n, half-life with limits, and the weight of its own scores."""
        likelihood = _likelihood(rows, self.model, self.grid, self.level)
        nodes = _node_weights(self.grid, self.mean, self.sd)
        # Each pair of mean and spread gives a learner a posterior of its own; their mean counts.
        marginal = np.maximum(likelihood @ nodes, 1e-300)
        known = likelihood * ((self.weight / marginal) @ nodes.T)
        known /= known.sum(axis=1, keepdims=True)
        tail = (1 - level) / 2
        low, middle, high = (np.exp(self._quantile(known, q)) for q in (tail, 0.5, 1 - tail))
        prior = self.prior()
        spread = _variance(self.grid, prior[None])[0]
        own = np.clip(1 - _variance(self.grid, known) / spread, 0.0, 1.0)
        answers = rows.added(rows.second).astype(np.int64)
        return pd.DataFrame(
            {"n": answers, "half_life": middle, "half_life_low": low, "half_life_high": high}
        ).assign(own_weight=own)

    def _quantile(self, probability, q) -> np.ndarray:
        """Quantile of each row's distribution over the grid, taken as even between the nodes."""
        below = np.cumsum(probability, axis=1)
        at = (below < q).sum(axis=1).clip(max=len(self.grid) - 1)
        rows = np.arange(len(below))
        inside = probability[rows, at]
        part = (q - (below[rows, at] - inside)) / np.where(inside > 0, inside, 1.0)
        step = self.grid[1] - self.grid[0]
        return self.grid[at] + (np.clip(part, 0, 1) - 0.5) * step


def shape(model: str, t, half_life) -> np.ndarray:
    """What is left of the start after ``t``."""
    return 2.0 ** (-t / half_life) if model == "exponential" else 1 / (1 + t / half_life)


def _likelihood(rows: LearnerRows, model, grid, level: Level) -> np.ndarray:
    """Likelihood of each learner's scores at each node, the greatest of each learner 1."""
    logs = _log_likelihood(_Parts.of(rows, model, grid), level)
    return np.exp(logs - logs.max(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class _Parts:
    """The sums over each learner's scores that the likelihood is made of; for counts the shape."""

    rows: LearnerRows
    shape: np.ndarray
    scores: np.ndarray | None = None
    cross: np.ndarray | None = None
    square: np.ndarray | None = None
    size: np.ndarray | None = None

    @classmethod
    def of(cls, rows: LearnerRows, model, grid) -> "_Parts":
        f = shape(model, rows.elapsed[:, None], np.exp(grid))
        if rows.counts:
            return cls(rows, f)
        y = (rows.first - rows.guess) / (1 - rows.guess)
        sums = (y**2)[:, None], y[:, None] * f, f**2, np.ones((len(y), 1))
        return cls(rows, f, *(rows.added(values) for values in sums))


def _log_likelihood(parts: _Parts, level: Level) -> np.ndarray:
    """Log likelihood of each learner's scores at each node of the grid, learners × nodes."""
    rows, start = parts.rows, level.start
    if rows.counts:
        guess = rows.guess[:, None]
        p = np.minimum(guess + (1 - guess) * start * parts.shape, 1.0)
        k, wrong = rows.first[:, None], (rows.second - rows.first)[:, None]
        with np.errstate(divide="ignore"):
            return rows.added(np.maximum(xlogy(k, p) + xlog1py(wrong, -p), -1e6))
    error, spread = level.error_sd**2, level.start_sd**2
    squares = parts.scores - 2 * start * parts.cross + start**2 * parts.square
    # A start that differs between learners makes the errors of one learner alike.
    alike = spread * (parts.cross - start * parts.square) ** 2 / (error + spread * parts.square)
    logs = (parts.size - 1) * np.log(error) + np.log(error + spread * parts.square)
    return -0.5 * (logs + (squares - alike) / error)


def _level(rows: LearnerRows, model, grid, start) -> Level:
    """Start and error at which all learners' scores are most likely."""
    from scipy.optimize import minimize

    parts = _Parts.of(rows, model, grid)
    if rows.counts and start is not None:
        return Level(start)

    def level(x) -> Level:
        first = start if start is not None else float(1 / (1 + np.exp(-x[2])))
        if rows.counts:
            return Level(first)
        return Level(first, float(np.exp(x[4])) if start is None else 0.0, float(np.exp(x[3])))

    def unlikely(x) -> float:
        logs = _log_likelihood(parts, level(x))
        most = logs.max(axis=1)
        sd = np.clip(np.exp(x[1]), _LEAST_SD, _MOST_SD)
        nodes = _node_weights(grid, np.array([x[0]]), np.array([sd]))[:, 0]
        each = np.log(np.maximum(np.exp(logs - most[:, None]) @ nodes, 1e-300)) + most
        return float(-each.sum())

    middle = float(np.median(rows.elapsed[rows.elapsed > 0]))
    best = minimize(
        unlikely,
        [np.log(middle), np.log(0.5), 2.0, np.log(0.1), np.log(0.05)],
        method="Nelder-Mead",
        options={"maxiter": 1500, "xatol": 1e-4, "fatol": 1e-4, "adaptive": True},
    )
    return level(best.x)


def _posterior(likelihood, grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, spread and probability on a grid that covers all but a negligible part."""
    means = grid[0], grid[-1]
    spreads = _LEAST_SD, _MOST_SD
    for nodes in _ZOOM:
        axes = np.linspace(*means, nodes), np.linspace(*spreads, nodes)
        mean, sd = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
        marginal = likelihood @ _node_weights(grid, mean, sd)
        log = np.log(np.maximum(marginal, 1e-300)).sum(axis=0)
        likely = log > log.max() - _NEGLIGIBLE
        step = [float(axis[1] - axis[0]) for axis in axes]
        means = mean[likely].min() - step[0], mean[likely].max() + step[0]
        spreads = (
            max(sd[likely].min() - step[1], _LEAST_SD),
            min(sd[likely].max() + step[1], _MOST_SD),
        )
    weight = np.exp(log - log.max())
    return mean, sd, weight / weight.sum()


def _node_weights(grid, mean, sd) -> np.ndarray:
    """Normal probability of the cell about each node, nodes × pairs; the ends take the tails."""
    step = grid[1] - grid[0]
    edges = np.concatenate([[-np.inf], grid[:-1] + step / 2, [np.inf]])
    return np.diff(ndtr((edges[:, None] - mean) / sd), axis=0)


def _weighted(values, weight, level) -> tuple[float, float, float]:
    """Lower limit, mean and upper limit of weighted values."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) - weight[order] / 2
    tail = (1 - level) / 2
    low, high = np.interp([tail, 1 - tail], below, values[order])
    return float(low), float(weight @ values), float(high)


def _variance(grid, probability) -> np.ndarray:
    mean = probability @ grid
    return probability @ grid**2 - mean**2
