"""The pictures of plan, cost and promptness, read back from what was drawn."""

import logging

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive
from salesanalysis.known import KnownIncentive
from salesanalysis.plots import incentive as pictures
from salesanalysis.plots import style
from salesanalysis.plots.marks import names_of

mpl.use("Agg")

PLAN = {"thresholds": "quota", "method": "retroactive", "tiers": [[0, 1, 0.03], [1, None, 0.05]],
        "floor": {"at": 0.5, "cliff": True}, "cap": {"attainment": 1.4}}  # fmt: skip


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize(("lang", "dead"), [("en", "The next sale brings nothing"),
                                            ("zh", "再卖也没有奖金")])  # fmt: skip
def test_the_curve_shows_payout_marginal_reward_cliffs_and_dead_zones(lang, dead, caplog):
    table = incentive.marginal_reward(PLAN, quota=1000)
    with caplog.at_level(logging.WARNING):
        ax = pictures.payout_curve(table, lang=lang)
        ax.figure.canvas.draw()
    assert not caplog.records
    line = ax.lines[0]
    assert line.get_xdata()[::2].tolist() == table["attainment"].tolist()
    assert line.get_ydata()[1::2].tolist() == table["payout_after"].tolist()
    right = next(other for other in ax.figure.axes if other is not ax)
    assert right.lines[0].get_ydata().tolist() == table["marginal"].tolist()
    cliffs = table.loc[table["jump"] != 0, "attainment"].tolist()
    assert cliffs == [0.5, 1.0]
    dashed = [mark for mark in ax.lines if mark.get_linestyle() == "--"]
    assert [mark.get_xdata()[0] for mark in dashed] == cliffs
    assert [text.get_text() for text in ax.texts] == ["+15", "+20"]
    spans = [(p.get_x(), round(p.get_x() + p.get_width(), 6)) for p in ax.patches]
    assert spans == [(0.0, 0.5), (1.4, table["attainment"].max())]
    assert dead in [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_present_payout_is_drawn_beside_another():
    table = incentive.marginal_reward(PLAN, quota=1000)
    double = table.assign(**{c: 2 * table[c] for c in ("payout", "payout_before", "payout_after")})
    ax = pictures.payout_curve(table, present=double)
    present, own = (line.get_ydata() for line in ax.lines[:2])
    assert present.tolist() == (2 * own).tolist()
    assert ax.get_ylim()[1] >= double["payout"].max()


def test_the_cost_shows_every_future_once():
    people = pd.DataFrame({"payee_id": ["a"], "quota": 100.0, "mean": 100.0, "sd": 30.0})
    found = incentive.cost(PLAN, people, draws=500)
    table = found.distribution(bins=20)
    ax = pictures.cost(table, lang="zh")
    heights = [bar.get_height() for bars in ax.containers for bar in bars]
    assert len(heights) == 20
    assert sum(heights) == pytest.approx(1)


def test_promptness_shows_groups_lags_and_late_ones():
    frame = pd.DataFrame({
        "team": ["East"] * 3 + ["西区"] * 2, "earned": 1.0, "earned_at": "2025-01-01",
        "promised_at": "2025-01-11",
        "paid_at": ["2025-01-05", "2025-01-09", "2025-01-21", "2025-01-31", None],
    })  # fmt: skip
    table = incentive.timeliness(KnownIncentive(as_of="2025-03-01", payouts=frame))
    ax = pictures.timeliness(table)
    ax.figure.canvas.draw()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["East", "西区"]
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    assert dots.get_xdata().tolist() == table["median_days"].tolist()
    assert [text.get_text() for text in ax.texts] == ["1 of 3 late", "2 of 2 late"]
    assert np.isinf(table["p90_days"][1])


def test_nothing_to_draw_is_refused():
    table = incentive.marginal_reward(PLAN, quota=1000).head(0)
    with pytest.raises(SalesAnalysisError, match="no rows"):
        pictures.payout_curve(table)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_late_payouts_stand_by_their_share_and_the_worse_than_all_in_another_shape(lang, caplog):
    table = pd.DataFrame(
        {
            "team": ["North", "West", "none"], "payouts": [40, 30, 3], "k": [4, 24, 0],
            "n": [40, 30, 0], "rate": [0.1, 0.8, np.nan], "rate_low": [0.04, 0.62, np.nan],
            "rate_high": [0.23, 0.9, np.nan],
        }
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        ax = pictures.late_by_team(table, lang=lang)
        ax.figure.canvas.draw()
    assert not caplog.records
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["West", "North"], "most first"
    marks = {line.get_marker(): line for line in ax.lines if len(line.get_xdata()) == 1}
    assert [list(marks[shape].get_xdata()) for shape in "Do"] == [[0.8], [0.1]]
    assert marks["D"].get_color() == style.LOST != marks["o"].get_color()
    overall = next(line for line in ax.lines if line.get_linestyle() == "-" and
                   len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2)  # fmt: skip
    assert overall.get_xdata()[0] == 28 / 70
    assert len(names_of(ax)) == 2 and "West" in names_of(ax)[0] and "24" in names_of(ax)[0]
    with pytest.raises(SalesAnalysisError, match="nothing to draw"):
        pictures.late_by_team(table.tail(1))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_component_has_a_bar_as_long_as_what_it_brings(lang):
    table = pd.DataFrame(
        {"part": ["component", "component", "spif"], "component": ["new", "renewed", None],
         "payout": [300.0, -20.0, 50.0]}
    )  # fmt: skip
    ax = pictures.components(table, lang=lang, currency="USD")
    assert [bar.get_width() for bar in ax.patches[:2]] == [300.0, -20.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["new", "renewed"]
    assert ax.get_xlim()[0] < -20
