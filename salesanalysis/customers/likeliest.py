"""The most likely parameters of a model, and how well the data tell them."""

from collections.abc import Callable, Sequence

import numpy as np

#: The logarithm of a parameter whose standard error is larger may be anything.
_VAGUE, _SINGULAR = 3.0, 1e7
_LEAST, _NEWTON = -14.0, 2


def most_likely(loss: Callable, total: float, starts: Sequence, most: Sequence[float]):
    """Logarithms of the parameters, log-likelihood and covariance; it is missing if not identified.

    The second start is tried only where the first does not end in a maximum. A parameter that
    reaches what it may be at most stays there: its variance is 0.

    Parameters
    ----------
    loss : callable
        Of the logarithms of the parameters: the mean of the negative log-likelihood, its slope.
    total : float
        Of how many observations it is the mean.
    starts : sequence
    most : sequence
        What the logarithms may be at most.
    """
    from scipy.optimize import minimize

    most, best = np.array(most), None
    for start in starts:
        # Newton steps find the last digits, where there is a single maximum.
        options = {"ftol": 1e-11, "gtol": 1e-6, "maxiter": 200, "maxcor": 20}
        bounds = [(_LEAST, high) for high in most]
        z = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        free = np.flatnonzero(z < most - 1e-6)
        for _ in range(_NEWTON):
            bent = _curvature(loss, z)[np.ix_(free, free)]
            if np.linalg.eigvalsh(bent)[0] <= 0 or np.linalg.cond(bent) > _SINGULAR:
                break
            z[free] -= np.linalg.solve(bent, loss(z)[1][free])
        else:
            covariance = np.zeros((len(z), len(z)))
            covariance[np.ix_(free, free)] = np.linalg.inv(bent * total)
            told = np.sqrt(np.diag(covariance)).max() <= _VAGUE
            return z, -loss(z)[0] * total, covariance if told else None
        if best is None or loss(z)[0] < loss(best)[0]:
            best = z
    return best, -loss(best)[0] * total, None


def _curvature(loss: Callable, z: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Second derivatives of a function that gives its value and slope."""
    sides = [loss(z + step * e)[1] - loss(z - step * e)[1] for e in np.eye(len(z))]
    found = np.array(sides) / (2 * step)
    return (found + found.T) / 2


def errors_of(values: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Standard errors of parameters, by those of their logarithms; missing at the most."""
    spread = np.sqrt(np.diag(covariance))
    return values * np.where(spread > 0, spread, np.nan)
