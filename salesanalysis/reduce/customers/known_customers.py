"""What was known of the customers on a day."""

import pandas as pd

from salesanalysis.known import KnownCustomers
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.customers.monthly_sales import monthly_sales
from salesanalysis.reduce.customers.receivables import invoices, open_items
from salesanalysis.reduce.expressions import Tables, as_ibis, to_pandas


def known(tables: Tables, *, as_of: Day, calendar: Calendar = PLAIN) -> KnownCustomers:
    """What the family takes, from the tables that there are.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``purchases, accounts, invoices, payments``; others are not used.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    calendar : salesanalysis.periods.Calendar
        Names and bounds of months, quarters and years.

    Raises
    ------
    SalesAnalysisError
        A table lacks a column that it needs.

    Examples
    --------
    >>> bought = pd.DataFrame({"purchased_at": pd.to_datetime(["2025-01-05", "2025-06-01"]),
    ...                        "account_id": "A", "amount": [10.0, 20.0]})
    >>> known({"purchases": bought}, as_of="2025-03-31")
    KnownCustomers, as of 2025-03-31 23:59: 1 months
    """
    until = calendar.end_of(as_of)
    owed = {name: tables.get(name) for name in ("payments", "accounts")} | {"as_of": until}
    return KnownCustomers(
        as_of=until,
        calendar=calendar,
        months=_or_empty(
            "purchases", tables, lambda table: monthly_sales(table, as_of=until, calendar=calendar)
        ),
        file=_or_empty("accounts", tables, lambda table: to_pandas(as_ibis(table))),
        invoices=_or_empty("invoices", tables, lambda table: invoices(table, **owed)),
        open_items=_or_empty("invoices", tables, lambda table: open_items(table, **owed)),
    )


def _or_empty(name: str, tables: Tables, made) -> pd.DataFrame:
    """What is made of a table, or an empty frame where there is none of that name."""
    return made(tables[name]) if name in tables else pd.DataFrame()
