"""From Ibis tables of any size to the small frames that the families take; all that must scale.

>>> from salesanalysis import reduce
>>> reduce.funnel.__name__
'salesanalysis.reduce.funnel'
"""

import importlib

from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.lookups import columns_there, unused_lookups, with_lookups
from salesanalysis.reduce.selection import selected

_FAMILIES = ("forecast", "forgetting", "funnel", "incentive")

__all__ = [
    *_FAMILIES,
    "columns_there",
    "selected",
    "unused_lookups",
    "with_all_columns",
    "with_lookups",
]


def __getattr__(name: str):
    if name in _FAMILIES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
