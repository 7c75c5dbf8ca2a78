"""Bookings → what each stream brought in each period, as it was known on a day."""

from collections.abc import Sequence

import pandas as pd

from salesanalysis import periods
from salesanalysis.columns import PIPELINE, as_list
from salesanalysis.errors import require_choice
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import as_ibis, moment, require_columns, to_pandas

#: How an engine names the units to which it cuts dates off.
_CUT = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}
#: A booking whose stream is not told is of this one.
OTHER = "other"


def bookings(
    bookings,
    *,
    as_of,
    unit: str = "month",
    by: Sequence[str] | str = (),
    without: Sequence[str] | str = (PIPELINE,),
) -> pd.DataFrame:
    """What each stream brought in each period, up to the end of ``as_of``.

    Every stream × group has a row for each period from the stream's first booking to the period
    that holds ``as_of``, 0 where nothing was booked. Bookings without a date or an amount cannot be
    used; the latter are counted.

    Parameters
    ----------
    bookings : Ibis table or DataFrame, one row per booking
        ``booked_at, stream, amount``, and ``currency`` where known.
    as_of : str, date or timestamp
        The day up to whose end bookings count.
    unit : str
        ``week``, ``month``, ``quarter`` or ``year``.
    by : str or list of str
        Further columns to split by, such as ``region``.
    without : str or list of str
        Streams to leave out: what is won from the pipeline is forecast from the deals.

    Returns
    -------
    DataFrame
        ``stream, by, period`` (such as ``2025-11``), ``starts_at, complete`` (whether the period is
        over), ``bookings`` (number), ``amount, squares`` (sum of the squared amounts),
        ``without_amount`` (number); sorted by stream, group and period.

    Raises
    ------
    SalesAnalysisError
        A column is not there, amounts are in several currencies, or ``unit`` is not known.

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
    require_choice("unit", unit, _CUT)
    by, cutoff = as_list(by), periods.end_of(as_of)
    table = as_ibis(bookings)
    require_columns(table, ["booked_at", "stream", "amount", *by], "bookings")
    table = table.mutate(
        booked_at=table.booked_at.cast("timestamp"),
        stream=table.stream.cast("string").fill_null(OTHER),
        amount=table.amount.cast("float64"),
    )
    table = table.filter(table.booked_at <= moment(cutoff), table.stream.notin(as_list(without)))
    require_one_currency(table, "bookings")
    keys = ["stream", *by, "starts_at"]
    known = table.mutate(starts_at=table.booked_at.truncate(_CUT[unit]))
    sums = to_pandas(
        known.group_by(keys).agg(
            bookings=known.amount.count(),
            amount=known.amount.sum().fill_null(0.0),
            squares=(known.amount**2).sum().fill_null(0.0),
            without_amount=known.amount.isnull().sum().fill_null(0),
        )
    )
    return _every_period(sums, by, unit, cutoff)


def _every_period(sums: pd.DataFrame, by: list[str], unit: str, cutoff) -> pd.DataFrame:
    """Every stream × group with every period from the stream's first to the last of all."""
    numbers = ["bookings", "amount", "squares", "without_amount"]
    last = pd.Timestamp(cutoff)
    frames = []
    for _, own in sums.groupby("stream", sort=True):
        first = periods.label_of(own["starts_at"].min(), unit)
        names = [first]
        while periods.bounds_of(names[-1])[1] <= last:
            names += periods.following(periods.bounds_of(names[-1])[1], unit=unit, count=1)
        calendar = pd.DataFrame({"period": names})
        calendar["starts_at"] = [periods.bounds_of(name)[0] for name in names]
        over = [periods.bounds_of(name)[1] - pd.Timedelta(microseconds=1) for name in names]
        calendar["complete"] = [moment <= last for moment in over]
        groups = own[["stream", *by]].drop_duplicates().sort_values(["stream", *by])
        every = groups.merge(calendar, how="cross")
        frames.append(every.merge(own, on=["stream", *by, "starts_at"], how="left"))
    columns = ["stream", *by, "period", "starts_at", "complete", *numbers]
    if not frames:
        return pd.DataFrame({name: [] for name in columns})
    table = pd.concat(frames, ignore_index=True)
    table[numbers] = table[numbers].fillna(0.0)
    table = table.astype({"bookings": "int64", "without_amount": "int64", "amount": float})
    return table[columns]
