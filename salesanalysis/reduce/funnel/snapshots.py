"""The pipeline as it was known on a day, and what moved between two days."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import OPEN, as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    day,
    days_between,
    moment,
    require_columns,
    to_pandas,
)
from salesanalysis.reduce.funnel.deal_list import case, check_exits, deal_table, with_outcomes
from salesanalysis.reduce.funnel.deal_list import states as history_states
from salesanalysis.reduce.funnel.hindsight import filled_later
from salesanalysis.reduce.funnel.stages import check_stages

#: What a history can tell of a deal, besides when it entered its stages: name → Ibis type.
VALUES = {
    "stage": "string",
    "amount": "float64",
    "expected_close_at": "timestamp",
    "owner_id": "string",
}


def snapshot(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    as_of: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    assume_unchanged: Sequence[str] | str = (),
) -> pd.DataFrame:
    """The open deals as they were known at the end of ``as_of``, without look-ahead.

    A deal was open when it had been created by then and had not closed by then, whatever became of
    it later: building "open" from the deals that are open today, or from those that have a closing
    date, leaves out the others and is look-ahead.

    Its stage, amount, expected closing date and owner are the last ones in the *history* by then.
    A deal list cannot tell them: the export has overwritten each with its last value. So without a
    history of them they are missing here, unless ``assume_unchanged`` names them.

    A history with exits tells of deals that were closed and opened again; a deal list knows only
    its last closing date.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome``, and ``created_at, closed_at`` as far as known. A deal without
        ``created_at`` counts as if it had always been there, a closed one without ``closed_at`` as
        if it had always been closed.
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``, and ``amount, expected_close_at, owner_id`` where it
        has them.
    as_of : str, date or timestamp
        The day up to whose end things were known.
    stages : list of str, optional
        The stages in their order; rows of the history at others then do not count.
    exits : dict of outcome to stage names, optional
        As for :func:`deals`.
    by : str or list of str
        Columns of the deal list to carry along, as the export has them.
    assume_unchanged : str or list of str
        Any of ``stage, amount, expected_close_at, owner_id``: where the history does not tell it,
        take it from the deal list, as if it had been so on that day. Right on the day of the
        export; for an earlier day an assumption that ``…_from`` shows.

    Returns
    -------
    DataFrame
        One row per open deal, sorted by ``opportunity_id``: ``opportunity_id, created_at, stage,
        position`` (of the stage in ``stages``, from 0; missing without them), ``entered_at`` (when
        it entered that stage), ``amount, expected_close_at, owner_id, age_days, reopened`` (had
        been closed before), ``stage_from, amount_from, expected_close_from, owner_from``
        (``history``, ``list``, or missing where it is not known), then ``by``.

    Raises
    ------
    SalesAnalysisError
        As for :func:`deals`; or ``assume_unchanged`` names something else.

    Examples
    --------
    >>> opportunities = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": [90.0, 50],
    ...     "created_at": pd.to_datetime(["2025-01-01", "2025-01-02"]),
    ...     "closed_at": pd.to_datetime(["2025-02-01", None])})
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["a", "a"], "stage": ["lead", "offer"], "amount": [70.0, 90],
    ...     "entered_at": pd.to_datetime(["2025-01-01", "2025-01-20"])})
    >>> snapshot(opportunities, history, as_of="2025-01-10")[
    ...     ["opportunity_id", "stage", "amount", "amount_from"]]
      opportunity_id stage  amount amount_from
    0              a  lead    70.0     history
    1              b   NaN     NaN         NaN
    """
    cutoff, by = end_of(as_of), as_list(by)
    assumed = _assumed(assume_unchanged)
    known = _known_at(opportunities, stage_history, {"": cutoff}, stages, exits, by, assumed)
    still = known.filter(known.outcome == OPEN)
    still = still.mutate(
        age_days=days_between(still.created_at, moment(cutoff)),
        reopened=still.last_exit_at.notnull(),
    )
    values = ["stage", "position", "entered_at", "amount", "expected_close_at", "owner_id"]
    source = ["stage_from", "amount_from", "expected_close_from", "owner_from"]
    columns = ["opportunity_id", "created_at", *values, "age_days", "reopened", *source]
    columns += [name for name in by if name not in columns]
    return _typed(to_pandas(still.select(*columns).order_by("opportunity_id")))


def movements(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    start: Day,
    end: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    due_until: Day | None = None,
    assume_unchanged: Sequence[str] | str = ("amount", "expected_close_at", "owner_id"),
) -> pd.DataFrame:
    """What became of each deal between the end of the day ``start`` and the end of ``end``.

    Two snapshots are compared. What happened and was undone in between (a stage up and down again,
    lost and reopened) is not a movement.

    Parameters
    ----------
    opportunities, stage_history, stages, exits, by
        As for :func:`snapshot`. Stages up and down are seen only with ``stages``; deals opened
        again only with a history that has ``exits``.
    start, end : str, date or timestamp
        The pipeline at the end of one day and at the end of a later one: for the fourth quarter of
        2025, ``"2025-09-30"`` and ``"2025-12-31"``.
    due_until : str, date or timestamp, optional
        A deal is *due* when its expected closing date lies after ``start`` and not after this day;
        ``end`` where not given. Later than ``end`` for a period that is not over.
    assume_unchanged : str or list of str
        As for :func:`snapshot`; here amount, expected closing date and owner are taken from the
        deal list where the history does not have them, because a waterfall needs them at both
        ends. No change of theirs is seen then. Where a list has amounts of one outcome far more
        often than of another, they were filled in later, and are not taken.

    Returns
    -------
    DataFrame
        One row per deal that was open at either end, or was created or opened again and closed in
        between; sorted by ``opportunity_id``:

        - ``state_before, state_after``: ``open``, ``won``, ``lost``, ``cancelled``; before also
          ``none`` where the deal did not exist yet,
        - ``reopened``: closed at the start, open again later,
        - ``stage_before, stage_after``, ``position_before, position_after``,
        - ``amount_before`` (at the start; of a new deal the first one known), ``amount_after`` (at
          the end, or the last one before it closed), ``amount_from`` of the latter: ``history``,
          ``list``, ``hindsight`` where that of the list was filled in later, missing for none,
        - ``expected_close_before, expected_close_after`` likewise, ``closed_at``,
        - ``due_before``, ``due_after``: expected to close in the period, as known at the two ends.
          A deal that closed in the period was due in it, as known at the end; one still open when
          the period is over is not,
        - ``slipped``: was expected to close by ``end``, is still open; then ``by``.

    Raises
    ------
    SalesAnalysisError
        As for :func:`snapshot`; or ``end`` is not after ``start``, or ``due_until`` before ``end``.

    Examples
    --------
    >>> opportunities = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": [90.0, 50],
    ...     "created_at": pd.to_datetime(["2025-01-01", "2025-01-12"]),
    ...     "closed_at": pd.to_datetime(["2025-01-20", None])})
    >>> movements(opportunities, start="2025-01-10", end="2025-01-31")[
    ...     ["opportunity_id", "state_before", "state_after", "amount_after"]]
      opportunity_id state_before state_after  amount_after
    0              a         open         won          90.0
    1              b         none        open          50.0
    """
    first, last, by = end_of(start), end_of(end), as_list(by)
    due = last if due_until is None else end_of(due_until)
    if first >= last or due < last:
        raise SalesAnalysisError(
            f"`start` is {start}, `end` {end}, `due_until` {due_until}; expected `end` to be after"
            " `start`, and `due_until` not to be before `end`."
        )
    assumed = _assumed(assume_unchanged)
    hindsight = "amount" in assumed and _amounts_in_hindsight(opportunities, last)
    if hindsight:
        opportunities = as_ibis(opportunities).drop("amount")
    times = {"": last, "_then": first}
    table = _known_at(opportunities, stage_history, times, stages, exits, by, assumed)
    new, still = table.outcome_then.isnull(), table.outcome == OPEN
    before = table.outcome_then.fill_null("none")
    # Closed at the start, and the history went on after that without the deal list saying no.
    reopened = ~new & (before != OPEN) & (still | table.entered_since)
    expected = ibis.ifelse(new, table.first_expected_close_at, table.expected_close_at_then)
    due_after = ibis.literal(due > last) & _within(table.expected_close_at, first, due)
    columns = {
        "opportunity_id": table.opportunity_id,
        "state_before": before,
        "state_after": table.outcome,
        "reopened": reopened,
        "stage_before": ibis.ifelse(new, ibis.null("string"), table.stage_then),
        "stage_after": table.stage,
        "position_before": ibis.ifelse(new, ibis.null("int64"), table.position_then),
        "position_after": table.position,
        "amount_before": ibis.ifelse(new, table.first_amount, table.amount_then),
        "amount_after": table.amount,
        "expected_close_before": expected,
        "expected_close_after": table.expected_close_at,
        "amount_from": table.amount_from.fill_null("hindsight") if hindsight else table.amount_from,
        "closed_at": table.closed_at,
        "due_before": _within(expected, first, due),
        "due_after": ibis.ifelse(still, due_after, True),
        "slipped": still & _within(expected, first, last),
    }
    columns |= {name: table[name] for name in by if name not in columns}
    moved = table.filter(new | (before == OPEN) | still | reopened).select(**columns)
    return _typed(to_pandas(moved.order_by("opportunity_id")))


def _amounts_in_hindsight(opportunities, cutoff) -> bool:
    """Whether a deal list has amounts of one outcome far more often than of another."""
    if opportunities is None or not {"amount", "outcome"} <= set(as_ibis(opportunities).columns):
        return False
    deals = deal_table(opportunities, None, cutoff, None, [])
    return bool(filled_later(deals, ["amount"]))


def _within(date, first: pd.Timestamp, last: pd.Timestamp):
    """Whether a date lies after the one moment and not after the other; a missing one does not."""
    return ((date > moment(first)) & (date <= moment(last))).fill_null(False)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Types that do not depend on whether any value is known."""
    types = {name: "Int64" for name in frame.columns if name.startswith("position")}
    texts = ("stage", "stage_before", "stage_after", "owner_id")
    types |= {name: "str" for name in frame.columns if name.endswith("_from") or name in texts}
    return frame.astype(types)


def _assumed(names: Sequence[str] | str) -> list[str]:
    names = as_list(names)
    unknown = [name for name in names if name not in VALUES]
    if unknown:
        raise SalesAnalysisError(
            f"`assume_unchanged` is {', '.join(map(repr, unknown))}; expected any of"
            f" {', '.join(VALUES)}."
        )
    return names


def _known_at(opportunities, stage_history, times, stages, exits, by, assumed):
    """Ibis table, one row per deal that was open at the earliest of ``times`` or came later.

    ``times`` gives each moment the suffix of the columns that tell what was known then; that of the
    latest is "". With a second moment there is also what a period needs: ``first_amount,
    first_expected_close_at`` (the first known) and ``entered_since`` (a stage was entered after
    the earlier moment, before the deal closed).
    """
    exits = check_exits(exits)
    stages = check_stages(stages, exits) if len(stages) else []
    listed = None if opportunities is None else as_ibis(opportunities)
    known, attributes = ["opportunity_id", "created_at", "outcome", "closed_at"], []
    if listed is None:
        table = deal_table(None, stage_history, times[""], exits, by, stages=stages)
        table = table.select(*known, **_own_values(table, ()))
    else:
        if stage_history is not None:
            listed = with_outcomes(listed, as_ibis(stage_history), exits)
        require_columns(listed, by, "opportunities")
        attributes = [name for name in by if name not in (*known, *VALUES)]
        own = [name for name in VALUES if name in listed.columns]
        table = deal_table(listed, None, times[""], exits, [*attributes, *own])
        table = table.select(*known, *attributes, **_own_values(table, own))
        # What the list says had closed before the period is out of it: most deals, usually.
        since = moment(min(times.values()))
        table = table.filter((table.outcome == OPEN) | (table.closed_at > since))
    if stage_history is None:
        # One without rows tells nothing of any deal.
        nothing = {"stage": ibis.null("string"), "entered_at": ibis.null("timestamp")}
        stage_history = listed.filter(ibis.literal(False)).select("opportunity_id", **nothing)
    rows = _rows(stage_history, times[""])
    if listed is not None:
        # What is entered after the list's closing day is an error, not a reopening.
        ends = table.select("opportunity_id", "closed_at")
        rows = rows.inner_join(ends, "opportunity_id")
        rows = rows.filter(rows.closed_at.isnull() | (day(rows.entered_at) <= day(rows.closed_at)))
    told = _last_of_history(history_states(rows, stages, exits), times, exits)
    table = table.left_join(told, "opportunity_id").drop("opportunity_id_right")
    states = _states(table, times, alone=listed is None)
    values = _values(table, states, times, stages, assumed)
    as_they_are = ["opportunity_id", "created_at", "entered_at", "last_exit_at", *attributes]
    return table.select(*as_they_are, **states, **values)


def _own_values(table, names):
    """The deal list's own values, as ``list_…``; null for those that it does not name."""
    return {
        f"list_{name}": table[name].cast(kind) if name in names else ibis.null(kind)
        for name, kind in VALUES.items()
    }


def _rows(stage_history, cutoff):
    """The rows of the history up to then, with the values it has."""
    history = as_ibis(stage_history)
    require_columns(history, ["opportunity_id", "stage", "entered_at"], "stage_history")
    rows = history.filter(history.entered_at <= moment(cutoff))
    return rows.select(
        "opportunity_id",
        "entered_at",
        **{name: rows[name].cast(kind) for name, kind in VALUES.items() if name in rows.columns},
    )


def _positions(stage, stages):
    """The place of each stage in the list."""
    return case(stage, [(name, at) for at, name in enumerate(stages)], "int64")


def _last_of_history(rows, times, exits):
    """One row per deal: its last row and exit, and for each moment the last values known."""

    def last(name, where, *, first=False):
        """The last value known, or the first; null where the history has no such column."""
        if name not in rows.columns:
            return ibis.null(VALUES[name])
        pick = rows[name].argmin if first else rows[name].argmax
        return pick(rows.nth, where=rows[name].notnull() & where)

    entry = rows.ended.isnull()
    moved = entry & (rows.came_from.isnull() | (rows.came_from != rows.stage))
    told = {
        "entered_at": rows.entered_at.max(where=moved),
        "ended_at": rows.entered_at.max(where=rows.ends),
        "last_exit_at": rows.entered_at.max(where=~entry),
    }
    for suffix, time in times.items():
        by_then = ibis.literal(True) if suffix == "" else rows.entered_at <= moment(time)
        told[f"last_ended{suffix}"] = ibis.null("string")
        if exits:
            told[f"last_ended{suffix}"] = ibis.ifelse(
                rows.nth.max(where=by_then) == rows.nth.max(where=by_then & ~entry),
                rows.ended.argmax(rows.nth, where=by_then),
                None,
            )
        told[f"last_stage{suffix}"] = rows.stage.argmax(rows.nth, where=entry & by_then)
        for name in ("amount", "expected_close_at", "owner_id"):
            told[f"last_{name}{suffix}"] = last(name, by_then)
    if "_then" in times:
        for name in ("amount", "expected_close_at"):
            told[f"first_{name}"] = last(name, ibis.literal(True), first=True)
        late = entry & (rows.entered_at > moment(times["_then"]))
        told["entered_since"] = rows.count(where=late) > 0
    return rows.group_by("opportunity_id").agg(**told)


def _states(table, times, *, alone):
    """``outcome`` at each moment, null where the deal did not exist yet, and ``closed_at``."""
    # The last row of the history decides whether the deal is closed: after an exit it may go on.
    ended, still = table.last_ended, ibis.literal(True) if alone else table.outcome == OPEN
    closed_at = ibis.ifelse(ended.notnull(), table.ended_at, ibis.null("timestamp"))
    states = {
        "outcome": ibis.ifelse(still, ibis.coalesce(ended, OPEN), table.outcome),
        "closed_at": ibis.ifelse(still, closed_at, table.closed_at),
    }
    if "_then" in times:
        existed = table.created_at.isnull() | (table.created_at <= moment(times["_then"]))
        # No deal that the list says had closed by then is left here.
        state = ibis.coalesce(table.last_ended_then, OPEN)
        states["outcome_then"] = ibis.ifelse(existed, state, ibis.null("string"))
        states["entered_since"] = table.entered_since.fill_null(False)
    return states


def _values(table, states, times, stages, assumed: Sequence[str]):
    """``stage, amount, …`` at each moment, and where each is from; the first ones of a period."""
    values = {}
    for suffix in times:
        values[f"position{suffix}"] = _positions(table[f"last_stage{suffix}"], stages)
        decided = states[f"outcome{suffix}"] != OPEN
        for name, kind in VALUES.items():
            told, own = table[f"last_{name}{suffix}"], table[f"list_{name}"]
            # What the list says of a deal that had closed by then is no look-ahead.
            usable = ibis.literal(True) if name in assumed else decided
            values[f"{name}{suffix}"] = ibis.coalesce(
                told, ibis.ifelse(usable, own, ibis.null(kind))
            )
            short = name.removesuffix("_at").removesuffix("_id")
            source = ibis.cases((told.notnull(), "history"), (usable & own.notnull(), "list"))
            values[f"{short}_from{suffix}"] = source
    if "_then" in times:
        for name in ("amount", "expected_close_at"):
            values[f"first_{name}"] = ibis.coalesce(table[f"first_{name}"], values[name])
    return values
