"""The table that an event funnel gives: counts, rates with intervals, days to convert."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.reduce.funnel.event_steps import DAY_MICROSECONDS, EventFunnel
from salesanalysis.stats import wilson

#: Percentiles of the days to convert, by the name that their columns have.
PERCENTILES = {"median": 0.5, "p25": 0.25, "p75": 0.75, "p90": 0.9}

#: The columns of the table, those of the groups apart.
COLUMNS = (
    *("step", "position", "users", "advanced", "still_open", "dropped", "excluded"),
    *("n", "k", "rate", "rate_low", "rate_high"),
    *("overall_n", "overall_rate", "overall_rate_low", "overall_rate_high"),
    *(f"{name}_days" for name in PERCENTILES),
    *(f"step_{name}_days" for name in PERCENTILES),
)


def funnel_table(
    summary: pd.DataFrame, funnel: EventFunnel, by: Sequence[str], level: float
) -> pd.DataFrame:
    """One row per group × step.

    Parameters
    ----------
    summary : DataFrame, one row per group
        ``by``, ``excluded``, and for each position ``users_1, open_1``, and the percentiles
        ``start_median_1 …, previous_median_1 …`` in microseconds.
    funnel : EventFunnel
    by : list of str
    level : float
        Confidence level.
    """
    by = list(by)
    if by:
        summary = summary.sort_values(by, na_position="last", ignore_index=True)
    last = len(funnel.steps)
    steps = [_step(summary, funnel, by, position, level) for position in range(1, last + 1)]
    # Stable, so that within a group the steps stay in their order.
    table = pd.concat(steps).sort_index(kind="stable").reset_index(drop=True)
    return table[[*by, *COLUMNS]]


def _step(summary, funnel: EventFunnel, by: list[str], position: int, level: float) -> pd.DataFrame:
    """The rows of one step, indexed like the groups."""
    last = len(funnel.steps)

    def count(name: str, at: int) -> pd.Series | pd.Index:
        column = f"{name}_{at}"
        # Without any user an engine gives missing sums. Nothing comes after the last step.
        known = column in summary and at <= last
        return summary[column].fillna(0).astype("int64") if known else summary.index * 0

    users = count("users", position)
    rows = summary[by].copy()
    any_order = funnel.order == "any"
    rows["step"] = f"{position} / {last}" if any_order else funnel.labels[position - 1]
    rows["position"] = position
    rows["users"] = users
    rows["advanced"] = count("users", position + 1)
    rows["still_open"] = count("open", position)
    rows["dropped"] = users - rows["advanced"] - rows["still_open"] if position < last else 0
    rows["excluded"] = summary["excluded"].fillna(0).astype("int64")
    rows["n"], rows["k"] = count("users", max(position - 1, 1)), users
    rows["overall_n"] = count("users", 1)
    for prefix in ("", "overall_"):
        n = rows[f"{prefix}n"].to_numpy()
        low, high = wilson(users, n, level=level)
        rate = np.where(n > 0, users / np.maximum(n, 1), np.nan)
        for name, share in (("rate", rate), ("rate_low", low), ("rate_high", high)):
            # All users of a funnel took its first step: there is nothing to be a share of.
            rows[f"{prefix}{name}"] = share if position > 1 else np.nan
    for since, prefix in (("start", ""), ("previous", "step_")):
        for name in PERCENTILES:
            duration = summary[f"{since}_{name}_{position}"].astype("float64")
            days = duration / DAY_MICROSECONDS
            rows[f"{prefix}{name}_days"] = days if position > 1 else np.nan
    return rows
