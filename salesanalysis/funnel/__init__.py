"""The funnel: how many deals pass each stage, how long it takes, how often they are won.

Everything takes the small frames of :mod:`salesanalysis.reduce.funnel` and respects that open deals
are undecided: neither won nor lost, only not over yet. (Sales-system source, §3, §7, §13.)
"""

from salesanalysis.funnel.outcomes import open_deals, win_rate, win_rate_splits
from salesanalysis.funnel.stages import ADVANCED, BASES, compare_bases, conversion, stage_days
from salesanalysis.funnel.story import caveats, findings

__all__ = [
    "ADVANCED",
    "BASES",
    "caveats",
    "compare_bases",
    "conversion",
    "findings",
    "open_deals",
    "stage_days",
    "win_rate",
    "win_rate_splits",
]
