"""Pictures of the incentive family. Each draws the table of the function of the same name."""

from salesanalysis.plots.incentive.behaviour import attainment, bunching, evidence, timing
from salesanalysis.plots.incentive.component_bars import components
from salesanalysis.plots.incentive.lags import timeliness
from salesanalysis.plots.incentive.late import late_by_team
from salesanalysis.plots.incentive.plan_cost import cost
from salesanalysis.plots.incentive.plan_curve import payout_curve
from salesanalysis.plots.incentive.thresholds import frontier, reachability, sensitivity

__all__ = [
    "late_by_team",
    "attainment",
    "bunching",
    "components",
    "cost",
    "evidence",
    "frontier",
    "payout_curve",
    "reachability",
    "sensitivity",
    "timeliness",
    "timing",
]


__dir__ = __all__.copy
