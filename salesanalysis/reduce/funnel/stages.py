"""Stage histories and deal lists → one row per deal × stage."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import end_of
from salesanalysis.reduce.expressions import (
    as_ibis,
    as_list,
    day,
    days_between,
    moment,
    to_pandas,
)
from salesanalysis.reduce.funnel.deal_list import check_exits, deal_table, entry_days, found_stages

#: The one stage of a funnel whose history nobody kept.
CREATED = "created"


def stage_entries(
    opportunities=None,
    stage_history=None,
    *,
    stages: Sequence[str] = (),
    as_of,
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    cohort: str | None = None,
    observed_from=None,
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
    cohort, observed_from
        As for :func:`deals`.

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
        - ``outcome, amount`` of the deal, then ``cohort`` where asked for and ``by``.

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
    by = as_list(by)
    exits = check_exits(exits)
    if stage_history is not None:
        stages = check_stages(stages, exits)
    known = deal_table(opportunities, stage_history, cutoff, exits, by, cohort)
    if stage_history is None:
        stages, moves = [CREATED], _one_stage(known)
    else:
        moves = _moves(stage_history, known, stages, cutoff)
    visits = _visits(moves, known, cutoff)
    reached = _reached(moves, known, stages, cutoff)
    table = (
        reached.left_join(visits, ["opportunity_id", "position"])
        .drop("opportunity_id_right", "position_right")
        .mutate(
            skipped=lambda t: t.visits.isnull() & (t.stage != WON),
            entry_days=lambda t: entry_days(t.reached_at, observed_from),
        )
    )
    columns = ["opportunity_id", "stage", "position", "reached_at", "skipped", "result"]
    columns += ["result_days", "entry_days", "visits", "stage_days", "left", "moved_back"]
    columns += ["outcome", "amount", *(["cohort"] if cohort else [])]
    frame = to_pandas(table.select(*columns, *by).order_by(["opportunity_id", "position"]))
    # Skipped stages have none of these: types that know "missing".
    frame = frame.astype({"visits": "Int64", "left": "boolean", "moved_back": "boolean"})
    if stage_history is not None and frame.empty:
        raise SalesAnalysisError(
            f"No row of the stage history up to {cutoff:%Y-%m-%d} is at one of the `stages`"
            f" {', '.join(stages)}. Stages found: {found_stages(stage_history)}."
        )
    return frame


def unlisted_stages(
    stage_history,
    *,
    stages: Sequence[str],
    exits: Mapping[str, Sequence[str] | str] | None = None,
) -> pd.DataFrame:
    """Stages of the history that are neither in ``stages`` nor in ``exits``, so do not count.

    Parameters
    ----------
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, or None
        Without a history there are none.
    stages, exits
        As for :func:`stage_entries`.

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
    if stage_history is None:
        return pd.DataFrame(columns=["stage", "rows", "deals"])
    exits = check_exits(exits)
    listed = [*check_stages(stages, exits), *(name for names in exits.values() for name in names)]
    history = as_ibis(stage_history)
    return to_pandas(
        history.filter(history.stage.notin(listed))
        .group_by("stage")
        .agg(rows=lambda t: t.count(), deals=lambda t: t.opportunity_id.nunique())
        .order_by([ibis.desc("rows"), "stage"])
    )


def check_stages(stages: Sequence[str], exits: Mapping[str, Sequence[str]]) -> list[str]:
    """The stage list, checked against itself and the exits."""
    stages = [stages] if isinstance(stages, str) else list(stages)
    if not stages:
        raise SalesAnalysisError("`stages` is empty; expected the stages of the process in order.")
    twice = sorted({stage for stage in stages if stages.count(stage) > 1})
    if twice:
        raise SalesAnalysisError(f"`stages` names {', '.join(twice)} more than once.")
    for outcome, meaning in exits.items():
        both = [name for name in meaning if name in stages]
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
    history = as_ibis(stage_history)
    position = ibis.cases(*((history.stage == name, at) for at, name in enumerate(stages)))
    rows = history.select(
        "opportunity_id", position=position.cast("int64"), entered_at=history.entered_at
    )
    rows = rows.filter(rows.position.notnull() & (rows.entered_at <= moment(cutoff)))
    ends = known.select("opportunity_id", "closed_at")
    rows = rows.inner_join(ends, "opportunity_id")
    rows = rows.filter(rows.closed_at.isnull() | (day(rows.entered_at) <= day(rows.closed_at)))
    in_order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "position"])
    rows = rows.mutate(before=rows.position.lag().over(in_order))
    rows = rows.filter(rows.before.isnull() | (rows.before != rows.position))
    return rows.select("opportunity_id", "position", "entered_at")


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
    until = ibis.coalesce(moves.next_at, moves.closed_at, moment(cutoff))
    days = days_between(moves.entered_at, until)
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
        end = ibis.coalesce(here.closed_at, moment(cutoff))
        if position < len(stages):
            end = ibis.ifelse(advanced, here[f"at_{position + 1}"], end)
        no_date = ~advanced & (here.outcome != OPEN) & here.closed_at.isnull()
        result = ibis.ifelse(advanced, "advanced", here.outcome)
        days = days_between(here[f"at_{position}"], end)
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
