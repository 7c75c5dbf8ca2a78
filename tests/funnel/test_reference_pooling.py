"""Pooled rates and tests of groups against published numbers and exact integrals."""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from salesanalysis.funnel.differences import group_test
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import end_of
from salesanalysis.stats.pooling import pooled_rates
from salesanalysis.stats.spread import Spread

DAY = end_of("2025-12-31")

# Tumours among female rats in 71 control groups: Tarone (1982), as table 5.1 of Gelman and others,
# Bayesian Data Analysis. Pairs of tumours and rats; the last is that of the current experiment.
RATS = """
0 20 0 20 0 20 0 20 0 20 0 20 0 20 0 19 0 19 0 19 0 19 0 18 0 18 0 17 1 20 1 20 1 20 1 20 1 19 1 19
1 18 1 18 2 25 2 24 2 23 2 20 2 20 2 20 2 20 2 20 2 20 1 10 5 49 2 19 5 46 3 27 2 17 7 49 7 47 3 20
3 20 2 13 9 48 10 50 4 20 4 20 4 20 4 20 4 20 4 20 4 20 10 48 4 19 4 19 4 19 5 22 11 46 12 49 5 20
5 20 6 23 5 19 6 22 6 20 6 20 6 20 16 52 15 46 15 47 9 24 4 14
"""
TUMOURS, ANIMALS = np.array(RATS.split(), dtype=int).reshape(-1, 2).T

# Batting averages after 45 at-bats and over the rest of the season 1970, of 18 players: Efron &
# Morris (1975), JASA 70, 311–319, table 1.
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
SEASON = [0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269]
SEASON += [0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285, 0.316, 0.200]


def test_rat_tumours_equal_the_grid_of_bayesian_data_analysis():
    # Section 5.3 prints E(alpha | y) = 2.4 and E(beta | y) = 14.3 under the prior that is uniform
    # on mean and 1/√M; ours is uniform on 1/√(1 + M), so it is turned into theirs here.
    assert len(TUMOURS) == 71
    spread = Spread.fit(ANIMALS, TUMOURS)
    precision = spread.alpha + spread.beta
    weight = spread.weight * ((1 + precision) / precision) ** 1.5
    weight /= weight.sum()
    assert weight @ spread.alpha == pytest.approx(2.4, abs=0.05)
    assert weight @ spread.beta == pytest.approx(14.3, abs=0.1)
    # The difference between the two priors does not matter here.
    assert spread.weight @ spread.alpha == pytest.approx(2.4, abs=0.05)
    assert spread.summary()["value"].iloc[0] == pytest.approx(0.14, abs=0.005)


def test_pooled_batting_averages_predict_the_season_as_efron_and_morris_found():
    # Their James–Stein estimates had less than a third of the squared error of the raw averages
    # (.022 against .077) and pull all players close to the common .265.
    table = pooled_rates(pd.DataFrame({"n": 45, "k": HITS}))
    raw = ((table["rate"] - SEASON) ** 2).sum()
    pooled = ((table["pooled_rate"] - SEASON) ** 2).sum()
    assert raw == pytest.approx(0.0755, abs=0.001)
    assert pooled < raw / 3
    assert table["own_weight"].between(0.1, 0.35).all()
    assert table["pooled_rate"].mean() == pytest.approx(0.265, abs=0.003)
    inside = (table["pooled_low"] <= SEASON) & (SEASON <= table["pooled_high"])
    assert inside.sum() >= 17


@pytest.mark.parametrize(
    ("n", "k"),
    [([5, 5, 5], [0, 2, 4]), ([40, 9, 2], [20, 6, 0]), ([3, 3, 3, 3], [3, 3, 3, 3])],
)
def test_pooled_rates_equal_the_integral(n, k):
    """Against Gauss–Legendre quadrature over mean and share: other nodes, no cut-off."""
    n, k = np.array(n), np.array(k)
    nodes, weights = np.polynomial.legendre.leggauss(300)
    nodes, weights = (nodes + 1) / 2, weights / 2
    mean, share = np.meshgrid(nodes, nodes)
    precision = 1 / share**2 - 1
    a, b = mean * precision, (1 - mean) * precision
    logs = sum(special.betaln(a + x, b + (m - x)) for m, x in zip(n, k, strict=True))
    density = np.outer(weights, weights) * np.exp(logs - len(n) * special.betaln(a, b))
    density /= density.sum()

    row = pooled_rates(pd.DataFrame({"n": n, "k": k})).iloc[1]
    n, k = n[1], k[1]
    pooled, own = (a + k) / (a + b + n), n / (a + b + n)
    assert row["pooled_rate"] == pytest.approx((density * pooled).sum(), abs=1e-3)
    assert row["own_weight"] == pytest.approx((density * own).sum(), abs=3e-3)
    for limit, tail in ((row["pooled_low"], 0.025), (row["pooled_high"], 0.975)):
        below = (density * special.betainc(a + k, b + (n - k), limit)).sum()
        # Where all groups won everything, more than the tail lies within rounding of 1.
        assert below == pytest.approx(tail, abs=1.5e-3) or (limit == 1 and k == n)


def survival_test(rows):
    """The log-rank row of (days, event, group) rows."""
    frame = pd.DataFrame(rows, columns=["age_days", "event", "group"])
    frame["outcome"] = np.where(frame["event"] == 1, "won", "open")
    frame["created_at"] = DAY - pd.to_timedelta(frame["age_days"], unit="D")
    known = KnownFunnel(as_of=DAY, deals=frame)
    table = group_test(known, by="group", permutations=999).set_index("test")
    # Without deals that were lost, both ways to count the others are the same.
    columns = ["statistic", "degrees", "p_value"]
    assert table.loc["win_incidence", columns].equals(table.loc["time_to_win", columns])
    return table.loc["time_to_win"]


def test_log_rank_equals_the_leukaemia_trial():
    # Freireich and others (1963), as in Kleinbaum & Klein, Survival Analysis: chi-square 16.79.
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    rows = list(zip(treated, relapse, "t" * 21, strict=True))
    row = survival_test(rows + [(weeks, 1, "p") for weeks in placebo])
    assert row["statistic"] == pytest.approx(16.79, abs=0.005)
    assert (row["degrees"], row["verdict"]) == (1, "differ")


def test_log_rank_of_three_groups_equals_klein_and_moeschberger():
    # Exercise 7.7 (boron neutron capture therapy), days of death of 10 rats each; R's survdiff
    # prints Chisq = 33.38033 on 2 degrees of freedom.
    untreated = [20, 21, 23, 24, 24, 26, 26, 27, 28, 30]
    radiated = [26, 28, 29, 29, 30, 30, 31, 31, 32]
    boron = [31, 32, 34, 35, 36, 38, 38, 39]
    rows = [(day, 1, "untreated") for day in untreated]
    rows += [(day, 1, "radiated") for day in radiated] + [(35, 0, "radiated")]
    rows += [(day, 1, "boron") for day in boron] + [(42, 0, "boron")] * 2
    row = survival_test(rows)
    assert row["statistic"] == pytest.approx(33.38033, abs=5e-6)
    assert row["degrees"] == 2


def test_chi_square_equals_scipy_and_its_permutations_fishers_exact_test():
    outcome = ["won"] * 8 + ["lost"] * 2 + ["won"] * 1 + ["lost"] * 5
    frame = pd.DataFrame({"outcome": outcome, "age_days": 1.0, "group": ["a"] * 10 + ["b"] * 6})
    frame["created_at"] = pd.Timestamp("2025-01-01")
    known = KnownFunnel(as_of=DAY, deals=frame)
    row = group_test(known, by="group", permutations=4999).iloc[0]
    counts = [[8, 2], [1, 5]]
    assert row["statistic"] == pytest.approx(stats.chi2_contingency(counts, correction=False)[0])
    # Fisher's two-sided test sums the tables that are no more likely; here the same ones.
    assert row["p_value"] == pytest.approx(stats.fisher_exact(counts)[1], abs=0.01)
