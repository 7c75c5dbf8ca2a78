"""The currencies of a table: amounts in more than one cannot be added up."""

from collections.abc import Mapping

import ibis

from salesanalysis import errors
from salesanalysis.reduce.expressions import to_pandas


def currencies(table) -> list[str]:
    """The values of ``currency``, the most frequent first; none where there is no such column."""
    if "currency" not in table.columns:
        return []
    known = table.filter(table.currency.notnull())
    known = known.group_by(name=known.currency.cast("string")).agg(rows=known.count())
    return to_pandas(known.order_by([ibis.desc("rows"), "name"]))["name"].tolist()


def currency_of(tables: Mapping[str, ibis.Table]) -> str:
    """The one currency of all amounts in some tables, by its code.

    Parameters
    ----------
    tables : dict of name to Ibis table
        Those without a column ``currency`` say nothing.

    Returns
    -------
    str
        Empty where no table says one, or where they say several, of which no sign can stand beside
        an amount.

    Examples
    --------
    >>> deals = ibis.memtable({"amount": [5.0, 7.0], "currency": ["EUR", None]})
    >>> currency_of({"deals": deals}), currency_of({"deals": deals.drop("currency")})
    ('EUR', '')
    """
    found = {code for table in tables.values() for code in currencies(table)}
    return found.pop() if len(found) == 1 else ""


def require_one_currency(table, argument: str, *, expected: str | None = None) -> None:
    """Refuse a table with amounts in other currencies than one, or than the ``expected`` one."""
    errors.require_one_currency(currencies(table), argument, expected=expected)
