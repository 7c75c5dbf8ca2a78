"""What each customer bought in each month."""

import ibis
import pandas as pd

from salesanalysis.periods import PLAIN, Calendar, Day, end_of
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    day,
    moment,
    period_name,
    require_columns,
    to_pandas,
)

#: Of an order that was cancelled nothing counts, whatever its sign.
CANCELLED = "cancelled"
#: What a purchase row needs to count.
NEEDED = ("account_id", "purchased_at", "amount")


def usable_purchases(purchases: AnyTable, *, as_of: Day) -> ibis.Table:
    """The purchases that count up to the end of ``as_of``: with a customer, a day and an amount.

    What was returned counts against the rest; a cancelled order does not count at all.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.
    """
    table = as_ibis(purchases)
    require_columns(table, NEEDED, "purchases")
    table = table.mutate(
        purchased_at=table.purchased_at.cast("timestamp"), amount=table.amount.cast("float64")
    )
    table = table.filter(
        *(table[name].notnull() for name in NEEDED), table.purchased_at <= moment(end_of(as_of))
    )
    if "kind" in table.columns:
        table = table.filter(table.kind.fill_null("") != CANCELLED)
    require_one_currency(table, "purchases")
    return table


def purchase_days(purchases: AnyTable, *, as_of: Day) -> ibis.Table:
    """The days on which each customer bought or returned, with the net value: ``amount``.

    Lines of a day are one purchase, and one only where their net value is positive.
    """
    table = usable_purchases(purchases, as_of=as_of)
    days = table.mutate(day=day(table.purchased_at)).group_by("account_id", "day")
    return days.agg(amount=lambda t: t.amount.sum())


def monthly_sales(purchases: AnyTable, *, as_of: Day, calendar: Calendar = PLAIN) -> pd.DataFrame:
    """What each customer bought in each month, as known at the end of ``as_of``.

    Parameters
    ----------
    purchases : Ibis table or DataFrame, one row per order or order line
        ``account_id, purchased_at, amount``, and ``kind, currency`` where known. Rows without one
        of the first three do not count.
    as_of : str, date or timestamp
    calendar : salesanalysis.periods.Calendar
        Names of the months.

    Returns
    -------
    DataFrame, one row per account × month with a purchase or return, sorted by both
        ``account_id, period, amount`` (net of returns), ``purchases`` (days with a positive net
        value; lines of a day are one purchase), ``returned_amount`` (without its sign).

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-05", "2025-01-05", "2025-01-09", "2025-03-01"])
    >>> bought = pd.DataFrame({"account_id": "A", "purchased_at": days, "amount": [10, 5, -2, 7]})
    >>> monthly_sales(bought, as_of="2025-02-28")
      account_id   period  amount  purchases  returned_amount
    0          A  2025-01    13.0          1              2.0
    """
    table = usable_purchases(purchases, as_of=as_of)
    table = table.mutate(
        day=day(table.purchased_at), period=period_name(table.purchased_at, "month", calendar)
    )
    days = table.group_by("account_id", "period", "day").agg(
        amount=table.amount.sum(), returned_amount=ibis.greatest(-table.amount, 0.0).sum()
    )
    months = days.group_by("account_id", "period").agg(
        purchases=(days.amount > 0).sum(),
        amount=days.amount.sum(),
        returned_amount=days.returned_amount.sum(),
    )
    found = to_pandas(months.order_by("account_id", "period"))
    # The last digits of a sum depend on the order in which an engine comes by the rows.
    found = found.assign(**{name: found[name].round(4) for name in ("amount", "returned_amount")})
    columns = ["account_id", "period", "amount", "purchases", "returned_amount"]
    return found[columns].astype({"purchases": "int64"})
