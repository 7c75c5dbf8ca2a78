"""Partial pooling of learners: calibrated in simulation, right where nothing is to be pooled."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesanalysis import SalesAnalysisError, forgetting
from salesanalysis.forgetting.mixture import NODES

TIMES = np.array([1.0, 3, 8, 13])


def learners(seed, size=150, log_sd=0.7, items=20, guess=0.0, start=1.0):
    rng = np.random.default_rng(seed)
    half_life = np.exp(np.log(5.1) + log_sd * rng.normal(size=size))
    data = pd.DataFrame({"learner_id": np.repeat(np.arange(size), len(TIMES)), "n": items})
    data["elapsed"] = np.tile(TIMES, size)
    share = start * 2 ** (-data["elapsed"] / half_life[data["learner_id"]])
    data["k"] = rng.binomial(items, guess + (1 - guess) * share)
    return data, half_life


def scored(seed, size=150, log_sd=0.7, error=0.05, start_sd=0.06):
    rng = np.random.default_rng(seed)
    half_life = np.exp(np.log(5.1) + log_sd * rng.normal(size=size))
    start = 0.8 + start_sd * rng.normal(size=size)
    data = pd.DataFrame({"learner_id": np.repeat(np.arange(size), len(TIMES))})
    data["elapsed"] = np.tile(TIMES, size)
    share = start[data["learner_id"]] * 2 ** (-data["elapsed"] / half_life[data["learner_id"]])
    data["retention"] = np.clip(share + error * rng.normal(size=len(data)), -1, 1)
    return data, half_life


@pytest.mark.parametrize(("made", "wishes"), [(learners, {"start": 1.0}), (scored, {})])
@pytest.mark.gate
def test_limits_are_calibrated_for_the_learners_and_for_the_whole(made, wishes):
    inside, whole, spread = [], [], []
    for seed in range(30):
        data, half_life = made(seed, size=60)
        curves = forgetting.pooled(data, time_unit="weeks", level=0.9, **wishes)
        table = curves.table
        low, high = table["half_life_low"], table["half_life_high"]
        inside.append((low <= half_life) & (half_life <= high))
        whole.append(curves.half_life_low <= 5.1 <= curves.half_life_high)
        spread.append(curves.log_sd_low <= 0.7 <= curves.log_sd_high)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)
    assert 22 <= sum(whole) <= 30 and 22 <= sum(spread) <= 30  # 90% is 27


def test_a_common_start_is_estimated_with_counts():
    data, _ = learners(1, size=400, start=0.8, guess=0.25, items=40)
    curves = forgetting.pooled(data, time_unit="weeks", guess=0.25)
    assert curves.start == pytest.approx(0.8, abs=0.03)
    assert curves.half_life == pytest.approx(5.1, rel=0.15)
    assert np.isnan(curves.error_sd) and curves.start_sd == 0


def test_start_and_error_of_scores_are_found():
    data, half_life = scored(2, size=400)
    curves = forgetting.pooled(data, time_unit="weeks")
    assert curves.start == pytest.approx(0.8, abs=0.02)
    assert curves.start_sd == pytest.approx(0.06, abs=0.02)
    assert curves.error_sd == pytest.approx(0.05, abs=0.006)
    assert curves.half_life == pytest.approx(np.exp(np.log(half_life).mean()), rel=0.05)


def test_pooled_half_lives_are_nearer_to_the_truth_than_each_alone():
    data, half_life = learners(3, size=200, items=4, log_sd=0.5)
    pooled = forgetting.pooled(data, time_unit="weeks", start=1.0).table["half_life"]
    alone = forgetting.fit_each(data, by="learner_id", time_unit="weeks", start=1.0)["half_life"]
    known = np.isfinite(alone)
    error = [np.mean(np.abs(np.log(h / half_life))[known]) for h in (pooled, alone)]
    assert error[0] < 0.85 * error[1]


def test_one_learner_by_hand():
    """The posterior of a learner at the known mean and spread, by a plain integral."""
    data, _ = learners(4, size=3000)
    curves = forgetting.pooled(data, time_unit="weeks", start=1.0)
    mine = data[data["learner_id"] == 7]
    x = np.linspace(-5, 9, 20_001)
    share = 2 ** (-mine["elapsed"].to_numpy()[:, None] / np.exp(x))
    log = stats.binom.logpmf(mine["k"].to_numpy()[:, None], 20, share).sum(axis=0)
    density = np.exp(log - log.max()) * stats.norm.pdf(x, np.log(curves.half_life), curves.log_sd)
    below = np.cumsum(density) / density.sum()
    row = curves.table.iloc[7]
    for q, name in ((0.025, "half_life_low"), (0.5, "half_life"), (0.975, "half_life_high")):
        assert row[name] == pytest.approx(np.exp(np.interp(q, below, x)), rel=0.02)
    assert NODES > 100


def test_learners_whose_scores_say_nothing_take_the_common_half_life():
    data, _ = learners(5, size=100)
    odd = pd.DataFrame({"learner_id": [900, 901, 901], "elapsed": [0.0, 1.0, 13.0], "n": 20})
    odd["k"] = [20, 10, 18]  # one test at time 0; and one who rises
    curves = forgetting.pooled(pd.concat([data, odd]), time_unit="weeks", start=1.0)
    table = curves.table.set_index("learner_id")
    assert table.loc[900, "half_life"] == pytest.approx(curves.half_life, rel=0.05)
    assert table.loc[900, "own_weight"] == pytest.approx(0.0, abs=0.02)
    assert curves.half_life < table.loc[901, "half_life"] < np.inf
    assert (curves.learners, len(table)) == (102, 102)


def test_equal_learners_have_hardly_a_spread():
    data, _ = learners(6, size=100, log_sd=0.0)
    curves = forgetting.pooled(data, time_unit="weeks", start=1.0)
    assert curves.log_sd_low < 0.05 and curves.log_sd < 0.15
    assert curves.table["own_weight"].max() < 0.4
    row = curves.retention([13]).iloc[0]
    assert row["mean"] == pytest.approx(row["typical"], abs=0.01)
    one = forgetting.fit(data, time_unit="weeks", start=1.0)
    assert curves.half_life == pytest.approx(one.half_life, rel=0.02)


def test_units_and_the_finding():
    data, _ = learners(7)
    weeks = forgetting.pooled(data, time_unit="weeks", start=1.0)
    days = forgetting.pooled(data.assign(elapsed=data["elapsed"] * 7), time_unit="days", start=1.0)
    assert days.half_life == pytest.approx(7 * weeks.half_life, rel=1e-6)
    assert days.log_sd == pytest.approx(weeks.log_sd, rel=1e-6)
    finding = weeks.findings(13)[0]
    assert finding.name == "pooled" and finding.values["mean"] > finding.values["typical"]
    assert weeks.summary().columns.tolist() == ["name", "value", "unit"]
    assert weeks.typical.status == "known"


@pytest.mark.parametrize(
    ("change", "wishes", "said"),
    [
        (lambda d: d[d["learner_id"] < 4], {}, "at least 5"),
        (lambda d: d, {"model": "power"}, "exponential, hyperbolic"),
        (lambda d: d, {"start": 0}, "`start`"),
        (lambda d: d, {"by": "learner"}, "Nearest: learner_id"),
        (lambda d: d, {"by": []}, "`by` is empty"),
        (lambda d: d, {"time_unit": None}, "`time_unit` is missing"),
    ],
)
def test_what_cannot_be_pooled(change, wishes, said):
    data, _ = learners(1, size=20)
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.pooled(change(data), **({"time_unit": "weeks"} | wishes))
