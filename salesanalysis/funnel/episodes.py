"""Since when something has been so without a break, told from the data alone.

What names an action must be the same next week, so its first day cannot hang on what has been
learnt since: each day is judged by what was known on it.
"""

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.funnel.open_age import LEAST_WINNERS
from salesanalysis.known import KnownFunnel

_DAY = pd.Timedelta(days=1)


def late_since(
    known: KnownFunnel,
    late: pd.DataFrame,
    *,
    percentile: float = 0.9,
    least_winners: int = LEAST_WINNERS,
) -> pd.Series:
    """The first day from which each late deal has been past the limit of its stage.

    Parameters
    ----------
    known : KnownFunnel
    late : DataFrame, one row per late deal
        ``opportunity_id, stage, stage_days``, as from :func:`stuck` of the same without
        ``winners_by``.
    percentile, least_winners
        As there.

    Returns
    -------
    Series of Timestamp, by ``opportunity_id``
        Days without time; the day itself where the deal is not past the limit.
    """
    today = known.as_of.normalize()
    since = pd.Series(today, index=pd.Index(late["opportunity_id"]), dtype="datetime64[us]")
    if not len(late):
        return since
    closed_at = known.deals.set_index("opportunity_id")["closed_at"]
    entries = known.entries
    won = (entries["outcome"] == WON) & ~entries["skipped"].astype(bool)
    won &= entries["stage_days"].notna()
    winners = entries.loc[won, ["opportunity_id", "stage", "stage_days"]]
    winners = winners.assign(closed_at=winners["opportunity_id"].map(closed_at))
    winners = winners.sort_values("stage_days")
    for stage, deals in late.groupby("stage", observed=True):
        own = winners[winners["stage"] == stage]
        days, closed = own["stage_days"].to_numpy(float), own["closed_at"].to_numpy()
        there = deals["stage_days"].fillna(0.0).to_numpy(float)
        first, still = np.zeros(len(deals), dtype=int), np.ones(len(deals), dtype=bool)
        for back in range(1, int(there.max()) + 1):
            by_then = days[closed <= (known.as_of - back * _DAY).to_datetime64()]
            if len(by_then) < max(least_winners, 1):
                break
            limit = by_then[max(int(np.ceil(percentile * len(by_then) - 1e-9)), 1) - 1]
            still &= there - back > limit
            first[still] = back
            if not still.any():
                break
        since[deals["opportunity_id"]] = [today - int(back) * _DAY for back in first]
    return since


def old_since(known: KnownFunnel, *, least_closed: int = LEAST_WINNERS) -> pd.Timestamp:
    """The first day from which there has always been a deal older than any that had closed.

    Parameters
    ----------
    known : KnownFunnel
    least_closed : int
        As for :func:`salesanalysis.funnel.open_age.oldest_closed_days`.

    Returns
    -------
    Timestamp
        A day without time; missing where there is no such deal.
    """
    deals = known.deals[known.deals["created_at"].notna() & known.deals["age_days"].notna()]
    deals = deals.sort_values("created_at")
    created = deals["created_at"].to_numpy()
    is_open = (deals["outcome"] == OPEN).to_numpy()
    closed = deals["closed_at"].where(~is_open, pd.Timestamp.max).to_numpy()
    done = deals[~is_open].sort_values("closed_at")
    ends, oldest = done["closed_at"].to_numpy(), np.maximum.accumulate(done["age_days"].to_numpy())
    first, back = pd.NaT, 0
    while True:
        now = known.as_of - back * _DAY
        there = int(np.searchsorted(ends, now.to_datetime64(), side="right"))
        open_then = (closed > now.to_datetime64()) & (created <= now.to_datetime64())
        if there < max(least_closed, 1) or not open_then.any():
            return first
        age = (now - pd.Timestamp(created[np.argmax(open_then)])) / _DAY
        if age <= oldest[there - 1]:
            return first
        first, back = now.normalize(), back + 1
