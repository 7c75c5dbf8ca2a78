"""Pictures of :mod:`salesanalysis.customers`."""

from salesanalysis.plots.customers.account_classes import class_matrix
from salesanalysis.plots.customers.campaigns import campaign_effect
from salesanalysis.plots.customers.months import by_month
from salesanalysis.plots.customers.segments import segments

__all__ = ["by_month", "campaign_effect", "class_matrix", "segments"]

__dir__ = __all__.copy
