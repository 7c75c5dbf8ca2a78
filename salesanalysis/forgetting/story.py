"""What a report on training says after its headline: what refreshers do, who lacks what."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forgetting.claims import AGREES, OPEN, OVER, UNDER, place_of
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import Schedule
from salesanalysis.known import KnownForgetting, frame_of

#: Spacings whose means of what is known differ by less than this are alike.
SMALL_DIFFERENCE = 0.01
#: What is saved beside this share of what is lost is rounding.
_ROUNDING = 1e-9

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
    place = place_of(1.0, effect.factor_low, effect.factor_high)
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


def caveats(tests: pd.DataFrame, checks: pd.DataFrame, *, attempts: str = "first") -> list[Finding]:
    """What a reader must know before quoting a figure of this report.

    Parameters
    ----------
    tests, checks : DataFrame
        As from ``scored_tests`` and ``checks(…).table`` of :mod:`salesanalysis.reduce.forgetting`.
    attempts : str
        Which of several tests on one day count, as given there.

    Returns
    -------
    list of Finding
        ``left_out`` (tests that cannot be used), ``attempts_first, attempts_best, attempts_last,
        attempts_all`` (there are several tests on one day: which of them count),
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
    if "repeated_test" in found.index:
        several = {"count": int(found.loc["repeated_test", "rows"])}
        said.append(Finding("warn", _ATTEMPTS[attempts], several))
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
_ATTEMPTS = {
    "first": "attempts_first",
    "best": "attempts_best",
    "last": "attempts_last",
    "all": "attempts_all",
}
_LEFT_OUT = ("tested_before_training", "score_missing", "negative_score", "score_over_max")
_LEFT_OUT += ("after_as_of",)
