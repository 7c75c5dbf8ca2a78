"""Where value is lost: at which stage and for which reason."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST
from salesanalysis.funnel.groups import groups, require_columns, split_columns, split_table
from salesanalysis.known import number, weights


def leakage(entries: pd.DataFrame, *, by: Sequence[str] | str = ("reason",)) -> pd.DataFrame:
    """The deals that were lost or cancelled, by the furthest stage they reached and by reason.

    A count of what happened, not an estimate: so it has no interval. How likely a deal is to get
    through a stage is :func:`salesanalysis.funnel.conversion`.

    Parameters
    ----------
    entries : DataFrame, one row per deal × stage reached
        As from :func:`salesanalysis.reduce.funnel.stage_entries`, counted (``weight``) or not, with
        the columns of ``by`` carried along. The rows whose ``result`` is ``lost`` or ``cancelled``
        count: each such deal once, at the furthest stage that it had reached.
    by : str or list of str
        Columns to split by within a stage. A missing reason is a group of its own.

    Returns
    -------
    DataFrame
        One row per stage × ``by``, most amount first: ``stage, position, by, deals, lost,
        cancelled, deals_share, amount`` (sum of the known amounts), ``without_amount`` (deals whose
        amount is not known: they are in ``deals`` only), ``amount_share`` of all the amount that
        was lost and ``cumulative_share`` down to this row; both missing where no amount is known.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    References
    ----------
    Sales-system source, §3 and §7.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "stage": ["lead", "lead", "offer", "offer"], "position": [0, 0, 1, 1],
    ...     "result": ["advanced", "lost", "lost", "cancelled"],
    ...     "amount": [5.0, 10.0, 60.0, 30.0], "reason": [None, "price", "price", "budget"]})
    >>> leakage(entries)[["stage", "reason", "deals", "amount", "amount_share", "cumulative_share"]]
       stage  reason  deals  amount  amount_share  cumulative_share
    0  offer   price      1    60.0           0.6               0.6
    1  offer  budget      1    30.0           0.3               0.9
    2   lead   price      1    10.0           0.1               1.0
    """
    by = split_columns(entries, by)
    require_columns(entries, ["stage", "position", "result", "amount"], counted=True)
    gone = entries[entries["result"].isin([LOST, CANCELLED])]
    deals, rows = int(weights(gone).sum()), []
    for group, part in groups(gone, ["position", *by]):
        weight, row = weights(part), {"stage": part["stage"].iloc[0]}
        row |= {name: number(part["result"] == name, weight) for name in (LOST, CANCELLED)}
        row["deals"] = row[LOST] + row[CANCELLED]
        row["deals_share"] = row["deals"] / deals if deals else np.nan
        row["amount"] = (part["amount"] * weight).sum()
        row["without_amount"] = number(part["amount"].isna(), weight)
        rows.append(group | row)
    columns = ["stage", "position", *by, "deals", "lost", "cancelled", "deals_share", "amount"]
    table = split_table(rows, [*columns, "without_amount"])
    # Stable, so that equal rows keep the order of the process and of the reasons.
    table = table.sort_values(
        ["amount", "deals"], ascending=False, kind="stable", ignore_index=True
    )
    total = table["amount"].sum()
    table["amount_share"] = table["amount"] / (total if total > 0 else np.nan)
    table["cumulative_share"] = table["amount_share"].cumsum()
    return table
