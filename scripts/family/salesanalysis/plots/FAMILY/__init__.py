"""Pictures of :mod:`salesanalysis.FAMILY`."""

from salesanalysis.plots.FAMILY.months import by_month

__all__ = ["by_month"]

__dir__ = __all__.copy
