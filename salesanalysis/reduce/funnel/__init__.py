"""Funnel reductions: deal lists, stage histories and event logs → the small frames of the family.

Everything that must scale happens here, in the engine that holds the tables; what comes back is
what :mod:`salesanalysis.funnel` takes.
"""

from salesanalysis.reduce.funnel.deal_list import deals
from salesanalysis.reduce.funnel.stages import CREATED, stage_entries, unlisted_stages

__all__ = ["CREATED", "deals", "stage_entries", "unlisted_stages"]
