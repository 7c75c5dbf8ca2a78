"""What a report on training says first: what is due, and how fast a training is forgotten."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.forgetting.claims import AGREES, OVER, UNDER, place_of
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.schedules import DAYS_A_WEEK, Schedule
from salesanalysis.forgetting.supported import FEW_DELAYS, LEVEL, MISSED, SupportedCurves

#: What the trade says: the half-life of training content, and how much is gone after 13 weeks
#: (sales-system source, §3).
SOURCE_HALF_LIFE_WEEKS, SOURCE_LOST = 5.1, 0.84

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
    place = place_of(lost, gone["lost_low"], gone["lost_high"])
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
        place = place_of(half_life_weeks, half["half_life_low"], half["half_life_high"])
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
        As from :func:`schedule` or :func:`spaced_schedule`; not there where refreshers bring back
        no more than the target.
    calendar : DataFrame, one row per refresher of a team, optional
        As from :func:`team_calendar`.

    Returns
    -------
    list of Finding
        One: ``untold_few_delays, untold_level, untold_missed`` where the tests do not tell;
        ``due_unplanned`` without a schedule; ``due_planned`` where the plan goes by a half-life
        that was given instead; ``due_late`` where there is no latest week for half to be gone; else
        ``due_until`` (with the next day of the calendar) or ``due``.
    """
    if standing is None:
        return [Finding("lead", _UNTOLD[supported.refused or LEVEL], {"n": supported.n})]
    require_columns(standing.columns, ["under_target"], "`standing`")
    values = {"due": int(standing["under_target"].sum()), "courses": len(standing)}
    if schedule is None:
        return [Finding("lead", "due_unplanned", values)]
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
