"""Customers: their file, what they owe, their rhythm and worth, and what they are told by.

Everything takes what :func:`salesanalysis.reduce.customers.known` gives, or one of its frames.
"""

from salesanalysis.customers.actions import actions
from salesanalysis.customers.credit_code import check_character, cleaned_code, code_state
from salesanalysis.customers.file import completeness, file_coverage, file_states
from salesanalysis.customers.in_short import key_figures, things
from salesanalysis.customers.late_payment import LateModel, expected_loss, late_chance
from salesanalysis.customers.months import by_month, customer_sales
from salesanalysis.customers.receivables import ageing, days_outstanding, exposure, held_back
from salesanalysis.customers.story import findings, lead, require_purchases

__all__ = [
    "LateModel",
    "actions",
    "ageing",
    "by_month",
    "check_character",
    "cleaned_code",
    "code_state",
    "completeness",
    "customer_sales",
    "days_outstanding",
    "expected_loss",
    "exposure",
    "file_coverage",
    "file_states",
    "findings",
    "held_back",
    "key_figures",
    "late_chance",
    "lead",
    "require_purchases",
    "things",
]

__dir__ = __all__.copy
