"""What is wrong with a fit, if anything: the same rules for one curve and for many."""

import numpy as np

from salesanalysis.forgetting.models import Model

#: Over this condition number the data do not tell the parameters apart.
MOST_CONDITION = 1e6
#: Shares nearer to each other than this are equal.
EQUAL = 1e-9
#: Statuses in which the half-life and the parameters may be quoted.
SOUND = ("ok", "known")
#: What is said of a fit that cannot be quoted, where the number of scores is all there is to say.
NO_FIT = {
    "all_zero": "all_zero",
    "constant": "constant",
    "rising": "rising",
    "not_converged": "not_converged",
}
#: Why there is no AICc.
FEW_FOR_AICC = "few_points"

#: Coordinates by which a curve falls: 0 is level, and their size is relative.
_FALLING = ("rate", "odds", "exponent", "slope", "loss")


def judged(
    *, nothing, impossible, constant, flat, few, converged, condition, at_bound
) -> np.ndarray:
    """The status of each fit; the first reason that applies.

    Parameters
    ----------
    nothing, impossible, constant, flat, few, converged, at_bound : arrays of bool
        Nothing retained at all; no curve of the model makes the counts possible, because it starts
        at 1 and an answer was wrong at time 0; all shares equal; the curve does not fall; no more
        observations than parameters; the search came to rest; a parameter lies at an end of its
        range.
    condition : array
        As from :func:`condition_numbers`.
    """
    reasons = [
        (nothing, "all_zero"),
        (impossible, "impossible"),
        (constant, "constant"),
        (flat, "rising"),
        (few, "few_points"),
        (~np.asarray(converged), "not_converged"),
        (condition > MOST_CONDITION, "not_identified"),
        (at_bound, "at_bound"),
    ]
    met = [np.asarray(reason) for reason, _ in reasons]
    return np.select(met, [name for _, name in reasons], default="ok")


def at_ends(place, low, high) -> np.ndarray:
    """Which parameters lie at an end of their range, parameters × curves; fixed ones do not."""
    return (low < high) & ((place <= low) | (place >= high))


def level_ones(model: Model, clock, params) -> tuple[np.ndarray, np.ndarray]:
    """Which curves do not fall, and the parameters with those made exactly level.

    What rounding leaves of a rate would otherwise make a finite half-life of it.
    """
    level = 1 - model.shape(1.0, clock, params[1:]) < EQUAL
    params = params.copy()
    for i, coordinate in enumerate(model.coordinates, start=1):
        if coordinate.kind in _FALLING:
            params[i] = np.where(level, 0.0, params[i])
    return level, params


def condition_numbers(hessian, place, low, high, model: Model) -> np.ndarray:
    """Condition number of the information about the parameters of each curve, on a relative scale.

    Levels and rates count by their logarithm, so that it is the same in every unit of time. What
    lies at an end of its range that says something does not count: all known, nothing lasting, all
    lost before the second observation.
    """
    kinds = [coordinate.kind for coordinate in model.coordinates]
    scale = place.copy()
    free = np.broadcast_to(low < high, place.shape).copy()
    free[0] &= place[0] < high[0]
    for i, kind in enumerate(kinds, start=1):
        if kind not in _FALLING:
            scale[i] = 1.0
        if kind == "odds":
            scale[i] *= 1 - place[i]
        if kind == "bend":  # it stands for a rate, β: by how much it grows with ln β
            rest = 1 - place[i]
            scale[i] = -np.expm1(-place[i] / rest) * rest**2
        if kind == "share":
            free[i] &= place[i] > low[i]
        if kind in _FALLING:
            free[i] &= place[i] < high[i]
    scale = np.where(free, scale, 0.0)
    with np.errstate(invalid="ignore"):
        matrix = np.moveaxis(hessian * scale[:, None] * scale[None], 2, 0)
    usable = np.isfinite(matrix).all(axis=(1, 2))
    values = np.linalg.eigvalsh(np.where(usable[:, None, None], matrix, 0.0))
    # What is held fixed has an eigenvalue of 0, and those come first.
    first = (~free).sum(axis=0)
    none = first == len(place)
    least = values[np.arange(len(values)), np.minimum(first, len(place) - 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = np.where((least > 0) & usable, values[:, -1] / least, np.inf)
    return np.where(none, 1.0, numbers)


def akaike(log_likelihood, parameters, size) -> tuple[np.ndarray, np.ndarray | np.float64]:
    """AIC and AICc, which is missing where the sample is too small for it.

    ``parameters`` counts the variance where there is one.

    Examples
    --------
    >>> [round(float(value), 3) for value in akaike(17.397, 3, 7)]
    [-28.794, -20.794]
    >>> float(akaike(17.397, 3, 4)[1])
    nan
    """
    aic = np.asarray(-2 * log_likelihood + 2 * parameters)
    room = np.asarray(size - parameters - 1, dtype=float)
    more = 2 * parameters * (parameters + 1) / np.where(room > 0, room, np.nan)
    return aic, aic + more
