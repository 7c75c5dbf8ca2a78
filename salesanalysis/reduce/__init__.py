"""From Ibis tables of any size to the small frames that the families take; all that must scale.

>>> from salesanalysis import reduce
>>> reduce.funnel.__name__
'salesanalysis.reduce.funnel'
"""

from typing import TYPE_CHECKING

from salesanalysis import lazy
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.currencies import currency_of, in_one_currency
from salesanalysis.reduce.lookups import columns_there, names_in, unused_lookups, with_lookups
from salesanalysis.reduce.season import season_of
from salesanalysis.reduce.selection import selected

if TYPE_CHECKING:  # an editor reads no folders
    from salesanalysis.reduce import customers as customers
    from salesanalysis.reduce import forecast as forecast
    from salesanalysis.reduce import forgetting as forgetting
    from salesanalysis.reduce import funnel as funnel
    from salesanalysis.reduce import incentive as incentive

_FAMILIES = lazy.parts(__path__)

__all__ = [
    *_FAMILIES,
    "columns_there",
    "currency_of",
    "in_one_currency",
    "names_in",
    "season_of",
    "selected",
    "unused_lookups",
    "with_all_columns",
    "with_lookups",
]

__getattr__ = lazy.importer(__name__, _FAMILIES)
__dir__ = __all__.copy
