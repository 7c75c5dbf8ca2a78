"""The overview of all families: key figures of each, and what to look at first.

It computes nothing anew. What the families found is handed over as their tables, so that a number
here is the number of the report that explains it.
"""

from salesanalysis.overview.candidates import (
    forecast_things,
    forgetting_things,
    funnel_things,
    incentive_things,
)
from salesanalysis.overview.key_figures import (
    forecast_figures,
    forgetting_figures,
    funnel_figures,
    incentive_figures,
)
from salesanalysis.overview.ranking import Thing, caveats, findings, first_things, told_by

__all__ = [
    "Thing",
    "caveats",
    "findings",
    "first_things",
    "forecast_figures",
    "forecast_things",
    "forgetting_figures",
    "forgetting_things",
    "funnel_figures",
    "funnel_things",
    "incentive_figures",
    "incentive_things",
    "told_by",
]


__dir__ = __all__.copy
