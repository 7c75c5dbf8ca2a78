"""Another plan held against the present one: what each will cost, leave and let be reached."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, only_row, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.incentive.any_plan import single_plan
from salesanalysis.incentive.attainment_values import payee_periods
from salesanalysis.incentive.in_short import key_figures
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_cost import cost
from salesanalysis.incentive.plan_thresholds import target_levels
from salesanalysis.incentive.reach import reachability
from salesanalysis.incentive.responses import Response, Seen, answered

_FIGURES = ("plan_cost", "cost_rate", "margin", "floor_rate", "stretch_rate")


def plan_change(
    considered: Plan,
    attainment: pd.DataFrame,
    *,
    current: Plan,
    behaviour: Response,
    margin_rate: float = 0.3,
    seed: int = 0,
) -> pd.DataFrame:
    """The key figures of the present plan, and what they would be under another one.

    Of the present plan they are those of :func:`key_figures`, whatever is assumed of payees. What
    changes is the difference of the two plans under that assumption, on the same draws: what payees
    are taken to answer to a plan that they have is no change.

    Parameters
    ----------
    considered : Plan
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``.
    current : Plan
        The plan under which the sales were made.
    behaviour : Response
        How payees answer.
    margin_rate : float
        Margin of a sale before the payout, as a share of its amount.
    seed : int
        Of the draws of :func:`cost`.

    Returns
    -------
    DataFrame
        Two rows, ``case`` = ``present`` and ``considered``: ``plan_cost, cost_rate, margin`` (what
        the next period's sales leave after payouts), ``floor_rate, stretch_rate`` (missing where a
        plan has no such target).

    Raises
    ------
    SalesAnalysisError
        There is no row with a quota.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plans = [{"thresholds": "quota", "floor": 1, "stretch": 1.2, "tiers": [[0, None, rate]]}
    ...          for rate in (0.05, 0.06)]
    >>> rows = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "quota": 1000.0,
    ...                      "sales": [900.0, 1300.0]})
    >>> present, considered = map(read_plan, plans)
    >>> table = plan_change(considered, rows, current=present, behaviour=Response())
    >>> table[["case", "plan_cost", "floor_rate"]].round(1)
             case  plan_cost  floor_rate
    0     present      110.1         0.5
    1  considered      132.2         0.5
    """
    for plan in (considered, current):
        single_plan(plan, wanted="plan_change")
    how = {"margin_rate": margin_rate, "seed": seed}
    table = payee_periods(attainment)
    if table.empty:
        raise SalesAnalysisError("`attainment` has no row with a quota over 0.")
    seen, present = Seen.of(table, current), _figures(current, table, **how)
    then, before = (
        _figures(plan, table.assign(sales=answered(seen, plan, behaviour)), **how)
        for plan in (considered, current)
    )
    changed = {name: present[name] + then[name] - before[name] for name in _FIGURES}
    return pd.DataFrame([{"case": "present"} | present, {"case": "considered"} | changed])


def _figures(plan: Plan, table: pd.DataFrame, *, margin_rate: float, seed: int) -> dict[str, float]:
    paid = cost(plan, table, seed=seed)
    reached = reachability(table, **target_levels(plan), by=[])
    found = {figure.name: figure.value for figure in key_figures(paid, reached)}
    found["margin"] = margin_rate * float(paid.sales_amount.mean()) - paid.cost_amount
    return {name: found.get(name, np.nan) for name in _FIGURES}


def scenario_lead(scenario: str, change: pd.DataFrame) -> list[Finding]:
    """What a scenario's plan would cost and leave, and what the present one does.

    Parameters
    ----------
    scenario : str
        What it is called.
    change : DataFrame
        As from :func:`plan_change`.

    Returns
    -------
    list of Finding
        One, ``scenario``.

    Examples
    --------
    >>> change = pd.DataFrame({"case": ["present", "considered"], "plan_cost": [110.0, 132.0],
    ...                        "margin": [550.0, 528.0]})
    >>> scenario_lead("Rate up to the floor 5 → 6%", change)[0].values["margin"]
    528.0
    """
    names = ["plan_cost", "margin"]
    require_columns(change.columns, ["case", *names], "`change`")
    now, then = (
        only_row(change[change["case"] == case], names, f"`change` of `{case}`")
        for case in ("present", "considered")
    )
    values = {"scenario": scenario} | picked(then, "plan_cost", "margin")
    values |= {"plan_cost_now": now["plan_cost"], "margin_now": now["margin"]}
    return [Finding("lead", "scenario", values)]
