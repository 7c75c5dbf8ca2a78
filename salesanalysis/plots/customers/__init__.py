"""Pictures of :mod:`salesanalysis.customers`."""

from salesanalysis.plots.customers.account_classes import class_matrix
from salesanalysis.plots.customers.alarm_budget import alarm_budget
from salesanalysis.plots.customers.campaigns import campaign_effect
from salesanalysis.plots.customers.months import by_month
from salesanalysis.plots.customers.receivables import ageing, over_limit
from salesanalysis.plots.customers.segments import segments
from salesanalysis.plots.customers.silent import alarm_backtest, silence

__all__ = [
    "ageing",
    "alarm_backtest",
    "alarm_budget",
    "by_month",
    "campaign_effect",
    "class_matrix",
    "over_limit",
    "segments",
    "silence",
]

__dir__ = __all__.copy
