"""Sales analysis that a company can trust.

The steps of a report are the sub-packages: ``sources`` opens, ``reduce`` makes the data small,
the families (``funnel``, ``forgetting``, ``incentive``, ``forecast``) analyse, ``plots`` draws,
``reports`` writes. They are imported when first used, so that ``import salesanalysis`` costs next
to nothing.

>>> import salesanalysis as sa
>>> sa.funnel.__name__
'salesanalysis.funnel'
"""

import importlib

from salesanalysis.errors import SalesAnalysisError, SetAsideWarning

__version__ = "0.1.0"

_PARTS = (
    *("datasets", "forecast", "forgetting", "funnel", "incentive"),
    *("plots", "reduce", "reports", "sources", "stats", "text", "workshop"),
)

__all__ = ["SalesAnalysisError", "SetAsideWarning", *_PARTS]


def __getattr__(name: str):
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
