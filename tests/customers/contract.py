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


def arguments() -> dict:
    """Some purchases as known on a day, and what is made of them."""
    known = reduce.customers.known(
        {"purchases": purchases(), "accounts": file()}, as_of="2025-03-31"
    )
    return {
        "known": known,
        "months": customers.by_month(known),
        "customer_sales.months": 12,
        "sales": customers.customer_sales(known),
    }
