"""Dates and periods: what "as of" a day means, and nothing that looks at the clock."""

import functools
import re

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice

#: The units that a year is divided into, and itself.
UNITS = ("week", "month", "quarter", "year")
#: How the periods of each unit are named; half-years are known where plans are paid by them.
_FORMS = {
    "week": r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])",
    "month": r"\d{4}-(0[1-9]|1[0-2])",
    "quarter": r"\d{4}-Q[1-4]",
    "half": r"\d{4}-H[12]",
    "year": r"\d{4}",
}


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


def quarter_ahead(as_of) -> str:
    """The quarter that the day after ``as_of`` lies in: the one that has days left.

    Examples
    --------
    >>> quarter_ahead("2025-11-15"), quarter_ahead("2025-12-31")
    ('2025-Q4', '2026-Q1')
    """
    return label_of(end_of(as_of) + pd.Timedelta(microseconds=1), "quarter")


def label_of(moment, unit: str) -> str:
    """The name of the period that a moment lies in, as targets and bookings name it.

    Parameters
    ----------
    moment : str, date or timestamp
    unit : str
        ``week`` (ISO, from Monday), ``month``, ``quarter``, ``half`` or ``year``.

    Examples
    --------
    >>> [label_of("2025-12-31", unit) for unit in UNITS]
    ['2026-W01', '2025-12', '2025-Q4', '2025']
    """
    moment = start_of(moment)
    require_choice("unit", unit, _FORMS)
    if unit == "week":
        year, week, _ = moment.isocalendar()
        return f"{year}-W{week:02}"
    names = {"month": f"-{moment.month:02}", "quarter": f"-Q{moment.quarter}", "year": ""}
    names["half"] = f"-H{(moment.month + 5) // 6}"
    return f"{moment.year}{names[unit]}"


@functools.cache
def bounds_of(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first moment of a named period and the first moment after it.

    Parameters
    ----------
    period : str
        Such as ``2025-W46``, ``2025-11``, ``2025-Q4`` or ``2025``.

    Raises
    ------
    SalesAnalysisError
        ``period`` is not the name of a period.

    Examples
    --------
    >>> [f"{day:%Y-%m-%d}" for day in bounds_of("2025-Q4")]
    ['2025-10-01', '2026-01-01']
    >>> [f"{day:%Y-%m-%d}" for day in bounds_of("2026-W01")]
    ['2025-12-29', '2026-01-05']
    >>> [f"{day:%Y-%m-%d}" for day in bounds_of("2025-H2")]
    ['2025-07-01', '2026-01-01']
    """
    unit = unit_of(period)
    year, number = int(period[:4]), int(period[5:].strip("QWH") or 1)
    if unit == "week":
        start = pd.Timestamp.fromisocalendar(year, number, 1)
        step = pd.DateOffset(weeks=1)
    else:
        months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
        start = pd.Timestamp(year, 1 + (number - 1) * months, 1)
        step = pd.DateOffset(months=months)
    return start.as_unit("us"), (start + step).as_unit("us")


def unit_of(period: str) -> str:
    """Which unit a named period is.

    Examples
    --------
    >>> [unit_of(period) for period in ("2026-W01", "2025-12", "2025-Q4", "2025")]
    ['week', 'month', 'quarter', 'year']
    """
    for unit, form in _FORMS.items():
        if isinstance(period, str) and re.fullmatch(form, period):
            return unit
    raise SalesAnalysisError(
        f"{period!r} is not the name of a period; expected one such as '2025-Q4', '2025-11',"
        " '2025-W46' or '2025'."
    )


def is_named(period: str) -> bool:
    """Whether a text is the name of a period of the calendar; a number that only counts is none.

    Examples
    --------
    >>> is_named("2025-H1"), is_named("3")
    (True, False)
    """
    return any(isinstance(period, str) and re.fullmatch(form, period) for form in _FORMS.values())


def lies_in(name: str, period: str) -> bool:
    """Whether a named period is another one or a part of it.

    Examples
    --------
    >>> lies_in("2025-11", "2025-Q4"), lies_in("2025-Q4", "2025-11")
    (True, False)
    """
    start, end = bounds_of(name)
    first, last = bounds_of(period)
    return bool(first <= start and end <= last)


def following(moment, *, unit: str, count: int) -> list[str]:
    """The names of ``count`` periods, beginning with the one that holds ``moment``.

    Examples
    --------
    >>> following("2025-11-15", unit="month", count=3)
    ['2025-11', '2025-12', '2026-01']
    """
    names = [label_of(moment, unit)]
    while len(names) < count:
        names.append(label_of(bounds_of(names[-1])[1], unit))
    return names[:count]


def in_utc(moments: pd.Series) -> pd.Series:
    """A column of dates or timestamps in UTC without zone, in microseconds; missing ones stay so.

    Raises
    ------
    SalesAnalysisError
        Some are no dates.

    Examples
    --------
    >>> in_utc(pd.Series(["2025-12-31T23:30:00-02:00", None])).tolist()
    [Timestamp('2026-01-01 01:30:00'), NaT]
    """
    found = pd.to_datetime(moments, utc=True, errors="coerce", format="mixed")
    wrong = moments[found.isna() & moments.notna()]
    if len(wrong):
        raise SalesAnalysisError(
            f"`{moments.name}` has {len(wrong)} values that are no dates, such as"
            f" {wrong.iloc[0]!r}; expected such as '2025-12-31'."
        )
    return found.dt.tz_localize(None).dt.as_unit("us")


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
