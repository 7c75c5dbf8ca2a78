"""Tiers as whole numbers: the same payout from one cent to the largest amount that can be held."""

import itertools
from dataclasses import fields

import numpy as np
import pytest

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.incentive.commission import Levels, earned

QUOTA = {"thresholds": "quota"}
TWO = {**QUOTA, "tiers": [[0, 1, "3.777777%"], [1, None, "50%"]]}
ONE = {**QUOTA, "tiers": [[0, None, "3%"]]}
BONUSES = {"bonuses": [[1, 7], {"at": 1.5, "share": "12.34567%"}]}
IN_LINE = {"on": "attainment", "points": [["1/3", "2/7"], [1, 1], ["9/7", "11/3"]]}
IN_STEPS = {"on": "attainment", "steps": [["1/3", "2/7"], [1, 1], ["9/7", "11/3"]]}

#: One plan for each product that can leave 64 bits: thresholds and rates of many digits.
PLANS = {
    "marginal": {**QUOTA, "tiers": [[0, "87.654321%", "3.7%"], ["87.654321%", None, "5%"]]},
    "retroactive": {**TWO, "method": "retroactive"},
    "money for reaching": {**QUOTA, "method": "retroactive", "tiers": [
        {"from": "33.3333333%", "pay": 100}, {"from": 1, "pay": 500}]},
    "interpolated": {**QUOTA, "method": "interpolated", "tiers": [
        {"from": 0, "to": "76.54321%", "rate": "1.23456%"},
        {"from": "76.54321%", "to": 5, "rate": "2%"}]},
    "curve of rates": {**QUOTA, "points": [
        {"at": 0.5, "rate": "1.23456%"}, {"at": "123.4567%", "rate": "1.23457%"}]},
    "steep curve, rounded to a million": {**QUOTA, "points": [
        {"at": 0.5, "rate": "2%"}, {"at": "50.1%", "rate": "3%"}],
        "rounding": {"to": 1_000_000}},
    "curve of shares": {**QUOTA, "points": [
        {"at": 0.5, "share": "99.9999%"}, {"at": 1, "share": 1}, {"at": 2, "share": 1.0001}]},
    "curve of money": {**QUOTA, "points": [
        {"at": 0.5, "pay": 100_000_000}, {"at": 2, "pay": 100_000_001}]},
    "times the pace": {**QUOTA, "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 1.23456}]},
    "share of the target": {**QUOTA, "tiers": [
        {"from": 0.5, "share": 0.5}, {"from": 1, "share": 1.23456}]},
    "rounded to a million": {**TWO, "rounding": {"to": 1_000_000}},
    "cap on the rate": {**TWO, "cap": {"rate": "4.56789%"}},
    "high cap on a low rate": {"tiers": [[0, None, "0.001%"]], "cap": {"rate": "99.999%"}},
    "cap in shares": {**ONE, "cap": {"share": "12.34567%"}},
    "cap on attainment": {**ONE, "cap": {"attainment": "123.4567%"}},
    "floor": {**ONE, "floor": {"at": "87.65432%", "cliff": True}},
    "bonuses": {**ONE, **BONUSES, "rounding": {"to": 1_000_000}},
    "late bonus": {**ONE, "bonuses": [["1234.56789%", 7]]},
    "factor in a line": {**TWO, **BONUSES, "multipliers": [{**IN_LINE, "bonuses": "yes"}]},
    "factor in steps": {**TWO, "multipliers": [IN_STEPS]},
}  # fmt: skip
SIZES = [min(123_456_789_012_345_678 // 10**less, 2**53) for less in range(1, 18, 2)]


def paid(plan, levels):
    """All that is known of a commission; what no 64 bits can hold must be refused."""
    try:
        found = earned(plan, levels)
    except SalesAnalysisError as refused:
        return {"refused": str(refused)}
    known = [each.name for each in fields(found) if each.name not in ("factors", "rate_limit")]
    return {name: np.array(getattr(found, name)).tolist() for name in known}


@pytest.mark.parametrize("name", PLANS)
def test_amounts_of_any_size_are_paid_the_same_in_64_bits_and_in_unbounded_numbers(name):
    plan = incentive.read_plan(PLANS[name])
    targets = SIZES if plan.on_target else [1]
    for amounts in itertools.product(SIZES, SIZES, targets):
        levels = Levels(*(np.array([amount]) for amount in amounts))
        assert paid(plan, levels) == paid(plan, levels.unbounded())


@pytest.mark.parametrize(("tie", "nothing"), [("higher", 10), ("lower", 0)])
def test_money_for_reaching_a_level_of_nothing_is_paid_by_the_tie_rule(tie, nothing):
    plan = {"method": "retroactive", "at_boundary": tie, "tiers": [{"from": 0, "pay": 10}]}
    for exact, of in ((True, 100), (False, 1)):
        found = incentive.payout_amounts([-5, 0, 0.01], plan=plan, exact=exact)
        assert (found / of).tolist() == [nothing, nothing, 10]
