"""The findings on training that ordinary scores do not bring about, each from a small curve."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import forgetting

SOURCE = forgetting.known_curve(half_life=5.1, time_unit="weeks")
T = np.array([1.0, 2, 4, 8, 13])
SCORES = pd.DataFrame({"elapsed": T, "retention": 0.9 * 2 ** (-T / 5.1)})
FITTED = forgetting.fit(SCORES, time_unit="weeks")


@pytest.mark.parametrize(
    "status",
    ["few_points", "not_identified", "at_bound", "impossible", "all_zero", "constant", "rising",
     "not_converged"],
)  # fmt: skip
def test_what_is_wrong_with_a_fit_has_its_sentence(status):
    curve = dataclasses.replace(FITTED, status=status)
    assert list(said("forgetting", curve.findings())) == [status]


def test_a_sound_a_given_and_an_open_ended_curve():
    assert list(said("forgetting", FITTED.findings())) == ["ok"]
    assert list(said("forgetting", SOURCE.findings())) == ["known"]
    endless = dataclasses.replace(FITTED, half_life_high=np.inf)
    assert list(said("forgetting", endless.findings())) == ["no_limit"]


@pytest.mark.parametrize(
    ("low", "high", "refused", "name"),
    [(1.2, 1.9, "", "effect_longer"), (0.5, 0.9, "", "effect_shorter"),
     (0.9, 1.2, "", "effect_none"), (np.nan, np.nan, "", "effect_open"),
     (1.2, 1.9, "few", "effect_open")],
)  # fmt: skip
def test_what_refreshers_do(low, high, refused, name):
    names = [field.name for field in dataclasses.fields(forgetting.ReinforcementEffect)]
    values = dict.fromkeys(names, 1.0) | {"factor_low": low, "factor_high": high}
    effect = forgetting.ReinforcementEffect(**values | {"refused": refused})
    assert list(said("forgetting", forgetting.reinforcement_findings(effect))) == [name]


def test_how_many_refreshers_at_what_cost():
    priced = forgetting.RefresherCost(rate=50.0)
    unknown = forgetting.RefresherCost(rate=float("nan"))
    asked = {"horizon_weeks": 13, "effect": 1.5}
    plans = {
        "schedule": forgetting.schedule(SOURCE, each=priced, **asked),
        "schedule_no_cost": forgetting.schedule(SOURCE, each=unknown, **asked),
        "schedule_none": forgetting.schedule(SOURCE, target=0.01, **asked),
        "schedule_spaced": forgetting.spaced_schedule(
            SOURCE, spacing="equal", refreshers=2, **asked
        ),
    }
    for name, plan in plans.items():
        assert list(said("forgetting", forgetting.schedule_findings(plan))) == [name]
