"""What to do about a period: the sellers who are unlikely to reach their targets."""

import math
from typing import TYPE_CHECKING

import pandas as pd

from salesanalysis.errors import whose_column
from salesanalysis.findings import Action, Finding
from salesanalysis.periods import due_day
from salesanalysis.statuses import ACT, LIMITS

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast

#: What the list is about.
SHORT = "short"


def actions(forecast: "Forecast", by_seller: pd.DataFrame) -> list[Action]:
    """Talk to the sellers whose target is out of reach as it stands, the largest gap first.

    Parameters
    ----------
    forecast : Forecast
        Its day and its period.
    by_seller : DataFrame, one row per seller
        As from ``forecast.against_targets("owner_id")``; the first column says whose.

    Returns
    -------
    list of Action
        Of the kind ``short``, about the seller who acts, since the period began: ``new_deals``
        where all open deals together are worth less than what is missing, ``close_deals`` where
        they are worth enough. The amount is what is missing; what hangs on a talk nobody knows.
    """
    if by_seller.empty:  # of nobody there is nothing to do
        return []
    needed = ["gap_amount", "target", "closed", "open_amount", "p_target"]
    whose = whose_column(by_seller, needed, "`by_seller`")
    lost = by_seller["p_target"].map(LIMITS["p_target"].status) == ACT
    short = by_seller[(by_seller["gap_amount"] < 0) & lost]
    short = short.sort_values(["gap_amount", whose], ignore_index=True)
    began = forecast.calendar.bounds_of(forecast.period)[0]
    lines = []
    for row in short.to_dict("records"):
        missing = row["target"] - row["closed"]
        worth = 0.0 if math.isnan(row["open_amount"]) else row["open_amount"]
        name = "new_deals" if worth < missing else "close_deals"
        step = Finding("step", name, {"missing": missing, "open_amount": worth})
        lines.append(
            Action(
                SHORT,
                "seller",
                str(row[whose]),
                step,
                since=f"{began:%Y-%m-%d}",
                due=due_day(forecast.as_of, len(lines)),
                who=str(row[whose]),
                amount=missing,
                measure=forecast.period,
                title=forecast.period,
            )
        )
    return lines
