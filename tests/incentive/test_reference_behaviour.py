"""Bunching, density test and broken line against values from outside."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from by_name import by_name

from salesanalysis import incentive
from salesanalysis.incentive import BunchingSettings, DensitySettings, kink

bunching = by_name(incentive.bunching, BunchingSettings)
density_test = by_name(incentive.density_test, DensitySettings)

# R package `bunching` 0.8 (P. Mavrokonstantis), its own simulated data


@pytest.fixture(scope="module")
def earnings(shared):
    return pd.read_csv(shared("incentive/bunching_data.csv"))


KINK = {"threshold": 10_000, "bin_width": 50, "rates": (1.0, 0.8), "draws": 0}
NOTCH = {"kind": "notch", "bin_width": 50, "bins_left": 40, "bins_right": 40, "draws": 0}


def test_kink_without_correction_equals_r(earnings):
    found = bunching(earnings["kink_vector"], **KINK, correct=False)
    assert found.B == pytest.approx(648.7511, rel=1e-6)
    assert found.b == pytest.approx(1.988516, rel=1e-6)
    assert found.elasticity == pytest.approx(0.0497129, rel=1e-6)


def test_kink_with_correction_equals_r(earnings):
    found = bunching(earnings["kink_vector"], **KINK)
    assert found.B == pytest.approx(629.5111, rel=1e-6)
    assert found.b == pytest.approx(1.822088, rel=1e-6)
    assert found.elasticity == pytest.approx(0.0455522, rel=1e-6)


@pytest.mark.parametrize(("width", "b"), [(50, 1.99), (100, 0.975), (25, 1.13)])
def test_b_is_in_bin_widths(earnings, width, b):
    """Measured in R on the same data: the same pile is another b in other bins."""
    options = (
        KINK | {"bin_width": width} | dict.fromkeys(["bins_left", "bins_right"], 1000 // width)
    )
    found = bunching(earnings["kink_vector"], **options, correct=False)
    assert found.b == pytest.approx(b, abs=0.005)
    assert found.response == pytest.approx(found.b * width)


def test_notch_finds_hole_and_end(earnings):
    """The package's example: zD is 10,934 and lies 19 bins above; payees are stuck in the hole."""
    found = bunching(earnings["notch_vector"], 10_000, degree=5, rates=(0.82, 0.75),
                     correct=False, **NOTCH)  # fmt: skip
    assert np.ceil(found.dominated_to) == 10_934
    assert np.ceil((found.dominated_to - 10_000) / 50) == 19
    assert found.excluded_right == 29 and found.missing_mass < found.B
    assert 0.7 < found.stuck_share < 0.9
    share = found.b * 50 / 10_000  # Kleven's reduced form, as the package's own test states it
    assert found.elasticity == pytest.approx(share**2 / (2 + share) / (0.07 / 0.82))


def test_the_error_at_a_notch_is_that_of_payees_drawn_anew(earnings):
    """R gives .196 for b, from residuals; 2,000 draws of whole payees outside the project .166."""
    found = bunching(earnings["notch_vector"], 10_000, **NOTCH | {"draws": 500})
    error = found.intervals.set_index("name").loc["b", "error"]
    assert error == pytest.approx(0.166, abs=0.015)


# rddensity 3.0 (M. D. Cattaneo, M. Jansson, X. Ma), on quantiles of a normal distribution

QUANTILES = [NormalDist(0.1, 1).inv_cdf((i + 0.5) / 1000) for i in range(1000)]


@pytest.mark.parametrize(
    ("options", "left", "right", "statistic"),
    [
        ({}, 0.9282663669521968, 0.8357370892535426, -0.013628847900777848),
        ({"standard_error": "plugin"}, 0.9412340800355649, 0.8431640302043127, -0.0142367117084812),
        ({"fit": "restricted"}, 0.7724265469614998, 0.7724265469614998, 0.0294089668506033),
        ({"threshold": 0.5}, 0.8135566878688044, 0.9708108903652962, 0.0360045930092250),
        (
            {"threshold": 0.5, "fit": "restricted", "standard_error": "plugin"},
            *(0.8194927312777941, 0.8194927312777941, -0.1301148834702477),
        ),
    ],
)
def test_density_test_equals_rddensity(options, left, right, statistic):
    found = density_test(QUANTILES, **({"threshold": 0.0} | options), draws=0)
    assert (found.bandwidth_left, found.bandwidth_right) == pytest.approx((left, right), rel=1e-6)
    assert found.statistic == pytest.approx(statistic, rel=1e-6)


# Exact broken lines: R `segmented` and any other least-squares fit must find them


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_a_broken_line_without_noise_is_found_exactly(shift):
    x = np.linspace(-3, 7, 41) + shift
    y = 2 + 0.5 * (x - shift) - 1.75 * np.maximum(x - shift - 1.3, 0)
    line = kink(x, y, draws=0)
    assert line.break_at - shift == pytest.approx(1.3, abs=1e-6)
    assert (line.slope_left, line.slope_right) == pytest.approx((0.5, -1.25), rel=1e-6)
