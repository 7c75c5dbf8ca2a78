"""The periods that a forecast is made for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast.deal_arrays import day_number
from salesanalysis.periods import PLAIN, UNITS, Calendar, Day

_SPAN = re.compile(r"(\d+) *(week|month|quarter|year)s?")


@dataclass(frozen=True, eq=False)
class Horizon:
    """Consecutive periods, half-open: each from its first day up to the first day of the next.

    Attributes
    ----------
    labels : tuple of str
        ``2025-10``, ``2025-Q4``; ``2025-10-05/2025-11-01`` (first and last day) where it is neither
        a week, a month, a quarter nor a year.
    first_days : ndarray of int
        Day numbers: of each period's first day, and of the day after the last period.
    as_of : int
        Day number of the day up to whose end all is known.
    """

    labels: tuple[str, ...]
    first_days: np.ndarray
    as_of: int

    @property
    def bounds(self) -> np.ndarray:
        """The first days counted from the day after ``as_of`` as 1; 1 for what has begun."""
        return np.maximum(self.first_days - self.as_of, 1)

    @property
    def days(self) -> int:
        """How many days lie ahead."""
        return int(self.first_days[-1]) - 1 - self.as_of

    def period_of(self, days: np.ndarray) -> np.ndarray:
        """The period that each day lies in; −1 where none."""
        period = np.searchsorted(self.first_days, days, side="right") - 1
        return np.where(period < len(self.labels), period, -1)


#: How many periods of which unit, their names, or their first days; see :func:`horizon`.
Periods = str | int | Sequence[Day]


def horizon(periods: Periods, as_of: Day, calendar: Calendar = PLAIN) -> Horizon:
    """The periods as :class:`Horizon`.

    Parameters
    ----------
    periods : str, int or list
        - ``"3 months"``, ``"2 quarters"``, ``"13 weeks"``: so many, beginning with the one that the
          day after ``as_of`` lies in; a number means months;
        - names in their order: ``["2025-Q4", "2026-Q1"]``;
        - first days of the periods and the day after the last: ``["2025-10-05", "2025-11-02"]``.
    as_of : str, date or timestamp
    calendar : salesanalysis.periods.Calendar
        The company's.

    Raises
    ------
    SalesAnalysisError
        They are none of these, do not follow one another, or are over by ``as_of``.

    Examples
    --------
    >>> horizon("2 quarters", "2025-11-15").labels
    ('2025-Q4', '2026-Q1')
    >>> horizon(["2025-11-16", "2025-12-14"], "2025-11-15").labels
    ('2025-11-16/2025-12-13',)
    """
    day = day_number(as_of)
    names = _names(periods, day, calendar)
    if names:
        edges = [calendar.bounds_of(name) for name in names]
        gaps = [b for (_, a), (b, _) in zip(edges[:-1], edges[1:], strict=True) if a != b]
        if gaps:
            raise SalesAnalysisError(
                f"`periods` is {', '.join(names)}; expected periods that follow one another."
            )
        first_days = [day_number(start) for start, _ in edges] + [day_number(edges[-1][1])]
    else:
        first_days = [day_number(bound) for bound in periods]
        names = [
            _label(a, b, calendar) for a, b in zip(first_days[:-1], first_days[1:], strict=True)
        ]
    if min(np.diff(first_days), default=0) <= 0:
        raise SalesAnalysisError(
            f"`periods` is {periods!r}; expected at least two days in ascending order: the first"
            " days of the periods and the day after the last."
        )
    if first_days[-1] <= day + 1:
        raise SalesAnalysisError(
            f"`periods` is {periods!r}, which is over by `as_of` {as_of}; expected a period that"
            " has days left."
        )
    return Horizon(tuple(names), np.array(first_days), day)


def _names(periods, day: int, calendar: Calendar) -> list[str]:
    """Names of the periods where these are named or counted, else none."""
    if isinstance(periods, int | np.integer) and not isinstance(periods, bool):
        periods = f"{periods} months"
    if isinstance(periods, str):
        span = _SPAN.fullmatch(periods.strip())
        if span is None:
            return [periods]  # one named period, or an error that says what a name is
        tomorrow = pd.Timestamp(np.datetime64(day + 1, "D"))
        return calendar.following(tomorrow, unit=span[2], count=int(span[1]))
    if not isinstance(periods, Sequence | np.ndarray | pd.Index):
        raise SalesAnalysisError(
            f"`periods` is {periods!r}; expected such as '3 months', ['2025-Q4', '2026-Q1'] or the"
            " first days of the periods and the day after the last."
        )
    named = [isinstance(name, str) and len(name) < len("2025-10-01") for name in periods]
    return list(periods) if len(named) and all(named) else []


def _label(first: int, after: int, calendar: Calendar) -> str:
    """The name of the period between two days."""
    start, end = (pd.Timestamp(np.datetime64(day, "D")) for day in (first, after))
    for unit in UNITS:
        name = calendar.label_of(start, unit)
        if calendar.bounds_of(name) == (start, end):
            return name
    return f"{start:%Y-%m-%d}/{end - pd.Timedelta(days=1):%Y-%m-%d}"
