"""A plan in short: its cost and who reaches it, better thresholds, payouts that come late."""

from types import SimpleNamespace

import pandas as pd
import pytest

from salesanalysis import incentive, text

REACH = pd.DataFrame(
    {"goal": ["floor", "stretch"], "rate": [0.7, 0.2], "rate_low": 0.1, "rate_high": 0.8}
)


def test_lateness_is_left_out_where_no_payout_is_known():
    cost = incentive.cost({"tiers": [[0, None, 0.1]]}, [100.0, 300.0])
    without = [one.name for one in incentive.key_figures(cost, REACH)]
    assert without == ["plan_cost", "cost_rate", "floor_rate", "stretch_rate"]
    late = pd.DataFrame({"rate": [0.3], "rate_low": [0.2], "rate_high": [0.4]})
    *_, last = incentive.key_figures(cost, REACH, late)
    assert (last.name, last.value, last.high) == ("late_rate", 0.3, 0.4)
    for lang in text.LANGUAGES:
        assert all(text.has(f"incentive.value.number.{one}", lang) for one in [*without, last.name])
    assert all(text.column_kind(name)[0] for name in [*without, last.name])


@pytest.fixture
def choice():
    """What the things look at of a choice that is shown to be better, whatever is assumed."""
    tried = pd.DataFrame(
        {
            "regret": [0.0, 5.0, 0.0],
            "chosen_margin": [5.0, 2.0, 3.0],
            "present_margin": [4.0, 2.0, 2.0],
            "chosen_allowed": True,
        }
    )
    pair = {"floor": 2.0, "stretch": 2.6, "unit": 2.0, "gain": 80.0, "gain_low": 60.0}
    return SimpleNamespace(
        verdict="better", sensitivity=tried, gain_high=90.0, at_edge=False, **pair
    )


def test_thresholds_shown_to_be_better_and_payouts_late_in_a_period(choice):
    lateness = pd.DataFrame(
        {"team": ["x", "y"], "k": [3, 0], "n": [4, 4], "late_amount": [60.0, 0.0]}
    )
    better, late = incentive.things(choice, lateness, periods=3)
    assert (better.money, late.subject, late.money) == (80.0, "x", 20.0)
    said = text.sentence("incentive.thing.thresholds", **better.reason.values)
    assert said.startswith("Floor 100.0% and stretch 130.0% of quota")
    assert "each of 3 assumptions" in said
    assert text.word("incentive", better.called, better.subject).startswith("Floor and stretch")


@pytest.mark.parametrize(
    "flaw",
    [
        {"verdict": "not_shown"},
        {"at_edge": True},
        {"chosen_margin": [5.0, 1.0, 3.0]},
        {"chosen_allowed": [True, True, False]},
    ],
)
def test_thresholds_with_a_flaw_are_no_thing(choice, flaw):
    assert len(incentive.things(choice)) == 1
    for name, value in flaw.items():
        if name in choice.sensitivity:
            choice.sensitivity[name] = value
        else:
            setattr(choice, name, value)
    assert incentive.things(choice) == []
