"""Reachability and the choice of thresholds: against naive loops, and the assumptions behind."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from by_name import by_name

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.datasets.incentives import incentive_programme
from salesanalysis.incentive import (
    Response,
    ThresholdSettings,
    choice_findings,
    floor_stretch,
    gain_findings,
    payout_amounts,
    plan_outcomes,
    reach_findings,
    reachability,
    read_plan,
    threshold_findings,
    too_few_to_choose,
)
from salesanalysis.incentive.reserves import payee_periods
from salesanalysis.incentive.responses import Cells, Seen, answered, paid
from salesanalysis.incentive.threshold_trials import moved
from salesanalysis.stats import wilson

optimise = by_name(incentive.optimise, ThresholdSettings)

PLAN = read_plan(
    {
        "thresholds": "quota",
        "floor": {"at": 1, "cliff": True},
        "stretch": 1.3,
        "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]],
    }
)
SMALL = {"floors": [0.9, 1.0, 1.1], "ratios": [1.2, 1.4], "draws": 60}


@pytest.fixture(scope="module")
def rows():
    return incentive_programme(seed=4, payees=40).tables["attainment"]


# Reachability


def test_rates_equal_a_count_and_verdicts_their_limits(rows):
    table = reachability(rows, floor=1.0, stretch=1.3)
    share = rows["sales"] / rows["quota"]
    for row in table.to_dict("records"):
        own = share[rows["payee_id"] == row["payee_id"]]
        assert row["k"] == (own >= row["goal_level"] - 1e-12).sum() and row["n"] == len(own)
        low, high = wilson(row["k"], row["n"])
        assert (row["rate_low"], row["rate_high"]) == (float(low), float(high))
        verdict = "too_easy" if row["rate"] >= 0.9 else "out_of_reach"
        assert row["verdict"] == (verdict if not 0.1 < row["rate"] < 0.9 else "jump")
    counts = reach_findings(table)[0].values
    assert counts["jump"] + counts["too_easy"] + counts["out_of_reach"] == counts["payees"] == 40


def test_two_million_exact_hits_are_all_reached():
    quota = np.arange(1, 2_000_001) / 100
    table = reachability(
        pd.DataFrame({"quota": quota, "sales": np.round(quota * 1.1, 12)}),
        floor=1.1, stretch=1.1, by=[],
    )  # fmt: skip
    assert (table["rate"] == 1).all()


def test_draws_of_a_forecast_take_the_place_of_history():
    rows = pd.DataFrame({"payee_id": ["a", "b"], "quota": [100.0, 50.0]})
    draws = [[90, 110, 120, 140], [40, 45, 49, 60]]
    table = reachability(rows, floor=1.0, stretch=1.2, draws=draws).set_index(["payee_id", "goal"])
    assert table["rate"].tolist() == [0.75, 0.5, 0.25, 0.25]
    assert table["rate_low"].isna().all()
    both = reachability(rows, floor=1.0, stretch=1.2, draws=draws, by=[])
    assert both["rate"].tolist() == [0.5, 0.375]
    assert both["rate_high"].notna().all()


def test_few_periods_and_missing_quotas_are_not_judged():
    rows = pd.DataFrame({"payee_id": "a", "quota": [100, 100, 0, None], "sales": 200.0})
    table = reachability(rows, floor=1.0, stretch=1.3)
    assert (table["n"] == 2).all() and (table["verdict"] == "unknown").all()
    assert not table["sure"].any()


# Moving thresholds


def test_moving_a_plan_to_its_own_thresholds_changes_nothing():
    sales = np.linspace(0, 200, 801)
    same = moved(PLAN, floor=1.0, stretch=1.3)
    for plan in (PLAN, same):
        assert payout_amounts(sales, plan=plan, quota=100.0, exact=False)[-1] == pytest.approx(5.2)
    new = moved(PLAN, floor=1.2, stretch=1.8)
    assert [float(tier.start) for tier in new.tiers] == [0, 1.2, 1.8]
    assert float(new.floor.at) == 1.2 and new.floor.cliff and float(new.stretch) == 1.8


# The choice


def test_without_a_response_every_pair_equals_a_naive_computation(rows):
    choice = optimise(PLAN, rows, margin_rate=0.2, **SMALL)
    periods = rows["period"].nunique()
    for row in choice.grid.to_dict("records"):
        plan = moved(PLAN, floor=row["floor_at"], stretch=row["stretch_at"])
        paid = payout_amounts(rows["sales"], plan=plan, quota=rows["quota"]).sum() / 100
        assert row["cost"] == pytest.approx(paid / periods, rel=1e-5)
        assert row["margin"] == pytest.approx((0.2 * rows["sales"].sum() - paid) / periods)
        assert row["under_floor"] + row["between"] + row["over_stretch"] == pytest.approx(1)
    tried = choice.grid[~choice.grid["present"]]
    assert choice.margin == tried["margin"].max() and choice.grid["chosen"].sum() == 1
    present = choice.grid[choice.grid["present"]].iloc[0]
    assert choice.gain == pytest.approx(choice.margin - present["margin"])
    assert choice.gain_low < choice.gain < choice.gain_high


def test_the_limits_are_kept(rows):
    free = optimise(PLAN, rows, **SMALL)
    limit = float(np.median(free.grid["cost_rate"]))
    kept = optimise(PLAN, rows, cost_limit=limit, keep_payout=0.8, **SMALL)
    assert kept.cost_rate <= limit
    present = kept.grid[kept.grid["present"]].iloc[0]
    assert kept.cost >= 0.8 * present["cost"] * (1 - 1e-9)
    pairs = kept.best_pairs(3)
    assert pairs["present"].tolist() == [True, *[False] * (len(pairs) - 1)]
    assert pairs["allowed"].iloc[1:].all()
    none = optimise(PLAN, rows, cost_limit=1e-6, **SMALL)
    assert none.verdict == "over_limit" and np.isnan(none.floor)
    assert [finding.name for finding in threshold_findings(none)] == ["over_limit"]


def test_a_limit_that_keeps_a_better_pair_out_is_named(rows):
    free = optimise(PLAN, rows, **SMALL)
    assert free.binds == ()
    half = float(free.grid.loc[free.grid["present"], "cost"].iloc[0])
    less = free.cost / half
    assert less < 1  # the best pair pays less than the present one
    kept = optimise(PLAN, rows, keep_payout=less + 0.01, **SMALL)
    assert kept.binds == ("keep_payout",)
    found = {finding.name: finding.values for finding in choice_findings(kept)}
    assert found["keep_binds"] == {"keep": less + 0.01}
    assert optimise(PLAN, rows, keep_payout=less - 0.01, **SMALL).binds == ()
    none = optimise(PLAN, rows, cost_limit=1e-6, **SMALL)
    assert none.binds == ("cost_limit",)


def test_the_edge_of_what_was_tried_is_no_recommendation(rows):
    inside = optimise(
        PLAN, rows, floors=[0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5], ratios=[1.3], draws=60
    )
    last = inside.floor
    edge = optimise(PLAN, rows, floors=[0.9, 1.0, last], ratios=[1.3], draws=60)
    assert edge.verdict == "at_edge" and edge.gain_low > 0
    (told,) = threshold_findings(edge)
    assert (told.name, told.values["floor"]) == ("at_edge", last)


def test_few_statements_or_payees_are_no_ground_to_choose_by(rows):
    few = rows[rows["payee_id"].isin(sorted(rows["payee_id"].unique())[:19])]
    (told,) = too_few_to_choose(few, ThresholdSettings(least_statements=1))
    assert (told.values["payees"], told.values["least_payees"]) == (19, 20)
    with pytest.raises(SalesAnalysisError, match="19 payees are too few"):
        optimise(PLAN, few, least_statements=1, **SMALL)
    short = rows.head(99)
    assert too_few_to_choose(short)[0].values["statements"] == 99
    assert too_few_to_choose(rows) == []


def test_a_multiplier_by_attainment_moves_along_and_is_aimed_at(rows):
    doubled = {"on": "attainment", "steps": [[0, 1], [1.3, 2]]}
    plan = read_plan({"thresholds": "quota", "floor": 1, "stretch": 1.3, "tiers": [[0, None, 0.03]],
                      "multipliers": [doubled]})  # fmt: skip
    assert moved(plan, floor=0.9, stretch=1.2).attainments == [0, Fraction(6, 5)]
    table = payee_periods(rows)
    flat = read_plan({"tiers": [[0, None, 0.03]]})
    response = Response("elastic", elasticity=0.1, farthest=0.05)
    sold = answered(Seen.of(table, flat), plan, response) / table["quota"].to_numpy()
    near = table["share"].between(1.28, 1.2999)
    assert near.any()
    assert (sold[near] > 1.3 - 1e-9).all()


def test_the_frontier_is_what_no_other_pair_beats(rows):
    choice = optimise(PLAN, rows, behaviour="reachable", lift=0.4, **SMALL)
    for row in choice.grid.to_dict("records"):
        better = (choice.grid["cost"] <= row["cost"]) & (choice.grid["margin"] > row["margin"])
        assert row["on_frontier"] == (not better.any())
    assert choice.frontier["margin"].is_monotonic_increasing


@pytest.mark.parametrize("elasticity", [0.05, 0.3])
def test_an_elastic_payee_does_what_is_best_for_the_payee(rows, elasticity):
    table = payee_periods(rows.head(24))
    plan = moved(PLAN, floor=1.1, stretch=1.4)
    response = Response("elastic", elasticity=elasticity, beside=0.01, farthest=0.3)
    sold = answered(Seen.of(table, PLAN), plan, response)
    step = 1e-6
    for row, found in zip(table.to_dict("records"), sold, strict=True):
        seen, quota = row["sales"], row["quota"]
        pair = np.array([seen, seen + step * quota])
        slope = np.diff(payout_amounts(pair, plan=PLAN, quota=quota, exact=False))[0]
        worth = 0.01 + slope / (step * quota)

        def gain(level, seen=seen, quota=quota, worth=worth):
            paid = payout_amounts(level, plan=plan, quota=quota, exact=False)
            effort = worth * seen / (1 + 1 / elasticity) * (level / seen) ** (1 + 1 / elasticity)
            return paid + 0.01 * level - effort

        levels = np.linspace(0.3, 2.5, 8001) * seen
        if 1.1 * quota > 1.3 * seen:  # the cliff is too far away to draw this payee
            levels = levels[levels < 1.1 * quota]
            assert found < 1.1 * quota
        assert gain(np.array([found]))[0] >= gain(levels).max() - 1e-4 * seen * worth


def test_reachability_lifts_where_a_target_is_as_likely_as_not(rows):
    table = payee_periods(rows)
    seen = Seen.of(table, PLAN)
    response = Response("reachable", lift=0.2)
    assert answered(seen, PLAN, response) == pytest.approx(seen.sales)
    far = answered(seen, moved(PLAN, floor=5.0, stretch=9.0), response)
    assert (far <= seen.sales + 1e-9).all()
    easy = answered(seen, moved(PLAN, floor=0.01, stretch=0.02), response)
    assert far == pytest.approx(easy, rel=1e-3)  # sure and hopeless: no effort either way


def test_reachability_without_a_target_is_refused_in_words(rows):
    tiers = {"name": "Tiers", "thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]]}
    plan = incentive.read_plan(tiers)
    response = Response("reachable", lift=0.2)
    with pytest.raises(SalesAnalysisError, match="'Tiers' has neither. Give the plan one of them"):
        incentive.plan_change(plan, rows, current=plan, behaviour=response)


def test_every_answer_comes_with_its_sensitivity(rows):
    choice = optimise(PLAN, rows, behaviour="elastic", elasticity=0.1, cost_limit=0.05, **SMALL)
    table = choice.sensitivity
    assert table["behaviour"].tolist() == ["none", *["elastic"] * 3, *["reachable"] * 2]
    assert table["elasticity"].tolist()[1:4] == [0.05, 0.1, 0.2]
    own = table.iloc[2]
    assert (own["floor_at"], own["stretch_at"]) == (choice.floor, choice.stretch)
    assert own["regret"] == 0 and own["chosen_margin"] == pytest.approx(choice.margin)
    assert (table["regret"].dropna() >= -1e-6).all()
    names = [finding.name for finding in choice_findings(choice)]
    assert names[0] in ("recommended", "no_better")
    assert "assumed_elastic" in names and names[-1] in ("robust", "sensitive")
    told = [finding.name for finding in threshold_findings(choice)]
    assert told == (["at_edge"] if choice.verdict == "at_edge" else [names[0], names[-1]])
    assert {"floor", "stretch", "gain"} <= set(choice.summary()["name"])


def test_the_sources_rule_is_evaluated_beside(rows):
    choice = optimise(PLAN, rows, margin_rate=0.2, **SMALL)
    rule = choice.rule[choice.rule["behaviour"] == "none"]
    assert rule["stretch_at"].tolist() == pytest.approx([1.2, 1.35, 1.5])
    plan = floor_stretch(floor=1, stretch=1.2)
    paid = payout_amounts(rows["sales"], plan=plan, quota=rows["quota"], exact=False).sum()
    assert rule["cost_rate"].iloc[0] == pytest.approx(paid / rows["sales"].sum())


def test_a_stretch_that_pays_nothing_is_said_to_be_idle(rows):
    plan = floor_stretch(floor=1, stretch=1.2)
    choice = optimise(plan, rows, **SMALL)
    assert not choice.stretch_matters and choice.stretch == pytest.approx(choice.floor * 1.2)
    names = [finding.name for finding in choice_findings(choice)]
    assert {"stretch_idle", "at_edge"} <= set(names)


def test_a_family_of_plans_may_be_a_function(rows):
    one = optimise(floor_stretch, rows, current=PLAN, **SMALL)
    other = optimise(floor_stretch(floor=1, stretch=1.3), rows, current=PLAN, **SMALL)
    assert one.floor == other.floor and one.margin == pytest.approx(other.margin)


def test_the_same_seed_gives_the_same_answer_and_another_only_another_interval(rows):
    first, again = (optimise(PLAN, rows, **SMALL, seed=1) for _ in range(2))
    assert (first.gain_low, first.won_share) == (again.gain_low, again.won_share)
    other = optimise(PLAN, rows, **SMALL, seed=2)
    assert other.gain == first.gain and other.gain_low != first.gain_low


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plan": {"tiers": [[0, None, 0.1]]}}, "expected a Plan, or a function"),
        ({"plan": read_plan({"tiers": [[0, None, 0.1]]})}, "a floor and a stretch"),
        ({"plan": floor_stretch}, "`current` is needed"),
        ({"behaviour": "greedy"}, "`kind` of a response is 'greedy'"),
        ({"behaviour": "elastic", "elasticity": -1}, "`elasticity` is -1"),
        ({"attainment": "empty"}, "no row with a quota over 0"),
    ],
)
def test_wrong_arguments_get_one_clear_message(rows, change, message):
    table = rows.assign(quota=0.0) if change.pop("attainment", None) else rows
    plan = change.pop("plan", PLAN)
    with pytest.raises(SalesAnalysisError, match=message):
        optimise(plan, table, **SMALL, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"floor": 1.3, "stretch": 1.0}, "the stretch not under the floor"),
        ({"easy": 0.1, "hopeless": 0.9}, "`hopeless`"),
        ({"draws": [[1.0]]}, "`draws` is of the shape"),
        ({"by": "squad"}, "no column `squad`"),
    ],
)
def test_wrong_reachability_is_refused(rows, change, message):
    with pytest.raises(SalesAnalysisError, match=message):
        reachability(rows, **change)


# A plan beside the present one


def test_the_gain_of_a_plan_is_that_of_the_choice_of_thresholds(rows):
    only = {"floors": [1.1], "ratios": [1.4], "draws": 60}
    choice = optimise(PLAN, rows, **only)
    other = moved(PLAN, floor=1.1, stretch=1.54)
    pair = {"present": PLAN, "other": other}
    table = plan_outcomes(pair, rows, current=PLAN, draws=60).set_index("plan")
    names = ["gain", "gain_low", "gain_high"]
    assert table.loc["other", names].tolist() == [getattr(choice, name) for name in names]
    assert table.loc["present", names].tolist() == [0, 0, 0]
    assert table.loc["other", "gain"] == pytest.approx(table["margin"].diff().iloc[1])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.0, 9.0, "leaves_more"),
        (-9.0, -1.0, "leaves_less"),
        (-1.0, 9.0, "not_told_apart"),
        (np.nan, np.nan, "not_told_apart"),
    ],
)
def test_a_plan_leaves_more_where_the_interval_says_so(low, high, said):
    outcomes = pd.DataFrame(
        {"plan": ["a"], "gain": 5.0, "gain_low": low, "gain_high": high, "cost_rate": 0.03}
    )
    assert gain_findings(outcomes, plan="a")[0].name == said


@pytest.mark.parametrize("money", [False, True])
def test_payee_periods_of_one_attainment_answer_as_one_by_one(money):
    """Cells against each row by itself: nobody over a threshold who was not, the sums the same."""
    rng = np.random.default_rng(6)
    n = 6000
    share = np.where(rng.random(n) < 0.1, 1.0, rng.lognormal(0, 0.25, n))
    share[0] = 0.0
    quota = rng.choice([1000.0, 2000.0, 5000.0], n)
    rows = pd.DataFrame({"payee_id": np.arange(n) // 4, "period": np.arange(n) % 4 + 2021})
    rows = rows.astype(str).assign(quota=quota, sales=quota * share, share=share)
    plan = read_plan({"thresholds": "quota", "floor": {"at": 1, "cliff": True}, "stretch": 1.3,
                      "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.02]],
                      "bonuses": [[1.3, 100]] if money else []})  # fmt: skip
    seen, elastic = Seen.of(rows, plan), Response("elastic", elasticity=0.2)
    cells = Cells.of(seen, by_share=not money)
    assert len(cells.weight) < n * (0.9 if money else 0.6)
    assert cells.spread(cells.seen.sales).sum() == pytest.approx(rows["sales"].sum())
    together = cells.spread(cells.seen.sales) / quota
    np.testing.assert_array_equal(together >= 1 - 1e-12, share >= 1)
    for floor in (0.9, 1.0, 1.1):
        other = moved(plan, floor=floor, stretch=floor * 1.3)
        one_by_one = answered(seen, other, elastic)
        of_cells = answered(cells.seen, other, elastic)
        assert cells.spread(of_cells).sum() == pytest.approx(one_by_one.sum(), rel=1e-4)
        costs = paid(other, one_by_one, quota), paid(other, of_cells, cells.seen.quota)
        assert cells.spread(costs[1]).sum() == pytest.approx(costs[0].sum(), rel=1e-3)
