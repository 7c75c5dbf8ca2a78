"""The sample's incentive programme: what it promises, and that its truth is in its tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError
from salesanalysis.columns import TABLES
from salesanalysis.datasets.incentives import (
    AS_OF,
    STRETCH,
    incentive_programme,
    incentive_tables,
)
from salesanalysis.incentive import payout, read_plan

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def made():
    return incentive_programme(seed=7)


def test_the_tables_are_in_the_vocabulary(made):
    for name, table in made.tables.items():
        assert set(TABLES[name].required) <= set(table) <= set(TABLES[name].names), name
        key = list(TABLES[name].key)
        assert not key or not table.duplicated(key).any()
    assert (made.tables["attainment"]["quota"] > 0).all()
    assert pd.to_datetime(made.tables["sales"]["sold_at"]).max() < AS_OF


def test_the_committed_sample_is_that_of_its_seed(made):
    for name, table in incentive_tables(7).items():
        pd.testing.assert_frame_equal(table, made.tables[name])
        # Types are the readers' business; the numbers are these.
        committed = pd.read_csv(DATA / "sample" / f"{name}.csv")
        assert len(committed) == len(table)
        amounts = [c for c in table if TABLES[name][c].kind == "amount"]
        pd.testing.assert_frame_equal(committed[amounts], table[amounts], check_dtype=False)


def test_sales_add_up_to_attainment_and_payouts_are_those_of_the_plan(made):
    sales = made.tables["sales"]
    quarter = pd.to_datetime(sales["sold_at"]).dt.to_period("Q")
    period = quarter.dt.strftime("%Y-Q%q")
    cents = (sales["amount"] * 100).round().astype(int)
    sold = cents.groupby([sales["payee_id"], period]).sum()
    rows = made.tables["attainment"].set_index(["payee_id", "period"])
    assert (sold.to_numpy() == (rows["sales"] * 100).round().astype(int)[sold.index]).all()
    plan = read_plan((DATA / "plans" / "sample.yml").read_text(encoding="utf-8"))
    statements = payout(made.tables["attainment"], plan=plan)
    assert (statements["payout"] == made.tables["payouts"]["earned"]).all()


def test_the_truth_is_in_the_tables(made):
    truth, habits = made.truth.responses, made.truth.habits
    share = made.tables["attainment"]["sales"] / made.tables["attainment"]["quota"]
    assert share[truth["pushed"]].between(1, 1.02 + 1e-6).all()
    assert (share[truth["pushed"]] == 1).sum() > 5  # exact hits
    assert share[truth["stopped"]].between(STRETCH - 1e-6, STRETCH + habits.stretch_slack).all()
    slowed = truth["gave_up"] & ~truth["pushed"]
    assert (share[slowed] < truth.loc[slowed, "potential"]).all()
    same = ~truth[["gave_up", "pushed", "stopped"]].any(axis=1) & (truth["potential"] < STRETCH)
    assert share[same].to_numpy() == pytest.approx(truth.loc[same, "potential"], abs=1e-4)
    over = truth["potential"] > STRETCH * habits.stretch_factor
    over &= ~truth["gave_up"]
    expected = truth.loc[over, "potential"] / habits.stretch_factor
    assert share[over].to_numpy() == pytest.approx(expected, abs=1e-4)


def test_lags_differ_by_team_and_promises_are_broken(made):
    table = made.tables["payouts"]
    paid = table.dropna(subset=["paid_at"])
    days = (pd.to_datetime(paid["paid_at"]) - pd.to_datetime(paid["earned_at"])).dt.days
    median = days.groupby(paid["team"]).median()
    assert median.idxmax() == "Dealers West" and median.max() > 1.5 * median.median()
    assert (paid["paid_at"] > paid["promised_at"]).mean() > 0.05
    assert (paid["paid"] < paid["earned"]).sum() > 3


def test_the_first_payees_of_a_larger_programme_are_those_of_a_smaller_one(made):
    small = incentive_programme(seed=7, payees=30)
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(table, made.tables[name].head(len(table)))
    ids = small.tables["attainment"]["payee_id"].unique()
    assert list(ids[[0, 23, 24]]) == ["R001", "R024", "D001"]


def test_in_the_twin_nobody_responds():
    null = incentive_programme(seed=7, null=True)
    assert not null.truth.responses[["gave_up", "pushed", "stopped"]].any(axis=None)
    share = null.tables["attainment"]["sales"] / null.tables["attainment"]["quota"]
    assert share.to_numpy() == pytest.approx(null.truth.responses["potential"], abs=1e-4)
    assert null.truth.habits.stretch_factor == 1


def test_another_seed_is_another_programme_and_wrong_arguments_are_refused(made):
    other = incentive_programme(seed=8, payees=5).tables["attainment"]
    assert not np.array_equal(other["sales"], made.tables["attainment"]["sales"].head(60))
    for wrong in ({"seed": -1}, {"payees": 0}, {"payees": 1.5}):
        with pytest.raises(SalesAnalysisError, match=f"`{next(iter(wrong))}`"):
            incentive_programme(**wrong)
