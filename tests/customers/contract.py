"""What the public functions of customers are called with, by the names of their parameters."""

import pandas as pd
from buyers import simulated

from salesanalysis import customers, reduce
from salesanalysis.datasets.company_records import company_records


def purchases() -> pd.DataFrame:
    """What three customers bought in half a year."""
    return pd.DataFrame(
        {
            "account_id": ["A", "B", "A", "C", "A"],
            "purchased_at": pd.to_datetime(
                ["2024-10-05", "2025-01-05", "2025-03-01", "2025-03-09", "2025-03-09"]
            ),
            "amount": [20.0, 10.0, 30.0, 5.0, 8.0],
        }
    )


def file() -> pd.DataFrame:
    """Their records, one without a credit limit."""
    return pd.DataFrame(
        {"account_id": ["A", "B", "C"], "owner_id": ["R1", "R2", "R1"]}
        | {"credit_limit": [None, 100.0, 50.0]}
    )


def owed() -> dict[str, pd.DataFrame]:
    """Their invoices, one of them credited in part, and what was paid."""
    issued = pd.to_datetime(["2025-01-02", "2025-02-03", "2025-03-04", "2025-03-20", "2025-03-21"])
    invoices = pd.DataFrame(
        {
            "invoice_id": ["1", "2", "3", "4", "5"],
            "account_id": ["A", "A", "B", "C", "C"],
            "issued_at": issued,
            "due_at": [*(issued[:3] + pd.Timedelta(days=14)), issued[3], pd.NaT],
            "amount": [100.0, 50.0, 80.0, -10.0, 30.0],
            "applies_to": [None, None, None, "3", None],
            "disputed": [False, True, None, None, False],
        }
    )
    payments = pd.DataFrame(
        {
            "paid_at": pd.to_datetime(["2025-01-30", "2025-02-10", "2025-03-30"]),
            "amount": [96.0, 55.0, 7.0],
            "invoice_id": ["1", "2", None],
            "account_id": ["A", "A", "C"],
        }
    )
    return {"invoices": invoices, "payments": payments}


def buying() -> dict:
    """How customers bought who buy about monthly, and what they were to buy this year."""
    lines, _ = simulated(customers=60, shape=2, seed=1, over=900)
    targets = pd.DataFrame({"account_id": ["C0001", "C0002"], "period": "2024", "target": 9.0})
    tables = {"purchases": lines, "account_targets": targets}
    known = reduce.customers.known(tables, as_of="2024-10-31")
    rhythm = known.rhythm
    return {
        "season.known": known,
        "schedule_gap.known": known,
        "rhythm": rhythm,
        "rhythms": known.rhythms,
        "past_totals.model": "bg",
        "season": customers.season(known),
        "purchasing": customers.fit_purchasing(rhythm),
        "spend": customers.fit_spend(rhythm.assign(repeat_amount=rhythm["watched_days"] + 1)),
        "past": customers.past_totals(known.rhythms, model="bg"),
        "customer_value.horizon_days": 90,
    }


def looks_and_campaigns() -> dict:
    """What three customers looked at, two campaigns, and how the customers stand."""
    ids = list("ABC")
    counts = pd.DataFrame(
        {"account_id": ["A", "A", "B", "B", "C", "C"], "category": ["x", "y"] * 3,
         "period": ["before", "after"] * 3, "price_band": [1, 2, 1, 3, 2, 2],
         "n": [9, 8, 2, 1, 4, 4]}
    )  # fmt: skip
    members = pd.DataFrame(
        {"campaign_id": ["one"] * 6 + ["two"] * 3, "account_id": [*"ABCDEF", *"ABC"],
         "assigned": ["treated", "control"] * 3 + ["treated"] * 3,
         "interacted_at": pd.to_datetime(["2025-03-01", None, None] * 3)}
    )  # fmt: skip
    outcomes = members[["campaign_id", "account_id"]].assign(
        bought=[True, False, True, True, False, False, True, False, False], repeated=False,
        amount=[5.0, 0.0, 7.0, 3.0, 0.0, 0.0, 9.0, 0.0, 0.0],
        amount_before=[4.0, 1.0, 0.0, 3.0, 2.0, 5.0, 4.0, 1.0, 0.0],
    )  # fmt: skip
    advocates = pd.DataFrame(
        {"account_id": ids, "loyalty_level": [6.0, 7.0, 2.0], "city": "Jinan",
         "suggestions": [2, 3, 5], "referred": 1, "registered": 1, "referred_buyers": [1, 1, 0]}
    )  # fmt: skip
    standing = pd.DataFrame(
        {"account_id": ids, "owner_id": "R1", "segment": ["big", "small", "small"],
         "tie_days": [900, 1_200, 400], "first_purchase_at": pd.Timestamp("2023-01-01"),
         "amount_year": [50.0, 20.0, 10.0], "contacts": [3, 0, 9],
         "last_contact_at": pd.to_datetime(["2024-06-01", None, "2025-03-01"]),
         "contact_days": [303, None, 30], "contact_gap_days": [20.0, None, 9.0],
         "known_days": [900, 1_200, 400], "chance": [0.2, 0.0, 0.7],
         "funnel_share": [0.5, 0.0, 0.75]}
    )  # fmt: skip
    told = pd.DataFrame({"account_id": ids, "customer_value": [9.0, 8.0, 1.0]})
    told = told.assign(return_chance=0.1)
    return {
        "view_counts": counts,
        "segments.least": 2,
        "members": members,
        "outcomes": outcomes,
        "vips": ["A"],
        "advocates": advocates,
        "city": "Jinan",
        "standing": standing,
        "account_classes.values": told,
        "account_classes.chances": told,
        "classes": customers.account_classes(standing, values=told, chances=told),
        "claims": customers.tie_claims(standing),
    }


def records() -> pd.DataFrame:
    """Records of companies, some of them there twice."""
    return company_records(60, seed=1)[0]


def around() -> dict[str, pd.DataFrame]:
    """What changed in their records, how eager they are, what they asked for, who was in touch."""
    day = pd.to_datetime(["2025-03-01", "2025-03-05", "2025-03-20"])
    changes = pd.DataFrame(
        {"account_id": ["A", "A", "B"], "field": ["address", "credit_limit", "phone"]}
        | {"old": ["x", "10", None], "new": ["y", "20", "5551234"], "changed_at": day}
    )
    scores = pd.DataFrame({"account_id": ["A", "A", "B"], "assessed_at": day, "funding": 0.5})
    asked = pd.DataFrame(
        {"account_id": ["A", "B", "C"], "at": day, "kind": "complaint"}
        | {"answered_at": [day[1], pd.NaT, pd.NaT]}
    )
    calls = pd.DataFrame(
        {"opportunity_id": ["d", "d", "e"], "owner_id": ["R1", "R2", "R1"], "at": day}
    )
    deals = pd.DataFrame(
        {"opportunity_id": ["d", "e"], "account_id": ["A", "C"], "outcome": "open"}
        | {"created_at": day[0], "amount": 9.0}
    )
    return {
        "account_changes": changes,
        "eagerness": scores.assign(attitude=[0.9, 0.8, 0.1]),
        "requests": asked,
        "activities": calls,
        "opportunities": deals,
    }


def arguments() -> dict:
    """Some purchases as known on a day, and what is made of them."""
    known = reduce.customers.known(
        {"purchases": purchases(), "accounts": file()} | owed() | around(), as_of="2025-03-31"
    )
    made = looks_and_campaigns() | buying()
    exposed = customers.exposure(known)
    warned = customers.owed_warnings(known, exposed)
    chance = customers.return_chance(made["rhythms"], horizon_days=60)
    linkage = customers.duplicates(reduce.customers.candidate_pairs(records()), records())
    value = customers.customer_value(
        made["rhythm"], purchasing=made["purchasing"], spend=made["spend"], horizon_days=90
    )
    neglected = customers.neglected_accounts(made["classes"])
    told = {
        "tables": [warned],
        "warnings": customers.all_warnings(known, [warned]),
        "ages": customers.ageing(known),
        "chance": chance,
        "alarms": chance.alarms(false_share=0.4),
        "schedule": customers.schedule_gap(made["schedule_gap.known"]),
        "favourites": customers.favourite_changes(made["view_counts"]),
        "look_findings.segments": customers.segments(made["view_counts"], least=2).table,
        "states": customers.file_states(file()),
        "twice": customers.same_customer(linkage),
        "effects": customers.campaign_effect(made["members"], made["outcomes"]),
        "neglected": neglected,
        "total": value.total,
        "sellers": ["R2"],
        "left": customers.left_behind(known, ["R2"]),
        "scenario": "short",
        "false_share": 0.2,
        "budget": customers.alarm_budget(chance, budgets=[0.3]),
    }
    return (
        made
        | told
        | {
            "known": known,
            "months": customers.by_month(known),
            "customer_sales.months": 12,
            "sales": customers.customer_sales(known),
            "ageing.by": ["owner_id"],
            "days_outstanding.by": ["account_id"],
            "ahead": pd.DataFrame({"account_id": ["A", "C"], "ordered_amount": [5.0, 3.0]}),
            "file": file(),
            "pairs": reduce.customers.candidate_pairs(records()),
            "duplicates.file": records(),
            "required": ["owner_id", "credit_limit"],
            "completeness.by": ["owner_id"],
            "owner_id": "R1",
            "owed": exposed,
            "earlier": file(),
            "later": file().assign(credit_limit=[None, 70.0, 50.0]),
            "changed_at": "2025-03-31",
            "file_coverage.by": ["owner_id"],
        }
    )
