"""customers: what has come in, by month. (A stub: say here what the family answers.)

Everything takes what :func:`salesanalysis.reduce.customers.known` gives.
"""

from salesanalysis.customers.actions import actions
from salesanalysis.customers.in_short import key_figures, things
from salesanalysis.customers.months import by_month
from salesanalysis.customers.story import findings, lead, require_rows

__all__ = ["actions", "by_month", "findings", "key_figures", "lead", "require_rows", "things"]

__dir__ = __all__.copy
