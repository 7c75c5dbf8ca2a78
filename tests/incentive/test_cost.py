"""The cost of a plan: closed forms, shares, plans on equal draws."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive

PLAN = {"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]], "floor": 1,
        "stretch": 1.2}  # fmt: skip
PEOPLE = pd.DataFrame({
    "payee_id": list("abc"), "quota": [100.0, 120.0, 80.0], "mean": [100.0, 110.0, 120.0],
    "sd": [20.0, 50.0, 1e-9],
})  # fmt: skip
NORMAL = NormalDist()


def lognormal_excess(mean, sd, level):
    """E max(S − level, 0) of a lognormal S (the Black–Scholes formula)."""
    spread = np.sqrt(np.log1p((sd / mean) ** 2))
    centre = np.log(mean) - spread**2 / 2
    d = (centre - np.log(level)) / spread
    return mean * NORMAL.cdf(d + spread) - level * NORMAL.cdf(d)


def normal_excess(mean, sd, level):
    """E max(S − level, 0) of a normal S."""
    d = (mean - level) / sd
    return (mean - level) * NORMAL.cdf(d) + sd * NORMAL.pdf(d)


@pytest.mark.parametrize(
    ("distribution", "excess"), [("lognormal", lognormal_excess), ("normal", normal_excess)]
)
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_the_mean_is_that_of_the_closed_form(distribution, excess, correlation):
    found = incentive.cost(PLAN, PEOPLE, distribution=distribution, correlation=correlation,
                           draws=4000, seed=5)  # fmt: skip
    expected = [
        0.03 * row.mean + 0.02 * excess(row.mean, row.sd, row.quota) for row in PEOPLE.itertuples()
    ]
    assert abs(found.cost_amount - sum(expected)) < 4 * found.error_amount
    assert found.payees["payout"].to_numpy() == pytest.approx(expected, rel=0.05)
    assert found.cost_rate == pytest.approx(found.cost_amount / found.sales_amount.mean())


def test_what_payees_have_in_common_makes_the_cost_less_certain():
    people = pd.DataFrame({"payee_id": range(50), "quota": 100.0, "mean": 100.0, "sd": 30.0})
    alone = incentive.cost(PLAN, people, draws=1000)
    together = incentive.cost(PLAN, people, draws=1000, correlation=0.8)
    spans = [np.diff(each.limits_amount)[0] for each in (alone, together)]
    assert spans[1] > 3 * spans[0]


def test_given_draws_are_paid_one_by_one():
    draws = np.array([[90.0, 100.0], [120.0, 130.0], [99.0, 121.0]])
    found = incentive.cost(PLAN, draws, quota=100)
    expected = incentive.payout_amounts(draws, quota=100, plan=PLAN).sum(axis=1) / 100
    assert found.totals_amount == pytest.approx(expected)
    assert (found.under_floor_share, found.over_stretch_share) == (2 / 6, 3 / 6)
    assert found.between_share == pytest.approx(1 / 6)
    table = pd.DataFrame({"draw": np.repeat([1, 2, 3], 2), "payee_id": ["a", "b"] * 3,
                          "sales": draws.ravel(), "quota": 100.0})  # fmt: skip
    again = incentive.cost(PLAN, table.sample(frac=1, random_state=2))
    assert (again.totals_amount == found.totals_amount).all()
    one = incentive.cost({"tiers": [[0, None, 0.1]]}, [10.0, 30.0])
    assert one.summary().set_index("name")["value"][["cost", "payees", "draws"]].tolist() == [
        2,
        1,
        2,
    ]
    assert np.isnan(one.under_floor_share)
    assert one.distribution(bins=2)["draws"].tolist() == [1, 1]


def test_floats_follow_every_rule_of_the_tiers():
    plan = {"thresholds": "quota", "method": "retroactive", "target_incentive": 40,
            "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 2}],
            "floor": {"at": 0.5, "cliff": True}, "cap": {"share": 3, "rate": 0.9},
            "bonuses": [[1.5, 25]]}  # fmt: skip
    draws = np.random.default_rng(0).uniform(1, 250, (200, 3)).round(2)
    found = incentive.cost(plan, draws, quota=100)
    exact = incentive.payout_amounts(draws, quota=100, plan=plan).sum(axis=1) / 100
    assert np.abs(found.totals_amount - exact).max() < 0.03


def test_two_plans_on_the_same_draws():
    dearer = {**PLAN, "tiers": [[0, 1, 0.03], [1, None, 0.06]]}
    table = incentive.compare_costs({"now": PLAN, "new": dearer}, PEOPLE, draws=2000)
    now, new = (incentive.cost(plan, PEOPLE, draws=2000) for plan in (PLAN, dearer))
    assert table["difference"].tolist() == pytest.approx([0, new.cost_amount - now.cost_amount])
    assert table["difference_low"][1] < table["difference"][1] < table["difference_high"][1]
    width = table["difference_high"][1] - table["difference_low"][1]
    assert width < 4 * now.error_amount  # the difference is known better than either cost
    assert table["dearer"][1] > 0.9
    names = [f.name for f in incentive.cost_findings(now, table)]
    assert names == ["cost_expected", "cost_difference"]


def test_the_same_seed_makes_the_same_futures_whatever_the_plan():
    one, two = (incentive.cost(PLAN, PEOPLE, draws=100, seed=seed) for seed in (1, 1))
    assert (one.totals_amount == two.totals_amount).all()
    other = incentive.cost({**PLAN, "cap": 5}, PEOPLE, draws=100, seed=1)
    assert (other.sales_amount == one.sales_amount).all()
    assert not (
        incentive.cost(PLAN, PEOPLE, draws=100, seed=2).sales_amount == one.sales_amount
    ).all()


@pytest.mark.parametrize(
    ("sales", "more", "said"),
    [
        (PEOPLE.assign(sd=-1.0), {}, "`mean` and `sd`"),
        (PEOPLE.assign(mean=0.0), {}, "over 0 for a lognormal"),
        (PEOPLE.assign(quota=0.0), {}, "`quota` is missing, zero or negative for a, b, c"),
        (PEOPLE.drop(columns="quota"), {}, "`quota` is needed"),
        (PEOPLE.drop(columns="sd"), {}, "no column `sd`"),
        (PEOPLE, {"distribution": "gamma"}, "`distribution`"),
        (PEOPLE, {"correlation": 2}, "`correlation`"),
        (PEOPLE, {"draws": 0}, "`draws`"),
        (PEOPLE, {"level": 1}, "`level`"),
        ([[1.0, np.nan]], {"quota": 5}, "missing for 1"),
        (np.zeros((0, 2)), {"quota": 5}, "no draws"),
        (np.zeros((2, 2, 2)), {"quota": 5}, "3 dimensions"),
    ],
)
def test_bad_input_is_refused_in_words(sales, more, said):
    with pytest.raises(SalesAnalysisError, match=said):
        incentive.cost(PLAN, sales, **more)


def test_futures_like_the_past_bring_its_piles_again():
    """Each payee draws from the payee's own periods; a new one from those of all."""
    rows = pd.DataFrame({
        "payee_id": ["a"] * 4 + ["b"] * 4 + ["c"], "quota": [100.0] * 3 + [200.0] + [50.0] * 5,
        "period": ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"] * 2 + ["2025-Q4"],
        "sales": [110.0, 110.0, 80.0, 220.0, 50.0, 50.0, 40.0, 60.0, 55.0]})  # fmt: skip
    plan = {"thresholds": "quota", "method": "retroactive", "tiers": [[1.1, None, 0.1]],
            "floor": 1, "stretch": 1.1}  # fmt: skip
    found = incentive.cost(plan, rows, draws=4000, seed=2)
    expected = np.array([0.75 * 22, 0.25 * 6, (4 * 5.5 + 6) / 9])  # 1.1 is hit exactly
    assert found.payees["quota"].tolist() == [200, 50, 50]
    assert abs(found.cost_amount - expected.sum()) < 4 * found.error_amount
    assert found.payees["payout"].to_numpy() == pytest.approx(expected, rel=0.06)
    assert found.under_floor_share == pytest.approx((1 / 4 + 1 / 4 + 2 / 9) / 3, abs=0.02)
    with pytest.raises(SalesAnalysisError, match="no payee-period with a quota"):
        incentive.cost(plan, rows.assign(quota=0.0))


def test_a_plan_with_multipliers_says_that_its_cost_leaves_them_out():
    gated = {**PLAN, "multipliers": [{"on": "margin", "steps": [[0.2, 0.5]]}]}
    costs = [incentive.cost(plan, [[90.0, 120.0]], quota=100) for plan in (PLAN, gated)]
    assert costs[0].cost_amount == costs[1].cost_amount
    said = [[found.name for found in incentive.cost_findings(cost)] for cost in costs]
    assert said == [["cost_expected"], ["cost_expected", "not_multiplied"]]
