"""Payees one by one: what each was paid, and what each may sell next."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.incentive.reserves import payee_periods


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
        ``not_payable`` (periods without a quota or sales; they have no payout).

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
    require_columns(statements.columns, ["payee_id", "sales", "payout", "status"], "`statements`")
    rows = statements.assign(
        below_floor=statements["status"] == "below_floor",
        capped=statements["status"] == "capped",
        not_payable=statements["payout"].isna(),
    )
    table = rows.groupby("payee_id", sort=True).agg(
        periods=("payout", "size"),
        sales=("sales", "sum"),
        payout=("payout", "sum"),
        below_floor=("below_floor", "sum"),
        capped=("capped", "sum"),
        not_payable=("not_payable", "sum"),
    )
    table.insert(3, "payout_rate", table["payout"] / table["sales"].where(table["sales"] > 0))
    order = table.reset_index().sort_values(["payout", "payee_id"], ascending=[False, True])
    return order.reset_index(drop=True)


def payee_outlook(attainment: pd.DataFrame) -> pd.DataFrame:
    """What each payee may sell in a next period, if it is like the past ones.

    The mean and the spread of the attainment seen, at the last quota. A payee of one period has the
    spread that is usual within payees. A forecast says more; this needs none.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``; rows without a quota are left out.

    Returns
    -------
    DataFrame
        One row per payee: ``payee_id, quota`` (of the last period), ``mean, sd`` (of the sales,
        money), as :func:`salesanalysis.incentive.cost` takes it.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": "a", "period": ["2025-Q1", "2025-Q2"],
    ...                      "quota": [100.0, 200.0], "sales": [90.0, 220.0]})
    >>> payee_outlook(rows).round(1)
      payee_id  quota   mean    sd
    0        a  200.0  200.0  28.3
    """
    table = payee_periods(attainment)
    share = table.groupby("payee_id", sort=True)["share"]
    apart = table["share"] - share.transform("mean")
    free = len(table) - share.ngroups
    usual = float(np.sqrt((apart**2).sum() / free)) if free > 0 else 0.0
    found = pd.DataFrame({"mean": share.mean(), "sd": share.std(ddof=1).fillna(usual)})
    quota = table.groupby("payee_id", sort=True)["quota"].last()
    found = found.mul(quota, axis=0)
    found.insert(0, "quota", quota)
    return found.reset_index()
