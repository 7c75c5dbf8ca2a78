"""Money as whole minor units: what is read as a number, how large it may be, how it is rounded."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.incentive.money import exact, from_minor, rounded, to_minor, whole_parts

FLAT = {"tiers": [[0, None, 0.03]]}
CENT = Fraction(1, 100)
#: The largest number of minor units: floats hold all whole numbers up to it.
MOST = 2**53


def test_numbers_are_what_their_text_says():
    assert exact(0.035) == Fraction(35, 1000)
    assert exact("12.5%") == Fraction(1, 8)
    for bad in (None, True, "x", float("nan"), float("inf")):
        with pytest.raises(ValueError):
            exact(bad)


def test_a_number_has_at_most_sixty_characters_and_an_exponent_of_sixty():
    assert exact("1" + "0" * 59) == 10**59
    assert exact("1e60") == 10**60
    for long in ("1" + "0" * 60, "1e61", "1e-61"):
        with pytest.raises(ValueError, match="too long"):
            exact(long)


@pytest.mark.parametrize(
    "unit", [CENT, Fraction(1), Fraction(1, 1000), Fraction(10), Fraction(2, 5)]
)
@pytest.mark.parametrize("kind", [float, object, Decimal])
def test_money_becomes_whole_units_of_any_size_and_is_money_again(unit, kind):
    units = [0, 3, -7, 123_456_789]
    money = [each * unit for each in units]
    given = {
        float: np.array(money, dtype=float),
        object: np.array(money, dtype=object),
        Decimal: np.array([Decimal(m.numerator) / m.denominator for m in money], dtype=object),
    }
    minor, missing = to_minor(given[kind], unit, "sales")
    assert minor.tolist() == units
    assert minor.dtype == np.int64
    assert not missing.any()
    assert from_minor(minor, unit).tolist() == [float(each) for each in money]


@pytest.mark.parametrize("unit", [CENT, Fraction(1), Fraction(10)])
@pytest.mark.parametrize("kind", [np.int64, np.uint64, float, object])
def test_money_is_held_exactly_up_to_the_limit_and_refused_beyond(unit, kind):
    most = MOST * unit.numerator // unit.denominator
    signs = (1,) if kind is np.uint64 else (1, -1)
    for sign in signs:
        held, _ = to_minor(np.array([0, sign * most], dtype=kind), unit, "sales")
        assert held.tolist() == [0, sign * (most * unit.denominator // unit.numerator)]
        over = most + max(2 * unit, 2)  # the next whole number of units that a float can hold
        with pytest.raises(SalesAnalysisError, match="more than can be held exactly"):
            to_minor(np.array([0, sign * int(over)], dtype=kind), unit, "sales")
    nothing, missing = to_minor(np.array([], dtype=kind), unit, "sales")
    assert nothing.tolist() == missing.tolist() == []


def test_a_whole_number_one_over_the_limit_is_refused_where_floats_do_not_hold_it():
    for given in (np.array([MOST + 1]), np.array([-MOST - 1]), np.array([MOST + 1], dtype=object)):
        with pytest.raises(SalesAnalysisError, match="9.01e"):
            to_minor(given, Fraction(1), "sales")


def test_the_noise_of_floats_is_taken_for_none_up_to_a_thousandth_of_a_unit():
    minor, _ = to_minor([0.1 + 0.2, 1.1 * 3, 0.00001], CENT, "sales")
    assert minor.tolist() == [30, 330, 0]
    with pytest.raises(SalesAnalysisError, match=r": 0\.5 \(row 8\); 1 in all"):
        to_minor([0.001, 0.5, np.nan], Fraction(1), "sales", first=7)
    with pytest.raises(SalesAnalysisError, match=": 0.5. Round"):
        to_minor(np.array([Fraction(1, 1000), "0.5", None], dtype=object), Fraction(1), "sales")


def test_missing_money_is_told_from_nothing():
    for given in ([1.5, np.nan], [Fraction(3, 2), None], ["1.50", "NaN"], [Decimal("1.5"), pd.NA]):
        minor, missing = to_minor(np.array(given, dtype=object), CENT, "sales")
        assert minor.tolist() == [150, 0]
        assert missing.tolist() == [False, True]
    minor, missing = to_minor(np.array([1.5, np.nan]), CENT, "sales")
    assert (minor.tolist(), missing.tolist()) == ([150, 0], [False, True])


def test_shares_are_whole_parts_of_one_from_nothing_to_all():
    parts, whole = whole_parts(pd.Series([0, "1/3", 0.25, 1]), missing=0)
    assert (parts.tolist(), whole) == ([0, 4, 3, 12], 12)
    for bad in (-0.1, 1.1, "a half", "1/0"):
        with pytest.raises(SalesAnalysisError, match="expected shares of 0 to 1"):
            whole_parts(pd.Series([0.5, bad], name="share"), missing=0)


def test_money_of_other_currencies_has_other_minor_units():
    assert incentive.read_plan({**FLAT, "currency": "JPY"}).minor_unit == 1
    assert incentive.read_plan({**FLAT, "currency": "KWD"}).minor_unit == Fraction(1, 1000)
    paid = incentive.payout_amounts([333], plan={**FLAT, "currency": "JPY"})
    assert paid.tolist() == [10]  # 9.99 yen
    with pytest.raises(SalesAnalysisError, match="minor unit"):
        incentive.payout_amounts([0.5], plan={**FLAT, "currency": "JPY"})


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("half_up", [3, 2, -3, -2, 4]),
        ("half_even", [2, 2, -2, -2, 4]),
        ("half_down", [2, 2, -2, -2, 3]),
        ("down", [2, 2, -2, -2, 3]),
        ("up", [3, 3, -3, -3, 4]),
    ],
)
def test_rounding_rules(method, expected):
    tops = pd.Series([25, 21, -25, -21, 35]).to_numpy()
    assert rounded(tops, 10, method).tolist() == expected
    assert rounded(tops.astype(object), 10, method).tolist() == expected
