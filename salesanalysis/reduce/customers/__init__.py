"""The small frames that :mod:`salesanalysis.customers` takes, and what may be wrong with them."""

from salesanalysis.reduce.customers.known_customers import known
from salesanalysis.reduce.customers.merged import kept_accounts
from salesanalysis.reduce.customers.quality import checks
from salesanalysis.reduce.customers.receivables import invoices, open_items

__all__ = ["checks", "invoices", "kept_accounts", "known", "open_items"]

__dir__ = __all__.copy
