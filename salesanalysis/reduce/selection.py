"""Part of the data: the deals of one region, one seller, one product, and what belongs to them."""

from collections.abc import Mapping

import ibis

from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.reduce.expressions import AnyTable, Tables, as_ibis


def selected(tables: Tables, only: Mapping[str, object]) -> dict[str, AnyTable]:
    """The tables of a report with the rows whose columns have certain values.

    The deal list keeps the deals with those values, and every table that names deals the rows of
    these deals: stages, contacts and evidence follow their deals, whoever's they were at the time.
    Any other table with one of the columns keeps its rows with those values; one with neither stays
    whole.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
        Such as :func:`with_lookups` gives, so that what the lists of sellers, accounts and products
        say of a deal can be chosen by too.
    only : dict of column to value or list of values
        All of them must be met; values are compared as text. Empty for all rows.

    Returns
    -------
    dict of name to table
        The same tables; those that nothing was left out of are as they were.

    Raises
    ------
    SalesAnalysisError
        No table has the column, or no deal is left; the message names the values there are.

    Examples
    --------
    >>> import pandas as pd
    >>> deals = pd.DataFrame({"opportunity_id": ["a", "b"], "region": ["East", "West"]})
    >>> history = pd.DataFrame({"opportunity_id": ["a", "b", "b"], "stage": ["S", "S", "D"]})
    >>> known = selected({"opportunities": deals, "stage_history": history}, {"region": "West"})
    >>> known["stage_history"].count().to_pandas()
    2
    """
    if not only:
        return dict(tables)
    chosen = {name: as_ibis(table) for name, table in tables.items()}
    for column, values in only.items():
        _keep(chosen, column, values if isinstance(values, list) else [values])
    _follow_deals(chosen, only)
    core = next((name for name in ("opportunities", "stage_history") if name in chosen), None)
    if core and not chosen[core].count().to_pyarrow().as_py():
        raise SalesAnalysisError(_nothing_left(as_ibis(tables[core]), only))
    return chosen


def _keep(chosen: dict[str, ibis.Table], column: str, values: list[object]) -> None:
    """Keep the rows with these values in each table that has the column."""
    having = [name for name, table in chosen.items() if column in table.columns]
    if not having:
        known = sorted({name for table in chosen.values() for name in table.columns})
        raise SalesAnalysisError(
            f"`only` names the column `{column}`, which no table has. Nearest:"
            f" {', '.join(nearest(column, known)) or 'none'}. Columns: {', '.join(known)}."
        )
    for name in having:
        table = chosen[name]
        if "opportunities" in having and name != "opportunities" and _names_deals(table):
            continue
        chosen[name] = table.filter(table[column].cast("string").isin([str(v) for v in values]))


def _names_deals(table: ibis.Table) -> bool:
    return "opportunity_id" in table.columns


def _follow_deals(chosen: dict[str, ibis.Table], only: Mapping[str, object]) -> None:
    """Leave out of the other tables what belongs to deals that are left out."""
    if "opportunities" not in chosen:
        return
    deals = chosen["opportunities"].select("opportunity_id")
    for name, table in chosen.items():
        if name != "opportunities" and _names_deals(table):
            chosen[name] = table.semi_join(deals, "opportunity_id")


def _nothing_left(table: ibis.Table, only: Mapping[str, object]) -> str:
    """What to say where no row has the values: those there are, of each column."""
    there = []
    for column in only:
        if column in table.columns:
            values = table.select(value=table[column].cast("string")).distinct()
            found = values.order_by("value").limit(20).to_pyarrow().column(0).to_pylist()
            there.append(f"`{column}` has {', '.join(v for v in found if v is not None)}")
    said = f" {'; '.join(there)}." if there else ""
    return f"`only` is {dict(only)!r}, of which there is no row.{said}"
