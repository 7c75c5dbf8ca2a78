"""What is read from a picture for a chart: the numbers that were drawn, or nothing at all."""

import json
from dataclasses import asdict

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from salesanalysis import plots
from salesanalysis.reports.pictures.native import Chart, chart_of


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def named_rows(ax, names=("a", "b")) -> None:
    ax.set_yticks(range(len(names)), names)


def test_bars_on_each_other_with_limits_and_words(ax):
    named_rows(ax)
    ax.barh([0, 1], [2.0, 3.0], color="#0072B2", label="in")
    ax.barh([0, 1], [1.0, 4.0], left=[2.0, 3.0], color="#C6DDEE", label="to come")
    ax.hlines([0, 1], [2.5, 6.0], [3.5, 9.0])
    ax.annotate("say", (3.5, 0), xytext=(4, 0), textcoords="offset points")
    ax.set_xlabel("Deals")
    chart = chart_of(ax.figure)
    assert (chart.shape, chart.rows, chart.said, chart.axis) == (
        "stacked", ("a", "b"), ("say", ""), "Deals",
    )  # fmt: skip
    first, last = chart.series
    assert (first.name, first.colour, first.values) == ("in", "0072B2", (2.0, 3.0))
    assert (last.values, last.low, last.high) == ((1.0, 4.0), (2.5, 6.0), (3.5, 9.0))
    assert Chart.from_json(json.loads(json.dumps(asdict(chart)))) == chart


def test_columns_with_limits_of_some_and_a_level(ax):
    ax.set_xticks([0, 1, 2], ["Jan", "Feb", "Mar"])
    ax.bar([0, 1, 2], [2.0, 3.0, 0.0], color="b")
    ax.bar([2], [5.0], bottom=[0.0], color="r")
    ax.errorbar([2], [5.0], yerr=[[1.0], [2.0]], fmt="none")
    ax.hlines(2.5, -0.4, 2.4)
    ax.set_title("Target")
    chart = chart_of(ax.figure)
    assert not chart.lie and chart.level == "Target" and chart.levels == (2.5, 2.5, 2.5)
    assert chart.series[1].values == (0.0, 0.0, 5.0)
    assert (chart.series[1].low[2], chart.series[1].high[2]) == (4.0, 7.0)
    assert np.isnan(chart.series[1].low[0])


def test_dots_between_their_limits_are_bars_with_limits(ax):
    named_rows(ax)
    ax.hlines([0, 1], [0.1, 0.2], [0.5, 0.6])
    ax.plot([0.3, 0.4], [0, 1], "o", color="#0072B2", label="Rate")
    (series,) = chart_of(ax.figure).series
    assert (series.values, series.low, series.high) == ((0.3, 0.4), (0.1, 0.2), (0.5, 0.6))


def reference_line(ax):
    ax.axvline(2)


def a_band(ax):
    ax.axvspan(1, 2)


def a_scale_of_logarithms(ax):
    ax.set_xscale("log")


def a_range_that_is_no_limit_of_the_value(ax):
    ax.hlines([0, 1], [5, 5], [6, 6])


def a_range_with_a_name(ax):
    ax.hlines([0, 1], [0, 0], [6, 6], label="Winners")


def words_away_from_the_rows(ax):
    ax.annotate("since May", (1, 0.5))


def a_second_mark_in_each_row(ax):
    ax.plot([1, 2], [0, 1], "|")


def a_bar_that_begins_where_none_ends(ax):
    ax.barh([0], [1.0], left=[7.0])


@pytest.mark.parametrize(
    "more",
    [
        reference_line, a_band, a_scale_of_logarithms, a_range_that_is_no_limit_of_the_value,
        a_range_with_a_name, words_away_from_the_rows, a_second_mark_in_each_row,
        a_bar_that_begins_where_none_ends,
    ],
)  # fmt: skip
def test_a_picture_of_which_something_would_be_lost_stays_a_picture(ax, more):
    named_rows(ax)
    ax.barh([0, 1], [2.0, 3.0])
    assert chart_of(ax.figure)
    more(ax)
    assert chart_of(ax.figure) is None


def test_the_chart_of_a_picture_of_ours_has_its_numbers():
    table = pd.DataFrame(
        {
            "stage": ["A", "B"], "reason": ["price", "need"], "deals": [3, 1],
            "amount": [30.0, 10.0], "deals_share": [0.75, 0.25], "amount_share": [0.75, 0.25],
            "cumulative_share": [0.75, 1.0],
        }
    )  # fmt: skip
    ax = plots.funnel.leakage(table, currency="EUR")
    chart = chart_of(ax.figure)
    plt.close(ax.figure)
    assert chart.rows == ("A · price", "B · need") and chart.kind == "amount"
    assert chart.series[0].values == (30.0, 10.0)
    assert all("%" in said for said in chart.said)
