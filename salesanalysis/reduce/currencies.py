"""The currencies of a table: amounts in more than one cannot be added up."""

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


def require_one_currency(table, argument: str, *, expected: str | None = None) -> None:
    """Refuse a table with amounts in other currencies than one, or than the ``expected`` one."""
    errors.require_one_currency(currencies(table), argument, expected=expected)
