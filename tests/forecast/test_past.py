"""The forecast from all that was known on a day: no look-ahead, earlier days, what is told."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, forecast, sources, text
from salesanalysis import reduce as reductions
from salesanalysis.datasets.bookings import revenue
from salesanalysis.findings import Finding
from salesanalysis.forecast.backtests import Backtest

AS_OF, SINCE = "2025-11-15", "2024-10-01"
SMALL = {"draws": 400, "by": "region"}


@pytest.fixture(scope="module")
def tables():
    return datasets.company(seed=7, deals=1200).tables | revenue(seed=7).tables


def known_of(tables, as_of=AS_OF):
    return reductions.forecast.known(tables, as_of=as_of, since=SINCE, by=["region", "owner_id"])


@pytest.fixture(scope="module")
def known(tables):
    return known_of(tables)


@pytest.fixture(scope="module")
def landing(known):
    return forecast.forecast_as_of(known, period="2025-Q4", **SMALL)


def same(one, other):
    pd.testing.assert_frame_equal(one.draws.cells, other.draws.cells)
    np.testing.assert_array_equal(one.draws.values, other.draws.values)


def test_nothing_dated_after_the_day_changes_a_draw(tables, landing):
    scrambled = dict(tables)
    cut = pd.Timestamp("2025-11-16")
    rng = np.random.default_rng(0)
    deals = tables["opportunities"].copy()
    later = (deals["closed_at"] >= cut).to_numpy()
    # A deal that closed later is open: how it ended, and when, must not matter.
    deals.loc[later, "outcome"] = rng.choice(["won", "lost"], later.sum())
    deals.loc[later, "closed_at"] += pd.Timedelta(days=9)
    deals = deals[deals["created_at"] < cut]
    history = tables["stage_history"]
    history = history.assign(
        amount=history["amount"].where(history["entered_at"] < cut, 7.0),
        stage=history["stage"].where(history["entered_at"] < cut, "A"),
    )
    booked = tables["bookings"]
    after = booked["booked_at"] >= cut
    booked = pd.concat([booked[~after], booked[after].assign(amount=1e6, stream="upgrade")])
    contracts = tables["contracts"]
    renewed = contracts["renewed_at"].where(contracts["renewed_at"] < cut)
    scrambled |= {"opportunities": deals, "stage_history": history, "bookings": booked}
    scrambled |= {"contracts": contracts.assign(renewed_at=renewed)}
    scrambled["snapshots"] = tables["snapshots"][lambda t: t["taken_at"] < cut]
    same(forecast.forecast_as_of(known_of(scrambled), period="2025-Q4", **SMALL), landing)


def test_an_earlier_day_from_the_same_tables_is_the_forecast_made_on_that_day(tables, known):
    day = "2025-10-20"
    looked_back = forecast.forecast_as_of(known.on(day), period="2025-Q4", **SMALL)
    made_then = forecast.forecast_as_of(known_of(tables, day), period="2025-Q4", **SMALL)
    parts = [f.parts().set_index(["stream", "part"])["mean"] for f in (looked_back, made_then)]
    pd.testing.assert_series_equal(*parts, rtol=0.02)
    assert looked_back.calls.empty
    assert len(made_then.calls)  # what sellers say is known for the day of the tables alone


def test_everything_adds_up_and_targets_are_those_of_the_tables(landing, tables):
    whole = landing.draws.values.sum(axis=0)
    for by in (["region"], ["stream", "part"], ["period", "region"]):
        np.testing.assert_allclose(landing.draws.total(by).values.sum(axis=0), whole, rtol=1e-9)
    both = (tables["targets"], tables["stream_targets"])
    asked = sum(t.loc[t["period"] == "2025-Q4", "target"].sum() for t in both)
    assert landing.against_targets()["target"].iloc[0] == asked
    by_region = landing.against_targets("region")
    sellers = tables["targets"][tables["targets"]["period"] == "2025-Q4"]
    assert by_region["target"].sum() == sellers["target"].sum()
    # The streams' targets name no region; those of the sellers ask for the pipeline alone.
    own = landing.within().where(stream="pipeline").values.sum(axis=0).mean()
    assert by_region["mean"].sum() == pytest.approx(own)


def test_the_streams_truth_lies_within_their_forecasts(tables):
    """What the streams really brought in 2025-Q4 against forecasts on the first day of it."""
    truth = revenue(seed=7).truth
    there = {name: tables[name] for name in ("bookings", "contracts")}
    on_first = reductions.forecast.known(there, as_of="2025-09-30", since="2025-07-01")
    made = forecast.forecast_as_of(on_first, period="2025-Q4", draws=4000)
    brought = tables["bookings"][tables["bookings"]["booked_at"] >= "2025-10-01"]
    actual = brought.groupby("stream")["amount"].sum()
    table = made.summary("stream", quantiles=[0.02, 0.98], within="2025-Q4").set_index("stream")
    assert set(table.index) == {"channel", "inbound", "renewal", "upgrade"}
    for stream, row in table.iterrows():
        assert row["q02"] <= actual[stream] <= row["q98"], stream
    means = truth.streams[truth.streams["period"].isin(["2025-10", "2025-11", "2025-12"])]
    expected = means.groupby("stream")["mean"].sum()
    for stream in ("channel", "inbound"):
        assert table.loc[stream, "mean"] == pytest.approx(expected[stream], rel=0.2)
    rate = made.assumptions.set_index("name").loc["renewal_rate", "value"]
    assert rate == pytest.approx(truth.renewal_rate, abs=0.04)


def test_the_course_is_each_days_forecast(known):
    days = ["2019-01-01", "2025-10-31", AS_OF]
    table = forecast.course(known, dates=days, period="2025-Q4", draws=300)
    assert table["as_of"].astype(str).tolist() == ["2025-10-31", AS_OF]  # nothing known in 2019
    one = forecast.forecast_as_of(known.on("2025-10-31"), period="2025-Q4", draws=300)
    assert table["q50"].iloc[0] == one.within().summary(quantiles=[0.5])["q50"].iloc[0]
    assert table["closed"].is_monotonic_increasing
    assert table["p_target"].between(0, 1).all()


def test_the_course_ends_at_the_landing_itself(known, landing):
    table = forecast.course(known, dates=["2025-10-31", AS_OF], made=[landing], draws=300)
    goal = landing.against_targets().iloc[0]
    ends = landing.within().summary(quantiles=[0.1, 0.5, 0.9]).iloc[0]
    last = table.iloc[-1]
    assert last[["q10", "q50", "q90"]].tolist() == ends[["q10", "q50", "q90"]].tolist()
    assert last["p_target"] == goal["p_target"]
    one = forecast.forecast_as_of(known.on("2025-10-31"), period=landing.period, draws=300)
    assert table["q50"].iloc[0] == one.within().summary(quantiles=[0.5])["q50"].iloc[0]


def test_the_path_goes_through_what_is_in_to_what_may_come(landing):
    table = landing.path()
    assert table["day"].is_monotonic_increasing
    assert table["day"].iloc[-1] == pd.Timestamp("2025-12-31")
    today = table[table["day"] == AS_OF].iloc[0]
    closed = landing.against_targets()["closed"].iloc[0]
    assert today["actual"] == today["q05"] == today["q95"] == pytest.approx(closed)
    assert table["actual"].dropna().is_monotonic_increasing
    end = landing.within().summary(quantiles=[0.5])["q50"].iloc[0]
    assert table["q50"].iloc[-1] == pytest.approx(end)


def test_the_run_rate_goes_on_at_the_pace_of_the_last_days(landing):
    closed = landing.closed
    last = closed[closed["closed_at"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=91)]
    so_far = closed.loc[closed["closed_at"] >= "2025-10-01", "amount"].sum()
    expected = so_far + last["amount"].sum() / 91 * 46
    assert landing.run_rate() == pytest.approx(expected)


def test_three_open_deals_are_forecast_once_one_is_closed_and_called_mostly_assumed():
    deals = pd.DataFrame(
        {
            "opportunity_id": list("abcd"),
            "outcome": ["open", "open", "open", "lost"],
            "amount": [100.0, 200.0, 300.0, 50.0],
            "created_at": pd.to_datetime(["2025-11-01", "2025-11-05", "2025-10-05", "2025-10-06"]),
            "closed_at": pd.to_datetime([None, None, None, "2025-10-20"]),
        }
    )
    none = reductions.forecast.known({"opportunities": deals[:3]}, as_of=AS_OF, since=SINCE)
    with pytest.raises(SalesAnalysisError, match="no deal of `opportunities` is closed"):
        forecast.forecast_as_of(none, draws=2000)
    few = reductions.forecast.known({"opportunities": deals}, as_of=AS_OF, since=SINCE)
    made = forecast.forecast_as_of(few, draws=2000)
    assert made.period == "2025-Q4"
    whole = made.within().summary().iloc[0]
    assert whole["q05"] == 0 < whole["q95"]
    told = forecast.caveats(made)
    assert told[0] == Finding("warn", "mostly_prior", {"deals": 3, "open": 3})
    assert {"no_calls", "no_streams"} == {finding.name for finding in told[1:]}
    assert forecast.known_since(few) == pd.Timestamp("2025-10-05")
    assert made.what_if(win=["a", "b", "c"]).within().values.sum(axis=0).min() >= 600


def test_a_quarter_of_the_real_crm_lands_within_its_interval(shared):
    files = {"opportunities": "sales_pipeline", "products": "products"}
    inputs = sources.inputs(**{n: shared(f"crm/{file}.csv") for n, file in files.items()})
    there = reductions.with_lookups({name: checked.table for name, checked in inputs.items()})
    on_day = reductions.forecast.known(there, as_of="2017-10-15", since="2017-10-01")
    made = forecast.forecast_as_of(on_day, draws=2000)
    assert on_day.calls.empty  # the list is of the end of the year
    low, high = made.within().summary(quantiles=[0.05, 0.95]).iloc[0][["q05", "q95"]]
    assert low < 2_802_496 < high
    assert high - low < 2_802_496


@pytest.mark.parametrize(
    ("given", "said"),
    [({"period": "2025-Q3"}, "is over"), ({"period": "Q4"}, "not the name of a period")],
)
def test_periods_that_cannot_be_forecast_are_refused(known, given, said):
    with pytest.raises(SalesAnalysisError, match=said):
        forecast.forecast_as_of(known, **given, **SMALL)


def test_a_period_that_has_not_begun_and_a_week_can_be_forecast(known):
    ahead = forecast.forecast_as_of(known, period="2026-02", **SMALL)
    assert ahead.period == "2026-02"
    assert (ahead.against_targets()["closed"] == 0).all()
    names = sorted(set(ahead.draws.cells["period"]))
    assert names == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    only_deals = dataclasses.replace(known, bookings=None, contracts=None)
    week = forecast.forecast_as_of(only_deals, period="2025-W47", **SMALL)
    assert set(week.within().cells["period"]) == {"2025-W47"}
    with pytest.raises(SalesAnalysisError, match="are by month, and `period` is forecast by week"):
        forecast.forecast_as_of(known, period="2025-W47", **SMALL)


def test_horizons_that_the_past_allows(known):
    assert forecast.backtest_horizons(known, [28, 91, 10_000]) == [28, 91]
    fresh = known.pipeline.deals[known.pipeline.deals["created_at"] >= "2025-10-15"]
    short = dataclasses.replace(known, pipeline=dataclasses.replace(known.pipeline, deals=fresh))
    assert forecast.backtest_horizons(short, [28]) == []
    assert forecast.backtest_horizons(dataclasses.replace(known, pipeline=None), [28]) == []


# What is told


def backtest_with(*, skill: bool) -> Backtest:
    """A backtest of twenty windows in which the model beats the run rate, or does not."""
    scores = pd.DataFrame(
        {
            "horizon_days": 28,
            "method": ["model", "last_period"],
            "windows": 20,
            "independent": 20.0,
            "actual": 2000.0,
            "wape": [0.2, 0.3],
            "coverage_80": [0.5, np.nan],
            "coverage_80_low": [0.3, np.nan],
            "coverage_80_high": [0.7, np.nan],
        }
    )
    days = pd.date_range("2024-01-01", periods=20, freq="28D")
    windows = [
        pd.DataFrame({"horizon_days": 28, "as_of": days, "method": method, "crps": crps})
        for method, crps in (("model", 10.0 if skill else 40.0), ("last_period", 30.0))
    ]
    return Backtest(pd.concat(windows, ignore_index=True), scores)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_run_rate_comes_first_where_the_model_has_no_skill(landing, lang):
    names = [finding.name for finding in forecast.findings(landing, backtest_with(skill=False))]
    assert names[:2] == ["run_rate", "landing"]
    assert names[-1] == "run_rate_first"
    good = forecast.findings(landing, backtest_with(skill=True))
    assert [good[0].name, good[-1].name] == ["landing", "trust_model"]
    for finding in (*good, *forecast.findings(landing, backtest_with(skill=False))):
        assert text.sentence(f"forecast.headline.{finding.name}", lang, **finding.values)


def test_what_must_be_known_before_quoting_is_told(known, landing):
    sure = dataclasses.replace(landing, deals=landing.deals.assign(basis="fitted"))
    assert forecast.caveats(sure) == []
    narrow = dataclasses.replace(sure, calibration=backtest_with(skill=True).scores)
    (too_narrow,) = forecast.caveats(narrow)
    assert (too_narrow.values["horizon_days"], too_narrow.values["coverage_80"]) == (28, 0.5)
    only_deals = dataclasses.replace(known, bookings=None, contracts=None, calls=None)
    alone = forecast.forecast_as_of(only_deals, period="2025-Q4", **SMALL)
    names = {finding.name for finding in forecast.caveats(alone)}
    assert {"no_calls"} <= names
    for finding in (
        *forecast.caveats(alone),
        *forecast.caveats(narrow),
    ):
        for lang in text.LANGUAGES:
            assert text.sentence(f"forecast.warn.{finding.name}", lang, **finding.values)


def test_key_figures_are_those_of_the_tables(landing):
    figures = {figure.name: figure for figure in forecast.key_figures(landing)}
    goal = landing.against_targets().iloc[0]
    assert figures["p_target"].value == goal["p_target"]
    likely = figures["likely"]
    assert likely.low < likely.value < likely.high
    for lang in text.LANGUAGES:
        assert all(text.has(f"forecast.value.number.{name}", lang) for name in figures)


def said(kind, found):
    """The finding, after a look that every language has a sentence for it."""
    for lang in text.LANGUAGES:
        assert text.sentence(f"forecast.{kind}.{found.name}", lang, **found.values)
    return found


@pytest.mark.parametrize(
    ("closed", "coming", "name"), [(30.0, 10.0, "rest"), (30.0, 0.0, "all_in"), (0, 0, "nothing")]
)
def test_how_much_of_the_period_is_in_already(closed, coming, name):
    parts = pd.DataFrame(
        {
            "stream": ["channel", "channel", "pipeline", "all"],
            "part": ["closed", "to_come", "open_deals", "all"],
            "mean": [closed, coming, 3 * coming, closed + 4 * coming],
        }
    )
    found = said("parts", *forecast.parts_findings(parts.assign(q10=0.0, q90=50.0)))
    assert (found.name, found.values.get("closed", 0)) == (name, closed)
    assert found.values.get("stream") == ("pipeline" if coming else None)


@pytest.mark.parametrize(
    ("won", "lost", "name", "movement"),
    [(9.0, -3.0, "rose", "won"), (3.0, -9.0, "fell", "lost"), (4.0, -4.0, "steady", None)],
)
def test_what_moved_the_expected_revenue(won, lost, name, movement):
    lines = {"start": 100.0, "won": won, "lost": lost, "simulation": 1.0}
    lines["end"] = sum(lines.values())
    kinds = ["start", "change", "change", "change", "end"]
    changes = pd.DataFrame({"movement": lines.keys(), "kind": kinds, "amount": lines.values()})
    found = said("changes", *forecast.changes_findings(changes))
    assert (found.name, found.values.get("movement")) == (name, movement)
    told = found.values
    change = told["change"] if "change" in told else told["end"] - told["start"]
    assert change == abs(won + lost + 1)


def test_whether_the_period_is_heading_where_it_was():
    days = pd.DataFrame({"as_of": pd.to_datetime(["2025-10-04", "2025-11-15"]),
                         "q10": [60.0, 90.0], "q50": 100.0, "q90": [140.0, 130.0]})  # fmt: skip
    found = said("course", *forecast.course_findings(days))
    assert (found.name, found.values["width_left"]) == ("within", 0.5)
    assert said("course", *forecast.course_findings(days.assign(q50=[100.0, 150]))).name == "left"
    assert said("course", *forecast.course_findings(days.head(1))).name == "one_day"
    certain = days.assign(q10=100.0, q90=100.0)
    assert np.isnan(forecast.course_findings(certain)[0].values["width_left"])


@pytest.mark.parametrize(
    ("low", "high", "independent", "name"),
    [
        (0.3, 0.7, 9.0, "too_narrow"),
        (0.85, 0.99, 9.0, "too_wide"),
        (0.6, 0.9, 9.0, "held"),
        (0.6, 0.9, 2.0, "untold"),
    ],
)
def test_whether_intervals_held(low, high, independent, name):
    scores = backtest_with(skill=True).scores
    scores = scores.assign(coverage_80_low=low, coverage_80_high=high, independent=independent)
    (found,) = forecast.calibration_findings(scores)
    assert said("calibration", found).name == name
    # What is wrong comes first.
    later = forecast.calibration_findings(pd.concat([scores, backtest_with(skill=True).scores]))
    assert later[0].name == "too_narrow"
