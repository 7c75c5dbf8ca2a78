"""The week's list of FAMILY: amounts that are missing."""

import pandas as pd

from salesanalysis import FAMILY
from salesanalysis.known import KnownFAMILY


def test_each_stream_is_asked_for_the_amounts_it_lacks_the_longest_missing_first():
    rows = pd.DataFrame(
        {
            "booked_at": pd.to_datetime(["2025-01-05", "2025-03-01", "2025-02-09", "2025-02-10"]),
            "stream": ["dealer", "web", "web", "dealer"],
            "amount": [None, None, None, 5.0],
        }
    )
    first, other = FAMILY.actions(KnownFAMILY(as_of="2025-03-31", rows=rows))
    assert (first.about, first.since, first.step.values) == ("dealer", "2025-01-05", {"count": 1})
    assert (other.about, other.since, other.due) == ("web", "2025-02-09", "2025-04-09")


def test_where_no_amount_is_missing_there_is_nothing_to_do():
    rows = pd.DataFrame({"booked_at": pd.to_datetime(["2025-01-05"]), "amount": [1.0]})
    assert FAMILY.actions(KnownFAMILY(as_of="2025-03-31", rows=rows)) == []
