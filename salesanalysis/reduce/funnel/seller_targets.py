"""Targets → what each seller is to bring in one period."""

import pandas as pd

from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas


def seller_targets(targets: AnyTable, *, period: str) -> pd.DataFrame:
    """The target of each seller in one period, over all regions and products.

    Parameters
    ----------
    targets : Ibis table or DataFrame, one row per period × group
        ``period, owner_id, target``; rows without a seller do not count.
    period : str
        As the table names it, such as ``2025-Q4``.

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
    table = as_ibis(targets)
    require_columns(table, ["period", "target"], "targets")
    if "owner_id" not in table.columns:  # targets of regions, say: none of a seller's own
        return pd.DataFrame({"owner_id": [], "target": []}).astype({"owner_id": object})
    ours = table.filter((table.period == period) & table.owner_id.notnull())
    sums = ours.group_by("owner_id").agg(target=ours.target.cast("float64").sum())
    return to_pandas(sums.order_by("owner_id"))
