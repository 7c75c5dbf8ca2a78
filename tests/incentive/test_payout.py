"""Payouts against exact fractions and naive loops; every step adds up; bad input is refused."""

from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.incentive import commission

FLAT = {"tiers": [[0, None, 0.1]]}
TWO = {"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]]}
QUARTERS = [f"2025-Q{quarter}" for quarter in (1, 2, 3, 4)]


def rows(sales, quota=100.0, **more):
    """Attainment of one payee over numbered periods."""
    size = len(sales)
    periods = [f"{2024 + at // 4}-Q{at % 4 + 1}" for at in range(size)]
    frame = pd.DataFrame({"payee_id": "a", "period": periods, "sales": sales, "quota": quota})
    return frame.assign(**more).astype({"sales": float})


def half_up(value: Fraction) -> int:
    """To a whole number, half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * floor(abs(value) + Fraction(1, 2))


def reached(sales, quota, starts, tie):
    """How many thresholds the sales reach, in fractions."""
    levels = [start * quota for start in starts]
    return sum(sales >= level if tie == "higher" else sales > level for level in levels)


# Against exact fractions


@st.composite
def plans(draw):
    size = draw(st.integers(1, 4))
    starts = sorted(draw(st.sets(st.integers(0, 30), min_size=size, max_size=size)))
    rates = draw(st.lists(st.integers(0, 200), min_size=size, max_size=size))
    return (
        [Fraction(start, 10) for start in starts],
        [Fraction(rate, 1000) for rate in rates],
        draw(st.sampled_from(["marginal", "retroactive"])),
        draw(st.sampled_from(["higher", "lower"])),
    )


@given(plans(), st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 200_000)), min_size=1))
@settings(max_examples=25, deadline=None)
def test_payouts_equal_exact_fractions(plan, amounts):
    starts, rates, method, tie = plan
    # Half of the sales lie exactly on a threshold.
    on_level = [(int(starts[at % len(starts)] * quota), quota) for at, (_, quota) in
                enumerate(amounts)]  # fmt: skip
    amounts = [*amounts, *on_level]
    expected = []
    for sales, quota in amounts:
        if method == "retroactive":
            tier = reached(sales, quota, starts, tie)
            pay = rates[tier - 1] * sales if tier else Fraction(0)
        else:
            ends = [*starts[1:], None]
            pay = Fraction(0)
            for start, end, rate in zip(starts, ends, rates, strict=True):
                top = sales if end is None else min(Fraction(sales), end * quota)
                pay += rate * max(top - start * quota, 0)
        expected.append(half_up(pay))
    made = incentive.Plan(
        tiers=tuple(incentive.Tier(s, rate=r) for s, r in zip(starts, rates, strict=True)),
        thresholds="quota",
        method=method,
        at_boundary=tie,
    )
    sales, quota = np.array(amounts).T / 100
    assert incentive.payout_amounts(sales, quota=quota, plan=made).tolist() == expected
    frame = pd.DataFrame({"payee_id": np.arange(len(sales)), "period": "2025", "sales": sales,
                          "quota": quota})  # fmt: skip
    table = incentive.payout(frame, plan=made)
    assert table["payout_minor"].tolist() == expected
    floats = incentive.payout_amounts(sales, quota=quota, plan=made, exact=False)
    if method == "marginal":  # a jump makes a float on a threshold undecided
        assert np.abs(floats * 100 - expected).max() <= 0.5 + 1e-6
    steps = [name for name in table if name.startswith("tier_") and name.endswith("_pay")]
    pieces = table[[*steps, "floor_cut", "rate_cut", "rounding"]].sum(axis=1)
    assert np.abs(pieces - table["commission"]).max() < 1e-6
    assert (table["rounding"].abs() <= 0.005 + 1e-9).all()


def test_no_threshold_is_missed_by_sales_that_hit_it_exactly():
    quota = np.arange(1, 200_001) * 7.1 // 0.1 / 10 + 10
    minor = np.rint(quota * 100).astype(np.int64)
    minor -= minor % 10
    quota = minor / 100
    plan = {"thresholds": "quota", "method": "retroactive",
            "tiers": [[0, 1.1, 0], [1.1, None, 1]]}  # fmt: skip
    exactly = minor * 11 // 10
    for sales in (exactly / 100, quota * 1.1, 1.1 * quota):
        assert (incentive.payout_amounts(sales, quota=quota, plan=plan) == exactly).all()
    under = incentive.payout_amounts((exactly - 1) / 100, quota=quota, plan=plan)
    assert not under.any()
    assert ((quota * 1.1) / quota < 1.1).any()  # what a float comparison would have missed


def test_deals_that_add_up_to_the_quota_reach_it():
    deals = np.full((1000, 10), 0.1)
    sums = np.array([sum(row) for row in deals])  # 0.9999999999999999
    assert (sums < 1).all()
    plan = {**TWO, "method": "retroactive"}
    assert (incentive.payout_amounts(sums, quota=1.0, plan=plan) == 5).all()


@pytest.mark.parametrize(("tie", "paid"), [("higher", 5.0), ("lower", 3.0)])
def test_the_tie_rule_decides_the_tier_of_sales_on_the_boundary(tie, paid):
    plan = {**TWO, "method": "retroactive", "at_boundary": tie}
    table = incentive.payout(rows([100.0]), plan=plan)
    assert table["payout"].tolist() == [paid]
    assert table["tier"].tolist() == [2 if tie == "higher" else 1]


# The rules, one by one


@pytest.mark.parametrize(
    ("plan", "sales", "paid"),
    [
        ({**TWO, "floor": {"at": 1, "cliff": True}}, [99.99, 100, 120], [0, 3, 4]),
        ({**TWO, "floor": 1}, [99.99, 100], [3, 3]),  # 2.9997 is rounded
        ({"tiers": [[0, None, 1]], "negative": "zero"}, [-5, 0, 5], [0, 0, 5]),
        ({**FLAT, "floor": {"at": 50, "cliff": True}}, [49.99, 50], [0, 5]),
        ({**TWO, "cap": 3.5}, [100, 110, 120], [3, 3.5, 3.5]),
        ({**TWO, "cap": {"attainment": 1.1}}, [110, 150], [3.5, 3.5]),
        ({**TWO, "cap": {"rate": 0.032}}, [100, 150], [3, 4.8]),
        ({"tiers": [[0, None, 0.03]], "cap": {"share": "7.5%"}, "target_incentive": 40},
         [50, 100, 150], [1.5, 3, 3]),
        ({"tiers": [[0, None, 0.03]], "cap": {"payout": 4, "share": "7.5%"},
          "target_incentive": 60}, [50, 150], [1.5, 4]),
        ({**TWO, "bonuses": [[1, 7]]}, [99.99, 100], [3, 10]),
        ({**TWO, "bonuses": [[1, 7]], "cap": 8}, [100], [8]),
        ({**TWO, "bonuses": [[1.5, 7]]}, [149, 150], [5.45, 12.5]),
        ({**TWO, "bonuses": [[1, 7], {"at": 1.5, "share": "12.5%"}], "target_incentive": 40},
         [100, 150], [10, 17.5]),
        ({**TWO, "bonuses": [[1, 8]], "multipliers": [
            {"on": "attainment", "steps": [[0, 0.5], [1, 1.5]], "bonuses": "yes"}]},
         [50, 100, 120], [0.75, 16.5, 18]),
        ({**FLAT, "bonuses": [[50, 7]], "cap": {"attainment": 120}}, [49, 50, 150], [4.9, 12, 19]),
        ({"thresholds": "quota", "method": "marginal", "tiers": [{"from": 1, "pay": 10},
          {"from": 1.5, "pay": 5}]}, [99, 100, 150], [0, 10, 15]),
        ({"thresholds": "quota", "method": "retroactive", "tiers": [{"from": 1, "pay": 10},
          {"from": 1.5, "pay": 25}]}, [99, 100, 150], [0, 10, 25]),
        ({"thresholds": "quota", "points": [{"at": 0.5, "share": 0}, {"at": 1, "share": 1},
          {"at": 2, "share": 3}], "target_incentive": 40}, [50, 75, 100, 150, 300],
         [0, 20, 40, 80, 120]),
        ({"thresholds": "quota", "points": [{"at": 0.5, "rate": 0.02}, {"at": 1, "rate": 0.04}]},
         [40, 50, 75, 100, 200], [0, 1, 2.25, 4, 8]),
        ({"thresholds": "quota", "base_rate": 0.1, "tiers": [{"from": 0, "times": 0.5},
          {"from": 0.5, "times": 1}, {"from": 1, "times": 1.5}]}, [50, 100, 150], [2.5, 7.5, 15]),
        ({"thresholds": "quota", "target_incentive": 30, "tiers": [{"from": 0, "times": 1},
          {"from": 1, "times": 2}]}, [100, 115], [30, 39]),
        ({"thresholds": "quota", "method": "interpolated", "tiers": [
            {"from": 0, "to": 1, "rate": 0.01}, {"from": 1, "to": 5, "rate": 0.02}]},
         [50, 100, 200], [0.25, 1, 3]),  # 1% + a quarter of 2%, of all sales
        ({"tiers": [[0, 100, 0.1]]}, [50, 100, 150], [5, 10, 10]),  # nothing over the last tier
        ({"tiers": [[50, None, 0.1]]}, [40, 60], [0, 1]),
        ({"tiers": [{"from": 0, "each": 7}, {"from": 10, "each": "9.50"}]}, [4, 12], [28, 89]),
    ],
)  # fmt: skip
def test_rules(plan, sales, paid):
    table = incentive.payout(rows(sales), plan=plan)
    assert table["payout"].tolist() == paid
    assert (incentive.payout_amounts(sales, quota=100, plan=plan) / 100).tolist() == paid
    floats = incentive.payout_amounts(sales, quota=100, plan=plan, exact=False)
    assert floats.tolist() == pytest.approx(paid, abs=0.005 + 1e-9)
    check_steps(table)


def check_steps(table):
    """Every statement adds up, from the tiers to the payout."""
    known = table[table["payout"].notna()]
    pays = [name for name in table if name.startswith("tier_") and name.endswith("_pay")]
    pays += [name for name in ("multiplied", "floor_cut", "rate_cut", "rounding") if name in table]
    assert np.allclose(known[pays].sum(axis=1), known["commission"], atol=1e-6)
    earned = known["commission"] + known["bonus"] + known["payout_cut"] - known["paid_before"]
    if "from_bank" in known:
        earned += known["from_bank"]
    assert np.allclose(earned + known["spif"] - known["clawback"], known["earned"], atol=1e-6)
    settled = known["earned"] + known["advance"] - known["repaid"]
    assert np.allclose(settled, known["payout"], atol=1e-6)
    assert (known["payout_minor"].astype(float) / 100).tolist() == known["payout"].tolist()


def test_what_was_paid_before_is_taken_off():
    plan = {**TWO, "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 2}]}
    frame = pd.DataFrame({"payee_id": ["a"], "period": ["2025"], "attainment": [1.15],
                          "target_incentive": [21000.0], "paid_before": [23100.0]})  # fmt: skip
    assert incentive.payout(frame, plan=plan)["payout"].tolist() == [4200.0]


def test_rounding_tier_by_tier_and_in_total_differ_as_they_should():
    plan = {"thresholds": "amount", "tiers": [[0, 0.5, 0.03], [0.5, None, 0.03]]}
    total = incentive.payout_amounts([1.0], plan=plan)
    tiered = incentive.payout_amounts([1.0], plan={**plan, "rounding": {"at": "tier"}})
    assert (total.tolist(), tiered.tolist()) == ([3], [4])  # 1.5 and 1.5 of a cent
    table = incentive.payout(rows([1.0]), plan={**plan, "rounding": {"at": "tier"}})
    assert table["rounding"].tolist() == [0.01]


def test_commission_can_be_rounded_to_whole_units():
    plan = {**FLAT, "rounding": {"method": "down", "to": 5}}
    assert incentive.payout(rows([99.9, 150.0]), plan=plan)["payout"].tolist() == [5.0, 15.0]


def test_a_cap_on_the_rate_is_rounded_to_the_plans_unit_too():
    """By hand: 10% of 4,123.45 is 412.345, the cap of 5% is 206.1725, to fives 205."""
    plan = {**FLAT, "cap": {"rate": 0.05}, "rounding": {"to": 5, "method": "half_up"}}
    assert incentive.payout_amounts([4123.45], plan=plan).tolist() == [20500]
    (row,) = incentive.payout(rows([4123.45]), plan=plan).to_dict("records")
    assert row["payout"] == 205.0


def test_amounts_that_are_simulated_are_not_rounded():
    plan = {**FLAT, "cap": {"rate": 0.05}}
    paid = incentive.payout_amounts([0.005, 0, -0.005, -7.777], plan=plan, exact=False)
    assert paid.tolist() == pytest.approx([0.00025, 0, -0.0005, -0.7777])
    low = {"tiers": [[0, None, 0.03]], "cap": {"rate": 0.05}}
    assert incentive.payout_amounts([-10], plan=low, exact=False).tolist() == pytest.approx([-0.3])


def test_sales_exactly_at_the_cap_on_attainment_are_not_capped():
    table = incentive.payout(rows([110, 110.01]), plan={**TWO, "cap": {"attainment": 1.1}})
    assert table["payout"].tolist() == [3.5, 3.5]
    assert table["status"].tolist() == ["paid", "capped"]


def test_a_cap_on_the_rate_leaves_nothing_where_nothing_was_sold():
    plan = {"method": "retroactive", "tiers": [{"from": 0, "pay": 10}], "cap": {"rate": 0.5}}
    sales, paid = [-1, 0, 1, 20, 21], [0, 0, 0.5, 10, 10]
    assert (incentive.payout_amounts(sales, plan=plan) / 100).tolist() == paid
    assert incentive.payout_amounts(sales, plan=plan, exact=False).tolist() == paid


def test_a_rate_exactly_at_its_cap_is_not_capped():
    table = incentive.payout(rows([100, 100.01]), plan={**TWO, "cap": {"rate": 0.03}})
    assert table["status"].tolist() == ["paid", "capped"]


@given(
    st.integers(0, 10**9),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 5, 10, 100]),
)
@settings(max_examples=60)
def test_a_capped_rate_equals_exact_fractions(cents, percent, most, unit):
    plan = {"tiers": [[0, None, f"{percent} %"]], "cap": {"rate": f"{most} %"}}
    plan |= {"rounding": {"to": unit, "method": "half_up"}}
    earned = Fraction(cents) * min(percent, most) / 100
    expected = half_up(earned / (100 * unit)) * 100 * unit
    assert incentive.payout_amounts([cents / 100], plan=plan).tolist() == [expected]


@pytest.mark.parametrize("beside", [-1, 0, 1])
@pytest.mark.parametrize("times", [1, 2, 4, 8])
def test_at_the_edge_of_exact_integers_nothing_is_lost(beside, times):
    """Where products reach 2**62, Python's unbounded numbers take over: the payout to the cent."""
    plan = {"tiers": [[0, None, "3.777777%"]]}
    cents = 2**62 // 3_777_777 * times // 4 + beside
    expected = half_up(Fraction(cents) * 3_777_777 / 10**8)
    paid = incentive.payout_amounts([Fraction(cents, 100)], plan=plan)
    assert paid.tolist() == [expected]


def test_a_payout_beyond_64_bits_is_refused():
    most = np.array([2**63 - 1, 1 - 2**63], dtype=object)
    assert commission.whole(most).tolist() == most.tolist()
    for beyond in (2**63, -(2**63)):
        with pytest.raises(SalesAnalysisError, match="64 bits"):
            commission.whole(np.array([0, beyond], dtype=object))


# From period to period


@given(
    st.lists(st.integers(-3000, 6000), min_size=1, max_size=9),
    st.lists(st.integers(0, 3000), min_size=9, max_size=9),
)
@settings(max_examples=25, deadline=None)
def test_draws_equal_a_loop(earned, draws):
    debt, expected = 0, []
    for earning, draw in zip(earned, draws, strict=False):
        if earning < draw:
            debt += draw - earning
            expected.append((draw, debt))
        else:
            repaid = min(debt, earning - draw)
            debt -= repaid
            expected.append((earning - repaid, debt))
    frame = rows(earned, draw=np.array(draws[: len(earned)], dtype=float))
    table = incentive.payout(frame, plan={"tiers": [[0, None, 1]]})
    assert list(zip(table["payout"], table["debt"], strict=True)) == expected
    alone = incentive.draw_balance(frame.assign(earned=frame["sales"]))
    assert list(zip(alone["payout"], alone["debt"], strict=True)) == expected


def test_a_draw_that_is_not_recoverable_leaves_no_debt_and_ends_with_its_periods():
    plan = {**FLAT, "draw": {"amount": 50, "recoverable": False, "periods": 2}}
    table = incentive.payout(rows([100, 900, 100]), plan=plan)
    assert table["payout"].tolist() == [50, 90, 10]
    assert table["debt"].tolist() == [0, 0, 0]
    plan = {**FLAT, "draw": {"amount": 50, "periods": 1}}
    assert incentive.payout(rows([100, 200, 900]), plan=plan)["payout"].tolist() == [50, 0, 70]


@pytest.mark.parametrize(
    ("negative", "paid", "debt"),
    [
        ("carry", [0, 0, 15], [10, 5, 0]),
        ("take_back", [-10, 5, 20], [0, 0, 0]),
        ("zero", [0, 5, 20], [0, 0, 0]),
    ],
)
def test_returns(negative, paid, debt):
    table = incentive.payout(rows([-100, 50, 200]), plan={**FLAT, "negative": negative})
    assert table["payout"].tolist() == paid
    assert table["debt"].tolist() == debt
    check_steps(table)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8))
@settings(max_examples=20, deadline=None)
def test_a_true_up_pays_the_difference_to_what_was_due_before(sales):
    plan = {**TWO, "method": "retroactive", "true_up": "year"}
    table = incentive.payout(rows(sales), plan=plan)
    sold, most, expected = 0, 0, []
    for at, amount in enumerate(sales[:4]):
        sold += amount
        due = half_up(Fraction(5 if sold >= 100 * (at + 1) else 3, 100) * sold * 100)
        expected.append(max(due - most, 0))  # what was overpaid waits for later periods
        most = max(most, due)
    assert table["payout_minor"].tolist()[:4] == expected
    check_steps(table)
    whole_years = table.groupby(table["period"].str[:4])["earned"].sum()
    for year, total in whole_years.items():
        part = np.array(sales)[(table["period"].str[:4] == year).to_numpy()]
        rate = Fraction(5 if part.sum() >= 100 * len(part) else 3, 100)
        assert round(total * 100) == half_up(rate * int(part.sum()) * 100)


def test_a_row_that_cannot_be_paid_is_settled_by_the_next():
    plan = {**TWO, "true_up": "year"}
    table = incentive.payout(rows([100, None, 150, 100]), plan=plan)
    assert table["status"].tolist() == ["paid", "no_sales", "paid", "paid"]
    assert table["payout"].dropna().tolist() == [3.0, 4.5, 3.0]
    assert table["payout_minor"].isna().tolist() == [False, True, False, False]


def test_year_to_date_level_on_the_periods_own_sales():
    measure = {"over": "year", "pays": "period"}
    retro = {**TWO, "method": "retroactive", "measure": measure}
    assert incentive.payout(rows([80, 140, 10]), plan=retro)["payout"].tolist() == [2.4, 7, 0.3]
    # One yearly quota of 200: the second quarter crosses it after 120 of its 140.
    whole = {**TWO, "measure": {**measure, "quota": "whole"}, "bonuses": [[1, 50]]}
    table = incentive.payout(rows([80, 140, 10], quota=200.0), plan=whole)
    assert table["payout"].tolist() == [2.4, 120 * 0.03 + 20 * 0.05 + 50, 0.5]
    assert table["tier_2_sales"].tolist() == [0, 20, 10]
    check_steps(table)


def test_own_sales_at_the_rate_of_a_year_to_date_whose_level_is_no_whole_quota():
    plan = {"thresholds": "quota", "method": "retroactive", "tiers": [[0, "4/3", 0.5],
            ["4/3", None, 1]], "measure": {"over": "year", "pays": "period"}}  # fmt: skip
    table = incentive.payout(rows([133, 134, 50]), plan=plan)  # reached with 267 of 200, 317 of 300
    assert table["payout"].tolist() == [66.5, 134, 25]
    check_steps(table)


@pytest.mark.parametrize(("cap", "paid"), [({}, [6, 5, -0.5]), ({"rate": 0.04}, [6, 4, -0.5])])
def test_sales_at_the_rate_of_an_attainment_that_is_given(cap, paid):
    plan = {"thresholds": "quota", "method": "retroactive", "negative": "take_back",
            "tiers": [[0, "4/3", 0.03], ["4/3", None, 0.05]]}  # fmt: skip
    given = rows([200, 100, -10], attainment=[1.33, 1.34, 2]).drop(columns="quota")
    table = incentive.payout(given, plan={**plan, "cap": cap} if cap else plan)
    assert table["payout"].tolist() == paid
    check_steps(table)


@pytest.mark.parametrize(("negative", "earned"), [("zero", 0), ("carry", -25)])
def test_returns_of_a_period_at_the_rate_of_the_year_to_date(negative, earned):
    plan = {"thresholds": "quota", "method": "retroactive", "tiers": [[0, 1, 0.5], [1, None, 1]],
            "measure": {"over": "year", "pays": "period"}, "negative": negative}  # fmt: skip
    table = incentive.payout(rows([150, -50, 100]), plan=plan)
    assert table["earned"].tolist() == [150, earned, 50]


def test_a_cap_in_shares_of_the_target_is_that_of_what_is_paid():
    plan = {"thresholds": "quota", "tiers": [[0, None, 0.03]], "cap": {"share": "7.5%"},
            "target_incentive": 40}  # fmt: skip
    sales = [50, 150, 20, 150]
    own = incentive.payout(
        rows(sales), plan={**plan, "measure": {"over": "year", "pays": "period"}}
    )
    assert own["payout"].tolist() == [1.5, 3, 0.6, 3]  # each period has its 3
    year = incentive.payout(rows(sales), plan={**plan, "true_up": "year"})
    assert year["payout"].tolist() == [1.5, 4.5, 0.6, 4.5]  # 3 a period, all together


def test_a_rolling_measure_and_a_quarter_of_months():
    rolling = {**TWO, "method": "retroactive", "measure": {"over": 2, "pays": "period"}}
    table = incentive.payout(rows([150, 60, 60, 160]), plan=rolling)
    assert table["measured"].tolist() == [150, 210, 120, 220]
    assert table["payout"].tolist() == [7.5, 3, 1.8, 8]
    months = rows([100, 120, 80, 50]).assign(period=[f"2025-{m:02}" for m in (1, 2, 3, 4)])
    table = incentive.payout(months, plan={**TWO, "true_up": "quarter"})
    assert table["measured"].tolist() == [100, 220, 300, 50]
    assert table["payout"].sum() == pytest.approx(9 + 1.5)


def of_many(sales, quota=100.0, **more):
    """Attainment of several payees, one a row of the sales, over numbered periods."""
    parts = [rows(own, quota, **more).assign(payee_id=at) for at, own in enumerate(sales)]
    return pd.concat(parts, ignore_index=True)


def test_what_a_cap_takes_off_is_paid_when_there_is_room():
    sales = np.random.default_rng(4).integers(-300, 900, (30, 9))
    plan = {**FLAT, "cap": {"payout": 33, "banked": True}, "negative": "take_back"}
    table = incentive.payout(of_many(sales), plan=plan)
    paid, left = [], []
    for own in sales.tolist():
        bank = Fraction(0)
        for amount in own:
            due = Fraction(amount, 10) + bank
            bank = max(due - 33, 0)
            paid.append((due - bank) * 100)
            left.append(float(bank))
    assert table["payout_minor"].tolist() == paid
    assert table["bank"].tolist() == pytest.approx(left)
    check_steps(table)


def test_sales_over_the_cap_count_in_the_next_period():
    cents, quota = np.random.default_rng(5).integers(0, 30_000, (30, 9)), 10_001
    plan = {**TWO, "cap": {"attainment": "4/3", "banked": True}}
    table = incentive.payout(of_many(cents / 100, quota / 100), plan=plan)
    paid, left = [], []
    for own in cents.tolist():
        bank = 0
        for sold in own:
            counts = min(Fraction(sold + bank), Fraction(4 * quota, 3))
            bank = max(sold + bank - -(-4 * quota // 3), 0)  # a part of a cent is not kept
            due = min(counts, quota) * Fraction(3, 100) + max(counts - quota, 0) * Fraction(5, 100)
            paid.append(half_up(due))
            left.append(bank / 100)
    assert table["payout_minor"].tolist() == paid
    assert table["sales_banked"].tolist() == pytest.approx(left)


def test_banks_wait_for_a_row_that_cannot_be_paid():
    plan = {"thresholds": "quota", "tiers": [[0, None, 0.03]],
            "cap": {"attainment": 1, "payout": 2, "banked": True}}  # fmt: skip
    table = incentive.payout(rows([150.0, None, 0]), plan=plan)
    assert table["bank"].tolist() == [1, 1, 0.5]
    assert table["sales_banked"].tolist() == [50, 50, 0]
    assert table["payout"].dropna().tolist() == [2, 2]
    with pytest.raises(SalesAnalysisError, match="`quota`"):
        incentive.payout(rows([1.0], attainment=0.5).drop(columns=["quota"]), plan=plan)


def test_periods_are_put_in_order_and_the_rows_come_back_in_theirs():
    frame = rows([100, 100, 200, 100])
    plan = {**TWO, "true_up": "year"}
    straight = incentive.payout(frame, plan=plan)
    shuffled = frame.sample(frac=1, random_state=3)
    table = incentive.payout(shuffled, plan=plan)
    assert table["period"].tolist() == shuffled["period"].tolist()
    back = table.sort_values("period").reset_index(drop=True)
    pd.testing.assert_frame_equal(back, straight)


def test_ramped_and_prorated_quotas():
    plan = {**TWO, "ramp": [0.25, 0.5]}
    table = incentive.payout(rows([100, 100, 100]), plan=plan)
    assert table["quota"].tolist() == [25, 50, 100]
    assert table["payout"].tolist() == [0.75 + 3.75, 1.5 + 2.5, 3]
    later = incentive.payout(rows([100], nth_period=2), plan=plan)
    assert later["quota"].tolist() == [50]
    half = incentive.payout(rows([100], active_share=0.5), plan=TWO)
    assert half["quota"].tolist() == [50]
    joined = pd.DataFrame({
        "period": ["2024-Q1", "2024-02", "2024"], "started_at": ["2024-03-31", None, "2024-07-01"],
        "ended_at": [None, "2024-02-10", "2024-12-31"]})  # fmt: skip
    shares = incentive.active_share(joined)
    assert shares.tolist() == pytest.approx([1 / 91, 10 / 29, 184 / 366])


# Beside the tiers


def test_splits_add_up_to_the_sale_and_overlays_stand_beside():
    sales = pd.DataFrame({"sale_id": ["s", "t", "u"], "amount": [100.0, 0.05, 7.0]})
    splits = pd.DataFrame({
        "sale_id": ["s"] * 4 + ["t"] * 2, "payee_id": list("abcxab"),
        "share": ["1/3", "1/3", "1/3", "1", "0.5", "0.5"], "overlay": [0, 0, 0, 1, 0, 0],
    })  # fmt: skip
    table = incentive.credit(sales, splits)
    own = table[table["overlay"].ne(True)]
    assert own.groupby("sale_id")["amount"].sum().round(2).to_dict() == {
        "s": 100,
        "t": 0.05,
        "u": 7,
    }
    assert table.loc[table["payee_id"] == "x", "amount"].tolist() == [100.0]
    assert table.loc[table["sale_id"] == "u", "payee_id"].isna().all()
    with pytest.raises(SalesAnalysisError, match="adds up to 0.9"):
        incentive.credit(sales, splits.assign(share=["0.3"] * 3 + ["1", "0.5", "0.5"]))
    with pytest.raises(SalesAnalysisError, match="has not"):
        incentive.credit(sales.head(1), splits)
    for share in (None, "half", 1.5):
        with pytest.raises(SalesAnalysisError, match="`share` holds"):
            incentive.credit(sales, splits.assign(share=share))


@given(st.integers(-10_000, 10_000), st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_equal_splits_add_up_to_the_cent(cents, ways):
    sales = pd.DataFrame({"sale_id": ["s"], "amount": [cents / 100]})
    splits = pd.DataFrame({"sale_id": "s", "payee_id": range(ways), "share": f"1/{ways}"})
    parts = np.rint(incentive.credit(sales, splits)["amount"] * 100)
    assert parts.sum() == cents
    assert parts.max() - parts.min() <= 1


def test_only_what_was_paid_is_clawed_back():
    sales = pd.DataFrame({
        "earned": [1000.0] * 5, "paid": [500.0, 1000.0, 200.0, 1000.0, 400.0],
        "sold_at": pd.Timestamp("2025-01-01"),
        "undone_at": pd.to_datetime(["2025-02-20"] * 3 + ["2025-12-31", None]),
        "undone_share": ["1", "0.5", 1.0, 1, None]})  # fmt: skip
    plan = {**FLAT, "clawback": {"within_days": 100}}
    table = incentive.clawback(sales, plan=plan)
    assert table["kept"].tolist() == [0, 500, 0, 1000, 1000]
    assert table["clawback"].tolist() == [500, 500, 200, 0, 0]
    assert table["still_due"].tolist() == [0, 0, 0, 0, 600]
    prorated = {**FLAT, "clawback": {"within_days": 100, "prorated": True}}
    table = incentive.clawback(sales, plan=prorated)  # 50 of 100 days served
    assert table["kept"].tolist() == [500, 750, 500, 1000, 1000]
    assert table["clawback"].tolist() == [0, 250, 0, 0, 0]
    large = sales.head(1).assign(earned=100_000.0, paid=100_000.0, undone_share="8/12")
    assert incentive.clawback(large, plan=plan)["clawback"].tolist() == [66_666.67]
    with pytest.raises(SalesAnalysisError, match="no clawback"):
        incentive.clawback(sales, plan=FLAT)
    with pytest.raises(SalesAnalysisError, match="`undone_share` holds 1.2"):
        incentive.clawback(sales.assign(undone_share=1.2), plan=plan)


def test_what_the_customer_has_not_paid_is_held_back():
    plan = {**FLAT, "holdback": "60%"}
    sales = pd.DataFrame({"earned": [100.0, 100.0, 0.05, 100.0, -50.0], "paid": [0.0, 90, 0, 40, 0],
                          "collected_share": ["1/3", 0.5, None, 1.0, 0]})  # fmt: skip
    table = incentive.holdback(sales, plan=plan)
    assert table["held"].tolist() == [40, 30, 0.03, 0, -30]
    assert (table["held"] + table["released"]).tolist() == pytest.approx(sales["earned"].tolist())
    assert table["due_now"].tolist() == [60, 0, 0.02, 60, 0]
    said = incentive.read_plan(plan).describe().splitlines()
    assert "60% of the commission on a sale is paid only as the customer pays." in said
    with pytest.raises(SalesAnalysisError, match="no holdback"):
        incentive.holdback(sales, plan=FLAT)
    with pytest.raises(SalesAnalysisError, match="`collected_share` holds 1.2"):
        incentive.holdback(sales.assign(collected_share=1.2), plan=plan)


def test_clawbacks_and_spifs_enter_the_statement():
    frame = rows([1000, 1000], spif=[5.0, None], clawback=[0.0, 130.0])
    table = incentive.payout(frame, plan=FLAT)
    assert table["payout"].tolist() == [105, 0]
    assert table["debt"].tolist() == [0, 30]
    with pytest.raises(SalesAnalysisError, match="`clawback`"):
        incentive.payout(rows([5], clawback=-1.0), plan=FLAT)


def test_spifs_count_their_own_sales_and_days():
    spifs = [{"name": "Nova", "start": "2025-03-01", "end": "2025-03-31", "pay": 100,
              "product": "nova", "at_least": 50}, {"name": "rate", "start": "2025-01-01",
              "end": "2025-12-31", "rate": "1%"}]  # fmt: skip
    sales = pd.DataFrame({
        "payee_id": ["a", "a", "a", "b"], "amount": [50.0, 49.99, 500.0, -80.0],
        "product": ["nova", "nova", "other", "nova"],
        "sold_at": [pd.Timestamp(at) for at in
                    ("2025-03-31 23:00", "2025-03-02", "2025-05-05", "2025-05-05")],
    })  # fmt: skip
    table = incentive.spifs(sales, plan={**FLAT, "spifs": spifs}, period="quarter")
    found = {(row.payee_id, row.period, row.name): row.spif for row in table.itertuples(False)}
    assert found == {
        ("a", "2025-Q1", "Nova"): 100.0,
        ("a", "2025-Q1", "rate"): 1.0,
        ("a", "2025-Q2", "rate"): 5.0,
        ("b", "2025-Q2", "rate"): -0.8,
    }
    with pytest.raises(SalesAnalysisError, match="`period`"):
        incentive.spifs(sales, plan={**FLAT, "spifs": spifs})


@pytest.mark.parametrize("method", ["marginal", "retroactive"])
def test_spifs_in_tiers_equal_a_loop_over_units(method):
    rng = np.random.default_rng(6)
    names = rng.choice(["a", "b", "c", None], 60)
    day = pd.Timestamp("2025-02-01") + pd.to_timedelta(rng.integers(0, 80, 60), unit="D")
    frame = pd.DataFrame({"payee_id": names, "units": rng.integers(1, 4, 60), "amount": 5.0,
                          "sold_at": day})  # fmt: skip
    spif = {"name": "x", "start": "2025-02-01", "end": "2025-03-31", "counts": "units",
            "method": method, "tiers": [[2, 10], [6, 30]], "most": 550}  # fmt: skip
    paid, counted = {}, dict.fromkeys("abc", 0)
    for row in frame.sort_values("sold_at", kind="stable").itertuples():
        if row.sold_at >= pd.Timestamp("2025-04-01") or not isinstance(row.payee_id, str):
            continue
        due = []
        for count in (counted[row.payee_id], counted[row.payee_id] + row.units):
            if method == "marginal":
                total = sum(30 if unit >= 6 else 10 for unit in range(2, count + 1))
            else:
                total = count * (30 if count >= 6 else 10 if count >= 2 else 0)
            due.append(min(total, 550))
        counted[row.payee_id] += row.units
        key = (row.payee_id, f"{row.sold_at:%Y-%m}")
        paid[key] = paid.get(key, 0) + due[1] - due[0]
    table = incentive.spifs(frame, plan={**FLAT, "spifs": [spif]}, period="month")
    assert table.set_index(["payee_id", "period"])["spif"].to_dict() == paid
    assert 550 in table.groupby("payee_id")["spif"].sum().tolist()


# Large amounts, missing ones, bad ones


def test_amounts_beyond_64_bit_products_are_still_exact():
    plan = {"thresholds": "quota", "points": [{"at": 0.5, "rate": "0.0123"},
                                              {"at": 1.5, "rate": "0.0789"}]}  # fmt: skip
    sales, quota = 98_765_432_109.87, 88_888_888_888.88
    minor, whole = round(sales * 100), round(quota * 100)
    share = Fraction(minor, whole)
    rate = Fraction(123, 10_000) + (share - Fraction(1, 2)) * Fraction(666, 10_000)
    paid = incentive.payout_amounts([sales], quota=quota, plan=plan)
    assert paid.tolist() == [half_up(rate * minor)]
    assert paid.dtype == np.int64


def test_multiplied_commission_equals_exact_fractions():
    rng = np.random.default_rng(8)
    sales, margin = rng.integers(0, 10**9, 300) / 100, rng.integers(0, 12, 300) / 20
    plan = {
        "thresholds": "quota", "tiers": [[0, 1, "1/3"], [1, 2, "2/7"], [2, None, 0.05]],
        "multipliers": [{"on": "margin", "steps": [[0, "5/6"], [0.25, "8/7"]]},
                        {"on": "margin", "steps": [[0.1, 1], [0.5, 1.3]], "tier": 2}],
    }  # fmt: skip
    frame = pd.DataFrame({"payee_id": range(300), "period": "2025", "quota": 3_000_000.0,
                          "sales": sales, "margin": margin})  # fmt: skip
    quota, rates = 300_000_000, [Fraction(1, 3), Fraction(2, 7), Fraction(1, 20)]
    expected = []
    for sold, share in zip(np.rint(sales * 100).astype(int).tolist(), margin, strict=True):
        parts = [max(min(sold, (at + 1) * quota) - at * quota, 0) for at in range(2)]
        parts.append(max(sold - 2 * quota, 0))
        parts[1] *= Fraction(0 if share < 0.1 else 1 if share < 0.5 else Fraction(13, 10))
        every = Fraction(5, 6) if share < 0.25 else Fraction(8, 7)
        expected.append(half_up(every * sum(p * r for p, r in zip(parts, rates, strict=True))))
    assert incentive.payout(frame, plan=plan)["payout_minor"].tolist() == expected


def test_a_factor_in_a_line_equals_exact_fractions():
    rng = np.random.default_rng(9)
    sales, quota = rng.integers(0, 3_000_000_00, 200), rng.integers(1, 2_000_000_00, 200)
    margin = rng.integers(0, 1000, 200) / 1000
    lines = {
        "attainment": [("1/3", "2/7"), (1, 1), ("9/7", "11/3")],
        "margin": [(0.1, 0), (0.7, 3)],
    }
    plan = {
        "thresholds": "quota", "tiers": [[0, 1, "1/3"], [1, None, 0.07]],
        "multipliers": [{"on": "attainment", "points": lines["attainment"]},
                        {"on": "margin", "points": lines["margin"], "tier": 2}],
    }  # fmt: skip

    def height(points, value):
        points = [(Fraction(at), Fraction(times)) for at, times in points]
        for (a, low), (b, high) in zip(points, points[1:], strict=False):
            if a <= value < b:
                return low + (high - low) * (value - a) / (b - a)
        return points[-1][1] if value >= points[-1][0] else 0

    expected = []
    margins = [Fraction(str(share)) for share in margin]
    lines["margin"] = [(Fraction("0.1"), 0), (Fraction("0.7"), 3)]
    for sold, whole, share in zip(sales.tolist(), quota.tolist(), margins, strict=True):
        parts = min(sold, whole) * Fraction(1, 3)
        parts += max(sold - whole, 0) * Fraction(7, 100) * height(lines["margin"], share)
        expected.append(half_up(parts * height(lines["attainment"], Fraction(sold, whole))))
    frame = pd.DataFrame({"payee_id": range(200), "period": "2025", "quota": quota / 100,
                          "sales": sales / 100, "margin": margin})  # fmt: skip
    table = incentive.payout(frame, plan=plan)
    assert table["payout_minor"].tolist() == expected
    assert table["multiplier_2"].tolist() == pytest.approx(
        [float(height(lines["margin"], share)) for share in margins]
    )
    check_steps(table)
    first = {**plan, "multipliers": plan["multipliers"][:1]}
    exact = incentive.payout_amounts(sales / 100, quota=quota / 100, plan=first)
    floats = incentive.payout_amounts(sales / 100, quota=quota / 100, plan=first, exact=False)
    assert np.abs(floats * 100 - exact).max() <= 0.5 + 1e-4


def test_a_statement_has_the_pay_of_each_tier_and_what_the_factors_make_of_it():
    plan = {**TWO, "multipliers": [{"on": "margin", "steps": [[0, "1/2"], [0.5, "4/3"]]},
                                   {"on": "margin", "steps": [[0, "3/2"]], "tier": 2}]}  # fmt: skip
    table = incentive.payout(rows([150, 150], margin=[0.2, 0.6]), plan=plan)
    assert table["tier_1_pay"].tolist() == pytest.approx([3, 3])
    assert table["tier_2_pay"].tolist() == pytest.approx([2.5, 2.5])
    # Half of 3 and of 1.5 × 2.5, and four thirds of them.
    assert table["multiplied"].tolist() == pytest.approx([3.375 - 5.5, 9 - 5.5])
    assert table["payout"].tolist() == [3.38, 9]
    check_steps(table)


def test_a_measure_counts_on_its_point_whatever_its_floats():
    plan = {**FLAT, "multipliers": [{"on": "margin", "points": [[0.3, 1], [10**12, 3]]}]}
    table = incentive.payout(rows([100, 100, 100], margin=[0.7 - 0.4, 0.29, 1e15]), plan=plan)
    assert table["payout"].tolist() == [10, 0, 30]


def test_without_the_measure_of_a_multiplier_there_is_no_payout():
    plan = {**FLAT, "multipliers": [{"on": "margin", "steps": [[0, 1]]}]}
    table = incentive.payout(rows([100, 100, 100], margin=["0.2", "?", None]), plan=plan)
    assert table["status"].tolist() == ["paid", "no_measure", "no_measure"]
    assert table["payout"].isna().tolist() == [False, True, True]
    with pytest.raises(SalesAnalysisError, match="has no column `margin`"):
        incentive.payout(rows([1]), plan=plan)


def test_what_cannot_be_paid_says_so_and_is_not_0():
    frame = rows([100, 100, 100, None], quota=[100.0, 0.0, None, 100.0])
    table = incentive.payout(frame, plan=TWO)
    assert table["status"].tolist() == ["paid", "no_quota", "no_quota", "no_sales"]
    assert table["payout"].isna().tolist() == [False, True, True, True]
    assert incentive.payout(frame, plan=FLAT)["payout"].isna().tolist() == [False] * 3 + [True]
    assert len(incentive.payout(frame.head(0), plan=TWO)) == 0


@pytest.mark.parametrize(
    ("frame", "plan", "said"),
    [
        (pd.concat([rows([1]), rows([2])]), TWO, "twice in a period: a in 2024-Q1"),
        (rows([1.005]), TWO, "not whole minor units"),
        (rows([1, 2]).assign(currency=["EUR", "USD"]), TWO, "EUR, USD"),
        (rows([1]).assign(currency="EUR"), {**TWO, "currency": "USD"}, "USD alone as the plan"),
        (rows([1]).drop(columns="quota"), TWO, "has no column `quota`"),
        (rows([1]).drop(columns="sales"), TWO, "has no column `sales`"),
        (rows([1]).assign(payee_id=None), TWO, "`payee_id` is missing"),
        (rows([1, 2]).assign(period=["2025-Q1", "2025-01"]), {**TWO, "true_up": "year"}, "mixes"),
        (rows([1, 2]).assign(period=["spring", "fall"]), {**FLAT, "draw": 5}, "'spring'"),
        (
            rows([1]),
            {"tiers": [{"from": 0, "times": 1}], "thresholds": "quota"},
            "target_incentive",
        ),
        (rows([1], active_share=2.0), TWO, "`active_share`"),
        (rows([1e15]), TWO, "9.0e15"),
        (rows([np.inf]), TWO, "inf (row 0)"),
        (rows([1]).assign(sales="ten"), TWO, "`sales` holds 'ten'"),
        ([1, 2], TWO, "`attainment` is a list"),
        (rows([1]), "plans/dealers.yml", "the text of the file, not its name"),
    ],
)
def test_bad_input_is_refused_in_words(frame, plan, said):
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.payout(frame, plan=plan)
    assert said in str(refused.value)


def test_the_input_is_not_changed_and_the_result_is_always_the_same():
    frame = rows([100, 120, 90], team="East")
    before = frame.copy(deep=True)
    first = incentive.payout(frame, plan={**TWO, "draw": 5})
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(first, incentive.payout(frame, plan={**TWO, "draw": 5}))
    assert first["team"].tolist() == ["East"] * 3


def test_decimals_and_nullable_numbers_are_money_too():
    from decimal import Decimal

    frame = rows([1.0]).assign(sales=[Decimal("100.10")], quota=pd.array([100], dtype="Int64"))
    assert incentive.payout(frame, plan=TWO)["payout"].tolist() == [3.01]  # 3.005, half up


def test_payees_are_paid_alone():
    many = pd.concat([rows([50, 150, 80]).assign(payee_id=name) for name in "abc"])
    plan = {**TWO, "true_up": "year", "draw": 2}
    table = incentive.payout(many.sample(frac=1, random_state=0), plan=plan)
    for _, part in table.groupby("payee_id"):
        alone = incentive.payout(rows([50, 150, 80]), plan=plan)["payout"].tolist()
        assert part.sort_values("period")["payout"].tolist() == alone


def test_findings_of_payouts():
    frame = rows([100, 90, None, 300], quota=100.0)
    plan = {**TWO, "floor": {"at": 1, "cliff": True}, "cap": 10}
    table = incentive.payout(frame, plan=plan)
    found = {f.name: f.values for f in incentive.payout_findings(table)}
    assert found["payout_total"]["payout"] == 13.0
    assert found["largest_payout"]["share"] == pytest.approx(10 / 13)
    assert (found["below_floor"]["k"], found["below_floor"]["amount"]) == (1, 2.7)
    assert (found["caps_hit"]["k"], found["caps_hit"]["amount"]) == (1, 3.0)
    assert found["not_payable"] == {"k": 1, "n": 4, "sales": 0.0}
    banked = incentive.payout(frame, plan={**plan, "cap": {"payout": 10, "banked": "yes"}})
    found = {f.name: f.values for f in incentive.payout_findings(banked)}
    assert found["banked"] == {"payees": 1, "amount": 3.0}


# The marginal reward


def test_marginal_reward_finds_cliffs_drops_and_dead_zones():
    plan = {"thresholds": "quota", "method": "retroactive", "at_boundary": "lower",
            "tiers": [[0, 1, 0.03], [1, 1.5, 0.05], [1.5, None, 0.02]],
            "floor": {"at": 0.5, "cliff": True}, "cap": {"attainment": 2}}  # fmt: skip
    table = incentive.marginal_reward(plan, quota=1000).set_index("attainment")
    assert table.loc[0.5, ["zone", "jump"]].tolist() == ["cliff", 15.0]
    assert table.loc[1.0, ["zone", "jump", "payout"]].tolist() == ["cliff", 20.0, 30.0]
    assert table.loc[1.5, ["zone", "jump"]].tolist() == ["drop", -45.0]
    assert table.loc[2.0, ["zone", "marginal"]].tolist() == ["dead", 0.0]
    assert (table.loc[:0.49, "zone"] == "dead").all()
    assert (table["payout_after"] - table["payout_before"]).round(6).tolist() == (
        table["jump"].tolist()
    )
    exact = incentive.payout_amounts(table["level"].round(2), quota=1000, plan=plan)
    assert np.abs(exact / 100 - table["payout"]).max() <= 0.005 + 1e-9
    with pytest.raises(SalesAnalysisError, match="from 0 on"):
        incentive.marginal_reward(plan, [-5])


def test_the_curve_shows_a_factor_that_rises_with_attainment():
    plan = {**FLAT, "multipliers": [{"on": "attainment", "points": [[0.5, 0.5], [1.5, 1.5]]}]}
    levels = [500, 1000, 1500, 2000]
    table = incentive.marginal_reward(plan, levels, quota=1000).set_index("attainment")
    assert table.loc[[0.5, 1, 1.5, 2], "payout"].tolist() == [25, 100, 225, 300]
    assert table.loc[0.5, ["zone", "jump"]].tolist() == ["cliff", 25.0]
    assert table.loc[1, "marginal"] == pytest.approx(0.2)  # the slope of a tenth of the square
    assert table.loc[1.5, ["zone", "marginal", "threshold"]].tolist() == ["normal", 0.15, True]
    for call in (incentive.marginal_reward, lambda plan: incentive.payout_amounts([5], plan=plan)):
        with pytest.raises(SalesAnalysisError, match="`quota` is needed"):
            call(plan=plan)
    with pytest.raises(SalesAnalysisError, match="`quota`"):
        incentive.payout(rows([5]).drop(columns="quota"), plan=plan)
    at_floor = incentive.marginal_reward({**plan, "floor": 1000}, levels)
    assert at_floor["payout"].tolist() == table["payout"].tolist()


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            {**TWO, "tiers": [[0, 1.3, 0.05], [1.3, None, 0.01]],
             "floor": {"at": 1, "cliff": True}},
            [("gate_of_quota", 1.0, None), ("fall_of_quota", 1.3, 0.2)],
        ),
        (
            {"thresholds": "amount", "method": "retroactive",
             "tiers": [[0, 100, 0.04], [100, 200, 0.05], [200, None, 0.02]]},
            [("drop_of_amount", 200.0, 0.6), ("jump_of_amount", 100.0, 0.2),
             ("fall_of_amount", 200.0, 0.4)],
        ),
        (TWO, [("no_step", None, None)]),
    ],
)  # fmt: skip
def test_where_a_plan_gives_a_reason_to_push_or_to_stop(plan, said):
    found = incentive.curve_findings(incentive.marginal_reward(plan))
    values = [(one.name, one.values.get("level"), one.values.get("share")) for one in found]
    for told, (name, level, share) in zip(values, said, strict=True):
        assert told == (name, level, share if share is None else pytest.approx(share))
