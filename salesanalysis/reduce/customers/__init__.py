"""The small frames that :mod:`salesanalysis.customers` takes, and what may be wrong with them."""

from salesanalysis.reduce.customers.advocates import advocates
from salesanalysis.reduce.customers.campaigns import campaign_members, campaign_outcomes
from salesanalysis.reduce.customers.candidate_pairs import candidate_pairs, crowded_keys
from salesanalysis.reduce.customers.chosen import of_customers
from salesanalysis.reduce.customers.file_frames import (
    account_contacts,
    changes,
    eagerness,
    file,
    requests,
)
from salesanalysis.reduce.customers.known_customers import known
from salesanalysis.reduce.customers.looks import view_counts
from salesanalysis.reduce.customers.merged import by_customer, kept_accounts
from salesanalysis.reduce.customers.purchase_rhythm import rhythm, rhythms
from salesanalysis.reduce.customers.quality import checks
from salesanalysis.reduce.customers.receivables import invoices, open_items
from salesanalysis.reduce.customers.standing import standing

__all__ = [
    "account_contacts",
    "advocates",
    "by_customer",
    "campaign_members",
    "campaign_outcomes",
    "candidate_pairs",
    "changes",
    "checks",
    "crowded_keys",
    "eagerness",
    "file",
    "invoices",
    "kept_accounts",
    "known",
    "of_customers",
    "open_items",
    "requests",
    "rhythm",
    "rhythms",
    "standing",
    "view_counts",
]

__dir__ = __all__.copy
