"""Training in short: refreshers that pay, and skills that deals need now."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from salesanalysis import forgetting, text


def test_a_skill_weighs_what_is_lacking_in_the_deals_that_need_it_now():
    gaps = pd.DataFrame(
        {
            "person_id": ["ann", "ann", "bob", "cy"],
            "skill": ["closing", "care", "closing", "closing"],
            "stage": ["A", "W", "A", "A"],
            "status": ["faded", "never_met", "never_met", "not_assessed"],
            "priority": [0.1, 0.5, 0.2, np.nan],
        }
    )
    deals = pd.DataFrame(
        {
            "owner_id": ["ann", "ann", "bob", "bob", "cy"],
            "stage": ["A", "B", "A", "A", "A"],
            "outcome": ["open", "open", "open", "won", "open"],
            "amount": [100.0, 1000.0, 10.0, 1000.0, 1000.0],
        }
    )
    (skill,) = forgetting.things(gaps=gaps, deals=deals)
    assert skill.money == pytest.approx(100 * 0.1 + 10 * 0.2)
    assert skill.reason.values == {"people": 2, "stage": "A", "deals": 2, "amount": 110.0}
    assert forgetting.things(gaps=gaps) == []


def test_refreshers_count_with_what_they_leave_in_the_weeks_ahead():
    weeks = pd.DataFrame(
        {"refreshers": [0, 1, 1], "saved": [0.0, 50.0, 9.0], "cost": [0.0, 20.0, 1.0]}
    )
    value = weeks.assign(week=[1, 2, 3], net=weeks["saved"] - weeks["cost"])
    (found,) = forgetting.things(value, weeks=2)
    assert found.money == 30.0 and found.reason.values["refreshers"] == 1
    assert text.word("forgetting", found.called, found.subject, "zh") == "强化训练"


def test_a_half_life_that_the_tests_do_not_tell_has_no_limits():
    rising = pd.DataFrame({"elapsed": [1.0, 2.0, 3.0, 4.0], "retention": [0.4, 0.5, 0.6, 0.7]})
    curve = forgetting.fit(rising, time_unit="weeks")
    effect = forgetting.ReinforcementEffect(
        **{field.name: np.nan for field in dataclasses.fields(forgetting.ReinforcementEffect)}
    )
    known = forgetting.known_curve(half_life=35.7, time_unit="days")
    plan = forgetting.schedule(known)
    unknown, lost, due, *_ = forgetting.key_figures(curve, effect, plan)
    assert np.isnan([unknown.value, unknown.low, unknown.high, lost.value]).all()
    assert pd.isna(due.value)
    calendar = pd.DataFrame({"day": pd.to_datetime(["2026-02-01", "2026-01-09"])})
    half_life, _, due, *_ = forgetting.key_figures(known, effect, plan, calendar)
    assert half_life.value == pytest.approx(5.1)  # in weeks, whatever the unit of the curve
    assert due.value == pd.Timestamp("2026-01-09")
    for lang in text.LANGUAGES:
        for figure in forgetting.key_figures(known, effect, plan):
            assert text.has(f"forgetting.value.number.{figure.name}", lang)
