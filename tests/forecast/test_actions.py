"""The week's list of a forecast: sellers whose target is out of reach as it stands."""

from types import SimpleNamespace

import pandas as pd

from salesanalysis import forecast
from salesanalysis.periods import PLAIN

LANDING = SimpleNamespace(as_of=pd.Timestamp("2025-11-15"), period="2025-Q4", calendar=PLAIN)


def sellers(**changed) -> pd.DataFrame:
    rows = {
        "owner_id": ["a", "b", "c", "d"],
        "gap_amount": [-50.0, -70.0, -10.0, 5.0],
        "target": 100.0,
        "closed": 20.0,
        "open_amount": [60.0, 200.0, 90.0, float("nan")],
        "p_target": [0.1, 0.05, 0.45, 0.9],
    }
    return pd.DataFrame(rows).assign(**changed)


def test_the_largest_gap_first_and_the_step_by_what_is_open():
    most, other = forecast.actions(LANDING, sellers())
    assert (most.who, most.step.name, most.amount) == ("b", "close_deals", 80.0)
    assert (other.who, other.step.name) == ("a", "new_deals")
    assert (most.since, most.due, most.measure) == ("2025-10-01", "2025-11-19", "2025-Q4")


def test_whoever_is_likely_to_reach_it_needs_no_talk():
    assert forecast.actions(LANDING, sellers(p_target=0.5)) == []
    assert forecast.actions(LANDING, sellers(target=float("nan"), p_target=float("nan"))) == []
    assert forecast.actions(LANDING, sellers()[:0]) == []
