"""What customers owe and what is in their file as warnings: rows of one table for every kind."""

import numpy as np
import pandas as pd

from salesanalysis.customers.accounts import kept_file
from salesanalysis.customers.file_changes import false_signals, file_changes
from salesanalysis.customers.owners import open_requests
from salesanalysis.customers.receivables import held_back
from salesanalysis.errors import require_columns, require_number
from salesanalysis.known import KnownCustomers, frame_of

#: What each warning has: whose, of which kind, what of it, how far from normal, since when, money.
COLUMNS = ("account_id", "kind", "what", "value", "normal", "distance", "since", "amount_at_stake")


def owed_warnings(
    known: KnownCustomers, owed: pd.DataFrame, *, overdue_days: int = 30, small: float = 0.0
) -> pd.DataFrame:
    """Customers over their limit or without one, long overdue, or holding back a last rest.

    Parameters
    ----------
    known : KnownCustomers
        With ``open_items``.
    owed : DataFrame
        As from :func:`exposure`.
    overdue_days : int
        From more days on what is overdue, and not in dispute, is a warning.
    small : float
        Amounts up to this are none.

    Returns
    -------
    DataFrame, one row per account × kind, by both
        - ``account_id``, ``kind`` (``over_limit``, ``no_limit``, ``overdue``, ``held_back``),
          ``what`` (of held rests the invoices); without a limit only where others have one,
        - ``value``, ``normal``, ``distance``: exposure, limit and what is over; for no limit the
          exposure; days overdue of the oldest, 0 and the same; the rests, 0 and the same,
        - ``since``: the day of the invoice, of those still open, that took it over the limit; the
          due day of the oldest,
        - ``amount_at_stake``: over the limit, exposed, overdue, held back.

    Examples
    --------
    >>> items = pd.DataFrame({
    ...     "account_id": "A", "kind": "invoice", "invoice_id": ["1", "2"], "disputed": False,
    ...     "amount": 40.0, "settled_amount": 0.0, "unpaid_amount": 40.0, "credit_amount": 0.0,
    ...     "issued_at": pd.to_datetime(["2025-05-10", "2025-06-02"]),
    ...     "due_at": pd.to_datetime("2025-07-10"), "last_paid_at": pd.NaT})
    >>> owed = pd.DataFrame({"account_id": ["A"], "exposure": 80.0, "credit_limit": 50.0,
    ...                      "limit_state": "limited", "over_limit_amount": 30.0})
    >>> known = KnownCustomers(as_of="2025-06-30", open_items=items)
    >>> owed_warnings(known, owed)[["account_id", "kind", "value", "normal", "distance", "since"]]
      account_id        kind  value  normal  distance      since
    0          A  over_limit   80.0    50.0      30.0 2025-06-02
    """
    require_number("small", small, low=0)
    overdue_days = require_number("overdue_days", overdue_days, low=0, whole=True)
    named = ["account_id", "exposure", "credit_limit", "limit_state", "over_limit_amount"]
    require_columns(owed.columns, named, "`owed`")
    over = owed[(owed["over_limit_amount"] > small).to_numpy(bool)]
    over = over.assign(
        kind="over_limit",
        value=over["exposure"],
        normal=over["credit_limit"],
        distance=over["over_limit_amount"],
        since=_over_since(known, over),
        amount_at_stake=over["over_limit_amount"],
    )
    missing = owed["limit_state"].eq("missing")
    # Where nobody has a limit the file has none, which is nothing about a customer.
    without = owed[missing & ~missing.all() & (owed["exposure"] > small)]
    exposed = without["exposure"]
    without = without.assign(kind="no_limit", value=exposed, amount_at_stake=exposed)
    return _together([over, without, _overdue(known, overdue_days, small), _held(known, small)])


def _over_since(known: KnownCustomers, over: pd.DataFrame) -> pd.Series:
    """The day of the item, of those still open, with which each account went over its limit."""
    named = ["account_id", "issued_at", "unpaid_amount", "credit_amount"]
    items = frame_of(known, "open_items", named).sort_values(["issued_at", "unpaid_amount"])
    limit = items["account_id"].map(over.set_index("account_id")["credit_limit"].to_dict())
    # All credit counts from the start: an invoice did not take it over that credit covers.
    credit = items.groupby("account_id")["credit_amount"].transform("sum")
    so_far = items.groupby("account_id")["unpaid_amount"].cumsum() - credit
    first = items[(so_far > limit.astype(float)).to_numpy(bool)].groupby("account_id")["issued_at"]
    return pd.to_datetime(over["account_id"].map(first.min().to_dict()))


def _overdue(known: KnownCustomers, days: int, small: float) -> pd.DataFrame:
    """What has been overdue for longer, without what is in dispute."""
    items = frame_of(known, "open_items", ["account_id", "due_at", "unpaid_amount", "disputed"])
    late = (known.as_of.normalize() - items["due_at"].dt.normalize()).dt.days
    counts = (
        (late > days) & (items["unpaid_amount"] > 0) & ~items["disputed"].eq(True).fillna(False)
    )
    rows = items.assign(days=late)[counts.to_numpy(bool)]
    table = rows.groupby("account_id").agg(
        value=("days", "max"), since=("due_at", "min"), amount_at_stake=("unpaid_amount", "sum")
    )
    table = table[table["amount_at_stake"] > small].reset_index()
    return table.assign(kind="overdue", normal=0.0, distance=table["value"])


def _held(known: KnownCustomers, small: float) -> pd.DataFrame:
    """The last rests that each account holds back."""
    rows = held_back(known).sort_values(["due_at", "invoice_id"])
    table = rows.groupby("account_id").agg(
        what=("invoice_id", lambda ids: ", ".join(ids.astype(str))),
        value=("unpaid_amount", "sum"),
        since=("due_at", "min"),
    )
    table = table[table["value"] > small].reset_index()
    amount = table["value"]
    return table.assign(kind="held_back", normal=0.0, distance=amount, amount_at_stake=amount)


def file_warnings(
    known: KnownCustomers, *, recent_days: int = 90, within_days: int = 30
) -> pd.DataFrame:
    """Major changes of the file, what in it looks false, and what customers wait for an answer to.

    Parameters
    ----------
    known : KnownCustomers
        With ``file``; ``changes``, ``requests``, ``months``, ``invoices`` and ``open_items`` as far
        as known.
    recent_days : int
        Changes and returns of so many days up to the day.
    within_days : int
        As for :func:`file_changes`.

    Returns
    -------
    DataFrame, one row per account × kind × thing, by these
        - ``account_id``, ``kind`` (``file_change``, ``false_data``, ``waiting``, ``returns``),
          ``what`` (the kinds that changed, the signal, the kind of request),
        - ``value``, ``normal``, ``distance``: the gravity of the changes alone; days waiting, the
          usual days, how many times these; the share returned, the usual one, the difference,
        - ``since``, and ``amount_at_stake``: what is open; of returns what came back.

    Examples
    --------
    >>> asked = pd.DataFrame({
    ...     "account_id": ["A", "B", "C"], "kind": "complaint", "owner_id": "R1",
    ...     "asked_at": pd.to_datetime(["2025-06-01", "2025-06-02", "2025-06-10"]),
    ...     "answered_at": pd.to_datetime(["2025-06-05", "2025-06-07", None])})
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"]})
    >>> known = KnownCustomers(as_of="2025-06-30", file=file, requests=asked)
    >>> file_warnings(known)[["account_id", "kind", "what", "value", "normal", "distance"]]
      account_id     kind       what  value  normal  distance
    0          C  waiting  complaint   20.0     5.0       4.0
    """
    recent_days = require_number("recent_days", recent_days, low=1, whole=True)
    signals = false_signals(known, within_days=within_days)
    # What was taken over is a change and says so there.
    signals = signals[signals["signal"] != "taken_over"]
    signals = signals.assign(kind="false_data", what=signals["signal"])
    parts = [signals]
    if len(known.changes.columns):
        changed = file_changes(known, within_days=within_days, recent_days=recent_days)
        changed = changed[changed["gravity"] > 1]
        parts.append(
            changed.assign(
                kind="file_change", what=changed["changed_kinds"], value=changed["gravity"]
            )
        )
    if len(known.requests.columns):
        waiting = open_requests(known)
        waiting = waiting.assign(
            what=waiting["kind"], value=waiting["age_days"], since=waiting["asked_at"]
        )
        late = waiting[waiting["times_median"].fillna(np.inf) > 1]
        parts.append(
            late.assign(kind="waiting", normal=late["median_days"], distance=late["times_median"])
        )
    if "returned_amount" in known.months:
        parts.append(_returns(known, recent_days))
    table = _together(parts)
    if len(known.open_items.columns):
        items = frame_of(known, "open_items", ["account_id", "unpaid_amount"])
        owed = table["account_id"].map(items.groupby("account_id")["unpaid_amount"].sum().to_dict())
        table["amount_at_stake"] = table["amount_at_stake"].fillna(owed.astype(float))
    return table[table["account_id"].isin(kept_file(known)["account_id"])].reset_index(drop=True)


def _returns(known: KnownCustomers, recent_days: int) -> pd.DataFrame:
    """Accounts that returned twice their usual share lately, and more than a usual share of all."""
    rows = frame_of(known, "months", ["account_id", "period", "amount", "returned_amount"])
    ends = {name: known.calendar.bounds_of(name)[1] for name in rows["period"].unique()}
    recent = rows["period"].map(ends) > known.as_of - pd.Timedelta(days=recent_days)
    rows = rows.assign(sold=rows["amount"] + rows["returned_amount"])
    now, before = (
        rows[which].groupby("account_id")[["sold", "returned_amount"]].sum()
        for which in (recent.to_numpy(bool), ~recent.to_numpy(bool))
    )
    usual = before["returned_amount"].sum() / max(before["sold"].sum(), 1e-9)
    # An account's own usual share, with half a year of its present purchases at that of all.
    own = before.reindex(now.index, fill_value=0.0)
    normal = (own["returned_amount"] + usual * 2 * now["sold"]) / (own["sold"] + 2 * now["sold"])
    share = now["returned_amount"] / now["sold"].where(now["sold"] > 0)
    table = now.assign(
        kind="returns", value=share, normal=normal, distance=share - normal,
        amount_at_stake=now["returned_amount"],
    )  # fmt: skip
    return table[(share > 2 * normal) & (share > usual)].reset_index()


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all kinds in the same columns; what a kind says nothing of is missing."""
    kinds = {"value": float, "normal": float, "distance": float, "amount_at_stake": float}
    kinds |= {"since": "datetime64[us]", "account_id": object, "what": object}
    rows = [part.reindex(columns=list(COLUMNS)).astype(kinds) for part in parts]
    table = pd.concat([part for part in rows if len(part)] or rows[:1], ignore_index=True)
    return table.sort_values(
        ["account_id", "kind", "what", "since"], kind="stable", ignore_index=True
    )
