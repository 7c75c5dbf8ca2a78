"""What the report on training says first, the observed points, and half-lives by group."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesanalysis import SalesAnalysisError, forgetting, reduce
from salesanalysis.datasets.training import training


@pytest.fixture(scope="module")
def fresh():
    """Tests before any refresher, in weeks."""
    made = training(seed=2, learners=120).tables
    tests = reduce.forgetting.scored_tests(
        made["scores"], made["refreshers"], as_of="2025-12-31", by=["method"]
    )
    tests = tests[tests["refreshers"] == 0]
    return tests.assign(elapsed=tests["elapsed"] / 7)


def fitted(low, middle, high):
    """A fitted curve with these limits of its half-life."""
    days = np.array([1.0, 3.0, 6.0, 12.0])
    scores = pd.DataFrame({"elapsed": days, "retention": 2 ** (-days / middle)})
    scores["retention"] += [0.01, -0.01, 0.01, -0.01]
    curve = forgetting.fit(scores, time_unit="weeks")
    limits = {"half_life": middle, "half_life_low": low, "half_life_high": high}
    return dataclasses.replace(curve, **limits)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((4.0, 5.0, 6.0), "exponential_agrees"),
        ((5.2, 6.0, 7.0), "exponential_longer"),
        ((3.0, 4.0, 5.0), "exponential_shorter"),
        ((6.0, 90.0, np.inf), "exponential_open"),
        ((4.0, np.inf, np.inf), "exponential_open"),
    ],
)
def test_the_claimed_half_life_is_judged_by_the_interval(fresh, limits, said):
    names = ("half_life_low", "half_life", "half_life_high")
    curve = fitted(4.0, 5.0, 6.0)
    curve = dataclasses.replace(curve, **dict(zip(names, limits, strict=True)))
    models = forgetting.compare(fresh, time_unit="weeks", likelihood="least_squares")
    few = forgetting.Bootstrap(draws=9)
    found = forgetting.supported_curves(fresh, models, time_unit="weeks", bootstrap=few)
    assert forgetting.exponential_findings(curve, found)[0].name == said
    unsound = dataclasses.replace(curve, status="rising")
    assert forgetting.exponential_findings(unsound, found) == []


def test_points_are_means_over_learners(fresh):
    steps = (0.5, 2.0, 5.0, 10.0, 20.0)
    table = forgetting.retention_points(fresh, by="method", steps=steps)
    assert table["tests"].sum() == len(fresh)
    row = table.iloc[1]
    part = fresh[(fresh["method"] == row["method"]) & fresh["elapsed"].between(0.5, 2.0, "right")]
    people = part.groupby("learner_id")["known"].mean()
    assert row["learners"] == len(people) and row["tests"] == len(part)
    low, high = stats.t.interval(0.95, len(people) - 1, people.mean(), people.sem())
    expected = [people.mean(), low, min(high, 1)]
    assert row[["retention", "retention_low", "retention_high"]].tolist() == pytest.approx(expected)
    alone = forgetting.retention_points(fresh, by="learner_id", steps=steps)
    assert (alone["learners"] == 1).all() and alone["tests"].sum() == len(fresh)
    with pytest.raises(SalesAnalysisError, match="ascending"):
        forgetting.retention_points(fresh, steps=(2.0, 1.0))


def test_each_group_has_the_half_life_of_its_own_fit(fresh):
    table = forgetting.half_life_splits(
        fresh, splits=["method"], time_unit="weeks", bootstrap=forgetting.Bootstrap(99)
    )
    for row in table.to_dict("records"):
        part = fresh[fresh["method"] == row["group"]]
        curve = forgetting.fit(part, time_unit="weeks", likelihood="least_squares", interval="none")
        assert row["half_life_weeks"] == pytest.approx(curve.half_life)
        assert row["half_life_low"] < curve.half_life < row["half_life_high"]
    days = fresh.assign(elapsed=fresh["elapsed"] * 7)
    other = forgetting.half_life_splits(
        days, splits="method", time_unit="days", bootstrap=forgetting.Bootstrap(99)
    )
    pd.testing.assert_frame_equal(table, other, rtol=1e-6)
    curves = forgetting.usable_curves(fresh, by="method", time_unit="weeks")
    assert [curve.half_life for curve in curves.values()] == pytest.approx(
        table["half_life_weeks"].tolist()
    )


def test_a_group_without_a_fit_is_listed_and_has_no_curve(fresh):
    few = pd.DataFrame({"learner_id": ["x"], "method": "new", "elapsed": 1.0, "retention": 0.5})
    more = pd.concat([fresh, few], ignore_index=True)
    table = forgetting.half_life_splits(
        more, splits="method", time_unit="weeks", bootstrap=forgetting.Bootstrap(19)
    )
    row = table.set_index("group").loc["new"]
    assert row["status"] in {"no_fit", "few_points"} and np.isnan(row["half_life_weeks"])
    assert "new" not in forgetting.usable_curves(more, by="method", time_unit="weeks")
    one = forgetting.difference_splits(few, splits="method", time_unit="weeks")
    assert one.empty


def test_caveats_say_what_the_checks_found():
    checks = pd.DataFrame(
        {"check": ["mixed_scale", "score_missing", "after_as_of", "dropped_out", "one_test"],
         "rows": [2, 3, 4, 5, 6], "n": 50, "share": 0.1}
    )  # fmt: skip
    said = forgetting.caveats(pd.DataFrame({"learner_id": ["a", "a"]}), checks)
    assert [finding.name for finding in said] == ["left_out", "dropped_out", "few"]
    assert said[0].values["count"] == 7 and said[2].values["learners"] == 1
    clear = checks.assign(rows=0)
    assert forgetting.caveats(pd.DataFrame({"learner_id": range(40)}), clear) == []


SOURCE = forgetting.known_curve(half_life=5.1, time_unit="weeks")


@pytest.mark.parametrize(
    ("refreshers", "horizon_weeks", "said"),
    [(4, 26, "spacing_matters"), (4, 0.1, "spacing_alike"), (0, 26, "spacing_none")],
)
def test_whether_the_spacing_matters_is_told_by_the_means(refreshers, horizon_weeks, said):
    ways = forgetting.compare_schedules(
        SOURCE, refreshers=refreshers, horizon_weeks=horizon_weeks, effect=1.5
    )
    (found,) = forgetting.spacing_findings(ways)
    assert found.name == said
    if refreshers:
        means = ways.set_index("spacing")["mean_retention"]
        names = (
            ["optimal", "equal", "massed"] if said == "spacing_matters" else ["optimal", "massed"]
        )
        assert [found.values[name] for name in names] == means[names].tolist()


def test_at_the_break_even_worth_the_refreshers_save_what_they_cost():
    plan = forgetting.schedule(
        SOURCE, horizon_weeks=13, effect=1.5, each=forgetting.RefresherCost(rate=50, people=10)
    )
    (cheap,) = forgetting.value_findings(forgetting.training_value(plan, week_amount=10))
    (dear,) = forgetting.value_findings(forgetting.training_value(plan, week_amount=100))
    assert (cheap.name, dear.name) == ("costs_more", "pays")
    even = 10 * cheap.values["break_even"]
    assert even == pytest.approx(100 * dear.values["break_even"])
    value = forgetting.training_value(plan, week_amount=even)
    assert value["net_so_far"].iloc[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("spacing", "refreshers", "rate", "said"),
    [
        ("equal", 3, np.nan, "saves"),
        ("massed", 3, 50.0, "saves_nothing"),
        ("none", 0, 50.0, "unplanned"),
    ],
)
def test_refreshers_without_a_price_an_effect_or_at_all_are_said_as_such(
    spacing, refreshers, rate, said
):
    plan = forgetting.spaced_schedule(
        SOURCE,
        spacing=spacing,
        refreshers=refreshers,
        horizon_weeks=13,
        effect=1.5,
        each=forgetting.RefresherCost(rate=rate),
    )
    value = forgetting.training_value(plan, week_amount=100)
    assert forgetting.value_findings(value)[0].name == said
