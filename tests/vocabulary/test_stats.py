"""Published values of Wilson and Kaplan–Meier; Aalen–Johansen against an exact oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesanalysis.stats import aalen_johansen, kaplan_meier, survival_quantile, wilson

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
