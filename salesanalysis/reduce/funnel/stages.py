"""Stage histories and deal lists → one row per deal × stage."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis import errors
from salesanalysis.columns import WON, as_list
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.known import refuse_weight
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.expressions import AnyTable, as_ibis, moment, to_pandas
from salesanalysis.reduce.funnel.deal_list import (
    check_exits,
    found_stages,
    with_categories,
    without_categories,
)
from salesanalysis.reduce.funnel.deal_list import deals as deals_as_known
from salesanalysis.reduce.funnel.walks import COLUMNS, Walks, unfold

#: The one stage of a funnel whose history nobody kept.
CREATED = "created"


def stage_entries(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    stages: Sequence[str] = (),
    as_of: Day,
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    observed_from: Day | None = None,
    as_categories: bool = False,
    deals: pd.DataFrame | None = None,
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
    observed_from, as_categories
        As for :func:`deals`.
    deals : DataFrame, one row per deal, optional
        As from :func:`deals` of the same tables and settings, with the columns of ``by``: where it
        has been made anyway, it is not made again here. Its ``cohort`` is carried along.

    Returns
    -------
    DataFrame
        Sorted by deal and ``position``:

        - ``opportunity_id, stage, position`` (0 for the first stage),
        - ``reached_at`` (first time at this stage or beyond), ``skipped`` (never entered),
        - ``result``: ``advanced`` (reached the next), the exit (``lost``, ``cancelled``) or
          ``open``; ``won`` in the rows of the stage ``won``; missing where the outcome is,
        - ``result_days``: from ``reached_at`` to that result, or to ``as_of`` while open; missing
          where the date of closing is,
        - ``visits``, ``stage_days`` (all visits together, up to ``as_of``), ``left`` (False: still
          there at ``as_of``, so ``stage_days`` is censored), ``moved_back`` (went from here to an
          earlier stage at least once); missing for skipped stages and ``won``,
        - ``outcome, amount`` of the deal, then ``cohort`` where the deals have one, and ``by``.

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
    cohort = ["cohort"] if deals is not None and "cohort" in deals else []
    refuse_weight(by)
    twice = [name for name in by if name in COLUMNS]
    if twice:
        raise SalesAnalysisError(
            f"`by` names {', '.join(twice)}, which the stage entries have anyway. Leave it out."
        )
    carried = ["opportunity_id", "outcome", "amount", *cohort, *by]
    needed = list(dict.fromkeys([*carried, "created_at", "closed_at"]))
    if deals is None:
        watched = {"as_of": as_of, "stages": stages, "exits": exits, "by": by}
        deals = deals_as_known(opportunities, stage_history, **watched, as_categories=True)
    errors.require_columns(deals.columns, needed, "`deals`")
    deals = with_categories(deals[needed])
    if stage_history is None:
        stages, blocks = [CREATED], Walks.of_deals(deals).blocks()
    else:
        rows = _rows(stage_history, stages, cutoff)
        if not len(rows):
            raise SalesAnalysisError(
                f"No row of the stage history up to {cutoff:%Y-%m-%d} (`as_of`) is at one of the"
                f" `stages` {', '.join(stages)}. Stages found: {found_stages(stage_history)}."
            )
        blocks = Walks.of_history(rows, deals).blocks()
    settings = {"stages": [*stages, WON], "carried": carried, "cutoff": cutoff}
    frame = unfold(blocks, deals, **settings, observed_from=observed_from)[[*COLUMNS, *cohort, *by]]
    return frame if as_categories else without_categories(frame)


def unlisted_stages(
    stage_history: AnyTable,
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


def _rows(stage_history, stages, cutoff):
    """The rows of the history that count, in the order in which each deal walked through them."""
    history = as_ibis(stage_history)
    position = ibis.cases(*((history.stage == name, at) for at, name in enumerate(stages)))
    rows = history.select("opportunity_id", "entered_at", position=position.cast("int16"))
    rows = rows.filter(rows.position.notnull() & (rows.entered_at <= moment(cutoff)))
    # Equal times are taken in the order of the stages.
    return rows.order_by(["opportunity_id", "entered_at", "position"]).to_pyarrow()
