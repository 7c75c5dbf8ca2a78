"""Silence beside the own rhythm: p values and alarms on simulated truth."""

import numpy as np
import pandas as pd
import pytest
from buyers import simulated
from scipy import stats

from salesanalysis import customers, reduce
from salesanalysis.known import KnownCustomers

AS_OF = "2024-12-30"


@pytest.fixture(scope="module")
def looked():
    """Made-up customers by regularity and season: their rhythm, who left, their season."""

    def look(shape, swing):
        purchases, left = simulated(shape=shape, swing=swing)
        known = reduce.customers.known({"purchases": purchases}, as_of=AS_OF)
        rhythm = known.rhythm[known.rhythm["repeats"] > 0].reset_index(drop=True)
        return rhythm, left.reindex(rhythm["account_id"]), customers.season(known)

    return {key: look(*key) for key in ((1, 0.0), (4, 0.0), (4, 0.7))}


def test_p_values_of_poisson_customers_who_stay_are_uniform(looked):
    rhythm, left, _ = looked[1, 0.0]
    exact = rhythm.assign(gap_pairs=0)  # without pairs: the shape of Poisson customers
    p = customers.silence(exact)["p_value"].to_numpy()[left.isna().to_numpy()]
    assert stats.kstest(p, "uniform").statistic < 1.63 / np.sqrt(len(p)) + 0.01  # whole days
    share = rhythm["first_to_last_days"] / rhythm["watched_days"]
    expected = share ** rhythm["repeats"]
    assert customers.silence(exact)["p_value"].to_numpy() == pytest.approx(expected.to_numpy())


@pytest.mark.parametrize("shape", [1, 4])
def test_the_shape_is_found(looked, shape):
    assert customers.shape_of(looked[shape, 0.0][0]) == pytest.approx(shape, rel=0.15)


def shares(found: pd.DataFrame, left: pd.Series) -> tuple[float, float]:
    """Of those who stay and of those who left: the share that is silent."""
    stays = left.isna().to_numpy()
    silent = (found["p_value"] < 0.01).to_numpy()
    return silent[stays].mean(), silent[~stays].mean()


def test_regular_buyers_are_found_when_they_leave_with_hardly_a_false_alarm(looked):
    rhythm, left, _ = looked[4, 0.0]
    wrong, found = shares(customers.silence(rhythm), left)
    assert wrong < 0.01 and found > 0.7
    as_poisson = shares(customers.silence(rhythm.assign(gap_pairs=0)), left)
    assert as_poisson[1] < found - 0.15


def test_a_clock_that_runs_with_the_season_raises_no_alarm_in_the_slow_months(looked):
    rhythm, left, season = looked[4, 0.7]
    factor = season.set_index("month")["month_factor"]
    assert factor[[3, 4, 5]].min() > 1.3 and factor[[9, 10, 11]].max() < 0.7
    plain, _ = shares(customers.silence(rhythm), left)
    wrong, found = shares(customers.silence(rhythm, season=season), left)
    assert plain > 0.03 and wrong < 0.01 and found > 0.5


def test_alarms_are_counted_by_the_year_of_a_customer(looked):
    rhythm, left, _ = looked[4, 0.0]
    found = customers.silence(rhythm, false_per_year=0.1)
    assert (found["silent"] == (found["false_per_year"] <= 0.1)).all()
    often = found["usual_days"] < 15
    assert found.loc[often & found["silent"], "p_value"].max() < 0.1 * 15 / 365 + 1e-9
    assert found.loc[left.isna().to_numpy(), "silent"].mean() < 0.02


def test_what_was_silent_a_week_before_is_not_new(looked):
    rhythm, *_ = looked[4, 0.0]
    found = customers.silence(rhythm)
    before = (rhythm["watched_days"] - 7).clip(lower=rhythm["first_to_last_days"])
    then = customers.silence(rhythm.assign(watched_days=before))["silent"]
    assert (found["is_new"] == (found["silent"] & ~then)).all()
    assert found["is_new"].any() and not found["is_new"].all()


def test_of_who_bought_once_nothing_is_told():
    day = pd.to_datetime(["2024-01-01"])
    once = {"account_id": ["A"], "repeats": 0, "first_to_last_days": 0.0, "watched_days": 364.0}
    pairs = {"gap_pairs": 0, "gap_unevenness": 0.0}
    rhythm = pd.DataFrame(once | pairs | {"first_purchase_at": day, "last_purchase_at": day})
    found = customers.silence(rhythm)
    assert found["p_value"].isna().all() and not found["silent"].any()


def months(counts, begin="2022-01"):
    names = pd.period_range(begin, periods=len(counts), freq="M").astype(str)
    table = {"account_id": "A", "period": names, "purchases": counts, "amount": 1.0}
    return KnownCustomers(as_of="2024-12-31", months=pd.DataFrame(table))


def test_growth_is_no_season_and_chance_is_drawn_to_none():
    growing = (1_000 * 1.03 ** np.arange(36)).round()
    assert customers.season(months(growing))["month_factor"].between(0.98, 1.02).all()
    few = np.random.default_rng(1).poisson(6, 36)
    assert customers.season(months(few))["month_factor"].between(0.85, 1.15).all()


def test_of_less_than_two_years_no_season_is_told():
    found = customers.season(months([100, 900] * 12, begin="2023-01"))
    assert (found["month_factor"] == 1).all() and (found["times_seen"] == 0).all()
