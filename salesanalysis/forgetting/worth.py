"""What forgetting costs each week, and what a schedule of refreshers costs and saves."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forgetting.schedules import Schedule
from salesanalysis.forgetting.spacing import spaced_schedule


def training_value(schedule: Schedule, *, week_amount: float) -> pd.DataFrame:
    """The value of training lost in each week, with the schedule and without any refresher.

    What is known is worth its share of ``week_amount``: a straight line from nothing known to all
    known, which is an assumption to be stated with the result.

    Parameters
    ----------
    schedule : Schedule
        With what each refresher takes; without a rate the cost is missing.
    week_amount : float
        What the training is worth per person and week while all of it is known.

    Returns
    -------
    DataFrame
        One row per week of the horizon (the last may be shorter):

        - ``week`` (from 1), ``retention_without, retention_with`` (means over the week),
        - ``lost_without, lost_with`` (week_amount × people × share not known), ``saved`` (the
          difference), ``refreshers`` (that fall into the week), ``cost`` (of these),
        - ``net``, ``net_so_far``: saved − cost, of the week and up to its end.

    Raises
    ------
    SalesAnalysisError
        ``week_amount`` is not a number over 0.

    References
    ----------
    Sales-system source, §3.

    Examples
    --------
    >>> from salesanalysis.forgetting import RefresherCost, known_curve, schedule
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> plan = schedule(source, horizon_weeks=13, effect=1.5,
    ...                 each=RefresherCost(hours=2, people=10, rate=60))
    >>> table = training_value(plan, week_amount=100)
    >>> table.loc[[1, 12], ["week", "lost_without", "lost_with", "cost", "net_so_far"]].round(0)
        week  lost_without  lost_with    cost  net_so_far
    1      2         184.0      111.0  1200.0     -1127.0
    12    13         817.0      172.0     0.0      1982.0
    """
    if not 0 < week_amount < np.inf:
        raise SalesAnalysisError(
            f"`week_amount` is {week_amount!r}; expected what the training is worth per person and"
            " week while all of it is known, over 0."
        )
    edges = np.append(np.arange(np.ceil(schedule.horizon_weeks)), schedule.horizon_weeks)
    start, end = edges[:-1], edges[1:]
    without = spaced_schedule(
        schedule.curve, spacing="none", refreshers=0, horizon_weeks=schedule.horizon_weeks
    )
    table = pd.DataFrame({"week": np.arange(1, len(edges))})
    table["retention_without"] = without.mean_retention(start, end)
    table["retention_with"] = schedule.mean_retention(start, end)
    whole = week_amount * schedule.each.people * (end - start)
    table["lost_without"] = whole * (1 - table["retention_without"])
    table["lost_with"] = whole * (1 - table["retention_with"])
    table["saved"] = table["lost_without"] - table["lost_with"]
    week = np.searchsorted(start, schedule.refreshers["weeks"], side="right") - 1
    table["refreshers"] = np.bincount(week, minlength=len(table))
    table["cost"] = table["refreshers"] * schedule.each.total
    table["net"] = table["saved"] - table["cost"]
    table["net_so_far"] = table["net"].cumsum()
    return table
