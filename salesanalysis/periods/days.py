"""Days and moments: what "as of" a day means, and the one reader of dates given as text.

Moments are those of the company's clock, without a zone: what has one is converted when it comes
in, and from then on a day is a day.
"""

import re
from datetime import date

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean

#: A day as it may be given; a datetime and a Timestamp are dates too.
Day = str | date

#: A date whose order nobody has to guess, with a time of day and a zone as far as there are any.
_DATE = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"((?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?)?)"
)
#: One whose order somebody would have to.
_UNORDERED = re.compile(r"\d{1,2}\s*[-/. ]\s*\d{1,2}\s*[-/. ]\s*\d{2,4}\b.*")


def end_of(as_of: Day, *, time_zone: str = "UTC") -> pd.Timestamp:
    """The last moment of the day ``as_of``: what is known by then counts, nothing later does.

    Parameters
    ----------
    as_of : str, date or timestamp
        A day such as ``"2025-12-31"`` means its end, and so does its midnight. A timestamp with
        another time of day means itself; one with a zone is converted first.
    time_zone : str
        The one that it is converted to.

    Returns
    -------
    pandas.Timestamp
        Without zone, in microseconds.

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
        time_zone,
    )
    if moment == moment.normalize():
        moment = moment.normalize() + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    return moment.as_unit("us")


def start_of(day: Day) -> pd.Timestamp:
    """The first moment of a day; a timestamp with a time of day means itself.

    Examples
    --------
    >>> start_of("2025-12-31")
    Timestamp('2025-12-31 00:00:00')
    """
    return _moment(day, "{!r} is not a day; expected one such as '2025-12-31'.").as_unit("us")


def moments(values: pd.Series, *, time_zone: str = "UTC") -> pd.Series:
    """A column of dates or timestamps without zone, in microseconds; missing ones stay so.

    Text is read where it says its order itself, as ``2025-03-31`` does, with a time of day and a
    zone or not. What has a zone is converted to ``time_zone``.

    Raises
    ------
    SalesAnalysisError
        Some are no dates, or dates whose order nobody can know.

    Examples
    --------
    >>> moments(pd.Series(["2025-12-31T23:30:00-02:00", None])).tolist()
    [Timestamp('2026-01-01 01:30:00'), NaT]
    >>> moments(pd.Series(["2025-12-31T23:30Z", "2025-12-31"]), time_zone="Asia/Shanghai").tolist()
    [Timestamp('2026-01-01 07:30:00'), Timestamp('2025-12-31 00:00:00')]
    >>> moments(pd.Series(["03/04/2025"], name="sold_at"))
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `sold_at` has 1 value whose order of day and month nobody can know, such as '03/04/2025'; expected such as '2025-12-31'. Write them so, or let `sources.read` read the file, with `date_order`.
    """  # noqa: E501
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert(time_zone).dt.tz_localize(None).dt.as_unit("us")
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.dt.as_unit("us")
    different = pd.Series(values.dropna().unique(), dtype=object)
    read = {value: _read(value, time_zone) for value in different}
    if wrong := [value for value, moment in read.items() if moment is pd.NaT]:
        raise SalesAnalysisError(_no_dates(values, wrong))
    return values.map(read, na_action="ignore").astype("datetime64[us]")


def require_zone(name: str) -> None:
    """Refuse what is not the name of a time zone, naming the nearest."""
    if name == "UTC":
        return
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        known = zoneinfo.available_timezones()
        raise SalesAnalysisError(
            f"`time_zone` is {name!r}, which is no time zone; expected a name such as"
            f" Asia/Shanghai, Europe/Berlin or UTC.{did_you_mean(name, known)}"
        ) from None


def _read(value, time_zone: str) -> pd.Timestamp:
    """One value as a moment; missing where it is none."""
    if isinstance(value, str):
        found = _DATE.fullmatch(value.strip())
        if found is None:
            return pd.NaT
        year, _, month, day, rest = found.groups()
        value = f"{year}-{month:0>2}-{day:0>2}{rest}"
    if not isinstance(value, str) and not hasattr(value, "year"):
        return pd.NaT  # a number is no date: nobody says what it counts
    try:
        return _without_zone(pd.Timestamp(value), time_zone).as_unit("us")
    except (ValueError, TypeError):
        return pd.NaT


def _no_dates(values: pd.Series, wrong: list) -> str:
    n = int(values.isin(wrong).sum())
    counted = f"`{values.name}` has {n} value{'s' if n > 1 else ''}"
    unordered = [v for v in wrong if isinstance(v, str) and _UNORDERED.fullmatch(v.strip())]
    if unordered and len(unordered) == len(wrong):
        return (
            f"{counted} whose order of day and month nobody can know, such as {unordered[0]!r};"
            " expected such as '2025-12-31'. Write them so, or let `sources.read` read the file,"
            " with `date_order`."
        )
    are = "are no dates" if n > 1 else "is no date"
    return f"{counted} that {are}, such as {wrong[0]!r}; expected such as '2025-12-31'."


def _moment(value: Day, message: str, time_zone: str = "UTC") -> pd.Timestamp:
    """A timestamp without zone, or the message with the value in it."""
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError):
        moment = pd.NaT
    # pandas reads "now" and "today" from the clock: only what begins with a year is a date here.
    if moment is pd.NaT or (isinstance(value, str) and not value.strip()[:4].isdigit()):
        raise SalesAnalysisError(message.format(value))
    return _without_zone(moment, time_zone)


def _without_zone(moment: pd.Timestamp, time_zone: str) -> pd.Timestamp:
    return moment if moment.tzinfo is None else moment.tz_convert(time_zone).tz_localize(None)


def weeks_before(as_of: Day, weeks: int = 4) -> list[str]:
    """The same day of the weeks before a day, oldest first, as ISO dates.

    Examples
    --------
    >>> weeks_before("2025-11-15", 2)
    ['2025-11-01', '2025-11-08']
    """
    day = start_of(as_of)
    return [(day - pd.Timedelta(weeks=back)).strftime("%Y-%m-%d") for back in range(weeks, 0, -1)]


#: So many lines of a list are due on Wednesday, the others on Friday.
_FIRST = 3
_WEDNESDAY, _FRIDAY = 2, 4


def due_day(as_of: Day, place: int) -> str:
    """The day by which a line of the week's list is due, in the week that begins after a day.

    Parameters
    ----------
    as_of : str, date or timestamp
    place : int
        Which line, from 0: the first three are due on Wednesday, the others on Friday.

    Examples
    --------
    >>> due_day("2025-11-15", 0), due_day("2025-11-15", 3)
    ('2025-11-19', '2025-11-21')
    """
    today = start_of(as_of)
    monday = today + pd.Timedelta(days=7 - today.weekday())
    due = monday + pd.Timedelta(days=_WEDNESDAY if place < _FIRST else _FRIDAY)
    return due.strftime("%Y-%m-%d")
