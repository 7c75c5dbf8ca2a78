"""The week's list of a training report: refreshers that are due soon."""

import pandas as pd

from salesanalysis import forgetting

CALENDAR = pd.DataFrame(
    {
        "team": ["West", "East", "East"],
        "number": [1, 1, 2],
        "day": pd.to_datetime(["2025-11-29", "2025-11-20", "2026-02-01"]),
        "trained_at": pd.to_datetime(["2025-11-01"] * 3),
        "people": [4, 6, 6],
        "cost": [240.0, 360.0, 360.0],
    }
)


def test_those_of_the_next_two_weeks_the_earliest_first():
    east, west = forgetting.actions(CALENDAR, start="2025-11-15")
    assert (east.about, east.due, east.amount) == ("East", "2025-11-20", 360.0)
    assert (west.about, west.step.values) == ("West", {"number": 1, "people": 4})
    assert len(forgetting.actions(CALENDAR, start="2025-11-15", days=90)) == 3


def test_ids_stay_from_week_to_week_and_tell_refreshers_apart():
    first = forgetting.actions(CALENDAR, start="2025-11-15", days=90)
    later = forgetting.actions(CALENDAR, start="2025-11-18", days=90)
    assert [one.action_id for one in first] == [one.action_id for one in later]
    assert len({one.action_id for one in first}) == 3


def test_an_empty_calendar_is_nothing_to_do():
    assert forgetting.actions(CALENDAR[:0], start="2025-11-15") == []
