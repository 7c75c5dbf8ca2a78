"""When each customer bought: all that its own rhythm is judged by, a row per customer."""

from collections.abc import Sequence

import ibis
import pandas as pd

from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.customers.monthly_sales import usable_purchases
from salesanalysis.reduce.expressions import AnyTable, day, moment, to_pandas

#: Less than half a cent is what is left of adding and subtracting equal sums, and no purchase.
NOTHING = 0.005
#: Who bought first within so many days after the data begin may have been a customer before.
BEGINNING_DAYS = 90
#: A year of months: of more earlier days little more is learnt.
MOST_DAYS = 13

_DAY_SECONDS = 86_400
_WHOLE = ["repeats", "gap_pairs"]
_COLUMNS = [
    "account_id",
    "first_purchase_at",
    "last_purchase_at",
    "repeats",
    "first_to_last_days",
    "watched_days",
]
_COLUMNS += ["amount", "repeat_amount", "gap_pairs", "gap_unevenness", "may_be_older"]


def rhythm(purchases: AnyTable, *, as_of: Day) -> pd.DataFrame:
    """When each customer bought, as known at the end of ``as_of``.

    A purchase is a day on which the customer's net value was positive: the lines of a day are one.
    What came back counts against the day on which its order was bought, where ``order_id`` tells,
    else against its own day.

    Parameters
    ----------
    purchases : Ibis table or DataFrame, one row per order or order line
        ``account_id, purchased_at, amount``, and ``kind, currency, order_id`` where known. Rows
        without one of the first three do not count.
    as_of : str, date or timestamp

    Returns
    -------
    DataFrame, one row per customer with a purchase, sorted by ``account_id``
        ``account_id, first_purchase_at, last_purchase_at, repeats`` (purchases after the first),
        ``first_to_last_days``, ``watched_days`` (from the first to ``as_of``), ``amount`` (all that
        was bought, net of returns), ``repeat_amount`` (mean of the purchases after the first),
        ``gap_pairs`` (pairs of neighbouring gaps), ``gap_unevenness`` (sum over them of the squared
        distance of the earlier gap's share from one half), ``may_be_older``: the first purchase
        lies within the first 90 days of the data, so there may have been others before.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> days = ["2025-01-01", "2025-01-01", "2025-01-11", "2025-01-21", "2025-01-25"]
    >>> bought = pd.DataFrame({"account_id": "A", "purchased_at": pd.to_datetime(days),
    ...                        "amount": [10.0, 5.0, 20.0, 40.0, -40.0],
    ...                        "order_id": ["1", "1", "2", "3", "3"]})
    >>> found = rhythm(bought, as_of="2025-01-31")
    >>> found[["repeats", "first_to_last_days", "watched_days", "amount", "repeat_amount"]]
       repeats  first_to_last_days  watched_days  amount  repeat_amount
    0        1                10.0      30.0    35.0           20.0
    """
    return _as_known_on(purchases, [end_of(as_of)])[_COLUMNS]


def rhythms(
    purchases: AnyTable, *, as_of: Day, step_days: int = 30, most: int = MOST_DAYS
) -> pd.DataFrame:
    """The same as it was known on ``as_of`` and each ``step_days`` before, in one query.

    What became of the customers of one of these days is seen on the next.

    Parameters
    ----------
    purchases, as_of
        As for :func:`rhythm`.
    step_days : int
        From each day to the next.
    most : int
        At most so many days.

    Returns
    -------
    DataFrame, one row per day × customer known on it, sorted by both
        ``known_on`` (a day), and the columns of :func:`rhythm`.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> bought = pd.DataFrame({"account_id": ["A", "A", "B"], "amount": 5.0, "purchased_at":
    ...                        pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])})
    >>> found = rhythms(bought, as_of="2025-03-31", step_days=30)
    >>> found[["known_on", "account_id", "repeats"]]
        known_on account_id  repeats
    0 2025-01-30          A        0
    1 2025-03-01          A        1
    2 2025-03-01          B        0
    3 2025-03-31          A        1
    4 2025-03-31          B        0
    """
    last = end_of(as_of)
    return _as_known_on(
        purchases, [last - pd.Timedelta(days=step_days * back) for back in range(most)]
    )


def _as_known_on(purchases: AnyTable, days: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """The rhythm of each customer as known at the end of each day."""
    lines = usable_purchases(purchases, as_of=max(days))
    lines = lines.mutate(day=day(lines.purchased_at))
    today = [each.normalize() for each in days]
    if len(days) > 1:
        keys = ["known_on", "account_id"]
        known = [lines.filter(lines.day <= moment(t)).mutate(known_on=moment(t)) for t in today]
        lines = ibis.union(*known, distinct=False)
    else:  # a key that is the same everywhere costs a tenth of the time
        keys = ["account_id"]
    found = to_pandas(_summed(_net_days(lines, keys), keys).order_by(keys))
    if len(days) == 1:
        found["known_on"] = pd.Series(today * len(found), dtype="datetime64[us]")
    for number, moment_of in (("begins", "first_purchase_at"), ("ends", "last_purchase_at")):
        found[moment_of] = pd.to_datetime(found[number], unit="D").astype("datetime64[us]")
    known_on = found["known_on"].astype("datetime64[us]")
    found["watched_days"] = (known_on - found["first_purchase_at"]) / pd.Timedelta(days=1)
    found["first_to_last_days"] = (found["ends"] - found["begins"]).astype(float)
    found["gap_pairs"] = (found["repeats"] - 1).clip(lower=0)
    found["gap_unevenness"] = found["gap_unevenness"].fillna(0.0)
    begins = found["first_purchase_at"].min() + pd.Timedelta(days=BEGINNING_DAYS)
    found["may_be_older"] = found["first_purchase_at"] < begins
    return found[["known_on", *_COLUMNS]].astype(dict.fromkeys(_WHOLE, "int64"))


def _net_days(lines: ibis.Table, keys: list[str]) -> ibis.Table:
    """What each day brought, net of what came back of it then or later."""
    sums = lines.group_by(*keys, "day").agg(amount=lines.amount.sum())
    if "order_id" not in lines.columns:
        return sums
    order = [*keys, "order_id"]
    of_orders = lines.filter(lines.order_id.notnull())
    back = of_orders.filter(of_orders.amount < 0).group_by(*order, "day")
    back = back.agg(returned=lambda t: t.amount.sum())
    bought = of_orders.filter(of_orders.amount > 0).select(*order, bought_on="day")
    matched = back.join(bought, [*order, back.day > bought.bought_on])
    matched = matched.group_by(*order, "day", "returned").agg(bought_on=matched.bought_on.max())
    # What came back leaves its own day and goes to that of its order. Both days have sums, so it is
    # joined to them: to sum all again would take as long again.
    moved = matched.cross_join(ibis.memtable({"goes": [True, False]}))
    moved = moved.select(
        *keys,
        day=ibis.ifelse(moved.goes, moved.bought_on, moved.day),
        moved=ibis.ifelse(moved.goes, moved.returned, -moved.returned),
    )
    moved = moved.group_by(*keys, "day").agg(moved=moved.moved.sum())
    both = sums.left_join(moved, [*keys, "day"])
    return both.select(*keys, "day", amount=both.amount + both.moved.fill_null(0.0))


def _summed(days: ibis.Table, keys: list[str]) -> ibis.Table:
    """One row per customer, of its days, which are counted from 1970 on."""
    days = days.select(
        *keys,
        amount=days.amount,
        number=days.day.epoch_seconds().cast("int64") // _DAY_SECONDS,
        buys=days.amount > NOTHING,
    )
    order = ibis.window(group_by=[*keys, "buys"], order_by="number")
    days = days.mutate(before=days.number.lag(1).over(order), two=days.number.lag(2).over(order))
    balance = (days.before - days.two) / (days.number - days.two).cast("float64") - 0.5
    again = days.buys & days.before.notnull()
    sums = days.group_by(keys).agg(
        begins=days.number.min(where=days.buys),
        ends=days.number.max(where=days.buys),
        repeats=again.sum(),
        amount=days.amount.sum(),
        repeat_amount=days.amount.mean(where=again),
        gap_unevenness=(balance * balance).sum(where=days.buys),
    )
    return sums.filter(sums.begins.notnull())
