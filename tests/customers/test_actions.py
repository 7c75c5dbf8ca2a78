"""The week's list of customers."""

import pandas as pd
import pytest

from salesanalysis import customers, reduce


@pytest.fixture
def purchases():
    days = ["2024-10-05", "2025-01-05", "2025-03-01"]
    return pd.DataFrame(
        {"account_id": ["A", "B", "A"], "purchased_at": pd.to_datetime(days)}
        | {"amount": [20.0, 10.0, 38.0]}
    )


@pytest.fixture
def file():
    return pd.DataFrame(
        {"account_id": ["A", "B", "C"], "owner_id": ["R1", "R2", "R1"]}
        | {"credit_limit": [None, 100.0, 50.0]}
    )


def todo(purchases, file):
    known = reduce.customers.known({"purchases": purchases, "accounts": file}, as_of="2025-03-31")
    return customers.actions(known, customers.customer_sales(known))


def test_who_buys_without_a_limit_gets_one_the_largest_first(purchases, file):
    (first,) = todo(purchases, file)
    assert (first.about, first.who, first.step.values) == ("A", "R1", {"amount": 58.0})
    assert first.since == "2024-10-01"
    both = todo(purchases, file.assign(credit_limit=[None, None, 50.0]))
    assert [line.about for line in both] == ["A", "B"]


def test_a_limit_of_zero_is_a_limit(purchases, file):
    assert todo(purchases, file.assign(credit_limit=0.0)) == []


def test_a_file_without_limits_asks_for_none(purchases, file):
    assert todo(purchases, file.drop(columns="credit_limit")) == []
