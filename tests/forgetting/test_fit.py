"""Fits of one curve: dense grids, brute-force regions, simulated truths, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, nnls
from scipy.special import chdtri, comb, fdtri

from salesanalysis import SalesAnalysisError, forgetting
from salesanalysis.forgetting.models import MODELS

WEEKS = np.array([0.5, 1, 2, 3, 5, 8, 13, 20])
UNITS = {"seconds": 604800.0, "minutes": 10080.0, "hours": 168.0, "days": 7.0, "weeks": 1.0}


def scores(t, retention, **columns):
    return pd.DataFrame({"elapsed": np.asarray(t, float), "retention": retention, **columns})


def noisy(seed, t=WEEKS, half_life=5.1, start=0.9, sd=0.05):
    rng = np.random.default_rng(seed)
    return scores(t, np.clip(start * 2 ** (-t / half_life) + sd * rng.normal(size=len(t)), -1, 1))


def counts(seed, t=WEEKS, half_life=5.1, start=0.9, n=40, guess=0.0):
    rng = np.random.default_rng(seed)
    p = guess + (1 - guess) * start * 2 ** (-t / half_life)
    return pd.DataFrame({"elapsed": t, "k": rng.binomial(n, p), "n": n})


# The best curve


def least_on_a_grid(model, t, y):
    """The least squared error over a dense grid of the shape, the rest by least squares ≥ 0."""
    tau = np.geomspace(0.02, 2e3, 220)
    columns = {
        "exponential": [[np.exp(-t / b)] for b in tau],
        "power": [[t**-b] for b in np.linspace(0, 5, 2000)],
        "hyperbolic": [[1 / (1 + t / b)] for b in tau],
        "exponential_asymptote": [[np.exp(-t / b), t**0] for b in tau],
        "power_asymptote": [[t**-b, t**0] for b in np.geomspace(0.01, 20, 400)],
        "double_exponential": [
            [np.exp(-t / a), np.exp(-t / b)] for i, a in enumerate(tau[::3]) for b in tau[::3][:i]
        ],
        "wickelgren_free": [
            [(1 + t / b) ** -c]
            for b in np.geomspace(1e-4, 1e4, 100)
            for c in np.geomspace(0.01, 1e3, 80)
        ],
    }[model]
    return min(nnls(np.column_stack(c), y)[1] ** 2 for c in columns)


@pytest.mark.matrix
@pytest.mark.parametrize(
    "model",
    ["exponential", "power", "hyperbolic", "exponential_asymptote", "power_asymptote"]
    + ["double_exponential", "wickelgren_free"],
)
def test_no_curve_on_a_dense_grid_is_better(model):
    for seed in range(4):
        data = noisy(seed, sd=0.12)
        curve = forgetting.fit(data, model=model, time_unit="weeks", interval="none")
        grid = least_on_a_grid(model, data["elapsed"].to_numpy(), data["retention"].to_numpy())
        assert curve.sse <= grid * (1 + 1e-9)
        assert curve.sse >= grid * 0.97  # and the grid is dense enough to say so


@pytest.mark.matrix
@pytest.mark.parametrize("model", MODELS)
def test_the_unit_of_time_changes_nothing_but_the_unit(model):
    data = noisy(3)
    # The sums of two exponentials, whose intervals take longest, in the two extreme units only.
    units = UNITS if len(MODELS[model].coordinates) < 3 else {"seconds": 604800.0, "weeks": 1.0}
    curves = {
        unit: forgetting.fit(
            data.assign(elapsed=data["elapsed"] * factor), model=model, time_unit=unit
        )
        for unit, factor in units.items()
    }
    weeks = curves["weeks"]
    for unit, factor in units.items():
        curve = curves[unit]
        assert curve.sse == pytest.approx(weeks.sse, rel=1e-9)
        assert curve.status == weeks.status and curve.at_bounds == weeks.at_bounds
        assert curve.half_life == pytest.approx(weeks.half_life * factor, rel=1e-6)
        converted = weeks.in_unit(unit)
        assert converted.time_unit == unit
        assert converted.half_life == pytest.approx(weeks.half_life * factor)
        if curve.identifiable:
            assert curve.condition_number == pytest.approx(weeks.condition_number, rel=1e-4)
            expected = converted.parameters[["value", "low", "high"]].to_numpy(float)
            got = curve.parameters[["value", "low", "high"]].to_numpy(float)
            np.testing.assert_allclose(got, expected, rtol=2e-4)


@pytest.mark.parametrize("model", MODELS)
def test_a_curve_without_error_is_found_again(model):
    values = {"a": 0.8, "b": 0.3, "c": 0.15, "k": 3.0, "lambda": 0.9, "beta": 0.7, "psi": 0.6}
    values |= {"a1": 0.5, "b1": 1.1, "a2": 0.3, "b2": 0.06}
    form = MODELS[model]
    given_values = {name: values[name] for name in form.reported}
    if model == "ebbinghaus":
        given_values["c"] = 1.3
    if model == "logarithmic":
        given_values["b"] = 0.1
    truth = forgetting.known_curve(model, parameters=given_values, time_unit="weeks")
    t = np.array([0.05, 0.3, 0.8, 1.5, 3, 6, 12, 25, 50, 100])
    t = t[(truth.retention(t) > 0) & (truth.retention(t) < 1)]
    data = scores(t, truth.retention(t))
    curve = forgetting.fit(data, model=model, time_unit="weeks", interval="none")
    assert curve.sse < 1e-9
    expected = list(given_values.values())
    assert curve.parameters["value"].tolist() == pytest.approx(expected, rel=2e-2)
    assert curve.retention(t) == pytest.approx(truth.retention(t), abs=1e-5)
    assert curve.half_life == pytest.approx(truth.half_life, rel=1e-2)
    for target in (0.5, 0.3):
        time = truth.time_to(target)
        if 0 < time < np.inf:
            assert float(truth.retention(time)) == pytest.approx(target, rel=1e-9)


@given(st.randoms(use_true_random=False), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_does_not_matter_and_the_input_stays(random, seed):
    data = noisy(seed, sd=0.2)
    before = data.copy()
    order = list(range(len(data)))
    random.shuffle(order)
    one = forgetting.fit(data, time_unit="weeks")
    two = forgetting.fit(data.iloc[order].reset_index(drop=True), time_unit="weeks")
    pd.testing.assert_frame_equal(data, before)
    assert (one.sse, one.half_life, one.status) == (two.sse, two.half_life, two.status)
    pd.testing.assert_frame_equal(one.parameters, two.parameters)


def test_counts_are_the_same_answer_by_answer_or_added_up():
    table = counts(1)
    single = table.loc[table.index.repeat(table["n"]), ["elapsed"]].assign(n=1)
    right = [1] * 0
    for row in table.itertuples():
        right += [1] * row.k + [0] * (row.n - row.k)
    single["k"] = right
    one = forgetting.fit(table, time_unit="weeks")
    two = forgetting.fit(single.reset_index(drop=True), time_unit="weeks")
    assert one.half_life == two.half_life and one.half_life_low == two.half_life_low
    assert (one.n, one.likelihood) == (two.n, two.likelihood) == (320, "binomial")
    # The likelihood is that of the rows as they stand, as a GLM has it: of single answers without
    # the number of their orders.
    assert one.log_likelihood - two.log_likelihood == pytest.approx(
        np.log(comb(table["n"], table["k"])).sum()
    )
    p = one.retention(single["elapsed"])
    assert two.log_likelihood == pytest.approx(np.log(np.where(right, p, 1 - p)).sum())
    each = forgetting.fit_each(single.assign(all=1), by="all", time_unit="weeks")
    assert each["aic"].item() == pytest.approx(two.aic)


def guessed(seed, size=900):
    """Single answers of which each can be guessed with its own chance."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"elapsed": rng.choice([0.5, 2, 5, 9, 16], size), "n": 1})
    table["guess"] = rng.choice([0.0, 0.25, 0.5], size)
    known = 0.9 * 2 ** (-table["elapsed"] / 5.1)
    table["k"] = (rng.random(size) < table["guess"] + (1 - table["guess"]) * known).astype(int)
    return table.assign(learner_id=np.arange(size) % 30)


@pytest.mark.parametrize("likelihood", ["binomial", "least_squares"])
def test_each_answer_may_be_guessed_with_its_own_chance(likelihood):
    table = guessed(3)
    guess, right = table["guess"], table["k"]

    def misfit(x):
        p = guess + (1 - guess) * x[0] * np.exp(-x[1] * table["elapsed"])
        if likelihood == "least_squares":
            return ((right - p) ** 2).sum()
        return -np.log(np.where(right, p, 1 - p)).sum()

    found = minimize(misfit, [0.8, 0.1], method="Nelder-Mead", options={"xatol": 1e-9})
    curve = forgetting.fit(table, time_unit="weeks", likelihood=likelihood)
    assert curve.parameters["value"].tolist() == pytest.approx(found.x, rel=1e-5)
    assert np.isnan(curve.guess)
    drawn = forgetting.fit(
        table,
        time_unit="weeks",
        likelihood=likelihood,
        interval="bootstrap",
        bootstrap=forgetting.Bootstrap(draws=199),
    )
    assert drawn.half_life_low == pytest.approx(curve.half_life_low, rel=0.25)
    assert drawn.half_life_high == pytest.approx(curve.half_life_high, rel=0.25)
    every = table.assign(all=1)
    each = forgetting.fit_each(every, by="all", time_unit="weeks", likelihood=likelihood)
    assert each["half_life"].item() == pytest.approx(curve.half_life, rel=1e-5)
    # What is given counts for all; a missing chance is none.
    plain = forgetting.fit(table, guess=0, time_unit="weeks", likelihood=likelihood)
    blank = table.assign(guess=np.nan)
    assert (
        plain.half_life == forgetting.fit(blank, time_unit="weeks", likelihood=likelihood).half_life
    )
    assert plain.half_life > 1.2 * curve.half_life


def test_answers_with_chances_of_their_own_add_up():
    table = guessed(4)
    added = table.groupby(["guess", "elapsed"], as_index=False)[["k", "n"]].sum()
    one, two = (forgetting.fit(data, time_unit="weeks") for data in (table, added))
    assert one.half_life == pytest.approx(two.half_life, rel=1e-9)
    half = table[table["guess"] == 0.5]
    own = forgetting.fit(half, time_unit="weeks")
    said = forgetting.fit(half.drop(columns="guess"), guess=0.5, time_unit="weeks")
    assert (own.half_life, own.aic, own.guess) == (said.half_life, said.aic, 0.5)


def test_a_start_that_is_held_fixed_and_a_curve_that_is_bounded():
    data = noisy(5, start=1.0, sd=0.08)
    fixed = forgetting.fit(data, time_unit="weeks", start=1.0)
    assert fixed.retention(0.0) == 1.0 and fixed.parameters["value"].iloc[0] == 1.0
    b = np.linspace(0.05, 0.4, 40_001)
    y, t = data["retention"].to_numpy(), data["elapsed"].to_numpy()
    errors = ((y - np.exp(-b[:, None] * t)) ** 2).sum(axis=1)
    assert fixed.sse == pytest.approx(errors.min(), rel=1e-7)
    assert fixed.half_life == pytest.approx(np.log(2) / b[errors.argmin()], rel=1e-3)
    high = scores([1, 2, 4, 8], [1.0, 0.6, 0.3, 0.05])
    free = forgetting.fit(high, time_unit="weeks")
    bounded = forgetting.fit(high, time_unit="weeks", bounded=True)
    assert free.parameters["value"].iloc[0] > 1
    assert bounded.parameters["value"].iloc[0] == pytest.approx(1.0)
    assert bounded.status == "ok" and bounded.at_bounds == ("start",)
    assert free.sse < bounded.sse
    assert free.retention(0.0) == 1.0


# Intervals


def brute_region(data, level, likelihood):
    """All (a, b) of a fine grid that fit nearly as well as the best."""
    t, b = data["elapsed"].to_numpy(), np.linspace(0, 0.6, 1501)
    a = np.linspace(0.2, 1.6, 1401)
    f = np.exp(-b[:, None] * t)
    if likelihood == "least_squares":
        y = data["retention"].to_numpy()
        value = (y**2).sum() - 2 * a[:, None] * (f @ y) + a[:, None] ** 2 * (f**2).sum(axis=1)
        free = len(t) - 2
        best = value.min()
        inside = value <= best * (1 + fdtri(1, free, level) / free)
    else:
        k, wrong = data["k"].to_numpy(), (data["n"] - data["k"]).to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.zeros((len(a), len(b)))
            for i in range(len(t)):
                p = a[:, None] * f[:, i]
                value -= 2 * (k[i] * np.log(p) + wrong[i] * np.log(1 - p))
        inside = value <= np.nanmin(value) + chdtri(1, 1 - level)
    at = np.nonzero(inside)
    return a[at[0]], b[at[1]]


@pytest.mark.parametrize("likelihood", ["least_squares", "binomial"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_profile_limits_are_the_range_over_all_curves_that_fit_nearly_as_well(likelihood, level):
    data = noisy(2) if likelihood == "least_squares" else counts(2)
    curve = forgetting.fit(data, time_unit="weeks", level=level)
    a, b = brute_region(data, level, likelihood)
    limits = curve.parameters[["low", "high"]].to_numpy(float)
    assert limits[0] == pytest.approx([a.min(), a.max()], abs=2e-3)
    assert limits[1] == pytest.approx([b.min(), b.max()], abs=1e-3)
    half = curve.half_life_interval().iloc[0]
    assert half["half_life_low"] == pytest.approx(np.log(2) / b.max(), rel=8e-3)
    assert half["half_life_high"] == pytest.approx(np.log(2) / b.min(), rel=8e-3)
    band = curve.band([0.0, 4.0, 30.0])
    for row in band.itertuples():
        retained = np.clip(a * np.exp(-b * row.elapsed), 0, 1)
        expected = [retained.min(), retained.max()]
        assert [row.retention_low, row.retention_high] == pytest.approx(expected, abs=3e-3)


def test_the_time_to_a_target_is_where_the_band_crosses_it():
    curve = forgetting.fit(counts(4), time_unit="weeks")
    row = curve.time_to_interval(0.4).iloc[0]
    assert row["time_low"] < row["time"] < row["time_high"]
    band = curve.band([row["time_low"], row["time_high"]])
    assert band["retention_low"].iloc[0] == pytest.approx(0.4, abs=1e-4)
    assert band["retention_high"].iloc[1] == pytest.approx(0.4, abs=1e-4)


@pytest.mark.parametrize("made", [noisy, counts])
@pytest.mark.gate
def test_half_life_intervals_cover_the_truth(made):
    hits = [
        row.half_life_low <= 5.1 <= row.half_life_high
        for row in (forgetting.fit(made(seed), time_unit="weeks") for seed in range(200))
    ]
    assert 181 <= sum(hits) <= 198  # 95% is 190


def test_the_bootstrap_agrees_with_the_profile_and_knows_that_learners_differ():
    profile = forgetting.fit(counts(6, n=100), time_unit="weeks")
    drawn = forgetting.fit(counts(6, n=100), time_unit="weeks", interval="bootstrap")
    assert drawn.half_life == profile.half_life
    width = profile.half_life_high - profile.half_life_low
    assert drawn.half_life_high - drawn.half_life_low == pytest.approx(width, rel=0.15)
    # Learners who differ, each tested often: answers are no independent trials.
    rng = np.random.default_rng(8)
    learner = np.repeat(np.arange(60), 5)
    data = pd.DataFrame(
        {"learner_id": learner, "elapsed": np.tile([1.0, 2, 4, 8, 13], 60), "n": 40}
    )
    half_life = np.exp(np.log(5.1) + 0.8 * rng.normal(size=60))[learner]
    data["k"] = rng.binomial(40, 2 ** (-data["elapsed"] / half_life))
    profile = forgetting.fit(data, time_unit="weeks")
    drawn = forgetting.fit(data, time_unit="weeks", interval="bootstrap")
    wide = drawn.half_life_high - drawn.half_life_low
    assert wide > 2.5 * (profile.half_life_high - profile.half_life_low)
    again = forgetting.fit(data, time_unit="weeks", interval="bootstrap")
    pd.testing.assert_frame_equal(drawn.parameters, again.parameters)


def test_intervals_of_models_with_an_asymptote_contain_the_best_curve():
    t = np.array([0, 0.5, 1, 2, 3, 5, 8, 13, 20, 30.0])
    data = scores(t, 0.2 + 0.7 * 2 ** (-t / 3) + 0.02 * np.random.default_rng(1).normal(size=10))
    for model in ("exponential_asymptote", "double_exponential"):
        curve = forgetting.fit(data, model=model, time_unit="weeks")
        table = curve.parameters
        known = table["low"].notna() & table["high"].notna()
        assert (table["low"] <= table["value"])[known].all()
        assert (table["value"] <= table["high"])[known].all()
        band = curve.band(t)
        assert band["retention"].between(band["retention_low"], band["retention_high"]).all()
    asymptote = forgetting.fit(data, model="exponential_asymptote", time_unit="weeks")
    row = asymptote.parameters.set_index("name").loc["c"]
    assert row["low"] < 0.2 < row["high"] and row["identified"]


# Pitfalls with a known size


def test_guessing_that_is_ignored_stretches_the_half_life():
    t = np.array([1.0, 2, 4, 8, 13])
    data = counts(0, t=t, start=1.0, n=100_000, guess=0.25)
    told = forgetting.fit(data, time_unit="weeks", guess=0.25)
    assert told.half_life == pytest.approx(5.1, rel=0.01)
    ignored = forgetting.fit(data, time_unit="weeks")
    assert ignored.half_life > 1.5 * told.half_life
    share = data.assign(retention=data["k"] / data["n"])
    squares = forgetting.fit(share, time_unit="weeks", guess=0.25, likelihood="least_squares")
    assert squares.half_life == pytest.approx(5.1, rel=0.02)


def test_zero_scores_count():
    # A learner who knows nothing any more is data; a log-linear fit would drop the zero.
    data = counts(3, n=6, t=np.tile([1.0, 3, 6, 10, 15, 20], 40))
    with_zeros = data.assign(retention=data["k"] / data["n"])
    assert (with_zeros["retention"] == 0).mean() > 0.1
    curve = forgetting.fit(with_zeros, time_unit="weeks", likelihood="least_squares")
    assert curve.half_life == pytest.approx(5.1, rel=0.12)
    kept = with_zeros[with_zeros["retention"] > 0]
    slope = np.polyfit(kept["elapsed"], np.log(kept["retention"]), 1)[0]
    assert -np.log(2) / slope > 6.5


def test_loss_times_between_tests_are_taken_as_such():
    rng = np.random.default_rng(4)
    lost = rng.exponential(5.1 / np.log(2), 4000)
    tests = np.array([0.0, 1, 2, 4, 8, 13])
    at = np.searchsorted(tests, lost, side="right")
    data = pd.DataFrame({"known_until": tests[at - 1], "lost_by": np.append(tests, np.inf)[at]})
    curve = forgetting.fit(data, time_unit="weeks")
    assert curve.likelihood == "interval" and curve.n == 4000 and curve.status == "ok"
    assert curve.half_life_low < 5.1 < curve.half_life_high
    assert curve.half_life == pytest.approx(5.1, rel=0.05)
    # By hand: the likelihood of the counts of each interval.
    cells = data.value_counts().reset_index()
    b = np.linspace(0.1, 0.2, 20_001)[:, None]
    first, last = cells["known_until"].to_numpy(), cells["lost_by"].to_numpy()
    log = (cells["count"].to_numpy() * np.log(np.exp(-b * first) - np.exp(-b * last))).sum(axis=1)
    assert curve.half_life == pytest.approx(np.log(2) / b[log.argmax(), 0], rel=1e-4)
    assert curve.log_likelihood == pytest.approx(log.max(), abs=1e-6)
    added = forgetting.fit(cells, time_unit="weeks")
    assert added.half_life == pytest.approx(curve.half_life, rel=1e-9) and added.n == 4000
    # Midpoints, without those not lost yet, make it short.
    middle = data[np.isfinite(data["lost_by"])].mean(axis=1).mean() * np.log(2)
    assert middle < 3.6


# Statuses


@pytest.mark.parametrize(
    ("retention", "status"),
    [
        ([0.3, 0.5, 0.5, 0.7], "rising"),
        ([0.6, 0.6, 0.6, 0.6], "constant"),
        ([0.0, 0.0, 0.0, 0.0], "all_zero"),
        ([0.9, 0.0, 0.0, 0.0], "at_bound not_identified"),
        ([0.9, 0.7, 0.5, 0.2], "ok"),
    ],
)
@pytest.mark.parametrize("model", ["exponential", "hyperbolic"])
def test_the_status_says_what_is_wrong(model, retention, status):
    curve = forgetting.fit(scores([0, 1, 2, 4], retention), model=model, time_unit="weeks")
    assert curve.status in status.split()  # the same to a reader: no half-life to quote
    assert curve.identifiable == (status == "ok")
    assert curve.findings()[0].name == curve.status
    if status in ("rising", "constant"):
        assert curve.half_life == np.inf and curve.time_to(0.1) == np.inf
        assert curve.retention([0, 100]) == pytest.approx(np.mean(retention), abs=1e-9)
    if status == "all_zero":
        assert np.isnan(curve.half_life) and (curve.retention([0, 5]) == 0).all()


def test_counts_that_do_not_fall_still_bound_the_half_life_from_below():
    data = pd.DataFrame({"elapsed": [0, 4, 8, 13], "k": [30, 31, 29, 31], "n": 40})
    curve = forgetting.fit(data, time_unit="weeks")
    assert curve.status == "rising" and curve.half_life == curve.half_life_high == np.inf
    assert 13 < curve.half_life_low < np.inf
    perfect = pd.DataFrame({"elapsed": [0, 4, 8], "k": [20, 20, 20], "n": 20})
    curve = forgetting.fit(perfect, time_unit="weeks")
    assert (curve.status, curve.half_life) == ("constant", np.inf)
    assert 8 < curve.half_life_low < np.inf


def test_wrong_answers_at_time_zero_contradict_a_curve_that_starts_at_one():
    data = pd.DataFrame({"elapsed": [0, 1, 2, 4], "k": [18, 12, 9, 4], "n": 20})
    assert forgetting.fit(data, model="wickelgren", time_unit="weeks").status == "impossible"
    assert forgetting.fit(data, time_unit="weeks", start=1.0).status == "impossible"
    assert forgetting.fit(data, time_unit="weeks").status == "ok"


def test_too_few_scores_give_no_interval_and_no_corrected_criterion():
    curve = forgetting.fit(scores([1, 2], [0.8, 0.5]), time_unit="weeks")
    assert curve.status == "few_points" and np.isnan(curve.half_life_low)
    assert curve.aicc_refused == "few_points" and np.isnan(curve.aicc)
    for n, refused in ((4, "few_points"), (5, None)):  # n − k − 2 ≤ 0
        data = noisy(1, t=WEEKS[:n])
        assert forgetting.fit(data, time_unit="weeks").aicc_refused == refused
    curve = forgetting.fit(noisy(1), time_unit="weeks")
    assert curve.aicc == pytest.approx(curve.aic + 2 * 3 * 4 / (8 - 3 - 1))


def test_steps_upwards_are_reported():
    data = scores([1, 2, 24, 48], [0.6, 0.4, 0.45, 0.3])
    curve = forgetting.fit(data, time_unit="hours")
    assert curve.rises.to_numpy().tolist() == [[2.0, 24.0, pytest.approx(0.05)]]
    assert curve.in_unit("days").rises["to_elapsed"].tolist() == [1.0]
    assert curve.status == "ok"


def returners(seed):
    """Scores of learners who come back and show no decline."""
    rng = np.random.default_rng(seed)
    t = np.repeat([0.0, 4, 12, 26], 60)
    return scores(t, np.clip(0.7 + 0.12 * rng.normal(size=len(t)), 0, 1))


def test_a_half_life_without_an_upper_limit_is_not_quoted():
    curve = forgetting.fit(returners(0), time_unit="weeks")
    assert np.isfinite(curve.half_life) and np.isinf(curve.half_life_high)
    assert curve.findings()[0].name == "no_limit"
    # No curve falls: that is not because there are too few scores.
    rising = scores([1, 2, 3, 4, 5], [0.3, 0.4, 0.4, 0.5, 0.6])
    ranked = forgetting.compare(rising, models=["exponential", "power"], time_unit="days")
    assert forgetting.comparison_findings(ranked)[0].name == "models_level"


@pytest.mark.parametrize(
    "name", ["Exponential", "memory chain", "Ebbinghaus 1885", "double-exponential"]
)
def test_a_model_is_known_however_it_is_written(name):
    data = noisy(1)
    curve = forgetting.fit(data, model=name, time_unit="weeks", interval="none")
    assert curve.model in ("exponential", "double_exponential", "ebbinghaus")
    ranked = forgetting.compare(data, models=name, time_unit="weeks")
    assert ranked["model"].tolist() == [curve.model]


def test_retention_and_times_of_several_and_of_missing_values():
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    assert np.isnan(curve.retention([np.nan, 1.0])).tolist() == [True, False]
    assert curve.time_to([0.5, 0.25]) == pytest.approx([5.1, 10.2])
    with pytest.raises(SalesAnalysisError, match="`target` is"):
        curve.time_to([0.5, 80])


def test_a_curve_without_any_loss_is_level():
    parameters = {"beta": 0, "psi": 0.4}
    curve = forgetting.known_curve("wickelgren", parameters=parameters, time_unit="weeks")
    assert curve.retention([0, 1, 50]).tolist() == [1, 1, 1] and curve.half_life == np.inf


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_a_bootstrap(model):
    wishes = {"interval": "bootstrap", "bootstrap": forgetting.Bootstrap(20)}
    curve = forgetting.fit(noisy(2), model=model, time_unit="weeks", **wishes)
    assert curve.half_life_low <= curve.half_life_high


def test_half_lives_of_curves_without_a_start_are_times_to_a_half():
    for model in ("power", "logarithmic", "power_asymptote"):
        curve = forgetting.fit(noisy(1), model=model, time_unit="weeks")
        assert curve.half_life == pytest.approx(curve.time_to(0.5)) and curve.start == 1.0
        assert curve.retention(0.0) == 1.0
        assert curve.band([0.0]).to_numpy().tolist() == [[0.0, 1.0, 1.0, 1.0]]
    known = forgetting.known_curve(
        "exponential_asymptote", time_unit="weeks", parameters={"a": 0.3, "b": 0.2, "c": 0.6}
    )
    assert known.half_life == np.inf and known.time_to(0.7) == pytest.approx(np.log(3) / 0.2)


def test_a_summary_names_every_number_and_its_unit():
    table = forgetting.fit(noisy(1), time_unit="weeks").summary()
    assert table.columns.tolist() == ["name", "value", "unit"]
    assert table["name"].is_unique and {"a", "b", "half_life", "aicc"} <= set(table["name"])
    assert (table.set_index("name")["unit"]["half_life"]) == "weeks"


# What is refused


@pytest.mark.parametrize(
    ("data", "wishes", "said"),
    [
        (noisy(1), {"time_unit": None}, "`time_unit` is missing"),
        (noisy(1), {"time_unit": "fortnights"}, "fortnights"),
        (noisy(1), {"model": "exponental"}, "Did you mean `exponential`"),
        (noisy(1), {"likelihood": "poisson"}, "least_squares, binomial, interval"),
        (noisy(1), {"interval": "wald"}, "profile, bootstrap, none"),
        (noisy(1), {"level": 95}, "between 0 and 1"),
        (noisy(1), {"guess": 1.0}, "`guess`"),
        (noisy(1), {"guess": "0.25"}, "`guess` is '0.25'"),
        (noisy(1).assign(guess=25), {}, "`guess` is 25 in some row"),
        (noisy(1).to_dict("list"), {}, "`scores` is a dict; expected a DataFrame"),
        (noisy(1).assign(elapsed=pd.Timedelta(days=1)), {}, "holds times; expected a number"),
        (noisy(1), {"start": 1.5}, "`start`"),
        (noisy(1), {"start": 1.0, "model": "power"}, "`start` does not apply"),
        (noisy(1), {"start": 0.9, "model": "wickelgren"}, "1 by definition"),
        (noisy(1).drop(columns="elapsed"), {}, "neither `elapsed`"),
        (noisy(1), {"likelihood": "binomial"}, "no column `k`"),
        (scores([1, 2, 3], [84, 60, 40]), {}, "Then divide by 100"),
        (scores([1, 2, 3], [0.84, 60, 40]), {}, "percentages mixed with shares"),
        (scores([1, 2, 3], [1.02, 0.6, 0.4]), {}, "row 0: 1.02"),
        (scores([-1, 2, 3], [0.9, 0.6, 0.4]), {}, "test before the training"),
        (scores([0, 2, 3], [0.9, 0.6, 0.4]), {"model": "power"}, "must be over 0"),
        (scores([0, 2, 3], [0.9, 0.6, 0.4]), {"model": "logarithmic"}, "must be over 0"),
        (counts(1).assign(k=99), {}, "0 <= k <= n"),
        (counts(1).assign(k=1.5), {}, "whole numbers"),
        (pd.DataFrame({"known_until": [2.0], "lost_by": [1.0]}), {}, "before `lost_by`"),
    ],
)
def test_what_cannot_be_right_is_refused(data, wishes, said):
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.fit(data, **({"time_unit": "weeks"} | wishes))


@pytest.mark.parametrize(
    ("data", "wishes", "n"),
    [
        (scores([1], [0.9]), {}, 1),
        (scores([0], [0.9]), {"start": 1.0}, 1),
        (scores([1, 1, 1], [0.9, 0.8, 0.7]), {}, 3),
        (scores([1, 1, 1], [0.9, 0.8, 0.7]), {"model": "ebbinghaus"}, 3),
        (scores([1, 2], [np.nan, np.nan]), {}, 0),
    ],
)
def test_fewer_times_than_parameters_give_no_number_and_say_so(data, wishes, n):
    curve = forgetting.fit(data, time_unit="weeks", **wishes).in_unit("days")
    assert (curve.status, curve.n, curve.has_curve) == ("few_points", n, False)
    assert not curve.identifiable
    assert np.isnan(curve.half_life) and np.isnan(curve.retention([0, 7])).all()
    assert curve.parameters["value"].isna().all() and not curve.parameters["identified"].any()
    compared = forgetting.compare(data, time_unit="weeks")
    assert forgetting.comparison_findings(compared)[0].name == "models_too_few"


def test_missing_scores_are_left_out_and_counted():
    data = noisy(1)
    more = pd.concat([data, scores([4.0, np.nan], [np.nan, 0.4])], ignore_index=True)
    curve = forgetting.fit(more, time_unit="weeks")
    assert (curve.n, curve.missing) == (8, 2)
    assert curve.sse == forgetting.fit(data, time_unit="weeks").sse


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({}, "either `half_life` or `parameters`"),
        ({"half_life": -1}, "time over 0"),
        ({"model": "power", "half_life": 3}, "give `parameters` with a, b"),
        ({"parameters": {"a": 1}}, "no column `b`"),
        ({"parameters": {"a": 1, "b": -1}}, "at least 0"),
    ],
)
def test_a_curve_that_is_none_cannot_be_given(wishes, said):
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.known_curve(**wishes, time_unit="weeks")
    with pytest.raises(SalesAnalysisError, match="`t` must be"):
        forgetting.known_curve(half_life=1, time_unit="weeks").retention(-1)
    with pytest.raises(SalesAnalysisError, match="`target`"):
        forgetting.known_curve(half_life=1, time_unit="weeks").time_to(80)


def test_without_an_interval_the_curve_is_the_same_and_has_none():
    asked = {"scores": noisy(3), "time_unit": "weeks"}
    bare, whole = forgetting.fit(**asked, interval="none"), forgetting.fit(**asked)
    told, full = bare.summary().set_index("name"), whole.summary().set_index("name")
    limits = ["half_life_low", "half_life_high"]
    assert told.loc[limits, "value"].isna().all() and full.loc[limits, "value"].notna().all()
    told, full = told.drop(index=limits)["value"], full.drop(index=limits)["value"]
    assert told.tolist() == pytest.approx(full.tolist(), rel=1e-9, nan_ok=True)
    assert bare.retention(WEEKS) == pytest.approx(whole.retention(WEEKS), rel=1e-9)
