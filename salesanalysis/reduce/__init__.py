"""From Ibis tables of any size to the small frames that the families take; all that must scale.

>>> from salesanalysis import reduce
>>> reduce.funnel.__name__
'salesanalysis.reduce.funnel'
"""

from salesanalysis import lazy
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.lookups import columns_there, unused_lookups, with_lookups
from salesanalysis.reduce.selection import selected

_FAMILIES = lazy.parts(__path__)

__all__ = [
    *_FAMILIES,
    "columns_there",
    "selected",
    "unused_lookups",
    "with_all_columns",
    "with_lookups",
]

__getattr__ = lazy.importer(__name__, _FAMILIES)
__dir__ = __all__.copy
