"""What is aimed at and what sellers say: targets and calls, as they were known on a day."""

import ibis
import pandas as pd

from salesanalysis import periods
from salesanalysis.columns import OPEN, PIPELINE
from salesanalysis.periods import Day
from salesanalysis.reduce.expressions import AnyTable, as_ibis, moment, require_columns, to_pandas
from salesanalysis.reduce.season import Season
from salesanalysis.reduce.targets import TABLE, each_once

#: What a call says of a deal.
CALL_COLUMNS = ("opportunity_id", "owner_call", "expected_close_at", "probability")


def targets(
    targets: AnyTable | None = None,
    stream_targets: AnyTable | None = None,
    *,
    season: Season | None = None,
    unit: str = "month",
    over_assigned: bool = False,
) -> pd.DataFrame:
    """Targets of sellers and of streams in one table, each with the stream that it asks for.

    No money is asked for twice: see :func:`salesanalysis.reduce.targets.each_once`.

    Parameters
    ----------
    targets : Ibis table or DataFrame, one row per period × group, optional
        ``period, target``, and ``floor, stretch`` and groups such as ``owner_id`` as far as known:
        what is to be won from the pipeline.
    stream_targets : Ibis table or DataFrame, one row per period × stream, optional
        The same with ``stream``.
    season : salesanalysis.reduce.season.Season, optional
        The company's calendar, and how its years fill, to spread the target of a year.
    unit : str
        By what the streams are forecast: ``week``, or ``month``, which targets of weeks are then
        put together to.
    over_assigned : bool
        Whether sellers may be given more than the whole.

    Returns
    -------
    DataFrame
        ``period, stream, target``, then the other columns of either; where a target was spread,
        ``spread_of`` and ``season_years``.

    Examples
    --------
    >>> one = pd.DataFrame({"period": ["2025-Q4"], "owner_id": ["R1"], "target": [10.0]})
    >>> other = pd.DataFrame({"period": ["2025-Q4"], "stream": ["channel"], "target": [5.0]})
    >>> targets(one, other)
        period    stream  target owner_id
    0  2025-Q4  pipeline    10.0       R1
    1  2025-Q4   channel     5.0      NaN
    """
    parts = []
    if targets is not None:
        require_columns(as_ibis(targets), ["period", "target"], "targets")
        parts.append(to_pandas(as_ibis(targets)).assign(stream=PIPELINE, **{TABLE: "targets"}))
    if stream_targets is not None:
        require_columns(as_ibis(stream_targets), ["period", "stream", "target"], "stream_targets")
        own = to_pandas(as_ibis(stream_targets))
        parts.append(own.assign(**{TABLE: "stream_targets"}))
    columns = ["period", "stream", "target"]
    if not parts:
        return pd.DataFrame({name: [] for name in columns})
    name = "targets" if stream_targets is None else "targets, stream_targets"
    table = each_once(
        pd.concat(parts, ignore_index=True),
        season=season,
        shortest=unit,
        over_assigned=over_assigned,
        name=name,
    )
    table = table.drop(columns=TABLE)
    return table[[*columns, *(name for name in table if name not in columns)]]


def calls(
    opportunities: AnyTable | None = None, snapshots: AnyTable | None = None, *, as_of: Day
) -> pd.DataFrame:
    """What sellers said of the open deals: the last that was known at the end of ``as_of``.

    A deal list says what sellers think on the day of its export, often more than they knew before.
    So it counts only where nothing in it is dated after ``as_of``; for an earlier day it takes
    snapshots that were kept.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome, owner_call``; ``expected_close_at, probability`` where known.
    snapshots : Ibis table or DataFrame, one row per day × deal open then, optional
        ``taken_at, opportunity_id``, and the same.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    DataFrame
        One row per open deal: ``opportunity_id, owner_call, expected_close_at, probability``,
        sorted by deal. Empty where nothing is known of that day.

    Examples
    --------
    >>> kept = pd.DataFrame({
    ...     "taken_at": pd.to_datetime(["2025-10-31", "2025-11-30"]), "opportunity_id": "a",
    ...     "owner_call": ["pipeline", "commit"]})
    >>> calls(snapshots=kept, as_of="2025-11-15")[["opportunity_id", "owner_call"]]
      opportunity_id owner_call
    0              a   pipeline
    """
    cutoff = periods.end_of(as_of)
    if snapshots is not None:
        table = as_ibis(snapshots)
        require_columns(table, ["taken_at", "opportunity_id"], "snapshots")
        table = table.filter(table.taken_at.cast("timestamp") <= moment(cutoff))
        last = to_pandas(table.agg(last=table.taken_at.max()))["last"].iloc[0]
        if pd.notna(last):
            return _as_calls(to_pandas(table.filter(table.taken_at == moment(last))))
    if opportunities is None:
        return _as_calls(pd.DataFrame({"opportunity_id": []}))
    table = as_ibis(opportunities)
    require_columns(table, ["opportunity_id"], "opportunities")
    if "outcome" not in table.columns:  # attributes of the deals of a history: what is said stands
        table = table.mutate(outcome=ibis.literal(OPEN))
    days = [table[name] for name in ("created_at", "closed_at") if name in table.columns]
    latest = [to_pandas(day.max().name("day").as_table())["day"].iloc[0] for day in days]
    if any(pd.notna(day) and day > cutoff for day in latest):
        return _as_calls(pd.DataFrame({"opportunity_id": []}))
    return _as_calls(to_pandas(table.filter(table.outcome == OPEN)))


def _as_calls(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of calls, missing ones empty; deals of which nothing is said are left out."""
    table = table.reindex(columns=list(CALL_COLUMNS)).sort_values("opportunity_id")
    table = table.dropna(subset=list(CALL_COLUMNS[1:]), how="all")
    return table.astype({"expected_close_at": "datetime64[us]"}).reset_index(drop=True)
