"""What a room decided of refreshers, held against the plan as it was."""

import numpy as np

from salesanalysis.findings import Finding
from salesanalysis.forgetting.schedules import Schedule


def scenario_lead(scenario: str, planned: Schedule, before: Schedule) -> list[Finding]:
    """What a scenario's refreshers keep and take, and those of the plan before.

    Parameters
    ----------
    scenario : str
        What it is called.
    planned, before : Schedule
        As from :func:`salesanalysis.forgetting.spaced_schedule`.

    Returns
    -------
    list of Finding
        One: ``scenario``, or ``scenario_hours`` where nobody knows what an hour costs.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve, schedule
    >>> curve = known_curve(half_life=5.1, time_unit="weeks")
    >>> plans = schedule(curve, target=0.9), schedule(curve, target=0.8)
    >>> found = scenario_lead("Share to be kept 80 → 90%", *plans)[0]
    >>> found.values["refreshers"], found.values["refreshers_now"]
    (67, 31)
    """
    values = {
        "scenario": scenario,
        "refreshers": len(planned.refreshers),
        "refreshers_now": len(before.refreshers),
        "min_retention": planned.min_retention,
        "min_retention_now": before.min_retention,
    }
    if np.isnan(planned.cost) or np.isnan(before.cost):
        hours = {"hours": planned.person_hours, "hours_now": before.person_hours}
        return [Finding("lead", "scenario_hours", values | hours)]
    money = {"cost": planned.cost, "cost_now": before.cost}
    return [Finding("lead", "scenario", values | money)]
