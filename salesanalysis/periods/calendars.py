"""The company's calendar: where its years, quarters, months and weeks begin, and their names.

Every period of a report is asked of a :class:`Calendar`. It is handed on in one way: what cuts or
names periods takes it as ``calendar=``, and an object that was made by it carries it.
"""

import calendar as gregorian
import datetime
import functools
import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.periods.days import Day, end_of, require_zone, start_of
from salesanalysis.periods.years import WEEKDAYS, WEEKS, calendar_year, first_day, first_days

#: The units that a year is divided into, and itself.
UNITS = ("week", "month", "quarter", "year")
_NUMBERED = {
    "week": r"W(0[1-9]|[1-4]\d|5[0-3])",
    "month": r"P(0[1-9]|1[0-2])",
    "quarter": "Q([1-4])",
    "half": "H([12])",
}
#: How periods are named, by unit: those of the year from January, and those of another year.
_PLAIN = {unit: re.compile(rf"(\d{{4}})-{sign}") for unit, sign in _NUMBERED.items()}
_PLAIN |= {"month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"), "year": re.compile(r"(\d{4})")}
_YEAR = r"FY(\d\d|(?!20)\d{4})"
_FISCAL = {unit: re.compile(rf"{_YEAR}-{sign}") for unit, sign in _NUMBERED.items()}
_FISCAL |= {"year": re.compile(_YEAR)}
#: The day 0 of numpy.
_EPOCH = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Calendar:
    """Where a company's years, quarters and months begin, what they are called, where its days end.

    Without arguments the plain calendar: years from January, days of UTC. A year of months has its
    quarters and years named by the fiscal year (``FY26-Q2``, ``FY26``) unless it begins in January,
    and keeps the calendar's months and ISO weeks. A year of whole weeks has names of its own for
    all of them: ``FY26-P05``, ``FY26-W18``.

    Attributes
    ----------
    first_month : int
        The month that the year begins in, 1–12.
    weeks : str
        ``"4-4-5"``, ``"4-5-4"`` or ``"5-4-4"``, where years are made of whole weeks: 52, or 53, of
        which the last month gets the odd one. ``""`` for calendar months.
    ends_on : str
        The weekday on which years of whole weeks end.
    ends : str
        ``"nearest"``: a year ends on the such weekday nearest to the last day of the month before
        ``first_month``; ``"last"``: on the last one in that month.
    named_by : str
        ``"end"``: a year is named by the calendar year that it ends in; ``"start"``: begins in.
    time_zone : str
        That of the company, such as ``Asia/Shanghai``: moments with a zone are read as its clock
        shows them, so that days, months and quarters are cut there.

    Examples
    --------
    >>> fiscal = Calendar(first_month=4)
    >>> fiscal.label_of("2025-08-15", "quarter"), fiscal.label_of("2025-08-15", "month")
    ('FY26-Q2', '2025-08')
    >>> retail = Calendar(first_month=2, weeks="4-5-4", named_by="start")
    >>> [f"{day:%Y-%m-%d}" for day in retail.bounds_of("FY23")]
    ['2023-01-29', '2024-02-04']
    """

    first_month: int = 1
    weeks: str = ""
    ends_on: str = "saturday"
    ends: str = "nearest"
    named_by: str = "end"
    time_zone: str = "UTC"

    def __post_init__(self):
        month = self.first_month
        if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= 12:
            raise SalesAnalysisError(
                f"`first_month` is {month!r}; expected the number of a month, 1 to 12."
            )
        require_choice("weeks", self.weeks, ("", *WEEKS))
        require_choice("ends_on", self.ends_on, WEEKDAYS)
        require_choice("ends", self.ends, ("nearest", "last"))
        require_choice("named_by", self.named_by, ("end", "start"))
        require_zone(self.time_zone)

    @property
    def is_fiscal(self) -> bool:
        """Whether its years have names of their own."""
        return self.first_month != 1 or bool(self.weeks)

    def end_of(self, as_of: Day) -> pd.Timestamp:
        """The last moment of a day, as :func:`end_of`; a moment with a zone by the own clock."""
        return end_of(as_of, time_zone=self.time_zone)

    def label_of(self, moment: Day, unit: str) -> str:
        """The name of the period that a moment lies in, as targets and bookings name it.

        Parameters
        ----------
        moment : str, date or timestamp
        unit : str
            ``week`` (ISO, from Monday, unless years are of whole weeks), ``month``, ``quarter``,
            ``half`` or ``year``.

        Examples
        --------
        >>> [PLAIN.label_of("2025-12-31", unit) for unit in UNITS]
        ['2026-W01', '2025-12', '2025-Q4', '2025']
        """
        require_choice("unit", unit, _PLAIN)
        day = start_of(moment).date()
        year, begins = self._around(day, unit)
        return self.name(unit, year, bisect_right(begins, day))

    def labels_of(self, moments: pd.Series, unit: str) -> pd.Series:
        """The names of the periods that moments lie in; missing where these are.

        Examples
        --------
        >>> PLAIN.labels_of(pd.Series(pd.to_datetime(["2025-12-31", None])), "quarter").tolist()
        ['2025-Q4', None]
        """
        codes, days = pd.factorize(moments.dt.normalize())
        names = np.array([*(self.label_of(day, unit) for day in days), None], dtype=object)
        return pd.Series(names[codes], moments.index, dtype=object, name=moments.name)

    def name(self, unit: str, year: int, number: int) -> str:
        """The name of a period by its year and its number in it.

        Examples
        --------
        >>> PLAIN.name("quarter", 2025, 4), Calendar(first_month=4).name("quarter", 2026, 3)
        ('2025-Q4', 'FY26-Q3')
        """
        form = self._forms()[unit]
        short = f"FY{year - 2000:02}" if 2000 <= year < 2100 else f"FY{year:04}"
        begin = f"{year:04}" if form is _PLAIN[unit] else short
        sign = {"week": "-W", "month": "-" if form is _PLAIN[unit] else "-P"}
        sign |= {"quarter": "-Q", "half": "-H"}
        width = 2 if unit in ("week", "month") else 1
        return begin if unit == "year" else f"{begin}{sign[unit]}{number:0{width}}"

    def has(self, unit: str, year: int, number: int) -> bool:
        """Whether a year has a period of that number: not all have 53 weeks.

        Examples
        --------
        >>> PLAIN.has("week", 2020, 53), PLAIN.has("week", 2021, 53)
        (True, False)
        """
        return 0 < number < len(first_days(self, unit, year))

    def own_name(self, unit: str, year: int, number: int) -> str | None:
        """The name of a period numbered within the company's own year; None where there is none.

        The fifth month of a fiscal year of calendar months is one that has a name already.

        Examples
        --------
        >>> Calendar(first_month=4).own_name("month", 2026, 5)
        '2025-08'
        >>> Calendar(weeks="4-4-5").own_name("month", 2026, 5)
        'FY26-P05'
        """
        if not self.is_fiscal or self.weeks or unit not in ("week", "month"):
            return self.name(unit, year, number) if self.has(unit, year, number) else None
        if unit == "week":
            return None
        first = first_day(self, year)
        return self.label_of(first + pd.DateOffset(months=number - 1), "month")

    def bounds_of(self, period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The first moment of a named period and the first moment after it.

        Parameters
        ----------
        period : str
            Such as ``2025-W46``, ``2025-11``, ``2025-Q4``, ``2025``, or ``FY26-Q2``.

        Raises
        ------
        SalesAnalysisError
            ``period`` is not the name of a period of this calendar.

        Examples
        --------
        >>> [f"{day:%Y-%m-%d}" for day in PLAIN.bounds_of("2026-W01")]
        ['2025-12-29', '2026-01-05']
        >>> [f"{day:%Y-%m-%d}" for day in Calendar(first_month=4).bounds_of("FY26-Q2")]
        ['2025-07-01', '2025-10-01']
        """
        return _bounds(self, period) if isinstance(period, str) else self._refuse(period)

    def unit_of(self, period: str) -> str:
        """Which unit a named period is.

        Examples
        --------
        >>> [PLAIN.unit_of(period) for period in ("2026-W01", "2025-12", "2025-Q4", "2025")]
        ['week', 'month', 'quarter', 'year']
        """
        return self._read(period)[0]

    def is_named(self, period: object) -> bool:
        """Whether a text is the name of a period of this calendar; a number that counts is none.

        Examples
        --------
        >>> PLAIN.is_named("2025-H1"), PLAIN.is_named("3"), PLAIN.is_named("FY26-Q2")
        (True, False, False)
        """
        return isinstance(period, str) and self._parts(period) is not None

    def lies_in(self, name: str, period: str) -> bool:
        """Whether a named period is another one or a part of it.

        Examples
        --------
        >>> PLAIN.lies_in("2025-11", "2025-Q4"), PLAIN.lies_in("2025-Q4", "2025-11")
        (True, False)
        """
        start, end = self.bounds_of(name)
        first, last = self.bounds_of(period)
        return bool(first <= start and end <= last)

    def following(self, moment: Day, *, unit: str, count: int) -> list[str]:
        """The names of ``count`` periods, beginning with the one that holds ``moment``.

        Examples
        --------
        >>> PLAIN.following("2025-11-15", unit="month", count=3)
        ['2025-11', '2025-12', '2026-01']
        """
        names = [self.label_of(moment, unit)]
        while len(names) < count:
            names.append(self.label_of(self.bounds_of(names[-1])[1], unit))
        return names[:count]

    def quarter_of(self, as_of: Day) -> str:
        """The quarter that a day lies in, as targets name it.

        Examples
        --------
        >>> PLAIN.quarter_of("2025-12-31")
        '2025-Q4'
        """
        return self.label_of(self.end_of(as_of), "quarter")

    def quarter_ahead(self, as_of: Day) -> str:
        """The quarter that the day after ``as_of`` lies in: the one that has days left.

        Examples
        --------
        >>> PLAIN.quarter_ahead("2025-11-15"), PLAIN.quarter_ahead("2025-12-31")
        ('2025-Q4', '2026-Q1')
        """
        return self.label_of(self.end_of(as_of) + pd.Timedelta(microseconds=1), "quarter")

    def quarter_end_before(self, as_of: Day) -> pd.Timestamp:
        """The last day of the quarter before the one that ``as_of`` lies in.

        On the last day of a quarter that is the last day of the quarter before, so that a report
        made then is about the whole quarter.

        Examples
        --------
        >>> PLAIN.quarter_end_before("2025-12-31"), PLAIN.quarter_end_before("2026-01-01")
        (Timestamp('2025-09-30 00:00:00'), Timestamp('2025-12-31 00:00:00'))
        """
        return self.bounds_of(self.quarter_of(as_of))[0] - pd.Timedelta(days=1)

    def months_of(self, days: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """The month that each day number lies in, and how many days of it lie before that day.

        Months are counted on from the year 0, twelve a year: after division by 3 the rest says
        which month of its quarter one is.

        Examples
        --------
        >>> days = np.array(["2025-03-31", "2025-04-01"], "datetime64[D]").astype(int)
        >>> Calendar(first_month=4).months_of(days)
        (array([24311, 24312]), array([30,  0]))
        """
        days = np.asarray(days).astype(np.int64)
        if not self.weeks:
            months = days.astype("datetime64[D]").astype("datetime64[M]")
            first = months.astype("datetime64[D]").astype(np.int64)
            year_begins = calendar_year(self, 0) * 12 + self.first_month - 1
            return months.astype(np.int64) + 1970 * 12 - year_begins, days - first
        ends = days.min(initial=0), days.max(initial=0)
        years = [
            self._around(datetime.date.fromordinal(_EPOCH + int(day)), "month")[0] for day in ends
        ]
        edges = [first_days(self, "month", year)[:-1] for year in range(years[0], years[1] + 1)]
        begins = np.array([*itertools.chain(*edges)], "datetime64[D]").astype(np.int64)
        at = np.searchsorted(begins, days, side="right") - 1
        return years[0] * 12 + at, days - begins[at]

    def place_of(self, period: str) -> tuple[int, int, int]:
        """The year a period begins in, the month as :meth:`months_of`, and days of that before.

        Examples
        --------
        >>> Calendar(first_month=4).place_of("FY26-Q2"), Calendar(first_month=4).place_of("2025-07")
        ((2026, 24315, 0), (2026, 24315, 0))
        """
        day = self.bounds_of(period)[0].to_datetime64().astype("datetime64[D]")
        months, before = self.months_of([day])
        return int(months[0]) // 12, int(months[0]), int(before[0])

    def __str__(self) -> str:
        """What an error says of it."""
        named = f"begins in {gregorian.month_name[self.first_month]}"
        if self.weeks:
            named += f" and is made of weeks ({self.weeks})"
        return f"the calendar whose year {named}" if self.is_fiscal else "the calendar"

    def _forms(self) -> dict[str, re.Pattern]:
        """How periods are named, by their unit."""
        if self.weeks:
            return _FISCAL
        own = {unit: _FISCAL[unit] for unit in ("quarter", "half", "year")}
        return _PLAIN | own if self.is_fiscal else _PLAIN

    def _parts(self, period: str) -> tuple[str, int, int] | None:
        """Unit, year and number of a named period."""
        for unit, form in self._forms().items():
            if found := form.fullmatch(period):
                year, *number = found.groups()
                century = 2000 if len(year) == 2 else 0
                return unit, century + int(year), int(*number or [1])
        return None

    def _read(self, period: str) -> tuple[str, int, int]:
        parts = self._parts(period) if isinstance(period, str) else None
        return parts or self._refuse(period)

    def _refuse(self, period):
        example = [self.label_of("2025-11-15", unit) for unit in ("quarter", "month", "week")]
        named = f"{example[0]!r}, {example[1]!r}, {example[2]!r} or"
        named = f"{named} {self.label_of('2025-11-15', 'year')!r}"
        others = (_PLAIN if self.is_fiscal else _FISCAL).values()
        other = isinstance(period, str) and any(form.fullmatch(period) for form in others)
        hint = ""
        if other and not self.is_fiscal:
            hint = " Where the company's year is another one, give `calendar`: {'first_month': 4}."
        raise SalesAnalysisError(
            f"{period!r} is not the name of a period of {self}; expected one such as {named}.{hint}"
        )

    def _around(self, day: datetime.date, unit: str) -> tuple[int, tuple[datetime.date, ...]]:
        """The year that holds a day, and the first days of its periods of a unit."""
        years = range(day.year - 1, day.year + 3)
        found = ((year, first_days(self, unit, year)) for year in years)
        return next((year, days) for year, days in found if days[0] <= day < days[-1])


@functools.cache
def _bounds(calendar: Calendar, period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    unit, year, number = calendar._read(period)
    first = first_days(calendar, unit, year)
    if not calendar.has(unit, year, number):
        raise SalesAnalysisError(
            f"{period!r} is no period of {calendar}: that year has {len(first) - 1} weeks."
        )
    start, end = (pd.Timestamp(day).as_unit("us") for day in first[number - 1 : number + 1])
    return start, end


#: Years from January, days of UTC: what counts where nothing else is said.
PLAIN = Calendar()
