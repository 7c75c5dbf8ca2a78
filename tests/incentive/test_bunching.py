"""Bunching at kinks and notches: against a naive fit, in simulations, and with wrong arguments."""

import numpy as np
import pandas as pd
import pytest
from by_name import by_name
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.datasets.incentives import incentive_programme
from salesanalysis.incentive import (
    BunchingSettings,
    bunching_table,
    floor_stretch,
    implied_response,
    plan_bunching,
    plan_thresholds,
    read_plan,
    relative_attainment,
    strongest_pile,
    target_levels,
)

bunching = by_name(incentive.bunching, BunchingSettings)
PLAN = read_plan(
    {
        "thresholds": "quota",
        "floor": {"at": 1, "cliff": True},
        "stretch": 1.3,
        "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]],
    }
)


def naive(values, at, width, left, right, degree, out_left=0, out_right=0, controls=()):
    """The uncorrected estimate by one regression with a dummy for each bin that is left out."""
    bins = range(-(left - 1), right)
    count = [
        sum(at + (j - 0.5) * width <= value < at + (j + 0.5) * width for value in values)
        for j in bins
    ]
    columns = [[j**p for j in bins] for p in range(degree + 1)]
    columns += [[float(is_one(at + j * width)) for j in bins] for is_one in controls]
    smooth = len(columns)
    columns += [[float(j == out) for j in bins] for out in range(-out_left, out_right + 1)]
    design = np.array(columns, dtype=float).T
    beta = np.linalg.lstsq(design, np.array(count, dtype=float), rcond=None)[0]
    curve = design[:, :smooth] @ beta[:smooth]
    inside = [-out_left <= j <= out_right for j in bins]
    excess = sum(c - e for c, e, here in zip(count, curve, inside, strict=True) if here)
    return excess, excess / np.mean(curve[inside])


@pytest.fixture(scope="module")
def levels():
    rng = np.random.default_rng(1)
    smooth = np.round(rng.normal(1000, 220, 3000))
    return np.concatenate([smooth, np.repeat([1000.0, 990.0, 1010.0, 1100.0], [150, 40, 30, 60])])


@pytest.mark.parametrize(
    ("options", "oracle"),
    [
        ({}, {}),
        ({"excluded_left": 1, "excluded_right": 2}, {"out_left": 1, "out_right": 2}),
        ({"round_numbers": [100]}, {"controls": [lambda z: z % 100 == 0]}),
        (
            {"round_numbers": [50, 100]},
            {"controls": [lambda z: z % 100 == 0, lambda z: z % 50 == 0 and z % 100 != 0]},
        ),
        ({"other_thresholds": [1100]}, {"controls": [lambda z: z == 1100]}),
    ],
)
def test_the_estimate_equals_a_naive_regression(levels, options, oracle):
    found = bunching(levels, 1000, bin_width=10, correct=False, draws=0, **options)
    assert (found.B, found.b) == pytest.approx(naive(levels, 1000, 10, 20, 20, 4, **oracle))
    assert found.counterfactual["excess"].sum() == pytest.approx(
        (found.counterfactual["count"] - found.counterfactual["counterfactual"]).sum()
    )
    assert found.payees + found.left_out == len(levels)


def test_the_exact_correction_is_where_the_iteration_ends(levels):
    exact = bunching(levels, 1000, bin_width=10, correct="exact", draws=0)
    table = exact.counterfactual
    beyond = table[table["bin"] > 0]
    # The counterfactual is the fit to counts that hold those in excess beyond the threshold.
    lifted = table["count"].to_numpy(float).copy()
    lifted[table["bin"] > 0] *= 1 + exact.B / beyond["count"].sum()
    kept = (table["bin"] != 0).to_numpy()
    powers = np.vander(table["bin"] / 20, 5)
    curve = powers @ np.linalg.lstsq(powers[kept], lifted[kept], rcond=None)[0]
    np.testing.assert_allclose(table["counterfactual"], curve, rtol=1e-8)
    assert bunching(levels, 1000, bin_width=10, draws=0).B == pytest.approx(exact.B, abs=1)


@given(st.floats(1e-3, 1e6), st.sampled_from([True, "exact", "shift", False]))
@settings(max_examples=15, deadline=None)
def test_the_unit_does_not_matter(unit, correct):
    values = np.round(np.random.default_rng(3).normal(1000, 150, 800))
    values[:60] = 1000
    options = {"rates": (0.05, 0.01), "correct": correct, "draws": 40, "degree": 3}
    one = bunching(values, 1000, bin_width=20, **options)
    other = bunching(values * unit, 1000 * unit, bin_width=20 * unit, **options)
    assert (one.B, one.b, one.elasticity) == pytest.approx((other.B, other.b, other.elasticity))
    assert other.response == pytest.approx(one.response * unit)
    np.testing.assert_allclose(one.intervals["low"][:2], other.intervals["low"][:2])


def earn(n, elasticity, rng, below=0.05, above=0.02):
    """Attainment of payees with an elasticity, at a kink at 1."""
    free = rng.lognormal(-0.02, 0.35, n)
    factor = (below / above) ** elasticity
    return np.where(free <= 1, free, np.where(free <= factor, 1.0, free / factor))


@pytest.mark.parametrize("elasticity", [0.05, 0.1, 0.2])
def test_a_known_elasticity_is_recovered(elasticity):
    levels = earn(300_000, elasticity, np.random.default_rng(0))
    options = {"bin_width": 0.01, "bins_left": 40, "bins_right": 40, "degree": 7, "draws": 0}
    found = bunching(levels, 1.0, rates=(0.05, 0.02), parametric=True, correct="shift", **options)
    assert found.elasticity == pytest.approx(elasticity, rel=0.04)
    assert pytest.approx((levels == 1).sum(), rel=0.03) == found.B


def test_a_small_elasticity_is_recovered_by_the_published_correction_too():
    levels = earn(300_000, 0.1, np.random.default_rng(0), below=0.05, above=0.04)
    options = {"bin_width": 0.01, "bins_left": 40, "bins_right": 40, "degree": 7, "draws": 0}
    found = bunching(levels, 1.0, rates=(0.05, 0.04), parametric=True, **options)
    assert found.elasticity == pytest.approx(0.1, rel=0.08)


def test_the_interval_covers_the_truth_and_nothing_is_found_where_nothing_is():
    covered = shown = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        options = {"rates": (0.05, 0.02), "parametric": True, "draws": 100, "seed": seed}
        found = bunching(earn(2500, 0.1, rng), 1.0, correct="shift", **options)
        low, high = found.interval("elasticity")
        covered += low <= 0.1 <= high
        null = bunching(rng.lognormal(-0.02, 0.35, 2500), 1.0, correct=False, **options)
        shown += null.verdict == "bunching"
    assert covered >= 20  # 95% is 24
    assert shown <= 4


@pytest.mark.parametrize("missing", ["above", "below"])
def test_the_error_is_that_of_samples_drawn_anew(missing):
    """At a notch of either side, against the spread over samples of the truth itself."""

    def sample(seed):
        rng = np.random.default_rng(seed)
        values = rng.normal(1, 0.2, 3000)
        held = (values > 1) & (values < 1.08) & (rng.random(3000) < 0.7)
        values[held] = 1 - 0.003 * rng.random(held.sum())
        return values if missing == "above" else 2 - values

    options = {"kind": "notch", "missing": missing, "bin_width": 0.02, "degree": 3}
    options |= {"excluded_right": 4} if missing == "above" else {"excluded_left": 4}
    options["correct"] = False
    truth = np.std([bunching(sample(seed), 1.0, draws=0, **options).b for seed in range(60)])
    error = bunching(sample(0), 1.0, draws=300, **options).intervals.set_index("name")["error"]
    assert error["b"] == pytest.approx(truth, rel=0.35)


def test_periods_of_a_payee_are_drawn_together():
    """The same payees in four equal periods are no more people: the error stays as it is."""
    values = np.random.default_rng(8).normal(1, 0.2, 600)
    once = pd.DataFrame({"payee_id": np.arange(600), "attainment": values})
    often = pd.concat([once.assign(period=period) for period in range(4)])
    one, four = (bunching(table, 1.0, correct=False) for table in (once, often))
    errors = [each.intervals.set_index("name")["error"]["b"] for each in (one, four)]
    assert four.b == pytest.approx(one.b)
    assert errors[1] == pytest.approx(errors[0], rel=0.15)
    apart = bunching(often.drop(columns="payee_id"), 1.0, correct=False)
    assert apart.intervals.set_index("name")["error"]["b"] < 0.65 * errors[0]


def test_a_bonus_is_a_tax_seen_from_the_other_side():
    rng = np.random.default_rng(5)
    values = rng.normal(1, 0.2, 5000)
    held = (values > 1) & (values < 1.08)
    values[held] = 1 - 0.003 * rng.random(held.sum())
    options = {"kind": "notch", "bin_width": 0.02, "bins_left": 18, "bins_right": 22, "draws": 50}
    tax = bunching(values, 1.0, correct=False, **options)
    turned = options | {"bins_left": 22, "bins_right": 18}
    bonus = bunching(2 - values, 1.0, missing="below", correct=False, **turned)
    assert bonus.B == pytest.approx(tax.B) and bonus.missing_mass == pytest.approx(tax.missing_mass)
    assert (bonus.excluded_left, bonus.excluded_right) == (tax.excluded_right, tax.excluded_left)
    assert tax.B == pytest.approx(held.sum(), rel=0.2)
    flipped = bonus.counterfactual[::-1].reset_index(drop=True)
    assert (flipped["count"] == tax.counterfactual["count"]).all()
    assert (bonus.counterfactual["role"] == "region").sum() == (
        tax.counterfactual["role"] == "region"
    ).sum()


def test_a_notch_has_its_elasticity_and_dominated_region():
    rng = np.random.default_rng(5)
    values = rng.normal(1, 0.2, 5000)
    held = (values > 1) & (values < 1.2)
    values[held & (rng.random(5000) < 0.8)] = 0.999
    options = {"kind": "notch", "rates": (0.9, 0.8), "excluded_right": 10, "draws": 20}
    found = bunching(values, 1.0, correct=False, **options)
    assert found.dominated_to == pytest.approx(0.9 / 0.8)
    assert found.stuck_share == pytest.approx(0.2, abs=0.08)
    assert found.response_adjusted > found.response
    parametric = bunching(values, 1.0, correct=False, parametric=True, **options)
    share, e = found.response_share, parametric.elasticity
    change = 0.1 / 0.9
    left = 1 / (1 + share) - (1 / (1 + share)) ** (1 + 1 / e) / (1 + 1 / e)
    assert left == pytest.approx((1 - change) ** (1 + e) / (1 + e))


def test_attainment_may_be_a_table_and_missing_rows_are_left_out():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"quota": 200.0, "sales": rng.normal(200, 40, 500)})
    table.loc[:3, "quota"] = [0, np.nan, -5, 0]
    from_table = bunching(table, 1.0, draws=0)
    ratio = (table["sales"] / table["quota"])[4:]
    assert from_table.B == bunching(ratio, 1.0, draws=0).B
    assert from_table.B == bunching(pd.DataFrame({"attainment": ratio}), 1.0, draws=0).B
    assert from_table.bin_width == 0.02
    assert set(from_table.summary().columns) == {"name", "value", "unit"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "cliff"}, "`kind` is 'cliff'.*kink, notch"),
        ({"missing": "up"}, "`missing` is 'up'"),
        ({"threshold": 0}, "`threshold` is 0"),
        ({"threshold": 9}, "No attainment lies in the window"),
        ({"bin_width": -1}, "`bin_width`"),
        ({"bins_left": 1}, "`bins_left` is 1"),
        ({"degree": 2.5}, "`degree` is 2.5"),
        ({"degree": 45}, "cannot tell them apart"),
        ({"excluded_left": 19}, "leaves no bins on one side"),
        ({"rates": (0.03, 0.05)}, "rises at this threshold"),
        ({"rates": (0.03, 0.03)}, "the same"),
        ({"kind": "notch", "missing": "below", "rates": (0.5, 0.3)}, "falls at this threshold"),
        ({"other_thresholds": [3.0]}, "outside the window"),
        ({"other_thresholds": [1.0]}, "in the bunching region"),
        ({"round_numbers": [0]}, "`round_numbers`"),
        ({"kind": "notch"}, "not a notch of that kind"),
        ({"kind": "notch", "correct": "shift"}, "is for a kink"),
        ({"level": 95}, "`level`"),
    ],
)
def test_wrong_arguments_get_one_clear_message(change, message):
    values = np.random.default_rng(0).normal(1, 0.2, 1000)
    values[(values > 0.97) & (values < 1.01)] = 1.05  # a hole, so no notch that holds back
    with pytest.raises(SalesAnalysisError, match=message):
        bunching(values, **({"threshold": 1.0} | change))


@pytest.mark.parametrize("values", [[np.inf, 1.0], [np.nan], [[1.0]], "text"])
def test_what_is_no_attainment_is_refused(values):
    with pytest.raises(SalesAnalysisError, match="`attainment`"):
        bunching(values, 1.0)


# At a plan's own thresholds


@pytest.fixture(scope="module")
def made():
    return incentive_programme(seed=3)


def test_the_planted_responses_are_found_at_the_plans_thresholds(made):
    attainment, truth = made.tables["attainment"], made.truth
    floor, stretch = plan_bunching(attainment, plan=PLAN)
    low, high = stretch.interval("elasticity")
    assert low < truth.habits.elasticity < high
    assert pytest.approx(truth.responses["stopped"].sum(), rel=0.25) == stretch.B
    assert (floor.kind, floor.missing, floor.verdict) == ("notch", "below", "bunching")
    assert pytest.approx(truth.responses["pushed"].sum(), rel=0.3) == floor.B
    assert floor.response_share < truth.habits.push_reach
    table = bunching_table([floor, stretch])
    assert table["kind"].tolist() == ["notch", "kink"]
    response = implied_response([floor, stretch])
    assert response.elasticity == stretch.elasticity and response.farthest == floor.response_share
    assert strongest_pile([floor, stretch], pull="up") is floor


def test_nothing_is_found_where_nobody_responds():
    attainment = incentive_programme(seed=3, null=True).tables["attainment"]
    found = plan_bunching(attainment, plan=PLAN)
    assert [one.verdict for one in found] == ["not_shown", "not_shown"]
    assert implied_response(found).elasticity == 0.1
    assert strongest_pile(found, pull="stop") is None


def test_few_payees_give_a_reason_instead_of_an_estimate(made):
    found = plan_bunching(made.tables["attainment"].head(30), plan=PLAN)[0]
    assert found.verdict == "too_few" and found.refused == "few_near"
    assert found.pull == "up"
    assert np.isnan(found.B) and bunching_table([found])["refused"].iloc[0] == found.refused


def test_thresholds_in_money_are_shares_of_the_floor(made):
    plan = floor_stretch(floor=50_000, stretch=65_000)
    assert target_levels(plan).to_dict() == {"floor": 1.0, "stretch": 1.3}
    table = relative_attainment(made.tables["attainment"], plan=plan)
    assert (table["quota"] == 50_000).all()
    assert plan_bunching(table, plan=plan, draws=20) == []  # the rate rises: nobody should stop


OWN = {"thresholds": "quota", "tiers": [[0, 0.8, 0.02], [0.8, 1.1, 0.05], [1.1, None, 0.01]]}


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        (OWN, [(0.8, "tier", "gain"), (1.1, "tier", "stop")]),
        (OWN | {"bonuses": [["95%", 500]]},
         [(0.8, "tier", "gain"), (0.95, "bonus", "up"), (1.1, "tier", "stop")]),
        (OWN | {"cap": {"attainment": 1.5}, "floor": 0.5},
         [(0.5, "floor", "none"), (0.8, "tier", "gain"), (1.1, "tier", "stop"),
          (1.5, "cap", "stop")]),
        (OWN | {"method": "retroactive"}, [(0.8, "tier", "up"), (1.1, "tier", "stop")]),
        ({"tiers": [[0, None, 0.1]]}, []),
        ({"tiers": [[0, 40_000, 0.1], [40_000, 80_000, 0.05], [80_000, None, 0.2]]},
         [(1.0, "tier", "stop"), (2.0, "tier", "gain")]),
        ({"tiers": [[0, None, 0.1]], "multipliers": [{"on": "attainment", "steps": [[0.9, 1]]}],
          "thresholds": "quota"}, [(0.9, "multiplier", "up")]),
        ({"tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 2}], "thresholds": "quota"},
         [(1.0, "tier", "gain")]),
    ],
)  # fmt: skip
def test_the_thresholds_are_those_of_the_plan(plan, found):
    table = plan_thresholds(incentive.read_plan(plan))
    assert list(table[["level", "part", "pull"]].itertuples(index=False, name=None)) == found


def test_piles_are_looked_for_at_the_plans_own_thresholds():
    """Payees stop at 110%, and push up to a bonus at 95%: neither 100 nor 120% is looked at."""
    rng = np.random.default_rng(2)
    share = rng.normal(1, 0.2, 6000)
    pushed = (share > 0.9) & (share < 0.95) & (rng.random(6000) < 0.5)
    stopped = (share > 1.1) & (share < 1.16) & (rng.random(6000) < 0.5)
    share = np.where(pushed, 0.951, np.where(stopped, 1.1, share))
    rows = pd.DataFrame({"payee_id": np.arange(6000) // 8, "quota": 1000.0})
    rows["sales"] = 1000 * share
    plan = incentive.read_plan(OWN | {"bonuses": [[0.95, 10]]})
    found = plan_bunching(rows, plan=plan, draws=100)
    assert [(pile.threshold, pile.pull) for pile in found] == [(0.95, "up"), (1.1, "stop")]
    assert [pile.verdict for pile in found] == ["bunching", "bunching"]
    told = incentive.behaviour_findings([], found)
    assert {finding.name: finding.values["level"] for finding in told} == {
        "pushed_up": 0.95,
        "stopped_at": 1.1,
    }
