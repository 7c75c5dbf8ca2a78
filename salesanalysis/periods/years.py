"""Where the periods of a year begin, for years of calendar months and years of whole weeks."""

import calendar as gregorian
import datetime
import functools
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesanalysis.periods.calendars import Calendar

#: Months of each unit; half-years are known where plans are paid by them.
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
#: How the three months of a quarter can be made of whole weeks.
WEEKS = ("4-4-5", "4-5-4", "5-4-4")
WEEKDAYS = tuple(name.lower() for name in gregorian.day_name)


def calendar_year(calendar: "Calendar", year: int) -> int:
    """The calendar year that a year begins in."""
    return year - (calendar.named_by == "end" and calendar.first_month > 1)


def first_day(calendar: "Calendar", year: int) -> datetime.date:
    """The first day of a year."""
    begin = datetime.date(calendar_year(calendar, year), calendar.first_month, 1)
    if not calendar.weeks:
        return begin
    weekday = (WEEKDAYS.index(calendar.ends_on) + 1) % 7
    since = (begin.weekday() - weekday) % 7
    if calendar.ends == "nearest" and since > 3:
        since -= 7
    return begin - datetime.timedelta(days=since)


@functools.cache
def first_days(calendar: "Calendar", unit: str, year: int) -> tuple[datetime.date, ...]:
    """The first days of a year's periods of a unit, and of the next year."""
    if calendar.weeks:
        begin, end = first_day(calendar, year), first_day(calendar, year + 1)
    elif unit == "week":
        begin, end = (datetime.date.fromisocalendar(y, 1, 1) for y in (year, year + 1))
    if unit == "week":
        weeks = (end - begin).days // 7
        return tuple(begin + datetime.timedelta(weeks=week) for week in range(weeks + 1))
    if calendar.weeks:
        lengths = [int(weeks) for weeks in calendar.weeks.split("-")] * 4
        before = [0, *itertools.accumulate(lengths[:-1])]
        months = [begin + datetime.timedelta(weeks=weeks) for weeks in before]
        months.append(end)
    else:
        own = unit != "month"  # months keep the names of the calendar
        first = first_day(calendar, year) if own else datetime.date(year, 1, 1)
        counted = [first.year * 12 + first.month - 1 + month for month in range(13)]
        months = [datetime.date(month // 12, month % 12 + 1, 1) for month in counted]
    return tuple(months[:: MONTHS[unit]])
