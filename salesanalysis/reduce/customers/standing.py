"""How each customer stands with the company: what he brings, since when, and who talks to him."""

from collections.abc import Mapping, Sequence

import pandas as pd

from salesanalysis.columns import OPEN
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Day, end_of, moments
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
from salesanalysis.reduce.funnel.deal_list import deals

#: A year in days, the span that is looked at.
YEAR = 365
_FILE = ["owner_id", "segment", "since"]
_BOUGHT = ["first_purchase_at", "last_purchase_at", "amount_year"]
_TOUCHED = ["contacts", "first_contact_at", "last_contact_at", "contact_gap_days"]
_DEALT = ["open_deals", "open_amount", "funnel_share", "chance"]
#: What is 0 for a customer of whom a table that tells it has nothing.
_ZERO = ["amount_year", "contacts", *_DEALT]


def standing(
    tables: Tables,
    *,
    as_of: Day,
    stages: Sequence[str] = (),
    exits: Mapping[str, Sequence[str] | str] | None = None,
) -> pd.DataFrame:
    """What each customer bought in the last year, how often he was spoken to, and his open deals.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        ``accounts, purchases``, at least one of them; for the deals ``opportunities`` (with
        ``account_id``) and ``stage_history``, and for the contacts ``activities`` besides, which
        know their customer through the deal only.
    as_of : str, date or timestamp
        The day up to whose end the data count.
    stages : list of str
        The stages of the process in their order; without them nobody knows how far a deal is.
    exits : dict of outcome to stage names, optional
        As for :func:`salesanalysis.reduce.funnel.deals`.

    Returns
    -------
    DataFrame, one row per account of the file or with a purchase, sorted by it
        - ``account_id, owner_id, segment, since``: the day on file or of the first purchase,
          whichever is earlier; ``tie_days``: how long ago that is,
        - ``first_purchase_at, last_purchase_at, amount_year``: net, of the last 365 days,
        - ``contacts``: days of the last 365 with a contact; ``last_contact_at, contact_days`` (days
          since then) and ``contact_gap_days``, the mean from one contact to the next;
          ``known_days``: how long ago the tie began or the first contact was, if that is earlier,
        - ``open_deals, open_amount, funnel_share`` (how far the furthest open deal is: 1 is the
          last stage) and ``chance`` that one of them is won, of the probabilities in the deal list.

        Of a customer without a purchase, contact or open deal the numbers are 0 and the days
        missing; where the table is not there at all, everything is missing.

    Raises
    ------
    SalesAnalysisError
        Neither table is there, or a column is not.

    Examples
    --------
    >>> bought = pd.DataFrame({"account_id": ["A", "A"], "amount": [9.0, 5.0],
    ...                        "purchased_at": pd.to_datetime(["2023-06-01", "2025-03-01"])})
    >>> found = standing({"purchases": bought}, as_of="2025-03-31")
    >>> found[["account_id", "since", "tie_days", "amount_year"]]
      account_id      since  tie_days  amount_year
    0          A 2023-06-01       669          5.0
    """
    if not {"accounts", "purchases"} & set(tables):
        raise SalesAnalysisError(
            "`tables` has neither `accounts` nor `purchases`; expected one of them, which say who"
            " the customers are."
        )
    end = end_of(as_of)
    parts = {
        tuple(_FILE): _file(tables, end),
        tuple(_BOUGHT): _bought(tables, end),
        tuple(_TOUCHED): _touched(tables, end),
        tuple(_DEALT): _dealt(tables, end, stages, exits),
    }
    some = [parts[tuple(who)] for who in (_FILE, _BOUGHT)]
    known = pd.concat([part["account_id"] for part in some if part is not None])
    table = known.drop_duplicates().sort_values().to_frame()
    for columns, part in parts.items():
        rows = _empty(["account_id", *columns]) if part is None else part
        table = table.merge(rows, on="account_id", how="left")
        # A table that tells something tells it of all.
        zero = [name for name in _ZERO if part is not None and name in part]
        table[zero] = table[zero].fillna(0)
    table["since"] = table[["since", "first_purchase_at"]].min(axis=1)
    table["first"] = table[["since", "first_contact_at"]].min(axis=1)
    ago = {"tie_days": "since", "contact_days": "last_contact_at", "known_days": "first"}
    for name, at in ago.items():
        table[name] = (end.normalize() - table[at].dt.normalize()).dt.days.astype("Int64")
    columns = ["account_id", *_FILE, "tie_days", *_BOUGHT, "contacts", "last_contact_at"]
    columns += ["contact_days", "contact_gap_days", "known_days", *_DEALT]
    kinds = {"contacts": "Int64", "open_deals": "Int64", "funnel_share": float, "chance": float}
    return table.reindex(columns=columns).astype(kinds)


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    """No row, in columns whose kinds fit to those with rows."""
    kinds = dict.fromkeys(columns, "float64") | {"account_id": "str"}
    kinds |= dict.fromkeys(_FILE[:2], "str") | {"since": "datetime64[us]"}
    kinds |= {name: "datetime64[us]" for name in columns if name.endswith("_at")}
    return pd.DataFrame({name: pd.Series(dtype=kinds[name]) for name in columns})


def _file(tables: Tables, end: pd.Timestamp) -> pd.DataFrame | None:
    if "accounts" not in tables:
        return None
    require_columns(tables["accounts"], ["account_id"], "accounts")
    full = with_all_columns({"accounts": kept_only(tables["accounts"])}, "accounts")["accounts"]
    file = to_pandas(as_ibis(full).select("account_id", *_FILE))
    since = moments(file["since"])
    return file.assign(since=since.where(since <= end))


def _bought(tables: Tables, end: pd.Timestamp) -> pd.DataFrame | None:
    if "purchases" not in tables:
        return None
    days = purchase_days(tables["purchases"], as_of=end)
    year = days["day"] > moment(end.normalize() - pd.Timedelta(days=YEAR))
    by_account = days.group_by("account_id").agg(
        first_purchase_at=days["day"].min(where=days["amount"] > 0),
        last_purchase_at=days["day"].max(where=days["amount"] > 0),
        amount_year=days["amount"].sum(where=year).fill_null(0.0),
    )
    # The last digits of a sum depend on the order in which an engine comes by the rows.
    return to_pandas(by_account).round({"amount_year": 4})


def _deals_know_accounts(tables: Tables) -> bool:
    return "opportunities" in tables and "account_id" in as_ibis(tables["opportunities"]).columns


def _touched(tables: Tables, end: pd.Timestamp) -> pd.DataFrame | None:
    if "activities" not in tables or not _deals_know_accounts(tables):
        return None
    require_columns(tables["activities"], ["opportunity_id", "at"], "activities")
    calls, listed = (as_ibis(tables[name]) for name in ("activities", "opportunities"))
    at = calls["at"].cast("timestamp")
    whose = listed.select("opportunity_id", "account_id").filter(listed["account_id"].notnull())
    calls = calls.filter(at <= moment(end)).select("opportunity_id", day=day(at))
    days = calls.inner_join(whose, "opportunity_id").select("account_id", "day").distinct()
    year = days["day"] > moment(end.normalize() - pd.Timedelta(days=YEAR))
    counts = days.group_by("account_id").agg(
        n=days.count(),
        contacts=days.count(where=year),
        first_contact_at=days["day"].min(),
        last_contact_at=days["day"].max(),
    )
    found = to_pandas(counts)
    length = (found["last_contact_at"] - found["first_contact_at"]).dt.days
    gaps = length / (found["n"] - 1).where(found["n"] > 1)
    return found.assign(contact_gap_days=gaps)[["account_id", *_TOUCHED]]


def _dealt(tables: Tables, end: pd.Timestamp, stages, exits) -> pd.DataFrame | None:
    if not _deals_know_accounts(tables):
        return None
    listed, history = tables["opportunities"], tables.get("stage_history")
    by = ["account_id", *({"probability"} & set(as_ibis(listed).columns))]
    found = deals(listed, history, as_of=end, stages=stages, exits=exits, by=by)
    still = found[(found["outcome"] == OPEN) & found["account_id"].notna()]
    place = still["stage"].map({stage: n / len(stages) for n, stage in enumerate(stages, 1)})
    still = still.assign(place=place.astype(float))
    by_account = still.groupby("account_id", observed=True)
    made = by_account.agg(open_deals=("outcome", "size"), open_amount=("amount", "sum"))
    # Without stages, or without probabilities, nobody knows, which is not 0.
    if len(stages):
        made["funnel_share"] = by_account["place"].max()
    if "probability" in still and found["probability"].notna().any():
        lost = 1 - still["probability"].fillna(0).astype(float)
        made["chance"] = 1 - lost.groupby(still["account_id"], observed=True).prod()
    return made.reset_index()
