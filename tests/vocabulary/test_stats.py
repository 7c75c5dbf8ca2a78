"""Published values of Wilson and Kaplan–Meier; Aalen–Johansen against an exact oracle."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, stats
from salesanalysis.stats import (
    aalen_johansen,
    benjamini_hochberg,
    kaplan_meier,
    largest_remainder,
    posterior_ranks,
    restricted_mean,
    survival_quantile,
    wilson,
)

# Remission times of acute leukaemia under 6-mercaptopurine in weeks, 0 = censored:
# Freireich and others (1963), as in Kleinbaum & Klein, Survival Analysis, and Cox & Oakes.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_newcombe_1998_table_1_method_3(k, n, low, high):
    assert np.round(wilson(k, n), 4).tolist() == [low, high]


def test_wilson_without_trials_is_missing():
    assert np.isnan(wilson([0], [0])).all()


def test_kaplan_meier_equals_the_leukaemia_table_of_kleinbaum_and_klein():
    curve = kaplan_meier(WEEKS, np.array(RELAPSE) == 1)
    assert curve["days"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve["survival"].round(4).tolist() == [
        0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482,
    ]  # fmt: skip
    assert survival_quantile(curve)[0][0] == 23


def test_greenwood_errors_equal_the_leukaemia_table_of_klein_and_moeschberger():
    # Their table prints the standard errors .0764 .0869 .0963 .1068 .1141 .1282 .1346.
    curve = kaplan_meier(WEEKS, np.array(RELAPSE) == 1)
    s = curve["survival"].to_numpy()
    spread = np.log(np.log(curve["survival_low"]) / np.log(s)) / 1.959964
    error = spread * s * np.abs(np.log(s))
    assert np.round(error, 4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_who_leaves_on_the_day_of_entry_was_not_watched():
    curve = kaplan_meier([5, 6, 0], [True, True, True], entry=[5, 0, 0])
    assert curve["days"].tolist() == [0, 6]
    assert curve["survival"].tolist() == [0.5, 0]


def test_a_quantile_that_the_data_do_not_reach_is_infinite():
    (median, low, high), (late, _, _) = survival_quantile(
        kaplan_meier(WEEKS, np.array(RELAPSE) == 1), [0.5, 0.9]
    )
    assert (median, low, high) == (23, 13, np.inf)
    assert late == np.inf


def test_aalen_johansen_equals_the_hand_calculation_of_r_survival():
    # R package survival, tests/testci.R: states after times 2, 3 and 6 worked out by hand.
    days, cause = [1, 2, 2, 3, 3, 3, 5, 6], [0, 1, 0, 2, 0, 2, 0, 2]
    table = aalen_johansen(days, cause).pivot_table(
        index="days", columns="cause", values="incidence"
    )
    assert np.allclose(table.loc[2], [1 / 7, 0])
    assert np.allclose(table.loc[3], [1 / 7, 12 / 35])
    assert np.allclose(table.loc[6], [1 / 7, 12 / 35 + 6 / 7 * 3 / 5])


def test_aalen_johansen_equals_the_breast_cancer_table_of_satagopan_2004():
    # Satagopan and others (2004), British Journal of Cancer 91, 1229-1235, table 2: 305 patients,
    # months and ends of the first nine; the others were watched for longer.
    months = [7, 10, 14, 16, 18, 23, 24, 26, 27] + [30] * 296
    ends = [0, 1, 0, 1, 2, 1, 0, 2, 1] + [0] * 296
    table = aalen_johansen(months, ends)
    own = table[(table["cause"] == 1) & (table["events"] > 0)]
    assert own["days"].tolist() == [10, 16, 23, 27]
    assert own["at_risk"].tolist() == [304, 302, 300, 297]
    # Printed .3 .6 .9 1.2 per cent: sums of steps that were rounded to one digit first.
    assert np.round(np.diff(own["incidence"], prepend=0), 3).tolist() == [0.003] * 4
    alive = 1 - table.groupby("days")["incidence"].sum()
    assert alive.round(3).tolist() == [0.997, 0.993, 0.99, 0.987, 0.983, 0.98]


def naive_aalen_johansen(days, cause, entry):
    """Product of transition matrices over the event times, one by one."""
    times = sorted({t for t, c in zip(days, cause, strict=True) if c})
    state = np.array([1.0, 0.0, 0.0])
    out = []
    for t in times:
        risk = sum(1 for d, e in zip(days, entry, strict=True) if d >= t and (e < t or e <= 0))
        matrix = np.eye(3)
        for j in (1, 2):
            ended = sum(
                1
                for d, c, e in zip(days, cause, entry, strict=True)
                if d == t and c == j and (e < d or e <= 0)
            )
            if risk:
                matrix[0, j] = ended / risk
                matrix[0, 0] -= ended / risk
        state = state @ matrix
        out.append((t, state[1], state[2]))
    return out


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=40
    )
)
def test_aalen_johansen_equals_the_product_of_transition_matrices(rows):
    # Who ends before coming under observation was never seen: no such row reaches a data set.
    rows = [row for row in rows if row[2] < row[0] or row[2] == 0]
    if not rows:
        return
    days, cause, entry = map(list, zip(*rows, strict=True))
    table = aalen_johansen(days, cause, entry=entry)
    expected = naive_aalen_johansen(days, cause, entry)
    for number in (1, 2):
        mine = table[table["cause"] == number]
        if number in cause:
            assert mine["days"].tolist() == [t for t, *_ in expected]
            assert np.allclose(mine["incidence"], [row[number] for row in expected])


def test_without_censoring_the_incidence_and_its_error_are_those_of_a_share():
    rng = np.random.default_rng(0)
    days, cause = rng.integers(1, 9, 200), rng.integers(1, 3, 200)
    table = aalen_johansen(days, cause)
    one = table[table["cause"] == 1]
    share = np.array([((days <= t) & (cause == 1)).mean() for t in one["days"]])
    assert np.allclose(one["incidence"], share)
    rest = 1 - share
    spread = np.log(np.log(1 - one["incidence_high"]) / np.log(rest)) / 1.959963984540054
    assert np.allclose(spread * rest * np.abs(np.log(rest)), np.sqrt(share * rest / 200))


def test_incidences_and_survival_add_up_to_one():
    rng = np.random.default_rng(1)
    days, cause = rng.exponential(30, 500), rng.integers(0, 3, 500)
    table = aalen_johansen(days, cause).pivot_table(
        index="days", columns="cause", values="incidence"
    )
    survival = kaplan_meier(days, cause > 0).set_index("days")["survival"]
    assert np.allclose(table.sum(axis=1) + survival, 1)


def test_one_minus_kaplan_meier_overstates_the_share_won():
    rng = np.random.default_rng(2)
    won, lost = rng.exponential(50, 4000), rng.exponential(50, 4000)
    days, cause = np.minimum(won, lost), np.where(won < lost, 1, 2)
    naive = 1 - kaplan_meier(days, cause == 1)["survival"].iloc[-1]
    table = aalen_johansen(days, cause)
    honest = table.loc[table["cause"] == 1, "incidence"].iloc[-1]
    assert naive > 0.95
    assert honest == pytest.approx(0.5, abs=0.03)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        won, lost, look = (rng.exponential(scale, 80) for scale in (60, 40, 70))
        days = np.minimum(np.minimum(won, lost), look)
        cause = np.where(look <= days, 0, np.where(won < lost, 1, 2))
        table = aalen_johansen(days, cause)
        at = table[(table["cause"] == 1) & (table["days"] <= 40)].iloc[-1]
        truth = 24 / 60 * (1 - np.exp(-40 / 24))
        inside += at["incidence_low"] <= truth <= at["incidence_high"]
    assert 0.92 <= inside / 400 <= 0.98


def test_count_stands_for_repeated_rows():
    days, cause, count = [1, 2, 3, 3], [1, 0, 2, 1], [2, 3, 1, 2]
    short = aalen_johansen(days, cause, count=count)
    long = aalen_johansen(np.repeat(days, count), np.repeat(cause, count))
    assert np.allclose(short, long)


def test_none_and_all_are_not_taken_for_certain():
    none = aalen_johansen([1, 2, 3, 4], [2, 2, 2, 1])
    all_of_them = aalen_johansen([1, 2, 3, 4], [1, 1, 1, 1]).iloc[-1]
    first = none[(none["cause"] == 1) & (none["days"] == 1)].iloc[0]
    assert (first["incidence"], first["incidence_high"]) == (0, pytest.approx(wilson(0, 4)[1]))
    assert all_of_them["incidence_low"] == pytest.approx(wilson(4, 4)[0])


# --- restricted mean ------------------------------------------------------------------------------

# Acute myelogenous leukaemia, Miller (1997), the data set `aml` of R's package survival.
MAINTAINED = "9 13 13+ 18 23 28+ 31 34 45+ 48 161+".split()
NOT_MAINTAINED = "5 5 8 8 12 16+ 23 27 30 33 43 45".split()


def test_none_of_many_that_all_ended_otherwise_is_nearly_none():
    # 0 won of 1,077 decided: Clopper and Pearson's upper limit is 1 − .025 ** (1 / 1077) = .34%.
    days = np.arange(1077.0)
    exact = 1 - 0.025 ** (1 / 1077)
    for horizon in (10, 800, 1076, 5000):
        high = stats.most_of_none(days, np.ones(1077), horizon_days=horizon)
        assert exact < high < 1.1 * exact
    # One more event moves the limit by about as much as it moves that of a share.
    one = stats.aalen_johansen(days, np.where(days == 500, 1, 2)).query("cause == 1").iloc[-1]
    assert high < one["incidence_high"] < 2 * high


def test_who_was_lost_from_sight_counts_until_then():
    # 90 were lost before the only other end: the 10 that are left are all that was watched.
    days, ended = [1.0] * 90 + [2.0] * 10, [False] * 99 + [True]
    high = stats.wilson(0, 10)[1]
    assert stats.most_of_none(days, ended, horizon_days=2) == pytest.approx(high)
    assert stats.most_of_none(days, ended, horizon_days=1) == pytest.approx(stats.wilson(0, 100)[1])
    assert np.isnan(stats.most_of_none([1.0], [False], horizon_days=2))


def test_most_of_none_leaves_what_surely_ended_otherwise():
    # Half are lost after two of ten have stayed: what is left would allow far more than there is.
    days, cause = [1.0] * 80 + [2.0] * 16 + [3.0] * 2, [2] * 80 + [0] * 16 + [2, 0]
    others = stats.aalen_johansen(days, cause).iloc[-1]
    high = stats.most_of_none(days, np.array(cause) > 0, horizon_days=3)
    assert high <= 1 - others["incidence_low"] + 1e-12


@pytest.mark.parametrize("lost_until", [None, 95.0, 60.0])
def test_rare_ends_are_covered_as_often_as_the_interval_says(lost_until):
    draw, n, share, covered, none = np.random.default_rng(7), 60, 0.04, 0, 0
    for _ in range(400):
        days, cause = draw.exponential(30, n), np.where(draw.random(n) < share, 1, 2)
        if lost_until:
            last = draw.uniform(0, lost_until, n)
            cause, days = np.where(last < days, 0, cause), np.minimum(days, last)
        curve = stats.aalen_johansen(days, cause)
        seen = curve[(curve["cause"] == 1) & (curve["days"] <= 50)]
        limits = (0.0, stats.most_of_none(days, cause > 0, horizon_days=50))
        if len(seen) and seen["events"].sum():
            limits = tuple(seen.iloc[-1][["incidence_low", "incidence_high"]])
        else:
            none += 1
        covered += limits[0] <= share * (1 - np.exp(-50 / 30)) <= limits[1]
    assert none > 20
    assert covered > 0.93 * 400


@pytest.mark.parametrize(
    ("group", "mean", "error"), [(MAINTAINED, 52.6, 19.83), (NOT_MAINTAINED, 22.7, 4.18)]
)
def test_restricted_means_equal_those_of_r_survfit(group, mean, error):
    """print(survfit(Surv(time, status) ~ x, aml), print.rmean = TRUE), upper limit 161."""
    days = [float(text.rstrip("+")) for text in group]
    ended = [not text.endswith("+") for text in group]
    found = restricted_mean(days, ended, horizon_days=161).iloc[0]
    assert round(found["mean_days"], 1) == mean
    assert round((found["mean_days"] - found["mean_low"]) / 1.959964, 2) == error


@given(st.lists(st.integers(1, 30), min_size=2, max_size=40), st.integers(2, 30))
def test_without_censoring_it_is_the_mean_of_what_is_within_the_horizon(days, horizon):
    found = restricted_mean(days, [True] * len(days), horizon_days=horizon).iloc[0]
    within = np.minimum(days, horizon)
    assert found["mean_days"] == pytest.approx(within.mean())
    low = within.mean() - 1.959964 * within.std() / np.sqrt(len(days))
    if min(days) < horizon:
        assert found["mean_low"] == pytest.approx(max(low, 0.0), abs=1e-6)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=20))
def test_it_is_the_area_under_the_curve_and_counts_are_rows(rows):
    days, ended = (np.array(column) for column in zip(*rows, strict=True))
    horizon = float(days.max())
    curve = kaplan_meier(days, ended)
    steps = np.arange(0, horizon, 0.5)
    at = np.searchsorted(curve["days"], steps, side="right")
    area = np.concatenate([[1.0], curve["survival"]])[at].sum() * 0.5
    found = restricted_mean(days, ended, horizon_days=horizon)
    assert found["mean_days"].iloc[0] == pytest.approx(area)
    twice = restricted_mean(days, ended, horizon_days=horizon, count=[2] * len(days))
    again = restricted_mean([*days, *days], [*ended, *ended], horizon_days=horizon)
    assert twice.round(9).equals(again.round(9))


def test_what_nobody_watched_is_refused_and_no_event_is_not_certainty():
    with pytest.raises(SalesAnalysisError, match="nobody was watched for longer than 5 days"):
        restricted_mean([3, 5], [True, False], horizon_days=9)
    with pytest.raises(SalesAnalysisError, match="`horizon_days` is 0; expected a number over 0"):
        restricted_mean([3, 5], [True, False], horizon_days=0)
    found = restricted_mean([5] * 20, [False] * 20, horizon_days=5).iloc[0]
    assert found["mean_days"] == found["mean_high"] == 5
    assert round(found["mean_low"], 2) == round(5 * (1 - 0.1611), 2)


# --- many tests -----------------------------------------------------------------------------------


def test_benjamini_hochberg_of_the_paper():
    """Benjamini & Hochberg (1995), sec. 3.2: of these 15, four are discoveries at 0.05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert (benjamini_hochberg(np.array(p)) <= 0.05).sum() == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_benjamini_hochberg_is_the_step_up_procedure(p, share):
    ordered = sorted(p)
    passing = [i for i, value in enumerate(ordered, 1) if value <= share * i / len(p)]
    limit = ordered[passing[-1] - 1] if passing else -1
    q = benjamini_hochberg(np.array(p))
    borderline = np.isclose(q, share, rtol=1e-9)
    assert ((q <= share) == (np.array(p) <= limit))[~borderline].all()


# --- ranks, whole parts ---------------------------------------------------------------------------


@given(st.integers(0, 2**32), st.integers(2, 6))
def test_ranks_are_those_of_a_loop_over_draws(seed, things):
    draws = np.random.default_rng(seed).normal(size=(31, things))
    found = posterior_ranks(draws, level=0.8)
    ranks = [[1 + sum(other > own for other in row) for own in row] for row in draws]
    for thing in range(things):
        own = sorted(rank[thing] for rank in ranks)
        # The least rank that at least so many of the 31 draws do not exceed.
        assert found["rank"].iloc[thing] == own[15]
        assert found["rank_low"].iloc[thing] == own[3]
        assert found["rank_high"].iloc[thing] == own[27]
        assert found["best"].iloc[thing] == np.mean([rank == 1 for rank in own])
        assert found["worst"].iloc[thing] == np.mean([rank == things for rank in own])


def test_seats_as_in_print():
    """Hamilton's method: the United States' House of 1791 as in Balinski & Young (2001), app. B."""
    people = {
        "VA": 630_560, "MA": 475_327, "PA": 432_879, "NC": 353_523, "NY": 331_589, "MD": 278_514,
        "CT": 236_841, "SC": 206_236, "NJ": 179_570, "NH": 141_822, "VT": 85_533, "GA": 70_835,
        "KY": 68_705, "RI": 68_446, "DE": 55_540,
    }  # fmt: skip
    seats = dict(zip(people, largest_remainder(120, list(people.values())), strict=True))
    assert seats == {
        "VA": 21, "MA": 16, "PA": 14, "NC": 12, "NY": 11, "MD": 9, "CT": 8, "SC": 7, "NJ": 6,
        "NH": 5, "VT": 3, "GA": 2, "KY": 2, "RI": 2, "DE": 2,
    }  # fmt: skip


@given(st.integers(-500, 500), st.lists(st.integers(0, 50), min_size=1).filter(any))
def test_parts_add_up_and_are_nearer_than_one_to_their_share(total, weights):
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    shares = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], ["much"]])
def test_what_splits_nothing_is_refused(weights):
    with pytest.raises(SalesAnalysisError, match="`weights` is"):
        largest_remainder(3, weights)


def test_what_needs_scipy_is_there_and_nothing_else():
    assert stats.pooled_rates.__module__ == "salesanalysis.stats.pooling"
    with pytest.raises(AttributeError, match="no attribute 'pooled_rate'"):
        _ = stats.pooled_rate


@pytest.mark.parametrize(
    ("k", "n", "other_k", "other_n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_differences_of_shares_equal_newcombe_1998_table_2_method_10(
    k, n, other_k, other_n, low, high
):
    found = stats.share_difference(k, n, other_k, other_n)
    assert [round(float(limit), 4) for limit in found] == [low, high]


def test_the_difference_of_two_means_is_that_of_welch():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(4)
    one, other = pd.Series(rng.normal(3, 1, 12)), pd.Series(rng.gamma(2, 3, 40))
    value, *limits = stats.sum_of_means([one, -other], level=0.9)
    asked = ttest_ind(one, other, equal_var=False).confidence_interval(0.9)
    assert value == pytest.approx(one.mean() - other.mean())
    assert limits == pytest.approx([asked.low, asked.high])
    assert np.isnan(stats.sum_of_means([one[:1], -other])[1])
