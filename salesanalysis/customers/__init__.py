"""Customers: their file, what they owe, their rhythm and worth, and what they are told by.

Everything takes what :func:`salesanalysis.reduce.customers.known` gives, or one of its frames.
"""

from salesanalysis.customers.account_classes import (
    account_classes,
    class_matrix,
    neglected_accounts,
)
from salesanalysis.customers.actions import actions
from salesanalysis.customers.alarm_budget import alarm_budget, scenario_lead
from salesanalysis.customers.buying_season import season
from salesanalysis.customers.campaigns import arm_balance, campaign_effect, campaign_response
from salesanalysis.customers.credit_code import check_character, cleaned_code, code_state
from salesanalysis.customers.file import completeness, file_coverage, file_states
from salesanalysis.customers.file_changes import compared_files, false_signals, file_changes
from salesanalysis.customers.file_classes import ClassRules, eagerness, proposed_class
from salesanalysis.customers.file_story import handover_findings, left_behind, same_customer
from salesanalysis.customers.in_short import key_figures, things
from salesanalysis.customers.late_payment import LateModel, expected_loss, late_chance
from salesanalysis.customers.linkage import Linkage, duplicates
from salesanalysis.customers.months import by_month, customer_sales
from salesanalysis.customers.one_account import account_file, account_findings
from salesanalysis.customers.opinion_leaders import OpinionLeaders, opinion_leaders
from salesanalysis.customers.own_rhythm import shape_of, silence
from salesanalysis.customers.owners import handover, open_requests
from salesanalysis.customers.purchasing import PurchasingModel, fit_purchasing
from salesanalysis.customers.receivables import ageing, days_outstanding, exposure, held_back
from salesanalysis.customers.returning import ReturnChance, return_chance
from salesanalysis.customers.schedule import schedule_gap
from salesanalysis.customers.segments import Segments, favourite_changes, segments
from salesanalysis.customers.spend import SpendModel, fit_spend
from salesanalysis.customers.story import (
    behind_findings,
    campaign_findings,
    class_findings,
    file_findings,
    lead,
    leaving_findings,
    look_findings,
    month_findings,
    owed_findings,
    require_customers,
    warning_findings,
    worth_findings,
)
from salesanalysis.customers.ties import contacts_by_age, tie_claims, tie_findings
from salesanalysis.customers.warning_list import (
    all_warnings,
    behind_warnings,
    favourite_warnings,
)
from salesanalysis.customers.warning_rows import file_warnings, owed_warnings
from salesanalysis.customers.worth import CustomerValue, customer_value, past_totals

__all__ = [
    "ClassRules",
    "CustomerValue",
    "LateModel",
    "Linkage",
    "OpinionLeaders",
    "PurchasingModel",
    "ReturnChance",
    "Segments",
    "SpendModel",
    "account_classes",
    "account_file",
    "account_findings",
    "actions",
    "ageing",
    "alarm_budget",
    "all_warnings",
    "arm_balance",
    "behind_findings",
    "behind_warnings",
    "by_month",
    "campaign_effect",
    "campaign_findings",
    "campaign_response",
    "check_character",
    "class_findings",
    "class_matrix",
    "cleaned_code",
    "code_state",
    "compared_files",
    "completeness",
    "contacts_by_age",
    "customer_sales",
    "customer_value",
    "days_outstanding",
    "duplicates",
    "eagerness",
    "expected_loss",
    "exposure",
    "false_signals",
    "favourite_changes",
    "favourite_warnings",
    "file_changes",
    "file_coverage",
    "file_findings",
    "file_states",
    "file_warnings",
    "fit_purchasing",
    "fit_spend",
    "handover",
    "handover_findings",
    "held_back",
    "key_figures",
    "late_chance",
    "lead",
    "leaving_findings",
    "left_behind",
    "look_findings",
    "month_findings",
    "neglected_accounts",
    "open_requests",
    "opinion_leaders",
    "owed_findings",
    "owed_warnings",
    "past_totals",
    "proposed_class",
    "require_customers",
    "return_chance",
    "same_customer",
    "scenario_lead",
    "schedule_gap",
    "season",
    "segments",
    "shape_of",
    "silence",
    "things",
    "tie_claims",
    "tie_findings",
    "warning_findings",
    "worth_findings",
]

__dir__ = __all__.copy
