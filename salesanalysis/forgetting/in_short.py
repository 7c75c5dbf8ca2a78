"""What training is worth in short: the few figures to know, and what somebody should look at."""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import DAYS_A_WEEK, Schedule
from salesanalysis.forgetting.story import SOURCE_LOST_WEEKS


def key_figures(
    curve: ForgettingCurve,
    effect: ReinforcementEffect,
    schedule: Schedule,
    calendar: pd.DataFrame | None = None,
) -> list[KeyFigure]:
    """How long training lasts, and when and at what cost it is to be refreshed.

    Parameters
    ----------
    curve : ForgettingCurve
        Fitted to tests before any refresher.
    effect : ReinforcementEffect
    schedule : Schedule
    calendar : DataFrame, one row per refresher of a team, optional
        As from :func:`team_calendar`.

    Returns
    -------
    list of KeyFigure
        ``half_life_weeks``, ``lost_13_weeks`` (share lost after 13 weeks; both missing where the
        tests do not tell), ``next_refresher`` (day), ``refreshers, cost`` of the plan, ``factor``
        (times longer after each refresher).

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve, schedule
    >>> import dataclasses
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> names = [f.name for f in dataclasses.fields(ReinforcementEffect)]
    >>> effect = ReinforcementEffect(**dict.fromkeys(names, 1.0))
    >>> round(key_figures(source, effect, schedule(source))[1].value, 3)
    0.829
    """
    if calendar is not None:
        require_columns(calendar, ["day"], "`calendar`")
    half_life, lost = [np.nan] * 3, np.nan
    if curve.identifiable:
        decay = Decay.of(curve)
        weeks = decay.unit_days / DAYS_A_WEEK
        limits = (curve.half_life, curve.half_life_low, curve.half_life_high)
        half_life = [limit * weeks for limit in limits]
        lost = float(1 - decay.share(SOURCE_LOST_WEEKS * DAYS_A_WEEK))
    return [
        KeyFigure("half_life_weeks", *half_life),
        KeyFigure("lost_13_weeks", lost),
        KeyFigure("next_refresher", pd.NaT if calendar is None else calendar["day"].min()),
        KeyFigure("refreshers", len(schedule.refreshers)),
        KeyFigure("cost", schedule.cost),
        KeyFigure("factor", effect.factor, effect.factor_low, effect.factor_high),
    ]


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
