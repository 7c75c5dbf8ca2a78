"""What is said of customers: only months that are over are held against each other."""

import pandas as pd

from salesanalysis import customers, reduce


def said(amounts, as_of):
    """The findings on some months, each a day and its amount: name, values."""
    bookings = pd.DataFrame({"booked_at": pd.to_datetime(list(amounts)), "stream": "web"})
    bookings["amount"] = list(amounts.values())
    known = reduce.customers.known({"bookings": bookings}, as_of=as_of)
    found = customers.findings(customers.by_month(known))
    return [(finding.name, dict(finding.values)) for finding in found]


AMOUNTS = {"2025-01-05": 10.0, "2025-02-01": 30.0, "2025-03-09": 5.0}


def test_a_month_that_has_only_begun_is_not_compared():
    latest = ("latest", {"month": "2025-02", "count": 1, "amount": 30.0})
    assert said(AMOUNTS, "2025-03-30") == [latest, ("more", {"amount": 20.0})]


def test_a_month_is_over_at_the_end_of_its_last_day():
    latest = ("latest", {"month": "2025-03", "count": 1, "amount": 5.0})
    assert said(AMOUNTS, "2025-03-31") == [latest, ("less", {"amount": 25.0})]


def test_the_first_month_is_compared_with_none_and_none_is_told_before_it_is_over():
    assert said(AMOUNTS, "2025-01-30") == []
    latest = ("latest", {"month": "2025-01", "count": 1, "amount": 10.0})
    assert said(AMOUNTS, "2025-01-31") == [latest]


def test_what_came_in_is_the_answer():
    months = pd.DataFrame({"period": ["2025-01", "2025-02"], "n": [1, 2], "amount": [10.0, 5.0]})
    (finding,) = customers.lead(months)
    assert finding.values == {"amount": 15.0, "months": 2}
