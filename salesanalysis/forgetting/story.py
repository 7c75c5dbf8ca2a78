"""What a report on training says first: how fast it fades, what refreshers do, who lacks what."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import DAYS_A_WEEK, Schedule
from salesanalysis.forgetting.supported import FEW_DELAYS, LEVEL, MISSED, SupportedCurves
from salesanalysis.known import KnownForgetting, frame_of

#: What the trade says: the half-life of training content, and how much is gone after 13 weeks
#: (sales-system source, §3).
SOURCE_HALF_LIFE_WEEKS, SOURCE_LOST = 5.1, 0.84

#: Spacings whose means of what is known differ by less than this are alike.
SMALL_DIFFERENCE = 0.01
#: What is saved beside this share of what is lost is rounding.
_ROUNDING = 1e-9

#: Where a claim lies: inside the interval, over it, under it; or there is none.
AGREES, OVER, UNDER, OPEN = "agrees", "over", "under", "open"
_EXPONENTIAL = {
    AGREES: "exponential_agrees",
    OVER: "exponential_shorter",
    UNDER: "exponential_longer",
}
_LOST = {AGREES: "lost_agrees", OVER: "lost_less", UNDER: "lost_more"}
#: What is said where nothing can be quoted, by the reason.
_UNFIT = {
    FEW_DELAYS: "unfit_few_delays",
    LEVEL: "unfit_level",
    MISSED: "unfit_missed",
}
_UNTOLD = {
    FEW_DELAYS: "untold_few_delays",
    LEVEL: "untold_level",
    MISSED: "untold_missed",
}
_EFFECT = {AGREES: "effect_none", OVER: "effect_shorter", UNDER: "effect_longer"}


def require_tests(known: KnownForgetting) -> None:
    """Refuse to report on no test at all.

    Raises
    ------
    SalesAnalysisError
        No test by the day can be used.
    """
    if frame_of(known, "tests").empty:
        raise SalesAnalysisError(
            f"No test of `scores` can be used by `as_of` ({known.as_of:%Y-%m-%d}): all are later,"
            " before their training, or without a score. Give a later day, or mend the dates."
        )


def findings(supported: SupportedCurves, *, lost: float = SOURCE_LOST) -> list[Finding]:
    """How fast a training is forgotten, by the curves that the tests support.

    Parameters
    ----------
    supported : SupportedCurves
        Of tests before any refresher.
    lost : float
        What the trade says is lost by then.

    Returns
    -------
    list of Finding
        Where nothing can be quoted ``unfit_few_delays``, ``unfit_level`` or ``unfit_missed`` alone.
        Else ``half_gone`` (``half_gone_range`` where several curves cannot be told apart,
        ``half_gone_late`` where there is no latest week); one of ``lost_agrees, lost_less,
        lost_more`` (whether the claim lies in the interval); and ``beyond`` where that lies beyond
        the longest delay of any test.
    """
    if supported.refused:
        return [Finding("headline", _UNFIT[supported.refused], {"n": supported.n})]
    half = picked(vars(supported), "half_life_weeks", "half_life_low", "half_life_high")
    each = supported.table["half_life_weeks"]
    if not supported.bounded:
        low = picked(half, "half_life_low")
        found = [Finding("headline", "half_gone_late", low)]
    elif len(each) > 1:
        span = {"count": len(each), "least": float(each.min()), "most": float(each.max())}
        found = [Finding("headline", "half_gone_range", half | span)]
    else:
        found = [Finding("headline", "half_gone", half)]
    gone = {"weeks": supported.lost_weeks, "claimed_share": lost}
    gone |= picked(vars(supported), "lost_share", "lost_low", "lost_high")
    place = _place(lost, gone["lost_low"], gone["lost_high"])
    found.append(Finding("headline", _LOST[place], gone))
    if supported.extrapolates:
        found.append(Finding("headline", "beyond", {"longest_weeks": supported.longest_weeks}))
    return found


def exponential_findings(
    curve: ForgettingCurve,
    supported: SupportedCurves,
    *,
    half_life_weeks: float = SOURCE_HALF_LIFE_WEEKS,
) -> list[Finding]:
    """The half-life of an exponential, to be held against the trade's and for nothing else.

    Parameters
    ----------
    curve : ForgettingCurve
        The exponential, fitted to tests before any refresher.
    supported : SupportedCurves
        Of the same tests.
    half_life_weeks : float
        What the trade says.

    Returns
    -------
    list of Finding
        None where the curve cannot be quoted. Else one of ``exponential_agrees,
        exponential_longer, exponential_shorter, exponential_open`` (whether the claim lies in the
        interval; the last where there is none, or one without an end), and
        ``exponential_refuted`` where the tests do not support this curve.
    """
    if not curve.identifiable:
        return []
    weeks = Decay.of(curve).unit_days / DAYS_A_WEEK
    half = {
        "half_life_weeks": curve.half_life * weeks,
        "half_life_low": curve.half_life_low * weeks,
        "half_life_high": curve.half_life_high * weeks,
        "claimed_weeks": half_life_weeks,
    }
    if np.isinf(half["half_life_high"]):
        shown = picked(half, "half_life_low", "claimed_weeks")
        found = [Finding("claim", "exponential_open", shown)]
    else:
        place = _place(half_life_weeks, half["half_life_low"], half["half_life_high"])
        found = [Finding("claim", _EXPONENTIAL[place], half)]
    if curve.model in set(supported.table["model"]):
        return found
    return [*found, Finding("claim", "exponential_refuted")]


def lead(
    supported: SupportedCurves,
    standing: pd.DataFrame | None = None,
    schedule: Schedule | None = None,
    calendar: pd.DataFrame | None = None,
) -> list[Finding]:
    """The answer in one sentence: what is due already, how long training lasts, what keeps it.

    Parameters
    ----------
    supported : SupportedCurves
        Of tests before any refresher.
    standing : DataFrame, one row per course, optional
        As from :func:`course_standing`; not there where nothing can be planned.
    schedule : Schedule, optional
        As from :func:`schedule` or :func:`spaced_schedule`, likewise.
    calendar : DataFrame, one row per refresher of a team, optional
        As from :func:`team_calendar`.

    Returns
    -------
    list of Finding
        One: ``untold_few_delays, untold_level, untold_missed`` where the tests do not tell;
        ``due_planned`` where the plan goes by a half-life that was given instead; ``due_late``
        where there is no latest week for half to be gone; else ``due_until`` (with the next day of
        the calendar) or ``due``.
    """
    if standing is None or schedule is None:
        return [Finding("lead", _UNTOLD[supported.refused or LEVEL], {"n": supported.n})]
    require_columns(standing.columns, ["under_target"], "`standing`")
    values = {"due": int(standing["under_target"].sum()), "courses": len(standing)}
    values |= {"target": schedule.target, "refreshers": len(schedule.refreshers)}
    values |= {"horizon_weeks": schedule.horizon_weeks}
    if schedule.curve not in supported.curves:
        given = {"half_life_planned": Decay.of(schedule.curve).half_life_days / DAYS_A_WEEK}
        return [Finding("lead", "due_planned", values | given)]
    half = picked(vars(supported), "half_life_weeks", "half_life_low", "half_life_high")
    if not supported.bounded:
        low = picked(half, "half_life_low")
        return [Finding("lead", "due_late", values | low)]
    if calendar is None or calendar.empty:
        return [Finding("lead", "due", values | half)]
    require_columns(calendar, ["day"], "`calendar`")
    return [Finding("lead", "due_until", values | half | {"day": calendar["day"].min()})]


def reinforcement_findings(effect: ReinforcementEffect) -> list[Finding]:
    """What refreshers do to how long things last.

    ``effect_longer`` or ``effect_shorter``; ``effect_none`` where the interval holds 1: no
    lengthening is shown, which does not mean that there is none; ``effect_open`` where the data
    cannot tell.

    Parameters
    ----------
    effect : ReinforcementEffect
        As from :func:`reinforcement_effect`.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> import dataclasses
    >>> names = [f.name for f in dataclasses.fields(ReinforcementEffect)]
    >>> effect = ReinforcementEffect(**dict.fromkeys(names, 1.0) | {
    ...     "factor": 1.5, "factor_low": 1.3, "factor_high": 1.7, "refused": ""})
    >>> [finding.name for finding in reinforcement_findings(effect)]
    ['effect_longer']
    """
    who = {"learners": effect.refreshed_learners}
    place = _place(1.0, effect.factor_low, effect.factor_high)
    if effect.refused or place == OPEN:
        tests = {"tests": effect.refreshed_tests}
        return [Finding("headline", "effect_open", who | tests)]
    factor = {"factor": effect.factor, "factor_low": effect.factor_low}
    factor |= {"factor_high": effect.factor_high}
    return [Finding("headline", _EFFECT[place], who | factor)]


def effect_caveats(effect: ReinforcementEffect, *, target: float) -> list[Finding]:
    """What a plan cannot take from the tests.

    Parameters
    ----------
    effect : ReinforcementEffect
        As from :func:`reinforcement_effect`.
    target : float
        The share that must always be known.

    Returns
    -------
    list of Finding
        ``restores_too_little`` where refreshers were seen to bring back no more than the target.
    """
    if effect.refused or effect.restored > target:
        return []
    values = {"restored": effect.restored, "target": target}
    return [Finding("warn", "restores_too_little", values)]


def schedule_findings(schedule: Schedule) -> list[Finding]:
    """How many refreshers keep the target, from when on, and at what cost.

    ``schedule`` (``schedule_no_cost`` where no rate is known), or ``schedule_none`` where what is
    known stays over the target by itself. Of refreshers placed in another way ``schedule_spaced``:
    what they keep.

    Parameters
    ----------
    schedule : Schedule
        As from :func:`schedule` or :func:`spaced_schedule`.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> from salesanalysis.forgetting import RefresherCost, known_curve, schedule
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> each = RefresherCost(rate=50)
    >>> plan = schedule(source, horizon_weeks=13, effect=1.5, each=each)
    >>> (found,) = schedule_findings(plan)
    >>> found.name, found.values["refreshers"], found.values["cost"]
    ('schedule', 3, 150.0)
    """
    days = schedule.refreshers["days"]
    aim = {"target": schedule.target, "horizon_weeks": schedule.horizon_weeks}
    effort = {"refreshers": len(days), "people": float(schedule.each.people)}
    effort |= {"person_hours": schedule.person_hours}
    if schedule.spacing != "target":
        kept = {"least": schedule.min_retention, "under": schedule.under_target_share}
        return [Finding("headline", "schedule_spaced", aim | effort | kept)]
    if days.empty:
        return [Finding("headline", "schedule_none", aim)]
    due = aim | effort | {"first_days": float(days.iloc[0])}
    if np.isfinite(schedule.cost):
        return [Finding("headline", "schedule", due | {"cost": schedule.cost})]
    return [Finding("headline", "schedule_no_cost", due)]


def spacing_findings(ways: pd.DataFrame) -> list[Finding]:
    """Whether it matters when the same number of refreshers comes.

    Parameters
    ----------
    ways : DataFrame
        As from :func:`compare_schedules`.

    Returns
    -------
    list of Finding
        ``spacing_matters``; ``spacing_alike`` where what is known on average differs by less than
        :data:`SMALL_DIFFERENCE`; ``spacing_none`` where there is no refresher.

    Examples
    --------
    >>> from salesanalysis.forgetting import compare_schedules, known_curve
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> (found,) = spacing_findings(compare_schedules(source, refreshers=4, horizon_weeks=26))
    >>> found.name, round(found.values["massed"], 3), round(found.values["optimal"], 3)
    ('spacing_matters', 0.275, 0.717)
    """
    require_columns(ways.columns, ["spacing", "refreshers", "mean_retention"], "`ways`")
    placed = ways[ways["refreshers"] > 0].set_index("spacing")
    if placed.empty:
        return [Finding("spacing", "spacing_none")]
    known = placed["mean_retention"]
    values = {"refreshers": int(placed["refreshers"].iloc[0])}
    values |= picked(known, "massed", "optimal")
    if known.max() - known.min() < SMALL_DIFFERENCE:
        return [Finding("spacing", "spacing_alike", values)]
    return [Finding("spacing", "spacing_matters", values | picked(known, "equal"))]


def value_findings(value: pd.DataFrame) -> list[Finding]:
    """Whether the refreshers pay for themselves, and from which worth of the training on.

    Parameters
    ----------
    value : DataFrame
        As from :func:`training_value`.

    Returns
    -------
    list of Finding
        ``pays`` or ``costs_more``, with ``break_even``: the share of the assumed worth at which
        the refreshers save just what they cost; ``saves`` where the cost is not known,
        ``saves_nothing`` where no more is known with them, ``unplanned`` where there are none.

    Examples
    --------
    >>> from salesanalysis.forgetting import RefresherCost, known_curve, schedule, training_value
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> plan = schedule(source, horizon_weeks=13, effect=1.5, each=RefresherCost(rate=50))
    >>> values = [training_value(plan, week_amount=worth) for worth in (10, 100)]
    >>> [value_findings(value)[0].name for value in values]
    ['costs_more', 'pays']
    """
    needed = ["refreshers", "saved", "cost", "lost_without"]
    require_columns(value.columns, needed, "`value`")
    if not value["refreshers"].any():
        return [Finding("worth", "unplanned")]
    saved, cost = float(value["saved"].sum()), float(value["cost"].sum(skipna=False))
    if saved <= _ROUNDING * value["lost_without"].sum():
        return [Finding("worth", "saves_nothing")]
    values = {"weeks": len(value), "saved": saved}
    if np.isnan(cost):
        return [Finding("worth", "saves", values)]
    against = {"cost": cost, "break_even": cost / saved}
    return [Finding("worth", "pays" if saved >= cost else "costs_more", values | against)]


def ksa_findings(gaps: pd.DataFrame) -> list[Finding]:
    """How many requirements are not met, how many only through fading, and where it hurts most.

    ``unmet`` and, where the conversion of the stages is known, ``worst_stage``: the stage with the
    highest mean priority among those with a gap.

    Parameters
    ----------
    gaps : DataFrame
        As from :func:`ksa_gaps`.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> gaps = pd.DataFrame({"person_id": ["a", "b"], "status": ["faded", "met"], "stage": "A",
    ...                      "skill": "care", "stage_rate": 0.6, "priority": [0.2, 0.0]})
    >>> [finding.name for finding in ksa_findings(gaps)]
    ['unmet', 'worst_stage']
    """
    needed = ["person_id", "skill", "stage", "status", "stage_rate", "priority"]
    require_columns(gaps.columns, needed, "`gaps`")
    status = gaps["status"].value_counts()
    unmet = int(status.get("never_met", 0) + status.get("faded", 0))
    values = {
        "people": gaps["person_id"].nunique(),
        "assessed": unmet + int(status.get("met", 0)),
        "unmet": unmet,
        "faded": int(status.get("faded", 0)),
        "not_assessed": int(status.get("not_assessed", 0)),
    }
    found = [Finding("ksa", "unmet", values)]
    by_stage = gaps.groupby("stage")[["priority", "stage_rate"]].mean()
    by_stage = by_stage[by_stage["priority"] > 0].sort_values("priority", kind="stable")
    if len(by_stage):
        worst = by_stage.iloc[-1]
        there = gaps[(gaps["stage"] == worst.name) & gaps["status"].isin(["never_met", "faded"])]
        hurts = {"stage": worst.name, "rate": worst["stage_rate"], "gaps": len(there)}
        found.append(Finding("ksa", "worst_stage", hurts))
    return found


def caveats(tests: pd.DataFrame, checks: pd.DataFrame) -> list[Finding]:
    """What a reader must know before quoting a figure of this report.

    Parameters
    ----------
    tests, checks : DataFrame
        As from ``scored_tests`` and ``checks(…).table`` of :mod:`salesanalysis.reduce.forgetting`.

    Returns
    -------
    list of Finding
        ``left_out`` (tests that cannot be used),
        ``dropped_out`` (courses that were not followed up), ``few`` (fewer than 30 learners).

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["dropped_out", "score_over_max"], "n": [50, 200],
    ...                        "rows": [9, 3], "share": [0.18, 0.015]})
    >>> tests = pd.DataFrame({"learner_id": [f"L{i}" for i in range(40)]})
    >>> [finding.name for finding in caveats(tests, checks)]
    ['left_out', 'dropped_out']
    """
    require_columns(tests.columns, ["learner_id"], "`tests`")
    require_columns(checks.columns, ["check", "rows", "n", "share"], "`checks`")
    found = checks[checks["rows"] > 0].set_index("check")
    said = []
    out = found.loc[found.index.isin(_LEFT_OUT), "rows"].sum()
    if out:
        said.append(Finding("warn", "left_out", {"count": int(out)}))
    if "dropped_out" in found.index:
        gone = found.loc["dropped_out"]
        values = {"count": int(gone["rows"]), "courses": int(gone["n"]), "share": gone["share"]}
        said.append(Finding("warn", "dropped_out", values))
    learners = tests["learner_id"].nunique()
    if learners < FEW_LEARNERS:
        said.append(Finding("warn", "few", {"learners": learners}))
    return said


#: With fewer learners than this, a report says that its figures are rough.
FEW_LEARNERS = 30
_LEFT_OUT = ("tested_before_training", "score_missing", "negative_score", "score_over_max")
_LEFT_OUT += ("duplicate_test", "after_as_of")


def _place(claim: float, low: float, high: float) -> str:
    """Where a claim lies against an interval."""
    if np.isnan(low) or np.isnan(high):
        return OPEN
    return UNDER if claim < low else OVER if claim > high else AGREES
