"""The week's list of customers: streams of which nothing came in for long."""

import pandas as pd

from salesanalysis import customers
from salesanalysis.known import KnownCustomers


def todo(**latest):
    """The list on the last day of March, for streams by their latest day."""
    rows = [(stream, day) for stream, day in latest.items()] + [("old", "2024-01-01")]
    rows = pd.DataFrame(rows, columns=["stream", "booked_at"]).assign(amount=1.0)
    rows["booked_at"] = pd.to_datetime(rows["booked_at"])
    return customers.actions(KnownCustomers(as_of="2025-03-31", rows=rows))


def test_silent_streams_are_asked_about_the_longest_silent_first():
    first, other = todo(web="2025-03-02", dealer="2025-03-30", old="2025-03-01")
    assert (first.about, first.since, first.overdue_days) == ("old", "2025-03-01", 2)
    assert (other.about, other.since, other.step.values) == ("web", "2025-03-02", {"days": 29})
    assert other.due == "2025-04-09"


def test_after_four_weeks_to_the_day_nobody_is_asked():
    assert todo(web="2025-03-03", old="2025-03-31") == []


def test_without_streams_there_is_nothing_to_do():
    rows = pd.DataFrame({"booked_at": pd.to_datetime(["2024-01-05"]), "amount": [1.0]})
    assert customers.actions(KnownCustomers(as_of="2025-03-31", rows=rows)) == []
