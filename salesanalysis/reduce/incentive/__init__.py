"""Incentive reductions: sales, deals and quotas → the small frames of the family, and payouts.

Everything that must scale happens here, in the engine that holds the tables.
"""

from salesanalysis.reduce.incentive.attainment_rows import attainment
from salesanalysis.reduce.incentive.component_rows import component_attainment
from salesanalysis.reduce.incentive.known_incentive import known
from salesanalysis.reduce.incentive.payout_rows import payout
from salesanalysis.reduce.incentive.quality import checks

__all__ = ["attainment", "checks", "component_attainment", "known", "payout"]


__dir__ = __all__.copy
