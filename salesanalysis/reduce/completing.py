"""Tables with every column of their vocabulary, for those who can do with missing values."""

import ibis

from salesanalysis.columns import KINDS, TABLES
from salesanalysis.reduce.expressions import AnyTable, Tables, as_ibis


def with_all_columns(tables: Tables, *names: str) -> dict[str, AnyTable]:
    """The tables of a report, those of these names with every column of their vocabulary.

    A column that an input lacks is one of missing values: whoever says nothing of dates and whoever
    leaves the dates empty say the same.

    Parameters
    ----------
    tables : dict of name to Ibis table or DataFrame
    *names : str
        Those to complete; names that are not among the tables are passed over.

    Returns
    -------
    dict of name to table
        The others as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> calls = pd.DataFrame({"kind": ["call"], "at": pd.to_datetime(["2025-01-01"])})
    >>> with_all_columns({"activities": calls}, "activities", "payouts")["activities"].columns
    ('kind', 'at', 'opportunity_id', 'owner_id')
    """
    completed = dict(tables)
    for name in names:
        if name not in tables:
            continue
        table = as_ibis(tables[name])
        absent = {
            column.name: ibis.null(KINDS[column.kind])
            for column in TABLES[name].columns
            if column.name not in table.columns
        }
        completed[name] = table.mutate(**absent) if absent else tables[name]
    return completed
