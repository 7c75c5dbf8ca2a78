"""Pictures of the forecast family, each of the table of one of its functions or methods."""

from salesanalysis.plots.forecast.bars import parts
from salesanalysis.plots.forecast.calls import said_and_came
from salesanalysis.plots.forecast.fans import course, path
from salesanalysis.plots.forecast.goals import against_targets, must_win
from salesanalysis.plots.forecast.moves import changes
from salesanalysis.plots.forecast.sales import sales_by_month
from salesanalysis.plots.forecast.trust import backtest, calibration

__all__ = [
    "sales_by_month",
    "against_targets",
    "backtest",
    "calibration",
    "changes",
    "course",
    "must_win",
    "parts",
    "path",
    "said_and_came",
]


__dir__ = __all__.copy
