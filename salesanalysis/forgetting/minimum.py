"""The least of many functions at once, within bounds: Levenberg–Marquardt, batched."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_MOST_DAMPING = 1e12
#: Curves whose coordinates differ by no more than this, in part or as a share, lie in one valley.
_NEAR = 0.01


@dataclass(frozen=True, eq=False)
class Minima:
    """Where each function is least: ``params`` (p × curves), its ``value``, and ``converged``."""

    params: np.ndarray
    value: np.ndarray
    converged: np.ndarray


def lowest(found: Iterable[Minima]) -> Minima:
    """The best of several searches, for each curve."""
    best, *others = found
    for other in others:
        better = other.value < best.value
        best = Minima(
            np.where(better, other.params, best.params),
            np.where(better, other.value, best.value),
            np.where(better, other.converged, best.converged),
        )
    return best


def minimise(
    objective, start, low, high, *, noise=0.0, tolerance: float = 1e-14, most: int = 200, known=()
) -> Minima:
    """Go down from ``start``; each column is a curve of its own.

    Parameters
    ----------
    objective : Objective
    start, low, high : arrays, parameters × curves
        A coordinate whose bounds are equal is held fixed.
    noise : float or array
        What the values may differ by through rounding alone.
    tolerance : float
        A step that promises to lower the value by less than this share of it is the last.
    most : int
        The most steps; columns that need more are not converged.
    known : list of Minima
        Of searches from other starts: who comes near where one of them ended goes no further.

    References
    ----------
    Marquardt, D. W. (1963), SIAM J. Appl. Math. 11, 431–441; damping: Nielsen, H. B. (1999),
    Technical University of Denmark, IMM-REP-1999-05.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _minimised(objective, start, low, high, noise, tolerance, most, known)


def _minimised(objective, start, low, high, noise, tolerance, most, known) -> Minima:
    params = np.clip(start, low, high)
    low, high = np.broadcast_to(low, params.shape), np.broadcast_to(high, params.shape)
    noise = np.broadcast_to(noise, params.shape[1:])
    value = np.full(params.shape[1], np.inf)
    converged = np.zeros(params.shape[1], dtype=bool)

    left = np.arange(params.shape[1])
    part, x, lo, hi = objective, params, low, high
    f, gradient, hessian = part.evaluate(x)
    damping, growth = np.full(len(left), 1e-3), np.full(len(left), 2.0)
    for _ in range(most):
        free = ~(((x <= lo) & (gradient >= 0)) | ((x >= hi) & (gradient <= 0)))
        step = damped_step(hessian, -gradient, damping, free)
        trial = np.clip(x + step, lo, hi)
        moved = trial - x
        promised = -(gradient * moved).sum(axis=0) - _quadratic(hessian, moved) / 2
        new_f, new_gradient, new_hessian = part.evaluate(trial)
        better, old_f = (new_f <= f) & np.isfinite(new_f), f
        small = np.abs(promised) <= tolerance * f + noise[left]
        done = small | ~free.any(axis=0)
        near = _NEAR * (1 + np.abs(trial))
        for other in known:
            done |= (np.abs(trial - other.params[:, left]) <= near).all(axis=0)
        x = np.where(better, trial, x)
        f = np.where(better, new_f, f)
        gradient = np.where(better, new_gradient, gradient)
        hessian = np.where(better, new_hessian, hessian)
        # Nielsen's rule: as much damping as makes a step keep about what it promises.
        kept = np.nan_to_num((old_f - new_f) / promised, nan=1.0)
        ease = np.clip(1 - (2 * np.clip(kept, 0, 1) - 1) ** 3, 1 / 3, 2.0)
        damping = np.where(better, np.maximum(damping * ease, 1e-12), damping * growth)
        growth = np.where(better, 2.0, growth * 2)
        # Damped to a standstill without a lower value near: at the least that rounding allows.
        stuck = damping > _MOST_DAMPING
        out = done | stuck
        if out.any():
            params[:, left[out]], value[left[out]] = x[:, out], f[out]
            converged[left[out]] = done[out] | (np.abs(promised) <= 1e-8 * f + noise[left])[out]
            if out.all():
                return Minima(params, value, converged)
            stay = ~out
            left, x, lo, hi = left[stay], x[:, stay], lo[:, stay], hi[:, stay]
            f, gradient, hessian = f[stay], gradient[:, stay], hessian[:, :, stay]
            damping, growth, part = damping[stay], growth[stay], part.take(stay)
    params[:, left], value[left] = x, f
    return Minima(params, value, converged)


def damped_step(hessian, gradient, damping, free) -> np.ndarray:
    """Solve (H + damping · diag H) step = gradient for the free coordinates; others stay."""
    size, active = len(gradient), free.any(axis=1)
    if not active.all():  # one that is held fixed everywhere is none
        step = np.zeros(np.broadcast_shapes(gradient.shape, free.shape))
        if active.any():
            some = hessian[np.ix_(active, active)]
            step[active] = damped_step(some, gradient[active], damping, free[active])
        return step
    scale = np.stack([hessian[i, i] for i in range(size)])
    gradient = np.where(free, gradient, 0.0)
    tiny = 1e-14 * scale.max(axis=0) + 1e-300
    diagonal = np.where(free, scale * (1 + damping) + tiny, 1.0)
    if size == 1:
        return gradient / diagonal
    if size == 2:  # Cramer's rule: many times as fast as the general solver
        off = np.where(free.all(axis=0), hessian[0, 1], 0.0)
        determinant = diagonal[0] * diagonal[1] - off**2
        determinant = np.maximum(determinant, 1e-15 * diagonal[0] * diagonal[1])
        first = diagonal[1] * gradient[0] - off * gradient[1]
        second = diagonal[0] * gradient[1] - off * gradient[0]
        return np.stack([first, second]) / determinant
    matrix = np.where(free[:, None] & free[None], hessian, 0.0)
    for i in range(size):
        matrix[i, i] = diagonal[i]
    # By the diagonal's roots, so that coordinates of different size do not spoil the solution.
    root = np.sqrt(diagonal)
    matrix = np.moveaxis(matrix / (root[:, None] * root[None]), 2, 0)
    matrix = matrix + 1e-14 * np.eye(size)
    solved = np.linalg.solve(matrix, (gradient / root).T[..., None])[..., 0]
    return solved.T / root


def _quadratic(hessian, step) -> np.ndarray:
    return np.einsum("ijb,ib,jb->b", hessian, step, step)
