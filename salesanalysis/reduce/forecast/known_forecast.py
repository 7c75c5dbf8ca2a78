"""The tables of a forecast → what was known of them on a day."""

from collections.abc import Mapping, Sequence

import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import require_choice
from salesanalysis.known import KnownForecast, KnownPipeline
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.expressions import Tables, as_ibis, require_columns, to_pandas
from salesanalysis.reduce.forecast.booked import bookings
from salesanalysis.reduce.forecast.closed_amounts import closed
from salesanalysis.reduce.forecast.earlier_calls import earlier_calls
from salesanalysis.reduce.forecast.expectations import calls, targets
from salesanalysis.reduce.forecast.known_pipeline import pipeline
from salesanalysis.reduce.forecast.recognition import schedule
from salesanalysis.reduce.forecast.shares import splits
from salesanalysis.reduce.forecast.weekly import shared_by_day
from salesanalysis.reduce.season import Season, season_of


def known(
    tables: Tables,
    *,
    as_of: Day,
    since: Day,
    by: Sequence[str] | str = (),
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    unit: str = "month",
    over_assigned: bool = False,
    calendar: Calendar = PLAIN,
) -> KnownForecast:
    """All that a forecast takes, from those of its tables that there are.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        Any of ``opportunities, stage_history, bookings, contracts, targets, stream_targets,
        snapshots, deal_splits, schedule``; others are not used.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    since : str, date or timestamp
        From when on to tell what came in; at the latest the beginning of the period to forecast.
    by : str or list of str
        Columns to carry along, in the tables that have them.
    stages, exits
        As for :func:`pipeline`.
    unit : str
        By what the streams are forecast: ``month``, or ``week`` for the forecast of a week. By
        month the totals of weeks are shared out by day
        (:func:`salesanalysis.reduce.forecast.weekly.shared_by_day`).
    over_assigned : bool
        Whether sellers may be given more than the company's target.
    calendar : salesanalysis.periods.Calendar
        The company's: what is forecast from the result goes by it.

    Returns
    -------
    KnownForecast

    Examples
    --------
    >>> booked = pd.DataFrame({"booked_at": pd.to_datetime(["2025-11-03"]), "stream": "channel",
    ...                        "amount": [1.0]})
    >>> there = known({"bookings": booked}, as_of="2025-11-15", since="2025-10-01")
    >>> there.pipeline is None, len(there.bookings), len(there.closed)
    (True, 1, 1)
    """
    require_choice("unit", unit, ["week", "month"])
    by, cutoff = as_list(by), calendar.end_of(as_of)
    deals = [tables.get(name) for name in ("opportunities", "stage_history")]
    booked, contracts = tables.get("bookings"), tables.get("contracts")
    if booked is not None and unit == "month":
        booked = shared_by_day(booked, as_of=cutoff)
    has_deals = any(table is not None for table in deals)
    asked = {"as_of": cutoff, "stages": stages, "exits": exits}
    of_deals = None
    if has_deals:
        own = _there(deals[0], by)
        of_deals = pipeline(*deals, **asked, by=own, calendar=calendar)
    of_bookings = {"as_of": cutoff, "by": _there(booked, by), "calendar": calendar}
    booked_by_unit = None if booked is None else bookings(booked, unit=unit, **of_bookings)
    return KnownForecast(
        as_of=cutoff,
        pipeline=of_deals,
        bookings=booked_by_unit,
        contracts=None if contracts is None else _usable(contracts),
        closed=closed(*deals, booked, contracts, **asked, since=since, by=by),
        targets=targets(
            tables.get("targets"),
            tables.get("stream_targets"),
            unit=unit,
            over_assigned=over_assigned,
            season=_season(of_deals, booked_by_unit, cutoff, calendar),
        ),
        calls=calls(deals[0], tables.get("snapshots"), as_of=cutoff),
        earlier_calls=earlier_calls(tables.get("snapshots"), as_of=cutoff),
        splits=splits(tables.get("deal_splits")),
        schedule=schedule(tables.get("schedule"), calendar=calendar),
        calendar=calendar,
    )


def _season(
    of_deals: KnownPipeline | None, booked: pd.DataFrame | None, cutoff, calendar: Calendar
) -> Season:
    """How the company's years fill, stream by stream, as far as is known."""
    parts = [] if of_deals is None else [season_of(of_deals).sold]
    if booked is not None:
        parts.append(booked.rename(columns={"starts_at": "at"})[["at", "amount", "stream"]])
    parts = [part for part in parts if len(part)]
    return Season(calendar, *([pd.concat(parts)] if parts else []), as_of=cutoff)


def _there(table, names: Sequence[str]) -> list[str]:
    """Those of the columns that a table has."""
    return [] if table is None else [name for name in names if name in as_ibis(table).columns]


def _usable(contracts) -> pd.DataFrame:
    """The contracts that can be forecast."""
    table = as_ibis(contracts)
    require_columns(table, ["contract_id", "ends_at", "amount"], "contracts")
    return to_pandas(table.filter(table.ends_at.notnull(), table.amount.notnull()))
