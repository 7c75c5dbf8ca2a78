"""The one currency of a report: told by its tables, or not at all."""

import ibis
import pytest

from salesanalysis import reduce

EUROS = ibis.memtable({"amount": [5.0, 7.0], "currency": ["EUR", None]})
DOLLARS = ibis.memtable({"amount": [5.0], "currency": ["USD"]})
SILENT = ibis.memtable({"amount": [5.0]})


@pytest.mark.parametrize(
    ("tables", "currency"),
    [([EUROS], "EUR"), ([EUROS, SILENT, EUROS], "EUR"), ([EUROS, DOLLARS], ""), ([SILENT], ""),
     ([], "")],
)  # fmt: skip
def test_the_currency_is_that_of_all_tables_that_say_one(tables, currency):
    assert reduce.currency_of(dict(enumerate(tables))) == currency
