"""The funnel pictures, read back from what was drawn: the numbers of the table, both languages."""

import logging

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, funnel, text
from salesanalysis.plots import funnel as pictures
from salesanalysis.plots import parts
from salesanalysis.plots.marks import names_of

mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture
def entries():
    stages = [("线索", 0, "aaallo"), ("offer", 1, "alo")]
    rows = []
    names = {"a": "advanced", "l": "lost", "o": "open"}
    for stage, position, results in stages:
        for days, result in enumerate(results, start=1):
            rows.append((stage, position, names[result], float(days), result != "o"))
    frame = pd.DataFrame(rows, columns=["stage", "position", "result", "result_days", "left"])
    return frame.assign(
        opportunity_id="x", skipped=False, moved_back=False, stage_days=frame["result_days"]
    )


def labels(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


@pytest.mark.parametrize(("lang", "lost"), [("en", "Lost"), ("zh", "输单")])
def test_the_bars_are_the_counts_of_the_table(entries, lang, lost, caplog):
    table = funnel.conversion(entries)
    with caplog.at_level(logging.WARNING):
        ax = pictures.conversion(table, lang=lang)
        ax.figure.canvas.draw()
    assert labels(ax) == ["线索", "offer"]
    widths = {bars.get_label(): [bar.get_width() for bar in bars] for bars in ax.containers}
    assert widths[lost] == [2, 1]
    assert [sum(parts) for parts in zip(*widths.values(), strict=True)] == [6, 3]
    assert len(ax.texts) == 2
    assert not caplog.records  # such as "Failed to find font weight" or a missing glyph


def test_what_is_not_reached_ends_in_an_arrow_and_not_at_a_number(entries):
    table = funnel.stage_days(entries)
    assert np.isinf(table["p90_days"]).any()
    ax = pictures.stage_days(table)
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    assert (
        len(arrows)
        == np.isinf(table[["p25_days", "median_days", "p75_days", "p90_days"]]).any(axis=1).sum()
    )
    medians = next(line for line in ax.lines if line.get_marker() == "o")
    known = table["median_days"][np.isfinite(table["median_days"])]
    assert medians.get_xdata().tolist() == known.tolist()


def test_win_rates_stand_at_their_groups():
    deals = pd.DataFrame(
        {
            "outcome": ["won", "lost", "won", "open"] * 5,
            "age_days": range(1, 21),
            "amount": 1.0,
            "region": ["华东", "华东", None, "$5"] * 5,
        }
    )
    table = funnel.win_rate_splits(deals, splits=["region"])
    ax = pictures.win_rate_splits(table, lang="zh")
    ax.figure.canvas.draw()
    shown = labels(ax)
    assert shown[:-1] == ["全部商机 (20)", "（无） (5)", "华东 (10)", "$5 (5)"]
    assert shown[-1] == "区域"
    decided = next(line for line in ax.lines if line.get_label() == "已结单商机")
    assert np.allclose(decided.get_xdata(), table["rate"], equal_nan=True)


def test_a_table_of_several_groups_is_refused(entries):
    table = funnel.conversion(pd.concat([entries.assign(region=r) for r in "NS"]), by="region")
    with pytest.raises(SalesAnalysisError, match="several"):
        pictures.conversion(table)
    with pytest.raises(SalesAnalysisError, match="none"):
        pictures.stage_days(funnel.stage_days(entries.head(0)))


def test_a_given_axes_is_used(entries):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert pictures.conversion(funnel.conversion(entries), ax=ax) is ax


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_aims_stand_beside_what_is(entries, lang, caplog):
    table = funnel.aimed(funnel.conversion(entries), {"线索": 0.9}, new_deals=50)
    with caplog.at_level(logging.WARNING):
        ax = pictures.aimed(table, lang=lang)
        ax.figure.canvas.draw()
    now, then = ([bar.get_width() for bar in bars] for bars in ax.containers)
    assert now == table["passed_now"].tolist()
    assert then == table["passed_aimed"].tolist() and then[0] == pytest.approx(45)
    assert ["90.0%" in label for label in labels(ax)] == [True, False]
    assert not caplog.records


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_months_show_what_began_and_what_was_won(lang, caplog):
    table = pd.DataFrame(
        {
            "month": ["2024-12", "2025-01", "FY26-P2"], "ends_quarter": [True, False, False],
            "created": [4, 9, 2], "n": [4, 0, 6], "k": [3, 0, 1], "rate": [0.75, np.nan, 1 / 6],
            "rate_low": [0.3, np.nan, 0.03], "rate_high": [0.95, np.nan, 0.56],
            "whole": [True, True, False],
        }
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        figure = pictures.months(table, lang=lang)
        figure.canvas.draw()
    upper, lower = figure.axes
    assert [bar.get_height() for bar in upper.patches] == [4, 9, 2]
    colours = [bar.get_facecolor() for bar in upper.patches]
    assert colours[0] == colours[1] != colours[2], "the last is not over"
    assert [list(segment[:, 1]) for segment in lower.collections[0].get_segments()] == [
        [0.3, 0.95], [0.03, 0.56],
    ]  # fmt: skip
    assert list(lower.lines[-1].get_ydata()) == [0.4, 0.4], "of all that closed"
    assert [len(names_of(ax)) for ax in figure.axes] == [3, 2], "no rate where none closed"
    ticks = [tick.get_text() for tick in lower.get_xticklabels()]
    assert ticks[0].endswith("\n2024") and ticks[1].endswith("\n2025") and ticks[2] == "FY26-P2"
    assert not caplog.records


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_open_deals_lie_at_their_age_and_amount_in_the_shape_of_their_state(lang, caplog):
    table = pd.DataFrame(
        {
            "opportunity_id": list("abcde"), "age_days": [0.2, 50.0, 400.0, np.nan, 9.0],
            "amount": [100.0, 2000, 50, 10, 0], "oldest_days": 300.0,
            "state": ["within", "over_limit", "older", "within", "within"],
        }
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        ax = pictures.open_by_age(table, lang=lang)
        ax.figure.canvas.draw()
    marks = {line.get_marker(): line for line in ax.lines if line.get_marker() != "None"}
    at = {shape: (list(m.get_xdata()), list(m.get_ydata())) for shape, m in marks.items()}
    assert at == {"o": ([1], [100]), "D": ([50], [2000]), "x": ([400], [50])}
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [said[0] for said in names_of(ax)] == ["a", "b", "c"]
    assert any("2" in one.get_text() for one in ax.texts[1:]), "two have no place, and that is said"
    assert not caplog.records
    with pytest.raises(SalesAnalysisError, match="nothing to draw"):
        pictures.open_by_age(table.tail(2))


def test_a_picture_for_a_narrow_page_has_the_same_marks(entries):
    from salesanalysis.plots import style

    table = funnel.conversion(entries)
    wide = pictures.conversion(table)
    with style.narrow():
        narrow = pictures.conversion(table)
    assert names_of(narrow) == names_of(wide) and len(names_of(wide)) == 2
    assert [text.get_text().split(" · ")[0] for text in narrow.texts] == labels(wide)
    assert narrow.get_xlim()[1] < wide.get_xlim()[1], "no room for words beside the bars"
    assert parts.room(2.0) == 2.0
