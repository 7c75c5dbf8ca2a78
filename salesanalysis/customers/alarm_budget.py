"""How long the list of those who leave is, for every share of it that may be wrong."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.customers.returning import ReturnChance
from salesanalysis.errors import require_columns, require_number
from salesanalysis.findings import Finding

#: The shares that are tried where nothing is said.
BUDGETS = tuple(np.round(np.arange(0.05, 0.525, 0.025), 3).tolist())


def alarm_budget(chance: ReturnChance, *, budgets: Sequence[float] = BUDGETS) -> pd.DataFrame:
    """The list for each share of it that may be wrong: how long, how much money, how often wrong.

    Parameters
    ----------
    chance : ReturnChance
        As from :func:`return_chance`.
    budgets : sequence of float
        Shares that may be wrong.

    Returns
    -------
    DataFrame, one row per share, in ascending order
        ``allowed_share, customers, amount_at_stake``, ``false_share`` (measured on earlier days;
        missing where there is no list).

    Raises
    ------
    SalesAnalysisError
        A budget is no share.
    """
    rows = []
    for budget in sorted(set(budgets)):
        allowed = require_number("budgets", budget, over=0, under=1)
        listed = chance.alarms(false_share=allowed)
        rows.append(
            {
                "allowed_share": allowed,
                "customers": len(listed),
                "amount_at_stake": listed["amount_at_stake"].sum(),
                "false_share": listed["false_share"].max(),
            }
        )
    return pd.DataFrame(rows)


def scenario_lead(scenario: str, budget: pd.DataFrame) -> list[Finding]:
    """What the list is where so much of it may be wrong, as a room has chosen.

    Parameters
    ----------
    scenario : str
        Its name.
    budget : DataFrame
        One row, as from :func:`alarm_budget`.
    """
    needed = ["allowed_share", "customers", "amount_at_stake", "false_share"]
    require_columns(budget.columns, needed, "`budget`")
    if budget.empty:
        return []
    row = budget.iloc[0]
    values = {"scenario": scenario, "allowed": row["allowed_share"]}
    if not row["customers"]:
        return [Finding("lead", "scenario_no_list", values)]
    values |= {"customers": row["customers"], "amount": row["amount_at_stake"]}
    return [Finding("lead", "scenario", values | {"false": row["false_share"]})]
