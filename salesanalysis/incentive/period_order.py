"""The order of periods: names such as 2025-Q1, 2025-03 or 3 as year, place in time, and length."""

import re
from dataclasses import dataclass

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import PLAIN, Calendar

#: Ways to write a period: pattern, length of it, months of a period of that length.
_WRITTEN = (
    (re.compile(r"(?P<y>\d{4})[-/ ]?Q(?P<n>[1-4])", re.I), "quarter", 3),
    (re.compile(r"Q(?P<n>[1-4])[-/ ]?(?P<y>\d{4})", re.I), "quarter", 3),
    (re.compile(r"(?P<y>\d{4})年?第?(?P<n>[1-4])季度?"), "quarter", 3),
    (re.compile(r"(?P<y>\d{4})[-/ ]?[HS](?P<n>[12])", re.I), "half", 6),
    (re.compile(r"(?P<y>\d{4})[-/.年]?(?P<n>0?[1-9]|1[0-2])月?"), "month", 1),
    (re.compile(r"(?P<y>\d{4})年?"), "year", 12),
)
#: ISO weeks and days have a date of their own.
_WEEK = re.compile(r"(?P<y>\d{4})-?W(?P<n>\d{2})", re.I)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True)
class Place:
    """Where a period lies: its year, its first month counted from year 0, its length in words.

    Numbered periods (1, 2, 3) have no year; ``at`` is then the number.
    """

    year: int | None
    at: float
    length: str


def place_of(period, calendar: Calendar = PLAIN) -> Place | None:
    """Where a period lies, or nothing where its name does not say.

    Examples
    --------
    >>> place_of("2025-Q2")
    Place(year=2025, at=24303, length='quarter')
    >>> place_of("spring") is None
    True
    """
    text = str(period).strip()
    if text.isdigit() and len(text) < 4:
        return Place(None, int(text), "numbered")
    if calendar.is_fiscal:
        return _own_place(text, calendar)
    for pattern, length, months in _WRITTEN:
        found = pattern.fullmatch(text)
        if found:
            year = int(found["y"])
            number = int(found["n"]) if "n" in found.groupdict() else 1
            return Place(year, year * 12 + (number - 1) * months, length)
    if found := _WEEK.fullmatch(text):
        year, week = int(found["y"]), int(found["n"])
        return Place(year, year * 12 + (week - 1) * 12 / 53, "week")
    if _DAY.match(text):
        day = pd.Timestamp(text[:10])
        return Place(day.year, day.year * 12 + day.month - 1 + (day.day - 1) / 31, "day")
    return None


def _own_place(text: str, calendar: Calendar) -> Place | None:
    """Where a period of a company's own year lies, its months counted from that year's first."""
    if not calendar.is_named(text):
        return None
    unit = calendar.unit_of(text)
    year, month, days = calendar.place_of(text)
    return Place(year, month + days / 42 if unit == "week" else month, unit)


def places(periods: pd.Series, calendar: Calendar, *, needed: bool) -> pd.DataFrame:
    """``year, at, length`` of each row's period, on the same index.

    Where the order is ``needed`` and a name does not tell it, that is an error; else it is missing.
    """
    names = periods.astype("str")
    found = {name: place_of(name, calendar) for name in names.unique()}
    lost = [name for name, place in found.items() if place is None]
    if lost and needed:
        raise SalesAnalysisError(
            f"`period` holds {', '.join(map(repr, lost[:5]))}, of which the order is not known;"
            " this plan runs on from period to period. Expected names such as 2025-Q1, 2025-03,"
            " 2025, or 1, 2, 3."
        )
    table = pd.DataFrame(
        [
            (p.year, p.at, p.length) if p else (None, None, None)
            for p in (found[name] for name in names.unique())
        ],
        index=names.unique(),
        columns=["year", "at", "length"],
    )
    return table.loc[names].set_axis(periods.index)
