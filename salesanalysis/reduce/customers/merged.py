"""Accounts that were merged: what is filed under the old id belongs to the one that was kept."""

import ibis

from salesanalysis.errors import SalesAnalysisError
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
    table = table.mutate(merged_into=table.merged_into.cast("string"))
    merged = table.filter(table.merged_into.notnull() & (table.merged_into != table.account_id))
    rows = to_pandas(merged.select("account_id", "merged_into").distinct())
    into = dict(zip(rows["account_id"], rows["merged_into"], strict=True))
    return {account: _end(account, into) for account in sorted(into)}


def _end(account: str, into: dict[str, str]) -> str:
    """Where a chain of merged accounts ends."""
    passed = [account]
    while (following := into.get(passed[-1])) is not None:
        if following in passed:
            circle = " → ".join([*passed, following])
            raise SalesAnalysisError(
                f"`merged_into` of `accounts` leads in a circle: {circle}. Expected one that is"
                " kept; clear its `merged_into`."
            )
        passed.append(following)
    return passed[-1]


def kept_only(accounts: AnyTable) -> ibis.Table:
    """The accounts without those that were merged into others."""
    table = as_ibis(accounts)
    if "merged_into" not in table.columns:
        return table
    into = table.merged_into.cast("string")
    return table.filter(into.isnull() | (into == table.account_id))


def of_kept_accounts(table: ibis.Table, accounts: AnyTable | None) -> ibis.Table:
    """A table whose rows belong to the accounts that were kept; as it is where none was merged."""
    return _renamed(table, "account_id", {} if accounts is None else kept_accounts(accounts))


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
