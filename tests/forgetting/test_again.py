"""Courses taken again, tests taken again on one day, and the items of a test."""

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import SalesAnalysisError, forgetting, sources
from salesanalysis.reduce.forgetting import checks, courses, scored_tests

AS_OF = "2025-12-31"
SCORES = pd.DataFrame(
    [
        ("2024-01-01", "2024-01-01", 0.9, 1),
        ("2024-01-01", "2024-03-01", 0.5, 2),
        ("2024-01-01", "2024-03-01", 0.6, 1),
        ("2024-01-01", "2024-03-01", 0.4, 3),
        ("2025-01-01", "2025-01-01", 0.95, 1),
        ("2025-01-01", "2025-03-01", 0.8, 1),
    ],
    columns=["trained_at", "tested_at", "score", "attempt"],
).assign(learner_id="a", skill="closing")
for column in ("trained_at", "tested_at"):
    SCORES[column] = pd.to_datetime(SCORES[column])


@pytest.mark.parametrize(("attempts", "kept"), [("first", 0.6), ("best", 0.6), ("last", 0.4)])
def test_of_several_tests_on_one_day_the_rule_says_which_counts(attempts, kept):
    seen = scored_tests(SCORES, as_of=AS_OF, attempts=attempts)
    assert seen["retention"].tolist() == [0.9, kept, 0.95, 0.8]
    found = checks(SCORES, as_of=AS_OF, attempts=attempts).table.set_index("check")
    assert found.loc["repeated_test", "rows"] == 3
    told = forgetting.caveats(seen, found.reset_index(), attempts=attempts)
    assert list(said("forgetting", told[:1])) == [f"attempts_{attempts}"]
    assert told[0].values == {"count": 3} and "left_out" not in [one.name for one in told]
    with pytest.raises(SalesAnalysisError, match="`attempts`"):
        scored_tests(SCORES, as_of=AS_OF, attempts="second")


def test_where_all_attempts_count_each_learns_from_those_before():
    seen = scored_tests(SCORES, as_of=AS_OF, attempts="all")
    assert seen["attempt"].tolist() == [1, 1, 2, 3, 1, 1]
    assert seen["retention"].tolist()[1:4] == [0.6, 0.5, 0.4]
    assert seen["refreshers"].tolist() == [0, 0, 1, 2, 1, 1]
    assert seen["since_refreshed"].tolist()[1:4] == [60.0, 0.0, 0.0]


def test_a_course_taken_again_is_another_one_and_a_refresher():
    seen = scored_tests(SCORES, as_of=AS_OF)
    assert seen["training"].tolist() == [1, 1, 2, 2]
    assert seen["refreshers"].tolist() == [0, 0, 1, 1]
    assert seen["since_refreshed"].tolist() == seen["elapsed"].tolist() == [0.0, 60.0, 0.0, 59.0]
    assert not seen["reinforced"].any()
    (course,) = courses(SCORES, as_of=AS_OF).to_dict("records")
    assert (course["refreshers"], course["tests"]) == (1, 2)
    assert course["last_at"] == pd.Timestamp("2025-01-01")
    before = courses(SCORES, as_of="2024-12-31")
    assert before["refreshers"].tolist() == [0]
    refreshed = pd.DataFrame({"learner_id": ["a"], "skill": ["closing"]})
    refreshed["refreshed_at"] = pd.to_datetime(["2025-02-01"])
    seen = scored_tests(SCORES, refreshed, as_of=AS_OF)
    assert seen["refreshers"].tolist() == [0, 0, 1, 2] and seen["since_refreshed"].iloc[-1] == 28
    assert seen["reinforced"].all()
    assert forgetting.trained_again(seen)["taken"].tolist() == ["first", "first", "again"]


def test_attempts_that_nobody_numbered_come_in_the_order_of_the_file(tmp_path):
    rows = SCORES.drop(columns="attempt").iloc[[0, 2, 1, 1, 3, 4, 5]]
    rows.to_csv(tmp_path / "scores.csv", index=False)
    checked = sources.check(tmp_path / "scores.csv", table="scores")
    seen = scored_tests(checked.table, as_of=AS_OF, attempts="all")
    assert seen["retention"].tolist() == [0.9, 0.6, 0.5, 0.5, 0.4, 0.95, 0.8]


def yearly(first: float, again: float, learners: int = 40) -> pd.DataFrame:
    """Tests of two trainings a year apart, with half-lives in weeks."""
    rng = np.random.default_rng(5)
    weeks = np.tile([0.2, 2.0, 6.0, 13.0], 2 * learners)
    training = np.tile(np.repeat([1, 2], 4), learners)
    half_life = np.where(training == 1, first, again)
    share = rng.binomial(20, 0.95 * 2 ** (-weeks / half_life)) / 20
    tests = pd.DataFrame({"learner_id": np.repeat(np.arange(learners), 8), "elapsed": weeks})
    return tests.assign(training=training, refreshers=training - 1, retention=share, known=share)


@pytest.mark.parametrize(
    ("first", "again", "name"), [(5.7, 17.1, "again_differs"), (6.0, 6.0, "again_not_shown")]
)
def test_first_and_later_trainings_are_told_apart(first, again, name):
    tests = forgetting.trained_again(yearly(first, again))
    asked = {"splits": "taken", "time_unit": "weeks", "bootstrap": forgetting.Bootstrap(99)}
    table = forgetting.half_life_splits(tests, **asked)
    found = forgetting.retraining_findings(table, forgetting.difference_splits(tests, **asked))
    assert list(said("forgetting", found)) == [name]
    values = found[0].values
    assert values["first_weeks"] == pytest.approx(first, rel=0.1)
    assert values["again_weeks"] == pytest.approx(again, rel=0.1)
    assert values["again_low"] < values["again_weeks"] < values["again_high"]
    assert values["ratio"] == pytest.approx(values["again_weeks"] / values["first_weeks"])
    unknown = table.assign(half_life_weeks=np.nan)
    pairs = forgetting.difference_splits(tests, **asked)
    assert list(said("forgetting", forgetting.retraining_findings(unknown, pairs))) == [
        "again_open"
    ]
    assert forgetting.retraining_findings(table.iloc[:1], pairs) == []


def test_items_of_one_test_are_no_attempts_and_the_least_known_comes_first():
    rng = np.random.default_rng(2)
    rows = [(f"L{i}", item, rng.random() < share) for i in range(60)
            for item, share in (("price", 0.9), ("rival", 0.3), ("law", 0.8))]  # fmt: skip
    answers = pd.DataFrame(rows, columns=["learner_id", "item", "score"]).assign(skill="closing")
    answers["score"] = answers["score"].astype(float)
    answers["trained_at"], answers["tested_at"] = pd.to_datetime(["2025-01-01", "2025-02-01"])
    seen = scored_tests(answers, as_of=AS_OF, by=["item"])
    assert len(seen) == 180
    assert checks(answers, as_of=AS_OF).table.set_index("check").loc["repeated_test", "rows"] == 0
    table = forgetting.known_by_item(seen)
    assert table["item"].iloc[0] == "rival" and table["learners"].tolist() == [60] * 3
    rival = seen[seen["item"] == "rival"]["known"].mean()
    assert table["retention"].iloc[0] == pytest.approx(rival)
    found = forgetting.item_findings(table)
    assert list(said("forgetting", found)) == ["least_known"] and found[0].values["item"] == "rival"
    even = table.assign(retention=0.5, retention_low=0.4, retention_high=0.6)
    assert list(said("forgetting", forgetting.item_findings(even))) == ["items_alike"]
    assert forgetting.item_findings(table.iloc[:1]) == []
