"""Pictures of the funnel family. Each draws the table of the function of the same name."""

from salesanalysis.plots.funnel.aims import aimed
from salesanalysis.plots.funnel.coaching import exceptions
from salesanalysis.plots.funnel.losses import leakage
from salesanalysis.plots.funnel.months import months
from salesanalysis.plots.funnel.moves import waterfall
from salesanalysis.plots.funnel.open_age import ageing
from salesanalysis.plots.funnel.open_deals import open_by_age
from salesanalysis.plots.funnel.stages import conversion, stage_days
from salesanalysis.plots.funnel.win_rates import pooled_win_rate_splits, win_rate_splits

__all__ = [
    "open_by_age",
    "months",
    "ageing",
    "aimed",
    "conversion",
    "exceptions",
    "leakage",
    "pooled_win_rate_splits",
    "stage_days",
    "waterfall",
    "win_rate_splits",
]


__dir__ = __all__.copy
