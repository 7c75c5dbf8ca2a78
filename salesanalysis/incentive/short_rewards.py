"""SPIFs: short-term rewards for single sales, beside what the tiers pay."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.money import from_minor, rounded, to_minor
from salesanalysis.incentive.period_order import moments
from salesanalysis.incentive.plan_file import read_plan

#: How pandas calls the period that a day lies in, and how we write it.
_PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


def spifs(sales: pd.DataFrame, *, plan, period: str | None = None) -> pd.DataFrame:
    """The SPIFs of a plan for each payee and period: so much a sale, or a share of it.

    A sale counts from the first to the last day of a SPIF, both included, if it is of its product
    (where one is named) and large enough. Returns (negative sales) take a share back and bring no
    amount.

    Parameters
    ----------
    sales : DataFrame, one row per sale
        ``payee_id, sold_at, amount`` in money, and ``product`` where a SPIF names one.
    plan : Plan, or what :func:`read_plan` takes
    period : str, optional
        ``month``, ``quarter`` or ``year``; the plan's own without.

    Returns
    -------
    DataFrame
        One row per payee × period × SPIF that paid something, in that order: ``payee_id, period,
        name, n`` (sales), ``spif`` (money). Its sums by payee and period are what
        :func:`payout` takes as the column ``spif``.

    Raises
    ------
    SalesAnalysisError
        No period is known, or a SPIF names a product and the sales have none.

    Examples
    --------
    >>> sales = pd.DataFrame({"payee_id": ["a", "a"], "amount": [900.0, 2000.0],
    ...                       "sold_at": pd.to_datetime(["2025-03-02", "2025-03-31"])})
    >>> plan = {"tiers": [[0, None, 0.1]], "spifs": [{"name": "March", "start": "2025-03-01",
    ...         "end": "2025-03-31", "pay": 50, "at_least": 1000}]}
    >>> spifs(sales, plan=plan, period="quarter")
      payee_id   period   name  n  spif
    0        a  2025-Q1  March  1  50.0
    """
    plan = read_plan(plan)
    period = period or plan.period
    if period not in _PERIODS:
        raise SalesAnalysisError(
            f"`period` is {period!r}; expected month, quarter or year, here or in the plan."
        )
    require_columns(sales.columns, ["payee_id", "sold_at", "amount"], "`sales`")
    sales = sales.reset_index(drop=True)
    at = moments(sales, "sold_at")
    minor, _ = to_minor(sales["amount"].to_numpy(float), plan.minor_unit, "amount")
    found = []
    for spif in plan.spifs:
        days = at.dt.normalize()
        hit = (days >= pd.Timestamp(spif.start)) & (days <= pd.Timestamp(spif.end))
        if spif.product is not None:
            require_columns(sales.columns, ["product"], "`sales`")
            hit &= sales["product"].eq(spif.product)
        if spif.at_least is not None:
            hit &= minor >= spif.at_least / plan.minor_unit
        if spif.rate is None:
            hit &= minor > 0
            pay = np.full(len(sales), int(spif.pay / plan.minor_unit))
        else:
            top = minor * spif.rate.numerator
            pay = rounded(top, spif.rate.denominator, plan.rounding.method)
        rows = sales.loc[hit, ["payee_id"]].assign(
            period=_named(at[hit], period), name=spif.name, pay=pay[hit.to_numpy()]
        )
        found.append(rows)
    if not found:
        return pd.DataFrame({"payee_id": [], "period": [], "name": [], "n": [], "spif": []})
    grouped = pd.concat(found).groupby(["payee_id", "period", "name"], sort=True)["pay"]
    table = grouped.agg(["size", "sum"]).reset_index()
    table = table.rename(columns={"size": "n", "sum": "spif"})
    return table.assign(spif=from_minor(table["spif"].to_numpy(), plan.minor_unit))


def _named(at: pd.Series, period: str) -> pd.Series:
    """The period of each moment, as the tables write it: 2025-Q1, 2025-03, 2025."""
    if period == "quarter":
        return at.dt.year.astype("str") + "-Q" + at.dt.quarter.astype("str")
    return at.dt.to_period(_PERIODS[period]).astype("str")
