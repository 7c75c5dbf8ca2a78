"""How far a curve is from the data: squared errors, counts, and loss times known to an interval.

Each is a sum of terms, one per observation, that depends on the curve only by a predicted number:
the retention at a time, or the share lost between two. Arrays have the observations along their
first axis and the curves, or the one data set of all of them, along the second; so has ``guess``,
the share right by guessing, where it is not the same for all.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from scipy.special import gammaln, xlogy

from salesanalysis.forgetting.functions import Clock
from salesanalysis.forgetting.models import Model


class _Data:
    """What all kinds of data have: arrays with the curves along the second axis."""

    def take(self, which):
        """The data of some of the curves."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        # What is the same for all curves has one column, or is a number.
        own = {name: a for name, a in arrays.items() if np.ndim(a) == 2 and a.shape[1] > 1}
        return replace(self, **{name: a[:, which] for name, a in own.items()})


class _AtTimes(_Data):
    """Data whose predicted number is the retention at ``times``."""

    def prediction(self, model: Model, clock: Clock, params):
        """Retention at the times, and its derivatives by S and θ."""
        return model.slopes(self.times, clock, params)

    def level(self, model: Model, clock: Clock, params):
        """Retention at the times."""
        return model.retention(self.times, clock, params)


@dataclass(frozen=True, eq=False)
class LeastSquares(_AtTimes):
    """Squared errors of scores; a weight of 0 marks a place without an observation."""

    times: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    guess: np.ndarray | float = 0.0

    def terms(self, retention):
        """Each observation's term, and its first and second derivative by the prediction."""
        error = self.score - self.guess - (1 - self.guess) * retention
        slope = -2 * (1 - self.guess) * self.weight * error
        return self.weight * error**2, slope, 2 * (1 - self.guess) ** 2 * self.weight

    @property
    def rounding(self) -> np.ndarray:
        """What the squared errors of each curve are by rounding alone."""
        return 1e-26 * (self.weight * self.score**2).sum(axis=0)

    def log_likelihood(self, value, size):
        """Of the normal distribution whose variance is the mean squared error.

        Curves whose errors are no more than rounding fit equally well.
        """
        value = np.maximum(value, self.rounding)
        with np.errstate(divide="ignore"):
            return -0.5 * size * (np.log(2 * np.pi * value / size) + 1)


@dataclass(frozen=True, eq=False)
class Counts(_AtTimes):
    """Binomial counts: ``k`` right of ``n``; the terms are the deviance."""

    times: np.ndarray
    k: np.ndarray
    n: np.ndarray
    guess: np.ndarray | float = 0.0

    def terms(self, retention):
        """Each observation's term, and its first and second derivative by the prediction."""
        p = self.guess + (1 - self.guess) * retention
        k, wrong = self.k, self.n - self.k
        # What rounding has put a hair over 1 is 1; more than that is impossible.
        q = np.where((p > 1) & (p < 1 + 1e-12), 0.0, 1 - p)
        with np.errstate(divide="ignore", invalid="ignore"):
            term = 2 * (self._saturated - xlogy(k, p) - xlogy(wrong, q))
            # Nothing right, or nothing wrong, is no term: 0 / 0 is 0 here.
            odds, against = np.where(k > 0, k / p, 0.0), np.where(wrong > 0, wrong / q, 0.0)
            by_p = against - odds
            bend = np.where(wrong > 0, against / q, 0.0) + np.where(k > 0, odds / p, 0.0)
        scale = 1 - self.guess
        return term, 2 * scale * by_p, 2 * scale**2 * bend

    @cached_property
    def _saturated(self) -> np.ndarray:
        share = np.divide(self.k, self.n, out=np.zeros_like(self.k), where=self.n > 0)
        return xlogy(self.k, share) + xlogy(self.n - self.k, 1 - share)

    def log_likelihood(self, value, size):
        """Without the binomial coefficients, which :func:`log_ways` gives."""
        return self._saturated.sum(axis=0) - value / 2


def log_ways(k, n) -> np.ndarray:
    """Logarithms of the binomial coefficients, which the likelihood of a GLM counts as well.

    They belong to the rows as they were given: adding up the answers of one time changes them.

    Examples
    --------
    >>> log_ways(np.array([1.0, 2.0]), np.array([1.0, 4.0])).round(3)
    array([0.   , 1.792])
    """
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


@dataclass(frozen=True, eq=False)
class Intervals(_Data):
    """What was known at one time and lost by another, infinite where it never was seen lost."""

    known: np.ndarray
    lost: np.ndarray
    count: np.ndarray
    guess: float = 0.0

    def prediction(self, model: Model, clock: Clock, params):
        """The share lost between the times, and its derivatives by S and θ."""
        ever = np.isfinite(self.lost)
        before, by_before = model.slopes(self.known, clock, params)
        after, by_after = model.slopes(np.where(ever, self.lost, self.known), clock, params)
        pairs = zip(by_before, by_after, strict=True)
        return before - ever * after, [one - ever * other for one, other in pairs]

    def level(self, model: Model, clock: Clock, params):
        """The share lost between the times."""
        return self.prediction(model, clock, params)[0]

    def terms(self, lost):
        """Each observation's term, and its first and second derivative by the prediction."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return -2 * xlogy(self.count, lost), -2 * self.count / lost, 2 * self.count / lost**2

    def log_likelihood(self, value, size):
        """The log of the probability of all that was seen."""
        return -value / 2


@dataclass(frozen=True, eq=False)
class Objective:
    """What is made as small as possible: a model's distance from the data, for many curves."""

    model: Model
    clock: Clock
    data: LeastSquares | Counts | Intervals

    def take(self, which) -> "Objective":
        """The objective of some of the curves."""
        return replace(self, clock=self.clock.take(which), data=self.data.take(which))

    def value(self, params) -> np.ndarray:
        """The distance of each curve; infinite where it is impossible."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            terms = self.data.terms(self.data.level(self.model, self.clock, params))[0]
            return _finite(terms.sum(axis=0))

    def evaluate(self, params) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distance, gradient and (Gauss–Newton) Hessian of each curve."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            predicted, slopes = self.data.prediction(self.model, self.clock, params)
            terms, slope, bend = self.data.terms(predicted)
            size = len(slopes)
            gradient = np.stack([np.einsum("tc,tc->c", slope, g) for g in slopes])
            hessian = np.empty((size, size, gradient.shape[1]))
            for i in range(size):
                weighted = bend * slopes[i]
                for j in range(i + 1):
                    hessian[i, j] = hessian[j, i] = np.einsum("tc,tc->c", weighted, slopes[j])
            return _finite(terms.sum(axis=0)), gradient, hessian


def _finite(value) -> np.ndarray:
    return np.where(np.isfinite(value), value, np.inf)
