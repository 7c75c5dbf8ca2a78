"""All warnings about customers in one table, whatever they are about."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.customers.accounts import said_of_accounts
from salesanalysis.customers.warning_rows import COLUMNS
from salesanalysis.errors import require_columns, require_number
from salesanalysis.known import KnownCustomers, require_known

BEHIND, FAVOURITE = "behind", "new_favourite"
#: The kinds in the order in which they are told where as much hangs on each.
KINDS = (
    *("over_limit", "overdue", "held_back", "leaving", "waiting", "returns", "false_data"),
    *("file_change", "no_limit", BEHIND, "neglected", FAVOURITE),
)


def all_warnings(
    known: KnownCustomers, tables: Sequence[pd.DataFrame], *, new_days: int = 7
) -> pd.DataFrame:
    """The warnings of every kind in one table, each with whose it is and whether it is new.

    Parameters
    ----------
    known : KnownCustomers
        Its ``file`` has the owners.
    tables : list of DataFrame, each one row per warning
        ``account_id, kind, value, normal, distance, since, amount_at_stake``, and ``what, is_new,
        false_share`` where known: as from :func:`owed_warnings`, :func:`file_warnings`,
        ``ReturnChance.alarms``, :func:`neglected_accounts`, :func:`behind_warnings`,
        :func:`favourite_warnings`.
    new_days : int
        Where a table says nothing of it, what began within so many days is new.

    Returns
    -------
    DataFrame, one row per account × kind × thing, the most money first
        ``account_id, owner_id, kind, what, value, normal, distance, since, is_new,
        amount_at_stake``, ``false_share`` (what share of such a list was wrong on earlier days;
        missing where a warning states what is, and nothing that may be).

    Examples
    --------
    >>> over = pd.DataFrame({"account_id": ["A"], "kind": "over_limit", "what": None,
    ...     "value": 80.0, "normal": 50.0, "distance": 30.0, "amount_at_stake": 30.0,
    ...     "since": pd.to_datetime(["2025-06-28"])})
    >>> known = KnownCustomers(as_of="2025-06-30",
    ...                        file=pd.DataFrame({"account_id": ["A"], "owner_id": ["R1"]}))
    >>> all_warnings(known, [over])[["owner_id", "kind", "distance", "is_new", "amount_at_stake"]]
      owner_id        kind  distance  is_new  amount_at_stake
    0       R1  over_limit      30.0    True             30.0
    """
    require_known(known, KnownCustomers)
    new_days = require_number("new_days", new_days, low=0, whole=True)
    kinds = {"account_id": object, "kind": object, "what": object, "since": "datetime64[us]"}
    kinds |= {name: float for name in ("value", "normal", "distance", "amount_at_stake")}
    kinds |= {"false_share": float, "is_new": object}
    rows = []
    for table in tables:
        require_columns(table.columns, [name for name in COLUMNS if name != "what"], "`tables`")
        rows.append(table.reindex(columns=[*COLUMNS, "is_new", "false_share"]).astype(kinds))
    some = [table for table in rows if len(table)]
    whole = pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=list(kinds))
    whole = whole.astype(kinds)
    recent = whole["since"] > known.as_of - pd.Timedelta(days=new_days)
    whole["is_new"] = np.where(whole["is_new"].isna(), recent, whole["is_new"].eq(True))
    owners = said_of_accounts(known, "owner_id")
    whole = whole.assign(
        is_new=whole["is_new"].astype(bool), owner_id=whole["account_id"].map(owners).astype(object)
    )
    place = whole["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    order = whole.assign(place=place, money=-whole["amount_at_stake"].fillna(-1.0))
    order = order.sort_values(["money", "place", "account_id", "what"], kind="stable")
    shown = ["account_id", "owner_id", *COLUMNS[1:-1], "is_new", "amount_at_stake", "false_share"]
    return whole.loc[order.index, shown].reset_index(drop=True)


def behind_warnings(schedule: pd.DataFrame) -> pd.DataFrame:
    """Customers who are not likely to reach their target any more, as rows of warnings.

    Parameters
    ----------
    schedule : DataFrame
        As from :func:`schedule_gap`.

    Returns
    -------
    DataFrame, one row per customer behind
        ``value`` is what it has bought, ``normal`` what it should have by now, ``distance`` and
        ``amount_at_stake`` what is missing, ``what`` the period.
    """
    needed = ["account_id", "period", "actual", "expected_now", "behind"]
    require_columns(schedule.columns, needed, "`schedule`")
    late = schedule[schedule["behind"].eq(True) & (schedule["actual"] < schedule["expected_now"])]
    missing = late["expected_now"] - late["actual"]
    found = late.assign(
        kind=BEHIND,
        what=late["period"],
        value=late["actual"],
        normal=late["expected_now"],
        distance=missing,
        since=pd.NaT,
        amount_at_stake=missing,
    )
    return found[list(COLUMNS)].sort_values(["account_id", "what"], ignore_index=True)


def favourite_warnings(favourites: pd.DataFrame) -> pd.DataFrame:
    """Customers whose favourite category has changed, as rows of warnings: an offer is due.

    Parameters
    ----------
    favourites : DataFrame
        As from :func:`favourite_changes`.

    Returns
    -------
    DataFrame, one row per customer marked
        ``value`` is the gain in share of looks, ``normal`` 0, ``what`` the new favourite,
        ``false_share`` the share of chance in the list down to this row.
    """
    needed = ["account_id", "new_category", "share_gain", "q_value", "vip"]
    require_columns(favourites.columns, needed, "`favourites`")
    found = favourites[favourites["vip"].eq(True)].assign(
        kind=FAVOURITE, normal=0.0, since=pd.NaT, amount_at_stake=np.nan
    )
    found = found.assign(
        what=found["new_category"],
        value=found["share_gain"],
        distance=found["share_gain"],
        false_share=found["q_value"],
    )
    return found[[*COLUMNS, "false_share"]].sort_values("account_id", ignore_index=True)
