"""One wide Ibis table with a row per deal: all that the checks ask of it."""

from dataclasses import dataclass, field

import ibis
import pandas as pd

from salesanalysis.columns import KINDS, OPEN, table
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import as_ibis, moment, require_columns
from salesanalysis.reduce.funnel.deal_list import DEAL_COLUMNS, check_exits, deal_table
from salesanalysis.reduce.funnel.stages import check_stages

STATES = ("listed", "counts", "is_open", "is_closed")
COUNTS = ("entries", "unlisted")

#: What is yes or no of a deal by its history.
_OF_HISTORY = ("back", "ends_in_exit", "reopened")


@dataclass(frozen=True, eq=False)
class DealFacts:
    """The deals as known at ``cutoff``, and what the input has to say about them.

    ``deals`` is the deal list, with the columns of the table ``opportunities`` (null where the
    input has none) and

    - ``counts``: created by then; only such deals are checked,
    - ``is_open, is_closed``: as known then.

    ``rows`` has, besides, the deals that only the history knows (``listed`` is false, nothing else
    is true of them), and

    - of the history up to then: ``entries, first_entry_at, last_entry_at``, ``unlisted`` (rows at
      stages that are not listed), ``back`` (it has been at an earlier stage than before),
      ``ends_in_exit`` (its last row is one), ``reopened`` (it went on after one), ``last_stage_at``
      (its last row at a stage); ``latest_at``, the last row of all.
    """

    deals: ibis.Table
    rows: ibis.Table
    cutoff: pd.Timestamp
    #: What is there: columns of the deal list, and ``history``, ``stages``, ``exits``.
    has: frozenset = field(default_factory=frozenset)


def gather(opportunities, stage_history, *, stages, exits, as_of: Day) -> DealFacts:
    """Bring the two tables together, one row per deal of either."""
    cutoff, exits = end_of(as_of), check_exits(exits)
    stages = check_stages(stages, exits) if len(stages) else []
    if stage_history is not None:
        stage_history = as_ibis(stage_history)
        require_columns(stage_history, ["opportunity_id", "stage", "entered_at"], "stage_history")
    says = opportunities is not None and "outcome" in as_ibis(opportunities).columns
    if says:
        listed = as_ibis(opportunities)
    else:
        listed = _of_exits(opportunities, stage_history, stages, exits, cutoff)
    require_columns(listed, ["opportunity_id"], "opportunities")
    has = {name for name in table("opportunities").names if name in listed.columns}
    has |= {"history"} if stage_history is not None else set()
    has |= {"stages"} if stages else set()
    has |= {"exits"} if exits else set()

    deals = _as_known(listed, has, cutoff)
    if not says:
        # The deals of a history cost a pass through it, and most checks ask for them.
        deals = deals.cache()
    told = _of_history(stage_history, deals, stages, exits, cutoff)
    rows = deals.outer_join(told, "opportunity_id")
    # Deals of one table only: what the other would say of them is "no" and 0.
    filled = {
        "opportunity_id": ibis.coalesce(rows.opportunity_id, rows.opportunity_id_right),
        **{name: rows[name].fill_null(False) for name in (*_OF_HISTORY, *STATES)},
        **{name: rows[name].fill_null(0) for name in COUNTS},
    }
    # What its history says has ended is not open, whatever the list says.
    filled["is_open"] &= ~((rows.outcome == OPEN) & filled["ends_in_exit"]).fill_null(False)
    others = [name for name in rows.columns if name not in (*filled, "opportunity_id_right")]
    return DealFacts(deals, rows.select(*others, **filled), cutoff, frozenset(has))


def _of_exits(opportunities, stage_history, stages, exits, cutoff):
    """The deals of which no list says what became of them: as the exits of their history say.

    Raises where there is neither table.
    """
    given = () if opportunities is None else as_ibis(opportunities).columns
    names = [name for name in table("opportunities").names if name in given]
    more = [name for name in names if name not in DEAL_COLUMNS]
    deals = deal_table(opportunities, stage_history, cutoff, exits, more, stages=stages)
    known = "amount" in (*given, *stage_history.columns)
    return deals if known else deals.drop("amount")


def _as_known(listed, has, cutoff):
    """The deal list with all its columns, and what was known of the deals' end at ``cutoff``."""
    columns = {
        column.name: listed[column.name].cast(KINDS[column.kind])
        if column.name in has
        else ibis.null(KINDS[column.kind])
        for column in table("opportunities").columns
    }
    created_at, closed_at, outcome = (
        columns[name] for name in ("created_at", "closed_at", "outcome")
    )
    counts = created_at.isnull() | (created_at <= moment(cutoff))
    shut = closed_at.isnull() | (closed_at <= moment(cutoff))
    decided = ((outcome != OPEN) & shut).fill_null(False)
    return listed.select(
        **columns,
        listed=ibis.literal(True),
        counts=counts,
        is_closed=counts & decided,
        # An outcome that is not known is neither open nor closed.
        is_open=counts & ~decided & outcome.notnull(),
    )


def _of_history(history, deals, stages, exits, cutoff):
    """One row per deal of the history; none where there is no history."""
    if history is None:
        nothing = deals.filter(ibis.literal(False)).select("opportunity_id")
        return nothing.mutate(
            **{name: ibis.null("int64") for name in COUNTS},
            **{name: ibis.null("boolean") for name in _OF_HISTORY},
            **{
                name: ibis.null("timestamp")
                for name in ("first_entry_at", "last_entry_at", "last_stage_at", "latest_at")
            },
        )
    ends = [name for names in exits.values() for name in names]
    in_time = history.entered_at <= moment(cutoff)
    rows = history.select(
        "opportunity_id",
        latest_at=history.entered_at,
        # What is entered later is not known yet: it counts in latest_at only.
        at=ibis.ifelse(in_time, history.entered_at, ibis.null("timestamp")),
        position=_position(history.stage, stages),
        exiting=history.stage.isin(ends) if ends else ibis.literal(False),
    )
    entered, never = rows["at"], ibis.null("timestamp")
    listed = rows.position.notnull() | rows.exiting

    def at_if(condition):
        """When it was entered, if so: an engine takes longer to aggregate with a condition."""
        return ibis.ifelse(condition, entered, never)

    later = range(1, len(stages))
    told = rows.group_by("opportunity_id").agg(
        entries=entered.count(),
        unlisted=entered.count(where=~listed) if stages else ibis.literal(0),
        last_exit_at=entered.max(where=rows.exiting) if ends else never,
        first_entry_at=entered.min(),
        last_entry_at=entered.max(),
        latest_at=rows.latest_at.max(),
        first_exit_at=entered.min(where=rows.exiting) if ends else never,
        last_stage_at=at_if(rows.position.notnull() if stages else ~rows.exiting).max(),
        **{f"from_{k}": at_if(rows.position >= k).min() for k in later},
        **{f"below_{k}": at_if(rows.position < k).max() for k in later},
    )
    # A deal has moved back where it was below a stage after it had been there or beyond.
    back = [(told[f"from_{k}"] < told[f"below_{k}"]).fill_null(False) for k in later]
    return told.select(
        *("opportunity_id", "entries", "unlisted"),
        *("first_entry_at", "last_entry_at", "last_stage_at", "latest_at"),
        back=ibis.or_(*back) if back else ibis.literal(False),
        reopened=(told.last_stage_at > told.first_exit_at).fill_null(False),
        # Of an exit and a stage at one time the exit is the later.
        ends_in_exit=(told.last_exit_at >= told.last_entry_at).fill_null(False),
    )


def _position(stage, stages):
    """The place of a stage in the list; null where it is not in it."""
    if not stages:
        return ibis.null("int64")
    return ibis.cases(*((stage == name, at) for at, name in enumerate(stages))).cast("int64")
