"""Payees one by one: what each sold and was paid."""

import pandas as pd

from salesanalysis.errors import require_columns


def payee_totals(statements: pd.DataFrame) -> pd.DataFrame:
    """What each payee sold and was paid over all periods.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`salesanalysis.incentive.payout`.

    Returns
    -------
    DataFrame
        One row per payee, most payout first: ``payee_id, periods, sales, payout, payout_rate`` (of
        the sales), ``below_floor`` (periods that lost all to a cliff), ``capped`` (periods),
        ``not_payable`` (periods without a quota or sales; they have no payout). Components have no
        sales in common, so there ``sales`` and ``payout_rate`` are left out.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> rows = pd.DataFrame({"payee_id": ["a", "b", "a"], "sales": [100.0, 80.0, 50.0],
    ...                      "period": ["2025-Q1", "2025-Q1", "2025-Q2"]})
    >>> table = payee_totals(payout(rows, plan={"tiers": [[0, None, 0.1]]}))
    >>> table[["payee_id", "periods", "sales", "payout"]]
      payee_id  periods  sales  payout
    0        a        2  150.0    15.0
    1        b        1   80.0     8.0
    """
    together = {"commission", "sales"}.intersection(statements.columns) == {"commission"}
    needed = ["payee_id", *([] if together else ["sales"]), "payout", "status"]
    require_columns(statements.columns, needed, "`statements`")
    rows = statements.assign(
        below_floor=statements["status"] == "below_floor",
        capped=statements["status"] == "capped",
        not_payable=statements["payout"].isna(),
    )
    sales = {} if together else {"sales": ("sales", "sum")}
    table = rows.groupby("payee_id", sort=True).agg(
        periods=("payout", "size"),
        **sales,
        payout=("payout", "sum"),
        below_floor=("below_floor", "sum"),
        capped=("capped", "sum"),
        not_payable=("not_payable", "sum"),
    )
    if not together:
        table.insert(3, "payout_rate", table["payout"] / table["sales"].where(table["sales"] > 0))
    order = table.reset_index().sort_values(["payout", "payee_id"], ascending=[False, True])
    return order.reset_index(drop=True)
