"""Columns of a deal list that are filled in only once the outcome is known."""

import ibis
import numpy as np

from salesanalysis.columns import OPEN
from salesanalysis.reduce.expressions import to_pandas
from salesanalysis.stats import z_value

#: A pattern is told from chance at this confidence: a report makes many checks.
LEVEL = 0.9999
#: With fewer deals than this there is no pattern to speak of.
LEAST = 30
#: Difference in the share of missing values between outcomes from which on it is one.
FILLED_GAP = 0.2


def absent(t, name: str):
    """Whether a value is not there; an amount of 0 is one that nobody has filled in."""
    return t[name].isnull() | (t[name] == 0) if name == "amount" else t[name].isnull()


def filled_later(deals, names: list[str], still=None) -> list[str] | None:
    """Which columns are empty far more often in deals of one outcome than of another.

    Parameters
    ----------
    deals : Ibis table, one row per deal
        ``outcome`` and the columns.
    names : list of str
        The columns to look at.
    still : Ibis expression, optional
        Which deals were open as known then, whatever their outcome says.

    Returns
    -------
    list of str
        ``None`` where there are too few deals of two outcomes to tell.
    """
    state = deals.outcome if still is None else ibis.ifelse(still, OPEN, deals.outcome)
    empty = {name: absent(deals, name).fill_null(True) for name in names}
    deals = deals.select(state=state, **empty)
    counted = to_pandas(
        deals.group_by("state").agg(
            n=deals.count(), **{name: deals.count(where=deals[name]) for name in names}
        )
    )
    counted = counted[counted["state"].notna() & (counted["n"] >= LEAST)]
    if len(counted) < 2 or not names:
        return None
    n = counted["n"].to_numpy(float)
    found = []
    for name in names:
        share = counted[name].to_numpy(float) / n
        high, low = share.argmax(), share.argmin()
        pooled = counted[name].sum() / n.sum()
        error = np.sqrt(pooled * (1 - pooled) * (1 / n[high] + 1 / n[low]))
        gap = share[high] - share[low]
        if gap >= FILLED_GAP and gap > z_value(LEVEL) * error:
            found.append(name)
    return found
