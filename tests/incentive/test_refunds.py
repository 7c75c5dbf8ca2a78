"""Refunds take back exactly what was paid for the sale: by hand, and against exact fractions."""

from fractions import Fraction
from math import floor

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive

PLAN = {"period": "quarter", "thresholds": "quota",
        "tiers": [[0, 1, "3%"], [1, 1.3, "5%"], [1.3, None, "1%"]],
        "floor": {"at": 1, "cliff": True}}  # fmt: skip


def attainment(*rows, **more):
    """Attainment from (payee, period, sales) with a quota of 100."""
    table = pd.DataFrame(rows, columns=["payee_id", "period", "sales"])
    return table.astype({"sales": float}).assign(quota=100.0, **more)


def sales(*rows, **more):
    """Sales from (id, payee, day, amount)."""
    table = pd.DataFrame(rows, columns=["sale_id", "payee_id", "sold_at", "amount"])
    return table.assign(sold_at=pd.to_datetime(table["sold_at"]), **more)


def refunds(*rows):
    """Refunds from (sale, day, amount)."""
    table = pd.DataFrame(rows, columns=["sale_id", "refunded_at", "amount"])
    return table.assign(refunded_at=pd.to_datetime(table["refunded_at"]))


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def pays(minor: int) -> int:
    """What the plan pays for sales in cents, in exact fractions."""
    x, quota = Fraction(max(minor, 0)), 10_000
    if x < quota:
        return 0
    over = min(x, Fraction(13, 10) * quota) - quota
    beyond = max(x - Fraction(13, 10) * quota, 0)
    return half_up(quota * Fraction(3, 100) + over * Fraction(5, 100) + beyond * Fraction(1, 100))


def test_a_refund_that_drops_a_payee_under_the_floor_takes_all_back():
    rows = attainment(("a", "2025-Q1", 120), ("a", "2025-Q2", 100))
    sold = sales(("s", "a", "2025-01-10", 30), ("t", "a", "2025-03-10", 90))
    settled = incentive.settle_refunds(refunds(("s", "2025-04-02", 30)), rows, sold, plan=PLAN)
    # 3.00 for the quota and 1.00 for the 20 over it; with 90 nothing at all is paid.
    assert settled.table["clawback"].tolist() == [4.0]
    assert settled.table["refund_settled"].tolist() == ["clawback"]
    paid = incentive.payout(settled.attainment, plan=PLAN)
    assert paid["payout"].tolist() == [4.0, 0.0] and paid["debt"].tolist() == [0.0, 1.0]


def test_two_refunds_of_one_sale_take_back_what_one_would():
    rows = attainment(("a", "2025-Q1", 150), ("a", "2025-Q2", 0))
    sold = sales(("s", "a", "2025-01-10", 45))
    parts = refunds(("s", "2025-05-02", 20), ("s", "2025-05-03", 25))
    settled = incentive.settle_refunds(parts, rows, sold, plan=PLAN)
    # From 4.70 to 4.50 to 3.25.
    assert settled.table["clawback"].tolist() == [0.2, 1.25]
    assert settled.attainment["clawback"].tolist() == [0.0, 1.45]


DAYS = ["2025-01-05", "2025-02-11", "2025-03-30", "2025-04-01", "2025-06-30"]
SALES = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(DAYS), st.integers(1, 9_000)),
    min_size=1, max_size=8,
)  # fmt: skip


def programme(found, periods):
    """Sales, and the attainment that they make."""
    sold = sales(*((f"s{at}", *row[:2], row[2] / 100) for at, row in enumerate(found)))
    quarter = sold["sold_at"].dt.to_period("Q").dt.strftime("%Y-Q%q")
    minor = {(p, q): 0 for p in "ab" for q in periods}
    for payee, period, (_, _, amount) in zip(sold["payee_id"], quarter, found, strict=True):
        minor[payee, period] += amount
    rows = attainment(*((*key, amount / 100) for key, amount in minor.items()))
    return sold, quarter, minor, rows


@given(SALES, st.data())
@settings(max_examples=50, deadline=None)
def test_refunds_take_back_what_they_make_the_payouts_less(found, data):
    sold, quarter, gross, rows = programme(found, ["2025-Q1", "2025-Q2", "2025-Q3"])
    back = data.draw(st.lists(st.sampled_from(range(len(found))), unique=True, min_size=1))
    parts = [(at, data.draw(st.integers(1, found[at][2]))) for at in back]
    given_back = refunds(*((f"s{at}", "2025-07-15", minor / 100) for at, minor in parts))
    settled = incentive.settle_refunds(given_back, rows, sold, plan=PLAN)
    net = dict(gross)
    for at, minor in parts:
        net[found[at][0], quarter[at]] -= minor
    taken = settled.attainment.set_index(["payee_id", "period"])["clawback"]
    for payee in "ab":
        less = sum(pays(gross[key]) - pays(net[key]) for key in gross if key[0] == payee)
        assert round(taken[payee, "2025-Q3"] * 100) == less
    assert taken.sum() == pytest.approx(settled.table["clawback"].sum())
    # A refund alone takes back what its own sale was paid.
    at, minor = parts[0]
    alone = incentive.settle_refunds(given_back[:1], rows, sold, plan=PLAN).table
    whole = gross[found[at][0], quarter[at]]
    assert round(alone.loc[0, "sale_paid"] * 100) == pays(whole) - pays(whole - minor)


@given(SALES, st.data())
@settings(max_examples=50, deadline=None)
def test_of_a_year_to_date_all_payouts_are_what_the_net_year_pays(found, data):
    periods = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]
    sold, _, gross, rows = programme(found, periods)
    plan = PLAN | {"measure": {"over": "year", "quota": "whole"}, "negative": "take_back"}
    del plan["floor"]
    back = data.draw(st.lists(st.sampled_from(range(len(found))), unique=True, min_size=1))
    day = st.sampled_from(["2025-07-02", "2025-12-31", "2026-01-01"])
    parts = [(at, data.draw(day), data.draw(st.integers(1, found[at][2]))) for at in back]
    given_back = refunds(*((f"s{at}", when, minor / 100) for at, when, minor in parts))
    settled = incentive.settle_refunds(given_back, rows, sold, plan=plan)
    paid = incentive.payout(settled.attainment, plan=plan)
    for payee in "ab":
        net = sum(amount for key, amount in gross.items() if key[0] == payee)
        net -= sum(minor for at, _, minor in parts if found[at][0] == payee)
        x, quota = Fraction(net), 10_000
        over = max(min(x, Fraction(13, 10) * quota) - quota, 0)
        due = min(x, quota) * Fraction(3, 100) + over * Fraction(5, 100)
        due += max(x - Fraction(13, 10) * quota, 0) * Fraction(1, 100)
        assert paid.loc[paid["payee_id"] == payee, "payout_minor"].sum() == half_up(due)


def test_components_take_back_of_those_that_counted_the_sale():
    plan = {"period": "quarter", "components": [
        {"name": "all", "counts": "amount", "tiers": [[0, None, "1%"]]},
        {"name": "nova", "of": {"product": ["Nova"]}, "tiers": [[0, None, "10%"]]},
        {"name": "number", "counts": "sales", "tiers": [{"from": 0, "each": 2}]}]}  # fmt: skip
    rows = pd.concat(
        [attainment(("a", q, amount), component=name).drop(columns="quota")
         for q in ("2025-Q1", "2025-Q2")
         for name, amount in (("all", 100), ("nova", 40), ("number", 2))]
    )  # fmt: skip
    sold = sales(("s", "a", "2025-01-10", 40), ("t", "a", "2025-01-11", 60))
    sold["product"] = ["Nova", "Orbit"]
    half = refunds(("s", "2025-04-10", 20), ("t", "2025-04-11", 60))
    settled = incentive.settle_refunds(half, rows, sold, plan=plan)
    # A half of the first: 0.20 and 2.00; all of the second: 0.60, and one sale less.
    assert settled.table["clawback"].tolist() == [2.2, 2.6]
    paid = incentive.payout(settled.attainment, plan=plan).set_index("period")
    assert paid["clawback"].tolist() == [0.0, 4.8]
    assert paid["payout"].tolist() == [9.0, 4.2]


def test_what_the_plan_keeps_is_not_taken_back():
    plan = PLAN | {"clawback": {"within_days": 100, "prorated": True}}
    rows = attainment(("a", "2025-Q1", 130), ("a", "2025-Q2", 100))
    sold = sales(("s", "a", "2025-01-01", 10), ("t", "a", "2025-03-01", 20))
    late = refunds(("s", "2025-06-01", 10), ("t", "2025-04-20", 20))
    settled = incentive.settle_refunds(late, rows, sold, plan=plan)
    # The second is refunded first, from 130 to 110, after 50 of 100 days; of the first all is kept.
    assert settled.table["sale_paid"].tolist() == [0.5, 1.0]
    assert settled.table["clawback"].tolist() == [0.0, 0.5]
    assert settled.table["refund_settled"].tolist() == ["kept", "clawback"]


def test_a_refund_in_a_period_without_a_row_waits():
    rows, sold = attainment(("a", "2025-Q1", 130)), sales(("s", "a", "2025-01-01", 10))
    settled = incentive.settle_refunds(refunds(("s", "2025-04-01", 10)), rows, sold, plan=PLAN)
    assert settled.table[["clawback", "refund_settled"]].to_numpy().tolist() == [[0.5, "waiting"]]
    assert settled.attainment["clawback"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("x", "2025-04-01", 10), "of x .* is of no sale"),
        (("s", "2024-12-31", 10), "of s .* is before its sale"),
        (("s", "2025-04-01", 10.01), "of s .* takes back more than its sale was"),
        (("s", "2025-04-01", -1), "of s .* has no `amount` over 0"),
        (("s", None, 1), "of s .* has no `refunded_at`"),
        (("t", "2025-04-01", 1), "of t .* is of a payee and period that `attainment` has no row"),
    ],
)
def test_refunds_that_cannot_be_are_refused(row, said):
    rows = attainment(("a", "2025-Q1", 130))
    sold = sales(("s", "a", "2025-01-01", 10), ("t", "b", "2025-01-01", 10))
    with pytest.raises(SalesAnalysisError, match=said):
        incentive.settle_refunds(refunds(row), rows, sold, plan=PLAN)


def test_plans_under_which_a_sale_has_no_price_of_its_own_are_refused():
    rows, sold = attainment(("a", "2025-Q1", 130)), sales(("s", "a", "2025-01-01", 10))
    for rule in (
        {"cap": {"payout": 3, "banked": True}},
        {"measure": {"over": 4, "pays": "period"}},
        {"measure": {"over": "year", "pays": "period"}},
        {"year": {"cap": 100}},
    ):
        with pytest.raises(SalesAnalysisError, match="single sale cannot be told"):
            incentive.settle_refunds(refunds(("s", "2025-04-01", 10)), rows, sold, plan=PLAN | rule)
    with pytest.raises(SalesAnalysisError, match="`period` is None"):
        plan = {name: rule for name, rule in PLAN.items() if name != "period"}
        incentive.settle_refunds(refunds(("s", "2025-04-01", 10)), rows, sold, plan=plan)
