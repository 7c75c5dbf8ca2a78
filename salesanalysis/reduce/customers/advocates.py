"""What speaks for a customer as an opinion leader: level, suggestions, referrals who bought."""

import ibis
import pandas as pd

from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.customers.merged import kept_only
from salesanalysis.reduce.customers.monthly_sales import purchase_days
from salesanalysis.reduce.expressions import (
    Tables,
    as_ibis,
    day,
    moment,
    require_columns,
    to_pandas,
)

#: The table behind each count; without it the count is missing, which is not 0.
_BEHIND = {
    "suggestions": ("suggestions",),
    "referred": ("referrals",),
    "registered": ("referrals",),
    "referred_buyers": ("referrals", "purchases"),
}


def advocates(tables: Tables, *, as_of: Day) -> pd.DataFrame:
    """How much each customer suggested, and what became of those he referred.

    Somebody who was referred counts as registered when he has a file of his own, and as a buyer
    when he also bought on the day of the referral or later: who had bought before only was no new
    customer. Nobody refers himself.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``accounts``, and ``suggestions, referrals, purchases`` as far as there are.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    DataFrame, one row per account, sorted by it
        ``account_id, loyalty_level, city``, ``suggestions, referred`` (different customers),
        ``registered`` and ``referred_buyers`` of them; a count is missing where its table is.

    Raises
    ------
    SalesAnalysisError
        There is no file of accounts, or a column is not there.

    Examples
    --------
    >>> at = pd.to_datetime(["2025-03-01"])
    >>> tables = {"accounts": pd.DataFrame({"account_id": ["A", "B"]}),
    ...           "referrals": pd.DataFrame({"account_id": "A", "at": at, "referred_id": "B"}),
    ...           "purchases": pd.DataFrame({"account_id": "B", "purchased_at": at, "amount": 5.0})}
    >>> advocates(tables, as_of="2025-03-31")[["account_id", "referred_buyers", "suggestions"]]
      account_id  referred_buyers  suggestions
    0          A                1         <NA>
    1          B                0         <NA>
    """
    require_columns(tables.get("accounts", pd.DataFrame()), ["account_id"], "accounts")
    full = with_all_columns(tables, "accounts", "suggestions", "referrals")
    file = kept_only(full["accounts"]).select("account_id", "loyalty_level", "city")
    made = file
    if "suggestions" in tables:
        said = _until(full["suggestions"], "suggestions", as_of)
        made = made.left_join(
            said.group_by("account_id").agg(suggestions=said.count()), "account_id"
        ).drop("account_id_right")
    if "referrals" in tables:
        named = _referred(full["referrals"], file, tables.get("purchases"), as_of)
        made = made.left_join(named, "account_id").drop("account_id_right")
    counts = {
        name: made[name].fill_null(0) if behind <= set(tables) else ibis.null("int64")
        for name, behind in ((name, set(needed)) for name, needed in _BEHIND.items())
    }
    found = made.select("account_id", "loyalty_level", "city", **counts)
    kinds = dict.fromkeys(_BEHIND, "Int64") | {"loyalty_level": "float64"}
    return to_pandas(found.order_by("account_id")).astype(kinds)


def _until(table, name: str, as_of: Day) -> ibis.Table:
    """The rows of somebody that are dated up to the end of the day."""
    require_columns(table, ["account_id", "at"], name)
    rows = as_ibis(table)
    at = rows["at"].cast("timestamp")
    return rows.mutate(at=at).filter(at <= moment(end_of(as_of)), rows["account_id"].notnull())


def _referred(referrals, file: ibis.Table, purchases, as_of: Day) -> ibis.Table:
    """How many different customers each referred, and how many of them registered and bought."""
    rows = _until(referrals, "referrals", as_of)
    rows = rows.filter(rows["referred_id"].notnull(), rows["referred_id"] != rows["account_id"])
    pairs = rows.group_by("account_id", "referred_id").agg(at=rows["at"].min())
    known = file.select(referred_id="account_id", has_file=True)
    pairs = pairs.left_join(known, "referred_id").drop("referred_id_right")
    pairs = pairs.mutate(registered=pairs["has_file"].fill_null(False), bought=False)
    if purchases is not None:
        days = purchase_days(purchases, as_of=as_of)
        days = days.filter(days["amount"] > 0).group_by(referred_id="account_id")
        last = days.agg(last_day=lambda t: t["day"].max())
        pairs = pairs.left_join(last, "referred_id").drop("referred_id_right")
        bought = (pairs["last_day"] >= day(pairs["at"])).fill_null(False)
        pairs = pairs.mutate(bought=pairs["registered"] & bought)
    return pairs.group_by("account_id").agg(
        referred=pairs.count(),
        registered=pairs.count(where=pairs["registered"]),
        referred_buyers=pairs.count(where=pairs["bought"]),
    )
