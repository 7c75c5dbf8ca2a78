"""Data quality before a forecast: the checks of the funnel, and those that only a forecast needs.

The words of a check are ``funnel.value.check.<name>`` or ``forecast.value.check.<name>``, and
``….value.why.<name>``.
"""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from salesanalysis.columns import KINDS, OPEN, PIPELINE, WON, table
from salesanalysis.periods import end_of
from salesanalysis.reduce import funnel
from salesanalysis.reduce.check_table import check_row, check_table
from salesanalysis.reduce.expressions import as_ibis, days_between, moment, to_pandas
from salesanalysis.reduce.funnel.quality import COLUMNS

#: Days without any event after which the as-of day is doubtful, and how many times longer than the
#: longest silence of the year before they must be.
SILENT_DAYS, TIMES_LONGER = 7, 2.0
#: So many bookings of a stream should have come since its last one before it counts as stopped.
MISSED_BOOKINGS = 8.0
#: A booking of the same customer and amount so few days from a won deal is the same money.
SAME_DAYS = 7


def checks(
    opportunities=None,
    stage_history=None,
    *,
    bookings=None,
    contracts=None,
    as_of,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
    unmatched: pd.DataFrame | None = None,
    untouched_days: float = 90,
    off_days: float = 30,
    concentrated: float = 0.2,
) -> pd.DataFrame:
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
    - ``contracts_incomplete``: no end or no amount.

    Parameters
    ----------
    opportunities, stage_history, stages, exits, unmatched, untouched_days, off_days
        As for :func:`salesanalysis.reduce.funnel.checks`; both tables may be missing.
    bookings : Ibis table or DataFrame, one row per booking, optional
        ``booked_at, stream, amount``; ``currency, account_id`` as far as known.
    contracts : Ibis table or DataFrame, one row per contract, optional
        ``contract_id, ends_at, amount``.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    concentrated : float
        Share of the open value, and of its variance, from which on a single deal is remarked upon.

    Returns
    -------
    DataFrame
        One row per check, worst first, in the columns of
        :func:`salesanalysis.reduce.funnel.checks`; ``n`` and ``deals`` count bookings, streams or
        contracts in the checks of these.

    Examples
    --------
    >>> booked = pd.DataFrame({
    ...     "booked_at": pd.to_datetime(["2025-09-03", "2025-10-05"]), "stream": "channel",
    ...     "amount": [10.0, None], "currency": ["EUR", "USD"]})
    >>> table = checks(bookings=booked, as_of="2025-11-15").set_index("check")
    >>> table.loc[table["finding"] == "found", ["n", "deals", "blocks"]]
                             n  deals  blocks
    check
    bookings_currency_mix    2      1    True
    bookings_without_amount  2      1   False
    """
    cutoff = end_of(as_of)
    rows = []
    if opportunities is not None or stage_history is not None:
        given = {"stages": stages, "exits": exits, "as_of": as_of, "unmatched": unmatched}
        limits = {"untouched_days": untouched_days, "off_days": off_days}
        limits |= {"concentrated": concentrated}
        of_deals = funnel.checks(opportunities, stage_history, **given, **limits)
        rows += of_deals.to_dict("records")
        steps = {"stages": stages, "exits": exits}
        deals = funnel.deals(opportunities, stage_history, as_of=as_of, **steps)
        rows += [_largest_variance(deals, concentrated)]
        rows += [_silence(deals, opportunities, stage_history, cutoff)]
    if bookings is not None:
        rows += _of_bookings(_complete(bookings, "bookings"), cutoff)
        if opportunities is not None:
            rows += [_counted_twice(bookings, opportunities, cutoff)]
    if contracts is not None:
        rows += [_incomplete(_complete(contracts, "contracts"))]
    rows.sort(key=lambda row: row["finding"] != "found")
    return check_table(rows, columns=COLUMNS)


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


def _row(check: str, severity: str, n, found, **more) -> dict:
    """One row of the table, which counts in the column of the deals."""
    return check_row(check, severity, n, found, counted="deals", **more)


def _largest_variance(deals: pd.DataFrame, concentrated: float) -> dict:
    """One open deal that decides how wide the forecast is."""
    amounts = deals.loc[(deals["outcome"] == OPEN) & (deals["amount"] > 0), "amount"]
    squares = (amounts**2).sum()
    told = len(amounts) >= 2 / concentrated
    share = amounts.max() ** 2 / squares if len(amounts) else 0.0
    hit = amounts[amounts == amounts.max()] if told and share >= concentrated else amounts[:0]
    return _row("largest_variance", "medium", len(amounts), len(hit), amount=hit.sum(),
                suggestion=f"share={share:.3f}" if told else None, told=told)  # fmt: skip


def _silence(deals: pd.DataFrame, opportunities, stage_history, cutoff) -> dict:
    """No event for far longer than ever in the year before."""
    dates = [deals["created_at"], deals["closed_at"]]
    if stage_history is not None:
        entered = as_ibis(stage_history).entered_at.cast("timestamp")
        days = entered.truncate("D").name("day").as_table().distinct()
        dates.append(to_pandas(days)["day"])
    days = pd.concat(dates).dropna()
    days = pd.DatetimeIndex(days[days <= cutoff].dt.normalize().unique()).sort_values()
    n = int((deals["outcome"] == OPEN).sum())
    year = days[days > days.max() - pd.Timedelta(days=365)] if len(days) else days
    if len(year) < 10:
        return _row("as_of_after_last_event", "high", n, 0, told=False)
    longest = pd.Series(year).diff().dt.days.max()
    silent = (cutoff.normalize() - year.max()).days
    late = silent > max(SILENT_DAYS, TIMES_LONGER * longest)
    is_open = deals["outcome"] == OPEN
    return _row("as_of_after_last_event", "high", n, n if late else 0, blocks=True,
                amount=deals.loc[is_open, "amount"].sum(),
                suggestion=f"as_of={year.max():%Y-%m-%d}")  # fmt: skip


def _of_bookings(booked, cutoff) -> list[dict]:
    """The checks of bookings alone."""
    later = booked.booked_at > moment(cutoff)
    flags = {
        "bookings_without_amount": booked.amount.isnull(),
        "bookings_without_date": booked.booked_at.isnull(),
        "bookings_after_as_of": later,
        "bookings_negative": booked.amount < 0,
        "bookings_of_pipeline": booked.stream == PIPELINE,
    }
    known = booked.mutate(**{name: flag.fill_null(False) for name, flag in flags.items()})
    counted = known.agg(
        n=known.count(),
        **{name: known[name].cast("int64").sum() for name in flags},
        **{f"{name}_amount": known.amount.sum(where=known[name]) for name in flags},
    )
    sums = to_pandas(counted).fillna(0).iloc[0]
    low = {"bookings_after_as_of", "bookings_negative"}
    rows = [
        _row(name, "low" if name in low else "medium", sums["n"], sums[name],
             amount=sums[f"{name}_amount"] or None)
        for name in flags
    ]  # fmt: skip
    return [_currencies(booked), *rows, _stopped(booked, cutoff)]


def _currencies(booked) -> dict:
    """Amounts in more than one currency: every sum of them is meaningless."""
    known = booked.filter(booked.currency.notnull())
    counted = known.group_by("currency").agg(n=known.count(), amount=known.amount.sum())
    counted = to_pandas(counted.order_by([ibis.desc("n"), "currency"]))
    others = counted.iloc[1:]
    return _row("bookings_currency_mix", "high", counted["n"].sum(), others["n"].sum(),
                amount=others["amount"].sum(), blocks=True, told=bool(len(counted)),
                suggestion=", ".join(counted["currency"]) or None)  # fmt: skip


def _stopped(booked, cutoff) -> dict:
    """Streams whose bookings ended though, at their rate, many more should have come."""
    known = booked.filter(booked.booked_at <= moment(cutoff), booked.stream.notnull())
    streams = to_pandas(
        known.group_by("stream")
        .agg(
            n=known.count(),
            first=known.booked_at.min(),
            last=known.booked_at.max(),
            amount=known.amount.sum(),
        )
        .order_by("stream")
    )
    lived = (streams["last"] - streams["first"]).dt.days
    silent = (cutoff - streams["last"]).dt.days
    missed = silent * streams["n"] / lived.where(lived > 0)
    hit = streams[missed > MISSED_BOOKINGS]
    return _row("stream_stopped", "high", len(streams), len(hit), amount=hit["amount"].sum(),
                suggestion=", ".join(hit["stream"]) or None, told=bool(len(streams)))  # fmt: skip


def _counted_twice(bookings, opportunities, cutoff) -> dict:
    """Bookings that are the money of a won deal."""
    booked, deals = _complete(bookings, "bookings"), _complete(opportunities, "opportunities")
    here = booked.filter(booked.booked_at <= moment(cutoff), booked.stream != PIPELINE)
    here = here.mutate(row=ibis.row_number())
    won = deals.filter(
        deals.outcome == WON,
        deals.amount > 0,
        deals.account_id.notnull(),
        deals.closed_at.notnull(),
    ).select("account_id", "amount", "closed_at")
    both = here.inner_join(won, ["account_id", "amount"])
    apart = ibis.coalesce(
        days_between(both.booked_at, both.closed_at), days_between(both.closed_at, both.booked_at)
    )
    same = both.filter(apart <= SAME_DAYS).select("row", "amount").distinct()
    n = to_pandas(here.agg(n=here.account_id.count())).iloc[0, 0]
    hit = to_pandas(same)
    return _row("bookings_of_won_deals", "high", n, len(hit), amount=hit["amount"].sum(),
                told=n > 0)  # fmt: skip


def _incomplete(contracts) -> dict:
    """Contracts that cannot be used."""
    lacking = contracts.ends_at.isnull() | contracts.amount.isnull()
    counted = contracts.agg(
        n=contracts.count(),
        hit=lacking.cast("int64").sum(),
        amount=contracts.amount.sum(where=lacking),
    )
    row = to_pandas(counted).fillna(0).iloc[0]
    return _row("contracts_incomplete", "medium", row["n"], row["hit"],
                amount=row["amount"] or None)  # fmt: skip
