"""Arguments that are refused, each in one clear sentence."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from salesanalysis import SalesAnalysisError
from salesanalysis.errors import require_number


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        (1, {"low": 1}), (0.5, {"over": 0, "under": 1}), (np.float64(2), {"low": 1, "high": 2}),
        (np.int64(3), {"whole": True}), (Fraction(1, 3), {"over": 0}), (3.0, {"whole": True}),
        (-2, {"under": 0}), (0, {"low": 0, "high": 0}),
    ],
)  # fmt: skip
def test_a_number_within_its_limits_is_let_pass(value, limits):
    require_number("x", value, **limits)


@pytest.mark.parametrize(
    ("value", "limits", "said"),
    [
        (0, {"low": 1}, "`x` is 0; expected a number, 1 or more."),
        (1.5, {"low": 1, "whole": True}, "`x` is 1.5; expected a whole number, 1 or more."),
        (0, {"over": 0, "high": 1}, "`x` is 0; expected a number over 0 and at most 1."),
        (2, {"low": 0, "high": 1}, "`x` is 2; expected a number from 0 to 1."),
        (1, {"low": 0, "under": 1}, "`x` is 1; expected a number under 1 and at least 0."),
        ("3", {}, "`x` is '3'; expected a number."),
        (True, {}, "`x` is True; expected a number."),
        (None, {}, "`x` is None; expected a number."),
        (float("nan"), {"low": 0}, "`x` is nan; expected a number, 0 or more."),
        (float("inf"), {"over": 0}, "`x` is inf; expected a number over 0."),
        (Decimal(1), {}, "`x` is Decimal('1'); expected a number."),
        ([1], {}, "`x` is [1]; expected a number."),
    ],
)
def test_any_other_is_refused_with_its_limits(value, limits, said):
    with pytest.raises(SalesAnalysisError) as refused:
        require_number("x", value, **limits)
    assert str(refused.value) == said
