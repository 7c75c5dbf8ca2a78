"""The sample tables beside the deals: each of these functions makes some, from the seed alone."""

from salesanalysis.datasets import tables
from salesanalysis.datasets.bookings import revenue_tables
from salesanalysis.datasets.customers import customer_tables
from salesanalysis.datasets.incentives import incentive_tables
from salesanalysis.datasets.training import training_tables

#: ``seed → {table name: DataFrame}``, in the columns of :mod:`salesanalysis.columns`.
EXTRAS = (training_tables, revenue_tables, incentive_tables, customer_tables)
#: Files whose name is not that of their table: the company's own accounts have a list already.
TABLE_OF = {"customer_file": "accounts"}


def extra_tables(seed: int) -> dict:
    """The Arrow tables of all :data:`EXTRAS`, by name."""
    return {
        name: tables.arrow_table(TABLE_OF.get(name, name), frame)
        for make in EXTRAS
        for name, frame in make(seed).items()
    }
