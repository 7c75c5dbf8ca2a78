"""The week's list of a training report: refreshers that are due soon."""

import pandas as pd

from salesanalysis import forgetting

CALENDAR = pd.DataFrame(
    {
        "team": ["West", "East", "East"],
        "number": [1, 1, 2],
        "day": pd.to_datetime(["2025-11-29", "2025-11-20", "2026-02-01"]),
        "people": [4, 6, 6],
        "cost": [240.0, 360.0, 360.0],
    }
)
TEAMS = pd.DataFrame({"team": ["East", "West"], "last_at": pd.to_datetime(["2025-09-01"] * 2)})


def test_those_of_the_next_two_weeks_the_earliest_first():
    east, west = forgetting.actions(CALENDAR, TEAMS, start="2025-11-15")
    assert (east.about, east.due, east.amount) == ("East", "2025-11-20", 360.0)
    assert (west.about, west.step.values) == ("West", {"number": 1, "people": 4})
    assert len(forgetting.actions(CALENDAR, TEAMS, start="2025-11-15", days=90)) == 3


def test_ids_stay_though_the_plan_begins_anew_each_week_and_tell_refreshers_apart():
    first = forgetting.actions(CALENDAR, TEAMS, start="2025-11-15", days=90)
    moved = CALENDAR.assign(day=CALENDAR["day"] + pd.Timedelta(days=7))
    later = forgetting.actions(moved, TEAMS, start="2025-11-22", days=90)
    assert [one.action_id for one in first] == [one.action_id for one in later]
    assert [one.due for one in first] != [one.due for one in later]
    assert len({one.action_id for one in first}) == 3


def test_a_team_that_was_refreshed_since_has_another_line():
    (was,) = forgetting.actions(CALENDAR[1:2], TEAMS, start="2025-11-15")
    refreshed = TEAMS.assign(last_at=pd.to_datetime(["2025-11-12", "2025-09-01"]))
    (now,) = forgetting.actions(CALENDAR[1:2], refreshed, start="2025-11-15")
    assert was.action_id != now.action_id


def test_an_empty_calendar_is_nothing_to_do():
    assert forgetting.actions(CALENDAR[:0], TEAMS, start="2025-11-15") == []
