"""Curves for every learner at once: one by one, by scipy, and what cannot be fitted."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from salesanalysis import SalesAnalysisError, forgetting


def learners(seed, size, sd=0.08, spread=1.0):
    """Scores of learners at 5 to 8 times each."""
    rng = np.random.default_rng(seed)
    rows = []
    for name in range(size):
        t = np.sort(rng.choice(np.arange(27), rng.integers(5, 9), replace=False)) + 0.5
        half_life = np.exp(np.log(5.1) + spread * rng.normal())
        y = np.clip(0.9 * 2 ** (-t / half_life) + sd * rng.normal(size=len(t)), 0, 1)
        rows += [(f"L{name:05d}", time, score) for time, score in zip(t, y, strict=True)]
    return pd.DataFrame(rows, columns=["learner_id", "elapsed", "retention"])


def slow_exponential(t, y):
    """The least squared error of a·e^(−bt) by scipy, from every corner of a line of rates."""

    def error(log_b):
        f = np.exp(-np.exp(log_b) * (t - t[0]))
        a = max((y @ f) / (f @ f), 0.0)
        return ((y - a * f) ** 2).sum()

    line = np.linspace(-9, 4, 150)
    at = [error(x) for x in line]
    bounds = [(line[max(i - 1, 0)], line[min(i + 1, 149)]) for i in np.argsort(at)[:3]]
    found = [
        minimize_scalar(error, bounds=b, method="bounded", options={"xatol": 1e-10}) for b in bounds
    ]
    best = min(found, key=lambda result: result.fun)
    return best.fun, np.log(2) / np.exp(best.x)


def test_each_fit_equals_a_slow_search():
    data = learners(1, 150)
    table = forgetting.fit_each(data, by="learner_id", time_unit="weeks").set_index("learner_id")
    for name, part in data.groupby("learner_id"):
        row = table.loc[name]
        sse, half_life = slow_exponential(part["elapsed"].to_numpy(), part["retention"].to_numpy())
        assert row["sse"] <= sse * (1 + 1e-7) + 1e-12
        assert row["n"] == len(part)
        if row["status"] == "ok":
            assert row["half_life"] == pytest.approx(half_life, rel=2e-4)
            assert row["half_life_low"] < row["half_life"] < row["half_life_high"]
    assert set(table["status"]) <= {"ok", "rising", "at_bound", "not_identified", "all_zero"}


@pytest.mark.matrix
@pytest.mark.parametrize(
    "model",
    ["exponential", "power", "logarithmic", "hyperbolic", "ebbinghaus"]
    + ["wickelgren", "exponential_asymptote"],
)
def test_many_at_once_are_the_same_as_one_by_one(model):
    data = learners(2, 40)
    table = forgetting.fit_each(data, by="learner_id", model=model, time_unit="weeks")
    table = table.set_index("learner_id")
    worse = 0
    for name, part in data.groupby("learner_id"):
        row = table.loc[name]
        one = forgetting.fit(part, model=model, time_unit="weeks", interval="none")
        worse += row["sse"] > one.sse * (1 + 1e-6) + 1e-10
        assert row["sse"] >= one.sse * (1 - 1e-6) - 1e-10
        if row["status"] == one.status == "ok" and row["sse"] == pytest.approx(one.sse, rel=1e-6):
            assert row["aicc"] == pytest.approx(one.aicc, rel=1e-5, nan_ok=True)
            assert row["half_life"] == pytest.approx(one.half_life, rel=1e-2)
            values = row[list(one.parameters["name"])].tolist()
            assert values == pytest.approx(one.parameters["value"].tolist(), rel=2e-2)
    assert worse <= (1 if model == "exponential_asymptote" else 0)


VALLEYS = {
    "wickelgren": [
        ([2.5, 4.5, 15.5, 22.5, 26.5], [0.11, 0, 0, 0.19, 0]),
        ([0.5, 8.5, 10.5, 17.5, 22.5], [0.71, 0.36, 0.3, 0.08, 0.01]),
    ],
    "ebbinghaus": [
        ([0.5, 11.5, 13.5, 14.5, 18.5, 21.5, 26.5], [0.9, 0.26, 0.12, 0.07, 0.05, 0, 0]),
        ([0.5, 17.5, 19.5, 20.5, 24.5], [0.9, 0.33, 0.17, 0.17, 0.08]),
    ],
}


@pytest.mark.parametrize("model", VALLEYS)
def test_the_deepest_of_several_valleys_is_found(model):
    rows = [
        (i, *pair) for i, (t, y) in enumerate(VALLEYS[model]) for pair in zip(t, y, strict=True)
    ]
    data = pd.DataFrame(rows, columns=["learner_id", "elapsed", "retention"])
    table = forgetting.fit_each(data, by="learner_id", model=model, time_unit="weeks")
    for (name, part), found in zip(data.groupby("learner_id"), table["sse"], strict=True):
        t, y = (part[column].to_numpy()[:, None, None] for column in ("elapsed", "retention"))
        if model == "wickelgren":
            beta, loss = np.geomspace(1e-6, 1e8, 400)[:, None], np.geomspace(1e-3, 100, 400)
            shape = np.log1p(beta * t) / np.log1p(beta * t.max())
            retention = np.exp(-loss * shape)
        else:
            logit, steep = np.linspace(-20, 8, 400)[:, None], np.geomspace(0.05, 50, 400)
            log = np.log(np.log10(t * 10080) / np.log10(t.max() * 10080))
            retention = 1 / (1 + np.exp(steep * log - logit))
        least = ((y - retention) ** 2).sum(axis=0).min()
        assert 0.97 * least < found <= least, name
        one = forgetting.fit(part, model=model, time_unit="weeks", interval="none")
        assert one.sse == pytest.approx(found, rel=1e-8)


def test_counts_of_many_learners_and_guessing():
    rng = np.random.default_rng(3)
    name = np.repeat(np.arange(30), 6)
    data = pd.DataFrame(
        {"learner_id": name, "elapsed": np.tile([0.0, 1, 2, 4, 8, 13], 30), "n": 20}
    )
    data["k"] = rng.binomial(20, 0.25 + 0.75 * 0.9 * 2 ** (-data["elapsed"] / 5))
    table = forgetting.fit_each(data, by="learner_id", time_unit="weeks", guess=0.25)
    for row in table.itertuples():
        one = forgetting.fit(data[name == row.learner_id], time_unit="weeks", guess=0.25)
        assert row.status == one.status
        assert [row.half_life, row.aic] == pytest.approx([one.half_life, one.aic], rel=1e-5)
        # Limits from the curvature are near those of the profile where the data are good.
        if row.status == "ok" and one.half_life_high < 2 * one.half_life_low:
            assert row.half_life_low == pytest.approx(one.half_life_low, rel=0.1)
    assert (table["n"] == 120).all()


def test_counts_with_a_late_right_answer_are_fitted_all_the_same():
    # The least squares forbid the late answer; the fit must not start from there.
    data = pd.DataFrame({"elapsed": [3.5, 4.5, 10.5, 12.5, 13.5, 16.5, 18.5, 21.5], "n": 20})
    data = data.assign(k=[3, 0, 0, 0, 0, 0, 1, 0], learner_id="a")
    row = forgetting.fit_each(data, by="learner_id", time_unit="weeks").iloc[0]
    one = forgetting.fit(data, time_unit="weeks")
    assert (row["status"], one.status) == ("ok", "ok")
    assert row["aic"] == pytest.approx(one.aic, rel=1e-9)


def test_every_group_has_a_status():
    groups = {
        "fine": ([0, 1, 2, 4, 8], [0.9, 0.8, 0.65, 0.5, 0.3]),
        "one": ([1], [0.5]),
        "same_time": ([1, 1, 1], [0.5, 0.6, 0.4]),
        "two": ([1, 3], [0.8, 0.5]),
        "constant": ([1, 2, 3], [0.6, 0.6, 0.6]),
        "rising": ([1, 2, 3], [0.4, 0.5, 0.7]),
        "zero": ([1, 2, 3], [0.0, 0.0, 0.0]),
        "over": ([1, 2, 3], [1.2, 0.5, 0.4]),
        "before": ([-1, 2, 3], [0.9, 0.5, 0.4]),
        "missing": ([1, 2, 3], [np.nan] * 3),
        "partly": ([0, 1, 2, 4, 8], [0.9, np.nan, 0.65, 0.5, 0.3]),
    }
    rows = [(name, *pair) for name, pairs in groups.items() for pair in zip(*pairs, strict=True)]
    data = pd.DataFrame(rows, columns=["learner_id", "elapsed", "retention"])
    before = data.copy()
    table = forgetting.fit_each(data, by="learner_id", time_unit="weeks").set_index("learner_id")
    pd.testing.assert_frame_equal(data, before)
    assert table["status"].to_dict() == {
        "before": "negative_time",
        "constant": "constant",
        "fine": "ok",
        "missing": "no_scores",
        "one": "few_points",
        "over": "score_over_maximum",
        "partly": "ok",
        "rising": "rising",
        "same_time": "few_points",
        "two": "few_points",
        "zero": "all_zero",
    }
    assert table.loc[["missing", "partly", "fine"], "missing"].tolist() == [3, 1, 0]
    assert table.loc[["rising", "constant"], "half_life"].tolist() == [np.inf, np.inf]
    assert table.loc[["zero", "one", "over", "before", "missing"], "half_life"].isna().all()
    assert table.loc["two", "half_life"] == pytest.approx(2 * np.log(2) / np.log(1.6))
    power = forgetting.fit_each(data, by="learner_id", model="power", time_unit="weeks")
    power = power.set_index("learner_id")["status"]
    assert (power["fine"], power["rising"]) == ("zero_time", "rising")


def test_counts_that_are_none_make_their_group_unusable():
    counts = {
        "fine": (8, 10),
        "half": (8.5, 10),
        "under": (-1, 10),
        "none": (0, 0),
        "over": (11, 10),
    }
    rows = [(name, *pair) for name, first in counts.items() for pair in [(1, *first), (4, 4, 10)]]
    data = pd.DataFrame(rows, columns=["learner_id", "elapsed", "k", "n"])
    table = forgetting.fit_each(data, by="learner_id", time_unit="weeks")
    assert table.set_index("learner_id")["status"].to_dict() == {
        "fine": "ok",
        "half": "not_a_score",
        "none": "not_a_score",
        "over": "score_over_maximum",
        "under": "not_a_score",
    }


def test_several_models_are_compared_within_each_group():
    data = learners(5, 20)
    models = ["exponential", "power"]
    table = forgetting.fit_each(data, by="learner_id", model=models, time_unit="weeks")
    assert table["model"].tolist() == models * 20
    assert table["learner_id"].is_monotonic_increasing
    best = table.groupby("learner_id")["aicc"].transform("min")
    assert table["delta_aicc"].to_numpy() == pytest.approx(
        (table["aicc"] - best).to_numpy(), nan_ok=True
    )
    assert np.isnan(table.loc[table["n"] == 4, "aicc"]).all()


def test_groups_of_very_different_size_and_several_columns():
    rng = np.random.default_rng(6)
    long = pd.DataFrame({"learner_id": "long", "skill": "a", "elapsed": rng.uniform(0, 20, 3000)})
    long["retention"] = 0.8 * 2 ** (-long["elapsed"] / 4) + 0.05 * rng.normal(size=3000)
    short = learners(7, 10).assign(skill=None)
    data = pd.concat([short, long], ignore_index=True).sample(frac=1, random_state=1)
    table = forgetting.fit_each(data, time_unit="weeks")
    assert len(table) == 11 and table["skill"].isna().sum() == 10
    row = table[table["learner_id"] == "long"].iloc[0]
    one = forgetting.fit(long, time_unit="weeks", interval="none")
    assert (row["n"], row["status"]) == (3000, "ok")
    assert row["half_life"] == pytest.approx(one.half_life, rel=1e-5)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"by": []}, "`by` is empty"),
        ({"by": "learner"}, "Nearest: learner_id"),
        ({"model": []}, "`model` is empty"),
        ({"likelihood": "interval"}, "many learners to a curve"),
        ({"time_unit": None}, "`time_unit` is missing"),
    ],
)
def test_what_cannot_be_asked(wishes, said):
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.fit_each(learners(1, 3), **({"by": "learner_id", "time_unit": "weeks"} | wishes))


def test_percentages_are_asked_about():
    data = learners(1, 5)
    data["retention"] *= 100
    with pytest.raises(SalesAnalysisError, match="percentages"):
        forgetting.fit_each(data, by="learner_id", time_unit="weeks")
