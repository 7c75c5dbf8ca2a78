"""Groups that forget at different speeds, drop-outs, ranked models and checked claims."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, forgetting
from salesanalysis.stats import wilson

TIMES = np.array([1.0, 3, 8, 13])


def taught(seed, ratio=1.0, size=60, spread=0.4, items=20):
    """Learners of two methods, the first with ``ratio`` times the half-life of the second."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"learner_id": np.repeat(np.arange(size), len(TIMES)), "n": items})
    data["elapsed"] = np.tile(TIMES, size)
    data["method"] = np.where(data["learner_id"] < size // 2, "coaching", "online")
    own = np.exp(spread * rng.normal(size=size))[data["learner_id"]]
    half_life = 5.1 * own * np.where(data["method"] == "coaching", ratio, 1.0)
    data["k"] = rng.binomial(items, 0.9 * 2 ** (-data["elapsed"] / half_life))
    return data


def differ(data, *, draws=999, **wishes):
    drawn = forgetting.Bootstrap(draws)
    table = forgetting.difference(data, by="method", time_unit="weeks", bootstrap=drawn, **wishes)
    return table.iloc[0]


# Differences


def test_a_planted_difference_is_found_with_its_size():
    row = differ(taught(1, ratio=2.0), reference="online")
    assert (row["group"], row["reference"], row["verdict"]) == ("coaching", "online", "differ")
    assert row["ratio_low"] < 2.0 < row["ratio_high"] and row["ratio_low"] > 1
    assert row["ratio"] == pytest.approx(row["half_life"] / row["reference_half_life"])
    assert row["difference"] == pytest.approx(row["half_life"] - row["reference_half_life"])
    assert row["p_value"] == pytest.approx(1 / 1000) and row["method"] == "permutation"
    assert (row["learners"], row["n"]) == (30, 30 * 4 * 20)


@pytest.mark.gate
def test_the_test_keeps_its_level_where_learners_differ_and_intervals_cover():
    rows = [differ(taught(seed), draws=99) for seed in range(60)]
    false = sum(row["p_value"] <= 0.05 for row in rows)
    assert false <= 8  # 3 to be expected
    covered = sum(row["ratio_low"] <= 1 <= row["ratio_high"] for row in rows)
    assert covered >= 51  # 57
    # Scores taken as independent would call many more of these different.
    naive = [differ(taught(s).drop(columns="learner_id"), draws=99) for s in range(60)]
    assert sum(row["p_value"] <= 0.05 for row in naive) > 2 * false + 4


def test_group_half_lives_are_those_of_a_fit_to_each():
    data = taught(3, ratio=1.5)
    row = differ(data, draws=19, reference="online")
    for name, column in (("coaching", "half_life"), ("online", "reference_half_life")):
        one = forgetting.fit(data[data["method"] == name], time_unit="weeks", interval="none")
        assert row[column] == one.half_life
    scores = data.assign(retention=data["k"] / data["n"])
    other = differ(scores, draws=19, likelihood="least_squares", reference="online")
    assert other["ratio"] == pytest.approx(row["ratio"], rel=0.1)


def test_groups_within_learners_are_drawn_together():
    data = taught(4, size=40, spread=0.9)
    half = (data["k"] * np.where(data["elapsed"] > 5, 0.5, 1.0)).round().astype(int)
    twice = pd.concat([data.assign(skill="a"), data.assign(skill="b", k=half)])
    row = forgetting.difference(twice, by="skill", time_unit="weeks").iloc[0]
    assert row["method"] == "bootstrap" and row["learners"] == row["reference_learners"] == 40
    # The same people in both: much less uncertain than the spread between them would make it.
    assert row["ratio_high"] / row["ratio_low"] < 1.6
    assert row["ratio_low"] < row["ratio"] < row["ratio_high"] < 0.9
    assert row["verdict"] == "differ"


def test_groups_that_do_not_fall_or_cannot_be_fitted():
    data = taught(5)
    data.loc[data["method"] == "online", "k"] = np.tile([15, 16, 17, 18], 30)
    row = differ(data, draws=49, reference="online")
    assert row["reference_half_life"] == np.inf and row["ratio"] == 0
    assert row["verdict"] == "differ" and row["difference"] == -np.inf
    data.loc[data["method"] == "online", "k"] = 0
    row = differ(data, draws=49)
    assert row["refused"] == "all_zero" and pd.isna(row["verdict"])
    table = forgetting.difference(
        data, by="method", time_unit="weeks", bootstrap=forgetting.Bootstrap(9)
    )
    assert forgetting.difference_findings(table)[0].name == "groups_untested"


def test_all_pairs_are_adjusted_for_their_number_and_findings_follow():
    data = taught(6, size=90)
    data["method"] = np.array(["x", "y", "z"])[data["learner_id"] % 3]
    table = forgetting.difference(
        data, by="method", time_unit="weeks", bootstrap=forgetting.Bootstrap(draws=99)
    )
    assert list(zip(table["group"], table["reference"], strict=True)) == [
        ("y", "x"),
        ("z", "x"),
        ("z", "y"),
    ]
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert forgetting.difference_findings(table)[0].name == "groups_not_shown"
    table = forgetting.difference(
        taught(1, 2.0), by="method", time_unit="weeks", bootstrap=forgetting.Bootstrap(99)
    )
    (finding,) = forgetting.difference_findings(table)
    assert finding.name == "groups_differ" and finding.values["pairs"] == 1
    again = forgetting.difference(
        taught(1, 2.0), by="method", time_unit="weeks", bootstrap=forgetting.Bootstrap(draws=99)
    )
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"reference": "class"}, "one of coaching, online"),
        ({"by": "team"}, "no column `team`"),
        ({"by": []}, "`by` is empty"),
        ({"by": "n"}, "makes 1 group"),
        ({"time_unit": None}, "`time_unit` is missing"),
    ],
)
def test_what_cannot_be_compared(wishes, said):
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.difference(taught(1), **({"by": "method", "time_unit": "weeks"} | wishes))


# Drop-outs


def trained(seed=1, size=300, gone=True):
    """Knowledge fades, and those whose knowledge has faded do not come back."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(0.4, 1.0, size)
    later = np.clip(first * 0.8 + 0.1 * rng.normal(size=size), 0, 1)
    stays = later > 0.6 if gone else np.ones(size, dtype=bool)
    one = pd.DataFrame({"learner_id": range(size), "elapsed": 0.0, "retention": first})
    two = pd.DataFrame({"learner_id": range(size), "elapsed": 12.0, "retention": later})
    return pd.concat([one, two[stays]], ignore_index=True), later.mean()


def test_drop_outs_are_counted_as_a_plain_loop_does():
    data, truth = trained()
    row = forgetting.attrition(data).iloc[0]
    tests = {name: part.sort_values("elapsed") for name, part in data.groupby("learner_id")}
    left = [p["retention"].iloc[0] for p in tests.values() if len(p) == 1]
    stayed = [p["retention"].iloc[0] for p in tests.values() if len(p) == 2]
    change = [p["retention"].diff().iloc[1] for p in tests.values() if len(p) == 2]
    assert (row["n"], row["k"]) == (300, len(left)) and row["rate"] == len(left) / 300
    assert [row["rate_low"], row["rate_high"]] == pytest.approx(
        [float(x) for x in wilson(len(left), 300)]
    )
    assert [row["left"], row["stayed"]] == pytest.approx([np.mean(left), np.mean(stayed)])
    assert row["gap_low"] > 0 and row["gap"] == pytest.approx(row["stayed"] - row["left"])
    assert row["change"] == pytest.approx(np.mean(change))
    # What the returners show is far from the truth about all, which the bounds contain.
    assert row["next_mean"] > truth + 0.1
    assert row["next_worst"] < truth < row["next_best"]


def test_the_finding_warns_where_the_survivors_show_no_decline():
    rng = np.random.default_rng(2)
    first = rng.uniform(0.5, 0.9, 200)
    data = pd.DataFrame({"learner_id": range(200), "elapsed": 0.0, "retention": first})
    back = data[first > 0.65].assign(elapsed=26.0)
    back["retention"] = np.clip(back["retention"] + 0.02 * rng.normal(size=len(back)), 0, 1)
    both = pd.concat([data, back], ignore_index=True)
    (finding,) = forgetting.attrition_findings(forgetting.attrition(both))
    assert finding.name == "survivors_only" and finding.values["rate"] > 0.2
    curve = forgetting.fit(both, time_unit="weeks")
    assert curve.status == "rising" and curve.half_life == np.inf
    (declining,) = forgetting.attrition_findings(forgetting.attrition(trained()[0]))
    assert declining.name == "weaker_left"
    (everyone,) = forgetting.attrition_findings(forgetting.attrition(trained(gone=False)[0]))
    assert everyone.name == "few_left" and everyone.values["k"] == 0
    at_random = trained(gone=False)[0]
    at_random = at_random[(at_random["elapsed"] == 0) | (at_random["learner_id"] % 2 == 0)]
    assert forgetting.attrition_findings(forgetting.attrition(at_random))[0].name == "many_left"
    assert forgetting.attrition_findings(forgetting.attrition(data))[0].name == "few_left"


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_drop_outs_do_not_depend_on_the_order_and_add_up(random):
    data, _ = trained(size=40)
    data["team"] = np.where(data["learner_id"] % 3 == 0, "a", "b")
    order = list(range(len(data)))
    random.shuffle(order)
    table = forgetting.attrition(data, by="team")
    pd.testing.assert_frame_equal(table, forgetting.attrition(data.iloc[order], by="team"))
    assert table["n"].sum() == 40
    assert (table["next_worst"] <= table["next_best"]).all()


def test_a_learner_has_one_score_at_a_time():
    data, _ = trained(size=10)
    skills = pd.concat([data.assign(skill="a"), data.assign(skill="b")])
    with pytest.raises(SalesAnalysisError, match="learner=\\['learner_id', 'skill'\\]"):
        forgetting.attrition(skills)
    table = forgetting.attrition(skills, learner=["learner_id", "skill"])
    assert table["n"].iloc[0] == 20
    counts = data.assign(k=(data["retention"] * 20).round(), n=20).drop(columns="retention")
    assert forgetting.attrition(counts)["n"].iloc[0] == 10
    with pytest.raises(SalesAnalysisError, match="no column"):
        forgetting.attrition(data.drop(columns="elapsed"))


# Models against each other


def test_models_that_the_data_cannot_tell_apart_have_no_winner():
    t = np.array([1.0, 2, 4, 8, 13])
    rng = np.random.default_rng(1)
    few = pd.DataFrame({"elapsed": t, "n": 10, "k": rng.binomial(10, 0.9 * 2 ** (-t / 5.1))})
    table = forgetting.compare(few, models=["exponential", "power"], time_unit="weeks")
    (finding,) = forgetting.comparison_findings(table)
    assert finding.name == "models_tied" and finding.values["count"] == 2
    assert table["indistinguishable"].all()
    t = np.linspace(0.5, 26, 20)
    many = pd.DataFrame({"elapsed": t, "n": 400, "k": rng.binomial(400, 0.9 * 2 ** (-t / 5.1))})
    table = forgetting.compare(many, models=["power", "exponential"], time_unit="weeks")
    (finding,) = forgetting.comparison_findings(table)
    assert (finding.name, table["model"].iloc[0]) == ("model_best", "exponential")
    assert table["rank"].tolist() == [1, 2] and table["delta"].iloc[0] == 0


def test_a_wrong_model_is_seldom_crowned():
    t = np.array([1.0, 2, 4, 8, 13])
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(60):
        data = pd.DataFrame({"elapsed": t, "n": 20, "k": rng.binomial(20, 0.9 * 2 ** (-t / 5.1))})
        table = forgetting.compare(data, models=["exponential", "power"], time_unit="weeks")
        (finding,) = forgetting.comparison_findings(table)
        wrong += finding.name == "model_best" and table["model"].iloc[0] == "power"
    assert wrong <= 2


def test_a_model_that_only_repeats_a_simpler_one_is_no_rival():
    t = np.linspace(0.5, 26, 14)
    data = pd.DataFrame(
        {"elapsed": t, "retention": 0.9 * 2 ** (-t / 4) * (1 + 0.01 * np.cos(9 * t))}
    )
    models = ["exponential", "exponential_asymptote", "power", "double_exponential"]
    table = forgetting.compare(data, models=models, time_unit="weeks").set_index("model")
    assert table.loc["exponential", "rank"] == 1
    ranked = table[table["same_as"].isna() & table["rank"].notna()]
    assert ranked["weight"].sum() == pytest.approx(1)
    repeated = table[table["same_as"].notna()]
    assert (repeated["same_as"] == "exponential").all() and repeated["weight"].isna().all()


@pytest.mark.parametrize("model", ["exponential", "power", "hyperbolic", "wickelgren"])
def test_scores_without_any_error_have_the_model_that_made_them(model):
    parameters = {"a": 0.9, "b": 0.2, "beta": 0.5, "psi": 0.8}
    truth = forgetting.known_curve(model, parameters=parameters, time_unit="weeks")
    t = np.array([1.0, 2, 4, 8, 13, 20, 26, 30])
    data = pd.DataFrame({"elapsed": t, "retention": truth.retention(t)})
    table = forgetting.compare(data, time_unit="weeks")
    (finding,) = forgetting.comparison_findings(table)
    assert (finding.name, table["model"].iloc[0]) == ("model_best", model)


def test_models_that_cannot_be_ranked_say_why():
    data = pd.DataFrame({"elapsed": [0.0, 1, 2, 4], "retention": [0.9, 0.7, 0.6, 0.4]})
    table = forgetting.compare(data, time_unit="weeks").set_index("model")
    assert table.loc["power", "refused"] == "zero_time"
    assert table.loc["exponential", "refused"] == "few_points"  # no AICc of 4 scores
    assert table["rank"].isna().all() and not table["indistinguishable"].any()
    assert forgetting.comparison_findings(table.reset_index())[0].name == "models_too_few"
    with pytest.raises(SalesAnalysisError, match="`models` is empty"):
        forgetting.compare(data, models=[], time_unit="weeks")
    with pytest.raises(SalesAnalysisError, match="`margin`"):
        forgetting.compare(data, margin=-1, time_unit="weeks")


# Claims


def test_claims_come_in_any_clear_form_and_say_the_same():
    claim = {"half_life": 5.1, "unit": "weeks", "lost": 0.84, "within": 13, "within_unit": "weeks"}
    forms = [
        [claim],
        claim,
        pd.DataFrame([claim]),
        forgetting.Claim(**claim),
        {"half_life_weeks": 5.1, "lost": 0.84, "within_weeks": 13},
        {"half_life_days": 35.7, "lost": 0.84, "within_days": 91},
    ]
    tables = [forgetting.check_claims(form) for form in forms]
    for table in tables:
        assert table["gap"].tolist() == pytest.approx(tables[0]["gap"].tolist(), abs=1e-12)
        assert (table["overall"] == "consistent").all()


@pytest.mark.parametrize("shape", ["exponential", "hyperbolic", "ebbinghaus", "logarithmic"])
def test_implied_half_life_and_time_make_the_claim_true(shape):
    claim = {"half_life": 5.1, "unit": "weeks", "lost": 0.7, "within": 30, "within_unit": "days"}
    row = forgetting.check_claims(claim).set_index("shape").loc[shape]
    for change in ({"half_life": row["implied_half_life"]}, {"within": row["implied_within"]}):
        again = forgetting.check_claims(claim | change).set_index("shape").loc[shape]
        assert again["gap"] == pytest.approx(0, abs=1e-9) and again["verdict"] == "consistent"


def test_a_power_like_curve_can_lose_anything_between_its_ends():
    claim = {"half_life_weeks": 5.1, "lost": 0.7, "within_weeks": 13}
    row = forgetting.check_claims(claim).set_index("shape").loc["power_like"]
    assert row["gap"] == 0 and row["verdict"] == "consistent"
    assert row["implied_low"] < 0.7 < row["implied_high"]
    strict = forgetting.check_claims(claim, exponents=(1.0, 1.0)).set_index("shape")
    assert strict.loc["power_like", "implied_lost"] == pytest.approx(
        strict.loc["hyperbolic", "implied_lost"]
    )


def test_a_claim_agrees_where_a_shape_comes_near_it():
    table = forgetting.check_claims(
        [
            {"half_life_weeks": 5.1, "lost": 0.84, "within_months": 3},
            {"half_life_weeks": 5.1, "lost": 0.87, "within_days": 30},
        ]
    )
    first, second = forgetting.claim_findings(table)
    assert table.loc[table["verdict"] == "consistent", "shape"].tolist() == ["exponential"]
    assert (first.name, second.name) == ("claim_consistent", "claim_contradictory")
    off = [found.values["lost"] - found.values["implied_lost"] for found in (first, second)]
    assert abs(off[0]) < 0.012 and off[1] > 0.35


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": None}, "`unit` is missing"),
        ({"within_unit": ""}, "`within_unit` is missing"),
        ({"lost": 84}, "Then give 0.84"),
        ({"lost": 0}, "`lost` is 0"),
        ({"half_life": None}, "`half_life` is None"),
        ({"within": -3}, "`within` is -3"),
        ({"halflife": 3}, "Did you mean `half_life`"),
    ],
)
def test_claims_without_a_unit_or_a_number_are_refused(change, said):
    claim = {"half_life": 5.1, "unit": "weeks", "lost": 0.84, "within": 3, "within_unit": "months"}
    with pytest.raises(SalesAnalysisError, match=said):
        forgetting.check_claims([claim | change])
    with pytest.raises(SalesAnalysisError, match="`claims` is empty"):
        forgetting.check_claims([])
    with pytest.raises(SalesAnalysisError, match="Claim 1"):
        forgetting.check_claims(["5.1 weeks"])


def test_a_bootstrap_of_no_draws_is_refused():
    with pytest.raises(SalesAnalysisError, match="`draws` is 0; expected 1 or more"):
        forgetting.Bootstrap(draws=0)
