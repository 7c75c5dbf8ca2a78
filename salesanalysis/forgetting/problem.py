"""One model and one set of data, ready to be solved: bounds, best curve, and what is wrong with it.

The best curve is sought in units of the longest time, so that nothing depends on the user's.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forgetting.curve import RISE_COLUMNS, ForgettingCurve
from salesanalysis.forgetting.functions import Clock
from salesanalysis.forgetting.likelihoods import Objective
from salesanalysis.forgetting.merging import merged
from salesanalysis.forgetting.minimum import Minima, minimise
from salesanalysis.forgetting.models import Model
from salesanalysis.forgetting.observations import Observations
from salesanalysis.forgetting.region import Draws, Region
from salesanalysis.forgetting.search import (
    Span,
    beyond_bounds,
    coordinate_bounds,
    descend,
    shares,
)
from salesanalysis.forgetting.status import (
    EQUAL,
    FEW_FOR_AICC,
    akaike,
    at_ends,
    condition_numbers,
    judged,
    level_ones,
)
from salesanalysis.forgetting.time_units import UNIT_SECONDS

#: With more distinct times than this, the search and the intervals take neighbours together.
MOST_TIMES = 1_000
#: Steps upwards are listed for no more distinct times than this: with more they are single scores.
MOST_RISES = 50


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be solved.

    Attributes
    ----------
    objective : Objective
    span : Span
    low, high : arrays
        Bounds of S and of the coordinates; equal where one is held fixed.
    seen : Observations
    time_unit : str
    """

    objective: Objective
    span: Span
    low: np.ndarray
    high: np.ndarray
    seen: Observations
    time_unit: str

    @classmethod
    def of(cls, form: Model, seen: Observations, unit: str, *, start, bounded) -> "Problem":
        """The problem that these data and wishes make."""
        start = require_start(form, seen.likelihood, start)
        fixed = start is not None
        told, wanted = enough(form, seen, start)
        if told < wanted:
            raise SalesAnalysisError(
                f"The model {form.name!r} has {wanted} parameters to estimate and `scores` has"
                f" {told} distinct times to do it with; expected at least {wanted}. Use a model"
                " with fewer parameters, fix `start`, or pool learners with `pooled`."
            )
        times = seen.times
        longest = times.max()
        from_zero = fixed or (bounded and form.starts)
        reference = 0.0 if from_zero else times[0]
        later = times[times > reference]
        clock = Clock(longest, reference / longest, UNIT_SECONDS[unit] / 60 * longest)
        span = Span(clock.reference, later[0] / longest, (later[0] - reference) / longest)
        negative = seen.likelihood == "least_squares" and not bounded
        low, high = coordinate_bounds(form, span, negative=negative)
        ceiling = np.inf if negative else 1.0
        ends = (start, start) if fixed else (0.0, ceiling)
        objective = Objective(form, clock, in_units_of(seen.data, longest))
        low, high = np.array([ends[0], *low]), np.array([ends[1], *high])
        return cls(objective, span, low, high, seen, unit)

    @property
    def wanted(self) -> int:
        """How many parameters are estimated."""
        return int((self.low < self.high).sum())

    def solved(self) -> ForgettingCurve:
        """The best curve, with what there is to say of it but its intervals."""
        found = self._best()
        model, size = self.objective.model, self.seen.size
        flat, params = level_ones(model, self.objective.clock, found.params[:, :1])
        place = in_order(model, params)[:, 0]
        low, high = self.low[:, None], self.high[:, None]
        hessian = self.objective.evaluate(place[:, None])[2]
        condition = condition_numbers(hessian, place[:, None], low, high, model)
        log_likelihood = self.objective.data.log_likelihood(found.value[:1], size)
        log_likelihood = log_likelihood + self.seen.log_ways
        scores = self.seen.likelihood == "least_squares"
        aic, aicc = akaike(log_likelihood[0], self.wanted + scores, size)
        sse, r_squared = self._errors(place)
        ends = self._at_bounds(place)
        status = judged(
            nothing=place[0] <= EQUAL or self._nothing(),
            impossible=~np.isfinite(found.value[0]),
            constant=self._constant(),
            flat=flat[0],
            few=scores and size <= self.wanted,
            converged=found.converged[0],
            condition=condition[0],
            # Nobody can know more than everything: a start of 1 is a sound estimate.
            at_bound=bool(set(ends) - {"start"}),
        )
        return ForgettingCurve(
            model=model.name,
            time_unit=self.time_unit,
            parameters=pd.DataFrame(),
            half_life=np.nan,
            half_life_low=np.nan,
            half_life_high=np.nan,
            status=str(status),
            n=size,
            missing=self.seen.missing,
            likelihood=self.seen.likelihood,
            guess=np.nan if np.ndim(self.seen.data.guess) else self.seen.data.guess,
            sse=sse,
            r_squared=r_squared,
            log_likelihood=float(log_likelihood[0]),
            aic=float(aic),
            aicc=float(aicc),
            aicc_refused=None if np.isfinite(aicc) else FEW_FOR_AICC,
            condition_number=float(condition[0]),
            at_bounds=ends,
            rises=self._rises(),
            form=model,
            clock=self.objective.clock,
            place=place,
        )

    def region(self, curve: ForgettingCurve) -> Region | Draws | None:
        """The curves that fit nearly as well; none where scores leave no error to go by."""
        objective = self.small
        value = float(objective.value(curve.place[:, None])[0])
        beyond = np.array([np.nan, *beyond_bounds(objective.model, self.high[1:])])
        if self.seen.likelihood != "least_squares":
            return Region(objective, curve.place, self.low, self.high, beyond, value)
        free = self.seen.size - self.wanted
        if free < 1 or curve.status in ("constant", "all_zero"):
            return None
        if curve.sse <= 1e8 * self.noise:  # a curve without any error: no other fits as well
            return Draws(curve.place[:, None])
        variance = curve.sse / free
        return Region(objective, curve.place, self.low, self.high, beyond, value, free, variance)

    @property
    def small(self) -> Objective:
        """The objective with neighbouring times put together where there are very many."""
        return replace(self.objective, data=merged(self.objective.data, MOST_TIMES))

    @property
    def noise(self) -> float:
        """What values of the objective differ by through rounding alone."""
        if self.seen.likelihood == "least_squares":
            return float(self.objective.data.rounding[0])
        return 1e-15 * self.seen.size

    def _best(self) -> Minima:
        if self._nothing() and self.low[0] == 0:
            place = np.where(np.isfinite(self.low), self.low, 0.0)[:, None]
            return Minima(place, self.objective.value(place), np.array([True]))
        found = descend(self.small, self.span, self.low, self.high, noise=self.noise)
        if self.small.data is self.objective.data:
            return found
        start = found.params[:, :3]
        found = minimise(
            self.objective, start, self.low[:, None], self.high[:, None], noise=self.noise
        )
        order = np.argsort(found.value, kind="stable")
        return Minima(found.params[:, order], found.value[order], found.converged[order])

    def _nothing(self) -> bool:
        """Whether nothing at all is retained."""
        if self.seen.likelihood == "interval":
            return False
        return bool((shares(self.objective.data)[1] <= 0).all())

    def _constant(self) -> bool:
        return self.seen.likelihood != "interval" and bool(np.ptp(self._observed()[1]) <= EQUAL)

    def _at_bounds(self, place) -> tuple[str, ...]:
        names = ["start", *(coordinate.name for coordinate in self.objective.model.coordinates)]
        ends = at_ends(place, self.low, self.high)
        return tuple(name for name, end in zip(names, ends, strict=True) if end)

    def _observed(self) -> tuple[np.ndarray, np.ndarray]:
        """The distinct times and the mean share retained at each."""
        times, share, weight = (a[:, 0] for a in shares(self.objective.data))
        distinct, at = np.unique(times, return_inverse=True)
        means = np.bincount(at, weights=weight * share) / np.bincount(at, weights=weight)
        return distinct * self.objective.clock.unit, means

    def _errors(self, place) -> tuple[float, float]:
        """Squared errors of the observed shares, and the share of their variance explained."""
        if self.seen.likelihood == "interval":
            return np.nan, np.nan
        data = self.objective.data
        _, share, _ = shares(data)
        fitted = self.objective.model.retention(data.times, self.objective.clock, place[:, None])
        right = data.guess + (1 - data.guess) * share
        sse = float((((share - fitted) * (1 - data.guess)) ** 2).sum())
        total = float(((right - right.mean()) ** 2).sum())
        return sse, 1 - sse / total if total > 0 else np.nan

    def _rises(self) -> pd.DataFrame:
        if self.seen.likelihood == "interval":
            return pd.DataFrame(columns=RISE_COLUMNS, dtype=float)
        times, means = self._observed()
        up = np.flatnonzero(np.diff(means) > EQUAL) if len(times) <= MOST_RISES else []
        rows = [(times[i], times[i + 1], means[i + 1] - means[i]) for i in up]
        return pd.DataFrame(rows, columns=RISE_COLUMNS, dtype=float)


def enough(form: Model, seen: Observations, start: float | None) -> tuple[int, int]:
    """Distinct times that tell something, and parameters to be told; too few is no fit."""
    fixed = start is not None
    # At time 0 a start that is held fixed leaves nothing to tell.
    told = int((seen.times > 0).sum()) if fixed else len(seen.times)
    return told, form.size - (fixed and not form.full_start)


def no_curve(form: Model, unit: str, seen: Observations) -> ForgettingCurve:
    """What a fit gives where there are fewer distinct times than parameters: no number at all."""
    nothing = np.full(1 + len(form.coordinates), np.nan)
    clock = Clock(1.0, 0.0 if form.starts else 1.0, UNIT_SECONDS[unit] / 60)
    return ForgettingCurve(
        model=form.name,
        time_unit=unit,
        parameters=pd.DataFrame(
            {"name": form.reported, "value": np.nan, "low": np.nan, "high": np.nan}
        ).assign(identified=False),
        half_life=np.nan,
        half_life_low=np.nan,
        half_life_high=np.nan,
        status="few_points",
        n=seen.size,
        missing=seen.missing,
        likelihood=seen.likelihood,
        aicc_refused=FEW_FOR_AICC,
        form=form,
        clock=clock,
        place=nothing,
    )


def require_start(form: Model, likelihood: str, start) -> float | None:
    """The retention at time 0 that is held fixed, or None where it is estimated."""
    fixed = 1.0 if form.full_start or likelihood == "interval" else None
    if start is None:
        if likelihood == "interval" and not form.starts:
            raise SalesAnalysisError(
                f"The model {form.name!r} has no value at time 0, where loss times begin with 1;"
                " use exponential, hyperbolic, wickelgren or ebbinghaus."
            )
        return fixed
    if not form.starts:
        raise SalesAnalysisError(f"`start` does not apply to {form.name!r}: no value at time 0.")
    if not 0 < start <= 1:
        raise SalesAnalysisError(
            f"`start` is {start!r}; expected the retention at time 0, over 0 and at most 1."
        )
    if fixed is not None and start != fixed:
        raise SalesAnalysisError(
            f"`start` is {start!r}, but here retention at time 0 is 1 by definition."
        )
    return float(start)


def in_units_of(data, longest):
    """The data with their times in units of the longest one."""
    names = ("known", "lost") if hasattr(data, "known") else ("times",)
    return replace(data, **{name: getattr(data, name) / longest for name in names})


def in_order(model: Model, params: np.ndarray) -> np.ndarray:
    """Of two exponentials the faster first, in each curve."""
    if not model.name.startswith("double_exponential"):
        return params
    start, fast, slow, first, *rest = params
    ordered = np.stack([start, np.maximum(fast, slow), np.minimum(fast, slow), first, *rest])
    ordered[3] = np.where(fast >= slow, first, 1 - first)
    return ordered
