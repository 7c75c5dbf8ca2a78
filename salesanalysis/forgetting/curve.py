"""A forgetting curve: what of a training is still there, and how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.forgetting.functions import Clock
from salesanalysis.forgetting.models import Model, require_model
from salesanalysis.forgetting.region import Draws, Region
from salesanalysis.forgetting.status import NO_FIT, SOUND
from salesanalysis.forgetting.time_units import UNIT_SECONDS, require_unit
from salesanalysis.stats import require_level
from salesanalysis.summarised import Summarised


@dataclass(frozen=True, eq=False, repr=False)
class ForgettingCurve(Summarised):
    """Retention as a function of the time since training, fitted or given.

    Made by :func:`fit` and :func:`known_curve`. Retention is a share, 0–1, without what is right
    by guessing alone; times are in ``time_unit``.

    Attributes
    ----------
    model, time_unit : str
    parameters : DataFrame
        One row per parameter: ``name, value, low, high, identified``; limits are missing where
        the data do not give any. A value that is not identified is one of many that fit as well.
    half_life, half_life_low, half_life_high : float
        Time until retention is half of what it was at time 0. A curve that has no finite start
        (power, logarithmic) is taken to start at 1, the most there can be, so its half-life is the
        time until retention is 0.5. Infinite where retention never falls so far; missing where all
        scores are zero.
    status : str
        ``ok``, or why its numbers are not to be quoted: ``not_identified`` (other parameters fit as
        well), ``at_bound`` (a parameter lies at the end of its range), ``few_points`` (no more
        observations than parameters; with fewer distinct times than parameters there is no curve,
        and every number is missing), ``rising`` (retention does not fall), ``constant``,
        ``all_zero``, ``impossible`` (the model starts at 1, and answers were wrong at time 0),
        ``not_converged``; ``known`` for a curve that was given.
    n : int
        Observations: scores, answers (for counts) or learners (for intervals); ``missing`` rows
        were left out because a value is missing.
    guess : float
        Share right by guessing alone; missing where it is not the same for all.
    sse, r_squared : float
        Sum of squared errors; share of the variance about the mean that is explained (centred, so
        it can be negative).
    log_likelihood, aic, aicc : float
        Of the full likelihood: the normal one with the variance SSE / n, which counts as a
        parameter, for scores; for counts the binomial one with the coefficients of the rows as they
        were given, equal to that of a GLM on the same rows. AICc is missing
        where ``n`` minus all parameters minus 1 is not over 0; then ``aicc_refused`` says so.
    condition_number : float
        Of the information about the parameters on a relative scale, the same in every unit; over
        1e6 the data do not tell them apart.
    at_bounds : tuple of str
        Parameters that lie at the end of their range.
    level : float
        Confidence level of the limits above; ``interval``: ``profile``, ``bootstrap`` or ``none``.
    rises : DataFrame
        Where the observed retention is higher than at the time before: ``from_elapsed, to_elapsed,
        rise``.
    """

    model: str
    time_unit: str
    parameters: pd.DataFrame
    half_life: float
    half_life_low: float
    half_life_high: float
    status: str
    n: int = 0
    missing: int = 0
    likelihood: str = "known"
    guess: float = 0.0
    sse: float = np.nan
    r_squared: float = np.nan
    log_likelihood: float = np.nan
    aic: float = np.nan
    aicc: float = np.nan
    aicc_refused: str | None = None
    condition_number: float = np.nan
    at_bounds: tuple[str, ...] = ()
    level: float = 0.95
    interval: str = "none"
    rises: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RISE_COLUMNS))
    form: Model = field(default=None, repr=False)
    clock: Clock = field(default=None, repr=False)
    place: np.ndarray = field(default=None, repr=False)
    spread: Region | Draws | None = field(default=None, repr=False)

    @property
    def identifiable(self) -> bool:
        """Whether the data fix the parameters, so that they may be quoted."""
        return self.status in SOUND

    @property
    def has_curve(self) -> bool:
        """Whether there is any curve, be it sound or not; without one every number is missing."""
        return not np.isnan(self.place).any()

    @property
    def start(self) -> float:
        """Retention at time 0, at most 1; 1 for a curve that has no finite value there."""
        return float(min(self.form.start(self.clock, self._column)[0], 1.0))

    def retention(self, t: ArrayLike) -> np.ndarray:
        """Share still known at each time, in the curve's unit; never outside 0–1.

        Examples
        --------
        >>> curve = known_curve("exponential", half_life=5.1, time_unit="weeks")
        >>> curve.retention([0, 5.1, 13]).round(3)
        array([1.   , 0.5  , 0.171])
        """
        t = np.asarray(t, dtype=float)
        if np.any(t < 0):
            raise SalesAnalysisError(
                f"`t` must be a time since the training, at least 0; the least is {t.min():g}."
            )
        return self._at(t.reshape(1, -1) / self.clock.unit, self._column).reshape(t.shape)

    @overload
    def time_to(self, target: float) -> float: ...
    @overload
    def time_to(self, target: ArrayLike) -> np.ndarray | float: ...
    def time_to(self, target: ArrayLike) -> np.ndarray | float:
        """Time until retention has fallen to ``target``, a share; an array for several of them.

        0 where it starts lower, infinite where it never falls so far.
        """
        targets = np.asarray(target, dtype=float)
        if not np.all((targets > 0) & (targets <= 1)):
            raise SalesAnalysisError(
                f"`target` is {target!r}; expected a share of what can be known, over 0 and at most"
                " 1, such as 0.8."
            )
        times = self.form.time_to(targets.ravel(), self.clock, self._column)
        return times.reshape(targets.shape) if targets.ndim else float(times[0])

    def band(self, t: ArrayLike, *, level: float | None = None) -> pd.DataFrame:
        """Retention at each time with its limits.

        Parameters
        ----------
        t : array-like
            Times in the curve's unit.
        level : float, optional
            Confidence level; that of the fit where not given. It holds for each time by itself.

        Returns
        -------
        DataFrame
            One row per time: ``elapsed, retention, retention_low, retention_high``; the limits are
            missing where the curve was given, or the data do not give any.
        """
        t = np.atleast_1d(np.asarray(t, dtype=float)).ravel()
        times = t[None] / self.clock.unit
        table = pd.DataFrame({"elapsed": t, "retention": self.retention(t)})

        def retention(params):
            return self._at(np.tile(times, params.shape[1] // len(t))[0], params, cut=False)

        low, high = self._limits(retention, len(t), level, (0.0, 1.0))
        if not self.form.starts:
            low, high = (np.where(t > 0, ends, 1.0) for ends in (low, high))
        table["retention_low"], table["retention_high"] = np.clip(low, 0, 1), np.clip(high, 0, 1)
        return table

    def half_life_interval(self, *, level: float | None = None) -> pd.DataFrame:
        """The half-life with its limits: one row ``half_life, half_life_low, half_life_high``."""
        low, high = self.half_life_limits(level)
        values = [self.half_life, low, high]
        return pd.DataFrame([values], columns=["half_life", "half_life_low", "half_life_high"])

    def time_to_interval(self, target: float, *, level: float | None = None) -> pd.DataFrame:
        """The time to a target with its limits: one row ``target, time, time_low, time_high``."""
        time = self.time_to(target)
        goal = float(target)
        low, high = self.time_limits(lambda at: self.form.time_to(goal, self.clock, at), level)
        columns = ["target", "time", "time_low", "time_high"]
        return pd.DataFrame([[float(target), time, low, high]], columns=columns)

    def in_unit(self, time_unit: str) -> "ForgettingCurve":
        """The same curve with its times in another unit."""
        unit = require_unit(time_unit)
        factor = UNIT_SECONDS[self.time_unit] / UNIT_SECONDS[unit]
        clock = replace(self.clock, unit=self.clock.unit * factor)
        rises = self.rises.assign(
            from_elapsed=self.rises["from_elapsed"] * factor,
            to_elapsed=self.rises["to_elapsed"] * factor,
        )
        other = replace(
            self,
            time_unit=unit,
            clock=clock,
            rises=rises,
            half_life=self.half_life * factor,
            half_life_low=self.half_life_low * factor,
            half_life_high=self.half_life_high * factor,
        )
        return replace(other, parameters=other.parameter_table(self.level))

    def summary(self) -> pd.DataFrame:
        """Every number of the curve: one row each, ``name, value, unit``."""
        unit = self.time_unit
        rows = [(row["name"], row["value"], "") for row in self.parameters.to_dict("records")]
        rows += [
            (name, getattr(self, name), unit)
            for name in ("half_life", "half_life_low", "half_life_high")
        ]
        rows += [("n", self.n, "count"), ("missing", self.missing, "count")]
        names = ["sse", "r_squared", "log_likelihood", "aic", "aicc", "condition_number"]
        rows += [(name, getattr(self, name), "") for name in names]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

    def findings(self) -> list[Finding]:
        """What is to be said of the curve, named by its status, with the numbers for it.

        ``no_limit`` instead of ``ok`` where a curve that never falls to its half fits as well.
        """
        seen, half = {"n": self.n}, {"half_life": self.half_life}
        if self.status == "known":
            return [Finding("verdict", "known", half)]
        if self.status == "ok":
            values = seen | half | {"half_life_low": self.half_life_low}
            if np.isinf(self.half_life_high):
                return [Finding("verdict", "no_limit", values)]
            fit = {"half_life_high": self.half_life_high, "r_squared": self.r_squared}
            return [Finding("verdict", "ok", values | fit)]
        if self.status == "few_points":
            size = {"parameters": self.form.size}
            return [Finding("verdict", "few_points", seen | size)]
        if self.status == "not_identified":
            condition = {"condition_number": self.condition_number}
            return [Finding("verdict", "not_identified", seen | condition)]
        if self.status == "at_bound":
            return [Finding("verdict", "at_bound", {"at_bounds": ", ".join(self.at_bounds)})]
        if self.status == "impossible":
            return [Finding("verdict", "impossible")]
        return [Finding("verdict", NO_FIT[self.status], seen)]

    # Inside

    def parameter_table(self, level: float) -> pd.DataFrame:
        """The reported parameters with their limits."""
        values = self.form.report(self.clock, self._column)
        size = self.form.size

        def each(params):
            table = self.form.report(self.clock, params)
            table = np.stack([np.broadcast_to(v, params.shape[1:]) for v in table.values()])
            return table[np.arange(params.shape[1]) % size, np.arange(params.shape[1])]

        low, high = self._limits(each, size, level, (0.0, np.inf))
        table = pd.DataFrame(
            {"name": list(values), "value": [float(v[0]) for v in values.values()]}
        )
        open_ended = ~np.isfinite(high) & (self.status in ("not_identified", "at_bound"))
        sound = self.status in ("ok", "known", "at_bound", "not_identified")
        lost = self.status == "not_identified" and self.spread is None
        return table.assign(low=low, high=high, identified=sound & ~open_ended & (not lost))

    @property
    def _column(self) -> np.ndarray:
        return self.place[:, None]

    def _at(self, times, params, cut=True) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = self.form.retention(times, self.clock, params)
        if not cut:
            return values
        # A level curve is S at all times, also where its function has no value.
        values = np.where(np.isnan(values) & ~np.isnan(times), params[0], values)
        return np.clip(values, 0.0, 1.0)

    def half_life_limits(self, level: float | None) -> tuple[float, float]:
        """Limits of the half-life."""
        return self.time_limits(lambda at: self.form.half_life(self.clock, at), level)

    def time_limits(
        self, time: Callable[[np.ndarray], np.ndarray], level: float | None
    ) -> tuple[float, float]:
        """Limits of a time that is read off a curve, ``time(params)``."""

        def speed(params):
            # Its inverse, because a time may be infinite and a difference of infinities is none.
            return 1 / np.maximum(time(params), 1e-300)

        low, high = self._limits(speed, 1, level, (0.0, np.inf))
        with np.errstate(divide="ignore"):
            return float(1 / high[0]), float(1 / low[0])

    def _limits(self, quantity, size, level, ends) -> tuple[np.ndarray, np.ndarray]:
        if self.spread is None:
            return np.full(size, np.nan), np.full(size, np.nan)
        return self.spread.limits(quantity, size, require_level(level or self.level), ends)


RISE_COLUMNS = ["from_elapsed", "to_elapsed", "rise"]


def known_curve(
    model: str = "exponential",
    *,
    time_unit: str | None = None,
    half_life: float | None = None,
    start: float = 1.0,
    parameters: Mapping[str, float] | None = None,
) -> ForgettingCurve:
    """A curve that is given instead of fitted: a claim, a published fit, an assumption.

    Parameters
    ----------
    model : str
        As for :func:`fit`.
    time_unit : str
        Unit of the half-life and of the parameters.
    half_life : float, optional
        Time until retention is half of ``start``; for ``exponential`` and ``hyperbolic``.
    start : float
        Retention at time 0, with ``half_life``.
    parameters : dict, optional
        The parameters by the names that ``fit`` reports, instead of ``half_life``.

    Returns
    -------
    ForgettingCurve
        With ``status`` ``known`` and no limits.

    Raises
    ------
    SalesAnalysisError
        The unit is missing, or the numbers do not make such a curve.

    Examples
    --------
    >>> curve = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> round(curve.in_unit("days").half_life, 6), round(1 - float(curve.retention(13)), 3)
    (35.7, 0.829)
    >>> power = known_curve("power", parameters={"a": 0.6, "b": 0.2}, time_unit="days")
    >>> round(power.time_to(0.3), 6)
    32.0
    """
    unit = require_unit(time_unit)
    form = require_model(model)
    if (half_life is None) == (parameters is None):
        raise SalesAnalysisError("Give either `half_life` or `parameters`, not both and not none.")
    if half_life is not None:
        if form.name not in ("exponential", "hyperbolic"):
            raise SalesAnalysisError(
                f"`half_life` alone does not make a curve of the model {model!r}; give"
                f" `parameters` with {', '.join(form.reported)}."
            )
        if not (half_life > 0 and 0 < start <= 1):
            raise SalesAnalysisError(
                f"`half_life` is {half_life!r} and `start` {start!r}; expected a time over 0 and a"
                " share over 0 and at most 1."
            )
        rate = np.log(2) if form.name == "exponential" else 1.0
        parameters = {"a": start, "b": rate / half_life}
    require_columns(parameters, form.reported, "`parameters`")
    values = {name: np.array([float(parameters[name])]) for name in form.reported}
    if not all(np.isfinite(v[0]) and v[0] >= 0 for v in values.values()):
        raise SalesAnalysisError(
            f"`parameters` is {parameters!r}; expected numbers that are finite and at least 0."
        )
    minutes = UNIT_SECONDS[unit] / 60
    # A curve that has no start is anchored at one unit of time.
    clock = Clock(1.0, 0.0 if form.starts else 1.0, minutes)
    if form.name.startswith(("ebbinghaus", "wickelgren")):
        # Their inner form needs a longest time that is over a minute; any serves.
        clock = Clock(1e6, 0.0, minutes * 1e6)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale, theta = form.function.place(values, clock)
    if not np.all(np.asarray(scale) > 0):
        raise SalesAnalysisError(
            f"`parameters` is {parameters!r}; expected a curve that starts over 0."
        )
    place = np.array([np.ravel(part)[0] for part in (scale, *theta)], dtype=float)
    curve = ForgettingCurve(
        model=form.name,
        time_unit=unit,
        parameters=pd.DataFrame(),
        half_life=np.nan,
        half_life_low=np.nan,
        half_life_high=np.nan,
        status="known",
        form=form,
        clock=clock,
        place=place,
    )
    return with_numbers(curve)


def with_numbers(curve: ForgettingCurve) -> ForgettingCurve:
    """The curve with its half-life and parameters read off it, and their limits."""
    half_life = float(curve.form.half_life(curve.clock, curve.place[:, None])[0])
    curve = replace(curve, half_life=half_life)
    low, high = curve.half_life_limits(curve.level)
    return replace(
        curve,
        half_life_low=low,
        half_life_high=high,
        parameters=curve.parameter_table(curve.level),
    )
