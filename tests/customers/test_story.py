"""What is said of customers: a month that is over is held against its own of the year before."""

import pandas as pd

from salesanalysis import customers, reduce


def said(amounts, as_of):
    """The findings on some months, each a day and its amount: name, values."""
    bought = pd.DataFrame({"purchased_at": pd.to_datetime(list(amounts)), "account_id": "A"})
    bought["amount"] = list(amounts.values())
    known = reduce.customers.known({"purchases": bought}, as_of=as_of)
    found = customers.findings(customers.by_month(known))
    return [(finding.name, dict(finding.values)) for finding in found]


AMOUNTS = {"2024-02-05": 10.0, "2025-02-01": 30.0, "2025-03-09": 5.0}


def test_a_month_that_has_only_begun_is_not_told():
    latest = ("latest", {"month": "2025-02", "customers": 1, "amount": 30.0})
    assert said(AMOUNTS, "2025-03-30") == [latest, ("more", {"amount": 20.0})]


def test_a_month_is_over_at_the_end_of_its_last_day():
    latest = ("latest", {"month": "2025-03", "customers": 1, "amount": 5.0})
    assert said(AMOUNTS, "2025-03-31") == [latest, ("more", {"amount": 5.0})]


def test_without_the_month_of_the_year_before_nothing_is_compared():
    assert [name for name, _ in said({"2025-01-05": 1.0, "2025-02-05": 2.0}, "2025-02-28")] == [
        "latest"
    ]
    assert said({"2025-01-05": 1.0}, "2025-01-30") == []


def test_the_answer_is_who_bought_how_much():
    sales = pd.DataFrame({"account_id": ["A", "B"], "amount": [10.0, 5.0]})
    (finding,) = customers.lead(sales)
    assert finding.values == {"amount": 15.0, "customers": 2}
