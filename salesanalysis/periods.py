"""Dates and periods: what "as of" a day means, and nothing that looks at the clock."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError


def end_of(as_of) -> pd.Timestamp:
    """The last moment of the day ``as_of``: what is known by then counts, nothing later does.

    Parameters
    ----------
    as_of : str, date or timestamp
        A day such as ``"2025-12-31"`` means its end, and so does its midnight. A timestamp with
        another time of day means itself; one with a zone is converted to UTC first.

    Returns
    -------
    pandas.Timestamp
        In UTC, without zone, in microseconds.

    Raises
    ------
    SalesAnalysisError
        ``as_of`` is empty or not a date.

    Examples
    --------
    >>> end_of("2025-12-31")
    Timestamp('2025-12-31 23:59:59.999999')
    >>> end_of("2025-12-31 12:00")
    Timestamp('2025-12-31 12:00:00')
    """
    moment = _moment(
        as_of,
        "`as_of` is {!r}; expected the day up to which the data are complete, such as '2025-12-31'."
        " What is still open cannot be told without it.",
    )
    if moment == moment.normalize():
        moment = moment.normalize() + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    return moment.as_unit("us")


def start_of(day) -> pd.Timestamp:
    """The first moment of a day; a timestamp with a time of day means itself.

    Examples
    --------
    >>> start_of("2025-12-31")
    Timestamp('2025-12-31 00:00:00')
    """
    return _moment(day, "{!r} is not a day; expected one such as '2025-12-31'.").as_unit("us")


def quarter_end_before(as_of) -> pd.Timestamp:
    """The last day of the quarter before the one that ``as_of`` lies in.

    On the last day of a quarter that is the last day of the quarter before, so that a report made
    then is about the whole quarter.

    Examples
    --------
    >>> quarter_end_before("2025-12-31"), quarter_end_before("2026-01-01")
    (Timestamp('2025-09-30 00:00:00'), Timestamp('2025-12-31 00:00:00'))
    """
    day = end_of(as_of).normalize()
    first_month = (day.month - 1) // 3 * 3 + 1
    return day.replace(month=first_month, day=1) - pd.Timedelta(days=1)


def quarter_of(as_of) -> str:
    """The quarter that a day lies in, as targets name it.

    Examples
    --------
    >>> quarter_of("2025-12-31")
    '2025-Q4'
    """
    day = end_of(as_of)
    return f"{day.year}-Q{day.quarter}"


def _moment(value, message: str) -> pd.Timestamp:
    """A timestamp in UTC without zone, or the message with the value in it."""
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError):
        moment = pd.NaT
    # pandas reads "now" and "today" from the clock: only what begins with a year is a date here.
    if moment is pd.NaT or (isinstance(value, str) and not value.strip()[:4].isdigit()):
        raise SalesAnalysisError(message.format(value))
    return moment if moment.tzinfo is None else moment.tz_convert("UTC").tz_localize(None)
