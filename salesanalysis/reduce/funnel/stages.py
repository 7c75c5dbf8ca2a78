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
        stages, rows = [CREATED], _one_stage(known)
    else:
        rows = _rows(stage_history, known, stages, cutoff)
    paths = _paths(rows, known, stages, cutoff)
    table = _unfold(paths, stages, cutoff)
    table = table.mutate(entry_days=entry_days(table.reached_at, observed_from))
    columns = ["opportunity_id", "stage", "position", "reached_at", "skipped", "result"]
    columns += ["result_days", "entry_days", "visits", "stage_days", "left", "moved_back"]
    columns += ["outcome", "amount", *(["cohort"] if cohort else [])]
    twice = [name for name in by if name in columns]
    if twice:
        raise SalesAnalysisError(
            f"`by` names {', '.join(twice)}, which the stage entries have anyway. Leave it out."
        )
    frame = to_pandas(table.select(*columns, *by).order_by(["opportunity_id", "position"]))
    # A skipped stage has no visits: types that know "missing" for these, and only for these.
    frame = frame.astype(
        {"visits": "Int64", "left": "boolean", "moved_back": "boolean"}
        | {"position": "int64", "skipped": "bool"}
    )
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
    """Rows of a funnel without a history: every deal entered ``created`` when it was created."""
    return known.select(
        "opportunity_id",
        "outcome",
        "closed_at",
        position=ibis.literal(0, type="int64"),
        entered_at=known.created_at,
    )


def _rows(stage_history, known, stages, cutoff):
    """One row per row of the history that counts, with what is known of its deal.

    Rows of other stages, after ``cutoff`` or after the deal's closing do not count.
    """
    history = as_ibis(stage_history)
    position = ibis.cases(*((history.stage == name, at) for at, name in enumerate(stages)))
    rows = history.select("opportunity_id", "entered_at", position=position.cast("int64"))
    rows = rows.filter(rows.position.notnull() & (rows.entered_at <= moment(cutoff)))
    rows = rows.inner_join(known.select("opportunity_id", "outcome", "closed_at"), "opportunity_id")
    return rows.filter(rows.closed_at.isnull() | (day(rows.entered_at) <= day(rows.closed_at)))


def _paths(rows, known, stages, cutoff):
    """One row per deal: for each stage ``k`` when it was reached and how it was lived through.

    ``at_k`` (first time at ``k`` or beyond), ``visits_k``, ``days_k``, ``back_k``; ``furthest`` and
    ``last`` positions; and all that is known of the deal. Equal times are taken in the order of the
    stages; several rows of one stage in a row are one visit.
    """
    in_order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "position"])
    rows = rows.mutate(
        before=rows.position.lag().over(in_order),
        next_at=rows.entered_at.lead().over(in_order),
        next_position=rows.position.lead().over(in_order),
    )
    until = ibis.coalesce(rows.next_at, rows.closed_at, moment(cutoff))
    rows = rows.mutate(
        days=days_between(rows.entered_at, until),
        enters=rows.before.isnull() | (rows.before != rows.position),
        back=(rows.next_position < rows.position).fill_null(False),
    )
    measures = {
        "furthest": rows.position.max(),
        "last": rows.position.max(where=rows.next_position.isnull()),
    }
    for k in range(len(stages)):
        here = rows.position == k
        measures |= {
            f"at_{k}": rows.entered_at.min(where=rows.position >= k),
            f"visits_{k}": rows.count(where=here & rows.enters),
            f"days_{k}": rows.days.sum(where=here),
            f"back_{k}": rows.count(where=here & rows.back) > 0,
        }
    return rows.group_by("opportunity_id").agg(**measures).inner_join(known, "opportunity_id")


def _unfold(paths, stages, cutoff):
    """From one row per deal to one per deal × stage reached, with the result and the days to it."""
    count = len(stages)
    won = paths.outcome == WON
    at_close = ibis.ifelse(won, paths.closed_at, ibis.null("timestamp"))
    # A won deal has passed every stage, at the latest when it closed.
    paths = paths.mutate(
        furthest=ibis.ifelse(won, count, paths.furthest),
        **{f"at_{k}": ibis.coalesce(paths[f"at_{k}"], at_close) for k in range(count)},
        **{f"at_{count}": at_close},
    )
    rows = paths.mutate(position=ibis.range(count + 1).unnest().cast("int64"))
    rows = rows.filter(rows.position <= rows.furthest)

    def of_stage(name: str, shift: int = 0, stop: int = count):
        """The column ``<name>_<position>`` of each row's own position."""
        return ibis.cases(*((rows.position == k, rows[f"{name}_{k + shift}"]) for k in range(stop)))

    advanced = rows.furthest > rows.position
    undated = (rows.outcome != OPEN) & rows.closed_at.isnull()
    end = ibis.ifelse(
        advanced, of_stage("at", shift=1), ibis.coalesce(rows.closed_at, moment(cutoff))
    )
    reached_at = of_stage("at", stop=count + 1)
    visits = of_stage("visits")
    entered = (visits > 0).fill_null(False)
    is_last = rows.position == rows.last
    is_won = rows.position == count
    no_days = ibis.null("float64")
    return rows.mutate(
        stage=ibis.cases(*((rows.position == k, name) for k, name in enumerate([*stages, WON]))),
        reached_at=reached_at,
        result=ibis.ifelse(advanced, "advanced", rows.outcome),
        result_days=ibis.ifelse(
            is_won | (~advanced & undated), no_days, days_between(reached_at, end)
        ),
        skipped=~entered & ~is_won,
        visits=ibis.ifelse(entered, visits, ibis.null("int64")),
        stage_days=ibis.ifelse(entered & ~(is_last & undated), of_stage("days"), no_days),
        left=ibis.ifelse(entered, ~(is_last & (rows.outcome == OPEN)), ibis.null("boolean")),
        moved_back=ibis.ifelse(entered, of_stage("back"), ibis.null("boolean")),
    )
