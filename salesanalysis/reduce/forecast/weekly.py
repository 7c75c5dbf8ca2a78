"""Bookings that are totals of weeks: a month has four or five, so they are shared out by day."""

import ibis
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.findings import Finding
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import AnyTable, as_ibis, day, moment, to_pandas

#: From so many weeks on, all on one weekday, bookings are totals of weeks.
_LEAST_WEEKS = 8
#: The days of a week's total from its date on, by the weekday of that (Monday is 0): a date at its
#: beginning has the days after it, one at its end those before.
_DAYS = {0: range(7), 4: range(-6, 1), 5: range(-6, 1), 6: range(-6, 1)}
_WEEKDAYS = 7


def weekly_totals(bookings: AnyTable | None) -> list[Finding]:
    """That bookings are read as totals of weeks, where they are.

    Parameters
    ----------
    bookings : Ibis table or DataFrame, one row per booking, optional
        ``booked_at``.

    Returns
    -------
    list of Finding
        ``weekly_totals``, with their number (``weeks``).

    Examples
    --------
    >>> mondays = pd.date_range("2025-01-06", "2025-06-30", freq="W-MON")
    >>> [found.values for found in weekly_totals(pd.DataFrame({"booked_at": mondays}))]
    [{'weeks': 26}]
    >>> weekly_totals(pd.DataFrame({"booked_at": mondays + pd.to_timedelta(mondays.month, "D")}))
    []
    """
    weeks = _weeks(bookings)
    if not len(weeks):
        return []
    return [Finding("warn", "weekly_totals", {"weeks": len(weeks)}, part="report")]


def shared_by_day(bookings: AnyTable, *, as_of: Day) -> ibis.Table:
    """Bookings with the totals of weeks in seven equal parts, one for each day of the week.

    Of the week in which ``as_of`` lies the days up to it, for the total is of these. Other bookings
    are as they are.

    Parameters
    ----------
    bookings : Ibis table or DataFrame, one row per booking
        ``booked_at, amount``.
    as_of : str, date or timestamp
        The day up to whose end bookings count.

    Examples
    --------
    >>> mondays = pd.date_range("2025-01-06", "2025-06-30", freq="W-MON")
    >>> days = shared_by_day(pd.DataFrame({"booked_at": mondays, "amount": 7.0}),
    ...                      as_of="2025-07-01").to_pandas()
    >>> len(days), float(days["amount"].sum().round(6)), float(days["amount"].max())
    (177, 182.0, 3.5)
    """
    table, weeks = as_ibis(bookings), _weeks(bookings)
    if not len(weeks):
        return table
    until = end_of(as_of)
    offsets = list(_DAYS[weeks[0].weekday()])
    days = pd.DataFrame({"__at": weeks}).merge(pd.DataFrame({"__by": offsets}), how="cross")
    days["__day"] = days["__at"] + pd.to_timedelta(days["__by"], "D")
    # What is dated later is not known yet; its days are told by nothing.
    days = days[(days["__day"] <= until) | (days["__at"] > until)]
    days["__share"] = 1 / days.groupby("__at")["__at"].transform("size")
    both = table.mutate(__at=day(table.booked_at.cast("timestamp"))).inner_join(
        ibis.memtable(days[["__at", "__day", "__share"]]), "__at"
    )
    told = both.mutate(
        booked_at=ibis.ifelse(
            both["__at"] > moment(until), both.booked_at.cast("timestamp"), both["__day"]
        ),
        amount=both.amount.cast("float64") * both["__share"],
    )
    return told.select(*table.columns)


def _weeks(bookings: AnyTable | None) -> pd.DatetimeIndex:
    """The dates of the totals of weeks; none where bookings are something else."""
    none = pd.DatetimeIndex([])
    if bookings is None or "booked_at" not in (table := as_ibis(bookings)).columns:
        return none
    if "stream" in table.columns:
        table = table.filter((table.stream != PIPELINE).fill_null(True))
    dated = table.filter(table.booked_at.notnull())
    at = day(dated.booked_at.cast("timestamp")).name("at")
    first = dated.select(at=at).agg(first=lambda t: t.at.min(), rows=lambda t: t.count())
    start, rows = to_pandas(first).iloc[0]
    if not rows or start.weekday() not in _DAYS:
        return none
    odd = dated.filter((at.day_of_week.index() != start.weekday()).fill_null(False))
    if int(to_pandas(odd.agg(n=odd.count()))["n"].iloc[0]):
        return none
    found = pd.DatetimeIndex(to_pandas(dated.select(at=at).distinct())["at"]).sort_values()
    every_week = len(found) > (found[-1] - found[0]).days / _WEEKDAYS / 2
    return found if len(found) >= _LEAST_WEEKS and every_week else none
