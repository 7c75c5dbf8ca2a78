"""The findings of the forecast that no ordinary input brings about, each from small tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import SalesAnalysisError, forecast, reduce
from salesanalysis.findings import KeyFigure
from salesanalysis.forecast import target_gap
from salesanalysis.known import KnownForecast, KnownPipeline
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
        deciding_deal=lambda: pd.DataFrame(),
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
    weeks = PLAIN.following("2025-09-29", unit="week", count=15)
    targets = reduce.forecast.targets(pd.DataFrame({"period": weeks, "target": 7.0}))
    (found,) = target_gap.target_caveats(targets, **asked)
    assert found.name == "target_of_weeks"
    more = pd.DataFrame({"period": "2025-Q4", "owner_id": [None, "R1"], "target": [10.0, 12.0]})
    targets = reduce.forecast.targets(more, over_assigned=True)
    (found,) = target_gap.target_caveats(targets, **asked)
    assert list(said("forecast", [found])) == ["over_assigned"]
    assert found.values == {"period": "2025-Q4", "assigned": 12.0, "target": 10.0}
    assert not target_gap.target_caveats(year.assign(period="2025-Q3"), **asked)


BEGUN = pd.Timestamp("2024-01-01")
AS_OF, DAY = pd.Timestamp("2025-11-15"), pd.Timedelta(days=1)


def cautions(created, *, amounts=100.0, closed=None, stream="channel", rests=(0.0, 84.0)) -> dict:
    """The cautions about deals that were created on these days, and won three weeks later."""
    created = pd.Series(pd.to_datetime(created))
    deals = pd.DataFrame({"created_at": created, "closed_at": created + pd.Timedelta(days=21)})
    deals["closed_at"] = deals["closed_at"].where(deals["closed_at"] <= AS_OF)
    deals["amount"] = amounts
    booked = pd.DataFrame({"stream": stream, "closed_at": [] if closed is None else closed})
    booked["closed_at"] = pd.to_datetime(booked["closed_at"])
    pipeline = KnownPipeline(as_of=AS_OF, deals=deals) if len(deals) else None
    known = KnownForecast(as_of=AS_OF, pipeline=pipeline, closed=booked)
    table = pd.DataFrame({"name": ["unseen_wins", "oldest_closing"], "value": list(rests)})
    found = forecast.cautions(known, SimpleNamespace(assumptions=table))
    assert list(said("forecast", found)) == [finding.name for finding in found]
    return {finding.name: finding.values for finding in found}


def spaced(begin, end, *, first, last):
    """Days from one to the other, so many days apart at first, so many at last."""
    days, at = [], pd.Timestamp(begin)
    length = pd.Timestamp(end) - at
    while at <= pd.Timestamp(end):
        days.append(at.normalize())
        done = (at - pd.Timestamp(begin)) / length
        at += pd.Timedelta(days=first * (last / first) ** done)
    return days


def test_data_that_end_before_the_day_are_said_with_the_answer():
    steady = pd.date_range(BEGUN, AS_OF, freq="2D")
    assert cautions(steady) == {}
    ended = cautions(steady[steady < "2025-09-01"])
    # The last deals were won three weeks after they came in.
    assert ended == {"deals_end": {"last": pd.Timestamp("2025-09-21"), "silent_days": 55.0}}
    assert cautions([], closed=steady[steady < "2025-09-01"])["bookings_end"]["silent_days"] == 76.0
    assert cautions([], closed=steady[steady < "2025-09-01"], stream="pipeline") == {}
    assert cautions([], closed=pd.date_range(BEGUN, AS_OF, freq="MS")) == {}  # monthly totals
    assert cautions(steady, rests=(0.4, 84.0)) == {
        "short_history": {"unseen": 0.4, "oldest_days": 84.0}
    }


@pytest.mark.parametrize(
    ("created", "told"),
    [
        (spaced(BEGUN, AS_OF, first=2.0, last=0.67), True),  # tripled
        (spaced(BEGUN, AS_OF, first=0.67, last=2.0), True),  # shrunk
        (spaced(BEGUN, AS_OF, first=1.0, last=0.8), False),
        (spaced("2025-04-01", AS_OF, first=2.0, last=0.4), True),  # of its first year
        (spaced(BEGUN, AS_OF, first=40.0, last=13.0), False),  # too few to tell
        # Every year the last quarter brings thrice as many: a season.
        ([*pd.date_range(BEGUN, AS_OF, freq="3D"),
          *(day for day in pd.date_range(BEGUN, AS_OF, freq="12h").normalize()
            if day.month in (9, 10, 11))], False),
    ],
)  # fmt: skip
def test_a_past_of_another_size_is_said_with_the_answer(created, told):
    assert list(cautions(created)) == (["other_size"] if told else [])


def test_deals_of_another_size_are_said_with_the_answer():
    days = pd.date_range(BEGUN, AS_OF)
    done = np.linspace(0, 1, len(days))
    spread = np.exp(np.random.default_rng(0).normal(0, 0.8, len(days)))
    tripled = cautions(days, amounts=100 * 3**done * spread)
    assert list(tripled) == ["other_amounts"]
    assert tripled["other_amounts"]["recent"] > 1.75 * tripled["other_amounts"]["earlier"]
    assert list(cautions(days, amounts=100 * 3 ** (1 - done) * spread)) == ["other_amounts"]
    assert cautions(days, amounts=100 * spread) == {}
    # Every autumn deals are large; few have an amount yet; one is as large as all others.
    autumn = np.where(days.month.isin([9, 10, 11]), 4.0, 1.0)
    assert cautions(days, amounts=100 * autumn * spread) == {}
    assert cautions(days, amounts=np.where(days < AS_OF - 8 * DAY, 100.0, 400.0)) == {}
    known_of = np.where((days > AS_OF - 91 * DAY) & (days < AS_OF - 8 * DAY), np.nan, 100.0)
    assert cautions(days, amounts=np.where(days < AS_OF - 8 * DAY, known_of, 400.0)) == {}
    assert cautions(days, amounts=np.where(np.arange(len(days)) == len(days) - 9, 1e6, 100)) == {}


def test_one_open_deal_that_decides_is_the_answer_with_it_and_without_it():
    numbers = {f"{q}_if_{end}": 10.0 for q in ("q10", "q50", "q90") for end in ("won", "lost")}
    deal = pd.DataFrame([{"opportunity_id": "BIG", "probability": 0.2, **numbers,
                          "p_target_if_won": 0.9, "p_target_if_lost": 0.1}])  # fmt: skip
    for target, name in [(100.0, "one_deal"), (np.nan, "one_deal_only")]:
        figures = [KeyFigure("likely", 95.0, 80.0, 110.0), KeyFigure("p_target", 0.4)]
        figures.append(KeyFigure("target", target))
        found = forecast.lead(figures, period="2025-Q4", deciding=deal)
        assert list(said("forecast", found)) == [name]
        found = forecast.lead(figures, period="2025-Q4", deciding=deal[:0])
        assert found[0].name.startswith("likely")
