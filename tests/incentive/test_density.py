"""The density test: its size, its power and what it says where it has none."""

import numpy as np
import pandas as pd
import pytest
from by_name import by_name
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.incentive import DensitySettings, density_findings, density_table

density_test = by_name(incentive.density_test, DensitySettings)


def pulled(n, seed, share=0.1):
    """Attainment of which a share just below 1 was pulled just over it."""
    rng = np.random.default_rng(seed)
    values = rng.normal(1, 0.25, n)
    up = (values >= 0.9) & (values < 1) & (rng.random(n) < share)
    values[up] = 1 + 0.02 * rng.random(up.sum())
    return values


def naive_slopes(values, at, left, right, degree):
    """The densities by one weighted regression of the distribution function on each side."""
    values = np.sort(values)
    height = np.array([(values <= v).sum() - 1 for v in values]) / (len(values) - 1)
    slopes = []
    for side, band in ((values < at, left), (values >= at, right)):
        near = side & (np.abs(values - at) <= band)
        apart = values[near] - at
        weight = np.sqrt((1 - np.abs(apart) / band) / band)
        powers = np.vander(apart, degree + 1, increasing=True)
        fit = np.linalg.lstsq(powers * weight[:, None], height[near] * weight, rcond=None)[0]
        slopes.append(fit[1])
    return slopes


@pytest.mark.parametrize("digits", [12, 2])
def test_the_densities_are_slopes_of_the_distribution_function(digits):
    values = np.round(pulled(900, 1, 0.3), digits)
    found = density_test(values, 1.0, bandwidth=(0.3, 0.25), draws=0)
    expected = naive_slopes(values, 1.0, 0.3, 0.25, 3)
    assert (found.density_left, found.density_right) == pytest.approx(expected, rel=1e-6)
    inside = (values >= 0.7) & (values < 1), (values >= 1) & (values <= 1.25)
    assert (found.used_left, found.used_right) == tuple(side.sum() for side in inside)
    assert found.jump == pytest.approx(found.density_right - found.density_left)


def test_the_test_keeps_its_level_and_its_errors_are_right():
    jumps, shown, errors = [], 0, []
    for seed in range(150):
        found = density_test(np.random.default_rng(seed).normal(1, 0.25, 1500), 1.1, draws=0)
        shown += found.verdict == "jumps"
        jumps.append(found.jump)
        errors.append(found.jump_error)
    assert shown <= 15  # 5% is 7.5
    assert np.std(jumps) == pytest.approx(np.mean(errors), rel=0.2)


def test_the_power_of_a_known_pull():
    """Measured with rddensity: 10% pulled up to quota is seen in 15% (500) and 85% (5,000)."""
    small = density_test(pulled(500, 0), 1.0, draws=100)
    assert 0.05 < small.power < 0.3
    large = density_test(pulled(5000, 0), 1.0, draws=60)
    assert 0.7 < large.power < 0.98
    assert large.verdict == "jumps" and large.ratio > 1.5


def test_no_evidence_means_something_only_with_power():
    rng = np.random.default_rng(4)
    few = density_test(rng.normal(1, 0.25, 400), 1.0, draws=60)
    many = density_test(rng.normal(1, 0.25, 12_000), 1.0, draws=40)
    assert (few.verdict, many.verdict) == ("cannot_tell", "no_jump")
    found = density_findings([few, many])
    assert [finding.name for finding in found] == ["cannot_tell", "no_jump"]
    table = density_table([few, many])
    assert table["verdict"].tolist() == ["cannot_tell", "no_jump"]
    assert (table["power"] == [few.power, many.power]).all()


def test_too_few_on_one_side_is_no_test():
    values = np.concatenate([np.linspace(0.5, 0.99, 200), [1.2, 1.3]])
    for threshold, over in ((1.0, 2), (99.0, 0)):
        found = density_test(values, threshold, draws=5)
        assert found.verdict == "cannot_tell" and found.n_right == over
        assert np.isnan([found.jump, found.p_value, found.power]).all()
        assert [finding.name for finding in density_findings([found])] == ["not_tested"]


def test_sales_exactly_at_the_threshold_are_above_it():
    quota = np.arange(1, 400) * 1.1
    table = pd.DataFrame({"quota": quota, "sales": np.round(quota * 1.1, 10)})
    spread = pd.DataFrame({"quota": 1.0, "sales": np.linspace(0.7, 1.4, 150)})
    found = density_test(pd.concat([table, spread]), 1.1, draws=0)
    assert found.n_right == 399 + (spread["sales"] >= 1.1).sum()


@given(st.floats(1e-3, 1e5), st.floats(-50, 50))
@settings(max_examples=10, deadline=None)
def test_the_unit_and_the_origin_do_not_matter(unit, origin):
    values = pulled(400, 7, 0.2)
    one = density_test(values, 1.0, draws=0)
    other = density_test(values * unit + origin, unit + origin, draws=0)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-4)
    assert other.bandwidth_left == pytest.approx(one.bandwidth_left * unit, rel=1e-4)


@pytest.mark.parametrize("choice", ["each", "difference", "sum", "combined"])
def test_each_choice_of_a_bandwidth_works_for_both_fits(choice):
    for fit in ("restricted", "unrestricted"):
        found = density_test(pulled(600, 2), 1.0, choice=choice, fit=fit, draws=0)
        assert 0.05 < found.bandwidth_left < 2 and 0.05 < found.bandwidth_right < 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": "gaussian"}, "`kernel` is 'gaussian'.*triangular"),
        ({"choice": "best"}, "`choice`"),
        ({"fit": "free"}, "`fit`"),
        ({"standard_error": "hc1"}, "`standard_error`"),
        ({"degree": 0}, "`degree` is 0"),
        ({"bandwidth": -1}, "`bandwidth`"),
        ({"moved": 2}, "`moved` is 2"),
    ],
)
def test_wrong_arguments_get_one_clear_message(change, message):
    with pytest.raises(SalesAnalysisError, match=message):
        density_test(pulled(300, 0), **({"threshold": 1.0} | change))
