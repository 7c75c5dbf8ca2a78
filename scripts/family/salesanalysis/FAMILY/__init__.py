"""FAMILY: what has come in, by month. (A stub: say here what the family answers.)

Everything takes what :func:`salesanalysis.reduce.FAMILY.known` gives.
"""

from salesanalysis.FAMILY.in_short import key_figures, things
from salesanalysis.FAMILY.months import by_month
from salesanalysis.FAMILY.story import findings, require_rows

__all__ = ["by_month", "findings", "key_figures", "require_rows", "things"]

__dir__ = __all__.copy
