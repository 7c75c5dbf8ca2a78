"""Bookings → what each stream brought in each period, as it was known on a day."""

from collections.abc import Sequence

import ibis
import pandas as pd

from salesanalysis.columns import PIPELINE, as_list
from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.periods import PLAIN, UNITS, Calendar, Day, end_of
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    moment,
    period_name,
    require_columns,
    to_pandas,
)
from salesanalysis.sources.no_records import names_a_total

#: A booking whose stream is not told is of this one, and so is one that is said to be of all.
OTHER = "other"


def bookings(
    bookings: AnyTable,
    *,
    as_of: Day,
    unit: str = "month",
    by: Sequence[str] | str = (),
    without: Sequence[str] | str = (PIPELINE,),
    calendar: Calendar = PLAIN,
) -> pd.DataFrame:
    """What each stream brought in each period, up to the end of ``as_of``.

    Every stream × group has a row for each period from the stream's first booking to the period
    that holds ``as_of``, 0 where nothing was booked. Bookings without a date or an amount cannot be
    used; the latter are counted.

    Parameters
    ----------
    bookings : Ibis table or DataFrame, one row per booking
        ``booked_at, amount``, and ``stream, currency`` where known.
    as_of : str, date or timestamp
        The day up to whose end bookings count.
    unit : str
        ``week``, ``month``, ``quarter`` or ``year``.
    by : str or list of str
        Further columns to split by, such as ``region``.
    without : str or list of str
        Streams to leave out: what is won from the pipeline is forecast from the deals.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    DataFrame
        ``stream, by, period`` (such as ``2025-11``), ``starts_at, complete`` (whether the period is
        over), ``bookings`` (number), ``amount, squares`` (sum of the squared amounts),
        ``without_amount`` (number); sorted by stream, group and period.

    Raises
    ------
    SalesAnalysisError
        A column is not there, amounts are in several currencies, a total of all streams is among
        single ones, or ``unit`` is not known.

    Examples
    --------
    >>> booked = pd.DataFrame({
    ...     "booked_at": pd.to_datetime(["2025-09-03", "2025-11-05", "2025-11-20"]),
    ...     "stream": "channel", "amount": [10.0, 20.0, 5.0]})
    >>> bookings(booked, as_of="2025-11-15")[["period", "complete", "bookings", "amount"]]
        period  complete  bookings  amount
    0  2025-09      True         1    10.0
    1  2025-10      True         0     0.0
    2  2025-11     False         1    20.0
    """
    require_choice("unit", unit, UNITS)
    by, cutoff = as_list(by), end_of(as_of)
    table = with_streams(bookings, by)
    table = table.mutate(
        booked_at=table.booked_at.cast("timestamp"),
        amount=table.amount.cast("float64"),
    )
    table = table.filter(table.booked_at <= moment(cutoff), table.stream.notin(as_list(without)))
    require_one_currency(table, "bookings")
    keys = ["stream", *by, "period"]
    known = table.mutate(period=period_name(table.booked_at, unit, calendar))
    sums = to_pandas(
        known.group_by(keys).agg(
            bookings=known.amount.count(),
            amount=known.amount.sum().fill_null(0.0),
            squares=(known.amount**2).sum().fill_null(0.0),
            without_amount=known.amount.isnull().sum().fill_null(0),
        )
    )
    return _every_period(sums, by, unit, cutoff, calendar)


def with_streams(bookings: AnyTable, by: Sequence[str] = ()) -> ibis.Table:
    """Bookings each of which has a stream: totals of a company need none.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a total of all streams stands beside single ones.
    """
    table = as_ibis(bookings)
    require_columns(table, ["booked_at", "amount", *by], "bookings")
    if "stream" not in table.columns:
        return table.mutate(stream=ibis.literal(OTHER))
    names = to_pandas(table.select(stream=table.stream.cast("string")).distinct())["stream"]
    totals = [name for name in names.dropna() if names_a_total(name)]
    if totals and len(names.dropna()) > len(totals):
        raise SalesAnalysisError(
            f"`bookings` have the stream {totals[0]!r} beside single streams: the same money would"
            " count twice. Leave out the total, or the single streams."
        )
    told = table.stream.cast("string").fill_null(OTHER)
    return table.mutate(stream=told.isin(totals).ifelse(OTHER, told) if totals else told)


def _every_period(
    sums: pd.DataFrame, by: list[str], unit: str, cutoff, calendar: Calendar
) -> pd.DataFrame:
    """Every stream × group with every period from the stream's first to the last of all."""
    numbers = ["bookings", "amount", "squares", "without_amount"]
    last = pd.Timestamp(cutoff)
    frames = []
    for _, own in sums.groupby("stream", sort=True):
        names = [min(own["period"].unique(), key=calendar.bounds_of)]
        while calendar.bounds_of(names[-1])[1] <= last:
            names.append(calendar.label_of(calendar.bounds_of(names[-1])[1], unit))
        bounds = [calendar.bounds_of(name) for name in names]
        course = pd.DataFrame({"period": names, "starts_at": [start for start, _ in bounds]})
        over = [end - pd.Timedelta(microseconds=1) for _, end in bounds]
        course["complete"] = [moment <= last for moment in over]
        groups = own[["stream", *by]].drop_duplicates().sort_values(["stream", *by])
        every = groups.merge(course, how="cross")
        frames.append(every.merge(own, on=["stream", *by, "period"], how="left"))
    columns = ["stream", *by, "period", "starts_at", "complete", *numbers]
    if not frames:
        return pd.DataFrame({name: [] for name in columns})
    table = pd.concat(frames, ignore_index=True)
    table[numbers] = table[numbers].fillna(0.0)
    table = table.astype({"bookings": "int64", "without_amount": "int64", "amount": float})
    return table[columns]
