"""Names that CRM exports use for our columns, in the languages of their users.

Each list holds tiers separated by ``|``: names of an earlier tier win over those of a later one;
two columns of the same tier are an error that asks which. Names within a tier are separated by
``;``; names after ``||`` are taken for want of any better. Case, accents, blanks, underscores,
hyphens, dots, width, a bracketed unit and the difference between traditional and simplified
Chinese do not count; nor does what a system puts before the name
(:data:`RECORDS`). The column's own name is known beside them: before all others, or where a list
has it. Chinese is written simplified here.

=====================  ======================================================
:mod:`.deals`          deals, their history and snapshots, activities, events
:mod:`.money`          targets, attainment, payouts, sales, refunds, bookings, contracts,
                       schedules, splits, rates
:mod:`.customers`      customers' files, purchases, invoices, payments, looks, campaigns
:mod:`.people`         accounts, products, sellers, trainings, skills
:mod:`.traditional`    traditional Chinese as simplified
=====================  ======================================================
"""

from salesanalysis.sources.aliases.customers import (
    ACCOUNT_CHANGES,
    ACCOUNT_TARGETS,
    CAMPAIGN_MEMBERS,
    EAGERNESS,
    INVOICES,
    PAYMENTS,
    PURCHASES,
    REFERRALS,
    REQUESTS,
    SUGGESTIONS,
    VIEWS,
)
from salesanalysis.sources.aliases.deals import (
    ACTIVITIES,
    EVENTS,
    MILESTONE_EVIDENCE,
    OPPORTUNITIES,
    SNAPSHOTS,
    STAGE_HISTORY,
)
from salesanalysis.sources.aliases.money import (
    ATTAINMENT,
    BOOKINGS,
    CONTRACTS,
    PAYOUTS,
    PLAN_CHANGES,
    RATES,
    REFUNDS,
    SALES,
    SCHEDULE,
    SPLITS,
    STREAM_TARGETS,
    TARGETS,
)
from salesanalysis.sources.aliases.people import (
    ACCOUNTS,
    KSA_ASSESSED,
    KSA_REQUIRED,
    PRODUCTS,
    REFRESHERS,
    REPS,
    SCORES,
)

ALIASES = {
    "opportunities": OPPORTUNITIES,
    "stage_history": STAGE_HISTORY,
    "milestone_evidence": MILESTONE_EVIDENCE,
    "activities": ACTIVITIES,
    "events": EVENTS,
    "accounts": ACCOUNTS,
    "products": PRODUCTS,
    "reps": REPS,
    "rates": RATES,
    "targets": TARGETS,
    "bookings": BOOKINGS,
    "contracts": CONTRACTS,
    "schedule": SCHEDULE,
    "deal_splits": SPLITS,
    "stream_targets": STREAM_TARGETS,
    "snapshots": SNAPSHOTS,
    "scores": SCORES,
    "refreshers": REFRESHERS,
    "ksa_required": KSA_REQUIRED,
    "ksa_assessed": KSA_ASSESSED,
    "attainment": ATTAINMENT,
    "payouts": PAYOUTS,
    "sales": SALES,
    "plan_changes": PLAN_CHANGES,
    "refunds": REFUNDS,
    "account_changes": ACCOUNT_CHANGES,
    "eagerness": EAGERNESS,
    "purchases": PURCHASES,
    "account_targets": ACCOUNT_TARGETS,
    "invoices": INVOICES,
    "payments": PAYMENTS,
    "views": VIEWS,
    "campaign_members": CAMPAIGN_MEMBERS,
    "referrals": REFERRALS,
    "suggestions": SUGGESTIONS,
    "requests": REQUESTS,
}

#: What systems call the record that a row is; they write it, and a sign, before a column's name
#: (``Deal - Value``, ``Opportunity: Amount``, ``opportunity.amount``), as tools that load from them
#: write the name of what holds the columns (``properties__amount``).
_WRAPPERS = "properties; attributes; fields; data"
_DEAL_RECORDS = (
    "opportunity; opportunities; deal; deals; oppty; transaction; negocio; negócio; trato; 商机;"
    " 销售机会;"
    f" 商機; 商談; {_WRAPPERS}"
)
RECORDS = {
    "opportunities": _DEAL_RECORDS,
    "stage_history": f"{_DEAL_RECORDS}; opportunity history; opportunity field history; history",
    "snapshots": _DEAL_RECORDS,
    "activities": f"activity; activities; task; event; {_WRAPPERS}",
    "accounts": "account; accounts; company; companies; organization; organisation; customer;"
    f" {_WRAPPERS}",
    "products": f"product; products; {_WRAPPERS}",
    "reps": f"user; users; owner; employee; {_WRAPPERS}",
    "targets": f"target; targets; quota; goal; {_WRAPPERS}",
    "contracts": f"contract; contracts; subscription; {_WRAPPERS}",
    "schedule": f"schedule; revenue schedule; contract; 收入确认计划; 收入确认; {_WRAPPERS}",
    "purchases": f"order; orders; purchase; invoice; transaction; {_WRAPPERS}",
    "invoices": f"invoice; invoices; {_WRAPPERS}",
    "payments": f"payment; payments; {_WRAPPERS}",
    "bookings": f"booking; bookings; order; orders; invoice; {_WRAPPERS}",
}

#: Columns that are not ours but tell an outcome (Salesforce, HubSpot).
OUTCOME_FLAGS = {
    "won": "iswon; is won; won; hs is closed won; is closed won; 是否赢单; 已赢单",
    "closed": "isclosed; is closed; closed; hs is closed; is deal closed; 是否关闭; 已关闭",
}

#: Close dates that hold the *expected* date while a deal is open (Salesforce, HubSpot, Zoho …).
EXPECTED_WHILE_OPEN = (
    "close date; closedate; closing date; date closed; 结束日期; schlusstermin; abschlussdatum;"
    " date de clôture; date de fermeture; fecha de cierre; data de fechamento; 完了予定日"
)
