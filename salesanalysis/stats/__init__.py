"""The statistics that the families share: shares, survival, many tests, many groups, whole parts.

Everything takes arrays or frames and returns a tidy frame or arrays, is exact about censoring, and
needs numpy and pandas only at import, because a report pays for every import: what needs more comes
when it is first used.
"""

from salesanalysis.stats.differences import share_difference, sum_of_means
from salesanalysis.stats.discovery import benjamini_hochberg
from salesanalysis.stats.logistic import Logistic, fit_logistic, ranked_right
from salesanalysis.stats.pooling import pooled_rates
from salesanalysis.stats.ranks import posterior_ranks
from salesanalysis.stats.shares import require_level, share_limits, wilson, z_value
from salesanalysis.stats.silence import fallen_silent
from salesanalysis.stats.spread import Spread
from salesanalysis.stats.survival import (
    aalen_johansen,
    kaplan_meier,
    most_of_none,
    restricted_mean,
    risk_table,
    survival_quantile,
)
from salesanalysis.stats.whole_parts import ADDS_UP_WITHIN, largest_remainder

__all__ = [
    "ADDS_UP_WITHIN",
    "Logistic",
    "Spread",
    "aalen_johansen",
    "benjamini_hochberg",
    "fallen_silent",
    "fit_logistic",
    "kaplan_meier",
    "largest_remainder",
    "most_of_none",
    "pooled_rates",
    "posterior_ranks",
    "ranked_right",
    "require_level",
    "restricted_mean",
    "risk_table",
    "share_difference",
    "share_limits",
    "sum_of_means",
    "survival_quantile",
    "wilson",
    "z_value",
]


__dir__ = __all__.copy
