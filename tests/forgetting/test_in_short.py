"""Training in short: refreshers that pay, and skills that deals need now."""

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


def test_a_figure_says_what_the_curves_say_and_what_is_due():
    days = np.tile([1.0, 7, 30, 90], 40)
    tests = pd.DataFrame({"learner_id": np.repeat(np.arange(40), 4), "elapsed": days})
    rng = np.random.default_rng(1)
    tests["retention"] = tests["known"] = rng.binomial(20, 0.95 * 2 ** (-days / 35.7)) / 20
    models = forgetting.compare(tests, time_unit="days")
    few = forgetting.Bootstrap(draws=49)
    found = forgetting.supported_curves(tests, models, time_unit="days", bootstrap=few)
    effect = forgetting.reinforcement_effect(tests.assign(since_refreshed=days, refreshers=0))
    plan = forgetting.schedule(found.curve)
    standing = pd.DataFrame({"under_target": [True, False, True]})
    calendar = pd.DataFrame({"day": pd.to_datetime(["2026-02-01", "2026-01-09"])})
    figures = forgetting.key_figures(found, effect, standing, plan, calendar)
    due, half_life, lost, following, *_ = figures
    assert due.value == 2 and due.base.values == {"courses": 3}
    assert half_life.value == found.half_life_weeks == pytest.approx(found.curve.half_life / 7)
    assert half_life.low < 5.1 < half_life.high
    assert lost.low < lost.value < lost.high
    assert following.value == pd.Timestamp("2026-01-09")
    names = {finding.name: finding.values for finding in forgetting.lead(found, standing, plan)}
    assert names["due"]["due"] == 2 and names["due"]["half_life_weeks"] == half_life.value
    (until,) = forgetting.lead(found, standing, plan, calendar)
    assert until.name == "due_until" and until.values["day"] == following.value
    given = forgetting.schedule(forgetting.known_curve(half_life=5.1, time_unit="weeks"))
    (unplanned,) = forgetting.lead(found, standing)
    assert unplanned.name == "due_unplanned"
    (planned,) = forgetting.lead(found, standing, given)
    assert planned.name == "due_planned"
    assert planned.values["half_life_planned"] == pytest.approx(5.1)
    for lang in text.LANGUAGES:
        for figure in figures:
            assert text.has(f"forgetting.value.number.{figure.name}", lang)
