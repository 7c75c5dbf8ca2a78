"""The findings on a plan that ordinary payouts do not bring about, each from small results."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import incentive
from salesanalysis.periods import Calendar


def pile(verdict: str = "bunching", pull: str = "stop"):
    """As much of a pile as the findings look at."""
    values = {"threshold": 1.3, "response_share": 0.05, "B": 20.0, "elasticity": 0.2}
    return SimpleNamespace(verdict=verdict, pull=pull, interval=lambda name: (0.1, 30.0), **values)


def look(measure: str, verdict: str = "shown"):
    row = {"measure": measure, "verdict": verdict, "n": 30, "observed": 0.4, "expected": 0.3}
    row |= {"effect": -0.1, "effect_low": -0.2, "effect_high": -0.05}
    effects = pd.DataFrame([row])
    shown = verdict == "shown"
    return SimpleNamespace(name="x", effects=effects, is_shown=shown, threshold=1.3)


def test_every_behaviour_that_is_shown_has_its_sentence():
    measures = ("last_days", "first_days", "next_period", "pace_after")
    looks = [look(measure) for measure in measures]
    found = said("incentive", incentive.behaviour_findings(looks, [pile(pull="up"), pile()]))
    assert list(found) == ["pushed_up", "stopped_at", "hurry", "hangover", "kept_back", "gave_up"]
    # The sizes of a slowing pace are told without their sign, the smaller first.
    assert "is 10.0% (5.0–20.0%) lower" in found["gave_up"]
    nothing = incentive.behaviour_findings([look("last_days", "not_shown")])
    assert list(said("incentive", nothing)) == ["no_behaviour"]
    few = incentive.behaviour_findings([look("last_days", "too_few")], [pile("too_few")])
    assert list(said("incentive", few)) == ["behaviour_unknown"]
    assert list(said("incentive", incentive.elasticity_findings([pile()]))) == ["elasticity"]
    assert incentive.elasticity_findings([pile("no_bunching")]) == []


@pytest.mark.parametrize(
    ("verdict", "p_value", "name"),
    [("jumps", 0.001, "jumps"), ("no_jump", 0.4, "no_jump"), ("cannot_tell", 0.4, "cannot_tell"),
     ("cannot_tell", np.nan, "not_tested")],
)  # fmt: skip
def test_every_verdict_on_a_jump_has_its_sentence(verdict, p_value, name):
    numbers = {"power": 0.9, "moved": 0.1, "reach": 0.1, "ratio": 2.0, "n_left": 3, "n_right": 4}
    test = SimpleNamespace(verdict=verdict, p_value=p_value, threshold=1.0, **numbers)
    assert list(said("incentive", incentive.density_findings([test]))) == [name]


def choice(verdict: str, *, kind: str = "none", rule: float = 9.0, regret: float = 0.0, binds=()):
    """As much of a choice of thresholds as the findings look at."""
    tried = pd.DataFrame({"regret": [regret], "chosen_margin": 5.0, "present_margin": 4.0,
                          "chosen_allowed": True})  # fmt: skip
    rules = pd.DataFrame({"behaviour": [kind], "elasticity": 0.0, "lift": 0.1, "margin": rule,
                          "stretch_at": 1.2, "cost_rate": 0.03})  # fmt: skip
    rules["lift"] = 0.1 if kind == "reachable" else 0.0
    grid = pd.DataFrame({"present": [True, False, False], "cost_rate": [0.01, 0.05, 0.04]})
    numbers = {"floor": 1.0, "stretch": 1.3, "unit": 1.0, "gain": 8.0, "gain_low": 6.0}
    numbers |= {"gain_high": 9.0, "cost_rate": 0.03, "won_share": 0.5, "margin": 5.0}
    numbers |= {"stretch_matters": kind != "none", "at_edge": kind == "none"}
    numbers |= {"binds": binds, "keep_payout": 0.9, "cost_limit": 0.04}
    response = SimpleNamespace(kind=kind, elasticity=0.0, lift=0.1, farthest=0.1)
    tables = {"sensitivity": tried, "rule": rules, "grid": grid}
    return SimpleNamespace(verdict=verdict, response=response, **tables, **numbers)


@pytest.mark.parametrize(
    ("verdict", "regret", "names"),
    [("better", 0.0, ["recommended", "robust"]), ("better", 8.0, ["recommended", "sensitive"]),
     ("not_shown", 0.0, ["no_better", "robust"]), ("over_limit", 0.0, ["over_limit"]),
     ("at_edge", 0.0, ["at_edge"])],
)  # fmt: skip
def test_what_is_said_first_of_a_pair_of_thresholds(verdict, regret, names):
    found = said("incentive", incentive.threshold_findings(choice(verdict, regret=regret)))
    assert list(found) == names
    if verdict == "over_limit":
        assert "4.0%" in found["over_limit"]  # the least of those tried, not the present


def test_what_is_to_be_known_of_a_pair_of_thresholds():
    first = incentive.choice_findings(choice("better"))
    assert list(said("incentive", first)) == [
        "recommended", "assumed_none", "stretch_idle", "at_edge", "rule_more", "robust",
    ]  # fmt: skip
    other = incentive.choice_findings(choice("not_shown", kind="reachable", rule=1.0, regret=9))
    assert list(said("incentive", other)) == [
        "no_better", "assumed_reachable", "rule_less", "sensitive",
    ]  # fmt: skip
    over = incentive.choice_findings(choice("over_limit", binds=("cost_limit", "keep_payout")))
    words = said("incentive", over)
    assert list(words) == ["over_limit", "keep_binds", "cost_binds"]
    assert "keep at least 90.0% of today's pay" in words["keep_binds"]
    assert "at most 4.0% of sales" in words["cost_binds"]


def test_a_level_over_which_the_payout_falls():
    rows = [(0.9, 9.0, 9.0, 0.0), (1.0, 10.0, 6.0, -4.0), (1.1, 7.0, 7.0, 0.0)]
    names = ["attainment", "payout_before", "payout_after", "jump"]
    curve = pd.DataFrame(rows, columns=names).assign(marginal=1.0, level=[90.0, 100.0, 110.0])
    assert list(said("incentive", incentive.curve_findings(curve))) == ["drop_of_quota"]
    in_money = curve.assign(attainment=np.nan)
    found = said("incentive", incentive.curve_findings(in_money))
    assert "sales of 100" in found["drop_of_amount"] and "40.0%" in found["drop_of_amount"]


def test_what_payees_owe_at_the_end():
    rows = {"payee_id": ["a", "a", "b"], "period": ["1", "2", "1"], "payout": 5.0, "sales": 50.0,
            "status": "paid", "debt": [9.0, 4.0, 0.0]}  # fmt: skip
    rows |= dict.fromkeys(["rate_cut", "payout_cut", "floor_cut"], 0.0)
    found = said("incentive", incentive.payout_findings(pd.DataFrame(rows)))
    assert list(found)[-1] == "debts" and " 4 " in found["debts"]


def test_what_is_owed_last_is_that_of_the_last_of_the_own_periods():
    names = ["FY26-Q1", "FY25-Q4"]  # the order of the rows is not that of time
    numbers = {"payout": 1.0, "sales": 10.0, "status": "paid", "rate_cut": 0.0, "payout_cut": 0.0}
    rows = [{"payee_id": "A", "period": name, "debt": debt, "floor_cut": 0.0, **numbers}
            for name, debt in zip(names, [0.0, 5.0], strict=True)]  # fmt: skip
    own = Calendar(first_month=4)
    found = incentive.payout_findings(pd.DataFrame(rows), calendar=own)
    assert "debts" not in {finding.name for finding in found}
