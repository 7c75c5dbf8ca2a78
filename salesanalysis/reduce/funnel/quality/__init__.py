"""Data quality before anything (sales-system source, §7): named checks of deals and history.

:func:`checks` says of each check how many deals it finds and what they are worth, and
:func:`check_rows` which. The words of a check are ``funnel.value.check.<name>`` and
``funnel.value.why.<name>``.
"""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.errors import require_choice
from salesanalysis.reduce.check_table import check_row, check_table
from salesanalysis.reduce.expressions import to_pandas
from salesanalysis.reduce.funnel.quality.deal_facts import DealFacts, gather
from salesanalysis.reduce.funnel.quality.patterns import NAMES, Pattern, learn
from salesanalysis.reduce.funnel.quality.rules import deal_rules

__all__ = ["COLUMNS", "check_rows", "checks"]

#: The columns of the table of checks.
COLUMNS = ("check", "severity", "finding", "n", "deals", "share", "amount", "blocks", "suggestion")

#: What :func:`check_rows` shows of a deal.
_SHOWN = (
    "opportunity_id account_id owner_id product stage outcome amount currency created_at"
    " closed_at expected_close_at probability first_entry_at last_entry_at entries"
).split()


def checks(
    opportunities=None,
    stage_history=None,
    *,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    as_of,
    unmatched: pd.DataFrame | None = None,
    untouched_days: float = 90,
    off_days: float = 30,
    concentrated: float = 0.2,
) -> pd.DataFrame:
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
    unmatched : DataFrame, optional
        Keys that do not match, as from :func:`salesanalysis.sources.unmatched_keys` of the deals
        (left) and a look-up table.
    untouched_days : float
        An open deal whose stage has not changed for longer is ``untouched``.
    off_days : float
        ``expected_close_off`` where at least half of the closed deals closed more than so many days
        before or after the expected date.
    concentrated : float
        Share of the open value from which on a single deal is a ``largest_deal``.

    Returns
    -------
    DataFrame
        One row per check, worst first:

        - ``check, severity`` (``high``: figures are wrong until it is mended; ``medium``: they are
          biased or some deals cannot be used; ``low``: worth knowing),
        - ``finding``: ``found``, ``clear``, or ``unknown`` where the input lacks the columns or has
          too few deals to tell,
        - ``n`` (the deals it is about: all, the open, the closed …), ``deals`` (found among them;
          ``only_last_stage`` and ``expected_close_off`` are ``clear`` as long as they are few),
          ``share``, ``amount`` (sum of the known amounts of the deals found),
        - ``blocks``: found, and the figures that rest on it must not be quoted before it is mended
          or the ``suggestion`` followed,
        - ``suggestion``: an argument to give, or the values, columns or dates that it found.

        Shares are of all the deals there are, not of a sample: there is no interval.

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
    >>> table = checks(deals, as_of="2025-01-31")
    >>> table.loc[table["finding"] == "found", ["check", "n", "deals", "share", "blocks"]]
                        check  n  deals  share  blocks
    1         only_last_stage  2      2    1.0    True
    10  closed_before_created  1      1    1.0   False
    17         amount_missing  2      1    0.5   False
    18     won_without_amount  1      1    1.0   False
    """
    facts = gather(opportunities, stage_history, stages=stages, exits=exits, as_of=as_of)
    every = _all_checks(facts, unmatched, untouched_days, off_days, concentrated)
    rows = facts.rows
    counted = {}
    # A sum is faster than a count with a condition; PostgreSQL makes no wider number of a flag.
    for at, pattern in enumerate(every):
        base = pattern.rule.base(rows).fill_null(False)
        hit = base & pattern.rule.hit(rows).fill_null(False)
        counted[f"n_{at}"] = base.cast("int32").sum()
        counted[f"deals_{at}"] = hit.cast("int32").sum()
        counted[f"amount_{at}"] = rows.amount.sum(where=hit)
    numbers = to_pandas(rows.agg(**counted)).iloc[0]
    results = [
        _result(facts, pattern, *(numbers[f"{name}_{at}"] for name in ("n", "deals", "amount")))
        for at, pattern in enumerate(every)
    ]
    return check_table(results, columns=COLUMNS)


def check_rows(
    opportunities=None,
    stage_history=None,
    *,
    check: str,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    as_of,
    unmatched: pd.DataFrame | None = None,
    untouched_days: float = 90,
    off_days: float = 30,
    concentrated: float = 0.2,
    most: int = 1_000,
) -> pd.DataFrame:
    """The deals that one check finds.

    Parameters
    ----------
    check : str
        The name of a check, as in :func:`checks`; the other arguments are as there.
    most : int
        At most so many rows.

    Returns
    -------
    DataFrame
        One row per deal, the largest amount first, then by ``opportunity_id``: ``opportunity_id,
        account_id, owner_id, product, stage, outcome, amount, currency, created_at, closed_at,
        expected_close_at, probability`` as the deal list has them (missing where it does not), and
        ``first_entry_at, last_entry_at, entries`` of the history up to ``as_of``.

    Raises
    ------
    SalesAnalysisError
        As for :func:`checks`; or no check has that name.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "outcome": ["won", "lost"],
    ...                       "closed_at": pd.to_datetime(["2025-01-05", None])})
    >>> rows = check_rows(deals, check="closed_without_date", as_of="2025-01-31")
    >>> rows["opportunity_id"].tolist()
    ['b']
    """
    facts = gather(opportunities, stage_history, stages=stages, exits=exits, as_of=as_of)
    single = deal_rules(facts, untouched_days=untouched_days, off_days=off_days)
    names = [*(rule.name for rule in single), *NAMES]
    require_choice("check", check, names)
    every = [Pattern(rule, told=True) for rule in single]
    if check in NAMES:  # learning takes queries of its own
        every = learn(facts, concentrated=concentrated, unmatched=unmatched)
    pattern = next(pattern for pattern in every if pattern.rule.name == check)
    rule = pattern.rule
    rows = facts.rows
    if not _can_tell(facts, pattern):
        rows = rows.filter(ibis.literal(False))
    rows = rows.filter(rule.base(rows).fill_null(False) & rule.hit(rows).fill_null(False))
    rows = rows.select(*_SHOWN, known=rows.amount.fill_null(0.0))
    rows = rows.order_by([ibis.desc("known"), "opportunity_id"]).limit(most)
    return to_pandas(rows.drop("known"))


def _all_checks(facts, unmatched, untouched_days, off_days, concentrated) -> list[Pattern]:
    """Every check; those of single deals before the patterns."""
    single = deal_rules(facts, untouched_days=untouched_days, off_days=off_days)
    every = [Pattern(rule, told=True) for rule in single]
    return every + learn(facts, concentrated=concentrated, unmatched=unmatched)


def _can_tell(facts: DealFacts, pattern: Pattern) -> bool:
    return pattern.told and set(pattern.rule.needs) <= facts.has


def _result(facts: DealFacts, pattern: Pattern, n, deals, amount) -> dict:
    """One row of the table."""
    rule = pattern.rule
    return check_row(rule.name, rule.severity, n, deals, counted="deals",
                     told=_can_tell(facts, pattern), least_share=rule.least_share, amount=amount,
                     blocks=rule.blocks, suggestion=pattern.suggestion)  # fmt: skip
