"""Data quality before a forecast: the checks of the funnel, and what only a forecast needs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import ibis
import pandas as pd

from salesanalysis.columns import KINDS, OPEN, PIPELINE, WON, table
from salesanalysis.periods import PLAIN, Calendar, Day
from salesanalysis.reduce import funnel
from salesanalysis.reduce.checks import (
    Check,
    Checks,
    Subject,
    after,
    every_row,
    flag,
    missing,
    negative,
    no_row,
    one_currency,
    values,
)
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    day,
    days_apart,
    days_between,
    moment,
    to_pandas,
)
from salesanalysis.reduce.forecast.booked import with_streams
from salesanalysis.reduce.forecast.closed_amounts import RENEWAL, renewed_for
from salesanalysis.reduce.funnel import CheckLimits
from salesanalysis.reduce.funnel.deal_list import deal_table
from salesanalysis.stats import fallen_silent

#: So many bookings of a stream should have come since its last one before it counts as stopped.
MISSED_BOOKINGS = 8.0
#: A booking of the same customer and amount so few days from a won deal is the same money.
SAME_DAYS = 7
#: What else must be the same; and the day.
_SAME = ["account_id", "amount", "booked_at"]


def checks(
    opportunities: AnyTable | None = None,
    stage_history: AnyTable | None = None,
    *,
    bookings: AnyTable | None = None,
    contracts: AnyTable | None = None,
    as_of: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    unmatched: pd.DataFrame | None = None,
    limits: CheckLimits = CheckLimits(),
    calendar: Calendar = PLAIN,
) -> Checks:
    """What is wrong with the data, or would mislead a forecast made from them, check by check.

    All checks of :func:`salesanalysis.reduce.funnel.checks`, where there are deals, and:

    - ``as_of_after_last_event``: nothing at all happened for long before ``as_of``, so that open
      deals only seem old and quiet,
    - ``largest_variance``: one open deal makes a large part of the uncertainty (of the sum of the
      squared amounts),
    - ``bookings_currency_mix``, ``bookings_without_amount``, ``bookings_without_date``,
      ``bookings_after_as_of`` (not used), ``bookings_negative``, ``bookings_of_pipeline`` (left
      out: they are forecast from the deals), ``bookings_of_won_deals`` (same customer and amount
      as a deal won in the same days: counted twice), ``stream_stopped`` (a stream's bookings
      ended),
    - ``contracts_incomplete``: no end or no amount; ``renewed_at_old_amount`` (renewed, not among
      the bookings, and for how much is not known).

    Parameters
    ----------
    opportunities, stage_history, stages, exits, unmatched, limits
        As for :func:`salesanalysis.reduce.funnel.checks`; both tables may be missing.
    bookings : Ibis table or DataFrame, one row per booking, optional
        ``booked_at, stream, amount``; ``currency, account_id`` as far as known.
    contracts : Ibis table or DataFrame, one row per contract, optional
        ``contract_id, ends_at, amount``.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    Checks
        Its ``table`` has a row for each check of deals, open deals, bookings, streams or contracts,
        ``rows_of(name)`` gives those that one finds.

    Examples
    --------
    >>> booked = pd.DataFrame({
    ...     "booked_at": pd.to_datetime(["2025-09-03", "2025-10-05"]), "stream": "channel",
    ...     "amount": [10.0, None], "currency": ["EUR", "USD"]})
    >>> table = checks(bookings=booked, as_of="2025-11-15").table.set_index("check")
    >>> table.loc[table["finding"] == "found", ["of", "n", "rows", "blocks"]]
                                  of  n  rows  blocks
    check
    bookings_currency_mix   bookings  2     1    True
    bookings_without_amount  bookings  2     1   False
    """
    cutoff = calendar.end_of(as_of)
    every, subjects = [], {}
    if opportunities is not None or stage_history is not None:
        steps = {"stages": stages, "exits": exits}
        given = steps | {"as_of": as_of, "unmatched": unmatched, "limits": limits}
        given |= {"calendar": calendar}
        of_deals = funnel.checks(opportunities, stage_history, **given)
        deals = deal_table(opportunities, stage_history, cutoff, exits, [], stages=stages)
        still_open = deals.filter(deals.outcome == OPEN)
        every += [*of_deals.every, _largest_variance(still_open, limits.concentrated)]
        every += [_silence(deals, stage_history, cutoff)]
        subjects |= {**of_deals.subjects, "open_deals": Subject(still_open, "amount")}
    if bookings is not None:
        booked = _with_won_deals(_complete(bookings, "bookings"), opportunities)
        every += _of_bookings(booked, cutoff, twice=opportunities is not None)
        shown = table("bookings").names
        subjects["bookings"] = Subject(booked, "amount", shown, as_ibis(bookings).columns)
        subjects["streams"] = Subject(_streams(booked, cutoff), "amount")
    if contracts is not None:
        hit = missing("ends_at", "amount")
        every.append(Check("contracts_incomplete", "medium", "contracts", hit=hit))
        every.append(_at_old_amount(bookings))
        known = renewed_for(_complete(contracts, "contracts"))
        subjects["contracts"] = Subject(known, "amount")
    return Checks(every, subjects)


def _complete(given, name: str):
    """A table with all columns of the vocabulary, null where the input has none."""
    given = as_ibis(given)
    return given.select(
        **{
            column.name: given[column.name].cast(KINDS[column.kind])
            if column.name in given.columns
            else ibis.null(KINDS[column.kind])
            for column in table(name).columns
        }
    )


def _at_old_amount(bookings) -> Check:
    """Contracts that count as renewed for what they brought before."""
    check = Check(
        "renewed_at_old_amount", "low", "contracts", base=lambda t: t.renewed_at.notnull()
    )
    if bookings is not None:
        streams = with_streams(bookings).select("stream").distinct()
        if RENEWAL in to_pandas(streams)["stream"].tolist():
            return replace(check, hit=no_row)  # the bookings have the money
    return replace(check, hit=lambda t: t.renewed_at.notnull() & t.renewed_amount.isnull())


def _largest_variance(deals, concentrated: float) -> Check:
    """One open deal that decides how wide the forecast is."""
    check = Check("largest_variance", "medium", "open_deals", base=lambda t: t.amount > 0)
    known = deals.filter(deals.amount > 0).amount.cast("float64").name("amount").as_table()
    amount = known.amount
    sums = known.agg(n=amount.count(), most=amount.max(), squares=(amount * amount).sum())
    n, most, squares = to_pandas(sums).iloc[0]
    if n < 2 / concentrated:
        return check
    if most**2 < concentrated * squares:
        return replace(check, hit=no_row)
    return replace(check, hit=lambda t: t.amount >= most, suggest=f"share={most**2 / squares:.3f}")


def _silence(deals, stage_history, cutoff: pd.Timestamp) -> Check:
    """No event for far longer than ever in the year before."""
    check = Check("as_of_after_last_event", "high", "open_deals", blocks=True)
    moments = [deals.created_at, deals.closed_at]
    if stage_history is not None:
        moments.append(as_ibis(stage_history).entered_at.cast("timestamp"))
    days = [day(at).name("day").as_table().distinct() for at in moments]
    days = to_pandas(ibis.union(*days, distinct=True))["day"].dropna()
    days = days[days <= cutoff]
    silent = fallen_silent(days, cutoff)
    if silent is None:
        return check
    suggest = f"as_of={days.max():%Y-%m-%d}"
    return replace(check, hit=every_row if silent else no_row, suggest=suggest)


def _with_won_deals(booked, opportunities):
    """The bookings, and whether each is the money of a won deal."""
    if opportunities is None:
        return booked
    deals = _complete(opportunities, "opportunities")
    won = deals.filter(deals.outcome == WON, deals.amount > 0, deals.closed_at.notnull())
    both = booked.inner_join(won.select("account_id", "amount", "closed_at"), _SAME[:2])
    same = both.filter(days_apart(both.booked_at, both.closed_at) <= SAME_DAYS)
    same = same.select(*_SAME).distinct().mutate(is_won_deal=True)
    return booked.left_join(same, _SAME).select(*booked.columns, "is_won_deal")


def _of_bookings(booked, cutoff: pd.Timestamp, *, twice: bool) -> list[Check]:
    """The checks of bookings, and of their streams."""
    bookings = partial(Check, of="bookings")

    def outside(t):
        return (t.booked_at <= moment(cutoff)) & (t.stream != PIPELINE) & t.account_id.notnull()

    # fmt: off
    every = [
        one_currency("bookings_currency_mix", "bookings", booked,
                     base=lambda t: t.currency.notnull()),
        bookings("bookings_without_amount", "medium", hit=missing("amount")),
        bookings("bookings_without_date", "medium", hit=missing("booked_at")),
        bookings("bookings_after_as_of", "low", hit=after("booked_at", cutoff)),
        bookings("bookings_negative", "low", hit=negative("amount")),
        bookings("bookings_of_pipeline", "medium", hit=lambda t: t.stream == PIPELINE),
        Check("stream_stopped", "high", "streams", suggest=values("stream"),
              hit=lambda t: t.missed_bookings > MISSED_BOOKINGS),
    ]
    if twice:
        every.append(bookings("bookings_of_won_deals", "high", base=outside,
                              hit=flag("is_won_deal"), needs=("account_id",)))
    # fmt: on
    return every


def _streams(booked, cutoff: pd.Timestamp):
    """The streams, and how many bookings of each should have come since its last one."""
    known = booked.filter(booked.booked_at <= moment(cutoff), booked.stream.notnull())
    at = known.booked_at
    streams = known.group_by("stream").agg(
        amount=known.amount.sum(),
        bookings=known.count(),
        first_booked_at=at.min(),
        last_booked_at=at.max(),
    )
    lived = days_between(streams.first_booked_at, streams.last_booked_at).floor()
    silent = days_between(streams.last_booked_at, moment(cutoff)).floor()
    return streams.mutate(missed_bookings=silent * streams.bookings / lived.nullif(0.0))
