"""What the members of campaigns bought after they were assigned, and before."""

import ibis
import pandas as pd

from salesanalysis.errors import require_number
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.customers.monthly_sales import purchase_days
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    day,
    moment,
    require_columns,
    to_pandas,
)

_DAY_SECONDS = 86_400


def campaign_members(members: AnyTable, *, as_of: Day) -> pd.DataFrame:
    """Who was assigned to which arm of which campaign by the end of ``as_of``.

    Parameters
    ----------
    members : Ibis table or DataFrame, one row per campaign × customer
        ``campaign_id, account_id, assigned``, and ``assigned_at, interacted_at`` where known. Who
        was assigned later does not count, nor does who interacted later count as having done so. Of
        somebody who was assigned twice, as of two accounts that were merged, the first counts.
    as_of : str, date or timestamp

    Returns
    -------
    DataFrame, one row per campaign × account, sorted by both
        ``campaign_id, account_id, assigned, assigned_at, interacted_at``.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> sent = pd.DataFrame({"campaign_id": "mail", "account_id": ["A", "B"], "assigned": "treated",
    ...                      "assigned_at": pd.to_datetime(["2025-03-01", "2025-05-01"])})
    >>> campaign_members(sent, as_of="2025-03-31")["account_id"].tolist()
    ['A']
    """
    return to_pandas(_members(members, as_of).order_by("campaign_id", "account_id"))


def _members(members: AnyTable, as_of: Day) -> ibis.Table:
    require_columns(members, ["campaign_id", "account_id", "assigned"], "campaign_members")
    given = {"campaign_members": members}
    table = as_ibis(with_all_columns(given, "campaign_members")["campaign_members"])
    end = moment(end_of(as_of))
    began, answered = (table[name].cast("timestamp") for name in ("assigned_at", "interacted_at"))
    table = table.select(
        "campaign_id",
        "account_id",
        "assigned",
        assigned_at=began,
        interacted_at=ibis.ifelse(answered <= end, answered, ibis.null("timestamp")),
    )
    table = table.filter(table["assigned_at"].isnull() | (table["assigned_at"] <= end))
    first = [table["assigned_at"].isnull(), "assigned_at", "assigned", "interacted_at"]
    turn = ibis.row_number().over(group_by=["campaign_id", "account_id"], order_by=first)
    return table.mutate(turn=turn).filter(lambda t: t["turn"] == 0).drop("turn")


def campaign_outcomes(
    members: AnyTable, purchases: AnyTable, *, as_of: Day, days: int = 30
) -> pd.DataFrame:
    """What each member of a campaign bought within ``days`` of being assigned.

    The day on which somebody was assigned is the first of these days. What he had bought in equally
    many days before is told too: it compares the arms, and no campaign can have changed it.

    Parameters
    ----------
    members : Ibis table or DataFrame, one row per campaign × customer
        As for :func:`campaign_members`.
    purchases : Ibis table or DataFrame, one row per order or order line
        As for :func:`salesanalysis.reduce.customers.monthly_sales`.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    days : int

    Returns
    -------
    DataFrame, one row per campaign × account, sorted by both
        ``campaign_id, account_id``, ``bought`` (a day with a positive net value), ``repeated`` (two
        or more), ``amount`` (net of returns); all three are missing where the days are not over or
        nobody knows when they began. Then ``purchases_before, amount_before``.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or amounts are in several currencies.

    Examples
    --------
    >>> sent = pd.DataFrame({"campaign_id": "mail", "account_id": ["A", "B"], "assigned": "treated",
    ...                      "assigned_at": pd.to_datetime(["2025-03-01", "2025-03-25"])})
    >>> bought = pd.DataFrame({"account_id": "A", "amount": [9.0, 5.0],
    ...                        "purchased_at": pd.to_datetime(["2025-02-20", "2025-03-02"])})
    >>> found = campaign_outcomes(sent, bought, as_of="2025-03-31", days=14)
    >>> found[["account_id", "bought", "amount", "amount_before"]]
      account_id  bought  amount  amount_before
    0          A    True     5.0            9.0
    1          B    <NA>     NaN            0.0
    """
    require_number("days", days, low=1, whole=True)
    table = _members(members, as_of).select("campaign_id", "account_id", "assigned_at")
    key = ["campaign_id", "account_id"]
    began = day(table["assigned_at"])
    over = moment(end_of(as_of).normalize() - pd.Timedelta(days=days - 1))
    table = table.mutate(began=began, is_over=(began <= over).fill_null(False))
    both = table.inner_join(purchase_days(purchases, as_of=as_of), "account_id")
    apart = (both["day"].epoch_seconds() - both["began"].epoch_seconds()) // _DAY_SECONDS
    both = both.mutate(apart=apart).filter(apart.between(-days, days - 1))
    after, positive = both["apart"] >= 0, both["amount"] > 0
    sums = both.group_by(key).agg(
        bought_days=both.count(where=after & positive),
        net_amount=both["amount"].sum(where=after),
        purchases_before=both.count(where=~after & positive),
        amount_before=both["amount"].sum(where=~after),
    )
    table = table.left_join(sums, key)
    bought = table["bought_days"].fill_null(0)
    is_dated = table["assigned_at"].notnull()
    found = table.select(
        *key,
        bought=_where(table["is_over"], bought > 0),
        repeated=_where(table["is_over"], bought > 1),
        amount=_where(table["is_over"], table["net_amount"].fill_null(0.0)),
        purchases_before=_where(is_dated, table["purchases_before"].fill_null(0)),
        amount_before=_where(is_dated, table["amount_before"].fill_null(0.0)),
    )
    kinds = {"bought": "boolean", "repeated": "boolean", "purchases_before": "Int64"}
    # The last digits of a sum depend on the order in which an engine comes by the rows.
    sums = {"amount": 4, "amount_before": 4}
    return to_pandas(found.order_by(key)).astype(kinds).round(sums)


def _where(known, value):
    """The value where it is known, else missing."""
    return ibis.ifelse(known, value, ibis.null(value.type()))
