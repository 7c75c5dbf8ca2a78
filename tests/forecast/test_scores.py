"""Scores of forecasts: closed forms, naive loops, and what every proper score must do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import beta as beta_function

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast import scores

NUMBERS = st.floats(-1e3, 1e3, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1, max_size=12), NUMBERS)
def test_crps_of_draws_is_the_double_sum(draws, actual):
    n = len(draws)
    away = sum(abs(x - actual) for x in draws) / n
    apart = sum(abs(x - y) for x in draws for y in draws)
    assert scores.crps(draws, actual) == pytest.approx(away - apart / (2 * n * n), abs=1e-8)
    if n > 1:
        fair = away - apart / (2 * n * (n - 1))
        assert scores.crps(draws, actual, fair=True) == pytest.approx(fair, abs=1e-8)


@given(st.lists(NUMBERS, min_size=1, max_size=8), NUMBERS)
def test_crps_of_draws_is_the_integral_over_the_squared_distance_of_distributions(draws, actual):
    edges = np.unique([*draws, actual])
    below = np.array([(np.array(draws) <= at).mean() for at in edges[:-1]])
    step = (edges[:-1] >= actual).astype(float)
    integral = (((below - step) ** 2) * np.diff(edges)).sum() if len(edges) > 1 else 0.0
    assert scores.crps(draws, actual) == pytest.approx(integral, abs=1e-7)


def equal_draws(distribution, n=20_001):
    """The quantiles in the middle of n equal parts: as good as endless draws."""
    return distribution.ppf((np.arange(n) + 0.5) / n)


@pytest.mark.parametrize("actual", [0.2, 1.0, 3.7])
def test_crps_of_draws_has_the_closed_form_of_known_distributions(actual):
    normal = scores.crps_normal(1.0, 2.0, actual)
    assert scores.crps(equal_draws(stats.norm(1, 2)), actual) == pytest.approx(normal, rel=2e-4)
    # Exponential: |y| − 2F(y)/λ + 1/(2λ) (Gneiting & Raftery 2007, and scoringRules in R).
    rate = 0.5
    exponential = actual - 2 * (1 - np.exp(-rate * actual)) / rate + 1 / (2 * rate)
    draws = equal_draws(stats.expon(scale=1 / rate))
    assert scores.crps(draws, actual) == pytest.approx(exponential, rel=1e-3)
    # Gamma (Scheuerer & Möller 2015, Annals of Applied Statistics 9, 1328–1349).
    shape, scale = 2.5, 0.8
    cdf, more = (stats.gamma(a, scale=scale).cdf(actual) for a in (shape, shape + 1))
    gamma = actual * (2 * cdf - 1) - shape * scale * (2 * more - 1)
    gamma -= scale / beta_function(0.5, shape)
    draws = equal_draws(stats.gamma(shape, scale=scale))
    assert scores.crps(draws, actual) == pytest.approx(gamma, rel=1e-3)
    # Log-normal (Baran & Lerch 2015, QJRMS 141, 2289–2299).
    mu, sigma = 0.3, 0.6
    z = (np.log(actual) - mu) / sigma
    lognormal = actual * (2 * stats.norm.cdf(z) - 1)
    lognormal -= (
        2
        * np.exp(mu + sigma**2 / 2)
        * (stats.norm.cdf(z - sigma) + stats.norm.cdf(sigma / np.sqrt(2)) - 1)
    )
    draws = equal_draws(stats.lognorm(sigma, scale=np.exp(mu)))
    assert scores.crps(draws, actual) == pytest.approx(lognormal, rel=1e-3)


def test_crps_takes_many_forecasts_at_once():
    draws = np.arange(24.0).reshape(2, 3, 4)
    actual = np.array([[1.0, 5.0, 9.0], [13.0, 18.0, 30.0]])
    one_by_one = [[scores.crps(draws[i, j], actual[i, j]) for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(scores.crps(draws, actual), one_by_one)
    assert scores.pit(draws, actual).shape == (2, 3)


def test_without_spread_the_score_of_a_normal_forecast_is_the_absolute_error():
    found = scores.crps_normal([1.0, 1.0, 1.0], [0.0, 0.0, 0.5], [3.0, 1.0, 1.0])
    # At its mean a normal distribution scores sd · (√2 − 1) / √π.
    assert found.tolist() == pytest.approx([2, 0, 0.5 * (np.sqrt(2) - 1) / np.sqrt(np.pi)])


def test_one_draw_or_one_quantile_is_a_forecast_too():
    assert scores.crps([100.0], 130) == 30
    assert scores.crps_quantiles([100.0], 130, shares=[0.5]) == 30
    assert [scores.pit([100.0], actual) for actual in (99, 100, 101)] == [0, 0.5, 1]


def test_quantiles_of_many_forecasts_are_scored_row_by_row():
    quantiles, shares = np.array([[90.0, 100.0, 110.0], [40.0, 50.0, 80.0]]), [0.1, 0.5, 0.9]
    # Twice the pinball losses times the shares each stands for, by hand: 2 · (1 · 0.3 + 0 · 0.4 +
    # 1 · 0.3) and 2 · (2 · 0.3 + 5 · 0.4 + 2 · 0.3).
    found = scores.crps_quantiles(quantiles, [100.0, 60.0], shares=shares)
    assert found.tolist() == pytest.approx([1.2, 6.4])


def test_fair_crps_does_not_depend_on_how_many_draws_there_are():
    rng = np.random.default_rng(0)
    actual = rng.normal(size=20_000)
    few = scores.crps(rng.normal(size=(20_000, 5)), actual, fair=True).mean()
    assert few == pytest.approx(1 / np.sqrt(np.pi), abs=0.01)  # of a standard normal forecast
    biased = scores.crps(rng.normal(size=(20_000, 5)), actual).mean()
    assert biased > few + 0.05


def test_pinball_is_least_at_the_quantile_and_twice_its_mean_is_the_crps():
    draws = equal_draws(stats.gamma(3.0), 999)
    for share in (0.1, 0.5, 0.9):
        tried = np.linspace(0.1, 8, 400)
        loss = [scores.pinball(q, draws, share=share).mean() for q in tried]
        assert tried[np.argmin(loss)] == pytest.approx(stats.gamma(3.0).ppf(share), abs=0.03)
    shares = (np.arange(999) + 0.5) / 999
    exact = scores.crps(draws, 2.0)
    assert scores.crps_quantiles(draws, 2.0, shares=shares) == pytest.approx(exact, rel=1e-4)


@given(NUMBERS, st.floats(0, 100), NUMBERS, st.floats(0.01, 0.99))
def test_interval_score_is_the_weighted_pinball_of_its_ends(low, width, actual, level):
    high, tail = low + width, (1 - level) / 2
    pinballs = scores.pinball(low, actual, share=tail)
    pinballs = pinballs + scores.pinball(high, actual, share=1 - tail)
    found = scores.interval_score(low, high, actual, level=level)
    assert found == pytest.approx(pinballs / tail, rel=1e-6, abs=1e-6)


def test_pit_is_even_for_a_calibrated_forecast_and_counts_ties_half():
    rng = np.random.default_rng(1)
    found = scores.pit(rng.normal(size=(4_000, 200)), rng.normal(size=4_000))
    assert stats.kstest(found, "uniform").pvalue > 0.001
    narrow = scores.pit(rng.normal(size=(4_000, 200)), 3 * rng.normal(size=4_000))
    assert ((narrow < 0.05) | (narrow > 0.95)).mean() > 0.4
    assert scores.pit([0.0, 0.0, 0.0, 5.0], 0.0) == 0.375


def test_coverage_counts_limits_as_inside_and_leaves_out_what_is_missing():
    row = scores.interval_coverage([0, 0, np.nan, 0], [1, 1, 1, 1], [0, 1.1, 0.5, 1]).iloc[0]
    assert row[["n", "k", "mean_width"]].tolist() == [3, 2, 1.0]
    assert row["rate_low"] < 2 / 3 < row["rate_high"]
    nothing = scores.interval_coverage([], [], []).iloc[0]
    assert nothing["n"] == 0
    assert np.isnan(nothing["rate"])


def test_the_width_of_an_interval_is_from_its_low_to_its_high_end():
    row = scores.interval_coverage([90, 80], [110, 130], [100, 100]).iloc[0]
    assert row["mean_width"] == 35


def test_scores_of_points():
    assert scores.wape([1, np.nan, 3], [2, 5, 2]) == 0.5
    assert scores.bias([1, 3], [2, 2]) == 0.0
    assert np.isnan(scores.wape([1], [0]))
    assert scores.smape([0, 10], [0, 30]) == 0.5
    assert scores.mase([3, 3], [1, 5], history=[1, 2, 3, 4], season=2) == 1.0
    assert np.isnan(scores.mase([1], [2], history=[1, 1, 1]))
    assert scores.relative_crps([1, 2], [10, 20]) == 0.1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: scores.wape([1, 2], [1]), "of one shape"),
        (lambda: scores.pinball(1, 1, share=90), "`share`"),
        (lambda: scores.pinball(1, 1, share=[0.5, 0]), "`share`"),
        (lambda: scores.pinball(1, 1, share=1), "`share`"),
        (lambda: scores.interval_score(1, 0, 1, level=0.8), "`low`"),
        (lambda: scores.interval_score(0, 1, 1, level=80), "`level`"),
        (lambda: scores.crps([], 1), "at least 1 draws"),
        (lambda: scores.crps([1.0], 1, fair=True), "at least 2 draws"),
        (lambda: scores.crps([[1.0, 2.0]], [1, 2]), "one actual for each row"),
        (lambda: scores.crps_normal(0, -1, 0), "`sd`"),
        (lambda: scores.crps_quantiles([1, 2], 1, shares=[0.9, 0.1]), "ascending"),
        (lambda: scores.mase([1], [1], history=[1, 2], season=0), "`season`"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_a_reason(call, said):
    with pytest.raises(SalesAnalysisError, match=said):
        call()
