"""SPIFs: short-term rewards for single sales, beside what the tiers pay."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.any_plan import AnyPlan, payee_plan
from salesanalysis.incentive.commission import payout_amounts
from salesanalysis.incentive.money import from_minor, rounded, to_minor
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Spif
from salesanalysis.periods import moments

#: What a period can be.
_PERIODS = ("month", "quarter", "year")


def spifs(sales: pd.DataFrame, *, plan: AnyPlan, period: str | None = None) -> pd.DataFrame:
    """The SPIFs of a plan for each payee and period: so much a sale, a share of it, or in tiers.

    A sale counts from the first to the last day of a SPIF, both included, if it is of its product
    (where one is named) and large enough. Returns (negative sales) take a share back and bring no
    amount. In tiers each payee's sales are counted in order of time from the first day on, over
    the ends of periods; a period gets what its own sales add to those before.

    Parameters
    ----------
    sales : DataFrame, one row per sale
        ``payee_id, sold_at, amount`` in money, ``product`` where a SPIF names one, and ``units``
        where it counts them.
    plan : Plan, or what :func:`read_plan` takes
    period : str, optional
        ``month``, ``quarter`` or ``year``; the plan's own without.

    Returns
    -------
    DataFrame
        One row per payee × period × SPIF in which a sale counted, in that order: ``payee_id,
        period, name, n`` (sales), ``spif`` (money). Its sums by payee and period are what
        :func:`payout` takes as the column ``spif``.

    Raises
    ------
    SalesAnalysisError
        No period is known, or a column is missing that a SPIF looks at.

    Examples
    --------
    >>> sales = pd.DataFrame({"payee_id": ["a", "a"], "amount": [900.0, 2000.0],
    ...                       "sold_at": pd.to_datetime(["2025-03-02", "2025-03-31"])})
    >>> plan = {"tiers": [[0, None, 0.1]], "spifs": [{"name": "March", "start": "2025-03-01",
    ...         "end": "2025-03-31", "pay": 50, "at_least": 1000}]}
    >>> spifs(sales, plan=plan, period="quarter")
      payee_id   period   name  n  spif
    0        a  2025-Q1  March  1  50.0
    >>> plan["spifs"] = [{"name": "Two", "start": "2025-03-01", "end": "2025-03-31",
    ...                   "tiers": [[1, 20], [2, 90]]}]
    >>> spifs(sales, plan=plan, period="quarter")["spif"].tolist()
    [110.0]
    """
    plan = payee_plan(plan)
    period = period or plan.period
    if period not in _PERIODS:
        raise SalesAnalysisError(
            f"`period` is {period!r}; expected month, quarter or year, here or in the plan."
        )
    require_columns(sales.columns, ["payee_id", "sold_at", "amount"], "`sales`")
    sales = sales.assign(sold_at=moments(sales["sold_at"]))
    sales = sales.sort_values("sold_at", kind="stable", ignore_index=True)
    minor, _ = to_minor(sales["amount"].to_numpy(float), plan.minor_unit, "amount")
    found = []
    for spif in plan.spifs:
        hit = _counts(sales, minor, spif, plan)
        rows = sales.loc[hit, ["payee_id"]].assign(
            period=plan.calendar.labels_of(sales.loc[hit, "sold_at"], period), name=spif.name
        )
        pay = pd.Series(_rewards(sales[hit], minor[hit], spif, plan), rows.index)
        if spif.most is not None:
            most = int(spif.most / plan.minor_unit)
            pay = _additions(pay.groupby(rows["payee_id"]).cumsum().clip(upper=most), rows)
        found.append(rows.assign(pay=pay))
    if not found:
        return pd.DataFrame({"payee_id": [], "period": [], "name": [], "n": [], "spif": []})
    grouped = pd.concat(found).groupby(["payee_id", "period", "name"], sort=True)["pay"]
    table = grouped.agg(["size", "sum"]).reset_index()
    table = table.rename(columns={"size": "n", "sum": "spif"})
    return table.assign(spif=from_minor(table["spif"].to_numpy(), plan.minor_unit))


def _counts(sales: pd.DataFrame, minor: np.ndarray, spif: Spif, plan: Plan) -> np.ndarray:
    """Which sales count."""
    days = sales["sold_at"].dt.normalize()
    hit = (days >= pd.Timestamp(spif.start)) & (days <= pd.Timestamp(spif.end))
    hit &= sales["payee_id"].notna()
    if spif.product is not None:
        require_columns(sales.columns, ["product"], "`sales`")
        hit &= sales["product"].eq(spif.product)
    if spif.at_least is not None:
        hit &= minor >= spif.at_least / plan.minor_unit
    if spif.rate is None and not (spif.tiers and spif.counts == "amount"):
        hit &= minor > 0
    return hit.to_numpy()


def _rewards(sales: pd.DataFrame, minor: np.ndarray, spif: Spif, plan: Plan) -> np.ndarray:
    """What each sale that counts brings, in minor units."""
    if spif.pay is not None:
        return np.full(len(sales), int(spif.pay / plan.minor_unit))
    if spif.rate is not None:
        return rounded(minor * spif.rate.numerator, spif.rate.denominator, plan.rounding.method)
    unit = plan.minor_unit
    if spif.counts == "units":
        require_columns(sales.columns, ["units"], "`sales`")
        counted, _ = to_minor(sales["units"].to_numpy(float), unit, "units")
    else:
        counted = minor if spif.counts == "amount" else np.full(len(sales), int(1 / unit))
    sold = pd.Series(counted, sales.index).groupby(sales["payee_id"]).cumsum()
    due = payout_amounts(from_minor(sold, unit), plan=plan.spif_plan(spif))
    return _additions(pd.Series(due, sales.index), sales).to_numpy()


def _additions(total: pd.Series, sales: pd.DataFrame) -> pd.Series:
    """What each sale adds to its payee's running total."""
    return total - total.groupby(sales["payee_id"]).shift(1, fill_value=0)
