"""The checks that look at one deal at a time."""

from functools import partial

import ibis
import pandas as pd

from salesanalysis.columns import OPEN, OUTCOMES, WON
from salesanalysis.reduce.checks import Check, after, flag, missing
from salesanalysis.reduce.expressions import day, days_apart, days_between, moment
from salesanalysis.reduce.funnel.hindsight import absent

#: A check of deals.
of_deals = partial(Check, of="deals")

counts, is_open, is_closed = flag("counts"), flag("is_open"), flag("is_closed")


def entered(t):
    """The deals with a history."""
    return t.counts & (t.entries > 0)


def closed_days(*columns: str):
    """The closed deals that have these dates."""
    return lambda t: ibis.and_(t.is_closed, *(t[column].notnull() for column in columns))


def deal_rules(cutoff: pd.Timestamp, *, untouched_days: float, off_days: float) -> list[Check]:
    """All checks of single deals."""
    end = moment(cutoff)

    def dated_later(t):
        later = ((t.closed_at > end) & (t.outcome != OPEN)).fill_null(False)
        return (t.created_at > end).fill_null(False) | later | (t.latest_at > end).fill_null(False)

    def goes_on(t):
        # What is entered after the list's closing day is an error, not a reopening.
        return t.reopened & (day(t.last_stage_at) <= day(t.closed_at)).fill_null(True)

    # fmt: off
    return [
        of_deals("unknown_outcome", "high", base=counts, blocks=True,
                 hit=lambda t: t.outcome.isnull() | t.outcome.notin(OUTCOMES)),
        # One row per deal at most is a list of last stages under another name. Where no history is
        # given nothing is computed from it, and a caveat says so: there is nothing to mend.
        of_deals("only_last_stage", "high", base=counts, hit=lambda t: t.entries <= 1,
                 needs=("history",), least_share=1.0, blocks=True),
        of_deals("history_without_deal", "high", base=lambda t: t.counts | ~t.listed,
                 hit=lambda t: ~t.listed, needs=("history",)),
        of_deals("without_history", "medium", base=counts, hit=lambda t: t.entries == 0,
                 needs=("history",)),
        of_deals("dated_after_as_of", "medium", base=flag("listed"), hit=dated_later),
        of_deals("closed_without_date", "medium", base=is_closed, hit=missing("closed_at")),
        of_deals("closed_before_created", "medium", base=is_closed,
                 hit=after("created_at", "closed_at"), needs=("created_at", "closed_at")),
        of_deals("created_missing", "medium", base=counts, hit=missing("created_at")),
        of_deals("open_with_close_date", "medium", base=is_open, needs=("closed_at",),
                 hit=lambda t: (t.outcome == OPEN) & t.closed_at.notnull()),
        of_deals("open_after_exit", "medium", base=counts, needs=("history", "exits"),
                 hit=lambda t: t.ends_in_exit & (t.outcome == OPEN)),
        of_deals("entries_after_closing", "medium",
                 base=lambda t: t.is_closed & (t.entries > 0),
                 hit=after("last_entry_at", "closed_at"), needs=("history", "closed_at")),
        of_deals("entries_before_creation", "medium", base=entered,
                 hit=after("created_at", "first_entry_at"), needs=("history", "created_at")),
        of_deals("unlisted_stages", "medium", base=entered, hit=lambda t: t.unlisted > 0,
                 needs=("history", "stages")),
        of_deals("amount_missing", "medium", base=counts, hit=lambda t: absent(t, "amount"),
                 needs=("amount",)),
        of_deals("won_without_amount", "medium", base=lambda t: t.is_closed & (t.outcome == WON),
                 hit=lambda t: absent(t, "amount"), needs=("amount",)),
        of_deals("expected_close_past", "medium", needs=("expected_close_at",),
                 base=lambda t: t.is_open & t.expected_close_at.notnull(),
                 hit=after(cutoff, "expected_close_at")),
        of_deals("expected_close_off", "medium", least_share=0.5,
                 hit=lambda t: days_apart(t.expected_close_at, t.closed_at) > off_days,
                 base=closed_days("closed_at", "expected_close_at"),
                 needs=("expected_close_at", "closed_at")),
        of_deals("untouched", "medium", base=lambda t: t.is_open & (t.entries > 0),
                 hit=lambda t: days_between(t.last_entry_at, end) > untouched_days,
                 needs=("history",)),
        of_deals("moved_back", "low", base=entered, hit=flag("back"), needs=("history", "stages")),
        of_deals("reopened", "low", base=entered, hit=goes_on, needs=("history", "exits")),
    ]
    # fmt: on
