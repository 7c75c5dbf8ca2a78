"""What a room decided of a funnel, held against what is."""

import numpy as np
import pandas as pd

from salesanalysis.errors import only_row, require_columns
from salesanalysis.findings import Finding, picked


def scenario_lead(scenario: str, outcomes: pd.DataFrame) -> list[Finding]:
    """What a scenario would bring a month, and what it is now: the answer of its report.

    Parameters
    ----------
    scenario : str
        What it is called.
    outcomes : DataFrame
        As from :func:`salesanalysis.funnel.aim_outcomes`.

    Returns
    -------
    list of Finding
        One: ``scenario``, or ``scenario_won`` where no amounts are known.

    Examples
    --------
    >>> rows = [["present", 10.0, 2000.0], ["aimed", 12.5, 2500.0]]
    >>> outcomes = pd.DataFrame(rows, columns=["case", "won", "won_amount"])
    >>> scenario_lead("Lead 40 → 50%", outcomes)[0].values["won_amount"]
    2500.0
    """
    names = ["won", "won_amount"]
    require_columns(outcomes.columns, ["case", *names], "`outcomes`")
    now, then = (
        only_row(outcomes[outcomes["case"] == case], names, f"`outcomes` of `{case}`")
        for case in ("present", "aimed")
    )
    values = {"scenario": scenario, "won": then["won"], "won_now": now["won"]}
    if np.isnan(then["won_amount"]):
        return [Finding("lead", "scenario_won", values)]
    money = picked(then, "won_amount") | {"won_amount_now": now["won_amount"]}
    return [Finding("lead", "scenario", values | money)]
