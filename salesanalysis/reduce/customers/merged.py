"""Accounts that were merged: what is filed under the old id belongs to the one that was kept."""

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.expressions import AnyTable, as_ibis, require_columns, to_pandas


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


def of_kept_accounts(table: ibis.Table, accounts: AnyTable | None) -> ibis.Table:
    """A table whose rows belong to the accounts that were kept; as it is where none was merged."""
    kept = {} if accounts is None else kept_accounts(accounts)
    if not kept:
        return table
    names = ibis.memtable({"__merged": list(kept), "__kept": list(kept.values())})
    both = table.left_join(names, table.account_id == names["__merged"])
    both = both.mutate(account_id=ibis.coalesce(both["__kept"], both["account_id"]))
    return both.select(*table.columns)
