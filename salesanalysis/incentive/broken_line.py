"""Where a line breaks: the best of all breaks, not the one that a search from a guess ends in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.stats import require_level
from salesanalysis.summarised import Summarised

#: On each side of a break there are at least this many different places.
LEAST_PLACES = 2
#: Numbers that are drawn together: what fits into memory next to their running sums.
_TOGETHER = 1 << 19


@dataclass(frozen=True, eq=False, repr=False)
class Kink(Summarised):
    """A broken line, as from :func:`kink`.

    Attributes
    ----------
    n : int
        Points; pairs with a missing value are left out.
    break_at, break_error, break_low, break_high : float
        Where the slope changes, in the unit of the distance; its standard error by the delta
        method, and the limits of all breaks that fit the data nearly as well (they may be the ends
        of the data: then the data do not say where).
    level_at_break : float
        The effort there.
    slope_left, slope_right, slope_change : float
        Effort per unit of distance before and after the break, and after less before; with
        ``…_error`` the standard errors, the break held where it is.
    residual_sd, r_squared : float
        Spread of the residuals (n − 4 degrees of freedom) and share of variance explained.
    p_value : float
        How often straight lines with residuals drawn from these break as much; missing without
        draws.
    verdict : str
        ``kink`` or ``not_shown``.
    """

    n: int
    break_at: float
    break_error: float
    break_low: float
    break_high: float
    level_at_break: float
    slope_left: float
    slope_left_error: float
    slope_right: float
    slope_right_error: float
    slope_change: float
    slope_change_error: float
    residual_sd: float
    r_squared: float
    p_value: float
    level: float
    verdict: str

    def fitted(self, distance: ArrayLike) -> np.ndarray:
        """The line's effort at given distances."""
        apart = np.asarray(distance, dtype=float) - self.break_at
        slope = np.where(apart < 0, self.slope_left, self.slope_right)
        return self.level_at_break + slope * apart

    def summary(self) -> pd.DataFrame:
        """One row per number: ``name, value, unit``."""
        slopes = "effort per distance"
        rows = [
            ("n", self.n, "points"),
            ("break_at", self.break_at, "distance"),
            ("break_error", self.break_error, "distance"),
            ("break_low", self.break_low, "distance"),
            ("break_high", self.break_high, "distance"),
            ("level_at_break", self.level_at_break, "effort"),
            ("slope_left", self.slope_left, slopes),
            ("slope_right", self.slope_right, slopes),
            ("slope_change", self.slope_change, slopes),
            ("residual_sd", self.residual_sd, "effort"),
            ("r_squared", self.r_squared, "share"),
            ("p_value", self.p_value, "probability"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


def kink(
    distance: pd.DataFrame | ArrayLike,
    effort: ArrayLike | None = None,
    *,
    least_places: int = LEAST_PLACES,
    draws: int = 499,
    level: float = 0.95,
    seed: int = 0,
) -> Kink:
    """One break in the line of effort against the distance to the threshold.

    Both lines meet at the break. All breaks are compared: between two neighbouring distances the
    best one is known in closed form, so the result is the global optimum, whatever the data.

    Parameters
    ----------
    distance : array-like, or DataFrame with the columns ``distance`` and ``effort``
        One point per payee × period, or any other: the x of the regression.
    effort : array-like
        Its y.
    least_places : int
        Different distances that must lie on either side of a break, 2 or more.
    draws : int
        Of the bootstrap that the p value comes from; 0 for none.
    level, seed
        Confidence level and seed of the draws.

    Returns
    -------
    Kink

    Raises
    ------
    SalesAnalysisError
        The two differ in length, or there are fewer than 5 points or too few different distances.

    References
    ----------
    Hudson, D. J. (1966), Journal of the American Statistical Association 61, 1097–1129 (the exact
    search). Muggeo, V. M. R. (2003), Statistics in Medicine 22, 3055–3071 (standard error of the
    break). Interval: breaks that an F test does not reject, Feder, P. I. (1975), Annals of
    Statistics 3, 49–83. Existence: bootstrap under no break, Hansen, B. E. (1996), Econometrica
    64, 413–430.

    Examples
    --------
    >>> distance = np.arange(-10, 11) / 10
    >>> effort = np.where(distance < 0.25, 2 * distance, 0.5) + 0.01 * np.cos(40 * distance)
    >>> line = kink(distance, effort)
    >>> round(line.break_at, 2), round(line.slope_left, 1), round(line.slope_right, 1)
    (0.25, 2.0, -0.0)
    >>> line.verdict
    'kink'
    """
    require_level(level)
    x, y = _points(distance, effort)
    line = _Line(x, least_places)
    residual, straight = line.straight(y)
    place, gain = line.best(residual)
    best, n = float(place[0] + line.middle), len(x)
    covariance, coefficient, sse = _at(x, y, best)
    residual_variance = sse / (n - 4)
    error = np.sqrt(np.maximum(np.diag(covariance) * residual_variance, 0))
    change = coefficient[2]
    right_variance = covariance[1, 1] + covariance[2, 2] + 2 * covariance[1, 2]
    p_value = _existence(line, y, straight[0] / max(sse, 1e-300), draws, seed)
    least = straight[0] - sse * (1 + _f_limit(level, n - 4) / (n - 4))
    low, high = line.supported(residual, min(least, gain[0]), place[0])
    total = float(((y - y.mean()) ** 2).sum())
    shown = p_value < 1 - level if draws else False
    return Kink(
        n=n,
        break_at=best,
        break_error=float(error[3]),
        break_low=low + line.middle,
        break_high=high + line.middle,
        level_at_break=float(coefficient[0]),
        slope_left=float(coefficient[1]),
        slope_left_error=float(error[1]),
        slope_right=float(coefficient[1] + change),
        slope_right_error=float(np.sqrt(max(right_variance * residual_variance, 0))),
        slope_change=float(change),
        slope_change_error=float(error[2]),
        residual_sd=float(np.sqrt(residual_variance)),
        r_squared=1 - sse / total if total else np.nan,
        p_value=p_value,
        level=level,
        verdict="kink" if shown else "not_shown",
    )


def _points(distance, effort) -> tuple[np.ndarray, np.ndarray]:
    """The points in order of distance, without those that are missing."""
    if isinstance(distance, pd.DataFrame):
        require_columns(distance, ["distance", "effort"], "The points")
        distance, effort = distance["distance"], distance["effort"]
    x, y = np.asarray(distance, dtype=float), np.asarray(effort, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise SalesAnalysisError(
            f"`distance` and `effort` are of the shapes {x.shape} and {y.shape}; expected two lists"
            " of the same length."
        )
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


class _Line:
    """All broken lines over the same distances, for one or many rows of efforts at once.

    What the break adds to a straight line is its own part of max(x − break, 0), the part that a
    straight line does not explain. Its gain is a ratio of two polynomials of the break as long as
    no point is passed, and running sums give their coefficients for all gaps between points.
    """

    def __init__(self, x: np.ndarray, least_places: int):
        places = np.unique(x)
        least = max(least_places, LEAST_PLACES)
        if len(x) < 5 or len(places) < 2 * least:
            raise SalesAnalysisError(
                f"A broken line needs 5 points or more and at least {2 * least} different"
                f" distances; there are {len(x)} points at {len(places)}."
            )
        self.middle = x.mean()  # sums of squares far from 0 would lose their digits
        self.x = x - self.middle
        self.knots = (places - self.middle)[least - 1 : len(places) - least + 1]
        self.squares = self.x @ self.x

    def straight(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of the straight line, one row for each row of efforts, and their squares."""
        y = np.atleast_2d(y)
        apart = y - y.mean(axis=1, keepdims=True)
        residual = apart - (apart @ self.x / self.squares)[:, None] * self.x
        return residual, (residual**2).sum(axis=1)

    def _coefficients(self, residual: np.ndarray, at: np.ndarray):
        """Of the gain's root, a − b·break, and of its divisor, for breaks from each ``at`` on."""
        first = np.searchsorted(self.x, at, side="right")

        def beyond(values: np.ndarray) -> np.ndarray:
            total = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
            return np.concatenate([total, np.zeros((*total.shape[:-1], 1))], axis=-1)[..., first]

        a, b = beyond(residual * self.x), beyond(residual)
        many, sx, sxx = beyond(np.ones_like(self.x)), beyond(self.x), beyond(self.x**2)
        n = len(self.x)
        divisor = (
            sxx - sx**2 / n - sxx**2 / self.squares,
            2 * (many * sx / n + sxx * sx / self.squares - sx),
            many - many**2 / n - sx**2 / self.squares,
        )
        return a, b, divisor

    def gains(self, residual: np.ndarray, at: np.ndarray) -> np.ndarray:
        """By how much a break at each of these points lowers the sum of squares."""
        a, b, (c0, c1, c2) = self._coefficients(residual, at)
        return (a - b * at) ** 2 / np.maximum(c0 + c1 * at + c2 * at**2, 1e-12 * self.squares)

    def best(self, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The break of the greatest gain for each row, and that gain."""
        # In each gap the gain has its peak inside, or at an end: its beginning or that of the next.
        low, high = self.knots, np.append(self.knots[1:], self.knots[-1])
        a, b, (c0, c1, c2) = self._coefficients(residual, low)
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = -(2 * b * c0 + a * c1) / (2 * a * c2 + b * c1)
        place = np.where((inner > low) & (inner < high), inner, low)
        divisor = np.maximum(c0 + c1 * place + c2 * place**2, 1e-12 * self.squares)
        gain = (a - b * place) ** 2 / divisor
        at = np.argmax(gain, axis=1)[:, None]
        return np.take_along_axis(place, at, 1)[:, 0], np.take_along_axis(gain, at, 1)[:, 0]

    def supported(self, residual: np.ndarray, least: float, best: float) -> tuple[float, float]:
        """The lowest and highest break whose gain is at least that."""
        from scipy.optimize import brentq

        # Between two places the gain has one peak at most, but may cross the least gain there.
        inner = np.linspace(self.knots[:-1], self.knots[1:], 5).ravel()
        grid = np.unique(np.concatenate([inner, [best]]))
        within = (self.gains(residual, grid)[0] >= least) | (grid == best)
        first, last = np.flatnonzero(within)[[0, -1]]

        def apart(at: float) -> float:
            return float(self.gains(residual, np.array([at]))[0, 0]) - least

        def cross(inside: float, outside: float) -> float:
            return brentq(apart, inside, outside) if apart(inside) > 0 else inside

        low = cross(grid[first], grid[first - 1]) if first else grid[0]
        high = cross(grid[last], grid[last + 1]) if last + 1 < len(grid) else grid[-1]
        return float(low), float(high)


def _at(x: np.ndarray, y: np.ndarray, at: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Unscaled covariance of level, slope, its change and the break; the first three; the SSE."""
    over = x - at
    base = np.column_stack([np.ones_like(x), over, np.maximum(over, 0)])
    coefficient = np.linalg.lstsq(base, y, rcond=None)[0]
    moving = np.column_stack([base, -coefficient[2] * (over > 0)])
    sse = float(((y - base @ coefficient) ** 2).sum())
    return np.linalg.pinv(moving.T @ moving), coefficient, sse


def _f_limit(level: float, degrees: int) -> float:
    from scipy.special import fdtri

    return float(fdtri(1, degrees, level))


def _existence(line: _Line, y, observed: float, draws: int, seed: int) -> float:
    """Share of straight lines, with these residuals, that break at least as much."""
    if not draws:
        return np.nan
    residual, _ = line.straight(y)
    rng = np.random.default_rng(seed)
    as_much, step = 0, max(1, _TOGETHER // len(y))
    for first in range(0, draws, step):
        size = (min(step, draws - first), len(y))
        drawn, straight = line.straight(rng.choice(residual[0], size=size))
        rest = np.maximum(straight - line.best(drawn)[1], 1e-300)
        as_much += int((straight / rest >= observed).sum())
    return (1 + as_much) / (draws + 1)
