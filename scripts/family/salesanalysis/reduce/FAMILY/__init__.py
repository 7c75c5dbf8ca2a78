"""The small frames that :mod:`salesanalysis.FAMILY` takes, and what may be wrong with them."""

from salesanalysis.reduce.FAMILY.known_FAMILY import known
from salesanalysis.reduce.FAMILY.quality import checks

__all__ = ["checks", "known"]

__dir__ = __all__.copy
