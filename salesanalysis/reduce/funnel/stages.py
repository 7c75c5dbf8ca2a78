"""Stage histories and deal lists → one row per deal, or per deal × stage."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON
from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.periods import end_of

#: The one stage of a funnel whose history nobody kept.
CREATED = "created"

_DAY_SECONDS = 86_400


def deals(
    opportunities=None,
    stage_history=None,
    *,
    as_of,
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
) -> pd.DataFrame:
    """One row per deal, as it was known at the end of ``as_of``.

    A deal counts when it was created by then (or its creation is not recorded); one that closed
    later is still open. Without a deal list the deals are those of the stage history: created at
    their first row, closed at their first exit.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome``, and ``created_at, closed_at, stage, amount`` as far as known.
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    exits : dict of outcome to stage names, optional
        Which stages of the history mean ``won``, ``lost``, ``cancelled``. Needed where there is
        no deal list that says so.
    by : str or list of str
        Further columns to carry along, for splits.

    Returns
    -------
    DataFrame
        ``opportunity_id, outcome, created_at, closed_at, stage, amount, age_days``, then ``by``;
        sorted by ``opportunity_id``. ``age_days`` runs from creation to closing, or to ``as_of``
        while open; missing where a date is or they contradict. ``stage`` is the last one known by
        ``as_of``: from the history where there is one; else the one in the deal list, which for a
        deal that has moved since is not the stage at ``as_of``.

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
    by = _names(by)
    known = _deal_table(opportunities, stage_history, cutoff, exits, by)
    age = _days_between(known.created_at, ibis.coalesce(known.closed_at, _moment(cutoff)))
    unknown_age = (known.outcome != OPEN) & known.closed_at.isnull()
    known = known.mutate(age_days=ibis.ifelse(unknown_age, ibis.null("float64"), age))
    columns = ["opportunity_id", "outcome", "created_at", "closed_at", "stage", "amount"]
    return _pandas(known.select(*columns, "age_days", *by).order_by("opportunity_id"))


def stage_entries(
    opportunities=None,
    stage_history=None,
    *,
    stages: Sequence[str] = (),
    as_of,
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
) -> pd.DataFrame:
    """One row per deal × stage reached, as it was known at the end of ``as_of``.

    A deal has *reached* a stage when it has entered it or any later one (or was won), so that a
    skipped stage counts as passed and a deal that moved back keeps what it had reached. The last
    stage of every won deal is ``won``.

    Without a stage history only the beginning and the end of a deal are known: then the one stage
    is ``created``, because the stage in a deal list is the one at the time of the export, not the
    path that led there.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome``, and ``created_at, closed_at, amount`` as far as known.
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``. Rows of stages that are neither in ``stages`` nor
        in ``exits`` do not count (:func:`unlisted_stages` shows them); several rows of one stage
        in a row are one visit.
    stages : list of str
        The stages in their order, without the exits. Required with a history.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    exits : dict of outcome to stage names, optional
        Which stages of the history mean ``won``, ``lost``, ``cancelled``. Needed where there is
        no deal list that says so.
    by : str or list of str
        Columns of the deal list to carry along, for splits.

    Returns
    -------
    DataFrame
        Sorted by deal and ``position``:

        - ``opportunity_id, stage, position`` (0 for the first stage),
        - ``reached_at`` (first time at this stage or beyond), ``skipped`` (never entered),
        - ``result``: ``advanced`` (reached the next), the exit (``lost``, ``cancelled``) or
          ``open``; ``won`` in the rows of the stage ``won``,
        - ``result_days``: from ``reached_at`` to that result, or to ``as_of`` while open; missing
          where the date of closing is,
        - ``visits``, ``stage_days`` (all visits together, up to ``as_of``), ``left`` (False: still
          there at ``as_of``, so ``stage_days`` is censored), ``moved_back`` (went from here to an
          earlier stage at least once); missing for skipped stages and ``won``,
        - ``amount`` of the deal, then ``by``.

    Raises
    ------
    SalesAnalysisError
        A stage named twice or both as stage and exit, none of the stages in the history, a ``by``
        column that is not there.

    Examples
    --------
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["a", "a", "a", "b"], "stage": ["lead", "offer", "signed", "lead"],
    ...     "entered_at": pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-09", "2025-01-03"])})
    >>> entries = stage_entries(stage_history=history, stages=["lead", "offer"],
    ...                         exits={"won": "signed"}, as_of="2025-01-31")
    >>> entries[["opportunity_id", "stage", "result", "result_days"]].round(0)
      opportunity_id  stage    result  result_days
    0              a   lead  advanced          4.0
    1              a  offer  advanced          4.0
    2              a    won       won          NaN
    3              b   lead      open         29.0
    """
    cutoff = end_of(as_of)
    by = _names(by)
    exits = _exits(exits)
    if stage_history is not None:
        stages = _stages(stages, exits)
    known = _deal_table(opportunities, stage_history, cutoff, exits, by)
    if stage_history is None:
        stages, moves = [CREATED], _one_stage(known)
    else:
        moves = _moves(stage_history, known, stages, cutoff)
    visits = _visits(moves, known, cutoff)
    reached = _reached(moves, known, stages, cutoff)
    table = (
        reached.left_join(visits, ["opportunity_id", "position"])
        .drop("opportunity_id_right", "position_right")
        .mutate(skipped=lambda t: t.visits.isnull() & (t.stage != WON))
    )
    columns = ["opportunity_id", "stage", "position", "reached_at", "skipped", "result"]
    columns += ["result_days", "visits", "stage_days", "left", "moved_back", "amount"]
    frame = _pandas(table.select(*columns, *by).order_by(["opportunity_id", "position"]))
    # Skipped stages have none of these: types that know "missing".
    frame = frame.astype({"visits": "Int64", "left": "boolean", "moved_back": "boolean"})
    if stage_history is not None and frame.empty:
        raise SalesAnalysisError(
            f"No row of the stage history up to {cutoff:%Y-%m-%d} is at one of the `stages`"
            f" {', '.join(stages)}. Stages found: {_found_stages(stage_history)}."
        )
    return frame


def unlisted_stages(
    stage_history,
    *,
    stages: Sequence[str],
    exits: Mapping[str, Sequence[str] | str] | None = None,
) -> pd.DataFrame:
    """Stages of the history that are neither in ``stages`` nor in ``exits``, so do not count.

    Returns
    -------
    DataFrame
        One row per stage: ``stage, rows, deals``; most rows first. Empty where all are listed.

    Examples
    --------
    >>> history = pd.DataFrame({"opportunity_id": ["a", "a"], "stage": ["lead", "call"],
    ...                         "entered_at": pd.to_datetime(["2025-01-01", "2025-01-05"])})
    >>> unlisted_stages(history, stages=["lead"])
      stage  rows  deals
    0  call     1      1
    """
    exits = _exits(exits)
    listed = [*_stages(stages, exits), *(name for names in exits.values() for name in names)]
    history = _ibis(stage_history)
    return _pandas(
        history.filter(history.stage.notin(listed))
        .group_by("stage")
        .agg(rows=lambda t: t.count(), deals=lambda t: t.opportunity_id.nunique())
        .order_by([ibis.desc("rows"), "stage"])
    )


# --- what was asked for -------------------------------------------------------------------------


def _names(by: Sequence[str] | str) -> list[str]:
    return [by] if isinstance(by, str) else list(dict.fromkeys(by))


def _ibis(table):
    return ibis.memtable(table) if isinstance(table, pd.DataFrame) else table


def _exits(exits: Mapping[str, Sequence[str] | str] | None) -> dict[str, list[str]]:
    """Outcome → list of stage names, checked."""
    checked = {}
    for outcome, names in (exits or {}).items():
        if outcome not in (WON, LOST, CANCELLED):
            raise SalesAnalysisError(
                f"`exits` has {outcome!r}; its keys are {WON}, {LOST} and {CANCELLED}, its values"
                " the names of the stages that mean so."
            )
        checked[outcome] = [names] if isinstance(names, str) else list(names)
    return checked


def _stages(stages: Sequence[str], exits: Mapping[str, Sequence[str]]) -> list[str]:
    """The stage list, checked against itself and the exits."""
    stages = [stages] if isinstance(stages, str) else list(stages)
    if not stages:
        raise SalesAnalysisError("`stages` is empty; expected the stages of the process in order.")
    twice = sorted({stage for stage in stages if stages.count(stage) > 1})
    if twice:
        raise SalesAnalysisError(f"`stages` names {', '.join(twice)} more than once.")
    for outcome, names in exits.items():
        both = [name for name in names if name in stages]
        if both:
            raise SalesAnalysisError(
                f"{', '.join(both)} is in `stages` and in `exits` as {outcome!r}. Take it out of"
                " `stages`: a won deal is the last step of the funnel anyway."
            )
    if WON in stages:
        raise SalesAnalysisError(
            f"`stages` contains {WON!r}, which is the name of the last step, the won deals. Name it"
            f" as an exit instead: exits={{'{WON}': ['{WON}']}}."
        )
    return stages


def _require(table, names: Sequence[str], argument: str) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        hints = [guess for name in missing for guess in nearest(name, table.columns, most=1)]
        raise SalesAnalysisError(
            f"`{argument}` has no column {', '.join(f'`{name}`' for name in missing)}."
            + (f" Nearest: {', '.join(hints)}." if hints else "")
            + f" Columns: {', '.join(table.columns)}."
        )


def _found_stages(stage_history) -> str:
    history = _ibis(stage_history)
    found = _pandas(history.group_by("stage").agg(rows=history.count()).order_by(ibis.desc("rows")))
    shown = [str(stage) for stage in found["stage"].head(20)]
    return ", ".join(shown) + (f" and {len(found) - 20} more" if len(found) > 20 else "")


# --- expressions --------------------------------------------------------------------------------


def _moment(moment: pd.Timestamp):
    return ibis.literal(moment.to_pydatetime(), type="timestamp")


def _days_between(start, end):
    """Whole and part days from ``start`` to ``end``; missing where a date is or they contradict.

    A closing date without a time of day may lie some hours before the last entry of that day,
    which is no contradiction but 0 days.
    """
    days = (end.epoch_seconds() - start.epoch_seconds()).cast("float64") / _DAY_SECONDS
    return ibis.cases((days >= 0, days), (_date(start) == _date(end), 0.0))


def _deal_table(opportunities, stage_history, cutoff, exits, by):
    """Ibis table, one row per deal known at ``cutoff``, with what was known of it then."""
    if opportunities is None and stage_history is None:
        raise SalesAnalysisError("Give `opportunities`, `stage_history` or both.")
    exits = _exits(exits)
    history = None if stage_history is None else _ibis(stage_history)
    if history is not None:
        _require(history, ["opportunity_id", "stage", "entered_at"], "stage_history")
        history = history.filter(history.entered_at <= _moment(cutoff))
    if opportunities is None:
        if by:
            raise SalesAnalysisError(
                f"`by` is {', '.join(by)}, but there is no deal list (`opportunities`) to take"
                " that from."
            )
        return _deals_of_history(history, exits)

    table = _ibis(opportunities)
    _require(table, ["opportunity_id", "outcome", *by], "opportunities")
    for name, kind in (("created_at", "timestamp"), ("closed_at", "timestamp")):
        column = table[name].cast(kind) if name in table.columns else ibis.null(kind)
        table = table.mutate(**{name: column})
    for name, kind in (("stage", "string"), ("amount", "float64")):
        if name not in table.columns:
            table = table.mutate(**{name: ibis.null(kind)})
    limit = _moment(cutoff)
    table = table.filter(table.created_at.isnull() | (table.created_at <= limit))
    later = table.closed_at.notnull() & (table.closed_at > limit)
    table = table.mutate(
        outcome=ibis.ifelse(later, OPEN, table.outcome),
        closed_at=ibis.ifelse(
            later | (table.outcome == OPEN), ibis.null("timestamp"), table.closed_at
        ),
    )
    if history is not None:
        last = history.group_by("opportunity_id").agg(
            last_stage=history.stage.argmax(history.entered_at)
        )
        table = table.left_join(last, "opportunity_id").drop("opportunity_id_right")
        table = table.mutate(stage=ibis.coalesce(table.last_stage, table.stage)).drop("last_stage")
    columns = ["opportunity_id", "outcome", "created_at", "closed_at", "stage", "amount"]
    return table.select(*columns, *(name for name in by if name not in columns))


def _deals_of_history(history, exits):
    """The deals of a stage history alone: created at the first row, closed at the first exit."""
    if not exits.get(WON):
        raise SalesAnalysisError(
            "`exits` does not say which stage means won, and there is no deal list with an"
            " `outcome` that would. Give for example exits={'won': ['Signed'], 'lost': ['Lost']}."
            f" Stages found: {_found_stages(history)}."
        )
    whole = history.group_by("opportunity_id").agg(
        created_at=history.entered_at.min(),
        stage=history.stage.argmax(history.entered_at),
        amount=history.amount.argmax(history.entered_at).cast("float64")
        if "amount" in history.columns
        else ibis.null("float64"),
    )
    outcome = ibis.cases(
        *((history.stage.isin(names), outcome) for outcome, names in exits.items() if names)
    )
    ends = history.mutate(outcome=outcome).filter(lambda t: t.outcome.notnull())
    ends = ends.group_by("opportunity_id").agg(
        outcome=ends.outcome.argmin(ends.entered_at), closed_at=ends.entered_at.min()
    )
    table = whole.left_join(ends, "opportunity_id").drop("opportunity_id_right")
    table = table.mutate(outcome=table.outcome.fill_null(OPEN))
    columns = ["opportunity_id", "outcome", "created_at", "closed_at", "stage", "amount"]
    return table.select(*columns)


def _one_stage(known):
    """Moves of a funnel without a history: every deal entered ``created`` when it was created."""
    return known.select(
        "opportunity_id",
        position=ibis.literal(0, type="int64"),
        entered_at=known.created_at,
    )


def _moves(stage_history, known, stages, cutoff):
    """Ibis table, one row per visit of a listed stage: ``opportunity_id, position, entered_at``.

    Rows after ``cutoff`` or after the deal's closing do not count; repeated rows of the stage that
    the deal is in already are the same visit. Equal times are taken in the order of the stages.
    """
    history = _ibis(stage_history)
    position = ibis.cases(*((history.stage == name, at) for at, name in enumerate(stages)))
    rows = history.select(
        "opportunity_id", position=position.cast("int64"), entered_at=history.entered_at
    )
    rows = rows.filter(rows.position.notnull() & (rows.entered_at <= _moment(cutoff)))
    ends = known.select("opportunity_id", "closed_at")
    rows = rows.inner_join(ends, "opportunity_id")
    rows = rows.filter(rows.closed_at.isnull() | (_date(rows.entered_at) <= _date(rows.closed_at)))
    in_order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "position"])
    rows = rows.mutate(before=rows.position.lag().over(in_order))
    rows = rows.filter(rows.before.isnull() | (rows.before != rows.position))
    return rows.select("opportunity_id", "position", "entered_at")


def _date(moment):
    """The day of a moment: closing dates often have no time of day, stage entries do."""
    return moment.truncate("D")


def _visits(moves, known, cutoff):
    """One row per deal × stage entered: visits, days in the stage, whether left or moved back."""
    in_order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "position"])
    moves = moves.mutate(
        next_at=moves.entered_at.lead().over(in_order),
        next_position=moves.position.lead().over(in_order),
    )
    moves = moves.inner_join(
        known.select("opportunity_id", "outcome", "closed_at"), "opportunity_id"
    )
    until = ibis.coalesce(moves.next_at, moves.closed_at, _moment(cutoff))
    days = _days_between(moves.entered_at, until)
    lost_track = moves.next_at.isnull() & (moves.outcome != OPEN) & moves.closed_at.isnull()
    moves = moves.mutate(
        days=ibis.ifelse(lost_track, ibis.null("float64"), days),
        here=moves.next_at.isnull() & (moves.outcome == OPEN),
        back=(moves.next_position < moves.position).fill_null(False),
    )
    return moves.group_by(["opportunity_id", "position"]).agg(
        visits=moves.count(),
        stage_days=ibis.ifelse(moves.days.isnull().any(), ibis.null("float64"), moves.days.sum()),
        left=~moves.here.any(),
        moved_back=moves.back.any(),
    )


def _reached(moves, known, stages, cutoff):
    """One row per deal × stage reached, with the time, the result and the days to it."""
    firsts = moves.group_by("opportunity_id").agg(
        **{
            f"at_{position}": moves.entered_at.min(where=moves.position >= position)
            for position in range(len(stages))
        },
        furthest=moves.position.max(),
    )
    deal = firsts.inner_join(known, "opportunity_id")
    won = deal.outcome == WON
    # A won deal has passed every stage, at the latest when it closed.
    deal = deal.mutate(
        furthest=ibis.ifelse(won, len(stages), deal.furthest),
        **{
            f"at_{position}": ibis.coalesce(
                deal[f"at_{position}"], ibis.ifelse(won, deal.closed_at, ibis.null("timestamp"))
            )
            for position in range(len(stages))
        },
        **{f"at_{len(stages)}": ibis.ifelse(won, deal.closed_at, ibis.null("timestamp"))},
    )
    rows = []
    for position, stage in enumerate([*stages, WON]):
        here = deal.filter(deal.furthest >= position)
        advanced = here.furthest > position
        end = ibis.coalesce(here.closed_at, _moment(cutoff))
        if position < len(stages):
            end = ibis.ifelse(advanced, here[f"at_{position + 1}"], end)
        no_date = ~advanced & (here.outcome != OPEN) & here.closed_at.isnull()
        result = ibis.ifelse(advanced, "advanced", here.outcome)
        days = _days_between(here[f"at_{position}"], end)
        unknown = no_date | (ibis.literal(stage) == WON)
        rows.append(
            here.mutate(
                stage=ibis.literal(stage),
                position=ibis.literal(position, type="int64"),
                reached_at=here[f"at_{position}"],
                result=result,
                result_days=ibis.ifelse(unknown, ibis.null("float64"), days),
            ).drop(*(f"at_{p}" for p in range(len(stages) + 1)), "furthest")
        )
    return ibis.union(*rows)


def _pandas(expression) -> pd.DataFrame:
    """The table as a DataFrame whose timestamps are in microseconds on every engine."""
    frame = expression.to_pandas()
    for column in frame.select_dtypes("datetime"):
        frame[column] = frame[column].astype("datetime64[us]")
    return frame
