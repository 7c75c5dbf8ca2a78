"""Deal lists and stage histories → one row per deal, as it was known on a day."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON, as_list
from salesanalysis.errors import SalesAnalysisError, require_choice
from salesanalysis.known import refuse_weight
from salesanalysis.periods import PLAIN, Calendar, Day, end_of, start_of
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    days_between,
    moment,
    require_columns,
    to_pandas,
)

#: What every deal table has, before the columns of ``by``.
DEAL_COLUMNS = ("opportunity_id", "outcome", "created_at", "closed_at", "stage", "amount")

#: The periods that can be a cohort.
_PERIODS = ("month", "quarter", "year")


def deals(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    as_of: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    cohort: str | None = None,
    calendar: Calendar = PLAIN,
    observed_from: Day | None = None,
    as_categories: bool = False,
) -> pd.DataFrame:
    """One row per deal, as it was known at the end of ``as_of``.

    A deal counts when it was created by then (or its creation is not recorded); one that closed
    later is still open. Where the list says open and the last row of the history is an exit, the
    deal has ended there; a list without a column ``outcome`` only adds attributes to the deals of
    the history. Without a deal list the deals are those of the stage history: created at
    their first row, and closed where their last row is an exit: a deal that went on after one has
    been opened again.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome``, and ``created_at, closed_at, stage, amount`` as far as known.
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    stages : list of str, optional
        The stages of the process. Without a deal list, a row of the history at one of them opens a
        deal again that had ended. Where they are not given every row does, unless most deals have
        rows after their end: then the log tells what follows an end, not that it was undone.
    exits : dict of outcome to stage names, optional
        Which stages of the history mean ``won``, ``lost``, ``cancelled``. Needed where there is
        no deal list that says so.
    by : str or list of str
        Further columns to carry along, for splits.
    cohort : str, optional
        ``month``, ``quarter`` or ``year``: adds the period of creation as the column ``cohort``.
    calendar : salesanalysis.periods.Calendar
        The company's.
    observed_from : str, date or timestamp, optional
        The first day from which closings were recorded, where older deals are in the list only if
        they were still open then (left truncation). They are at risk from that age on.
    as_categories : bool
        Texts other than ``opportunity_id`` as pandas categories, in alphabetical order, which take
        far less memory and time where there are millions of deals.

    Returns
    -------
    DataFrame
        ``opportunity_id, outcome, created_at, closed_at, stage, amount, age_days, entry_days``,
        then ``cohort`` where asked for and ``by``; sorted by ``opportunity_id``.

        - ``age_days`` runs from creation to closing, or to ``as_of`` while open; missing where a
          date is or they contradict.
        - ``entry_days`` is the age at ``observed_from``, 0 for deals created since.
        - ``stage`` and ``amount`` are the last ones known by ``as_of`` from the history where it
          has them; else those of the deal list, which are those at the time of the export.

    Raises
    ------
    SalesAnalysisError
        Neither table given, a ``by`` column is not there, or nothing says what won and lost are.

    Examples
    --------
    >>> opportunities = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"],
    ...     "created_at": pd.to_datetime(["2025-01-01", "2025-01-02"]),
    ...     "closed_at": pd.to_datetime(["2025-02-01", None])})
    >>> deals(opportunities, as_of="2025-01-11")[["opportunity_id", "outcome", "age_days"]].round(0)
      opportunity_id outcome  age_days
    0              a    open      11.0
    1              b    open      10.0
    """
    cutoff = end_of(as_of)
    by = as_list(by)
    refuse_weight(by)
    if cohort:
        require_choice("cohort", cohort, _PERIODS)
    known = deal_table(opportunities, stage_history, cutoff, exits, by, stages=stages)
    age = days_between(known.created_at, ibis.coalesce(known.closed_at, moment(cutoff)))
    unknown_age = (known.outcome != OPEN) & known.closed_at.isnull()
    known = known.mutate(
        age_days=ibis.ifelse(unknown_age, ibis.null("float64"), age),
        entry_days=entry_days(known.created_at, observed_from),
    )
    extra = ["cohort"] if cohort else []
    columns = dict.fromkeys([*DEAL_COLUMNS, "age_days", "entry_days", *extra, *by])
    known = known.select(*(name for name in columns if name in known.columns))
    kinds = known.schema().items()
    texts = [name for name, kind in kinds if kind.is_string() and name != "opportunity_id"]
    known = known.order_by("opportunity_id")
    frame = to_pandas(known, as_categories=texts if as_categories else ())
    if cohort:
        created = _cohorts(frame["created_at"], cohort, calendar)
        frame["cohort"] = created if as_categories else created.astype("str")
    return frame[list(columns)]


def entry_days(start, observed_from: Day | None):
    """Age, counted from ``start``, at which a deal came under observation; 0 from the beginning."""
    if observed_from is None:
        return ibis.literal(0.0)
    return days_between(start, moment(start_of(observed_from))).fill_null(0.0)


def with_categories(deals: pd.DataFrame) -> pd.DataFrame:
    """Texts other than the deals' ids as categories in alphabetical order."""
    texts = deals.columns[deals.dtypes == "str"].drop("opportunity_id", errors="ignore")
    return deals.assign(**{name: pd.Categorical(deals[name]) for name in texts})


def without_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as the texts that they are."""
    import pyarrow as pa

    coded = frame.select_dtypes("category").columns
    # By way of Arrow, which is many times faster here than astype("str").
    texts = {name: pa.Array.from_pandas(frame[name]).cast(pa.large_string()) for name in coded}
    return frame.assign(**{name: text.to_pandas() for name, text in texts.items()})


def check_exits(exits: Mapping[str, Sequence[str] | str] | None) -> dict[str, list[str]]:
    """Outcome → list of stage names, checked."""
    checked = {}
    for outcome, stages in (exits or {}).items():
        if outcome not in (WON, LOST, CANCELLED):
            raise SalesAnalysisError(
                f"`exits` has {outcome!r}; its keys are {WON}, {LOST} and {CANCELLED}, its values"
                " the names of the stages that mean so."
            )
        checked[outcome] = as_list(stages)
    return checked


def _cohorts(created_at: pd.Series, cohort: str, calendar: Calendar) -> pd.Categorical:
    """The period of creation: ``2025-01``, ``2025-Q1`` or ``2025``; in the order of time."""
    names = calendar.labels_of(created_at, cohort)
    codes, found = pd.factorize(names)
    order = sorted(found, key=calendar.bounds_of)
    return pd.Categorical(names, pd.Index(order, dtype="str"))


def deal_table(opportunities, stage_history, cutoff, exits, by, *, stages=()):
    """Ibis table, one row per deal known at ``cutoff``, with what was known of it then."""
    if opportunities is None and stage_history is None:
        raise SalesAnalysisError("Give `opportunities`, `stage_history` or both.")
    exits = check_exits(exits)
    history = None if stage_history is None else as_ibis(stage_history)
    if history is not None:
        require_columns(history, ["opportunity_id", "stage", "entered_at"], "stage_history")
        history = history.filter(history.entered_at <= moment(cutoff))
    if opportunities is None:
        if by:
            raise SalesAnalysisError(
                f"`by` is {', '.join(by)}, but there is no deal list (`opportunities`) to take"
                " that from."
            )
        return _deals_of_history(history, stages, exits)

    table = with_outcomes(opportunities, history, exits)
    require_columns(table, ["opportunity_id", "outcome", *by], "opportunities")
    own = {
        name: table[name] if name in table.columns else ibis.null(kind)
        for name, kind in (("stage", "string"), ("amount", "float64"))
    }
    created_at, closed_at = (
        table[name].cast("timestamp") if name in table.columns else ibis.null("timestamp")
        for name in ("created_at", "closed_at")
    )
    later = closed_at.notnull() & (closed_at > moment(cutoff))
    known = table.select(
        "opportunity_id",
        outcome=ibis.ifelse(later, OPEN, table.outcome),
        created_at=created_at,
        closed_at=ibis.ifelse(later | (table.outcome == OPEN), ibis.null("timestamp"), closed_at),
        **own,
        **{name: table[name] for name in by if name not in DEAL_COLUMNS},
    )
    known = known.filter(known.created_at.isnull() | (known.created_at <= moment(cutoff)))
    if history is None:
        return known
    told = _last_known(history)
    both = known.left_join(told, "opportunity_id").drop("opportunity_id_right")
    both = both.mutate(
        stage=ibis.coalesce(told.last_stage, known.stage),
        amount=ibis.coalesce(told.last_amount, known.amount.cast("float64")),
    ).select(*known.columns)
    return _ended_by_history(both, known, history, stages, exits) if exits else both


def with_outcomes(opportunities, history, exits):
    """The deal list as an Ibis table; one without outcomes as attributes of the history's deals.

    Such a list says of no deal that it has ended: that is for the exits of the history to say.
    """
    table = as_ibis(opportunities)
    if "outcome" in table.columns or history is None:
        return table
    _require_won(history, exits)
    require_columns(table, ["opportunity_id"], "opportunities")
    begun = history.group_by("opportunity_id").agg(begun_at=history.entered_at.min())
    both = begun.left_join(table, "opportunity_id")
    created = table.created_at.cast("timestamp") if "created_at" in table.columns else None
    own = [name for name in table.columns if name not in ("opportunity_id", "created_at")]
    return both.select(
        begun.opportunity_id,
        *(table[name] for name in own),
        outcome=ibis.literal(OPEN),
        created_at=begun.begun_at if created is None else created.coalesce(begun.begun_at),
    )


def _ended_by_history(known, listed, history, stages, exits):
    """What is known of the deals of a list, those that it has as open as their history says."""
    exited = history.filter(history.stage.isin(_names(exits))).select("opportunity_id")
    still = listed.filter(listed.outcome == OPEN).semi_join(exited, "opportunity_id")
    # None, as a rule, and few else: only their rows have to be put in order.
    if to_pandas(still.count().as_table()).iloc[0, 0] == 0:
        return known
    ends = _ends(history.semi_join(still, "opportunity_id"), history, stages, exits)
    both = known.left_join(ends, "opportunity_id").drop("opportunity_id_right")
    return both.mutate(
        outcome=ibis.coalesce(ends.ended_as, known.outcome),
        closed_at=ibis.coalesce(ends.ended_at, known.closed_at),
    ).select(*known.columns)


def _ends(rows, history, stages, exits):
    """How and when the deals of some rows of a history ended that are not open by their last."""
    if not len(stages) and _goes_on_after_ends(history, exits):
        rows = rows.filter(rows.stage.isin(_names(exits)))
    rows = states(rows, stages, exits)
    ends = rows.group_by("opportunity_id").agg(
        ended_as=rows.ended.max(where=rows.last), ended_at=rows.entered_at.max(where=rows.ends)
    )
    return ends.filter(ends.ended_as.notnull())


def _last_known(history):
    """Stage and amount of each deal's last row in the history, as far as it has them."""
    # Of two rows at one time the greater stage name is the later: any rule, but always the same.
    if history.get_backend().name == "duckdb":
        # DuckDB compares pairs, which spares it to number the rows of each deal.
        history = history.mutate(nth=ibis.struct({"at": history.entered_at, "to": history.stage}))
    else:
        in_order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "stage"])
        history = history.mutate(nth=ibis.row_number().over(in_order))
    amount = ibis.null("float64")
    if "amount" in history.columns:
        known = history.amount.notnull()
        amount = history.amount.cast("float64").argmax(history.nth, where=known)
    return history.group_by("opportunity_id").agg(
        first_at=history.entered_at.min(),
        last_stage=history.stage.argmax(history.nth),
        last_amount=amount,
    )


def _deals_of_history(history, stages, exits):
    """The deals of a stage history alone, from their first row to their last."""
    _require_won(history, exits)
    whole = _last_known(history).rename(
        created_at="first_at", stage="last_stage", amount="last_amount"
    )
    ends = _ends(history, history, stages, exits)
    table = whole.left_join(ends, "opportunity_id").drop("opportunity_id_right")
    table = table.mutate(outcome=table.ended_as.fill_null(OPEN), closed_at=table.ended_at)
    return table.select(*DEAL_COLUMNS)


def _require_won(history, exits) -> None:
    if not exits.get(WON):
        raise SalesAnalysisError(
            "`exits` does not say which stage means won, and there is no deal list with an"
            " `outcome` that would. Give for example exits={'won': ['Signed'], 'lost': ['Lost']}."
            f" Stages found: {found_stages(history)}."
        )


def states(history, stages, exits):
    """The rows of a history that are states of a deal, in their order, and where it ended.

    Of two rows at one time a stage comes before an exit, and a later stage after an earlier one.
    Exits of one outcome that follow each other, such as signed and paid, are one end, at the first
    of them; an end is undone by a row at a stage, or by an exit of another outcome.

    Returns
    -------
    Ibis table, one row per row of the history at one of ``stages`` (at any, where there are none)
    or ``exits``: its columns, ``position`` (in ``stages``), ``ended`` (the outcome of an exit),
    ``nth`` (its place in the deal), ``came_from`` (the stage before), ``last`` (whether it is the
    deal's last), ``ends`` (whether the deal ended there) and ``reopens`` (whether it undoes an
    end).
    """
    meanings = [(name, outcome) for outcome, names in exits.items() for name in names]
    if len(stages):
        history = history.filter(history.stage.isin([*stages, *_names(exits)]))
    rows = history.mutate(ended=case(history.stage, meanings, "string"))
    rows = rows.mutate(
        # PostgreSQL makes no wider number of a flag.
        exiting=rows.ended.notnull().cast("int32"),
        position=case(rows.stage, [(name, at) for at, name in enumerate(stages)], "int64"),
    )
    in_order = ibis.window(
        group_by="opportunity_id", order_by=["entered_at", "exiting", "position", "stage"]
    )
    rows = rows.mutate(
        nth=ibis.row_number().over(in_order),
        came_from=rows.stage.lag().over(in_order),
        ended_before=rows.ended.lag().over(in_order),
        last=rows.stage.lead().over(in_order).isnull(),
    )
    other = (rows.ended_before != rows.ended).fill_null(True)
    return rows.mutate(
        ends=rows.ended.notnull() & other, reopens=rows.ended_before.notnull() & other
    )


def _names(exits) -> list[str]:
    """The stages that are exits."""
    return [name for names in exits.values() for name in names]


def _goes_on_after_ends(history, exits) -> bool:
    """Whether more than half of the deals with an exit have other rows after it."""
    exiting = history.stage.isin(_names(exits))
    deals = history.group_by("opportunity_id").agg(
        ended_at=history.entered_at.min(where=exiting),
        last_at=history.entered_at.max(where=~exiting),
    )
    ended = deals.filter(deals.ended_at.notnull())
    later = (ended.last_at > ended.ended_at).fill_null(False)
    # PostgreSQL makes no wider number of a flag.
    share = to_pandas(ended.agg(share=later.cast("int32").mean()))["share"].iloc[0]
    return bool(share > 0.5)


def case(column, pairs, kind: str):
    """The value paired with each name; null for any other name."""
    if not pairs:
        return ibis.null(kind)
    return ibis.cases(*((column == name, value) for name, value in pairs)).cast(kind)


def found_stages(stage_history) -> str:
    """The stages of a history, most frequent first, for an error message."""
    history = as_ibis(stage_history)
    found = to_pandas(
        history.group_by("stage").agg(rows=history.count()).order_by(ibis.desc("rows"))
    )
    shown = [str(stage) for stage in found["stage"].head(20)]
    return ", ".join(shown) + (f" and {len(found) - 20} more" if len(found) > 20 else "")
