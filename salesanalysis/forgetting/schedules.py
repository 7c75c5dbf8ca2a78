"""When to refresh a training so that what is known never falls under a target."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.summarised import Summarised

DAYS_A_WEEK = 7.0
#: More refreshers than this in one schedule are a mistake in the arguments.
MOST_REFRESHERS = 1_000
#: A level that is nearer to the target than this has not fallen under it: the rest is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class RefresherCost:
    """What one refresher takes.

    Parameters
    ----------
    hours : float
        Of one refresher.
    people : float
        Who attend.
    rate : float
        What an hour of one of them costs; missing where it is not known.

    Examples
    --------
    >>> RefresherCost(hours=2, people=10, rate=60).total
    1200.0
    """

    hours: float = 1.0
    people: float = 1.0
    rate: float = np.nan

    def __post_init__(self):
        for name in ("hours", "people"):
            require_number(name, getattr(self, name), over=0)
        if self.rate < 0:
            raise SalesAnalysisError(
                f"`rate` is {self.rate!r}; expected the cost of one person's hour."
            )

    @property
    def person_hours(self) -> float:
        """Hours of all people."""
        return float(self.hours * self.people)

    @property
    def total(self) -> float:
        """Hours × people × rate."""
        return self.person_hours * self.rate


@dataclass(frozen=True, eq=False, repr=False)
class Schedule(Summarised):
    """Refreshers after a training, and what is known between them.

    Made by :func:`schedule` (as few as keep the target) and :func:`spaced_schedule` (a given
    number). Time runs from the training.

    Attributes
    ----------
    refreshers : DataFrame
        One row per refresher: ``number`` (from 1), ``weeks`` and ``days`` since the training (not
        rounded), ``gap_days`` since the training or refresher before, ``retention_before,
        retention_after`` (shares 0–1), ``lengthening`` (how many times longer than after the
        training what is known lasts from here on), ``half_life_days`` (from here on; missing where
        the curve has none).
    curve : ForgettingCurve
        How the training is forgotten without refreshers.
    spacing : str
        ``target``, ``none``, ``massed``, ``equal``, ``expanding`` or ``optimal``.
    target, horizon_weeks, effect, restores, full_effect_at
        As given to the function that made it.
    each : RefresherCost
        What one refresher takes.
    """

    refreshers: pd.DataFrame
    curve: object = field(repr=False)
    spacing: str
    target: float
    horizon_weeks: float
    effect: float
    restores: float
    full_effect_at: float
    each: RefresherCost

    def retention(self, weeks: ArrayLike) -> np.ndarray | np.float64:
        """The share known so many weeks after the training; at a refresher, that after it."""
        days = np.asarray(weeks, dtype=float) * DAYS_A_WEEK
        if (days < 0).any():
            raise SalesAnalysisError("`weeks` must not be negative: time runs from the training.")
        at, top, lengthening = self._pieces()
        piece = np.searchsorted(at, days, side="right") - 1
        passed = (days - at[piece]) / lengthening[piece]
        return top[piece] * self._decay.share(passed)

    def mean_retention(
        self, start_weeks: ArrayLike = 0.0, end_weeks: ArrayLike | None = None
    ) -> np.ndarray | np.float64:
        """The mean share known from one week to another, of each pair; over the horizon without."""
        end_weeks = self.horizon_weeks if end_weeks is None else end_weeks
        start, end = (np.asarray(w, dtype=float) * DAYS_A_WEEK for w in (start_weeks, end_weeks))
        return (self._known_days(end) - self._known_days(start)) / (end - start)

    def path(self, *, steps: int = 20) -> pd.DataFrame:
        """The share known over time, for a picture: ``weeks, retention, target``.

        One row per point in time, ``steps`` of them between two refreshers; at a refresher two, one
        before it and one after.
        """
        at, top, lengthening = self._pieces()
        ends = np.append(at[1:], self.horizon_weeks * DAYS_A_WEEK)
        weeks, known = [], []
        for begin, end, level, slower in zip(at, ends, top, lengthening, strict=True):
            passed = np.linspace(0.0, 1.0, steps) ** 2 * (end - begin)  # dense where it is steep
            weeks.append((begin + passed) / DAYS_A_WEEK)
            known.append(level * self._decay.share(passed / slower))
        path = pd.DataFrame({"weeks": np.concatenate(weeks), "retention": np.concatenate(known)})
        return path.assign(target=self.target)

    @property
    def min_retention(self) -> float:
        """The least share known at any moment up to the horizon."""
        lows = self.refreshers["retention_before"].to_list()
        return float(min([*lows, self.end_retention]))

    @property
    def end_retention(self) -> float:
        """The share known at the horizon, before a refresher that would come just then."""
        return float(self.retention(self.horizon_weeks))

    @property
    def under_target_share(self) -> float:
        """The share of the time up to the horizon in which less than the target is known."""
        at, top, lengthening = self._pieces()
        ends = np.append(at[1:], self.horizon_weeks * DAYS_A_WEEK)
        good = lengthening * np.array([self._decay.delay(self.target / level) for level in top])
        under = np.maximum(ends - at - good, 0.0)
        # What rounding leaves of a refresher that comes exactly in time is not time under target.
        under[under <= _ROUNDING * ends] = 0.0
        return float(under.sum() / (self.horizon_weeks * DAYS_A_WEEK))

    @property
    def person_hours(self) -> float:
        """Hours of all people in all refreshers."""
        return len(self.refreshers) * self.each.person_hours

    @property
    def cost(self) -> float:
        """Hours × people × rate of all refreshers; missing where the rate is not known."""
        return self.person_hours * self.each.rate

    def summary(self) -> pd.DataFrame:
        """The schedule in numbers: ``name, value, unit``."""
        weeks = self.refreshers["weeks"]
        rows = [
            ("refreshers", len(weeks), "count"),
            ("first_weeks", weeks.iloc[0] if len(weeks) else np.nan, "weeks"),
            ("last_weeks", weeks.iloc[-1] if len(weeks) else np.nan, "weeks"),
            ("mean_retention", float(self.mean_retention()), "share"),
            ("min_retention", self.min_retention, "share"),
            ("end_retention", self.end_retention, "share"),
            ("under_target_share", self.under_target_share, "share"),
            ("person_hours", self.person_hours, "hours"),
            ("cost", self.cost, "amount"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"]).astype({"value": float})

    @cached_property
    def _decay(self) -> Decay:
        return Decay.of(self.curve)

    def _pieces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of the time after the training and after each refresher: begin, level there, slowness."""
        at = np.append(0.0, self.refreshers["days"])
        top = np.append(self._decay.start, self.refreshers["retention_after"])
        return at, top, np.append(1.0, self.refreshers["lengthening"])

    def _known_days(self, days) -> np.ndarray:
        """The integral of what is known from the training up to each of ``days``."""
        at, top, lengthening = self._pieces()
        passed = np.clip(days[..., None] - at, 0.0, np.append(np.diff(at), np.inf))
        return (top * lengthening * self._decay.integral(passed / lengthening)).sum(axis=-1)


def schedule(
    curve: ForgettingCurve,
    *,
    target: float = 0.8,
    horizon_weeks: float = 52.0,
    effect: float | ReinforcementEffect = 1.0,
    restores: float = 1.0,
    each: RefresherCost = RefresherCost(),
) -> Schedule:
    """The fewest refreshers that keep what is known at or over a target.

    What a refresher does: it brings what is known back to ``restores`` and makes everything last
    ``effect`` times longer than before. With R the curve, R₀ its value at time 0 and
    ``delay(x)`` the time at which R falls to x:

    - time of refresher 1 = delay(target), or 0 where R₀ is under the target already;
    - between refresher i and i+1 the share known is restores × R(t / effectⁱ) / R₀ at time t after
      refresher i, so time(i+1) = time(i) + effectⁱ × delay(target × R₀ / restores).

    For an exponential curve with R₀ = 1 and ``restores`` = 1 that is time(i+1) = time(i) +
    half-life × effectⁱ × log₂(1 / target). For other curves effectⁱ stretches the time axis. A
    curve that starts over 1 (a power function is infinite at 0) is cut off there.

    As every refresher costs the same and lengthens as much whenever it comes, the cheapest is to
    have each as late as the target allows: no other schedule that keeps the target has fewer. A
    refresher that would be due at the horizon or later is not needed.

    Parameters
    ----------
    curve : ForgettingCurve
        As from :func:`fit`, :func:`known_curve` or :func:`fsrs_curve`.
    target : float
        Share (0–1) that must always be known.
    horizon_weeks : float
        For how long after the training.
    effect : float or ReinforcementEffect
        How many times longer each refresher makes things last; 1 for no more than bringing back.
        The result of :func:`reinforcement_effect` stands for its factor.
    restores : float
        Share known right after a refresher.
    each : RefresherCost
        Hours of one refresher, people who attend, cost of one person's hour.

    Returns
    -------
    Schedule

    Raises
    ------
    SalesAnalysisError
        An argument is out of its limits, refreshers do not reach the target, or it would take more
        than 1,000 of them.

    References
    ----------
    Lengthening by a constant factor: Leitner, S. (1972), So lernt man lernen; half-life regression:
    Settles, B., Meeder, B. (2016), ACL 54, 1848–1858.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> plan = schedule(source, target=0.8, horizon_weeks=13, effect=1.5)
    >>> plan.refreshers[["number", "days", "retention_before", "half_life_days"]].round(6)
       number       days  retention_before  half_life_days
    0       1  11.492833               0.8         53.5500
    1       2  28.732082               0.8         80.3250
    2       3  54.590957               0.8        120.4875
    """
    decay = Decay.of(curve)
    effect = as_factor(effect)
    settings = checked(target, horizon_weeks, restores, each)
    if target >= restores:
        raise SalesAnalysisError(
            f"`target` is {target:g} and `restores` {restores:g}: a refresher must bring back more"
            " than the target, else the next is due at once."
        )
    horizon = horizon_weeks * DAYS_A_WEEK
    gap = decay.delay(target / restores)
    days, due = [], decay.delay(target / decay.start)
    while due < horizon * (1 - _ROUNDING):
        if len(days) == MOST_REFRESHERS:
            raise SalesAnalysisError(
                f"`target` {target:g} would take more than {MOST_REFRESHERS:,} refreshers in"
                f" {horizon_weeks:g} weeks (effect {effect:g}). Lower the target or shorten"
                " `horizon_weeks`."
            )
        days.append(due)
        due += gap * effect ** len(days)
    return follow(curve, days, spacing="target", effect=effect, full_effect_at=restores, **settings)


def follow(
    curve, days: Sequence[float] | np.ndarray, *, effect, restores, full_effect_at, **facts
) -> Schedule:
    """The schedule with refreshers on these days after the training, in ascending order."""
    decay = Decay.of(curve)
    rows, since, top, lengthening = [], 0.0, decay.start, 1.0
    for number, at in enumerate(days, start=1):
        before = top * float(decay.share((at - since) / lengthening))
        lengthening *= effect ** gained(before, restores, full_effect_at)
        row = {"number": number, "weeks": at / DAYS_A_WEEK, "days": at, "gap_days": at - since}
        row |= {"retention_before": before, "retention_after": restores}
        row |= {"lengthening": lengthening, "half_life_days": decay.half_life_days * lengthening}
        rows.append(row)
        since, top = at, restores
    columns = ["number", "weeks", "days", "gap_days", "retention_before", "retention_after"]
    frame = pd.DataFrame(rows, columns=[*columns, "lengthening", "half_life_days"]).astype(float)
    return Schedule(
        refreshers=frame.astype({"number": "int64"}),
        curve=curve,
        effect=effect,
        restores=restores,
        full_effect_at=full_effect_at,
        **facts,
    )


def gained(before, restores: float, full_effect_at: float):
    """The part of its lengthening that a refresher has: all of it where enough was forgotten."""
    if full_effect_at >= restores:
        return 1.0
    return np.clip((restores - before) / (restores - full_effect_at), 0.0, 1.0)


def as_factor(effect: float | ReinforcementEffect) -> float:
    """A lengthening as a number: a fitted one stands for its factor."""
    if getattr(effect, "refused", ""):
        raise SalesAnalysisError(
            f"`effect` was not found in the tests ({effect.refused}); give a number, such as 1.5 (1"
            " for no longer)."
        )
    factor = getattr(effect, "factor", effect)
    number = isinstance(factor, int | float | np.number) and not isinstance(factor, bool)
    if not number or not np.isfinite(factor) or factor <= 0:
        raise SalesAnalysisError(
            f"`effect` is {effect!r}; expected how many times longer a refresher makes things last,"
            " such as 1.5 (1 for no longer), or the result of `reinforcement_effect`."
        )
    return float(factor)


def checked(target, horizon_weeks, restores, each: RefresherCost) -> dict:
    """The settings of a schedule by name, each within its limits."""
    for name, share in (("target", target), ("restores", restores)):
        require_number(name, share, over=0, high=1)
    require_number("horizon_weeks", horizon_weeks, over=0)
    numbers = {"target": target, "horizon_weeks": horizon_weeks, "restores": restores}
    return {name: float(value) for name, value in numbers.items()} | {"each": each}
