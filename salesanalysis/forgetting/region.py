"""How far a number read off a curve can move before the curve no longer fits the data.

The profile-likelihood interval of any number (a half-life, a retention, a parameter) is the range
that it takes over all curves which fit the data nearly as well as the best one: those within the
likelihood region of that level.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, fdtri

from salesanalysis.forgetting.likelihoods import Objective
from salesanalysis.forgetting.minimum import damped_step

_MOST_STEPS = 200


@dataclass(frozen=True, eq=False)
class Region:
    """The curves that fit nearly as well as the best one.

    Attributes
    ----------
    objective : Objective
    best : array
        Parameters of the best curve.
    low, high : arrays
        Bounds of the parameters.
    beyond : array
        For an upper bound that is only what the times of the data can tell, a value beyond it; else
        missing.
    value : float
        The least value of the objective.
    free : int
        Degrees of freedom of the errors, for scores; 0 for counts, whose variance is known.
    variance : float
        The mean squared error, for scores; 1 for counts.
    """

    objective: Objective
    best: np.ndarray
    low: np.ndarray
    high: np.ndarray
    beyond: np.ndarray
    value: float
    free: int = 0
    variance: float = 1.0

    def limits(self, quantity: Callable, size: int, level: float, ends) -> tuple:
        """Lowest and highest of ``size`` numbers over the region, as two arrays.

        ``quantity(params)`` takes parameters × (a multiple of ``size``) curves and returns one
        number for each: number ``j`` for column ``j`` modulo ``size``. ``ends`` are the least and
        the greatest that the numbers can be at all; they are the limits where the region reaches
        them, or goes on beyond what the times of the data can tell.
        """
        # Errors whose variance is estimated need the wider F instead of the chi-square quantile.
        quantile = fdtri(1, self.free, level) if self.free else chdtri(1, 1 - level)
        sign = np.repeat([-1.0, 1.0], size)
        ends = np.repeat(np.asarray(ends, dtype=float), size)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            reached = self._extremes(quantity, sign, ends, quantile * self.variance)
        return reached[:size], reached[size:]

    def _extremes(self, quantity, sign, ends, cut) -> np.ndarray:
        """The greatest (``sign`` 1) or least (-1) value of each quantity within the region.

        Each step solves the problem with the quantity taken as linear and the objective as
        quadratic; the first one alone would give the usual symmetric interval, where they rest is
        exact.
        """
        columns = len(sign)
        low, high = self.low[:, None], self.high[:, None]
        x = np.repeat(self.best[:, None], columns, axis=1).astype(float)
        limit = self.value + cut
        reach = np.ones(columns)
        last = np.zeros_like(x)
        resting = np.zeros(columns, dtype=bool)
        at_end = np.zeros(columns, dtype=bool)
        for _ in range(_MOST_STEPS):
            f, gradient, hessian = self.objective.evaluate(x)
            over = f - limit
            at_end |= (over <= 1e-6 * cut) & (quantity(x) * sign >= ends * sign)
            slope = sign * self._slope(quantity, x, hessian, cut)
            step, length = _step(over, gradient, hessian, slope, x, low, high)
            resting = at_end | ((length <= 1e-9 * cut) & (over <= 1e-6 * cut))
            if resting.all():
                break
            # A step back where the last one came from shows that it swings: take a part of it.
            back = np.einsum("ijb,ib,jb->b", hessian, step, last) < 0
            reach = np.where(back, reach / 2, np.minimum(reach * 1.5, 1.0))
            last = step
            x = self._inside(x, np.where(resting, 0.0, reach) * step, limit + 0.5 * cut, f)
        reached = quantity(x)
        # What still moves with a coordinate that the data leave open above has no limit there.
        beyond = np.where((x >= high) & ~np.isnan(self.beyond[:, None]), self.beyond[:, None], x)
        moves = np.abs(quantity(beyond) - reached) > 1e-3 * np.abs(reached)
        return np.where(resting, np.where(at_end | moves, ends, reached), np.nan)

    def _inside(self, x, step, most, f) -> np.ndarray:
        """The step, shortened where it leads far out of the region and not nearer to it."""
        low, high = self.low[:, None], self.high[:, None]
        trial = np.clip(x + step, low, high)
        for _ in range(12):
            value = self.objective.value(trial)
            out = (value > most) & (value > f)
            if not out.any():
                break
            step = np.where(out, step / 2, step)
            trial = np.clip(x + step, low, high)
        return trial

    def _slope(self, quantity, x, hessian, cut) -> np.ndarray:
        """Derivatives of the quantity, by differences that stay within the bounds."""
        slopes = np.empty_like(x)
        for i in range(len(x)):
            width = 1e-4 * np.sqrt(2 * cut / np.maximum(hessian[i, i], 1e-300))
            width = np.minimum(width, 1e-3 * (1 + np.abs(x[i])))
            up = np.minimum(x[i] + width, self.high[i])
            down = np.maximum(x[i] - width, self.low[i])
            above, below = x.copy(), x.copy()
            above[i], below[i] = up, down
            slopes[i] = (quantity(above) - quantity(below)) / (up - down)
        return np.where(np.isfinite(slopes), slopes, 0.0)


def _step(over, gradient, hessian, slope, x, low, high) -> tuple[np.ndarray, np.ndarray]:
    """To the greatest of a linear quantity in the quadratic region, and the step's length.

    Where that lies beyond a bound, the coordinate that meets its bound first is put there, and the
    others go as far as they then can.
    """
    columns = np.arange(x.shape[1])
    free = np.broadcast_to(low < high, x.shape).copy()
    pinned = np.zeros_like(x)
    for _ in range(len(x) + 1):
        pull = np.einsum("ijb,jb->ib", hessian, pinned)
        there = over + (gradient * pinned).sum(axis=0) + (pull * pinned).sum(axis=0) / 2
        down = damped_step(hessian, gradient + pull, 0.0, free)
        along = damped_step(hessian, slope, 0.0, free)
        room = np.maximum(((gradient + pull) * down).sum(axis=0) - 2 * there, 0.0)
        width = (slope * along).sum(axis=0)
        far = np.sqrt(np.divide(room, width, out=np.zeros_like(room), where=width > 1e-300))
        step = pinned + far * along - down
        bound = np.where(step < 0, low, high)
        out = free & ((x + step < low) | (x + step > high))
        if not out.any():
            break
        share = np.divide(bound - x, step, out=np.full_like(x, np.inf), where=out)
        first = np.where(out.any(axis=0), share.argmin(axis=0), -1)
        met = first >= 0
        at = first[met], columns[met]
        free[at] = False
        pinned[at] = (bound - x)[at]
    step = np.clip(x + step, low, high) - x
    return step, np.einsum("ijb,ib,jb->b", hessian, step, step)


@dataclass(frozen=True, eq=False)
class Draws:
    """Curves fitted to data drawn anew: parameters × draws, for intervals by bootstrap."""

    params: np.ndarray

    def limits(self, quantity: Callable, size: int, level: float, ends) -> tuple:
        """Percentiles of ``size`` numbers over the draws; as :meth:`Region.limits`."""
        draws = self.params.shape[1]
        columns = np.repeat(self.params, size, axis=1)
        values = quantity(columns).reshape(draws, size)
        # Percentiles of ranks, not of values between: infinite half-lives stay infinite.
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(values, tails, axis=0, method="inverted_cdf")
        return np.clip(low, *ends), np.clip(high, *ends)
