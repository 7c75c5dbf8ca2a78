"""Whether the keys of the deal list are in the lists of sellers, accounts and products."""

from collections.abc import Mapping

import pandas as pd

from salesanalysis.columns import LOOKUPS, TABLES
from salesanalysis.sources.checked import Checked
from salesanalysis.sources.unmatched import unmatched_keys


def unmatched_lookups(inputs: Mapping[str, Checked]) -> pd.DataFrame:
    """Keys that the deal list and its lookup lists do not share; a join would lose them silently.

    Parameters
    ----------
    inputs : dict of table name to Checked
        As from :func:`inputs`. Lists that are not there, or whose key the deal list does not have,
        are passed over.

    Returns
    -------
    DataFrame
        One row per key and side: ``table`` (the lookup list), ``column``, ``key``, ``side``
        (``deals`` or ``list``: who has it), ``rows``, ``nearest`` (the most similar key of the
        other side). Empty where all match.

    Examples
    --------
    >>> unmatched_lookups({})
    Empty DataFrame
    Columns: [table, column, key, side, rows, nearest]
    Index: []
    """
    tables = []
    deals = inputs.get("opportunities")
    for name in LOOKUPS:
        (key,) = TABLES[name].key
        if name not in inputs or deals is None or key not in deals.table.columns:
            continue
        found = unmatched_keys(deals.table, inputs[name].table, key).rename(columns={key: "key"})
        found["side"] = found["side"].map({"left": "deals", "right": "list"})
        found.insert(0, "table", name)
        found.insert(1, "column", key)
        tables.append(found)
    columns = ["table", "column", "key", "side", "rows", "nearest"]
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]
