"""The customers of one seller, one region, or one customer alone, and what belongs to them."""

from collections.abc import Mapping

import ibis

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reduce.expressions import AnyTable, Tables, as_ibis, to_pandas
from salesanalysis.reduce.selection import selected

#: Where accounts are chosen by what the file does not say.
_FILE, _KEY = "accounts", "account_id"


def of_customers(tables: Tables, only: Mapping[str, object]) -> dict[str, AnyTable]:
    """The tables of a report with the rows of the customers who have certain values in the file.

    A customer's purchases, invoices, looks and all else follow it, whoever's they were at the time.
    Payments follow their invoices where they name no customer.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
    only : dict of column of ``accounts`` to value or list of values
        All must be met; values are compared as text. Without a file only ``account_id`` can be.

    Returns
    -------
    dict of name to table

    Raises
    ------
    SalesAnalysisError
        The column is in no table, or no customer is left; the message names the values there are.

    Examples
    --------
    >>> import pandas as pd
    >>> file = pd.DataFrame({"account_id": ["A", "B"], "owner_id": ["R1", "R2"]})
    >>> bought = pd.DataFrame({"account_id": ["A", "B", "B"], "amount": [1.0, 2.0, 3.0]})
    >>> one = of_customers({"accounts": file, "purchases": bought}, {"owner_id": "R2"})
    >>> one["purchases"].count().to_pandas()
    2
    """
    if not only:
        return dict(tables)
    name = _FILE if _FILE in tables else next(n for n, t in tables.items() if _KEY in t.columns)
    chosen = selected({name: tables[name]}, only)[name]
    kept = as_ibis(chosen).select(_KEY).distinct()
    if not to_pandas(kept.limit(1)).shape[0]:
        raise SalesAnalysisError(_nobody(tables[name], name, only))
    found = {}
    for other, table in tables.items():
        rows = as_ibis(table)
        found[other] = _of(rows, _KEY, kept) if _KEY in rows.columns else table
    if "payments" in found and _KEY not in as_ibis(found["payments"]).columns:
        found["payments"] = _of(as_ibis(found["payments"]), "invoice_id", found["invoices"])
    return found


def _of(rows: ibis.Table, key: str, kept: ibis.Table) -> ibis.Table:
    """The rows whose key is among those kept."""
    # A semi-join would do the same, but Ibis then refuses later filters on the table.
    return rows.filter(rows[key].isin(kept[key]))


def _nobody(table: AnyTable, name: str, only: Mapping[str, object]) -> str:
    """What to say where no customer has the values: those there are, of each column."""
    there = []
    for column in only:
        rows = to_pandas(as_ibis(table).select(column).distinct().order_by(column).limit(11))
        values = [str(value) for value in rows[column].dropna()]
        there.append(f"{column}: {', '.join(values[:10])}{' …' if len(values) > 10 else ''}")
    asked = ", ".join(f"{column} {value!r}" for column, value in only.items())
    return f"No customer of `{name}` has {asked}. There are {'; '.join(there)}."
