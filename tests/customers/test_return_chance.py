"""The chance of return, its lists and their false share, on real customers and simulated truth."""

import numpy as np
import pandas as pd
import pytest
from buyers import cdnow, retail, simulated

from salesanalysis import SalesAnalysisError, customers, reduce


def came_back(lines: pd.DataFrame, told: customers.ReturnChance, as_of: str) -> pd.Series:
    """Whether each customer bought within the horizon after the day."""
    later = pd.Timestamp(as_of) + pd.Timedelta(days=told.horizon_days)
    last = reduce.customers.rhythm(lines, as_of=later).set_index("account_id")["last_purchase_at"]
    return last.reindex(told.chances["account_id"]) > pd.Timestamp(as_of)


@pytest.fixture(scope="module")
def lines(shared):
    return cdnow(shared("customers/CDNOW_master.txt"))


@pytest.fixture(scope="module")
def told(lines):
    rhythms = reduce.customers.rhythms(lines, as_of="1997-12-31")
    return customers.return_chance(rhythms, horizon_days=90)


@pytest.fixture(scope="module")
def came(lines, told):
    return came_back(lines, told, "1997-12-31")


def test_lists_of_cdnow_are_false_less_often_than_asked(told, came):
    assert told.status == "ok" and len(told.chances) == 10_490
    for asked, least, most in ((0.1, 500, 0.1), (0.2, 5_000, 0.21), (0.3, 9_000, 0.3)):
        listed = told.alarms(false_share=asked)["account_id"]
        assert len(listed) > least, "more than silences cut at the longest seen leave"
        assert came[listed].mean() < most
        assert told.false_share(asked) <= asked


def test_chances_are_better_than_those_of_models_of_buying(told, came):
    chance = told.chances["return_chance"].to_numpy()
    loss = -np.log(np.where(came, chance, 1 - chance)).mean()
    assert loss < 0.526, "Pareto/NBD .539, BG/NBD .545, learnt and cut .528"
    assert chance.mean() == pytest.approx(came.mean(), abs=0.02)


def test_the_backtest_counts_what_became_of_the_same_limit(told, lines):
    table = told.backtest(false_share=0.2)
    assert len(table) == 4 and (table["customers"] > 8_000).all()
    sums = table[["alarms", "bought_again"]].sum()
    assert sums["bought_again"] / sums["alarms"] == pytest.approx(told.false_share(0.2))
    # The last of them as it would have been told on its day.
    day = table["known_on"].iloc[-1]
    then = customers.return_chance(reduce.customers.rhythms(lines, as_of=day), horizon_days=90)
    listed = then.chances["return_chance"] <= told.limit(0.2)
    assert listed.sum() == pytest.approx(table["alarms"].iloc[-1], rel=0.01)
    wrong = came_back(lines, then, str(day.date()))[listed.to_numpy()].sum()
    assert wrong == pytest.approx(table["bought_again"].iloc[-1], rel=0.02)


def test_the_chance_never_rises_with_silence_and_is_not_told_beyond_what_was_seen():
    from salesanalysis.customers.return_model import StepModel, bin_of

    rng = np.random.default_rng(0)
    silent, tx, x = (rng.integers(0, most, 4_000) for most in (55, 50, 20))
    chance = 0.6 * np.exp(-(((silent - 30) / 12.0) ** 2)) + 0.1  # highest of some silence
    model = StepModel(silent, tx, x, np.full(4_000, 9), rng.binomial(9, chance))
    table = model.by_silence(np.array([0, 10, 30]), np.array([7, 12, 3]))
    assert table.shape == (3, silent.max() + 1)
    assert (np.diff(table, axis=1) <= 0).all() and (table[:, 0] > table[:, -1]).all()
    assert bin_of(np.array([0.0])) == 0


def test_no_horizon_of_history_no_list(lines):
    rhythms = reduce.customers.rhythms(lines, as_of="1997-09-25")
    found = customers.return_chance(rhythms, horizon_days=90)
    assert found.status == "history_too_short" and found.alarms(false_share=0.9).empty
    assert found.chances["return_chance"].isna().all() and len(found.chances) > 9_000
    times = found.chances["silent_days"] / found.chances["usual_days"]
    assert times.is_monotonic_decreasing


@pytest.mark.parametrize(("as_of", "horizon"), [("2011-07-01", 60), ("2011-09-10", 90)])
def test_where_customers_come_back_lists_shrink_to_nothing(shared, as_of, horizon):
    lines = retail(shared("customers/uci_online_retail.parquet"))
    rhythms = reduce.customers.rhythms(lines, as_of=as_of, step_days=horizon // 3)
    found = customers.return_chance(rhythms, horizon_days=horizon)
    assert found.status == "ok" and len(found.chances) > 1_500
    assert found.alarms(false_share=0.2).empty and np.isnan(found.limit(0.2))
    assert (found.backtest(false_share=0.2)["alarms"] == 0).all()


def test_lists_of_simulated_customers_hold_their_false_share():
    wrong = listed = 0
    for seed in range(4):
        lines, _ = simulated(customers=1_500, shape=2, seed=seed, over=900)
        before = lines[lines["purchased_at"] <= "2024-09-30"]
        rhythms = reduce.customers.rhythms(before, as_of="2024-09-30")
        found = customers.return_chance(rhythms, horizon_days=90)
        names = found.alarms(false_share=0.2)["account_id"]
        listed += len(names)
        wrong += came_back(lines, found, "2024-09-30")[names].sum()
    assert listed > 200
    assert wrong / listed <= 0.2 + 2 * np.sqrt(0.2 * 0.8 / listed)


def test_what_comes_after_the_day_changes_nothing(lines, told):
    late = lines["purchased_at"] > "1997-12-31"
    other = lines.assign(amount=lines["amount"].where(~late, 1e6))
    rhythms = reduce.customers.rhythms(other, as_of="1997-12-31")
    again = customers.return_chance(rhythms, horizon_days=90)
    pd.testing.assert_frame_equal(again.chances, told.chances)


def test_new_alarms_are_told_from_those_of_the_report_before(told, lines):
    found = told.alarms(false_share=0.2)
    assert 0 < found["is_new"].sum() < len(found) / 10
    assert found["is_new"].is_monotonic_decreasing
    later = customers.return_chance(
        reduce.customers.rhythms(lines, as_of="1997-12-31"), horizon_days=90, days_since_report=60
    )
    assert later.alarms(false_share=0.2)["is_new"].sum() > found["is_new"].sum()


def test_a_list_is_cut_to_what_people_can_work_off_by_what_is_at_stake(told):
    every = told.alarms(false_share=0.2)
    some = told.alarms(false_share=0.2, most=50)
    pd.testing.assert_frame_equal(some, every.head(50))
    new = some[some["is_new"]]["amount_at_stake"]
    assert len(some) == 50 and new.is_monotonic_decreasing


def test_a_horizon_is_a_number_of_steps(told, lines):
    rhythms = reduce.customers.rhythms(lines.head(2_000), as_of="1997-12-31")
    with pytest.raises(SalesAnalysisError, match="30 days apart.*`horizon_days` .100. is a mult"):
        customers.return_chance(rhythms, horizon_days=100)
