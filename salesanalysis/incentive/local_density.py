"""The density on either side of a point, by a local polynomial through the distribution function.

The empirical distribution function is regressed on powers of the distance to the point, with
weights that fall to 0 at the bandwidth, on both sides at once. The slope at the point is the
density there: no bins, and no bias at the edge of a side.
"""

from dataclasses import dataclass
from math import factorial
from typing import NamedTuple

import numpy as np

KERNELS = ("triangular", "uniform", "epanechnikov")


@dataclass(frozen=True, eq=False)
class Ranked:
    """Distances to the point in order, and the distribution function at each.

    Where several lie at one place, ``height`` is that of the last of them and ``first`` says where
    they begin: rounded figures would otherwise look more certain than they are.
    """

    distance: np.ndarray
    height: np.ndarray
    first: np.ndarray
    n: int


@dataclass(frozen=True)
class Sides:
    """Estimate and variance on the left, on the right, of their difference and of their sum."""

    value: np.ndarray
    variance: np.ndarray
    higher: np.ndarray  # the coefficient of the power asked for, on each side


def rank(values: np.ndarray, point: float, *, ties: bool = True) -> Ranked:
    """The values as distances to the point, in order."""
    distance = np.sort(values - point)
    n = len(distance)
    height = np.arange(n) / (n - 1)
    first = np.arange(n)
    if ties:
        new = starts(distance)
        ends = np.append(new[1:], n)
        first = np.repeat(new, ends - new)
        height = np.repeat(ends - 1, ends - new) / (n - 1)
    return Ranked(distance, height, first, n)


def starts(ordered: np.ndarray) -> np.ndarray:
    """Where in ordered values a new one begins."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


def weights(distance: np.ndarray, left: float, right: float, kernel: str) -> np.ndarray:
    """The kernel's weight of each distance, with a bandwidth for each side."""
    band = np.where(distance < 0, left, right)
    u = np.abs(distance) / band
    if kernel == "uniform":
        return 0.5 / band
    return (1 - u if kernel == "triangular" else 0.75 * (1 - u**2)) / band


def densities(
    ranked: Ranked,
    left: float,
    right: float,
    *,
    degree: int,
    power: int = 1,
    kernel: str = "triangular",
    restricted: bool = False,
    plug_in: bool = False,
) -> Sides:
    """Density (the first power's coefficient) on each side, with its variance.

    ``restricted`` lets only the density itself differ between the sides; else all powers may.
    """
    first, end = np.searchsorted(ranked.distance, [-left, np.nextafter(right, np.inf)])
    zero = int(np.searchsorted(ranked.distance, 0.0))
    if restricted:
        # Powers of one unit on both sides need one bandwidth: that of the left is the unit.
        u = ranked.distance[first:end] / np.repeat([left, right], [zero - first, end - zero])
        over = np.arange(first, end) >= zero
        powers = _powers(u, degree)
        powers = np.vstack([powers[:1], np.where(over, 0, u), np.where(over, u, 0), powers[2:]])
        unit = np.array([1, left, left, *(left**j for j in range(2, degree + 1))])
        parts = [_Part(slice(first, end), powers, unit, [1, 2], [power + 1, power + 1])]
    else:  # the sides have nothing in common, and are two regressions
        parts = [
            _Part(rows, _powers(ranked.distance[rows] / band, degree),
                  float(band) ** np.arange(degree + 1), [1], [power])
            for rows, band in ((slice(first, zero), left), (slice(zero, end), right))
        ]  # fmt: skip
    value, higher, covariance = [], [], np.zeros((2, 2))
    for part in parts:
        weighted = part.powers * weights(ranked.distance[part.rows], left, right, kernel)
        inverse = np.linalg.pinv(_products(weighted, part.powers), rcond=1e-14)
        inverse = inverse / part.unit[:, None]
        coefficient = inverse @ _products(weighted, ranked.height[None, part.rows])[:, 0]
        at = slice(len(value), len(value) + len(part.densities))
        covariance[at, at] = _jackknife(
            ranked, part.rows, np.einsum("jk,kn->jn", inverse[part.densities], weighted)
        )
        value += coefficient[part.densities].tolist()
        higher += coefficient[part.higher].tolist()
    value = np.array(value)
    if plug_in:
        variance = _plug_in(value, ranked.n, left, right, degree, kernel, restricted)
    else:
        variance = _both(covariance)
    return Sides(
        value=np.array([*value, value[1] - value[0], value[1] + value[0]]),
        variance=variance,
        higher=np.array(higher),
    )


class _Part(NamedTuple):
    """One regression: its rows, powers × rows, the unit of each power, and which are asked for."""

    rows: slice
    powers: np.ndarray
    unit: np.ndarray
    densities: list[int]
    higher: list[int]


def _powers(u: np.ndarray, degree: int) -> np.ndarray:
    """The powers of the values from 0 on, one a row."""
    powers = np.ones((degree + 1, len(u)))
    for j in range(1, degree + 1):
        np.multiply(powers[j - 1], u, out=powers[j])
    return powers


def _jackknife(ranked, rows: slice, effect) -> np.ndarray:
    """What one value less would change, summed over the values.

    A value raises the distribution function from its own place on, so its influence is the sum of
    the effects on the estimates from there to the end; whether its own is in it makes no
    difference, since the sum of all of them moves no slope.
    """
    total = np.cumsum(effect[:, ::-1], axis=1)[:, ::-1]
    tail = np.hstack([total[:, 1:], 0 * total[:, :1]]) / (ranked.n - 1)
    influence = tail[:, np.maximum(ranked.first[rows], rows.start) - rows.start]
    return _products(influence, influence)


def _products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Sums of products of rows; matrices so flat are no work for the threads that `@` waits for."""
    return np.einsum("in,jn->ij", one, other)


def _both(covariance: np.ndarray) -> np.ndarray:
    own, cross = np.diag(covariance), covariance[0, 1]
    variance = np.array([*own, own.sum() - 2 * cross, own.sum() + 2 * cross])
    return np.where(variance < 0, np.nan, variance)


def _plug_in(value, n, left, right, degree, kernel, restricted) -> np.ndarray:
    """Variances from the kernel's own moments, as if the density were flat in the window."""
    s, g, _ = moments(degree, kernel)
    if not restricted:
        inverse = np.linalg.inv(s)
        per_density = (inverse @ g @ inverse)[1, 1]
        own = value * per_density / (n * np.array([left, right]))
        return np.array([*own, own.sum(), own.sum()])
    s, g = _spread(s), _spread(g)
    mirror = _mirror(degree)
    inverse = np.linalg.inv(value[0] * mirror @ s @ mirror + value[1] * s)
    middle = value[0] ** 3 * mirror @ g @ mirror + value[1] ** 3 * g
    covariance = (inverse @ middle @ inverse)[1:3, 1:3] / (n * left)
    return _both(covariance)


def moments(degree: int, kernel: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of the kernel on 0–1: of products of powers, of their running sums, of the bias."""
    nodes, weight = np.polynomial.legendre.leggauss(4 * degree + 12)
    x, weight = (nodes + 1) / 2, weight / 2
    shape = {"uniform": 0.5 + 0 * x, "triangular": 1 - x, "epanechnikov": 0.75 * (1 - x**2)}[kernel]
    powers = np.vander(x, degree + 1, increasing=True)
    product = (powers * (weight * shape)[:, None]).T @ powers
    bias = powers.T @ (weight * shape * x ** (degree + 1))
    # From x to 1, exactly: the kernel is a polynomial of degree 2 at most.
    kernel_terms = {
        "uniform": (0.5, 0.0, 0.0),
        "triangular": (1.0, -1.0, 0.0),
        "epanechnikov": (0.75, 0.0, -0.75),
    }[kernel]
    tail = np.zeros_like(powers)
    for j in range(degree + 1):
        for k, factor in enumerate(kernel_terms):
            tail[:, j] += factor * (1 - x ** (j + k + 1)) / (j + k + 1)
    running = (tail * weight[:, None]).T @ tail
    return product, running, bias


def _spread(matrix: np.ndarray) -> np.ndarray:
    """Room for the other side's first power, which is 0 on this side."""
    return np.insert(np.insert(matrix, 1, 0, axis=0), 1, 0, axis=1)


def _mirror(degree: int) -> np.ndarray:
    """The matrix that turns the terms of the right side into those of the left."""
    matrix = np.diag([1.0, 0.0, 0.0, *((-1.0) ** j for j in range(2, degree + 1))])
    matrix[1, 2] = matrix[2, 1] = -1
    return matrix


def bias_constants(degree: int, kernel: str, first, higher, restricted: bool) -> np.ndarray:
    """Leading bias of the density on each side, for a bandwidth of 1.

    ``first`` are the densities, ``higher`` the coefficients of the next power of the distribution
    function, on each side.
    """
    s, _, c = moments(degree, kernel)
    if not restricted:
        constant = np.linalg.solve(s, c)[1]
        return np.array([higher[0] * (-1) ** degree, higher[1]]) * constant
    s, c = _spread(s), np.insert(c, 1, 0)
    mirror = _mirror(degree)
    inverse = np.linalg.inv(first[1] * s + first[0] * mirror @ s @ mirror)
    spread = first[1] * c + (-1) ** (degree + 1) * first[0] * mirror @ c
    return (inverse @ spread)[1:3] * higher[0]


def reference_constant(degree: int, derivative: int) -> float:
    """Variance over squared bias of a derivative at an edge, for a uniform kernel of width 1."""
    s, g, c = moments(degree, "uniform")
    inverse = np.linalg.inv(s)
    variance = (inverse @ g @ inverse)[derivative, derivative]
    return float(variance / (inverse @ c)[derivative] ** 2 * factorial(degree + 1) ** 2)
