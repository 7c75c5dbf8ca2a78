"""The same forecast on earlier days, each with what was known then."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE, as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forecast.company_forecast import Forecast
from salesanalysis.forecast.contract_ends import renewals
from salesanalysis.forecast.deal_arrays import day_number, deal_arrays, read_history
from salesanalysis.forecast.draws import QUANTILES
from salesanalysis.forecast.enough import (
    can_forecast,
    first_booked,
    has_bookings,
    has_contracts,
    pipeline_caveats,
    require_something,
)
from salesanalysis.forecast.joining import combine, require_parts
from salesanalysis.forecast.overrides import GivenChances
from salesanalysis.forecast.pipeline_forecast import from_history
from salesanalysis.forecast.recorded_since import recording_start
from salesanalysis.forecast.streams import series
from salesanalysis.known import KnownForecast, frame_of, require_known
from salesanalysis.periods import Calendar, Day, end_of


def forecast_as_of(
    known: KnownForecast,
    *,
    period: str | None = None,
    more_periods: int = 1,
    by: Sequence[str] | str = (),
    overrides: GivenChances | None = None,
    calibration: pd.DataFrame | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> Forecast:
    """The whole forecast of a period from all that was known on a day: pipeline, streams, renewals.

    The same tables serve for the forecast of today and for those of earlier days,
    ``known.on(day)``: what came later is not used, nor what sellers say, which is of today alone.

    Parameters
    ----------
    known : KnownForecast
        ``closed`` must reach back to the beginning of ``period``.
    period : str, optional
        A quarter, month or year, forecast month by month; or a week, where there are no bookings or
        ``known.bookings`` are by week; the quarter that has days left where not given.
    more_periods : int
        How many months after the end of ``period`` to forecast as well.
    by : str or list of str
        Columns to roll up by, in all tables that have them.
    overrides : DataFrame or list of dict, optional
        As for :func:`pipeline`.
    calibration : DataFrame, optional
        As for :func:`combine`.
    draws, seed : int
        How many draws, and where their random numbers start.

    Returns
    -------
    Forecast
        Its ``closed``, ``targets``, ``calls`` and ``calibration`` in the order of the rows given.

    Raises
    ------
    SalesAnalysisError
        The period is over or of another unit than the bookings, a table lacks a column (said before
        anything is computed), or there is nothing to forecast from.

    Examples
    --------
    >>> from salesanalysis import reduce
    >>> days = pd.date_range("2025-01-04", "2025-11-14", freq="5D")
    >>> booked = pd.DataFrame({"booked_at": days, "stream": "channel", "amount": 10.0})
    >>> known = reduce.forecast.known({"bookings": booked}, as_of="2025-11-15", since="2025-10-01")
    >>> made = forecast_as_of(known, draws=2000)
    >>> made.period, made.parts()[["part", "mean"]].round(-1).values.tolist()
    ('2025-Q4', [['closed', 90.0], ['to_come', 90.0], ['all', 180.0]])
    """
    by, now = as_list(by), require_known(known, KnownForecast).as_of
    calendar = known.calendar
    period = period or calendar.quarter_ahead(now)
    require_parts(known)
    ahead = periods_ahead(now, period, more_periods, calendar)
    drawn = {"draws": draws, "seed": seed}
    of_deals = None
    history = None if known.pipeline is None else read_history(known.pipeline)
    if history is not None and can_forecast(history, now):
        own = [name for name in by if name in history.deals]
        asked = {"periods": ahead, "by": own, "overrides": overrides}
        if known.splits is not None:
            asked["alone"] = set(known.splits["opportunity_id"])
        of_deals = from_history(history, now, **asked, **drawn)
    streams = []
    if has_bookings(known):
        booked = _known_bookings(known, by, calendar.unit_of(ahead[0]))
        if len(booked):
            streams.append(series(replace(known, bookings=booked), horizon=len(ahead), **drawn))
    if has_contracts(known):
        own = [name for name in by if name in known.contracts]
        streams.append(renewals(known, periods_ahead=ahead, by=own, **drawn))
    if of_deals is None and not streams:
        require_something(known)
    asked = {"period": period, "calibration": calibration}
    made = combine(known, pipeline=of_deals, streams=streams, **asked)
    return _with_columns(made, by)


def _with_columns(made: Forecast, by: list[str]) -> Forecast:
    """The forecast with all columns to roll up by: missing where no table has them."""
    cells, deals = (
        table.assign(**{name: None for name in by if name not in table})
        for table in (made.draws.cells, made.deals)
    )
    return replace(made, draws=replace(made.draws, cells=cells), deals=deals)


def course(
    known: KnownForecast,
    *,
    dates: Sequence[Day],
    period: str | None = None,
    made: Sequence[Forecast] = (),
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """How the forecast of one period moved: made again on earlier days.

    Parameters
    ----------
    known, period, seed
        As for :func:`forecast_as_of`.
    dates : list of str, date or timestamp
        The days; each before the end of ``period``. Those on which nothing was known yet are left
        out.
    made : list of Forecast
        Forecasts of that period that were made already: on their days the course says what they
        say.
    draws : int
        How many draws each other forecast has.

    Returns
    -------
    DataFrame
        One row per day: ``as_of, closed`` (so far), ``mean, q05`` … ``q95`` of what the period
        brings in the end, ``p_target`` (missing without a target).

    Examples
    --------
    >>> from salesanalysis import reduce
    >>> days = pd.date_range("2025-01-04", "2025-11-14", freq="5D")
    >>> booked = pd.DataFrame({"booked_at": days, "stream": "channel", "amount": 10.0})
    >>> known = reduce.forecast.known({"bookings": booked}, as_of="2025-11-15", since="2025-10-01")
    >>> course(known, dates=["2025-10-15", "2025-11-15"])[["closed", "q50"]].round(-1)
       closed    q50
    0    30.0  180.0
    1    90.0  180.0
    """
    period = period or known.calendar.quarter_ahead(known.as_of)
    there, rows = {forecast.as_of: forecast for forecast in made}, []
    for date in [day for day in dates if end_of(day) >= known_since(known)]:
        one = there.get(known.calendar.end_of(date))
        if one is None:
            one = forecast_as_of(known.on(date), period=period, draws=draws, seed=seed)
        goal = one.against_targets(within=period).iloc[0]
        row = {"as_of": one.as_of.normalize(), "closed": goal["closed"]}
        row |= one.within(period).summary(quantiles=QUANTILES).iloc[0].to_dict()
        rows.append(row | {"p_target": goal["p_target"]})
    return pd.DataFrame(rows)


def known_since(known: KnownForecast) -> pd.Timestamp:
    """The first day on which there was anything to forecast from.

    Parameters
    ----------
    known : KnownForecast

    Returns
    -------
    Timestamp
        That of the first deal, once an amount is known, or of the first booking; the day of the
        tables where there is neither.
    """
    days = [known.as_of]
    if known.pipeline is not None:
        first = min(read_history(known.pipeline).first_day, day_number(known.as_of))
        days.append(pd.Timestamp(np.datetime64(first, "D")))
    if has_bookings(known):
        days.append(first_booked(known))
    return min(day for day in days if pd.notna(day)).normalize()


def backtest_horizons(
    known: KnownForecast, horizon_days: Sequence[int], *, warm_up_days: int = 60
) -> list[int]:
    """Those of the horizons for which the past of the deals is long enough to test on.

    Parameters
    ----------
    known : KnownForecast
    horizon_days : list of int
        How far ahead one would like to test.
    warm_up_days : int
        As for :func:`backtest`.

    Returns
    -------
    list of int
        In their order; empty where there are no deals.
    """
    if known.pipeline is None or pipeline_caveats(known):
        return []
    read = read_history(known.pipeline)
    deals = read.deals
    first, last = deals["closed_at"].min(), deals["created_at"].max()
    if pd.isna(first) or pd.isna(last):
        return []
    history = deal_arrays(read, known.as_of)
    start = pd.Timestamp(np.datetime64(recording_start(history), "D"))
    days = (last - max(start, first)).days - warm_up_days
    return [horizon for horizon in horizon_days if horizon <= days]


def periods_ahead(now: pd.Timestamp, period: str, more: int, calendar: Calendar) -> list[str]:
    """The months that are left of a period, and some after it; of a week the week itself."""
    _, end = calendar.bounds_of(period)
    tomorrow = now.normalize() + pd.Timedelta(days=1)
    if tomorrow >= end:
        raise SalesAnalysisError(
            f"`period` {period} is over on {now:%Y-%m-%d}; expected one that has days left."
        )
    unit = "week" if calendar.unit_of(period) == "week" else "month"
    # The months before a period that has not begun are forecast on the way to it.
    names = [calendar.label_of(tomorrow, unit)]
    while calendar.bounds_of(names[-1])[1] < end:
        names += calendar.following(calendar.bounds_of(names[-1])[1], unit=unit, count=1)
    after = calendar.bounds_of(names[-1])[1]
    return names + (calendar.following(after, unit=unit, count=more) if more else [])


def _known_bookings(known: KnownForecast, by: list[str], unit: str) -> pd.DataFrame:
    """The bookings by period as known on a day: those of the period that has begun, up to it."""
    counted = ["bookings", "amount", "squares"]
    bookings = frame_of(known, "bookings", ["stream", "period", *counted])
    closed, now = known.closed, known.as_of
    calendar = known.calendar
    own = calendar.unit_of(bookings["period"].iloc[0])
    if own != unit:
        raise SalesAnalysisError(
            f"`known.bookings` are by {own}, and `period` is forecast by {unit}; expected the same:"
            f" make them by `reduce.forecast.bookings(..., unit={unit!r})`, or leave them out."
        )
    begun = calendar.label_of(now, unit)
    over = calendar.bounds_of(begun)[1] - pd.Timedelta(microseconds=1) <= now
    last = bookings["period"] <= begun if over else bookings["period"] < begun
    own = [name for name in by if name in bookings]
    columns = ["stream", *own, "period", *counted]
    booked = bookings.loc[last, columns]
    if over or closed is None:
        return booked
    require_columns(closed.columns, ["closed_at", "stream", "amount", *own], "`known.closed`")
    part = closed[(closed["closed_at"] >= calendar.bounds_of(begun)[0])]
    part = part[(part["stream"] != PIPELINE) & part["stream"].isin(booked["stream"])]
    part = part.assign(period=begun, bookings=1, squares=part["amount"] ** 2)
    sums = part.groupby([*columns[:-3]], dropna=False, as_index=False)[columns[-3:]].sum()
    return pd.concat([booked, sums], ignore_index=True).astype({"bookings": np.int64})
