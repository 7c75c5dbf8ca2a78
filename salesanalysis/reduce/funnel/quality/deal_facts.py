"""One wide Ibis table with a row per deal: all that the checks ask of it."""

from dataclasses import dataclass, field

import ibis
import pandas as pd

from salesanalysis.columns import KINDS, OPEN, table
from salesanalysis.periods import end_of
from salesanalysis.reduce.expressions import as_ibis, day, moment, require_columns
from salesanalysis.reduce.funnel.deal_list import check_exits, deal_table
from salesanalysis.reduce.funnel.stages import check_stages

STATES = ("counts", "is_open", "is_closed")
COUNTS = ("entries", "back", "unlisted", "before_creation", "after_closing", "ends_in_exit")


@dataclass(frozen=True, eq=False)
class DealFacts:
    """The deals as known at ``cutoff``, and what the input has to say about them.

    ``deals`` is the deal list, with the columns of the table ``opportunities`` (null where the
    input has none) and

    - ``counts``: created by then; only such deals are checked,
    - ``is_open, is_closed``: as known then.

    ``rows`` has, besides, the deals that only the history knows (``listed`` is false, nothing else
    is true of them), and

    - of the history up to then: ``entries, first_entry_at, last_entry_at, back`` (rows at an
      earlier stage than one before them), ``unlisted`` (rows at stages that are not listed),
      ``before_creation, after_closing`` (rows dated so), ``ends_in_exit`` (its last row is one);
      ``latest_at``, the last row of all.
    """

    deals: ibis.Table
    rows: ibis.Table
    cutoff: pd.Timestamp
    #: What is there: columns of the deal list, and ``history``, ``stages``, ``exits``.
    has: frozenset = field(default_factory=frozenset)


def gather(opportunities, stage_history, *, stages, exits, as_of) -> DealFacts:
    """Bring the two tables together, one row per deal of either."""
    cutoff, exits = end_of(as_of), check_exits(exits)
    stages = check_stages(stages, exits) if len(stages) else []
    if stage_history is not None:
        stage_history = as_ibis(stage_history)
        require_columns(stage_history, ["opportunity_id", "stage", "entered_at"], "stage_history")
    if opportunities is None:
        # Raises where there is neither table; the outcome is what the history's exits say.
        listed = deal_table(None, stage_history, cutoff, exits, [])
    else:
        listed = as_ibis(opportunities)
        require_columns(listed, ["opportunity_id", "outcome"], "opportunities")
    has = {name for name in table("opportunities").names if name in listed.columns}
    if opportunities is None and "amount" not in stage_history.columns:
        has.discard("amount")
    has |= {"history"} if stage_history is not None else set()
    has |= {"stages"} if stages else set()
    has |= {"exits"} if exits else set()

    deals = listed.select(
        **{
            column.name: listed[column.name].cast(KINDS[column.kind])
            if column.name in has
            else ibis.null(KINDS[column.kind])
            for column in table("opportunities").columns
        }
    )
    deals = _as_known(deals, cutoff)
    if opportunities is None:
        # The deals of a history cost a pass through it, and most checks ask for them.
        deals = deals.cache()
    told = _of_history(stage_history, deals, stages, exits, cutoff)
    rows = deals.mutate(listed=ibis.literal(True)).outer_join(told, "opportunity_id")
    rows = rows.mutate(
        opportunity_id=ibis.coalesce(rows.opportunity_id, rows.opportunity_id_right)
    ).drop("opportunity_id_right")
    # Deals of one table only: what the other would say of them is "no" and 0.
    no = {name: rows[name].fill_null(False) for name in ("listed", *STATES)}
    none = {name: rows[name].fill_null(0) for name in COUNTS}
    return DealFacts(deals, rows.mutate(**no, **none), cutoff, frozenset(has))


def _as_known(deals, cutoff):
    """The deals with what was known of their end at ``cutoff``."""
    shut = deals.closed_at.isnull() | (deals.closed_at <= moment(cutoff))
    deals = deals.mutate(
        counts=deals.created_at.isnull() | (deals.created_at <= moment(cutoff)),
        decided=((deals.outcome != OPEN) & shut).fill_null(False),
    )
    return deals.mutate(
        is_closed=deals.counts & deals.decided,
        # An outcome that is not known is neither open nor closed.
        is_open=deals.counts & ~deals.decided & deals.outcome.notnull(),
    ).drop("decided")


def _of_history(history, deals, stages, exits, cutoff):
    """One row per deal of the history; none where there is no history."""
    if history is None:
        nothing = deals.filter(ibis.literal(False)).select("opportunity_id")
        return nothing.mutate(
            **{name: ibis.null("int64") for name in COUNTS},
            **{
                name: ibis.null("timestamp")
                for name in ("first_entry_at", "last_entry_at", "latest_at")
            },
        )
    ends = [name for names in exits.values() for name in names]
    rows = history.select(
        "opportunity_id",
        "stage",
        "entered_at",
        position=ibis.cases(*((history.stage == name, at) for at, name in enumerate(stages))).cast(
            "int64"
        )
        if stages
        else ibis.null("int64"),
        exiting=(history.stage.isin(ends) if ends else ibis.literal(False)).cast("int64"),
    )
    dates = deals.select("opportunity_id", "created_at", "closed_at")
    rows = rows.left_join(dates, "opportunity_id").drop("opportunity_id_right")
    in_time = rows.entered_at <= moment(cutoff)
    # Among the rows at listed stages only: an exit or another row in between changes nothing.
    rows = rows.mutate(known=in_time.cast("int64"), at_stage=rows.position.notnull())
    in_order = ibis.window(
        group_by=["opportunity_id", "at_stage"], order_by=["entered_at", "position"]
    )
    rows = rows.mutate(before=rows.position.lag().over(in_order))
    unlisted = (rows.position.isnull() & (rows.exiting == 0)) if stages else ibis.literal(False)
    early = (day(rows.entered_at) < day(rows.created_at)).fill_null(False)
    late = (day(rows.entered_at) > day(rows.closed_at)).fill_null(False)
    rows = rows.mutate(
        back=((rows.position < rows.before).fill_null(False)).cast("int64") * rows.known,
        unlisted=unlisted.cast("int64") * rows.known,
        early=early.cast("int64") * rows.known,
        late=late.cast("int64") * rows.known,
    )
    told = rows.group_by("opportunity_id").agg(
        entries=rows.known.sum(),
        back=rows.back.sum(),
        unlisted=rows.unlisted.sum(),
        before_creation=rows.early.sum(),
        after_closing=rows.late.sum(),
        last_exit_at=rows.entered_at.max(where=(rows.known == 1) & (rows.exiting == 1)),
        first_entry_at=rows.entered_at.min(where=rows.known == 1),
        last_entry_at=rows.entered_at.max(where=rows.known == 1),
        latest_at=rows.entered_at.max(),
    )
    # Of an exit and a stage at one time the exit is the later.
    exited = (told.last_exit_at >= told.last_entry_at).fill_null(False)
    return told.mutate(ends_in_exit=exited.cast("int64")).drop("last_exit_at")
