"""The funnel pictures, read back from what was drawn: the numbers of the table, both languages."""

import logging

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, funnel, text
from salesanalysis.plots import funnel as pictures

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
    decided = next(line for line in ax.lines if line.get_label() == "已决商机")
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
