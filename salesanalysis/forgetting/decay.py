"""A forgetting curve as the share of what was there at the start, in days."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.time_units import in_unit

#: Nodes of the quadrature; where a curve falls, it is smooth in the fourth root of time.
_NODES = 48


@dataclass(frozen=True, eq=False)
class Decay:
    """What is left, after so many days, of what was known at the start.

    ``start`` is the curve's own value at time 0, at most 1: a curve that is higher, or infinite as
    a power function is, is cut off at 1. ``unit_days`` are the days in one unit of its time.
    """

    curve: ForgettingCurve
    start: float
    unit_days: float

    @classmethod
    def of(cls, curve) -> "Decay":
        """The decay of a curve in any unit of time.

        Raises
        ------
        SalesAnalysisError
            It is no forgetting curve, or nothing is known at its start.
        """
        if not isinstance(curve, ForgettingCurve):
            raise SalesAnalysisError(
                f"`curve` is {type(curve).__name__}; expected a `ForgettingCurve`, as from"
                " `forgetting.fit` or `forgetting.known_curve`."
            )
        if not curve.start > 0:
            raise SalesAnalysisError(
                f"`curve` is {curve.start:g} at time 0 (status {curve.status}): nothing was known"
                " that could be kept."
            )
        unit_days = in_unit(1.0, curve.time_unit, "days")
        return cls(curve=curve, start=curve.start, unit_days=unit_days)

    @property
    def half_life_days(self) -> float:
        """The curve's own half-life; missing where it has none."""
        return float(self.curve.half_life) * self.unit_days

    def share(self, days: ArrayLike) -> np.ndarray | np.float64:
        """The share left, 1 at day 0."""
        known = self.curve.retention(np.asarray(days, dtype=float) / self.unit_days)
        return np.clip(known, 0.0, self.start) / self.start

    def delay(self, share: float) -> float:
        """Days until no more than ``share`` is left; infinite where that never comes."""
        if share >= 1:
            return 0.0
        days = self.curve.time_to(share * self.start) * self.unit_days
        return np.inf if np.isnan(days) else max(days, 0.0)

    def integral(self, days: ArrayLike) -> np.ndarray | np.float64:
        """The integral of the share from 0 up to each of ``days``."""
        nodes, weights = _quadrature()
        days = np.asarray(days, dtype=float)
        level, gone = self._bends
        flat = np.minimum(days, level)
        falling = (np.minimum(days, gone) - flat)[..., None]
        return flat + (self.share(level + falling * nodes) * weights * falling).sum(axis=-1)

    @cached_property
    def _bends(self) -> tuple[float, float]:
        """Days up to which the curve is cut off at its start, and after which nothing is left."""
        form, place = self.curve.form, self.curve.place[:, None]
        level = self.curve.time_to(self.start) * self.unit_days
        gone = float(form.time_to(0.0, self.curve.clock, place)[0]) * self.unit_days
        return min(level, gone), gone


@cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on 0–1, dense near 0, where curves like a power function fall steeply."""
    x, weights = np.polynomial.legendre.leggauss(_NODES)
    u = (x + 1) / 2
    return u**4, weights / 2 * 4 * u**3
