"""What the public functions of customers are called with, by the names of their parameters."""

import pandas as pd

from salesanalysis import customers, reduce


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


def arguments() -> dict:
    """Some purchases as known on a day, and what is made of them."""
    known = reduce.customers.known(
        {"purchases": purchases(), "accounts": file()} | owed(), as_of="2025-03-31"
    )
    return {
        "known": known,
        "months": customers.by_month(known),
        "customer_sales.months": 12,
        "sales": customers.customer_sales(known),
        "ageing.by": ["owner_id"],
        "days_outstanding.by": ["account_id"],
        "ahead": pd.DataFrame({"account_id": ["A", "C"], "ordered_amount": [5.0, 3.0]}),
        "file": file(),
        "required": ["owner_id", "credit_limit"],
        "completeness.by": ["owner_id"],
        "file_coverage.by": ["owner_id"],
    }
