"""Sales or won deals, and quotas → one row per payee and period."""

import ibis
import numpy as np
import pandas as pd

from salesanalysis.columns import WON
from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.periods import PLAIN, UNITS, Calendar, Day
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    moment,
    period_name,
    require_columns,
    to_pandas,
)
from salesanalysis.reduce.season import Season
from salesanalysis.reduce.targets import SPREAD, each_once

PERIODS = ("month", "quarter", "year")


def attainment(
    sales: AnyTable | None = None,
    targets: AnyTable | None = None,
    *,
    opportunities: AnyTable | None = None,
    period: str = "quarter",
    as_of: Day | None = None,
    calendar: Calendar = PLAIN,
) -> pd.DataFrame:
    """Sales and quota of each payee in each period, from single sales or from won deals.

    A sale counts in the period of its day, a deal in that in which it was won, for its owner.
    Returns (negative sales) count against the sales of their own period. Sales without a payee or
    without a day are in no row: :func:`checks` counts them.

    Parameters
    ----------
    sales : Ibis table or DataFrame, one row per sale, optional
        ``payee_id, sold_at, amount``.
    targets : Ibis table or DataFrame, one row per period × group, optional
        ``period, owner_id, target``, periods named as here: 2025-Q1, 2025-03, 2025. The quotas of
        one payee over regions, products and shorter periods are added up, totals are not counted
        again: see :func:`salesanalysis.reduce.targets.each_once`.
    opportunities : Ibis table or DataFrame, one row per deal, optional
        Instead of ``sales``: ``owner_id, closed_at, amount, outcome``; won deals count.
    period : str
        ``month``, ``quarter`` or ``year``.
    as_of : str, date or timestamp, optional
        What was sold later does not count.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    DataFrame
        One row per payee × period that has sales or a quota, in that order: ``payee_id, period,
        quota`` (missing where there is none), ``sales`` (0 where there is only a quota),
        ``sales_n`` (how many).

    Raises
    ------
    SalesAnalysisError
        Neither or both of sales and deals are given, a column is missing, there are two
        currencies, or a quota is of a longer period.

    Examples
    --------
    >>> sales = pd.DataFrame({"payee_id": ["a", "a"], "amount": [60.0, -10.0],
    ...                       "sold_at": pd.to_datetime(["2025-01-05", "2025-02-01"])})
    >>> targets = pd.DataFrame({"period": ["2025-Q1", "2025-Q2"], "owner_id": "a",
    ...                         "target": [100.0, 100.0]})
    >>> attainment(sales, targets)
      payee_id   period  quota  sales  sales_n
    0        a  2025-Q1  100.0   50.0        2
    1        a  2025-Q2  100.0    0.0        0
    """
    require_choice("period", period, PERIODS)
    if (sales is None) == (opportunities is None):
        raise SalesAnalysisError("Give `sales` or `opportunities`, one of them.")
    sold = _sold(sales, opportunities)
    if as_of is not None:
        sold = sold.filter(sold.at <= moment(calendar.end_of(as_of)))
    sold = sold.filter(sold.payee_id.notnull(), sold.at.notnull(), sold.amount.notnull())
    sold = sold.mutate(period=period_name(sold.at, period, calendar))
    sums = sold.group_by("payee_id", "period").agg(
        sales=exact_sum(sold.amount), sales_n=sold.count()
    )
    if targets is None:
        rows = sums.mutate(quota=ibis.null("float64"))
    else:
        quotas = _quotas(targets, period, calendar)
        joined = sums.outer_join(quotas, ["payee_id", "period"])
        rows = joined.select(
            payee_id=ibis.coalesce(joined.payee_id, joined.payee_id_right),
            period=ibis.coalesce(joined.period, joined.period_right),
            quota=joined.quota,
            sales=joined.sales.fill_null(0.0),
            sales_n=joined.sales_n.fill_null(0),
        )
    rows = rows.select("payee_id", "period", "quota", "sales", "sales_n")
    return to_pandas(rows.order_by("payee_id", "period"))


def exact_sum(amount):
    """A sum that does not depend on the order: in ten-thousandths, whole numbers."""
    return (amount * 10_000).round().cast("int64").sum().cast("float64") / 10_000


def _sold(sales, opportunities):
    """``payee_id, at, amount`` of every sale."""
    if sales is not None:
        table = as_ibis(sales)
        require_columns(table, ["payee_id", "sold_at", "amount"], "sales")
        require_one_currency(table, "sales")
        at, payee = table.sold_at, table.payee_id
    else:
        table = as_ibis(opportunities)
        require_columns(table, ["owner_id", "closed_at", "amount", "outcome"], "opportunities")
        table = table.filter(table.outcome == WON)
        require_one_currency(table, "opportunities")
        at, payee = table.closed_at, table.owner_id
    return table.select(
        payee_id=payee.cast("string"), at=at.cast("timestamp"), amount=table.amount.cast("float64")
    )


def _quotas(targets, period: str, calendar: Calendar):
    """``payee_id, period, quota``, each once, in the periods of attainment."""
    require_columns(as_ibis(targets), ["period", "owner_id", "target"], "targets")
    once = each_once(targets, season=Season(calendar), longest="year")
    once = once[once["owner_id"].notna()]
    asked = UNITS.index(period)
    long = [UNITS.index(_unit_of(name, calendar)) > asked for name in once["period"]]
    guessed = once[SPREAD[0]].notna() if SPREAD[0] in once else False
    if len(wrong := once[np.array(long, dtype=bool) | guessed]):
        row = wrong.iloc[0]
        given = row["period"] if pd.isna(row.get(SPREAD[0])) else row[SPREAD[0]]
        raise SalesAnalysisError(
            f"`targets` have a quota of {row['owner_id']} for {given}, and attainment is by"
            f" {period}: how much of it falls to each {period} is not said. Give the quotas by"
            f" {period}, or take a longer `period`."
        )
    starts = {name: calendar.bounds_of(name)[0] for name in once["period"].unique()}
    names = {name: calendar.label_of(start, period) for name, start in starts.items()}
    quotas = ibis.memtable(
        pd.DataFrame(
            {
                "payee_id": once["owner_id"].astype(str),
                "period": once["period"].map(names).astype(str),
                "target": once["target"].astype(float),
            }
        )
    )
    return quotas.group_by("payee_id", "period").agg(quota=exact_sum(quotas.target))


def _unit_of(name: str, calendar: Calendar) -> str:
    """The unit of a named period; half a year is longer than any quarter."""
    unit = calendar.unit_of(name)
    return "year" if unit == "half" else unit
