"""When a figure is on track, watched or acted on."""

import math

import pytest

from salesanalysis import SalesAnalysisError, statuses
from salesanalysis.statuses import ACT, GOOD, NONE, WATCH, Limits


@pytest.mark.parametrize(
    ("value", "status"),
    [(0.7, GOOD), (0.69, WATCH), (0.3, WATCH), (0.29, ACT), (math.nan, NONE), (math.inf, GOOD)],
)
def test_where_more_is_better(value, status):
    assert Limits(good=0.7, act=0.3).status(value) == status


@pytest.mark.parametrize(
    ("value", "status"), [(0.05, GOOD), (0.06, WATCH), (0.15, WATCH), (0.16, ACT)]
)
def test_where_less_is_better(value, status):
    assert Limits(good=0.05, act=0.15).status(value) == status


def test_given_limits_stand_in_place_of_the_defaults():
    assert statuses.limits({"coverage": [4, 2.5]})["coverage"] == Limits(4, 2.5)
    assert statuses.limits()["coverage"] == statuses.LIMITS["coverage"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cover": [1, 2]}, "`limits` has 'cover'; expected one of .*coverage"),
        ({"coverage": 3}, "two numbers"),
        ({"coverage": [3]}, "two numbers"),
        ({"coverage": [3, "2"]}, "`act`"),
        ({"coverage": [3, 3]}, "two limits"),
        ({"coverage": [3, math.nan]}, "`act`"),
    ],
)
def test_what_are_no_limits_is_refused(given, said):
    with pytest.raises(SalesAnalysisError, match=said):
        statuses.limits(given)
