"""Accounts that were merged: what is filed under the old id belongs to the one that was kept."""

import ibis

from salesanalysis.company_fields import final_accounts
from salesanalysis.reduce.expressions import AnyTable, Tables, as_ibis, require_columns, to_pandas


def kept_accounts(accounts: AnyTable) -> dict[str, str]:
    """The account that was kept, for each one that was merged away, by way of any others.

    Parameters
    ----------
    accounts : Ibis table or DataFrame, one row per account
        ``account_id``, and ``merged_into`` where any was merged.

    Raises
    ------
    SalesAnalysisError
        Accounts are merged in a circle, so that none of them is kept.

    Examples
    --------
    >>> import pandas as pd
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"], "merged_into": ["B", "C", None]})
    >>> kept_accounts(file)
    {'A': 'C', 'B': 'C'}
    """
    table = as_ibis(accounts)
    require_columns(table, ["account_id"], "accounts")
    if "merged_into" not in table.columns:
        return {}
    rows = to_pandas(table.select("account_id", "merged_into").distinct())
    rows = rows.dropna(subset=["account_id"]).sort_values("account_id")
    kept = dict(zip(rows["account_id"], final_accounts(rows), strict=True))
    return {account: final for account, final in kept.items() if account != final}


def kept_only(accounts: AnyTable) -> ibis.Table:
    """The accounts without those that were merged into others."""
    table = as_ibis(accounts)
    if "merged_into" not in table.columns:
        return table
    into = table.merged_into.cast("string")
    return table.filter(into.isnull() | (into == table.account_id))


def by_customer(table: AnyTable, file: AnyTable | None) -> ibis.Table:
    """A table whose rows belong to the customer of their account: to the account that was kept.

    The data stay as they are: the ids of merged accounts live on in them.

    Parameters
    ----------
    table : Ibis table or DataFrame
        With ``account_id``.
    file : Ibis table or DataFrame, one row per account, or None
        The customers' file, with ``merged_into`` where any was merged; or a map with
        ``customer_id``, as from :meth:`salesanalysis.customers.Linkage.customers`.

    Returns
    -------
    Ibis table
        The same rows and columns; accounts that the file does not know stay as they are.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or accounts are merged in a circle.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"account_id": ["A", "B"], "customer_id": ["B", "B"]})
    >>> orders = pd.DataFrame({"account_id": ["A", "B", "X"], "amount": [1.0, 2.0, 3.0]})
    >>> sorted(by_customer(orders, customers).to_pandas()["account_id"])
    ['B', 'B', 'X']
    """
    rows = as_ibis(table)
    require_columns(rows, ["account_id"], "table")
    return _renamed(rows, "account_id", {} if file is None else _customers(file))


def _customers(file: AnyTable) -> dict[str, str]:
    """The customer of each account whose id is another."""
    table = as_ibis(file)
    if "customer_id" not in table.columns:
        return kept_accounts(table)
    require_columns(table, ["account_id"], "file")
    rows = to_pandas(table.select("account_id", "customer_id").order_by("account_id"))
    named = dict(zip(rows["account_id"], rows["customer_id"], strict=True))
    return {account: customer for account, customer in named.items() if account != customer}


def tables_of_kept(tables: Tables) -> dict[str, AnyTable]:
    """The tables of a report, what is filed under an account that was merged under the one kept.

    Their ``accounts`` stay as they are, and so does all where none was merged.

    Examples
    --------
    >>> import pandas as pd
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "merged_into": ["B", None]})
    >>> bought = pd.DataFrame({"account_id": ["A", "B", "C"], "amount": 1.0})
    >>> kept = tables_of_kept({"accounts": accounts, "purchases": bought})
    >>> sorted(kept["purchases"].account_id.execute())
    ['B', 'B', 'C']
    """
    kept = kept_accounts(tables["accounts"]) if "accounts" in tables else {}
    if not kept:
        return dict(tables)
    found = {}
    for name, table in tables.items():
        found[name] = table
        for column in ("account_id", "referred_id") if name != "accounts" else ():
            if column in table.columns:
                found[name] = _renamed(as_ibis(found[name]), column, kept)
    return found


def _renamed(table: ibis.Table, column: str, kept: dict[str, str]) -> ibis.Table:
    """A table with the accounts in a column by the names under which they were kept."""
    if not kept:
        return table
    names = ibis.memtable({"__merged": list(kept), "__kept": list(kept.values())})
    both = table.left_join(names, table[column] == names["__merged"])
    both = both.mutate(**{column: ibis.coalesce(both["__kept"], both[column])})
    return both.select(*table.columns)
