"""FAMILY: what has come in, by month. (A stub: say here what the family answers.)

Everything takes what :func:`salesanalysis.reduce.FAMILY.known` gives.
"""

from salesanalysis.FAMILY.actions import actions
from salesanalysis.FAMILY.in_short import key_figures, things
from salesanalysis.FAMILY.months import by_month
from salesanalysis.FAMILY.story import findings, lead, require_rows

__all__ = ["actions", "by_month", "findings", "key_figures", "lead", "require_rows", "things"]

__dir__ = __all__.copy
