"""The tables of a funnel → what was known of it on a day."""

from collections.abc import Mapping, Sequence

import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import PLAIN, Calendar, Day, start_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.expressions import Tables, as_ibis, moment, require_columns, to_pandas
from salesanalysis.reduce.funnel.contact_counts import contacts
from salesanalysis.reduce.funnel.deal_list import check_exits, deals
from salesanalysis.reduce.funnel.stages import stage_entries


def known(
    tables: Tables,
    *,
    as_of: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    by: Sequence[str] | str = (),
    labels: Sequence[str] | str = (),
    cohort: str | None = None,
    observed_from: Day | None = None,
    as_categories: bool = False,
    calendar: Calendar = PLAIN,
) -> KnownFunnel:
    """All that the funnel takes, as it was known at the end of ``as_of``.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``opportunities, stage_history`` or both; ``activities`` and ``milestone_evidence`` where
        there are. Others are not used.
    as_of : str, date or timestamp
        The day up to whose end the data count. Said here and nowhere else.
    labels : str or list of str
        Columns that the deals alone carry, such as the names of accounts and sellers.
    stages, exits, by, cohort, observed_from, as_categories, calendar
        As for :func:`deals` and :func:`stage_entries`; both carry the columns of ``by``.

    Returns
    -------
    KnownFunnel
        With its ``deals, entries, as_of, stages, exits`` and more. Where there was no deal yet its
        frames are empty.

    Raises
    ------
    SalesAnalysisError
        As :func:`deals` and :func:`stage_entries`.

    Examples
    --------
    >>> history = pd.DataFrame({
    ...     "opportunity_id": ["a", "a", "a", "b"], "stage": ["lead", "offer", "signed", "lead"],
    ...     "entered_at": pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-09", "2025-01-03"])})
    >>> settings = {"stages": ["lead", "offer"], "exits": {"won": "signed"}}
    >>> then = known({"stage_history": history}, as_of="2025-01-07", **settings)
    >>> then.deals["outcome"].tolist(), len(then.entries)
    (['open', 'open'], 3)
    >>> known({"stage_history": history}, as_of="2025-01-31", **settings).deals["outcome"].tolist()
    ['won', 'open']
    """
    listed, history = (tables.get(name) for name in ("opportunities", "stage_history"))
    calls, points = (tables.get(name) for name in ("activities", "milestone_evidence"))
    exits, by = check_exits(exits), as_list(by)
    told = {"as_of": as_of, "stages": stages, "exits": exits}
    told |= {"observed_from": observed_from, "as_categories": as_categories}
    named = {"by": [*by, *as_list(labels)], "cohort": cohort, "calendar": calendar}
    all_deals = deals(listed, history, **told, **named)
    # Of no deal at all a history need not have rows.
    walked = history if len(all_deals) else None
    return KnownFunnel(
        as_of=as_of,
        calendar=calendar,
        deals=all_deals,
        entries=stage_entries(listed, walked, **told, by=by, deals=all_deals),
        stages=tuple(as_list(stages)),
        exits=exits,
        observed_from=None if observed_from is None else start_of(observed_from),
        history=history is not None,
        contacts=None if calls is None else contacts(calls, as_of=as_of),
        evidence=None if points is None else _evidence(points, calendar.end_of(as_of)),
    )


def _evidence(milestone_evidence, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The points checked by then; those whose date nobody noted count as the first."""
    required = ["opportunity_id", "milestone", "item", "fulfilled"]
    require_columns(as_ibis(milestone_evidence), required, "milestone_evidence")
    points = {"milestone_evidence": milestone_evidence}
    table = as_ibis(with_all_columns(points, *points)["milestone_evidence"])
    return to_pandas(table.filter(table.checked_at.isnull() | (table.checked_at <= moment(cutoff))))
