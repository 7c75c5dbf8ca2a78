"""The checks that look at all deals together: what only a pattern gives away.

Each learns its pattern from a small table that the engine has counted (deals per day of creation
and closing, missing values per outcome, and the like), and turns it into a rule about single deals,
so that count, value and rows come from the same query as those of the other checks.
"""

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd

from salesanalysis.columns import WON
from salesanalysis.known import LEAST_CLOSED
from salesanalysis.periods import Calendar
from salesanalysis.reduce.checks import Check, every_row, no_row, one_currency
from salesanalysis.reduce.expressions import day, days_between, moment, period_name, to_pandas
from salesanalysis.reduce.funnel.hindsight import LEAST, LEVEL, absent, filled_later
from salesanalysis.reduce.funnel.quality import recording
from salesanalysis.reduce.funnel.quality.deal_facts import DealFacts
from salesanalysis.reduce.funnel.quality.rules import closed_days, counts, of_deals
from salesanalysis.stats import z_value

#: Columns that a CRM may fill only once a deal has closed; ``reason`` is one by nature.
FILLED = "account_id owner_id team region product source amount must_win expected_close_at".split()
#: The days that count as the end of a quarter and of a month, and how many times more closings
#: than other days they must have to be worth a word.
QUARTER_DAYS, MONTH_DAYS, BUNCHED = 14, 5, 1.25


def learn(
    facts: DealFacts,
    *,
    concentrated: float,
    unmatched: pd.DataFrame | None,
    calendar: Calendar,
    observed_from: pd.Timestamp | None,
) -> list[Check]:
    """All checks of patterns, learnt."""
    daily, closings = daily_counts(facts), _daily_closings(facts)
    return [
        _left_truncation(facts, daily, observed_from),
        _open_left_out(facts, daily),
        _currency_mix(facts),
        _filled_after_the_fact(facts),
        _data_end(facts, daily),
        _zombies(facts),
        _unmatched_keys(facts, unmatched),
        _probability_unrelated(facts),
        _largest_deal(facts, concentrated),
        _closings_bunched(closings, "closings_bunched_quarter", QUARTER_DAYS, calendar),
        _closings_bunched(closings, "closings_bunched_month", MONTH_DAYS, calendar),
    ]


def daily_counts(facts: DealFacts) -> pd.DataFrame:
    """Deals per day of creation and of closing, as whole days since 1970: ``created, closed, n``.

    ``closed`` is missing while open; deals whose dates are missing or contradict do not count.
    """
    deals = facts.deals
    deals = deals.filter(deals.counts & deals.created_at.notnull())
    deals = deals.filter(
        deals.is_open
        | (deals.closed_at.notnull() & (day(deals.closed_at) >= day(deals.created_at)))
    )
    deals = deals.mutate(
        created_day=day(deals.created_at),
        closed_day=ibis.ifelse(deals.is_open, ibis.null("timestamp"), day(deals.closed_at)),
    )
    frame = to_pandas(deals.group_by(["created_day", "closed_day"]).agg(n=deals.count()))
    epoch = pd.Timestamp("1970-01-01")
    frame = pd.DataFrame(
        {
            "created": (frame["created_day"] - epoch).dt.days.astype(float),
            "closed": (frame["closed_day"] - epoch).dt.days.astype(float),
            "n": frame["n"].astype(float),
        }
    )
    return frame.sort_values(["created", "closed"], ignore_index=True)


def _day_number(moment: pd.Timestamp) -> int:
    return (moment.normalize() - pd.Timestamp("1970-01-01")).days


def _date(number: float) -> pd.Timestamp:
    return pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(number))


def _created(t):
    return t.counts & t.created_at.notnull()


def _left_truncation(
    facts: DealFacts, daily: pd.DataFrame, observed_from: pd.Timestamp | None
) -> Check:
    """Deals created long before the first closing, at ages at which deals close.

    Not a fault of a report that knows of it: there deals count from ``observed_from`` on.
    """
    check = of_deals(
        "left_truncation", "high", base=_created, needs=("created_at", "closed_at"), blocks=True
    )
    told, first = recording.closings_start(daily, _day_number(facts.cutoff))
    if first is None or (observed_from is not None and _date(first) <= observed_from):
        return replace(check, hit=no_row if told else None)
    start, suggest = moment(_date(first)), f"observed_from={_date(first):%Y-%m-%d}"
    return replace(check, hit=lambda t: t.created_at < start, suggest=suggest)


def _open_left_out(facts: DealFacts, daily: pd.DataFrame) -> Check:
    """No open deal among those created so lately that half of them would still be open."""
    check = of_deals(
        "open_built_from_close_dates",
        "high",
        base=_created,
        needs=("created_at", "closed_at"),
        blocks=True,
    )
    today = _day_number(facts.cutoff)
    ages = (daily["closed"] - daily["created"]).repeat(daily["n"].astype(int)).dropna()
    if len(ages) < LEAST:
        return check
    since = today - max(float(ages.median()), 1.0)
    lately = daily[daily["created"] > since]
    if lately["n"].sum() < LEAST:
        return check
    if lately["closed"].isna().any():
        return replace(check, hit=no_row)
    start = moment(_date(np.floor(since) + 1))
    return replace(check, hit=lambda t: t.created_at >= start)


def _currency_mix(facts: DealFacts) -> Check:
    """Amounts in more than one currency."""

    def known(t):
        return t.counts & t.currency.notnull()

    return one_currency("currency_mix", "deals", facts.deals, base=known)


def _filled_after_the_fact(facts: DealFacts) -> Check:
    """Columns that are empty far more often in deals of one outcome than of another."""
    check = of_deals("filled_after_the_fact", "high", base=counts)
    names = [name for name in FILLED if name in facts.has]
    deals = facts.deals.filter(facts.deals.counts)
    # As known then: a deal that closed later counts with the open ones.
    found = filled_later(deals, names, still=deals.is_open)
    if found is None:
        return check
    if not found:
        return replace(check, hit=no_row)
    return replace(
        check,
        hit=lambda t: ibis.or_(*(absent(t, name) for name in found)),
        suggest=", ".join(found),
    )


def _data_end(facts: DealFacts, daily: pd.DataFrame) -> Check:
    """Hardly any deal was created in the last weeks, though closings and calendar go on."""
    check = of_deals("data_end", "medium", base=closed_days("closed_at"), needs=("created_at",))
    told, last = recording.arrivals_stop(daily, _day_number(facts.cutoff))
    if last is None:
        return replace(check, hit=no_row if told else None)
    end, suggest = moment(_date(last + 1)), f"arrivals_until={_date(last):%Y-%m-%d}"
    return replace(check, base=counts, hit=lambda t: day(t.closed_at) >= end, suggest=suggest)


def _zombies(facts: DealFacts) -> Check:
    """Open deals older than any deal was when it closed."""
    check = of_deals(
        "zombies",
        "medium",
        base=lambda t: t.is_open & t.created_at.notnull(),
        needs=("created_at", "closed_at"),
    )
    closed = facts.rows.filter(closed_days("created_at", "closed_at")(facts.rows))
    ages = closed.select(days=days_between(closed.created_at, closed.closed_at).floor())
    ages = to_pandas(ages.agg(n=ages.days.count(), oldest=ages.days.max())).iloc[0]
    if ages["n"] < LEAST_CLOSED:
        return check
    oldest, end = float(ages["oldest"]), moment(facts.cutoff)
    return replace(
        check,
        hit=lambda t: days_between(t.created_at, end).floor() > oldest,
        suggest=f"oldest_age_days={oldest:.0f}",
    )


def _unmatched_keys(facts: DealFacts, unmatched: pd.DataFrame | None) -> Check:
    """Keys of the deal list that a look-up table does not have; a join loses these deals."""
    check = of_deals("unmatched_keys", "medium", base=counts)
    if unmatched is None:
        return check
    key = str(unmatched.columns[0])
    lost = unmatched.loc[unmatched["side"] == "left", key].astype(str).tolist()
    check = replace(check, hit=no_row, needs=(key,))
    if key not in facts.has or not lost:
        return check
    return replace(check, hit=lambda t: t[key].isin(lost), suggest=", ".join(sorted(lost)[:5]))


def _probability_unrelated(facts: DealFacts) -> Check:
    """Deals that were won had no higher probability in the CRM than those that were not.

    Measured by the area under the ROC curve: the share of pairs of a won and another closed deal
    in which the won one had the higher probability, ties counting half; 0.5 is a coin.
    """
    base = closed_days("probability")
    check = of_deals("probability_unrelated", "medium", base=base, needs=("probability",))
    deals = facts.deals.filter(base(facts.deals))
    deals = deals.mutate(
        rounded=(deals.probability * 100).round().cast("int64"), won=deals.outcome == WON
    )
    frame = to_pandas(deals.group_by(["rounded", "won"]).agg(n=deals.count()))
    table = frame.pivot_table(index="rounded", columns="won", values="n", fill_value=0)
    if set(table.columns) != {True, False} or (table.sum() < LEAST).any():
        return check
    table = table.sort_index()
    won, other = table[True].to_numpy(float), table[False].to_numpy(float)
    below = np.cumsum(other) - other
    area = (won * (below + other / 2)).sum() / (won.sum() * other.sum())
    if area > 0.98:
        # Set to 100% and 0% at closing: what it was before, the export has overwritten.
        return replace(check, suggest="overwritten")
    # Standard error where there is no relation (Mann and Whitney), the case to be ruled out.
    error = np.sqrt((won.sum() + other.sum() + 1) / (12 * won.sum() * other.sum()))
    if area - z_value(0.95) * error > 0.5:
        return replace(check, hit=no_row)
    if z_value(0.95) * error > 0.1:
        return check
    return replace(check, hit=every_row, suggest=f"auc={area:.3f}")


def _largest_deal(facts: DealFacts, concentrated: float) -> Check:
    """One open deal that makes a large part of the pipeline."""
    check = of_deals(
        "largest_deal", "low", base=lambda t: t.is_open & (t.amount > 0), needs=("amount",)
    )
    deals = facts.deals.filter(check.base(facts.deals))
    sums = to_pandas(deals.agg(n=deals.count(), total=deals.amount.sum(), most=deals.amount.max()))
    n, total, most = sums.iloc[0]
    # With n deals the largest has at least 1/n of the value: nothing to remark upon.
    if n < 2 / concentrated or most < concentrated * total:
        return replace(check, hit=no_row if n else None)
    return replace(check, hit=lambda t: t.amount >= most, suggest=f"share={most / total:.3f}")


def _daily_closings(facts: DealFacts) -> pd.DataFrame:
    """Deals per day of closing: ``closed_day, n``."""
    deals = facts.deals.filter(closed_days("closed_at")(facts.deals))
    deals = deals.mutate(closed_day=day(deals.closed_at))
    return to_pandas(deals.group_by("closed_day").agg(n=deals.count()))


def _closings_bunched(closings: pd.DataFrame, name: str, days: int, calendar: Calendar) -> Check:
    """More closings in the last days of a month or quarter than the calendar explains."""
    period, base = name.rpartition("_")[2], closed_days("closed_at")
    check = of_deals(name, "low", base=base, needs=("closed_at",))
    n = closings["n"].sum()
    if n < LEAST:
        return check
    every = pd.date_range(closings["closed_day"].min(), closings["closed_day"].max(), freq="D")
    expected = _last_days(every.to_series(), period, days, calendar).mean()
    if not 0 < expected < 1 or n * expected < LEAST:
        return check
    k = closings.loc[_last_days(closings["closed_day"], period, days, calendar), "n"].sum()
    error = np.sqrt(n * expected * (1 - expected))
    if k < BUNCHED * n * expected or k - n * expected < z_value(LEVEL) * error:
        return replace(check, hit=no_row)

    def hit(t):
        closed, later = day(t.closed_at), day(t.closed_at) + ibis.interval(days=days)
        return period_name(later, period, calendar) != period_name(closed, period, calendar)

    return replace(check, hit=hit, suggest=f"ratio={k / (n * expected):.2f}")


def _last_days(dates: pd.Series, period: str, days: int, calendar: Calendar) -> np.ndarray:
    """Which dates are among the last days of their month or quarter."""
    later = calendar.labels_of(dates + pd.Timedelta(days=days), period)
    return (later != calendar.labels_of(dates, period)).to_numpy(bool)
