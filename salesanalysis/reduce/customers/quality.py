"""What may be wrong with the rows: a list, which one engine counts."""

from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.reduce.checks import Check, Checks, Subject, after, missing, negative
from salesanalysis.reduce.expressions import as_ibis, require_columns


def checks(bookings, *, as_of, calendar: Calendar = PLAIN) -> Checks:
    """What is wrong with the bookings, or would mislead, check by check.

    Parameters
    ----------
    bookings : Ibis table or DataFrame
        One row per booking.
    as_of, calendar
        As for :func:`salesanalysis.reduce.customers.known`.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check, ``rows_of(name)`` gives those that one finds.

    Examples
    --------
    >>> import pandas as pd
    >>> booked = pd.DataFrame({"booking_id": ["a", "b"], "amount": [1.0, -2.0],
    ...                        "booked_at": pd.to_datetime(["2025-01-05", "2025-01-06"])})
    >>> found = checks(booked, as_of="2025-12-31")
    >>> found.rows_of("negative_amount")["booking_id"].tolist()
    ['b']
    """
    rows = as_ibis(bookings)
    require_columns(rows, ["booked_at", "amount"], "bookings")
    every = [
        Check("missing_amount", "medium", "bookings", hit=missing("amount")),
        Check("negative_amount", "low", "bookings", hit=negative("amount")),
        Check("after_as_of", "low", "bookings", hit=after("booked_at", calendar.end_of(as_of))),
    ]
    return Checks(every, {"bookings": Subject(rows)})
