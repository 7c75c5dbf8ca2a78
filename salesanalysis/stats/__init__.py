"""The statistics that the families share: shares, survival, many tests, many groups, whole parts.

Everything takes arrays or frames and returns a tidy frame or arrays, is exact about censoring, and
needs numpy and pandas only at import, because a report pays for every import: what needs more comes
when it is first used.
"""

from importlib import import_module

from salesanalysis.stats.discovery import benjamini_hochberg
from salesanalysis.stats.ranks import posterior_ranks
from salesanalysis.stats.shares import require_level, share_limits, wilson, z_value
from salesanalysis.stats.survival import (
    aalen_johansen,
    kaplan_meier,
    restricted_mean,
    risk_table,
    survival_quantile,
)
from salesanalysis.stats.whole_parts import largest_remainder

#: What needs scipy, and where it is.
_LATER = {"pooled_rates": "pooling", "Spread": "spread"}

__all__ = [
    *_LATER,
    "aalen_johansen",
    "benjamini_hochberg",
    "kaplan_meier",
    "largest_remainder",
    "posterior_ranks",
    "require_level",
    "restricted_mean",
    "risk_table",
    "share_limits",
    "survival_quantile",
    "wilson",
    "z_value",
]


__dir__ = __all__.copy


def __getattr__(name: str):
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
