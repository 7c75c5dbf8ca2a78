"""The training of the made-up company: reproducible, coherent, true to its stated parameters."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import columns
from salesanalysis.datasets import company
from salesanalysis.datasets.training import FACTOR, QUESTIONS, START, training, training_tables
from salesanalysis.errors import SalesAnalysisError


@pytest.fixture(scope="module")
def large():
    return training(seed=11, learners=1_500)


def known(made):
    """Every test with what its learner knows then by the stated model."""
    scores = made.tables["scores"].reset_index(names="row")
    met = scores.merge(made.tables["refreshers"], on=["learner_id", "skill"])
    met = met[met["refreshed_at"] < met["tested_at"]]
    last = met.groupby("row")["refreshed_at"].agg(["size", "max"])
    table = scores.merge(made.truth.learners, on=["learner_id", "skill", "method", "cohort"])
    table = table.set_index("row").sort_index()
    times = last["size"].reindex(table.index).fillna(0)
    since = table["tested_at"] - last["max"].reindex(table.index).fillna(table["trained_at"])
    slower = table["half_life_days"] * made.truth.factor**times
    return table.assign(known=START * 2 ** (-since / pd.Timedelta(days=1) / slower))


def test_the_same_seed_gives_the_same_tables_and_another_others():
    one, again, other = training(seed=2), training(seed=2), training(seed=3)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert not one.tables["scores"].equals(other.tables["scores"])
    pd.testing.assert_frame_equal(training_tables(2)["scores"], one.tables["scores"])


def test_a_larger_company_begins_with_the_learners_of_a_smaller_one():
    small, large = (training(seed=4, learners=n).tables for n in (30, 90))
    for name in ("scores", "refreshers"):
        pd.testing.assert_frame_equal(small[name], large[name].head(len(small[name])))


def test_the_tables_are_those_of_the_vocabulary_and_fit_each_other(large):
    for name, table in large.tables.items():
        vocabulary = columns.TABLES[name]
        assert set(vocabulary.required) <= set(table) <= set(vocabulary.names)
        assert not vocabulary.key or not table.duplicated(list(vocabulary.key)).any()
    scores, refreshers = large.tables["scores"], large.tables["refreshers"]
    assert (scores["tested_at"] > scores["trained_at"]).all()
    assert (scores["tested_at"] < pd.Timestamp("2025-12-31")).all()
    assert scores["k"].between(0, scores["n"]).all()
    taught = scores[["learner_id", "skill"]].drop_duplicates()
    assert len(refreshers.merge(taught)) == len(refreshers)
    owners = set(company(seed=7, deals=10).tables["reps"]["owner_id"])
    assert set(large.tables["ksa_assessed"]["person_id"]) == owners
    assert owners < set(scores["learner_id"])
    needs = large.tables["ksa_required"]
    assert set(large.tables["ksa_assessed"]["skill"]) == set(needs["skill"])


def test_scores_are_as_often_right_as_the_truth_says(large):
    table = known(large)
    chance = table["known"] + (1 - table["known"]) * table["guess"]
    error = table["k"] - QUESTIONS * chance
    spread = np.sqrt(QUESTIONS * chance * (1 - chance))
    assert abs(error.sum()) < 4 * np.sqrt((spread**2).sum())
    assert (error / spread).std() == pytest.approx(1, abs=0.03)
    for _, part in table.groupby(pd.cut(table["known"], 5)):
        own = chance[part.index]
        assert abs(part["k"].mean() - QUESTIONS * own.mean()) < 0.15
    assert large.truth.factor == FACTOR


def test_those_who_have_forgotten_leave_more_often(large):
    table = known(large).sort_values("tested_at")
    # The last test that a learner took, before a further one was due in time.
    last = table.groupby(["learner_id", "skill"]).tail(1)
    due = last["trained_at"] + pd.Timedelta(days=182 + 4) < pd.Timestamp("2025-12-31")
    late = (last["tested_at"] - last["trained_at"]).dt.days > 90
    weak = last["known"] < 0.4
    left = last["dropped_out"]
    assert left[due & weak & ~late].all()
    assert 0.1 < large.truth.learners["dropped_out"].mean() < 0.35
    reinforced = large.truth.learners.groupby("reinforced")["dropped_out"].mean()
    assert reinforced[True] < reinforced[False]


def test_in_a_null_company_all_forget_alike():
    made = training(seed=5, learners=200, null=True)
    assert made.truth.factor == 1
    assert np.ptp(made.truth.learners["half_life_days"]) == 0
    assert np.ptp(made.truth.half_lives["half_life_days"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"learners": 0}, "`learners` is 0"), ({"seed": -1}, "`seed` is -1"), ({"seed": 1.5}, "seed")],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(SalesAnalysisError, match=message):
        training(**arguments)
