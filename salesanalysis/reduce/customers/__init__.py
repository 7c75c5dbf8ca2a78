"""The small frames that :mod:`salesanalysis.customers` takes, and what may be wrong with them."""

from salesanalysis.reduce.customers.known_customers import known
from salesanalysis.reduce.customers.quality import checks

__all__ = ["checks", "known"]

__dir__ = __all__.copy
