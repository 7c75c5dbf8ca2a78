"""What the customers' file says, and what happened around it: up to the day, of accounts kept."""

import ibis
import pandas as pd

from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.customers.merged import by_customer
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    moment,
    require_columns,
    to_pandas,
)


def file(accounts: AnyTable, *, as_of: Day) -> pd.DataFrame:
    """The customers' file; what was verified later was not verified at the end of ``as_of``.

    Parameters
    ----------
    accounts : Ibis table or DataFrame, one row per account
        ``account_id`` and whatever else of that table there is.
    as_of : str, date or timestamp

    Returns
    -------
    DataFrame, one row per account, by its id

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "verified_by": "Wu",
    ...                          "verified_at": pd.to_datetime(["2025-01-05", "2025-03-01"])})
    >>> file(accounts, as_of="2025-01-31")["verified_by"].tolist()
    ['Wu', nan]
    """
    table = as_ibis(accounts)
    require_columns(table, ["account_id"], "accounts")
    if "verified_at" in table.columns:
        at = table.verified_at.cast("timestamp")
        known = at.isnull() | (at <= moment(end_of(as_of)))
        names = [name for name in ("verified_by", "verified_at") if name in table.columns]
        table = table.mutate(verified_at=at)
        table = table.mutate(**{name: ibis.ifelse(known, table[name], None) for name in names})
    return to_pandas(table).sort_values("account_id", kind="stable", ignore_index=True)


def changes(
    account_changes: AnyTable, *, as_of: Day, accounts: AnyTable | None = None
) -> pd.DataFrame:
    """What was changed in the file up to the end of ``as_of``.

    Parameters
    ----------
    account_changes : Ibis table or DataFrame, one row per account × field changed
        ``account_id, field, changed_at``, and ``old, new, changed_by`` where known.
    as_of : str, date or timestamp
    accounts : Ibis table or DataFrame, optional
        With ``merged_into``, as for :func:`open_items`.

    Returns
    -------
    DataFrame
        ``account_id, field, old, new, changed_at, changed_by``, by time.
    """
    named = ["account_id", "field", "old", "new", "changed_at", "changed_by"]
    return _happened(
        "account_changes", account_changes, "changed_at", named, as_of, accounts, ["field"]
    )


def eagerness(eagerness: AnyTable, *, as_of: Day, accounts: AnyTable | None = None) -> pd.DataFrame:
    """How eager each customer was found, and when, up to the end of ``as_of``.

    Parameters
    ----------
    eagerness : Ibis table or DataFrame, one row per account × day assessed
        ``account_id, assessed_at``, and ``funding, resources, precedence, staffing, attitude,
        assessed_by`` where known.
    as_of, accounts
        As for :func:`changes`.

    Returns
    -------
    DataFrame
        In these columns, by time.
    """
    scores = ["funding", "resources", "precedence", "staffing", "attitude"]
    named = ["account_id", "assessed_at", *scores, "assessed_by"]
    return _happened("eagerness", eagerness, "assessed_at", named, as_of, accounts)


def requests(requests: AnyTable, *, as_of: Day, accounts: AnyTable | None = None) -> pd.DataFrame:
    """What customers asked for or complained of up to the end of ``as_of``.

    Parameters
    ----------
    requests : Ibis table or DataFrame, one row per request
        ``account_id, at``, and ``kind, answered_at, owner_id`` where known.
    as_of, accounts
        As for :func:`changes`.

    Returns
    -------
    DataFrame
        ``account_id, kind, asked_at, answered_at`` (missing where it was answered later),
        ``owner_id``, by time.
    """
    named = ["account_id", "kind", "at", "answered_at", "owner_id"]
    found = _happened("requests", requests, "at", named, as_of, accounts)
    later = found["answered_at"] > end_of(as_of)
    found = found.assign(answered_at=found["answered_at"].mask(later))
    return found.rename(columns={"at": "asked_at"})


def account_contacts(
    activities: AnyTable,
    opportunities: AnyTable,
    *,
    as_of: Day,
    accounts: AnyTable | None = None,
) -> pd.DataFrame:
    """How often each seller was in touch with each account up to the end of ``as_of``.

    Parameters
    ----------
    activities : Ibis table or DataFrame, one row per contact
        ``opportunity_id, owner_id, at``.
    opportunities : Ibis table or DataFrame, one row per deal
        ``opportunity_id, account_id``: whose deal it is.
    as_of, accounts
        As for :func:`changes`.

    Returns
    -------
    DataFrame, one row per account × seller, by both
        ``account_id, owner_id, contacts, last_at``.

    Examples
    --------
    >>> activities = pd.DataFrame({
    ...     "opportunity_id": ["d", "d", "e"], "owner_id": "R1",
    ...     "at": pd.to_datetime(["2025-01-01", "2025-03-01", "2025-01-02"])})
    >>> deals = pd.DataFrame({"opportunity_id": ["d", "e"], "account_id": "A"})
    >>> account_contacts(activities, deals, as_of="2025-01-31")
      account_id owner_id  contacts    last_at
    0          A       R1         2 2025-01-02
    """
    touched, deals = as_ibis(activities), as_ibis(opportunities)
    require_columns(touched, ["opportunity_id", "owner_id", "at"], "activities")
    require_columns(deals, ["opportunity_id", "account_id"], "opportunities")
    # A deal that is there twice must not make one contact two.
    of = deals.group_by(deal=deals.opportunity_id).agg(account_id=deals.account_id.min())
    both = touched.select("opportunity_id", "owner_id", at=touched["at"].cast("timestamp"))
    both = both.inner_join(of, both.opportunity_id == of.deal)
    both = both.filter(both["at"] <= moment(end_of(as_of)), both.account_id.notnull())
    both = by_customer(both, accounts)
    counted = both.group_by("account_id", "owner_id").agg(
        contacts=both.count(), last_at=both["at"].max()
    )
    return to_pandas(counted).sort_values(["account_id", "owner_id"], ignore_index=True)


def _happened(name, given, day, named, as_of, accounts, needed=()) -> pd.DataFrame:
    """The rows of a table up to the end of a day, in these columns, by time."""
    require_columns(as_ibis(given), ["account_id", day, *needed], name)
    table = as_ibis(with_all_columns({name: given}, name)[name]).select(*named)
    table = table.mutate(**{n: table[n].cast("timestamp") for n in named if n.endswith("_at")})
    table = table.mutate(**{day: table[day].cast("timestamp")})
    table = by_customer(table.filter(table[day] <= moment(end_of(as_of))), accounts)
    order = [day, *(column for column in named if column != day)]
    return to_pandas(table).sort_values(order, kind="stable", ignore_index=True)
