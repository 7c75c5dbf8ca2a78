"""The broken line: global optimum, intervals, whether there is a break at all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.incentive import kink


def squares(at, x, y):
    """Sum of squares of the broken line with its break at one place."""
    design = np.column_stack([np.ones_like(x), x - at, np.maximum(x - at, 0)])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(rest @ rest)


@given(st.integers(0, 2**32 - 1), st.integers(6, 40), st.integers(0, 4), st.sampled_from([0, 1e4]))
@settings(max_examples=25, deadline=None)
def test_no_break_on_a_fine_grid_is_better(seed, n, digits, origin):
    rng = np.random.default_rng(seed)
    x = np.round(rng.uniform(0, 5, n), digits)
    y = rng.normal(0, 1, n) + rng.normal() * x
    places = np.unique(x)
    if len(places) < 4:
        return
    line = kink(x + origin, y, draws=0)
    grid = np.concatenate([np.linspace(places[1], places[-2], 400), places[1:-1]])
    best = min(squares(at, x, y) for at in grid)
    assert squares(line.break_at - origin, x, y) <= best * (1 + 1e-9) + 1e-9
    fitted = line.fitted(x + origin)
    assert ((y - fitted) ** 2).sum() == pytest.approx(squares(line.break_at - origin, x, y))


def test_a_local_search_would_miss_this_one():
    """Two breaks nearly as good as each other: only one of them is the best."""
    x = np.arange(60.0)
    y = np.where(x < 10, 3 * x, 30) + np.maximum(x - 45, 0) * 1.6
    line = kink(x, y, draws=0)
    assert squares(line.break_at, x, y) == pytest.approx(
        min(squares(at, x, y) for at in np.linspace(1, 58, 5701)), rel=1e-4
    )


def test_slopes_and_errors_equal_a_regression_at_the_break():
    rng = np.random.default_rng(1)
    x = np.sort(rng.uniform(-1, 1, 200))
    y = 1 + 2 * x - 1.5 * np.maximum(x - 0.2, 0) + rng.normal(0, 0.1, 200)
    line = kink(pd.DataFrame({"distance": x, "effort": y}))
    over = x > line.break_at
    # Muggeo's linearisation: the break's error is that of the jump, over the change of slope.
    design = np.column_stack([np.ones(200), x, np.maximum(x - line.break_at, 0), -1.0 * over])
    beta, *_ = np.linalg.lstsq(design, y, rcond=None)
    covariance = np.linalg.inv(design.T @ design) * line.residual_sd**2
    error = np.sqrt(covariance[3, 3]) / abs(line.slope_change)
    assert line.break_error == pytest.approx(error, rel=1e-6)
    assert (line.slope_left, line.slope_change) == pytest.approx((beta[1], beta[2]), rel=0.05)
    assert line.slope_right == pytest.approx(line.slope_left + line.slope_change)
    assert line.break_low < 0.2 < line.break_high and line.verdict == "kink"
    assert {"break_at", "slope_left", "p_value"} <= set(line.summary()["name"])


def test_the_interval_covers_the_break_and_a_straight_line_has_none():
    covered = shown = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, 80)
        noise = rng.normal(0, 0.3, 80)
        bent = kink(x, x - 1.5 * np.maximum(x - 0.1, 0) + noise, draws=0)
        covered += bent.break_low <= 0.1 <= bent.break_high
        shown += kink(x, x + noise, draws=99, seed=seed).verdict == "kink"
    assert covered >= 70  # 95% is 76
    assert shown <= 10  # 5% is 4


def test_where_the_data_do_not_say_the_interval_says_so():
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 1, 40)
    line = kink(x, rng.normal(0, 1, 40))
    assert line.verdict == "not_shown"
    assert line.break_high - line.break_low > 0.5


def test_missing_points_are_left_out():
    x, y = np.arange(12.0), np.abs(np.arange(12.0) - 5)
    again = kink(np.append(x, [np.nan, 3]), np.append(y, [1, np.nan]), draws=0)
    assert again.n == 12 and again.break_at == pytest.approx(5)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2, 3], [1, 2], "of the shapes"),
        ([1, 2, 3, 4], [1, 2, 3, 4], "5 points or more"),
        ([1, 1, 2, 2, 3], [1, 2, 3, 4, 5], "there are 5 points at 3"),
        (pd.DataFrame({"distance": [1], "effect": [2]}), None, "no column `effort`"),
    ],
)
def test_what_cannot_be_fitted_is_refused(x, y, message):
    with pytest.raises(SalesAnalysisError, match=message):
        kink(x, y)
