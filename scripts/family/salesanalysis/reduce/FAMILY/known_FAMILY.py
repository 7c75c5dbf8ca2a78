"""What was known on a day."""

from collections.abc import Mapping

from salesanalysis.known import KnownFAMILY
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.reduce.expressions import as_ibis, moment, require_columns, to_pandas


def known(tables: Mapping, *, as_of, calendar: Calendar = PLAIN) -> KnownFAMILY:
    """What the family takes, from the tables that there are.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``bookings``; others are not used.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    calendar : salesanalysis.periods.Calendar
        Names and bounds of months, quarters and years.

    Raises
    ------
    SalesAnalysisError
        ``bookings`` has no ``booked_at`` or no ``amount``.

    Examples
    --------
    >>> import pandas as pd
    >>> booked = pd.DataFrame({"booked_at": pd.to_datetime(["2025-01-05", "2025-06-01"]),
    ...                        "stream": "dealer", "amount": [10.0, 20.0]})
    >>> known({"bookings": booked}, as_of="2025-03-31")
    KnownFAMILY, as of 2025-03-31 23:59: 1 rows
    """
    rows = as_ibis(tables["bookings"])
    require_columns(rows, ["booked_at", "amount"], "bookings")
    until = calendar.end_of(as_of)
    there = to_pandas(rows.filter(rows.booked_at <= moment(until)))
    return KnownFAMILY(as_of=until, calendar=calendar, rows=there)
