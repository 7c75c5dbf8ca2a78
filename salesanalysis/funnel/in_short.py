"""A funnel in short: the few figures that a director asks for, and what somebody should look at."""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import require_columns, whose_column
from salesanalysis.findings import Finding, KeyFigure, Thing, picked
from salesanalysis.funnel.against_team import ACTIVITY, AGEING
from salesanalysis.funnel.coaching import exception_finding
from salesanalysis.funnel.exceptions import EXCEPTION, WORSE
from salesanalysis.funnel.open_age import can_be_stuck, stuck
from salesanalysis.funnel.outcomes import win_rate
from salesanalysis.funnel.speed import velocity
from salesanalysis.known import KnownFunnel, frame_of


def key_figures(known: KnownFunnel, chances: pd.DataFrame | None = None) -> list[KeyFigure]:
    """How healthy the funnel is, the figures that tell most first.

    Parameters
    ----------
    known : KnownFunnel
        With its ``deals`` and ``entries``.
    chances : DataFrame, one row per open deal, optional
        As from :func:`salesanalysis.forecast.deal_chances` of the same day: ``opportunity_id,
        at_stake``.

    Returns
    -------
    list of KeyFigure
        ``final_rate`` (share of all deals won, open ones counted for as long as they were
        watched), ``open_amount``, ``stuck_at_stake`` (what hangs on the stuck deals; missing
        without ``chances``, and with ``stuck`` and ``stuck_amount`` where too few deals were won to
        say which are), ``zombies`` (deals older than any that closed), ``won_month_amount``
        (really won in the last year, per 30 days), ``cycle_days`` (of the won ones); then ``open,
        stuck, stuck_amount, live_month_amount`` (velocity without zombies) ``, rate, deals, won,
        won_amount``. None at all where there is no deal yet.

    Examples
    --------
    >>> outcome = ["won"] * 20 + ["lost", "open"]
    >>> deals = pd.DataFrame({"opportunity_id": range(22), "outcome": outcome, "stage": "offer",
    ...     "amount": 70.0, "age_days": [91.0] * 21 + [90.0],
    ...     "created_at": pd.Timestamp("2025-01-01"),
    ...     "closed_at": pd.to_datetime(["2025-03-01"] * 21 + [None])})
    >>> entries = deals.assign(position=0, skipped=False, stage_days=deals["age_days"],
    ...     left=deals["outcome"] != "open")
    >>> figures = key_figures(KnownFunnel(as_of="2025-03-31", deals=deals, entries=entries))
    >>> [(figure.name, figure.value) for figure in figures[1:4]]
    [('open_amount', 70.0), ('stuck_at_stake', 0.0), ('zombies', 0)]
    """
    deals = frame_of(known, "deals", ["outcome", "amount"])
    if deals.empty:
        return []
    told = can_be_stuck(frame_of(known, "entries", ["outcome"]))
    rates, flow, late = win_rate(deals).iloc[0], velocity(known).iloc[0], stuck(known)
    still = deals.loc[deals["outcome"] == OPEN, "amount"]
    old = late[late["zombie"]]
    amounts = {name: _total(part) for name, part in (("open", still), ("stuck", late["amount"]))}
    at_stake = 0.0 if late.empty else np.nan
    if chances is not None and len(late):
        require_columns(chances, ["opportunity_id", "at_stake"], "`chances`")
        theirs = chances["opportunity_id"].isin(late["opportunity_id"])
        at_stake = _total(chances.loc[theirs, "at_stake"])
    listed = Finding("base", "stuck", {"stuck": len(late), "amount": amounts["stuck"]})
    if not told:
        at_stake, amounts["stuck"] = np.nan, np.nan
        listed = Finding("base", "no_winners")
    paper = Finding("base", "zombies", {"amount": _total(old["amount"])})
    stuck_share = amounts["stuck"] / amounts["open"] if amounts["open"] else np.nan
    zombie_share = len(old) / len(still) if len(still) else np.nan
    here = Finding("base", "open", {"open": len(still)})
    return [
        KeyFigure("final_rate", *rates[["final_rate", "final_low", "final_high"]]),
        KeyFigure("open_amount", amounts["open"], base=here),
        KeyFigure("stuck_at_stake", at_stake, base=listed, judged=("stuck_share", stuck_share)),
        KeyFigure("zombies", len(old), base=paper, judged=("zombie_share", zombie_share)),
        KeyFigure("won_month_amount", flow["won_month_amount"]),
        KeyFigure("cycle_days", *flow[["cycle_days", "cycle_low", "cycle_high"]]),
        KeyFigure("open", len(still)),
        KeyFigure("stuck", len(late) if told else np.nan),
        KeyFigure("stuck_amount", amounts["stuck"]),
        KeyFigure("live_month_amount", *flow[["live_month_amount", "live_low", "live_high"]]),
        KeyFigure("rate", *rates[["rate", "rate_low", "rate_high"]]),
        *(KeyFigure(name, rates[name]) for name in ("deals", "won", "won_amount")),
    ]


def _total(amounts: pd.Series) -> float:
    """The sum of what is known; 0 of nothing, missing where nothing of something is known."""
    return float(amounts.sum(min_count=1)) if len(amounts) else 0.0


#: The most overdue money first, as in :func:`salesanalysis.funnel.stuck`.
_OVERDUE_FIRST = ["amount_days", "excess_days", "opportunity_id"]


def things(
    stuck: pd.DataFrame,
    exceptions: pd.DataFrame | None = None,
    checklist: pd.DataFrame | None = None,
    checks: pd.DataFrame | None = None,
    *,
    chances: pd.DataFrame | None = None,
    most_deals: int = 3,
) -> list[Thing]:
    """Sellers with stuck deals, sellers out of the norm, key deals not cared for, faulty data.

    Parameters
    ----------
    stuck : DataFrame, one row per stuck deal
        As from :func:`salesanalysis.funnel.stuck`, with ``owner_id`` as far as known; deals of
        nobody are each a thing of its own. Those older than any that closed (``zombie``) are one
        thing together, whoever's they are.
    exceptions : DataFrame, optional
        As from :func:`salesanalysis.funnel.exceptions`; only those for the worse count.
    checklist : DataFrame, one row per key deal, optional
        As from :func:`salesanalysis.funnel.key_opportunity_checklist`; only the answer ``no``
        counts, not ``unknown``.
    checks : DataFrame, optional
        As from :func:`salesanalysis.reduce.funnel.checks`; only those that make figures wrong.
    chances : DataFrame, one row per open deal, optional
        ``opportunity_id, at_stake_period``, as from :func:`salesanalysis.forecast.deal_chances`.
    most_deals : int
        How many stuck deals of a seller are named, the most overdue money first.

    Returns
    -------
    list of Thing
        Their money is what hangs on the stuck deals, on the key deal, on the seller's open deals
        within the period; missing without ``chances``. For an exception in what gets through or
        comes in, it is the gain were there none; for faulty data nobody knows it.

    Examples
    --------
    >>> stuck = pd.DataFrame({"opportunity_id": ["d1", "d2"], "owner_id": "ann", "zombie": False,
    ...                       "amount": [40.0, 50.0], "amount_days": [400.0, 50.0],
    ...                       "excess_days": [10.0, 1.0]})
    >>> chances = pd.DataFrame({"opportunity_id": ["d1", "d2"], "at_stake_period": [10.0, 35.0]})
    >>> (thing,) = things(stuck, chances=chances)
    >>> thing.subject, thing.money, thing.reason.values["look_at"]
    ('ann', 45.0, 'd1, d2')
    """
    needed = ["opportunity_id", "amount", "amount_days", "excess_days", "zombie"]
    require_columns(stuck, needed, "`stuck`")
    stuck = stuck.sort_values(_OVERDUE_FIRST, ascending=[False, False, True])
    worth = _worth(chances)
    old = stuck["zombie"].astype(bool)
    found = _stuck(stuck[~old], worth, most_deals) + _old(stuck[old], worth)
    if exceptions is not None:
        found += _exceptions(exceptions)
    if checklist is not None:
        found += _key_deals(checklist, worth)
    if checks is not None:
        found += _blocking(checks)
    return found


def _worth(chances: pd.DataFrame | None) -> dict:
    """What hangs on each open deal within the period, by its id."""
    if chances is None:
        return {}
    require_columns(chances, ["opportunity_id", "at_stake_period"], "`chances`")
    return chances.set_index("opportunity_id")["at_stake_period"].to_dict()


def _sum(deals: pd.Series, worth: dict) -> float:
    """What hangs on some deals together; missing where it is of none of them known."""
    return float(deals.astype(object).map(worth).astype(float).sum(min_count=1))


def _stuck(stuck: pd.DataFrame, worth: dict, most_deals: int) -> list[Thing]:
    whose, called = stuck["opportunity_id"], ""
    if "owner_id" in stuck:
        called = "owner_id"
        whose = stuck["owner_id"].astype(object).fillna(whose)
    found = []
    for who, deals in stuck.groupby(whose, sort=False, observed=True):
        named = ", ".join(deals["opportunity_id"].head(most_deals))
        amount = float(deals["amount"].sum(min_count=1))
        values = {"deals": len(deals), "amount": amount, "look_at": named}
        money = _sum(deals["opportunity_id"], worth)
        found.append(Thing(str(who), money, Finding("thing", "stuck", values), called))
    return found


def _old(old: pd.DataFrame, worth: dict) -> list[Thing]:
    """The deals that are older than any that closed, as one thing."""
    if old.empty:
        return []
    values = {"deals": len(old), "amount": float(old["amount"].sum(min_count=1))}
    money = _sum(old["opportunity_id"], worth)
    return [Thing("clean_up", money, Finding("thing", "clean_up", values), "action")]


def _exceptions(exceptions: pd.DataFrame) -> list[Thing]:
    needed = ["measure", "stage", "verdict", "direction", "rank", "n", "own_value", "team_value"]
    whose = whose_column(exceptions, [*needed, "at_stake_period", "gain"], "`exceptions`")
    worse = exceptions["verdict"].eq(EXCEPTION) & exceptions["direction"].eq(WORSE)
    found = []
    for row in exceptions[worse].sort_values("rank").to_dict("records"):
        of_open = row["measure"] in (AGEING, ACTIVITY)
        money = row["at_stake_period"] if of_open else row["gain"]
        found.append(Thing(str(row[whose]), float(money), exception_finding(row), whose))
    return found


def _key_deals(checklist: pd.DataFrame, worth: dict) -> list[Thing]:
    answers = ["at_grade", "visited", "letter_checked", "date_ahead"]
    needed = ["opportunity_id", "amount", "claimed", "verified", *answers]
    require_columns(checklist, needed, "`checklist`")
    found = []
    order = {"by": ["amount", "opportunity_id"], "ascending": [False, True]}
    for row in checklist.sort_values(**order).to_dict("records"):
        lacks = []
        if row["at_grade"] == "no":
            graded = picked(row, "amount", "claimed", "verified")
            lacks.append(Finding("thing", "key_deal_grade", graded))
        if row["visited"] == "no":
            lacks.append(Finding("thing", "key_deal_visit", picked(row, "amount", "verified")))
        if row["letter_checked"] == "no":
            lacks.append(Finding("thing", "key_deal_letter", picked(row, "amount", "claimed")))
        if row["date_ahead"] == "no":
            lacks.append(Finding("thing", "key_deal_date", picked(row, "amount", "verified")))
        money = float(worth.get(row["opportunity_id"], np.nan))
        found += [Thing(row["opportunity_id"], money, lack) for lack in lacks]
    return found


def _blocking(checks: pd.DataFrame) -> list[Thing]:
    require_columns(checks, ["check", "blocks"], "`checks`")
    return [
        Thing(row["check"], np.nan, Finding("thing", "faulty", {"why": row["check"]}), "check")
        for row in checks[checks["blocks"].astype(bool)].to_dict("records")
    ]
