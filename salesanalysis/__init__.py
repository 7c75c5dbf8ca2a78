"""Sales analysis that a company can trust.

The steps of a report are the sub-packages: ``sources`` opens, ``reduce`` makes the data small,
the families analyse, ``plots`` draws, ``reports`` writes. They are imported when first used, so
that ``import salesanalysis`` costs next to nothing.

>>> import salesanalysis as sa
>>> sa.funnel.__name__
'salesanalysis.funnel'
"""

from salesanalysis import lazy
from salesanalysis.errors import NoMatchWarning, SalesAnalysisError, SetAsideWarning

__version__ = "0.1.0"

_PARTS = lazy.parts(__path__)

__all__ = ["NoMatchWarning", "SalesAnalysisError", "SetAsideWarning", "__version__", *_PARTS]

__getattr__ = lazy.importer(__name__, _PARTS)
__dir__ = __all__.copy
