"""Pictures of the forgetting family, each of the table of one of its functions."""

from salesanalysis.plots.forgetting.curves import calibration, half_lives, retention
from salesanalysis.plots.forgetting.gaps import ksa_gap_rates
from salesanalysis.plots.forgetting.plans import compare_schedules, schedule_path, training_value

__all__ = [
    "calibration",
    "compare_schedules",
    "half_lives",
    "ksa_gap_rates",
    "retention",
    "schedule_path",
    "training_value",
]


__dir__ = __all__.copy
