"""Funnel reductions: deal lists, stage histories and event logs → the small frames of the family.

Everything that must scale happens here, in the engine that holds the tables; what comes back is
what :mod:`salesanalysis.funnel` takes.
"""

from salesanalysis.reduce.funnel.deal_list import deals
from salesanalysis.reduce.funnel.event_steps import Exclusion
from salesanalysis.reduce.funnel.events import event_funnel
from salesanalysis.reduce.funnel.known_funnel import known
from salesanalysis.reduce.funnel.quality import CheckLimits, checks
from salesanalysis.reduce.funnel.seller_targets import seller_targets
from salesanalysis.reduce.funnel.snapshots import movements, snapshot
from salesanalysis.reduce.funnel.stages import CREATED, stage_entries, unlisted_stages

__all__ = [
    "CREATED",
    "CheckLimits",
    "Exclusion",
    "checks",
    "deals",
    "event_funnel",
    "known",
    "movements",
    "seller_targets",
    "snapshot",
    "stage_entries",
    "unlisted_stages",
]


__dir__ = __all__.copy
