"""Deal lists and stage histories → what the pipeline forecast takes."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.known import KnownPipeline
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce.currencies import require_one_currency
from salesanalysis.reduce.expressions import AnyTable, as_ibis, moment, require_columns, to_pandas
from salesanalysis.reduce.funnel.deal_list import check_exits, deals, with_outcomes

#: Columns of the deal list that the forecast uses where they are there.
_CARRIED = ("list_price", "must_win", "owner_call", "expected_close_at")


def pipeline(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    as_of: Day,
    by: Sequence[str] | str = (),
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    calendar: Calendar = PLAIN,
) -> KnownPipeline:
    """The deals and their way through the stages, as they were known at the end of ``as_of``.

    Open is what was created by then and had not closed by then: not what has no closing date in
    today's list, and not what today's list calls open. The stage is taken from the history, never
    from the deal list, whose stage is that of the day of the export.

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome, created_at, closed_at, amount``. An amount in the deal list has
        no date: that of a deal which closed after ``as_of`` counts only where the list's open deals
        have amounts too, so that these are known before the end; amounts in the history, which have
        a date, and ``list_price`` come first. (Give the list price by
        :func:`salesanalysis.reduce.with_lookups`.)
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``, ``amount`` if it is known from then on. Without a
        deal list it says all, by ``exits``.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    by : str or list of str
        Columns of the deal list to carry along, for roll-ups.
    stages : list of str
        Stages that count; all of the history but the exits where not given.
    exits : dict of outcome to stage names, optional
        Which stages of the history mean ``won``, ``lost``, ``cancelled``.
    calendar : salesanalysis.periods.Calendar
        The company's: what is forecast from the result goes by it.

    Returns
    -------
    KnownPipeline

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> opportunities = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": [5.0, 7.0],
    ...     "created_at": pd.to_datetime(["2025-01-01", "2025-01-02"]),
    ...     "closed_at": pd.to_datetime(["2025-02-01", None])})
    >>> frames = pipeline(opportunities, as_of="2025-01-11")
    >>> frames.deals[["opportunity_id", "outcome", "closed_at", "amount"]]
      opportunity_id outcome closed_at  amount
    0              a    open       NaT     5.0
    1              b    open       NaT     7.0
    """
    cutoff = calendar.end_of(as_of)
    exits = check_exits(exits)
    by = as_list(by)
    if opportunities is not None:
        opportunities = as_ibis(opportunities)
        if stage_history is not None:
            opportunities = with_outcomes(opportunities, as_ibis(stage_history), exits)
        require_columns(opportunities, ["opportunity_id", "outcome", *by], "opportunities")
        require_one_currency(opportunities, "opportunities")
        opportunities = _undated_amounts(opportunities, cutoff)
        by = list(dict.fromkeys([*by, *(c for c in _CARRIED if c in opportunities.columns)]))
    steps = {"stages": stages, "exits": exits}
    known = deals(opportunities, stage_history, as_of=cutoff, **steps, by=by)
    entries = _entries(stage_history, cutoff, stages, exits)
    if len(entries):
        # A deal was there at the latest when it entered its first stage.
        first = entries.groupby("opportunity_id")["entered_at"].min()
        began = known["opportunity_id"].map(first).astype(known["created_at"].dtype)
        known["created_at"] = known["created_at"].fillna(began)
    columns = ["opportunity_id", "outcome", "created_at", "closed_at", "amount", "age_days", *by]
    return KnownPipeline(
        deals=known[list(dict.fromkeys(columns))],
        stage_entries=entries,
        as_of=cutoff,
        calendar=calendar,
    )


def _undated_amounts(opportunities, cutoff):
    """The deal list without the amounts that were filled in when a deal closed after ``cutoff``.

    Where the deals that are open in the list have no amounts, the amount of a closed deal came with
    its closing.
    """
    if not {"amount", "closed_at"} <= set(opportunities.columns):
        return opportunities
    filled = (opportunities.amount > 0).fill_null(False)
    shares = opportunities.agg(
        of_open=filled.mean(where=opportunities.outcome == "open"),
        of_won=filled.mean(where=opportunities.outcome == "won"),
    )
    of_open, of_won = to_pandas(shares).iloc[0]
    if pd.isna(of_open) or pd.isna(of_won) or of_open >= 0.5 * of_won:
        return opportunities
    later = opportunities.closed_at.cast("timestamp") > moment(cutoff)
    return opportunities.mutate(
        amount=ibis.ifelse(
            later.fill_null(False),
            ibis.null("float64"),
            opportunities.amount.cast("float64"),
        )
    )


def _entries(stage_history, cutoff, stages, exits) -> pd.DataFrame:
    """The stages entered up to ``cutoff``, exits apart."""
    columns = ["opportunity_id", "stage", "entered_at", "amount"]
    if stage_history is None:
        return pd.DataFrame({name: [] for name in columns})
    history = as_ibis(stage_history)
    require_columns(history, columns[:3], "stage_history")
    if "amount" not in history.columns:
        history = history.mutate(amount=ibis.null("float64"))
    history = history.select(*columns).filter(history.entered_at <= moment(cutoff))
    ends = [name for names in exits.values() for name in names]
    if stages:
        history = history.filter(history.stage.isin(list(stages)))
    elif ends:
        history = history.filter(history.stage.notin(ends))
    return to_pandas(history.order_by(["entered_at", "opportunity_id", "stage"]))
