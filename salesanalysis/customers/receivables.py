"""What customers owe: how late it is, against which limit, and how many days of sales it is.

What is open adds up: the ageing, the exposure and the days of sales rest on the same sum.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.customers.accounts import groups, kept_file, rows_of, with_file
from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns, require_number
from salesanalysis.known import KnownCustomers, frame_of

#: Days overdue that close a bucket; what is not due, and what has no due day, have their own.
BUCKETS = (30, 60, 90)
NOT_DUE, NO_DUE_DATE = "not_due", "no_due_date"
#: What a credit limit says: ``none`` was agreed, ``zero``, ``limited``, ``unlimited``.
LIMIT_MISSING, LIMIT_ZERO, LIMITED, UNLIMITED = "missing", "zero", "limited", "unlimited"
#: How days of sales are counted.
WAYS = ("ratio", "counted_back", "best_possible")

_ITEMS = ("account_id", "kind", "due_at", "unpaid_amount", "credit_amount", "disputed")
#: Beside what is open: what customers are about to owe.
_AHEAD = ("delivered_amount", "ordered_amount")


def overdue_days(known: KnownCustomers, frame: pd.DataFrame) -> pd.Series:
    """Whole days by which the due day of each row is over: 0 on that day, negative before it."""
    return (known.as_of.normalize() - frame["due_at"].dt.normalize()).dt.days


def ageing(
    known: KnownCustomers, *, buckets: Sequence[int] = BUCKETS, by: Sequence[str] | str = ()
) -> pd.DataFrame:
    """How long what is open has been overdue; the buckets add up to all that is open.

    Due today is not overdue. Money of customers that settles nothing lowers no bucket;
    :func:`exposure` shows it.

    Parameters
    ----------
    known : KnownCustomers
        With ``open_items``.
    buckets : sequence of int
        The days that close a bucket: ``(30, 60, 90)`` gives 1–30, 31–60, 61–90 and >90.
    by : column or columns
        To split by, of the open items or of the file (``owner_id``, ``region``).

    Returns
    -------
    DataFrame, one row per group × bucket, each group with all buckets
        The columns of ``by``, ``bucket`` (not_due, the days, no_due_date), ``invoices`` (how many
        are open), ``unpaid_amount``, ``share`` (of the group's open amount), ``disputed_amount``
        (what of it is in dispute, which is no unwillingness).

    Raises
    ------
    SalesAnalysisError
        ``buckets`` do not ascend, or a column is not there.

    Examples
    --------
    >>> items = pd.DataFrame({
    ...     "account_id": ["A", "A", "B"], "kind": "invoice", "unpaid_amount": [50.0, 30.0, 20.0],
    ...     "credit_amount": 0.0, "disputed": False,
    ...     "due_at": pd.to_datetime(["2025-06-30", "2025-05-01", None])})
    >>> table = ageing(KnownCustomers(as_of="2025-06-30", open_items=items))
    >>> table[["bucket", "invoices", "unpaid_amount", "share"]]
            bucket  invoices  unpaid_amount  share
    0      not_due         1         50.0    0.5
    1         1–30         0          0.0    0.0
    2        31–60         1         30.0    0.3
    3        61–90         0          0.0    0.0
    4          >90         0          0.0    0.0
    5  no_due_date         1         20.0    0.2
    """
    by, items = as_list(by), frame_of(known, "open_items", _ITEMS)
    ends = _ascending(buckets)
    names = [f"{start + 1}–{end}" for start, end in pairwise([0, *ends])]
    names = [NOT_DUE, *names, f">{ends[-1]}", NO_DUE_DATE]
    rows = with_file(known, items[items["unpaid_amount"] > 0], by)
    late = overdue_days(known, rows)
    place = np.searchsorted([0, *ends], late.fillna(0), side="left")
    place = np.where(late.isna(), len(names) - 1, place)
    rows = rows.assign(
        bucket=pd.Categorical.from_codes(place, names, ordered=True),
        disputed_amount=rows["unpaid_amount"].where(rows["disputed"].eq(True).fillna(False), 0.0),
    )
    found = [
        key
        | {
            "bucket": bucket,
            "invoices": len(cell),
            "unpaid_amount": cell["unpaid_amount"].sum(),
            "share": cell["unpaid_amount"].sum() / part["unpaid_amount"].sum()
            if len(part)
            else np.nan,
            "disputed_amount": cell["disputed_amount"].sum(),
        }
        for key, part in groups(rows, by)
        for bucket, cell in part.groupby("bucket", observed=False)
    ]
    columns = [*by, "bucket", "invoices", "unpaid_amount", "share", "disputed_amount"]
    return pd.DataFrame(found, columns=columns)


def exposure(
    known: KnownCustomers,
    *,
    ahead: pd.DataFrame | None = None,
    unlimited: Iterable[str] = (),
) -> pd.DataFrame:
    """What each customer owes and is about to owe, against its credit limit.

    Parameters
    ----------
    known : KnownCustomers
        With ``open_items``, and ``file`` with ``credit_limit`` where limits are known; without it
        every limit is missing.
    ahead : DataFrame, one row per account, optional
        ``account_id``, and ``delivered_amount`` (delivered, not yet billed) and ``ordered_amount``
        (ordered, not yet delivered) where known.
    unlimited : account ids
        Whose credit has no limit; in the file it is one that is infinite.

    Returns
    -------
    DataFrame, one row per account of the file or with an item, most over its limit first
        - ``account_id, name, owner_id`` (as far as the file has them; the id is missing for items
          of nobody), ``unpaid_amount``, ``overdue_amount``, ``overdue_days`` (of the oldest),
          ``credit_amount`` (money of the customer that settles nothing),
        - ``delivered_amount, ordered_amount``,
        - ``exposure``: open, delivered and ordered less the credit,
        - ``credit_limit``, ``limit_state`` (missing, zero, limited, unlimited: three different
          things), ``over_limit_amount`` (exposure less limit where that is over 0, else 0; missing
          without a limit), ``used_share`` (exposure ÷ limit; missing where that is no number).

    Examples
    --------
    >>> items = pd.DataFrame({
    ...     "account_id": ["A", "A", "B"], "kind": ["invoice", "payment", "invoice"],
    ...     "unpaid_amount": [50.0, 0.0, 20.0], "credit_amount": [0.0, 10.0, 0.0],
    ...     "due_at": pd.to_datetime(["2025-06-10", None, None]), "disputed": False})
    >>> file = pd.DataFrame({"account_id": ["A", "B"], "credit_limit": [30.0, None]})
    >>> table = exposure(KnownCustomers(as_of="2025-06-30", open_items=items, file=file))
    >>> table[["account_id", "exposure", "credit_limit", "limit_state", "over_limit_amount"]]
      account_id  exposure  credit_limit limit_state  over_limit_amount
    0          A      40.0          30.0     limited        10.0
    1          B      20.0           NaN     missing         NaN
    """
    items = frame_of(known, "open_items", _ITEMS)
    late = overdue_days(known, items).where(items["unpaid_amount"] > 0)
    items = items.assign(
        overdue_amount=items["unpaid_amount"].where(late > 0, 0.0),
        overdue_days=late.where(late > 0),
    )
    sums = {name: "sum" for name in ("unpaid_amount", "overdue_amount", "credit_amount")}
    of = items.groupby("account_id", dropna=False).agg({**sums, "overdue_days": "max"})
    table = _all_accounts(known, of.reset_index(), _ahead(ahead))
    if known.file.empty or "credit_limit" not in known.file:
        table["credit_limit"] = np.nan
    # Nobody owes nothing where nothing is known of him.
    amounts = [*sums, *_AHEAD]
    table[amounts] = table[amounts].fillna(0.0)
    exposed = table[["unpaid_amount", *_AHEAD]].sum(axis=1) - table["credit_amount"]
    limit = table["credit_limit"].astype(float)
    limit = limit.mask(table["account_id"].isin(list(unlimited)).to_numpy(), np.inf)
    kinds = [limit.isna(), limit <= 0, np.isinf(limit)]
    state = np.select(kinds, [LIMIT_MISSING, LIMIT_ZERO, UNLIMITED], LIMITED)
    table = table.assign(
        exposure=exposed,
        credit_limit=limit,
        limit_state=pd.Series(state, table.index, dtype=str),
        over_limit_amount=(exposed - limit).clip(lower=0),
        used_share=(exposed / limit).where(state == LIMITED),
    )
    order = table.assign(missing=-table["over_limit_amount"].fillna(-1), size=-exposed)
    table = table.loc[order.sort_values(["missing", "size", "account_id"], kind="stable").index]
    who = [name for name in ("name", "owner_id") if name in table]
    shown = [
        "unpaid_amount",
        "overdue_amount",
        "overdue_days",
        "credit_amount",
        *_AHEAD,
        "exposure",
    ]
    shown += ["credit_limit", "limit_state", "over_limit_amount", "used_share"]
    return table[["account_id", *who, *shown]].reset_index(drop=True)


def days_outstanding(
    known: KnownCustomers,
    *,
    way: str = "ratio",
    window_days: int = 91,
    by: Sequence[str] | str = (),
) -> pd.DataFrame:
    """How many days of sales are still to be paid (DSO), counted in one of three ways.

    Parameters
    ----------
    known : KnownCustomers
        With ``open_items`` and ``invoices``.
    way : {"ratio", "counted_back", "best_possible"}
        ``ratio``: open ÷ sales of the last ``window_days`` × these days. ``best_possible``: the
        same of what is not overdue, as if everybody paid in time; what has no due day counts as not
        due. ``counted_back``: month by month backwards, how many days of sales the open amount
        covers; right also where sales grow or have a season.
    window_days : int
        The days of sales, up to the day; a quarter where nothing is said.
    by : column or columns
        To split by, of the invoices or of the file.

    Returns
    -------
    DataFrame, one row per group
        The columns of ``by``, ``way``, ``unpaid_amount`` (of the way: what is counted), ``sales``
        (invoiced less credited; of what was counted back), ``window_days`` (these of ``sales``),
        ``days_outstanding``: missing where sales are not over 0, or do not reach as far back.

    Examples
    --------
    >>> items = pd.DataFrame({
    ...     "account_id": ["A"], "kind": "invoice", "unpaid_amount": [130.0], "credit_amount": 0.0,
    ...     "due_at": pd.to_datetime(["2025-07-10"]), "disputed": False})
    >>> invoices = pd.DataFrame({
    ...     "account_id": "A", "amount": [62.0, 100.0],
    ...     "issued_at": pd.to_datetime(["2025-05-20", "2025-06-10"])})
    >>> known = KnownCustomers(as_of="2025-06-30", open_items=items, invoices=invoices)
    >>> days_outstanding(known, way="counted_back")
                way  unpaid_amount  sales  window_days  days_outstanding
    0  counted_back        130.0  162.0           61              45.0
    """
    require_choice("way", way, WAYS)
    window_days = require_number("window_days", window_days, low=1, whole=True)
    by = as_list(by)
    items = frame_of(known, "open_items", _ITEMS)
    items = with_file(known, items[items["unpaid_amount"] > 0], by)
    if way == "best_possible":
        items = items[~(overdue_days(known, items) > 0)]
    invoices = frame_of(known, "invoices", ["account_id", "issued_at", "amount"])
    invoices = with_file(known, invoices, by)
    begin = known.as_of.normalize() - pd.Timedelta(days=window_days - 1)
    keys = pd.concat([items[by], invoices[by]]).drop_duplicates() if by else pd.DataFrame(index=[0])
    rows = []
    for key, _ in groups(keys, by):
        due = items.loc[rows_of(items, key), "unpaid_amount"].sum()
        own = invoices[rows_of(invoices, key)]
        if way == "counted_back":
            rows.append({**key, **_counted_back(known, due, own)})
            continue
        sales = own.loc[own["issued_at"] >= begin, "amount"].sum()
        days = due / sales * window_days if sales > 0 else np.nan
        rows.append({**key, **_days_row(way, due, sales, window_days, days)})
    return pd.DataFrame(rows, columns=[*by, *_days_row(way, 0.0, 0.0, 0, 0.0)])


def _days_row(way: str, due: float, sales: float, window: int, days: float) -> dict:
    """One way of counting, in the columns of the result."""
    return {
        "way": way,
        "unpaid_amount": due,
        "sales": sales,
        "window_days": window,
        "days_outstanding": days,
    }


def _counted_back(known: KnownCustomers, due: float, invoices: pd.DataFrame) -> dict:
    """The days of sales that an amount covers, month by month backwards from the day."""
    first, end = invoices["issued_at"].min(), known.as_of.normalize() + pd.Timedelta(days=1)
    rest, days, sales, window = due, 0.0, 0.0, 0
    while rest > 0 and end > first:
        start = known.calendar.bounds_of(
            known.calendar.label_of(end - pd.Timedelta(days=1), "month")
        )[0]
        inside = (invoices["issued_at"] >= start) & (invoices["issued_at"] < end)
        month, length = invoices.loc[inside, "amount"].sum(), (end - start).days
        sales, window = sales + month, window + length
        # Of a month without sales nothing is covered; it passes all the same.
        days += length if rest > month or month <= 0 else rest / month * length
        rest, end = max(rest - max(month, 0.0), 0.0), start
    return _days_row("counted_back", due, sales, window, days if rest <= 0 else np.nan)


def held_back(known: KnownCustomers, *, most_share: float = 0.1) -> pd.DataFrame:
    """Small rests of invoices that were paid else: what an unhappy buyer holds back.

    Parameters
    ----------
    known : KnownCustomers
        With ``open_items``.
    most_share : float
        A rest is small up to this share of its invoice.

    Returns
    -------
    DataFrame, one row per overdue invoice with a small rest, the largest first
        ``account_id, invoice_id, issued_at, due_at, amount, unpaid_amount``, ``share`` (of the
        invoice), ``overdue_days``, ``last_paid_at``, ``disputed``.

    Examples
    --------
    >>> items = pd.DataFrame({
    ...     "account_id": "A", "kind": "invoice", "invoice_id": ["1", "2"], "disputed": False,
    ...     "amount": 100.0, "settled_amount": [95.0, 0.0], "unpaid_amount": [5.0, 100.0],
    ...     "credit_amount": 0.0, "due_at": pd.to_datetime("2025-06-10"),
    ...     "issued_at": pd.to_datetime("2025-05-10"),
    ...     "last_paid_at": pd.to_datetime("2025-06-09")})
    >>> held = held_back(KnownCustomers(as_of="2025-06-30", open_items=items))
    >>> held[["invoice_id", "unpaid_amount", "share", "overdue_days"]]
      invoice_id  unpaid_amount  share  overdue_days
    0          1          5.0   0.05            20
    """
    require_number("most_share", most_share, over=0, under=1)
    shown = ["account_id", "invoice_id", "issued_at", "due_at", "amount", "unpaid_amount"]
    after = ["last_paid_at", "disputed"]
    items = frame_of(known, "open_items", [*shown, "kind", "settled_amount", *after])
    late, share = overdue_days(known, items), items["unpaid_amount"] / items["amount"]
    small = (items["settled_amount"] > 0) & (share > 0) & (share <= most_share) & (late > 0)
    table = items.assign(share=share, overdue_days=late)[small.to_numpy(bool)]
    table = table.sort_values(["unpaid_amount", "invoice_id"], ascending=[False, True])
    table = table[[*shown, "share", "overdue_days", *after]].reset_index(drop=True)
    return table.astype({"overdue_days": int})


def _ascending(buckets: Sequence[int]) -> list[int]:
    ends = [require_number("buckets", end, low=1, whole=True) for end in buckets]
    if not ends or any(one >= other for one, other in pairwise(ends)):
        raise SalesAnalysisError(
            f"`buckets` is {tuple(buckets)}; expected days that ascend, such as (30, 60, 90)."
        )
    return ends


def _ahead(ahead: pd.DataFrame | None) -> pd.DataFrame:
    """What is delivered or ordered and not billed, one row per account; nothing where not given."""
    if ahead is None:
        ahead = pd.DataFrame({"account_id": pd.Series(dtype=str)})
    require_columns(ahead.columns, ["account_id"], "`ahead`")
    ahead = ahead.assign(**{name: 0.0 for name in _AHEAD if name not in ahead})
    return ahead.groupby("account_id")[list(_AHEAD)].sum().reset_index()


def _all_accounts(known: KnownCustomers, *tables: pd.DataFrame) -> pd.DataFrame:
    """One row per account of the file that was kept, and of the tables, with their columns."""
    columns = ["account_id", "name", "owner_id", "credit_limit"]
    file = kept_file(known)
    table = file[[name for name in columns if name in file]].astype({"account_id": object})
    for other in tables:
        table = table.merge(other.astype({"account_id": object}), "outer", on="account_id")
    return table
