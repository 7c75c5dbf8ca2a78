"""Event funnels: an event log of any size → how many users go how far, and how fast."""

import contextlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_object_dtype

from salesanalysis.columns import as_list
from salesanalysis.errors import NoMatchWarning, SalesAnalysisError, SetAsideWarning, nearest
from salesanalysis.periods import Day, end_of, moments
from salesanalysis.reduce.expressions import AnyTable, require_columns, to_pandas
from salesanalysis.reduce.funnel.event_kernel import Walk, walk_paths
from salesanalysis.reduce.funnel.event_moments import overlapping
from salesanalysis.reduce.funnel.event_paths import user_paths
from salesanalysis.reduce.funnel.event_sets import user_sets
from salesanalysis.reduce.funnel.event_steps import (
    DAY_MICROSECONDS,
    EventFunnel,
    Events,
    Exclusion,
    checked_funnel,
)
from salesanalysis.reduce.funnel.event_table import COLUMNS, PERCENTILES, funnel_table
from salesanalysis.sources.locating import locate
from salesanalysis.sources.read import read


class ArrowTable(Protocol):
    """An Arrow table, of whichever library."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


def event_funnel(
    events: AnyTable | ArrowTable | str | Path | Sequence[str | Path],
    *,
    steps: Sequence[Events] | Mapping[str, Events],
    within_days: float | Sequence[float],
    order: str = "ordered",
    attribution: str = "any_start",
    event_fills: str = "one_step",
    exclusions: Events | Exclusion | Sequence[Events | Exclusion] = (),
    by: Sequence[str] | str = (),
    as_of: Day | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """How many users took each step of a funnel within a window, and how long it took them.

    A user reaches step ``k`` when there are events for steps 1 to ``k``, none before the one of
    the step before, and the last at most ``within_days`` after the first; the window's edge is
    inside. Each start counts: a user whose first try fails may succeed with a later one.

    *Ties.* Nothing is known about the order of events at one time, so they count in the order that
    leads furthest. *Repeated steps* (the same event as step 1 and 3) need as many events; rows that
    are repeated are events of their own, so remove duplicates first. *Missing*: rows without user
    or time are left out with a :class:`~salesanalysis.errors.SetAsideWarning` that says how many;
    an event without a name, or with a missing value in a column that a step asks for, fits no step.

    *A step that no event fits* is said, with the nearest names of events, in a
    :class:`~salesanalysis.errors.NoMatchWarning`; its row and those after it are 0.

    *Open and dropped.* A user who stands at a step and can still take the next one within the
    window is not lost: ``still_open`` at ``as_of``. Only the others are ``dropped``.

    Parameters
    ----------
    events : Ibis table, DataFrame, Arrow table, or path or list of paths
        One row per event: ``user_id, event, at`` and any attributes; times in UTC. Files that are
        no Parquet with these columns are read by :func:`salesanalysis.sources.read`, as the table
        ``events``; times that are text in a frame by one strict reader.
    steps : list, or dict of label to step
        Each step is the name (or number) of an event, a set of them (any one), a dict of column to
        value or values (all must hold), or a condition that takes the table and gives a boolean
        Ibis expression: ``lambda t: t.price > 100``.
    within_days : float or list of float
        The window from the first step to the last; a list gives instead one window for each step
        to the next, and none for the whole path.
    order : {"ordered", "strict", "any"}
        ``ordered``: other events may come between. ``strict``: after a step only events that fit
        it again may come before the next one; events at one time that are not all alike break
        nothing. ``any``: row ``i`` counts users with ``i`` of the steps in one window, whichever.
    attribution : {"any_start", "first_start"}
        ``first_start`` looks only at each user's first event that fits step 1 (``order="any"``: any
        step) and what follows it; it misses those who succeed at a later try.
    event_fills : {"one_step", "many_steps"}
        Whether an event that fits several steps fills one of them or may fill all in a row.
    exclusions : event, :class:`Exclusion`, or a list of them
        A path is spoiled when such an event comes after it took one step and before the next. A
        user whose furthest step is reached by spoiled paths only is taken out and counted in
        ``excluded``. An exclusion at the time of a step's event, or one that fits a step, is none.
        With ``order="any"`` no path reaches across an exclusion, and one that is not complete
        counts only where none comes before its window is over; a user without any other path is
        taken out.
    by : str or list of str
        Columns to split by: a user belongs where the first event that fits step 1 (``order="any"``:
        any step) says; of several at that time the least value counts.
    as_of : str, date or timestamp, optional
        Later events do not count; by default the time of the last event of the log.
    level : float
        Confidence level of the Wilson intervals.

    Returns
    -------
    DataFrame
        One row per group × step, in the order of ``by`` and of the steps, with the columns ``by``,

        - ``step, position``: the label, and 1, 2, 3 …
        - ``users`` who reached the step = ``advanced`` + ``still_open`` + ``dropped``; at the
          last step these three are 0. ``excluded`` is of the whole group, the same in each row.
        - ``n, k, rate, rate_low, rate_high``: of the users of the step before; ``overall_n,
          overall_rate, overall_rate_low, overall_rate_high``: of the users of step 1. Both missing
          at step 1.
        - ``median_days, p25_days, p75_days, p90_days``: from the start to this step, and
          ``step_median_days, step_p25_days …``: from the step before. A user counts with the
          first time the step is reached, and the latest start that leads there.

    Raises
    ------
    SalesAnalysisError
        A column is missing, or the steps, the window or another argument make no sense.

    Notes
    -----
    Which arguments give the funnels of others:

    ===========================================  ==================================================
    ClickHouse ``windowFunnel``                  ``event_fills="many_steps"``
    its mode ``strict_once``                     the defaults
    PostHog, sequential                          the defaults
    PostHog, strict order                        ``order="strict"``
    PostHog, any order                           ``order="any"``
    a join per step from each first event        ``attribution="first_start"``
    ===========================================  ==================================================

    ClickHouse's ``strict_order``, ``strict_deduplication`` and ``strict_increase`` have no
    counterpart: the first ends at the first foreign event for good, where ``order="strict"`` lets
    a later start try again; the second ends when a step repeats; the third refuses equal times.
    PostHog counts a group of simultaneous events greedily, here the best order counts; it breaks
    users down by the first event of any step, or in other ways, here by that of step 1.

    On DuckDB (also Parquet, DataFrames) the plain case takes a fast path: ``order="ordered"``, one
    window, no repeated steps, no event that fits two steps, no exclusions, no ``by``. All else, and
    other engines, take one Ibis expression. Both give the same.

    Examples
    --------
    Ann comes back after a first try that led nowhere; only ``any_start`` sees that she buys:

    >>> log = pd.DataFrame(
    ...     [
    ...         ("ann", "visit", "2025-03-01"),
    ...         ("ann", "visit", "2025-03-20"),
    ...         ("ann", "order", "2025-03-21"),
    ...         ("bob", "visit", "2025-03-18"),
    ...         ("eve", "visit", "2025-03-02"),
    ...     ],
    ...     columns=["user_id", "event", "at"],
    ... ).astype({"at": "datetime64[us]"})
    >>> funnel = event_funnel(log, steps=["visit", "order"], within_days=7)
    >>> funnel[["step", "users", "advanced", "still_open", "dropped"]]
        step  users  advanced  still_open  dropped
    0  visit      3         1           1        1
    1  order      1         0           0        0
    >>> event_funnel(log, steps=["visit", "order"], within_days=7, attribution="first_start")[
    ...     ["step", "users"]
    ... ]
        step  users
    0  visit      3
    1  order      0
    """
    funnel = checked_funnel(
        steps,
        within_days=within_days,
        order=order,
        attribution=attribution,
        event_fills=event_fills,
        exclusions=exclusions,
    )
    by = as_list(by)
    taken = [name for name in by if name in COLUMNS]
    if taken:
        raise SalesAnalysisError(
            f"`by` names `{taken[0]}`, which is a column of the result; rename it in `events`."
        )
    log = _log(_table(events), as_of, by)
    by_kernel = _kernel_serves(log, funnel, by)
    summary = _by_kernel(log, funnel) if by_kernel else _by_expression(log, funnel, by)
    if log.rows:
        _say_unmatched(log, funnel, summary)
    return funnel_table(summary, funnel, by, level)


@dataclass(frozen=True)
class _Log:
    """The events that count: with user and time, up to ``as_of``. Times in microseconds."""

    events: ibis.Table
    rows: int
    first: int
    as_of: int


def _table(events) -> ibis.Table:
    """The log as an Ibis table."""
    if isinstance(events, ibis.Table):
        return events
    if isinstance(events, pd.DataFrame):
        return ibis.memtable(_frame(events))
    if hasattr(events, "__arrow_c_stream__"):
        table = ibis.memtable(events)
        told = "at" in table.columns and table.at.type().is_string()
        return ibis.memtable(_frame(table.to_pandas())) if told else table
    paths = [events] if isinstance(events, str) or hasattr(events, "__fspath__") else events
    if isinstance(paths, Iterable):
        paths = [str(path) for path in paths]
        if paths:
            return _files(paths)
    raise SalesAnalysisError(
        f"`events` is a {type(events).__name__}; expected an Ibis table, a pandas or Arrow table,"
        " or the path of one or more files."
    )


def _files(paths: list[str]) -> ibis.Table:
    """Parquet files with the three columns as they are; others as ``sources`` reads them."""
    import duckdb

    if locate(paths).kind == "parquet":
        with contextlib.suppress(duckdb.Error):  # a damaged file: `sources` says what is wrong
            table = ibis.read_parquet(paths)
            there = {"user_id", "event", "at"} <= set(table.columns)
            if there and (table.at.type().is_timestamp() or table.at.type().is_date()):
                return table
    return read(paths, table="events")


def _frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose times are times, and whose columns are each of one kind."""
    for name in (name for name in frame if is_object_dtype(frame[name])):
        known = frame[name].dropna()
        texts = known.map(lambda value: isinstance(value, str)).astype(bool)
        if texts.any() and not texts.all():
            number = known[~texts].iloc[0]
            raise SalesAnalysisError(
                f"`events` column `{name}` mixes text ({known[texts].iloc[0]!r} in row"
                f" {texts.to_numpy().argmax()}) with {type(number).__name__} ({number!r}); expected"
                f" one kind. As text: events[{name!r}].astype(str)."
            )
    if "at" in frame and infer_dtype(frame["at"], skipna=True) == "string":
        frame = frame.assign(at=moments(frame["at"]).astype("datetime64[us]"))
    return frame


#: Of so many names the nearest are looked for.
_MOST_NAMES = 2_000


def _say_unmatched(log: _Log, funnel: EventFunnel, summary: pd.DataFrame) -> None:
    """Say which steps no event fits: a name that is not in the log is a slip, as a rule."""
    empty = [at for at in range(1, len(funnel.steps) + 1) if not summary[f"users_{at}"].any()]
    for number in dict.fromkeys(funnel.steps[at - 1] for at in empty):
        definition = funnel.definitions[number]
        fitting = log.events.mutate(__fits=definition.fits(log.events))
        if fitting.filter(fitting["__fits"]).limit(1).count().to_pyarrow().as_py():
            continue
        label, hints = funnel.labels[funnel.steps.index(number)], []
        for column, wanted in definition.values:
            names = log.events[column].cast("string").name("name").as_table().distinct()
            known = names.filter(names.name.notnull()).order_by("name").limit(_MOST_NAMES)
            known = to_pandas(known)["name"].tolist()
            for word in sorted(set(map(str, wanted)) - set(known)):
                close = nearest(word, known)
                told = f"Nearest to {word!r} in" if close else "There is in"
                hints.append(f" {told} `{column}`: {', '.join(close or known[:5])}.")
        warnings.warn(
            f"No event fits step {label!r}, so nobody gets there.{''.join(hints)}",
            NoMatchWarning,
            stacklevel=3,
        )


def _time(events):
    """Microseconds since 1970: whole numbers, so that window edges are exact on every engine."""
    return events.at.cast("timestamp").delta(
        ibis.literal("1970-01-01", type="timestamp"), unit="microsecond"
    )


def _log(events, as_of, by: Sequence[str]) -> _Log:
    """The events that count, after saying how many do not."""
    require_columns(events, ["user_id", "event", "at", *by], "events")
    kind = events.at.type()
    # A column without any value has no kind of its own.
    if not (kind.is_timestamp() or kind.is_date() or kind.is_null()):
        raise SalesAnalysisError(
            f"`events` column `at` is of type {kind}; expected timestamps. Of a file give the path:"
            " its times are then read as everywhere."
        )
    complete = events.user_id.notnull() & events.at.notnull()
    # Engines know these of a Parquet file or table without reading it; the rest only if need be.
    facts = events.agg(rows=events.count(), users=events.user_id.count(), times=events.at.count(),
                       first=events.at.min(), last=events.at.max()).to_pandas().iloc[0]  # fmt: skip
    rows, first, last = int(facts["rows"]), facts["first"], facts["last"]
    if facts["users"] < rows or facts["times"] < rows:
        events = events.filter(complete)
        known = events.agg(rows=events.count(), first=events.at.min(), last=events.at.max())
        known = known.to_pandas().iloc[0]
        warnings.warn(
            f"`events`: {rows - known['rows']:,} of {rows:,} rows have no `user_id` or no `at` and"
            " are left out.",
            SetAsideWarning,
            stacklevel=3,
        )
        rows, first, last = int(known["rows"]), known["first"], known["last"]
    if as_of is not None:
        last = end_of(as_of)
        events = events.filter(_time(events) <= _microseconds(last))
    return _Log(events, rows, _microseconds(first), _microseconds(last))


def _microseconds(moment) -> int:
    """Microseconds since 1970 of a date or time, 0 where there is none."""
    if pd.isna(moment):
        return 0
    moment = pd.Timestamp(moment)
    moment = moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment
    return int(moment.as_unit("us").asm8.astype("int64"))  # also far beyond the nanosecond range


def _flagged(events, funnel: EventFunnel):
    """User, time, and for each event which definitions it fits and which gaps it excludes."""
    flags = {
        f"fits_{number}": definition.fits(events)
        for number, definition in enumerate(funnel.definitions)
    }
    for gap, exclusions in funnel.gaps.items():
        flags[f"gap_{gap}"] = ibis.or_(*(exclusion.fits(events) for exclusion in exclusions))
    return events.select("user_id", t=_time(events), **flags)


def _kernel_serves(log: _Log, funnel: EventFunnel, by: Sequence[str]) -> bool:
    """Whether the fast path gives the same: DuckDB, in order, and no event for two steps."""
    return (
        log.events.get_backend().name == "duckdb"
        and funnel.order == "ordered"
        and funnel.whole_window
        and len(funnel.definitions) == len(funnel.steps)
        and not funnel.gaps
        and not by
        # A date of the year 1 or 9999 among the others would leave no bits for the users.
        and log.as_of - log.first + funnel.windows[0] < 100 * 366 * DAY_MICROSECONDS
        and not overlapping(_flagged(log.events, funnel), funnel)
    )


def _by_kernel(log: _Log, funnel: EventFunnel) -> pd.DataFrame:
    """The summary of the whole log by the fast path."""
    (window,) = funnel.windows
    first_start = funnel.attribution == "first_start"
    walk = Walk(len(funnel.steps), window, log.as_of, first_start)
    events = log.events
    fitting = [funnel.definitions[number].fits_if_known(events) for number in funnel.steps]
    # A condition may look at other events: it is asked before any of them is left out.
    asked = {f"__fits_{at}": fits for at, fits in enumerate(fitting)}
    events = events.mutate(**asked)
    events = events.filter(ibis.or_(*(events[name] for name in asked)))
    step = ibis.cases(*((events[name], at) for at, name in enumerate(asked)))
    user = events.user_id
    rows = events.select(
        # Text is told apart by its 64-bit hash: among 10 million users two share one with a
        # probability of 3 in a million, and then one user would be counted too little.
        user=user.cast("int64") if user.type().is_signed_integer() else user.hash(),
        key=epoch_us(events.at.cast("timestamp")) * (1 << walk.step_bits) + step.cast("int64"),
    )
    batches = _stream(rows)
    summary = {"excluded": 0}
    for position, found in enumerate(walk_paths(batches, walk, events=log.rows), 1):
        summary[f"users_{position}"] = found.users
        summary[f"open_{position}"] = found.still_open
        for since in ("start", "previous"):
            durations = getattr(found, f"from_{since}")
            for name, share in PERCENTILES.items():
                value = np.quantile(durations, share) if len(durations) else np.nan
                summary[f"{since}_{name}_{position}"] = value
    return pd.DataFrame([summary])


@ibis.udf.scalar.builtin
def epoch_us(moment: dt.timestamp) -> dt.int64:
    """DuckDB's own function: the same as ``_time`` in half the time."""


def _stream(rows) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The two columns in batches of a million rows."""
    with warnings.catch_warnings():
        # Ibis 12 streams by a method that DuckDB has renamed.
        warnings.filterwarnings("ignore", "fetch_record_batch", DeprecationWarning)
        for batch in rows.to_pyarrow_batches(chunk_size=1 << 20):
            yield batch.column(0).to_numpy(), batch.column(1).to_numpy()


def _by_expression(log: _Log, funnel: EventFunnel, by: Sequence[str]) -> pd.DataFrame:
    """The summary of each group by the portable expression."""
    rows = _flagged(log.events, funnel)
    users = user_sets(rows, funnel) if funnel.order == "any" else user_paths(rows, funnel)
    if by:
        users = users.left_join(_groups(log.events, funnel, by), "user_id")
    open_ = (users.deadline > log.as_of).fill_null(False)
    columns = {"excluded": users.count(where=users.excluded)}
    for position in range(1, len(funnel.steps) + 1):
        reached = ~users.excluded & (users.level >= position)
        stays = ~users.excluded & (users.level == position)
        columns[f"users_{position}"] = users.count(where=reached)
        columns[f"open_{position}"] = users.count(where=stays & open_)
        for since in ("start", "previous"):
            duration = users[f"from_{since}_{position}"]
            for name, share in PERCENTILES.items():
                quantile = duration.quantile(share, where=reached)
                columns[f"{since}_{name}_{position}"] = quantile
    groups = {f"group_{number}": name for number, name in enumerate(by)}
    summary = users.group_by(list(groups)).agg(**columns) if by else users.agg(**columns)
    return summary.to_pandas().rename(columns=groups)


def _groups(events, funnel: EventFunnel, by: Sequence[str]):
    """One row per user: the columns of ``by`` at the first event that fits the first step."""
    first = funnel.definitions if funnel.order == "any" else [funnel.definitions[funnel.steps[0]]]
    rows = events.filter(ibis.or_(*(definition.fits(events) for definition in first)))
    # At one time the least value counts, missing ones last, so that every engine takes the same.
    order = [_time(rows), *(key for name in by for key in (rows[name].isnull(), rows[name]))]
    groups = {f"group_{number}": rows[name] for number, name in enumerate(by)}
    nth = ibis.row_number().over(ibis.window(group_by=rows.user_id, order_by=order))
    ranked = rows.select("user_id", nth=nth, **groups)
    return ranked.filter(ranked.nth == 0).drop("nth")
