"""What may be wrong with the purchases: a list, which one engine counts."""

from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.checks import Check, Checks, Subject, after, missing, one_currency
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns


def checks(purchases: AnyTable, *, as_of: Day, calendar: Calendar = PLAIN) -> Checks:
    """What is wrong with the purchases, or would mislead, check by check.

    Parameters
    ----------
    purchases : Ibis table or DataFrame
        One row per order or order line.
    as_of, calendar
        As for :func:`salesanalysis.reduce.customers.known`.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check, ``rows_of(name)`` gives those that one finds.

    Examples
    --------
    >>> import pandas as pd
    >>> bought = pd.DataFrame({"account_id": ["A", None], "amount": [1.0, 2.0],
    ...                        "purchased_at": pd.to_datetime(["2025-01-05", "2025-01-06"])})
    >>> found = checks(bought, as_of="2025-12-31")
    >>> found.rows_of("no_customer")["amount"].tolist()
    [2.0]
    """
    rows = as_ibis(purchases)
    require_columns(rows, ["account_id", "purchased_at", "amount"], "purchases")
    every = [
        Check("no_customer", "medium", "purchases", hit=missing("account_id")),
        Check("missing_amount", "medium", "purchases", hit=missing("amount")),
        Check("after_as_of", "low", "purchases", hit=after("purchased_at", calendar.end_of(as_of))),
        one_currency("currencies", "purchases", rows),
    ]
    return Checks(every, {"purchases": Subject(rows)})
