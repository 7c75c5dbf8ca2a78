"""Targets → what each seller is to bring in one period."""

import numpy as np
import pandas as pd

from salesanalysis.reduce.expressions import AnyTable
from salesanalysis.reduce.season import Season
from salesanalysis.reduce.targets import each_once


def seller_targets(
    targets: AnyTable,
    *,
    period: str,
    season: Season | None = None,
    over_assigned: bool = False,
) -> pd.DataFrame:
    """The target of each seller in one period, over all regions and products.

    Parameters
    ----------
    targets : Ibis table or DataFrame, one row per period × group
        ``period, owner_id, target``; what is of no seller is no seller's target, and totals do not
        count again: see :func:`salesanalysis.reduce.targets.each_once`.
    period : str
        As the table names it, such as ``2025-Q4``; targets of shorter periods in it add up.
    season : salesanalysis.reduce.season.Season, optional
        The company's calendar, and how its years fill, to spread the target of a year.
    over_assigned : bool
        Whether sellers may be given more than the company's target.

    Returns
    -------
    DataFrame
        One row per seller: ``owner_id, target``. Empty where the period has none.

    Examples
    --------
    >>> targets = pd.DataFrame({"period": ["2025-Q4", "2025-Q4"], "owner_id": ["R1", "R1"],
    ...                         "target": [100.0, 50.0]})
    >>> seller_targets(targets, period="2025-Q4")
      owner_id  target
    0       R1   150.0
    """
    season = season or Season()
    once = each_once(targets, season=season, over_assigned=over_assigned)
    if "owner_id" not in once:  # targets of regions, say: none of a seller's own
        return pd.DataFrame({"owner_id": [], "target": []}).astype({"owner_id": object})
    inside = [season.calendar.lies_in(name, period) for name in once["period"]]
    ours = once[np.array(inside, dtype=bool) & once["owner_id"].notna()]
    return ours.groupby("owner_id", as_index=False)["target"].sum()
