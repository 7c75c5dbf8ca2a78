"""The headline is read off curves that the tests support: simulated learners of known curves."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forgetting
from salesanalysis.forgetting import Bootstrap

DAYS = np.array([1.0, 7, 21, 42, 91, 182])
FEW = Bootstrap(draws=99)


def slowing(days):
    """Half gone after 4.4 weeks, 65.8% lost in 13."""
    return (1 + 0.15 * days) ** -0.4


def learners(curve, *, seed=0, learners=160, items=20, guess=0.0, days=DAYS) -> pd.DataFrame:
    """Each learner's answers at each delay (weeks), guessed where they are not known."""
    rng = np.random.default_rng(seed)
    each = np.tile(days, learners)
    right = rng.binomial(items, guess + (1 - guess) * curve(each)) / items
    tests = pd.DataFrame({"learner_id": np.repeat(np.arange(learners), len(days))})
    tests = tests.assign(elapsed=each / 7, retention=right, guess=guess)
    return tests.assign(known=(right - guess) / (1 - guess))


def supported(tests, **more):
    models = forgetting.compare(tests, time_unit="weeks", likelihood="least_squares")
    return forgetting.supported_curves(tests, models, time_unit="weeks", bootstrap=FEW, **more)


def test_a_refuted_exponential_has_no_part_in_what_is_quoted():
    tests = learners(slowing)
    found = supported(tests)
    assert "exponential" not in set(found.table["model"]) and not found.refused
    assert found.half_life_low < 4.44 < found.half_life_high < 6
    assert found.lost_low < 0.658 < found.lost_high
    exponential = forgetting.fit(tests, time_unit="weeks", likelihood="least_squares")
    assert exponential.half_life > 9  # what it would have said
    said = [f.name for f in forgetting.exponential_findings(exponential, found)]
    assert said == ["exponential_longer", "exponential_refuted"]
    assert found.table["weight"].sum() == pytest.approx(1)


TRUTHS = {
    "exponential": (lambda t: 0.95 * 2 ** (-t / 35.7), 0.0, 5.1),
    "exponential, floor, guessing": (lambda t: 0.2 + 0.75 * 2 ** (-t / 20), 0.25, 4.143),
    "power": (lambda t: np.minimum(1, 0.95 * t**-0.18), 0.0, 5.049),
    "Wickelgren": (slowing, 0.0, 4.436),
    "Wickelgren, floor": (lambda t: 0.15 + 0.85 * (1 + 0.2 * t) ** -0.8, 0.0, 1.452),
}


@pytest.mark.matrix
def test_the_truth_lies_in_three_quarters_of_80_percent_intervals():
    inside = []
    for curve, guess, weeks in TRUTHS.values():
        for seed in range(8):
            found = supported(learners(curve, seed=seed, guess=guess), level=0.8)
            lost = 1 - curve(91.0) / min(curve(1e-9), 1.0)
            inside.append(found.half_life_low <= weeks <= found.half_life_high)
            inside.append(found.lost_low <= lost <= found.lost_high)
    assert np.mean(inside) >= 0.75


def test_limits_hold_the_choice_of_the_curve():
    found = supported(learners(lambda t: 0.95 * 2 ** (-t / 35.7), learners=12))
    assert len(found.table) > 1
    assert found.half_life_low <= found.table["half_life_weeks"].min()
    best = found.table.iloc[0]
    assert found.half_life_weeks == best["half_life_weeks"] == found.curve.half_life
    assert found.half_life_low <= found.table["half_life_low"].max()
    names = [finding.name for finding in forgetting.findings(found)]
    assert names[0] == "half_gone_range"
    band = found.band(np.array([7.0, 91.0]))
    assert (band["retention_low"] <= band["retention"]).all()
    assert (band["retention"] <= band["retention_high"]).all()


@pytest.mark.parametrize(
    ("curve", "days", "refused"),
    [
        (lambda t: np.full_like(t, 0.8), DAYS, "level"),
        (lambda t: 0.5 + 0.002 * t, DAYS, "level"),
        (lambda t: 0.95 * 2 ** (-t / 35.7), np.array([1.0, 30.0]), "few_delays"),
        (lambda t: np.where(np.isclose(t, 42), 0.2, 0.9 - 0.001 * t), DAYS, "missed"),
    ],
)
def test_nothing_is_quoted_or_planned_where_the_tests_do_not_tell(curve, days, refused):
    found = supported(learners(curve, days=days))
    assert found.refused == refused
    assert [f.name for f in forgetting.findings(found)] == [f"unfit_{refused}"]
    assert [f.name for f in forgetting.lead(found)] == [f"untold_{refused}"]
    effect = forgetting.reinforcement_effect(
        learners(curve, days=days).assign(since_refreshed=1.0, refreshers=0), time_unit="weeks"
    )
    assert forgetting.key_figures(found, effect) == []


def clustered(kind: str, seed: int, learners: int, noise: float) -> pd.DataFrame:
    """Learners who differ by nature, in a file that does not tell how fast they forget."""
    rng = np.random.default_rng([7, seed])
    days = np.array([1.0, 30] if kind == "two delays" else [1.0, 7, 30, 60, 120])
    each = np.tile(days, learners)
    if kind == "two delays":  # a month later, give or take a week-end
        each = each + (each > 1) * rng.integers(-3, 4, len(each))
        each[0] = 90.0  # a straggler
    slope = {"flat": 0.0, "rising": 0.03, "two delays": -0.1, "hardly falling": -0.005}[kind]
    learner = np.repeat(np.arange(learners), len(days))
    share = 0.75 + rng.normal(0, noise, learners)[learner] + slope * np.log(each)
    share = np.clip(share + rng.normal(0, noise / 2, len(each)), 0.02, 0.98)
    right = rng.binomial(20, share) / 20
    tests = pd.DataFrame({"learner_id": learner, "elapsed": each / 7, "retention": right})
    return tests.assign(known=right)


@pytest.mark.parametrize(
    ("kind", "people", "refused"),
    [
        ("flat", 5, "level"),
        ("flat", 20, "level"),
        ("flat", 160, "level"),
        ("rising", 20, "level"),
        ("hardly falling", 2000, "level"),
        ("two delays", 60, "few_delays"),
    ],
)
def test_no_file_without_a_decline_or_of_two_delays_is_planned_by(kind, people, refused):
    """Of ten files each, whatever their noise: chance once gave a flat one 510 refreshers."""
    models = forgetting.compare(learners(slowing), time_unit="weeks")  # refused before it is asked
    for seed in range(10):
        for noise in (0.02, 0.08, 0.15):
            tests = clustered(kind, seed, people, noise)
            found = forgetting.supported_curves(tests, models, time_unit="weeks", bootstrap=FEW)
            assert found.refused == refused, (seed, noise)


@pytest.mark.parametrize("people", [3, 8])
def test_few_learners_who_clearly_forget_are_enough(people):
    tests = learners(slowing, learners=people, seed=3)
    assert supported(tests).refused != "level"


def test_what_lies_beyond_the_longest_delay_is_said_to_be_extrapolated():
    long = supported(learners(slowing))
    short = supported(learners(slowing, days=DAYS[:4]))
    assert not long.extrapolates and short.extrapolates
    assert forgetting.findings(short)[-1].values == {"longest_weeks": 6.0}
    assert "beyond" not in [finding.name for finding in forgetting.findings(long)]


def test_a_curve_without_a_latest_week_gives_the_earliest():
    found = supported(learners(lambda t: 0.75 + 0.2 * 2 ** (-t / 20), learners=60))
    assert not found.bounded and not found.refused
    half, lost, *_ = forgetting.findings(found)
    assert half.name == "half_gone_late" and half.values["half_life_low"] > 13
    assert lost.name == "lost_less"
    weeks = {one.name: one.value for one in _figures(found)}
    assert "half_life_weeks" not in weeks and weeks["lost_13_weeks"] == found.lost_share


def _figures(found):
    tests = learners(slowing).assign(since_refreshed=1.0, refreshers=0)
    return forgetting.key_figures(found, forgetting.reinforcement_effect(tests, time_unit="weeks"))


def test_calibration_compares_the_mean_at_each_delay():
    tests = learners(slowing)
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    table = forgetting.calibration(tests, curve)
    assert table["tests"].sum() == len(tests) and len(table) == len(DAYS)
    at = tests[np.isclose(tests["elapsed"], 6)]
    row = table.iloc[3]
    assert row["retention"] == pytest.approx(at["known"].mean())
    assert row["predicted"] == pytest.approx(curve.retention(6.0))
    assert table["missed"].any()
    (said, better) = forgetting.calibration_findings(table, forgetting.log_losses(tests, curve))
    assert (said.name, better.name) == ("misses", "better")
    assert said.values["said"] - said.values["seen"] == pytest.approx(
        table.loc[table["off"].abs().idxmax(), "off"]
    )


def test_the_log_loss_is_that_of_single_answers():
    tests = pd.DataFrame({"elapsed": [1.0, 2.0], "retention": [1.0, 0.5], "guess": [0.0, 0.5]})
    curve = forgetting.known_curve(half_life=1, time_unit="weeks")
    loss, constant = forgetting.log_losses(tests, curve)
    right = np.array([0.5, 0.5 + 0.5 * 0.25])
    expected = -np.mean([np.log(right[0]), 0.5 * np.log(right[1]) + 0.5 * np.log(1 - right[1])])
    assert loss == pytest.approx(expected)
    assert constant == pytest.approx(-np.mean([np.log(0.75), np.log(0.75 * 0.25) / 2]))


def test_a_table_without_tests_is_named():
    tests = learners(slowing, learners=8)
    models = forgetting.compare(tests, time_unit="weeks", likelihood="least_squares")
    with pytest.raises(SalesAnalysisError, match="`tests` has no column `known`"):
        forgetting.supported_curves(tests.drop(columns="known"), models, time_unit="weeks")
