"""The forecast pictures, read back from what was drawn, in both languages."""

import logging

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, text
from salesanalysis.plots import forecast as pictures
from salesanalysis.plots.marks import names_of

mpl.use("Agg")

LANGUAGES = pytest.mark.parametrize("lang", text.LANGUAGES)
NAMES = ["q05", "q10", "q20", "q50", "q80", "q90", "q95"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def drawn(figure, caplog):
    """Draw it whole: a missing glyph or font weight would be logged."""
    with caplog.at_level(logging.WARNING):
        figure.canvas.draw()
    assert not caplog.records


def words(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def fan(days, middle, width):
    """A table with quantiles around a middle."""
    spread = np.array([-1.6, -1.3, -0.8, 0, 0.8, 1.3, 1.6])
    values = np.outer(width, spread) + np.array(middle)[:, None]
    table = pd.DataFrame(values, columns=NAMES).assign(mean=middle)
    return table.assign(day=pd.to_datetime(days))


GOAL = pd.DataFrame({"target": [1500.0], "floor": [1350.0], "stretch": [np.nan]})


@LANGUAGES
def test_the_path_shows_what_came_the_fan_and_the_marks(lang, caplog):
    ahead = fan(["2025-11-15", "2025-11-30", "2025-12-31"], [600.0, 900, 1400], [0.0, 50, 150])
    past = pd.DataFrame({"day": pd.to_datetime(["2025-10-03", "2025-11-02"])})
    past["actual"] = [200.0, 500.0]
    table = pd.concat([past, ahead], ignore_index=True)
    table.loc[2, "actual"] = 600.0
    ax = pictures.path(table, GOAL, lang=lang)
    drawn(ax.figure, caplog)
    so_far, median = ax.lines[:2]
    assert list(so_far.get_ydata()) == [200, 500, 600]
    assert list(median.get_ydata()) == [600, 900, 1400]
    (band,) = ax.collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(ahead["q90"].max())
    said = [
        text.sentence(f"forecast.plot.mark_{mark}", lang, amount=amount)
        for mark, amount in (("target", 1500), ("floor", 1350))
    ]
    without = words(pictures.path(table, lang=lang))
    assert words(ax) == [*without, *said]  # a stretch that is not known is not drawn
    told = {key: text.sentence(f"forecast.plot.{key}", lang, amount=amount)
            for key, amount in (("in_so_far", 600.0), ("likely", 1400.0))}  # fmt: skip
    assert [told["in_so_far"], told["likely"]] == [without[0], without[2]] and len(without) == 4
    days = names_of(ax)
    assert len(days) == 3 and "31" in days[-1] and told["in_so_far"] in days[0]
    assert ax.get_legend() is None
    with pytest.raises(SalesAnalysisError, match="no rows"):
        pictures.path(table[:0])


@LANGUAGES
def test_the_course_shows_each_forecast_at_its_day(lang, caplog):
    table = fan(["2025-10-04", "2025-10-11"], [1300.0, 1400], [200.0, 150])
    table = table.rename(columns={"day": "as_of"}).assign(closed=[100.0, 250.0])
    ax = pictures.course(table, GOAL, lang=lang)
    drawn(ax.figure, caplog)
    assert list(ax.lines[0].get_ydata()) == [1300, 1400]
    assert list(ax.lines[1].get_ydata()) == [100, 250]
    assert len(words(ax)) == 4, "the two lines and the two goals"
    assert len(names_of(ax)) == 2


@LANGUAGES
def test_parts_stand_on_each_other_by_stream(lang, caplog):
    table = pd.DataFrame(
        {
            "stream": ["pipeline", "pipeline", "channel", "all", "自有"],
            "part": ["closed", "open_deals", "to_come", "all", "to_come"],
            "mean": [10.0, 30.0, 25.0, 70.0, 5.0],
        }
    )
    ax = pictures.parts(table, lang=lang)
    drawn(ax.figure, caplog)
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    known = [text.word("forecast", "stream", one, lang) for one in ("pipeline", "channel")]
    assert names == [*known, "自有"]  # a name of the user's own stays as it is
    assert words(ax) == ["40", "25", "5"]
    first = [patch for patch in ax.patches if patch.get_y() + patch.get_height() / 2 == 0]
    assert [(p.get_x(), p.get_width()) for p in first if p.get_width()] == [(0, 10), (10, 30)]


@LANGUAGES
def test_each_seller_has_its_target_and_its_chance(lang, caplog):
    table = pd.DataFrame(
        {
            "owner_id": ["R1", "R2"], "target": [100.0, np.nan], "closed": [20.0, 5.0],
            "q10": [60.0, 10], "q50": [80.0, 15], "q90": [120.0, 30], "p_target": [0.35, np.nan],
        }
    )  # fmt: skip
    table["gap_amount"] = table["q50"] - table["target"]
    behind = table.iloc[[0]].assign(owner_id="R3", target=200.0, gap_amount=-120.0, p_target=0.0)
    ax = pictures.against_targets(pd.concat([table, behind]), lang=lang)
    drawn(ax.figure, caplog)
    assert words(ax)[1].startswith("35") and len(words(ax)) == 2
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == ["R3", "R1", "R2"], "furthest behind first, without a target last"
    bands = ax.collections[0].get_segments()
    assert [list(band[:, 0]) for band in bands] == [[60, 120], [60, 120], [10, 30]]
    (target,) = ax.lines
    assert list(target.get_xdata()) == [200, 100]
    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[1]]
    assert ends == [80, 80, 15], "in already, and what is most likely to come"


@LANGUAGES
def test_key_deals_are_drawn_won_and_lost(lang, caplog):
    table = pd.DataFrame(
        {
            "opportunity_id": ["O1", "O2"], "amount": [50.0, 20.0], "probability": [0.2, 0.5],
            "q50": [900.0] * 2, "q50_if_won": [940.0, 910], "q50_if_lost": [890.0, 889],
        }
    )  # fmt: skip
    ax = pictures.must_win(table, lang=lang)
    drawn(ax.figure, caplog)
    lost, won, now = ax.lines
    assert list(lost.get_xdata()) == [890, 889]
    assert list(won.get_xdata()) == [940, 910]
    assert list(now.get_xdata()) == [900, 900]
    assert words(ax)[0].startswith("50")
    assert len(words(pictures.must_win(table, most=1, lang=lang))) == 1


@LANGUAGES
def test_the_waterfall_starts_where_the_step_before_ended(lang, caplog):
    table = pd.DataFrame(
        {
            "movement": ["start", "new", "won", "lost", "corrected", "simulation", "end"],
            "kind": ["start", *["change"] * 5, "end"],
            "deals": pd.array([None, 3, 2, 4, 0, None, None], dtype="Int64"),
            "amount": [1000.0, 50.0, 30.0, -70.0, 0.0, 1.0, 1011.0],
        }
    )
    ax = pictures.changes(table, lang=lang)
    drawn(ax.figure, caplog)
    bars = [(p.get_x(), p.get_x() + p.get_width()) for p in ax.patches]
    assert bars == [(0, 1000), (1000, 1050), (1050, 1080), (1080, 1010), (1010, 1011), (0, 1011)]
    assert len(words(ax)) == 6  # nothing was corrected: no line for it
    assert "(3)" in words(ax)[1] or "（3）" in words(ax)[1]
    low, _ = ax.get_xlim()
    assert 0 < low < 1000  # the steps are small beside the whole


def windows():
    rng = np.random.default_rng(0)
    table = fan(pd.date_range("2025-01-01", periods=6, freq="28D"), [100.0] * 6, [10.0] * 6)
    table = table.rename(columns={"day": "as_of"}).assign(method="model", horizon_days=28)
    table["actual"] = [100.0, 95, 130, 105, 90, 60]
    rival = table.assign(method="last_period")
    return pd.concat([table.assign(pit=rng.random(6)), rival], ignore_index=True)


@LANGUAGES
def test_what_came_outside_the_interval_has_another_colour(lang, caplog):
    ax = pictures.backtest(windows(), lang=lang)
    drawn(ax.figure, caplog)
    came, outside = ax.lines[1:]
    assert list(came.get_ydata()) == [100, 95, 105, 90]
    assert list(outside.get_ydata()) == [130, 60]
    assert came.get_color() != outside.get_color()
    two = pd.concat([windows(), windows().assign(horizon_days=91)])
    with pytest.raises(SalesAnalysisError, match="one horizon"):
        pictures.backtest(two)
    with pytest.raises(SalesAnalysisError, match="no rows"):
        pictures.backtest(windows()[lambda t: t["method"] != "model"])


@LANGUAGES
def test_calibration_shows_levels_and_the_place_of_what_came(lang, caplog):
    held = pd.DataFrame(
        {"level": [0.5, 0.8], "rate": [0.4, 0.75], "rate_low": [0.2, 0.5], "rate_high": [0.6, 0.9]}
    )
    figure = pictures.calibration(held, windows(), lang=lang)
    drawn(figure, caplog)
    left, right = figure.axes
    points = left.lines[1]
    assert list(points.get_xdata()) == [0.5, 0.8]
    assert list(points.get_ydata()) == [0.4, 0.75]
    assert sum(patch.get_height() for patch in right.patches) == 6


@LANGUAGES
def test_sales_stand_beside_a_third_of_their_quarter_s_target(lang, caplog):
    months = [f"2025-{number:02}" for number in range(7, 13)]
    table = pd.DataFrame(
        {
            "month": months, "quarter": ["2025-Q3"] * 3 + ["2025-Q4"] * 3,
            "closed": [10.0, 20, 30, 15, 5, 0], "q10": [np.nan] * 4 + [8.0, 12],
            "q50": [np.nan] * 4 + [9.0, 20], "q90": [np.nan] * 4 + [11.0, 30],
            "quarter_closed": [60.0] * 3 + [20.0] * 3, "quarter_q50": [np.nan] * 3 + [44.0] * 3,
            "target": [66.0] * 3 + [np.nan] * 3,
        }
    )  # fmt: skip
    ax = pictures.sales_by_month(table, lang=lang)
    drawn(ax.figure, caplog)
    booked, to_come = [bars for bars in ax.containers if hasattr(bars, "patches")]
    assert [bar.get_height() for bar in booked] == [10, 20, 30, 15, 5, 0]
    assert [bar.get_height() for bar in to_come] == [4, 20]
    lines = [c for c in ax.collections if len(c.get_segments()) == 1]
    assert [list(line.get_segments()[0][:, 1]) for line in lines] == [[22, 22]], "of one quarter"
    said = names_of(ax)
    assert len(said) == 6 and "66" in said[0] and "66" not in said[3] and "12" in said[5]
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks[0].endswith("\n2025") and not any("2025" in tick for tick in ticks[1:])
