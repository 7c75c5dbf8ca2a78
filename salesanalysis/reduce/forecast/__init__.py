"""Forecast reductions: deals, bookings and contracts → the small frames of the family.

Everything that must scale happens here, in the engine that holds the tables; what comes back is
what :mod:`salesanalysis.forecast` takes, as it was known at the end of ``as_of``.
"""

from salesanalysis.reduce.forecast.booked import bookings
from salesanalysis.reduce.forecast.closed_amounts import closed
from salesanalysis.reduce.forecast.earlier_calls import earlier_calls
from salesanalysis.reduce.forecast.expectations import calls, targets
from salesanalysis.reduce.forecast.known_forecast import known
from salesanalysis.reduce.forecast.known_pipeline import pipeline
from salesanalysis.reduce.forecast.quality import checks
from salesanalysis.reduce.forecast.recognition import schedule, schedule_checks
from salesanalysis.reduce.forecast.shares import split_checks, splits
from salesanalysis.reduce.forecast.weekly import weekly_totals

__all__ = [
    "bookings",
    "calls",
    "checks",
    "closed",
    "earlier_calls",
    "known",
    "pipeline",
    "schedule",
    "schedule_checks",
    "split_checks",
    "splits",
    "targets",
    "weekly_totals",
]


__dir__ = __all__.copy
