"""The counterfactual at a kink where everybody beyond the threshold moved down by the same factor.

Who would have ended at z beyond the threshold ends at z ÷ factor, or at the threshold itself where
that is less. So the bins beyond show a stretch of the smooth curve that lies further up, and what
the curve holds between is in the bunching region. One factor makes the two agree.
"""

import numpy as np

from salesanalysis.incentive.bunching_fit import Window

#: Factors that are tried: beyond them a kink is no longer what is seen.
LEAST, MOST, STEPS = 0.8, 1.8, 201


def solve(region: Window, counts: np.ndarray, height: float):
    """Factors, counterfactuals and excess mass of each row of counts.

    ``height`` is the threshold in bin widths. Where no factor fits, the numbers are missing.
    """
    counts = np.atleast_2d(counts)
    region.require_bins()
    grid = np.linspace(LEAST, MOST, STEPS)
    factors = _crossing(grid, counts @ _gaps(region, grid, height).T)
    known = np.flatnonzero(np.isfinite(factors))
    if len(counts) == 1 and len(known):
        # Draws of a bootstrap can do with the grid and a line in between; the estimate cannot.
        factors[0] = _refined(region, counts[0], factors[0], height)
    coefficient = np.einsum("ftb,fb->ft", _fits(region, factors[known], height), counts[known])
    curve, controls = np.split(coefficient, [region.degree + 1], axis=1)
    found = np.full(counts.shape, np.nan)
    bins = _integrals(region, region.bins - 0.5, region.bins + 0.5)
    found[known] = curve @ bins.T + controls @ region.terms[:, region.degree + 1 :].T
    mass = np.full(len(counts), np.nan)
    way = (factors[known] - 1) * height
    mass[known] = (_integrals(region, np.zeros_like(way), way) * curve).sum(axis=1)
    return factors, found, mass, found[:, region.bins == 0][:, 0]


def _edges(region: Window, factors: np.ndarray, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the payees of each bin would have ended, in bins from the threshold."""
    low, high = region.bins - 0.5, region.bins + 0.5
    beyond = region.bins > region.right
    factors = factors[:, None]
    moved = [factors * edge + (factors - 1) * height for edge in (low, high)]
    return np.where(beyond, moved[0], low), np.where(beyond, moved[1], high)


def _integrals(region: Window, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """What each power holds between two edges."""
    scale = float(np.abs(region.bins).max() + 1)
    powers = np.arange(1, region.degree + 2)
    up, down = ((edge[..., None] / scale) ** powers for edge in (high, low))
    return (up - down) * scale / powers


def _fits(region: Window, factors: np.ndarray, height: float) -> np.ndarray:
    """For each factor, the matrix from counts to the coefficients of curve and controls."""
    curve = _integrals(region, *_edges(region, factors, height))
    controls = region.terms[:, region.degree + 1 :]
    shape = (len(factors), *controls.shape)
    design = np.concatenate([curve, np.broadcast_to(controls, shape)], axis=2)
    kept = ~region.excluded
    q, r = np.linalg.qr(design[:, kept])
    matrix = np.zeros((len(factors), design.shape[2], len(region.bins)))
    matrix[:, :, kept] = np.linalg.solve(r, np.swapaxes(q, 1, 2))
    return matrix


def _gaps(region: Window, factors: np.ndarray, height: float) -> np.ndarray:
    """Weights of the counts: what the curve puts into the bunching region, less what is there."""
    low = np.full(len(factors), -region.left - 0.5)
    high = factors * (region.right + 0.5) + (factors - 1) * height
    controls = region.terms[region.excluded, region.degree + 1 :].sum(axis=0)
    holds = np.concatenate(
        [_integrals(region, low, high), np.broadcast_to(controls, (len(factors), len(controls)))],
        axis=1,
    )
    return np.einsum("ft,ftb->fb", holds, _fits(region, factors, height)) - region.excluded


def _crossing(grid: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """The factor nearest to 1 at which the gap changes its sign from minus to plus."""
    rises = (gaps[:, :-1] < 0) & (gaps[:, 1:] >= 0)
    far = np.where(rises, np.abs(grid[:-1] - 1), np.inf)
    at = np.argmin(far, axis=1)
    rows = np.arange(len(gaps))
    before, after = gaps[rows, at], gaps[rows, at + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = grid[at] - before * (grid[at + 1] - grid[at]) / (after - before)
    return np.where(np.isfinite(far[rows, at]), factor, np.nan)


def _refined(region: Window, counts: np.ndarray, factor: float, height: float) -> float:
    """A few steps of the secant from the grid's answer: exact to what counts can tell."""
    a, b = factor - 1e-3, factor
    at_a, at_b = _gaps(region, np.array([a, b]), height) @ counts
    for _ in range(3):
        if at_a == at_b or abs(at_b) < 1e-9:
            break
        a, b, at_a = b, b - at_b * (b - a) / (at_b - at_a), at_b
        at_b = float((_gaps(region, np.array([b]), height) @ counts)[0])
    return float(b)
