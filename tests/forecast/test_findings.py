"""The findings of the forecast that no ordinary input brings about, each from small tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import SalesAnalysisError, forecast, reduce
from salesanalysis.forecast import target_gap
from salesanalysis.periods import PLAIN
from salesanalysis.reduce.season import Season


def made(**changed):
    """As much of a forecast as its findings look at."""
    cells = pd.DataFrame({"stream": ["channel", "pipeline"]})
    streams = pd.DataFrame({"stream": ["channel"], "method": "mean_of_three"})
    nothing = {"pipeline": object(), "calls": pd.DataFrame({"owner_call": ["commit"]})}
    nothing |= {"streams": streams, "draws": SimpleNamespace(cells=cells)}
    nothing |= {"period": "2025-Q4", "calendar": PLAIN}
    nothing |= {
        "targets": pd.DataFrame({"period": [], "target": []}),
        "calibration": pd.DataFrame(),
    }
    return SimpleNamespace(open_deals=pd.DataFrame, **nothing | changed)


def caveats(lacks=(), **changed) -> list[str]:
    found = forecast.caveats(made(**changed), lacks=lacks)
    return list(said("forecast", found))


def test_what_the_streams_the_targets_and_the_calls_lack():
    assert caveats() == []
    assert caveats(pipeline=None) == ["no_pipeline"]
    assert caveats(calls=pd.DataFrame({"owner_call": [None]})) == ["no_calls"]
    assert caveats(calls=pd.DataFrame({"owner_call": ["commit", "surely"]})) == ["unknown_calls"]
    one = pd.DataFrame({"period": ["2025-Q4"], "stream": ["channel"], "target": [1.0]})
    assert caveats(targets=one) == ["target_of_some"]
    unseen = pd.DataFrame({"stream": ["upgrade"], "method": "nothing_seen"})
    assert caveats(streams=unseen) == ["nothing_seen"]
    only = SimpleNamespace(cells=pd.DataFrame({"stream": ["pipeline"]}))
    assert caveats(streams=pd.DataFrame(), draws=only) == ["no_streams"]


@pytest.mark.parametrize(
    ("deals", "name"),
    [
        ({"created_at": "2025-12-01", "amount": 5.0}, "no_deals_yet"),
        ({"amount": 5.0}, "no_dates"),
        ({"created_at": "2025-10-01", "amount": 0.0}, "no_amounts"),
        ({"created_at": "2025-10-01", "amount": 5.0}, "no_closed_deals"),
    ],
)
def test_why_deals_cannot_be_forecast_stands_in_place_of_no_pipeline(deals, name):
    table = pd.DataFrame([{"opportunity_id": "a", "outcome": "open"} | deals])
    if "created_at" in table:
        table["created_at"] = pd.to_datetime(table["created_at"])
    asked = {"as_of": "2025-11-15", "since": "2025-10-01"}
    known = reduce.forecast.known({"opportunities": table}, **asked)
    lacks = forecast.pipeline_caveats(known)
    assert caveats(lacks, pipeline=None) == [name]


def test_without_a_closed_deal_nothing_is_learned_and_sellers_are_quoted_as_what_they_are():
    table = pd.DataFrame({
        "opportunity_id": ["a", "b"], "outcome": "open", "amount": [100.0, 50.0],
        "created_at": pd.to_datetime(["2025-10-01", "2025-10-09"]), "probability": [0.5, 0.2],
        "expected_close_at": pd.to_datetime(["2025-12-01", "2026-01-15"])})  # fmt: skip
    asked = {"as_of": "2025-11-15", "since": "2025-10-01"}
    known = reduce.forecast.known({"opportunities": table}, **asked)
    told, said_by = forecast.pipeline_caveats(known)
    assert (told.name, told.values) == ("no_closed_deals", {"open": 2})
    assert said_by.name == "sellers_say"
    assert said_by.values["weighted"] == 60.0
    assert list(said("forecast", [told, said_by])) == ["no_closed_deals", "sellers_say"]
    match = "no deal .* is closed.* 2 open deals worth 150, .* are 60, .*2025-12-01 and 2026-01-15"
    with pytest.raises(SalesAnalysisError, match=match):
        forecast.require_something(known)
    closed = table.assign(outcome=["won", "open"], closed_at=pd.to_datetime(["2025-11-01", None]))
    known = reduce.forecast.known({"opportunities": closed}, **asked)
    assert forecast.pipeline_caveats(known) == []


@pytest.mark.parametrize(
    ("target", "gap", "names"),
    [(np.nan, np.nan, ["landing_only"]), (90.0, 10.0, ["landing", "over"]),
     (120.0, -20.0, ["landing", "missing"])],
)  # fmt: skip
def test_the_landing_against_its_target(target, gap, names):
    goal = {"target": target, "gap_amount": gap, "p_target": 0.4, "closed": 50.0}
    landing = pd.DataFrame({"q10": [80.0], "q50": 100.0, "q90": 130.0})
    within = SimpleNamespace(summary=lambda quantiles: landing)
    rests = pd.DataFrame({"name": ["oldest_closing", "unseen_wins"], "value": [84.0, 0.02]})
    ahead = SimpleNamespace(
        against_targets=lambda: pd.DataFrame([goal]), within=lambda: within, period="2025-Q4",
        run_rate=lambda: 90.0, must_win=lambda: pd.DataFrame(), assumptions=rests,
    )  # fmt: skip
    assert list(said("forecast", forecast.findings(ahead))) == names
    ahead.assumptions = rests.assign(value=[84.0, 0.4])
    assert list(said("forecast", forecast.findings(ahead))) == [*names, "short_history"]


def test_a_target_of_a_longer_period_is_said_to_be_spread_or_to_be_there():
    sold = pd.DataFrame({"at": pd.date_range("2023-01-01", "2024-12-31", freq="MS"), "amount": 1.0})
    year = pd.DataFrame({"period": ["2025"], "target": [1000.0]})
    asked = {"period": "2025-Q4", "calendar": PLAIN}
    for told, name, years in [(sold[:0], "target_by_days", None), (sold, "target_by_season", 2)]:
        season = Season(PLAIN, told, pd.Timestamp("2025-11-15"))
        targets = reduce.forecast.targets(year, season=season)
        (found,) = target_gap.target_caveats(targets, **asked)
        assert (found.name, found.values["longer"]) == (name, "2025")
        assert found.values.get("years") == years
        assert found.values["target"] == pytest.approx(targets["target"].iloc[-1])
    assert not target_gap.target_caveats(year.assign(period="2025-Q4"), **asked)
    assert not target_gap.target_caveats(year.assign(period="2025-Q3"), **asked)
