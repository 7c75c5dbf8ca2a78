"""Which periods a column of dates means: those that the days begin, end or lie in."""

import datetime
import itertools
from collections.abc import Mapping, Sequence

from salesanalysis.periods import PLAIN, Calendar

#: The units whose periods dates can begin, end or lie in, the shortest first.
_DATED = ("week", "month", "quarter", "year")
#: How a date may be read that does not begin with its year.
_ORDERS = ("dmy", "mdy")


def unit_of_days(
    possible: Sequence[Mapping[str, datetime.date]], hint: str, calendar: Calendar
) -> list[tuple[str, list[datetime.date]]]:
    """The unit of the periods that days name, and the days, for each order they may be written in.

    Days that begin or end periods are read as such; only where none can be so, as days within.

    Parameters
    ----------
    possible : list of dict of order (``ymd, dmy, mdy``) to date
        What each day can be.
    hint : str
        The unit that the column's header names; empty where it names none.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Examples
    --------
    >>> days = [{"ymd": datetime.date(2025, month, 15)} for month in (2, 5, 8)]
    >>> {unit for unit, _ in unit_of_days(days, "", PLAIN)}
    {'quarter'}
    """
    orders = [[found.get("ymd") or found.get(first) for found in possible] for first in _ORDERS]
    whole = [days for days in orders if None not in days]
    ways = [(unit, days) for days in whole if (unit := _unit_of_edges(days, hint, calendar))]
    if ways:
        return ways
    return [(unit, days) for days in whole if (unit := _unit_around(days, hint, calendar))]


def _fits(days: list[datetime.date], unit: str, calendar: Calendar) -> list[tuple]:
    """The bounds of the periods of which all days are the first, or all the last; else none."""
    bounds = [calendar.bounds_of(calendar.label_of(day, unit)) for day in days]
    firsts = [start.date() for start, _ in bounds]
    lasts = [end.date() - datetime.timedelta(days=1) for _, end in bounds]
    return bounds if days in (firsts, lasts) else []


def _unit_of_edges(days: list[datetime.date], hint: str, calendar: Calendar) -> str:
    """The unit whose periods the days begin, or end; empty for none or several."""
    fits = {unit: bounds for unit in _DATED if (bounds := _fits(days, unit, calendar))}
    if hint in _DATED:
        return hint if hint in fits else ""
    # Some period must follow another: days a year apart can be those of quarters too.
    next_to = [
        unit
        for unit, bounds in fits.items()
        if {start for start, _ in bounds} & {end for _, end in bounds}
    ]
    return next_to[-1] if next_to else ""


def _unit_around(days: list[datetime.date], hint: str, calendar: Calendar) -> str:
    """The one unit in whose periods the days lie; empty for none or several."""
    # What begins or ends months is no day somewhere in a longer period.
    if any(_fits(days, "month", one) for one in (calendar, PLAIN)):
        return ""
    if hint in _DATED:
        return hint
    inside = [unit for unit in _DATED if _in_a_row(days, unit, calendar)]
    return inside[0] if len(inside) == 1 else ""


def _in_a_row(days: list[datetime.date], unit: str, calendar: Calendar) -> bool:
    """Whether each of several days lies in a period of its own, and these follow each other."""
    bounds = sorted(calendar.bounds_of(calendar.label_of(day, unit)) for day in days)
    return len(days) > 1 and all(
        end == start for (_, end), (start, _) in itertools.pairwise(bounds)
    )
