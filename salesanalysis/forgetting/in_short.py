"""What training is worth in short: the few figures to know, and what somebody should look at."""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import Schedule
from salesanalysis.forgetting.supported import SupportedCurves


def key_figures(
    supported: SupportedCurves,
    effect: ReinforcementEffect,
    standing: pd.DataFrame | None = None,
    schedule: Schedule | None = None,
    calendar: pd.DataFrame | None = None,
) -> list[KeyFigure]:
    """What is due already, how long training lasts, and when it is to be refreshed at what cost.

    Parameters
    ----------
    supported : SupportedCurves
        Of tests before any refresher.
    effect : ReinforcementEffect
    standing : DataFrame, one row per course, optional
        As from :func:`course_standing`; not there where nothing can be planned.
    schedule : Schedule, optional
        Likewise.
    calendar : DataFrame, one row per refresher of a team, optional
        As from :func:`team_calendar`.

    Returns
    -------
    list of KeyFigure
        ``due_courses`` (under the target today), ``half_life_weeks`` (until half of what was known
        at the end of the training is gone), ``lost_13_weeks`` (share of it lost after 13 weeks),
        ``next_refresher`` (day), ``refreshers, cost`` of the plan, ``factor`` (times longer after
        each refresher). What the tests do not tell, and what nothing was said of, is left out.
    """
    due, base = np.nan, None
    if standing is not None:
        require_columns(standing.columns, ["under_target"], "`standing`")
        due = int(standing["under_target"].sum())
        base = Finding("base", "courses", {"courses": len(standing)})
    if calendar is not None:
        require_columns(calendar, ["day"], "`calendar`")
    half_life, lost = [np.nan] * 3, [np.nan] * 3
    if not supported.refused:
        lost = [supported.lost_share, supported.lost_low, supported.lost_high]
        if supported.bounded:
            half_life = [supported.half_life_weeks]
            half_life += [supported.half_life_low, supported.half_life_high]
    figures = [
        KeyFigure("due_courses", due, base=base),
        KeyFigure("half_life_weeks", *half_life),
        KeyFigure("lost_13_weeks", *lost),
        KeyFigure("next_refresher", pd.NaT if calendar is None else calendar["day"].min()),
        KeyFigure("refreshers", np.nan if schedule is None else len(schedule.refreshers)),
        KeyFigure("cost", np.nan if schedule is None else schedule.cost),
        KeyFigure("factor", effect.factor, effect.factor_low, effect.factor_high),
    ]
    return [figure for figure in figures if pd.notna(figure.value)]


def things(
    value: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    deals: pd.DataFrame | None = None,
    *,
    weeks: int = 13,
) -> list[Thing]:
    """Refreshers that pay, and skills below what roles require where deals need them now.

    Parameters
    ----------
    value : DataFrame, one row per week, optional
        As from :func:`training_value`.
    gaps : DataFrame, one row per person × skill, optional
        As from :func:`ksa_gaps`; nobody without an assessment counts.
    deals : DataFrame, one row per deal, optional
        ``owner_id, stage, outcome, amount``: what the gaps are valued by; without it they are left
        out.
    weeks : int
        How far ahead to look for what refreshers bring: a quarter, as the other reports.

    Returns
    -------
    list of Thing
        Their money: the gain, what refreshers save in that time less what they cost; for a skill,
        the gain were it not lacking: the deals now open at the stage that needs it, of the sellers
        who lack it, amount × ``priority`` of the gap, which is what is lacking × the share of deals
        that the stage loses.

    Examples
    --------
    >>> gaps = pd.DataFrame({"person_id": ["ann", "bob"], "skill": "closing", "stage": "A",
    ...                      "status": ["faded", "met"], "priority": [0.1, 0.0]})
    >>> deals = pd.DataFrame({"owner_id": ["ann", "bob"], "stage": "A", "outcome": "open",
    ...                       "amount": [70.0, 30.0]})
    >>> [(thing.subject, thing.money) for thing in things(gaps=gaps, deals=deals)]
    [('closing', 7.0)]
    """
    found = []
    if value is not None:
        needed = ["week", "refreshers", "saved", "cost", "net"]
        require_columns(value.columns, needed, "`value`")
    if value is not None and len(value):
        ahead = value.sort_values("week").head(weeks)
        values = {"weeks": len(ahead), "refreshers": int(ahead["refreshers"].sum())}
        values |= {"saved": float(ahead["saved"].sum()), "cost": float(ahead["cost"].sum())}
        saves = Finding("thing", "refreshers", values)
        found.append(Thing("refreshers", float(ahead["net"].sum()), saves, "topic"))
    if gaps is not None and deals is not None:
        found += _skills(gaps, deals)
    return found


def _skills(gaps: pd.DataFrame, deals: pd.DataFrame) -> list[Thing]:
    needed = ["person_id", "skill", "stage", "status", "priority"]
    require_columns(gaps, needed, "`gaps`")
    require_columns(deals, ["stage", "outcome", "amount"], "`deals`")
    deals = deals.assign(owner_id=deals["owner_id"] if "owner_id" in deals else None)
    still = deals[deals["outcome"] == OPEN].astype({"owner_id": object, "stage": object})
    lacking = gaps[gaps["status"].isin(["never_met", "faded"]) & gaps["stage"].notna()]
    touched = lacking.merge(
        still, left_on=["person_id", "stage"], right_on=["owner_id", "stage"], validate="m:m"
    )
    found = []
    for (skill, stage), part in touched.groupby(["skill", "stage"]):
        lack = lacking[(lacking["skill"] == skill) & (lacking["stage"] == stage)]
        values = {"people": len(lack), "stage": stage, "deals": len(part)}
        values |= {"amount": float(part["amount"].sum())}
        gain = float((part["amount"] * part["priority"]).sum(min_count=1))
        found.append(Thing(str(skill), gain, Finding("thing", "skill", values), "skill"))
    return found
