"""When a figure is on track, watched or acted on."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e9, 1e9))
def test_the_limits_turned_round_say_the_same_of_the_value_turned_round(good, act, value):
    assume(good != act)
    assert Limits(good, act).status(value) == Limits(-good, -act).status(-value)


@pytest.mark.parametrize("limits", statuses.LIMITS.values(), ids=list(statuses.LIMITS))
def test_every_default_has_all_three(limits):
    middle = (limits.good + limits.act) / 2
    beyond = limits.act + (limits.act - limits.good)
    assert [limits.status(v) for v in (limits.good, middle, beyond)] == [GOOD, WATCH, ACT]


def test_given_limits_stand_in_place_of_the_defaults():
    assert statuses.limits({"coverage": [4, 2.5]})["coverage"] == Limits(4, 2.5)
    assert statuses.limits()["coverage"] == statuses.LIMITS["coverage"]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"cover": [1, 2]}, "`limits` has 'cover'; expected one of .*coverage"),
        ({"coverage": 3}, "two numbers"),
        ({"coverage": [3]}, "two numbers"),
        ({"coverage": [3, "2"]}, "`limits` of coverage: `act` is '2'"),
        ({"coverage": [3, 3]}, "`limits` of coverage: .*two limits"),
        ({"coverage": [3, math.nan]}, "`limits` of coverage: `act`"),
        ({"coverage": [True, 3]}, "`limits` of coverage: `good`"),
        ([["coverage", 3, 2]], "`limits` is .*by the names of figures"),
    ],
)
def test_what_are_no_limits_is_refused(named, said):
    with pytest.raises(SalesAnalysisError, match=said):
        statuses.limits(named)
