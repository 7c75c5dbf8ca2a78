"""Bringing the parts of a forecast together: pipeline, streams, what is in already."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forecast.company_forecast import Forecast
from salesanalysis.forecast.contract_ends import CONTRACT_COLUMNS, CONTRACTS, RenewalForecast
from salesanalysis.forecast.draws import CLOSED, Draws, stack
from salesanalysis.forecast.pipeline_forecast import PipelineForecast
from salesanalysis.forecast.sharing import SPLITS
from salesanalysis.forecast.streams import TO_COME, SeriesForecast
from salesanalysis.known import KnownForecast, require_known
from salesanalysis.periods import Calendar, moments

#: The columns that the tables of a forecast have at least, even where nothing is known.
_DEALS = ("opportunity_id", "period", "amount", "probability", "expected_amount")
_CLOSED = ("stream", "closed_at", "amount", "opportunity_id")
_TARGETS = ("period", "target")
_CALLS = ("opportunity_id", "owner_call", "expected_close_at")


def combine(
    known: KnownForecast,
    *,
    period: str,
    pipeline: PipelineForecast | None = None,
    streams: Sequence[SeriesForecast | RenewalForecast | Draws] = (),
    calibration: pd.DataFrame | None = None,
) -> Forecast:
    """Bring the parts of a forecast together; draw 17 of one belongs to draw 17 of all others.

    Parameters
    ----------
    known : KnownForecast
        Its ``closed``: what is in already, at least since the beginning of ``period`` (what came
        before serves for the run rate); without it only what the parts themselves know of the
        period that has begun. Its ``targets``: ``period, target``; ``stream`` (which streams it
        asks for), ``floor, stretch``, roll-ups. Its ``calls``.
    period : str
        The period that the forecast is about, such as ``2025-Q4``.
    pipeline : PipelineForecast, optional
        As from :func:`pipeline`.
    streams : list of SeriesForecast, RenewalForecast or Draws
        As from :func:`series` and :func:`renewals`. What a stream's contracts are still to bring
        takes the place of what its series would.
    calibration : DataFrame, optional
        How past forecasts of this kind did.

    Returns
    -------
    Forecast
        Its ``closed``, ``targets``, ``calls`` and ``calibration`` in the order of the rows given.

    Raises
    ------
    SalesAnalysisError
        There are no parts, they differ in their number of draws, some are by week and others not,
        none is about ``period``, or a column is not there.

    Examples
    --------
    >>> from salesanalysis.forecast import series
    >>> booked = pd.DataFrame({"stream": "channel", "period": [f"2025-{m:02}" for m in range(1, 10)],
    ...                        "amount": [100, 120, 90, 130, 110, 120, 140, 125, 135.0]})
    >>> goal = pd.DataFrame({"period": ["2025-Q4"], "target": [390.0]})
    >>> known = KnownForecast(as_of="2025-09-30", bookings=booked, targets=goal)
    >>> whole = combine(known, period="2025-Q4", streams=[series(known, horizon=3)])
    >>> whole.against_targets()[["target", "q10", "q50", "q90", "p_target"]].round(1)
       target    q10    q50    q90  p_target
    0   390.0  344.4  396.8  459.5       0.6
    """  # noqa: E501
    parts = [getattr(part, "draws", part) for part in (pipeline, *streams) if part is not None]
    if not parts:
        raise SalesAnalysisError("Give `pipeline`, `streams` or both: there is nothing to combine.")
    closed = None if require_known(known).closed is None else _checked(known.closed)
    calls = _table(known.calls, _CALLS)
    contracts = [part.draws for part in streams if isinstance(part, RenewalForecast)]
    of_contracts = {name for part in contracts for name in part.cells["stream"]}
    kept = [_kept(part, of_contracts, closed is not None) for part in parts]
    brought_in = [] if closed is None else _brought_in(closed, period, kept, known.calendar)
    whole = stack([part for part in (*kept, *brought_in) if len(part.cells)])
    _require_periods(set(whole.cells["period"]), period, known.calendar)
    facts = [_told_by(part.streams, of_contracts) for part in streams if hasattr(part, "streams")]
    return Forecast(
        as_of=known.as_of,
        period=period,
        calendar=known.calendar,
        draws=replace(whole, cells=_with_quarters(whole.cells, period, known.calendar)),
        deals=_with_calls(_table(getattr(pipeline, "deals", None), _DEALS), calls),
        closed=_table(closed, _CLOSED),
        targets=_table(known.targets, _TARGETS),
        calls=calls,
        assumptions=_assumptions(pipeline, streams),
        streams=_table(pd.concat(facts, ignore_index=True) if facts else None, ()),
        calibration=_table(calibration, ()),
        splits=_splits(known),
        pipeline=pipeline,
    )


def require_parts(known: KnownForecast) -> None:
    """Refuse what is known where a table lacks a column that a forecast of it reads.

    Raises
    ------
    SalesAnalysisError
        It says which table lacks what.
    """
    needed = {
        "closed": _CLOSED,
        "targets": _TARGETS,
        "calls": _CALLS,
        "contracts": CONTRACT_COLUMNS,
        "splits": SPLITS,
    }
    for name, columns in needed.items():
        table = getattr(known, name)
        if table is not None:
            require_columns(table.columns, columns, f"`known.{name}`")


def _table(given: pd.DataFrame | None, columns: Sequence[str]) -> pd.DataFrame:
    """A table, or an empty one with the columns that it must have."""
    if given is None:
        empty = pd.DataFrame({name: [] for name in columns})
        days = {name: "datetime64[us]" for name in columns if name.endswith("_at")}
        return empty.astype(days)
    require_columns(given.columns, columns, "A part of the forecast")
    return given


def _splits(known: KnownForecast) -> pd.DataFrame:
    """Who shares which deal; what is closed must be known deal by deal."""
    if known.splits is not None and len(known.splits) and known.closed is None:
        raise SalesAnalysisError(
            "`known` has `splits` and no `closed`: what was won already cannot be shared; make it"
            " by `reduce.forecast.known`, or leave the splits out."
        )
    return _table(known.splits, SPLITS)


def _assumptions(pipeline, streams: Sequence) -> pd.DataFrame:
    """What the pipeline and the renewals rest on: ``name, detail, value, unit``."""
    columns = ["name", "detail", "value", "unit"]
    tables = [] if pipeline is None else [pipeline.assumptions]
    for part in streams:
        if isinstance(part, RenewalForecast):
            known = part.renewed.iloc[0]
            rows = [
                ("contracts_ended", "", known["n"], "count"),
                ("renewal_rate", "", known["rate"], "share"),
                ("renewal_lag", "", known["median_lag_days"], "days"),
            ]
            tables.append(pd.DataFrame(rows, columns=columns))
    some = [table.astype({"value": float}) for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=columns)


def _with_calls(deals: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """The deals with what sellers said then; what a later deal list says of them is left out."""
    said = ["owner_call", "expected_close_at"]
    deals = deals.drop(columns=said, errors="ignore")
    if calls.empty or deals.empty:
        return deals
    once = calls.drop_duplicates("opportunity_id").set_index("opportunity_id")
    return deals.assign(owner_call=deals["opportunity_id"].map(once["owner_call"]))


def _told_by(streams: pd.DataFrame, of_contracts: set[str]) -> pd.DataFrame:
    """What streams rest on: their contracts where these say what is to come."""
    own = streams["stream"].isin(of_contracts)
    return streams.assign(method=streams["method"].mask(own, CONTRACTS))


def _kept(part: Draws, of_contracts: set[str], without_closed: bool) -> Draws:
    """A part without what another table says better."""
    cells = part.cells
    drop = np.zeros(len(cells), dtype=bool)
    if "part" in cells:
        drop |= (cells["stream"].isin(of_contracts) & (cells["part"] == TO_COME)).to_numpy()
        drop |= ((cells["part"] == CLOSED) & without_closed).to_numpy()
    return Draws(cells[~drop], part.values[~drop]) if drop.any() else part


def _checked(closed: pd.DataFrame) -> pd.DataFrame:
    """What is in already, by day; a row without a day or an amount cannot be placed."""
    require_columns(closed.columns, _CLOSED, "`closed`")
    closed = closed.assign(closed_at=moments(closed["closed_at"]))
    lacking = closed[closed["closed_at"].isna() | closed["amount"].isna()]
    if len(lacking):
        raise SalesAnalysisError(
            f"`closed` has {len(lacking)} rows without `closed_at` or `amount`, such as"
            f" {lacking.iloc[0].to_dict()}: leave them out and count them first."
        )
    return closed


def _require_periods(names: set[str], period: str, calendar: Calendar) -> None:
    """Refuse weeks beside other periods, and parts of which none lies in ``period``."""
    units = sorted({calendar.unit_of(name) for name in names})
    if "week" in units and len(units) > 1:
        raise SalesAnalysisError(
            f"The parts have periods of several units ({', '.join(units)}), and a week belongs to"
            " no month: expected all parts by week, or none."
        )
    if not any(calendar.lies_in(name, period) for name in names):
        raise SalesAnalysisError(
            f"`period` is {period}, and the parts cover {', '.join(sorted(names))}; expected parts"
            " of that period, or of shorter ones in it."
        )


def _brought_in(
    closed: pd.DataFrame, period: str, parts: Sequence[Draws], calendar: Calendar
) -> list[Draws]:
    """Cells of what is in already since the period began: the same in every draw."""
    closed = closed[closed["closed_at"] >= calendar.bounds_of(period)[0]]
    if closed.empty:
        return []
    known = [part.cells for part in parts if len(part.cells)]
    unit = calendar.unit_of(known[0]["period"].iloc[0])
    columns = dict.fromkeys(column for cells in known for column in cells.columns)
    groups = [name for name in columns if name in closed and name not in ("stream", "period")]
    days = closed["closed_at"].unique()
    names = {day: calendar.label_of(day, unit) for day in days}
    table = closed.assign(period=closed["closed_at"].map(names), part=CLOSED)
    groups = ["stream", "part", *(name for name in groups if name != "part"), "period"]
    sums = table.groupby(groups, dropna=False, as_index=False)["amount"].sum()
    amounts = sums["amount"].to_numpy(float)[:, None]
    return [Draws(sums[groups], np.broadcast_to(amounts, (len(sums), parts[0].n)))]


def _with_quarters(cells: pd.DataFrame, period: str, calendar: Calendar) -> pd.DataFrame:
    """The cells with their quarter, where it is one that the months cover whole."""
    names = sorted(set(cells["period"]))
    if any(calendar.unit_of(name) != "month" for name in names):
        return cells
    first, last = calendar.bounds_of(period)[0], calendar.bounds_of(names[-1])[1]
    covered = {}
    for name in names:
        quarter = calendar.label_of(calendar.bounds_of(name)[0], "quarter")
        start, end = calendar.bounds_of(quarter)
        covered[name] = quarter if first <= start and end <= last else None
    return cells.assign(quarter=cells["period"].map(covered))
