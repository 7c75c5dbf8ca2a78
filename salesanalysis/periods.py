"""Dates and periods: what "as of" a day means, and nothing that looks at the clock."""

import datetime as dt

import pandas as pd

from salesanalysis.errors import SalesAnalysisError


def end_of(as_of) -> pd.Timestamp:
    """The last moment of the day ``as_of``: what is known by then counts, what comes later does not.

    Parameters
    ----------
    as_of : str, date or timestamp
        A day such as ``"2025-12-31"`` means its end. A timestamp with a time of day means itself;
        one with a zone is converted to UTC.

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
    try:
        moment = pd.Timestamp(as_of)
    except (ValueError, TypeError):
        moment = pd.NaT
    if moment is pd.NaT or (isinstance(as_of, str) and not as_of.strip()[:4].isdigit()):
        raise SalesAnalysisError(
            f"`as_of` is {as_of!r}; expected the day up to which the data are complete,"
            " such as '2025-12-31'. What is still open cannot be told without it."
        )
    if moment.tzinfo is not None:
        moment = moment.tz_convert("UTC").tz_localize(None)
    day_only = (
        ":" not in as_of
        if isinstance(as_of, str)
        else isinstance(as_of, dt.date) and not isinstance(as_of, dt.datetime)
    )
    if isinstance(as_of, pd.Timestamp) and as_of == as_of.normalize():
        day_only = True
    if day_only:
        moment = moment.normalize() + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    return moment.as_unit("us")
