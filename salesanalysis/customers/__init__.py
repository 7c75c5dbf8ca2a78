"""Customers: their file, what they owe, their rhythm and worth, and what they are told by.

Everything takes what :func:`salesanalysis.reduce.customers.known` gives, or one of its frames.
"""

from salesanalysis.customers.account_classes import (
    account_classes,
    class_matrix,
    neglected_accounts,
)
from salesanalysis.customers.actions import actions
from salesanalysis.customers.campaigns import arm_balance, campaign_effect, campaign_response
from salesanalysis.customers.credit_code import check_character, cleaned_code, code_state
from salesanalysis.customers.file import completeness, file_coverage, file_states
from salesanalysis.customers.in_short import key_figures, things
from salesanalysis.customers.late_payment import LateModel, expected_loss, late_chance
from salesanalysis.customers.linkage import Linkage, duplicates
from salesanalysis.customers.months import by_month, customer_sales
from salesanalysis.customers.opinion_leaders import OpinionLeaders, opinion_leaders
from salesanalysis.customers.receivables import ageing, days_outstanding, exposure, held_back
from salesanalysis.customers.segments import Segments, favourite_changes, segments
from salesanalysis.customers.story import findings, lead, require_purchases
from salesanalysis.customers.ties import contacts_by_age, tie_claims, tie_findings

__all__ = [
    "LateModel",
    "Linkage",
    "OpinionLeaders",
    "Segments",
    "account_classes",
    "actions",
    "ageing",
    "arm_balance",
    "by_month",
    "campaign_effect",
    "campaign_response",
    "check_character",
    "class_matrix",
    "cleaned_code",
    "code_state",
    "completeness",
    "contacts_by_age",
    "customer_sales",
    "days_outstanding",
    "duplicates",
    "expected_loss",
    "exposure",
    "favourite_changes",
    "file_coverage",
    "file_states",
    "findings",
    "held_back",
    "key_figures",
    "late_chance",
    "lead",
    "neglected_accounts",
    "opinion_leaders",
    "require_purchases",
    "segments",
    "things",
    "tie_claims",
    "tie_findings",
]

__dir__ = __all__.copy
