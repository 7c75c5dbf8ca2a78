"""How wide to look on either side of a point when densities are compared there."""

import numpy as np

from salesanalysis.incentive.local_density import (
    Ranked,
    bias_constants,
    densities,
    reference_constant,
    starts,
)

#: Each side holds at least this many values, and the number of terms of the polynomial more.
LEAST_LOCAL = 20


def bandwidths(
    ranked: Ranked, *, degree: int, kernel: str, restricted: bool, plug_in: bool, choice: str
) -> tuple[float, float]:
    """The bandwidths of least mean squared error on the left and on the right.

    ``choice`` is the error that is made least: of the densities ``each`` by itself, of their
    ``difference``, of their ``sum``; ``combined`` takes the median of the three for each side, or
    the lesser of the last two where the fit is restricted.
    """
    each, difference, total = _optimal(ranked, degree, kernel, restricted, plug_in)
    if choice == "difference":
        return difference, difference
    if choice == "sum":
        return total, total
    if choice == "each":
        return each[0], each[1]
    if restricted:
        return (min(difference, total),) * 2
    return tuple(float(np.median([side, difference, total])) for side in each)


def _optimal(ranked, degree, kernel, restricted, plug_in):
    x, n = ranked.distance, ranked.n
    wide, narrow = _preliminary(x, n, degree)
    places = x[starts(x)]
    reach = np.abs(places).max()
    widest = max(min(wide, reach), _least(x, places, LEAST_LOCAL + degree + 3))
    narrowest = max(min(narrow, reach), _least(x, places, LEAST_LOCAL + degree + 1))
    fit = {"kernel": kernel, "restricted": restricted, "plug_in": plug_in}
    curve = densities(ranked, widest, widest, degree=degree + 2, power=degree + 1, **fit)
    level = densities(ranked, narrowest, narrowest, degree=degree, **fit)
    own = bias_constants(degree, kernel, level.value[:2], curve.higher, restricted)
    bias = np.array([*own, own[1] - own[0], own[1] + own[0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        best = (n * narrowest * level.variance / bias**2 / (2 * degree * n)) ** (
            1 / (2 * degree + 1)
        )
    best = np.nan_to_num(best, nan=0.0, posinf=np.inf)
    limits = [abs(places[0]), places[-1], reach, reach]
    left, right = _least_sides(x, places, LEAST_LOCAL + degree + 1)
    floors = [left, right, max(left, right), max(left, right)]
    best = np.maximum(np.minimum(best, limits), floors)
    return (float(best[0]), float(best[1])), float(best[2]), float(best[3])


def _preliminary(x: np.ndarray, n: int, degree: int) -> tuple[float, float]:
    """Bandwidths that would be best for a normal distribution: of a high derivative, of a density.

    The constants are those of a uniform kernel at an edge.
    """
    from numpy.polynomial.hermite_e import hermeval

    spread = x.std(ddof=1)
    z = x.mean() / spread
    normal = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    def inverse_curvature(order: int) -> float:
        derivative = hermeval(z, [0] * order + [1])
        return 1 / (derivative**2 * normal) if derivative and normal else np.inf

    high = reference_constant(degree + 2, degree + 1)
    low = reference_constant(degree, 1)
    wide = (2 * degree + 1) / 4 * inverse_curvature(degree + 2) * high / n
    narrow = 1 / (2 * degree) * inverse_curvature(degree) * low / n
    return (
        float(wide ** (1 / (2 * degree + 5)) * spread),
        float(narrow ** (1 / (2 * degree + 1)) * spread),
    )


def _least_sides(x: np.ndarray, places: np.ndarray, least: int) -> tuple[float, float]:
    """Distances within which each side has so many values, and so many different ones."""
    left, right = [], []
    for v in (x, places):
        zero = int(np.searchsorted(v, 0.0))
        left.append(-v[max(zero - least, 0)])
        right.append(v[min(zero + least, len(v)) - 1])
    return float(max(left)), float(max(right))


def _least(x: np.ndarray, places: np.ndarray, least: int) -> float:
    return max(_least_sides(x, places, least))
