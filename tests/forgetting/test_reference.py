"""Forgetting curves against published fits, and against other programs on the same data."""

import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

from salesanalysis import forgetting
from salesanalysis.forgetting.models import MODELS

REFERENCE = Path(__file__).parents[2] / "data" / "reference"

# Least-squares fits to Ebbinghaus's savings, times in seconds: parameters, SSE, centred R², AIC and
# AICc of the full normal likelihood. Made once with another program; Murre & Dros (2015) print the
# power function's.
EBBINGHAUS = {
    "power": ([1.39756, 0.130300], 0.0028442, 0.9704, -28.79, -20.79),
    "exponential": ([0.3996817, 3.456058e-7], 0.058006, 0.3972, -7.69, 0.31),
    "logarithmic": ([0.849665, 0.0452385], 0.0063171, 0.9343, -23.21, -15.21),
    "ebbinghaus": ([1.79727, 1.20522], 0.0021823, 0.9773, -30.65, -22.65),
    "wickelgren": ([0.076086, 0.130365], 0.0028696, 0.9702, -28.73, -20.73),
}


@pytest.fixture(scope="module")
def savings():
    table = pd.read_csv(REFERENCE / "ebbinghaus_1885_savings.csv")
    return table.set_axis(["elapsed", "retention"], axis=1)


@pytest.fixture(scope="module")
def recall():
    return pd.read_csv(REFERENCE / "murdock_1961_recall.csv").set_axis(
        ["elapsed", "k", "n"], axis=1
    )


def printed(value: float, digits: int) -> float:
    return pytest.approx(value, abs=0.51 * 10.0**-digits)


@pytest.mark.parametrize("model", EBBINGHAUS)
def test_fits_to_ebbinghaus(savings, model):
    parameters, sse, r_squared, aic, aicc = EBBINGHAUS[model]
    curve = forgetting.fit(savings, model=model, time_unit="seconds")
    assert curve.parameters["value"].tolist() == pytest.approx(parameters, rel=1e-5)
    assert curve.sse == pytest.approx(sse, rel=2e-5)
    assert curve.r_squared == printed(r_squared, 4)
    assert (curve.aic, curve.aicc) == (printed(aic, 2), printed(aicc, 2))
    assert curve.status == "ok" and curve.identifiable and curve.aicc_refused is None


def test_the_free_wickelgren_function_is_not_identified_on_ebbinghaus(savings):
    # Any large β does, with λ·β^−ψ = 1.39756: the power function.
    curve = forgetting.fit(savings, model="wickelgren_free", time_unit="seconds")
    assert curve.status == "not_identified" and not curve.identifiable
    assert curve.condition_number > 1e6 and curve.at_bounds == ("beta",)
    values = curve.parameters.set_index("name")["value"]
    assert values["lambda"] * values["beta"] ** -values["psi"] == pytest.approx(1.39756, rel=1e-5)
    assert curve.sse == pytest.approx(0.0028442, rel=2e-5)
    identified = curve.parameters.set_index("name")["identified"]
    assert identified.to_dict() == {"lambda": False, "beta": False, "psi": True}
    power = forgetting.fit(savings, model="power", time_unit="seconds")
    times = savings["elapsed"].to_numpy()
    assert curve.retention(times) == pytest.approx(power.retention(times), rel=1e-5)


def test_fits_that_were_printed(savings, recall):
    # Murre & Dros take Ebbinghaus's own 8.8 hours for the third delay: so does their SSD.
    theirs = savings.replace({"elapsed": {32400: 31680}})
    data = {"ebbinghaus_1885_savings": theirs, "murdock_1961_recall": recall}
    with (REFERENCE / "forgetting_fits.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 14
    for row in rows:
        curve = forgetting.fit(
            data[row["data"]],
            model=row["model"],
            likelihood=row["likelihood"],
            time_unit="seconds",
            interval="none",
        )
        values = curve.parameters.set_index("name")["value"].to_dict()
        k, n = recall["k"], recall["n"]
        ways = (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)).sum()
        values |= {
            "sse": curve.sse,
            "aic": curve.aic,
            "log_likelihood": curve.log_likelihood - ways,
        }
        digits = len(row["value"].split(".")[1])
        assert values[row["parameter"]] == printed(float(row["value"]), digits), row


@pytest.fixture
def sm():
    """Imported here only: it takes a second, which every worker would spend."""
    with warnings.catch_warnings():  # it would have its own warnings shown, whatever a test says
        import statsmodels.api

    return statsmodels.api


@pytest.mark.filterwarnings("ignore:The Log link function does not respect the domain")
@pytest.mark.parametrize(("model", "of"), [("exponential", lambda t: t), ("power", np.log)])
def test_the_binomial_likelihood_equals_a_glm_with_log_link(recall, sm, model, of):
    rng = np.random.default_rng(5)
    made = pd.DataFrame({"elapsed": [0.5, 1, 2, 3, 5, 8, 13], "n": [20, 30, 25, 40, 10, 60, 30]})
    made["k"] = rng.binomial(made["n"], 0.85 * 2 ** (-made["elapsed"] / 5.1))
    for data in (recall, made):
        counts = np.column_stack([data["k"], data["n"] - data["k"]])
        design = np.column_stack([np.ones(len(data)), -of(data["elapsed"])])
        family = sm.families.Binomial(link=sm.families.links.Log())
        glm = sm.GLM(counts, design, family=family).fit(
            start_params=[np.log(0.9), 0.1], tol=1e-15, maxiter=500
        )
        curve = forgetting.fit(data, model=model, likelihood="binomial", time_unit="weeks")
        expected = [np.exp(glm.params[0]), glm.params[1]]
        assert curve.parameters["value"].tolist() == pytest.approx(expected, rel=1e-6)
        assert curve.log_likelihood == pytest.approx(glm.llf, abs=1e-8)
        assert curve.aic == pytest.approx(glm.aic, abs=1e-8)


def test_rubin_hinton_and_wenzel_need_two_exponentials_and_a_constant(shared):
    # Rubin, Hinton & Wenzel (1999), JEP: LMC 25, 1161–1176: recall is described by the sum of two
    # exponentials and a constant, the fast one with a time constant of 1.15, the slow one with
    # 27.55 lags, and by no function of two parameters.
    table = pd.read_csv(shared("memory/rubin_hinton_wenzel.csv"), encoding="utf-8-sig")
    table = table[table["measured"] == "accuracy"]
    data = pd.DataFrame({"elapsed": table["lag"], "retention": table["all_3"]})
    curve = forgetting.fit(data, model="double_exponential_asymptote", time_unit="minutes")
    rates = curve.parameters.set_index("name")["value"][["b1", "b2"]]
    assert (1 / rates).tolist() == [printed(1.15, 2), printed(27.55, 2)]
    assert curve.status == "ok" and curve.r_squared > 0.995
    ranked = forgetting.compare(data, time_unit="minutes", models=list(MODELS))
    few = ranked[ranked["parameters"] == 2]
    assert (few["r_squared"] < 0.99).all() and len(few) == 4


def test_the_shared_savings_are_the_reference(savings, shared):
    table = pd.read_csv(shared("memory/ebbinghaus_1885_savings.csv"))
    assert (table["hours"] * 3600).tolist() == pytest.approx(savings["elapsed"].tolist())
    assert table["savings"].tolist() == savings["retention"].tolist()


# Claims of the trade (sales-system source, §3)


@pytest.mark.parametrize(
    ("within", "unit", "lost"),
    [(12, "weeks", 0.804), (90, "days", 0.826), (13, "weeks", 0.829), (91.3, "days", 0.830)],
)
def test_what_a_half_life_of_five_weeks_loses(within, unit, lost):
    claim = {"half_life": 5.1, "unit": "weeks", "lost": 0.84, "within": within, "within_unit": unit}
    row = forgetting.check_claims([claim]).set_index("shape").loc["exponential"]
    assert row["implied_lost"] == printed(lost, 3)
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks").in_unit(unit)
    assert 1 - float(curve.retention(within)) == pytest.approx(row["implied_lost"], abs=1e-12)


def test_when_the_claims_would_agree_exactly():
    claims = [{"half_life_weeks": 5.1, "lost": 0.84, "within_days": 91.3}]
    claims += [{"half_life_weeks": 5.1, "lost": 0.87, "within_days": 30}]
    table = forgetting.check_claims(claims).set_index(["claim", "shape"])
    first, second = table.loc[(1, "exponential")], table.loc[(2, "exponential")]
    assert first["implied_within"] == printed(94.4, 1)
    assert first["implied_half_life"] == printed(4.93, 2)
    assert second["implied_half_life"] == printed(1.46, 2)
    assert (first["verdict"], second["verdict"]) == ("consistent", "contradictory")
    # A power-like curve with the same half-life loses only 57 to 80%.
    power = table.loc[(1, "power_like")]
    assert [round(power["implied_low"], 2), round(power["implied_high"], 2)] == [0.57, 0.80]
    assert (table.loc[1, "verdict"] == "consistent").sum() == 1
    assert (table.loc[2, "verdict"] == "contradictory").all()


def test_days_until_retention_falls_to_a_target():
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks").in_unit("days")
    days = [curve.time_to(target) for target in (0.9, 0.8, 0.7, 0.5)]
    assert days == pytest.approx([5.426510, 11.492833, 18.370262, 35.7], abs=5e-7)


def test_averaging_people_first_keeps_what_nobody_keeps():
    # With a standard deviation of the log half-life of 1 about 5.1 weeks, the mean retention after
    # 13 weeks is .243, that of the typical learner .171.
    rng = np.random.default_rng(2)
    learners = 3000
    half_life = np.exp(np.log(5.1) + rng.normal(size=learners))
    scores = pd.DataFrame({"learner_id": np.repeat(np.arange(learners), 4), "n": 50})
    scores["elapsed"] = np.tile([1.0, 4.0, 8.0, 13.0], learners)
    share = 2 ** (-scores["elapsed"] / half_life[scores["learner_id"]])
    scores["k"] = rng.binomial(50, share)
    row = forgetting.pooled(scores, time_unit="weeks", start=1.0).retention([13]).iloc[0]
    assert row["mean"] == pytest.approx(0.243, abs=0.008)
    assert row["typical"] == pytest.approx(0.171, abs=0.015)
    drawn = np.exp(np.log(half_life).mean())
    assert row["typical"] == pytest.approx(2 ** (-13 / drawn), abs=0.003)
    last = scores[scores["elapsed"] == 13]
    assert row["mean"] == pytest.approx((last["k"] / last["n"]).mean(), abs=0.003)
