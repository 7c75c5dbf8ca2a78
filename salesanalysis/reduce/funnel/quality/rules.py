"""The checks that look at one deal at a time, each defined once as Ibis expressions."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis

from salesanalysis.columns import OPEN, OUTCOMES, WON
from salesanalysis.reduce.expressions import day, days_between, moment
from salesanalysis.reduce.funnel.quality.deal_facts import DealFacts


@dataclass(frozen=True)
class Rule:
    """A check: which deals it is about (``base``) and which of them it finds (``hit``).

    It cannot be told where the input lacks one of ``needs``. It counts as found from a share of
    ``least_share`` on. ``blocks``: what it finds makes the figures of the report wrong.
    """

    name: str
    severity: str
    base: Callable
    hit: Callable
    needs: tuple[str, ...] = ()
    blocks: bool = False
    least_share: float = 0.0


def deal_rules(facts: DealFacts, *, untouched_days: float, off_days: float) -> list[Rule]:
    """All checks of single deals."""
    cutoff = moment(facts.cutoff)

    def no_amount(t):
        return t.amount.isnull() | (t.amount == 0)

    return [
        Rule(
            "unknown_outcome",
            "high",
            base=lambda t: t.counts,
            hit=lambda t: t.outcome.isnull() | t.outcome.notin(OUTCOMES),
            blocks=True,
        ),
        Rule(
            "only_last_stage",
            "high",
            base=lambda t: t.counts,
            # One row per deal at most is a list of last stages under another name.
            hit=lambda t: t.entries <= 1,
            least_share=1.0,
            blocks=True,
        ),
        Rule(
            "history_without_deal",
            "high",
            base=lambda t: t.counts | ~t.listed,
            hit=lambda t: ~t.listed,
            needs=("history",),
        ),
        Rule(
            "without_history",
            "medium",
            base=lambda t: t.counts,
            hit=lambda t: t.entries == 0,
            needs=("history",),
        ),
        Rule(
            "dated_after_as_of",
            "medium",
            base=lambda t: t.listed,
            hit=lambda t: (
                (t.created_at > cutoff).fill_null(False)
                | ((t.closed_at > cutoff) & (t.outcome != OPEN)).fill_null(False)
                | (t.latest_at > cutoff).fill_null(False)
            ),
        ),
        Rule(
            "closed_without_date",
            "medium",
            base=lambda t: t.is_closed,
            hit=lambda t: t.closed_at.isnull(),
        ),
        Rule(
            "closed_before_created",
            "medium",
            base=lambda t: t.is_closed,
            hit=lambda t: day(t.closed_at) < day(t.created_at),
            needs=("created_at", "closed_at"),
        ),
        Rule(
            "created_missing",
            "medium",
            base=lambda t: t.counts,
            hit=lambda t: t.created_at.isnull(),
        ),
        Rule(
            "open_with_close_date",
            "medium",
            base=lambda t: t.is_open,
            hit=lambda t: (t.outcome == OPEN) & t.closed_at.notnull(),
            needs=("closed_at",),
        ),
        Rule(
            "open_after_exit",
            "medium",
            base=lambda t: t.is_open,
            hit=lambda t: t.ends_in_exit & (t.outcome == OPEN),
            needs=("history", "exits"),
        ),
        Rule(
            "entries_after_closing",
            "medium",
            base=lambda t: t.is_closed & (t.entries > 0),
            hit=lambda t: day(t.last_entry_at) > day(t.closed_at),
            needs=("history", "closed_at"),
        ),
        Rule(
            "entries_before_creation",
            "medium",
            base=lambda t: t.counts & (t.entries > 0),
            hit=lambda t: day(t.first_entry_at) < day(t.created_at),
            needs=("history", "created_at"),
        ),
        Rule(
            "unlisted_stages",
            "medium",
            base=lambda t: t.counts & (t.entries > 0),
            hit=lambda t: t.unlisted > 0,
            needs=("history", "stages"),
        ),
        Rule(
            "amount_missing",
            "medium",
            base=lambda t: t.counts,
            hit=no_amount,
            needs=("amount",),
        ),
        Rule(
            "won_without_amount",
            "medium",
            base=lambda t: t.is_closed & (t.outcome == WON),
            hit=no_amount,
            needs=("amount",),
        ),
        Rule(
            "expected_close_past",
            "medium",
            base=lambda t: t.is_open & t.expected_close_at.notnull(),
            hit=lambda t: day(t.expected_close_at) < day(cutoff),
            needs=("expected_close_at",),
        ),
        Rule(
            "expected_close_off",
            "medium",
            base=lambda t: t.is_closed & t.closed_at.notnull() & t.expected_close_at.notnull(),
            hit=lambda t: (
                ibis.coalesce(
                    days_between(t.expected_close_at, t.closed_at),
                    days_between(t.closed_at, t.expected_close_at),
                )
                > off_days
            ),
            needs=("expected_close_at", "closed_at"),
            least_share=0.5,
        ),
        Rule(
            "untouched",
            "medium",
            base=lambda t: t.is_open & (t.entries > 0),
            hit=lambda t: days_between(t.last_entry_at, cutoff) > untouched_days,
            needs=("history",),
        ),
        Rule(
            "moved_back",
            "low",
            base=lambda t: t.counts & (t.entries > 0),
            hit=lambda t: t.back,
            needs=("history", "stages"),
        ),
        Rule(
            "reopened",
            "low",
            base=lambda t: t.counts & (t.entries > 0),
            # What is entered after the list's closing day is an error, not a reopening.
            hit=lambda t: t.reopened & (day(t.last_stage_at) <= day(t.closed_at)).fill_null(True),
            needs=("history", "exits"),
        ),
    ]
