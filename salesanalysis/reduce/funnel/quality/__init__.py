"""Data quality before anything (sales-system source, §7): named checks of deals and history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from salesanalysis.periods import PLAIN, Calendar, Day, start_of
from salesanalysis.reduce.checks import Checks, Subject
from salesanalysis.reduce.expressions import AnyTable
from salesanalysis.reduce.funnel.quality.deal_facts import gather
from salesanalysis.reduce.funnel.quality.patterns import learn
from salesanalysis.reduce.funnel.quality.rules import deal_rules

__all__ = ["checks"]

#: What is shown of a deal that a check finds; what the input lacks is missing.
_SHOWN = (
    "opportunity_id account_id owner_id product stage outcome amount currency created_at"
    " closed_at expected_close_at probability first_entry_at last_entry_at entries"
).split()


@dataclass(frozen=True)
class CheckLimits:
    """From where on the checks of deals remark upon something.

    Parameters
    ----------
    untouched_days : float
        An open deal whose stage has not changed for longer is ``untouched``.
    off_days : float
        ``expected_close_off`` where at least half of the closed deals closed more than so many days
        before or after the expected date.
    concentrated : float
        Share of the open value from which on a single deal is a ``largest_deal``; of its variance
        too, for a forecast.

    Examples
    --------
    >>> CheckLimits(untouched_days=30).off_days
    30
    """

    untouched_days: float = 90
    off_days: float = 30
    concentrated: float = 0.2


def checks(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    as_of: Day,
    observed_from: Day | None = None,
    unmatched: pd.DataFrame | None = None,
    limits: CheckLimits = CheckLimits(),
    calendar: Calendar = PLAIN,
) -> Checks:
    """What is wrong with the data, or would mislead an analysis of them, check by check.

    Every check is listed, also those that find nothing and those that these data cannot tell. What
    is dated after ``as_of`` is not used (and counted by ``dated_after_as_of``).

    Parameters
    ----------
    opportunities : Ibis table or DataFrame, one row per deal, optional
        ``opportunity_id, outcome`` and whatever else of the table ``opportunities`` there is.
    stage_history : Ibis table or DataFrame, one row per deal × stage entered, optional
        ``opportunity_id, stage, entered_at``.
    stages, exits, as_of
        As for :func:`salesanalysis.reduce.funnel.stage_entries`.
    observed_from : str, date or timestamp, optional
        As for :func:`salesanalysis.reduce.funnel.deals`: that closings were not recorded before is
        then known, and no fault.
    unmatched : DataFrame, optional
        Keys that do not match, as from :func:`salesanalysis.sources.unmatched_keys` of the deals
        (left) and a look-up table.
    limits : CheckLimits
        From where on something is remarked upon.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check, ``rows_of(name)`` gives the deals that one finds.
        ``only_last_stage`` and ``expected_close_off`` are ``clear`` as long as they are few.

    Raises
    ------
    SalesAnalysisError
        Neither table given, or a required column is not there.

    References
    ----------
    ``left_truncation``: closings that deals of that age should have had by then, from the
    Nelson–Aalen estimate with delayed entry (Andersen, P. K. and others (1993), Statistical Models
    Based on Counting Processes, ch. III and IV), against those recorded.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["a", "b"], "outcome": ["won", "open"], "amount": [None, 5.0],
    ...     "created_at": pd.to_datetime(["2025-01-09", "2025-01-02"]),
    ...     "closed_at": pd.to_datetime(["2025-01-05", None])})
    >>> found = checks(deals, as_of="2025-01-31")
    >>> table = found.table
    >>> table.loc[table["finding"] == "found", ["check", "n", "rows", "share", "blocks"]]
                        check  n  rows  share  blocks
    10  closed_before_created  1     1    1.0   False
    17         amount_missing  2     1    0.5   False
    18     won_without_amount  1     1    1.0   False
    >>> found.rows_of("amount_missing")["opportunity_id"].tolist()
    ['a']
    """
    day = calendar.end_of(as_of)
    facts = gather(opportunities, stage_history, stages=stages, exits=exits, as_of=day)
    every = deal_rules(facts.cutoff, untouched_days=limits.untouched_days, off_days=limits.off_days)
    since = None if observed_from is None else start_of(observed_from)
    asked = {"unmatched": unmatched, "calendar": calendar, "observed_from": since}
    every += learn(facts, concentrated=limits.concentrated, **asked)
    return Checks(every, {"deals": Subject(facts.rows, "amount", _SHOWN, facts.has)})
