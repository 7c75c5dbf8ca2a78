"""Dates and periods: what "as of" a day means, and nothing that looks at the clock."""

from salesanalysis.periods.calendars import PLAIN, UNITS, Calendar
from salesanalysis.periods.days import Day, due_day, end_of, moments, start_of, weeks_before
from salesanalysis.periods.given import calendar
from salesanalysis.periods.years import MONTHS

__all__ = [
    "MONTHS",
    "PLAIN",
    "UNITS",
    "Calendar",
    "Day",
    "calendar",
    "due_day",
    "end_of",
    "moments",
    "start_of",
    "weeks_before",
]


__dir__ = __all__.copy
