"""What each family found that somebody should look at, with the money that hangs on it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding
from salesanalysis.overview.ranking import Thing

#: Measures of a seller whose size is the whole amount of open deals.
_OF_OPEN_DEALS = ("ageing", "activity")

#: What a key deal can lack, by the column of its checklist that says so.
_KEY_DEAL = {
    "at_grade": "overview.thing.key_deal_grade",
    "visited": "overview.thing.key_deal_visit",
    "letter_checked": "overview.thing.key_deal_letter",
    "date_ahead": "overview.thing.key_deal_date",
}


def funnel_things(
    stuck: pd.DataFrame,
    exceptions: pd.DataFrame | None = None,
    checklist: pd.DataFrame | None = None,
    checks: pd.DataFrame | None = None,
    *,
    won_share: float = 1.0,
    most_deals: int = 3,
) -> list[Thing]:
    """Sellers with stuck deals, sellers out of the norm, key deals not cared for, faulty data.

    Parameters
    ----------
    stuck : DataFrame, one row per stuck deal
        As from :func:`salesanalysis.funnel.stuck`, with ``owner_id`` as far as known; deals of
        nobody are each a thing of its own.
    exceptions : DataFrame, optional
        As from :func:`salesanalysis.funnel.exceptions`; only those for the worse count.
    checklist : DataFrame, one row per key deal, optional
        As from :func:`salesanalysis.funnel.key_opportunity_checklist`; only the answer ``no``
        counts, not ``unknown``.
    checks : DataFrame, optional
        The ``table`` of :func:`salesanalysis.reduce.funnel.checks`; only those that make figures
        wrong.
    won_share : float
        The share of all deals that is won: an open deal counts with that share of its amount, so
        that it compares with what is missing to a target. Where it is missing, with all of it.
    most_deals : int
        How many stuck deals of a seller are named, the most overdue money first.

    Returns
    -------
    list of Thing
        At stake: the amount of the stuck deals, of the key deal, of the deals that the check found,
        each × ``won_share``; for an exception the rough size that it has, × ``won_share`` where
        that is the amount of open deals.

    Examples
    --------
    >>> stuck = pd.DataFrame({"opportunity_id": ["d1", "d2"], "owner_id": "ann",
    ...                       "amount": [40.0, 50.0]})
    >>> (thing,) = funnel_things(stuck, won_share=0.5)
    >>> thing.subject, thing.at_stake, thing.values["look_at"]
    ('ann', 45.0, 'd1, d2')
    """
    require_columns(stuck, ["opportunity_id", "amount"], "`stuck`")
    won_share = 1.0 if np.isnan(won_share) else won_share
    whose = stuck["opportunity_id"]
    if "owner_id" in stuck:
        whose = stuck["owner_id"].astype(object).fillna(whose)
    found = []
    for who, deals in stuck.groupby(whose, sort=False, observed=True):
        named = ", ".join(deals["opportunity_id"].head(most_deals))
        amount = float(deals["amount"].sum(min_count=1))
        values = {"deals": len(deals), "amount": amount, "look_at": named}
        reason = "overview.thing.stuck"
        found.append(Thing("funnel", str(who), amount * won_share, reason, values))
    if exceptions is not None:
        found += _exceptions(exceptions, won_share)
    if checklist is not None:
        found += _key_deals(checklist, won_share)
    if checks is not None:
        found += _blocking(checks, won_share)
    return found


def _exceptions(exceptions: pd.DataFrame, won_share: float) -> list[Thing]:
    worse = exceptions["verdict"].eq("exception") & exceptions["direction"].eq("worse")
    return [
        Thing(
            "funnel",
            str(row[exceptions.columns[0]]),
            row["at_stake"] * (won_share if row["measure"] in _OF_OPEN_DEALS else 1.0),
            f"funnel.exception.{row['reason']}",
            row | {"who": row[exceptions.columns[0]]},
        )
        for row in exceptions[worse].to_dict("records")
    ]


def _key_deals(checklist: pd.DataFrame, won_share: float) -> list[Thing]:
    return [
        Thing("funnel", row["opportunity_id"], row["amount"] * won_share, key, row)
        for row in checklist.to_dict("records")
        for column, key in _KEY_DEAL.items()
        if row[column] == "no"
    ]


def _blocking(checks: pd.DataFrame, won_share: float) -> list[Thing]:
    return [
        Thing(
            "funnel",
            row["check"],
            row["amount"] * won_share,
            f"funnel.value.why.{row['check']}",
            named=f"funnel.value.check.{row['check']}",
        )
        for row in checks[checks["blocks"].astype(bool)].to_dict("records")
    ]


def forecast_things(*gaps: pd.DataFrame, period: str) -> list[Thing]:
    """Streams and sellers that are likely to end the period short of their target.

    Parameters
    ----------
    gaps : DataFrames, one row per group each
        As from ``Forecast.against_targets``; the first column says whose the row is.
    period : str
        The period that they are about.

    Returns
    -------
    list of Thing
        At stake: what is missing at the most likely landing. Groups without a target, and those
        likely to reach it, are left out.

    Examples
    --------
    >>> gaps = pd.DataFrame({"stream": ["channel", "renewal"], "gap_amount": [-40.0, 5.0],
    ...                      "target": 100.0, "p_target": [0.2, 0.6]})
    >>> [(thing.subject, thing.at_stake) for thing in forecast_things(gaps, period="2025-Q4")]
    [('channel', 40.0)]
    """
    found = []
    for table in gaps:
        whose = table.columns[0]
        for row in table[table["gap_amount"] < 0].to_dict("records"):
            at_stake, named = -row["gap_amount"], f"forecast.value.{whose}.{row[whose]}"
            values = {"target": row["target"], "p_target": row["p_target"]}
            values |= {"gap": at_stake, "period": period}
            reason = "overview.thing.short"
            found.append(Thing("forecast", str(row[whose]), at_stake, reason, values, named))
    return found


def forgetting_things(
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
        As from :func:`salesanalysis.forgetting.training_value`.
    gaps : DataFrame, one row per person × skill, optional
        As from :func:`salesanalysis.forgetting.ksa_gaps`; nobody without an assessment counts.
    deals : DataFrame, one row per deal, optional
        ``owner_id, stage, outcome, amount``: what the gaps are valued by; without it they are left
        out.
    weeks : int
        How far ahead to look for what refreshers bring: a quarter, as the other reports.

    Returns
    -------
    list of Thing
        At stake: what refreshers save in that time less what they cost; for a skill, the deals now
        open at the stage that needs it, of the sellers who lack it: amount × ``priority`` of the
        gap, which is what is lacking × the share of deals that the stage loses.

    Examples
    --------
    >>> gaps = pd.DataFrame({"person_id": ["ann", "bob"], "skill": "closing", "stage": "A",
    ...                      "status": ["faded", "met"], "priority": [0.1, 0.0]})
    >>> deals = pd.DataFrame({"owner_id": ["ann", "bob"], "stage": "A", "outcome": "open",
    ...                       "amount": [70.0, 30.0]})
    >>> [(thing.subject, thing.at_stake) for thing in forgetting_things(gaps=gaps, deals=deals)]
    [('closing', 7.0)]
    """
    found = []
    if value is not None and len(value):
        ahead = value.head(weeks)
        values = {"weeks": len(ahead), "refreshers": int(ahead["refreshers"].sum())}
        values |= {"saved": ahead["saved"].sum(), "cost": ahead["cost"].sum()}
        at_stake, named = float(ahead["net"].sum()), "overview.subject.refreshers"
        reason = "overview.thing.refreshers"
        found.append(Thing("forgetting", "refreshers", at_stake, reason, values, named))
    if gaps is not None and deals is not None:
        found += _skills(gaps, deals)
    return found


def _skills(gaps: pd.DataFrame, deals: pd.DataFrame) -> list[Thing]:
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
        values |= {"amount": part["amount"].sum()}
        named, reason = f"forgetting.value.skill.{skill}", "overview.thing.skill"
        at_stake = float((part["amount"] * part["priority"]).sum(min_count=1))
        found.append(Thing("forgetting", str(skill), at_stake, reason, values, named))
    return found


def incentive_things(
    advice: Sequence[Finding] = (), lateness: pd.DataFrame | None = None, *, periods: int = 1
) -> list[Thing]:
    """Better thresholds, and payouts that come late.

    Parameters
    ----------
    advice : list of Finding
        As from :func:`salesanalysis.incentive.threshold_findings`, whose last says how much the
        pair hangs on the assumption; only a pair that is shown to be better counts.
    lateness : DataFrame, one row per group, optional
        As from :func:`salesanalysis.incentive.timeliness`; the first column says whose.
    periods : int
        How many periods the payouts are of: one period's worth is at stake.

    Returns
    -------
    list of Thing
        At stake: the margin that the better pair would bring in a period; what is paid late in a
        period.

    Examples
    --------
    >>> advice = [Finding("headline", "recommended", {"gain": 80.0})]
    >>> [(thing.subject, thing.at_stake) for thing in incentive_things(advice)]
    [('thresholds', 80.0)]
    """
    found = [
        Thing(
            "incentive",
            "thresholds",
            finding.values["gain"],
            "overview.thing.thresholds",
            {"worse": 0} | finding.values | advice[-1].values,
            "overview.subject.thresholds",
        )
        for finding in advice
        if finding.name == "recommended"
    ]
    if lateness is not None:
        for row in lateness[lateness["k"] > 0].to_dict("records"):
            at_stake = row["late_amount"] / max(periods, 1)
            values = {"late": row["k"], "due": row["n"], "amount": at_stake}
            subject, reason = str(row[lateness.columns[0]]), "overview.thing.late"
            found.append(Thing("incentive", subject, at_stake, reason, values))
    return found
