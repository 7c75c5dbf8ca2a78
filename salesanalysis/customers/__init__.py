"""Customers: their file, what they owe, their rhythm and worth, and what they are told by.

Everything takes what :func:`salesanalysis.reduce.customers.known` gives, or one of its frames.
"""

from salesanalysis.customers.actions import actions
from salesanalysis.customers.in_short import key_figures, things
from salesanalysis.customers.months import by_month, customer_sales
from salesanalysis.customers.story import findings, lead, require_purchases

__all__ = [
    "actions",
    "by_month",
    "customer_sales",
    "findings",
    "key_figures",
    "lead",
    "require_purchases",
    "things",
]

__dir__ = __all__.copy
