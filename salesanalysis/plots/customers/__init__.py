"""Pictures of :mod:`salesanalysis.customers`."""

from salesanalysis.plots.customers.months import by_month

__all__ = ["by_month"]

__dir__ = __all__.copy
