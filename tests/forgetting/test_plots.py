"""The forgetting pictures, read back from what was drawn, in both languages."""

import logging

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forgetting, text
from salesanalysis.plots import forgetting as pictures

mpl.use("Agg")

SOURCE = forgetting.known_curve("exponential", half_life=5.1, time_unit="weeks")
LANGUAGES = pytest.mark.parametrize("lang", text.LANGUAGES)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def drawn(ax, caplog):
    """Draw it whole: a missing glyph or font weight would be logged."""
    with caplog.at_level(logging.WARNING):
        ax.figure.canvas.draw()
    assert not caplog.records
    return [text.get_text() for text in ax.texts]


def labels(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


@LANGUAGES
def test_the_curve_stands_with_its_band_and_the_observed_means(lang, caplog):
    days = [0.0, 30.0, 60.0]
    band = SOURCE.in_unit("days").band(days)
    fitted = band.assign(retention_low=band["retention"] - 0.1, retention_high=band["retention"])
    points = pd.DataFrame(
        {
            "elapsed": [1.0, 30.0], "learners": [12, 9], "retention": [0.9, 0.5],
            "retention_low": [0.8, np.nan], "retention_high": [0.95, np.nan],
        }
    )  # fmt: skip
    ax = pictures.retention(points, fitted, band, lang=lang)
    assert drawn(ax, caplog) == ["12", "9"]
    lines = {line.get_label(): line for line in ax.lines}
    fitted_line = lines[text.sentence("forgetting.plot.fitted", lang)]
    assert list(fitted_line.get_ydata()) == pytest.approx(band["retention"].tolist())
    assert len(ax.collections) == 2  # the band, and the intervals of the points
    without = pictures.retention(points, band, lang=lang)
    assert len(without.collections) == 1


@LANGUAGES
def test_what_was_predicted_stands_against_what_was_observed(lang, caplog):
    table = pd.DataFrame(
        {"elapsed": [1.0, 30.0], "retention": [0.9, 0.5], "retention_low": [0.85, np.nan],
         "retention_high": [0.95, np.nan], "predicted": [0.92, 0.45]}
    )  # fmt: skip
    ax = pictures.calibration(table, lang=lang)
    assert [label[:2].strip("天 d") for label in drawn(ax, caplog)] == ["1", "30"]
    assert list(ax.lines[1].get_xdata()) == table["predicted"].tolist()
    assert list(ax.lines[1].get_ydata()) == table["retention"].tolist()


@LANGUAGES
def test_half_lives_stand_at_their_weeks(lang, caplog):
    table = pd.DataFrame(
        {
            "split": ["skill", "method"], "group": ["negotiation", "自定义"], "learners": [8, 9],
            "half_life_weeks": [4.0, np.nan], "half_life_low": [3.0, np.nan],
            "half_life_high": [np.inf, np.nan], "status": ["ok", "rising"],
        }
    )  # fmt: skip
    ax = pictures.half_lives(table, claimed_weeks=5.1, lang=lang)
    assert drawn(ax, caplog) == [text.word("forgetting", "status", "rising", lang)]
    skill = text.word("forgetting", "skill", "negotiation", lang)
    assert labels(ax)[0].startswith(skill) and "8" in labels(ax)[0] and skill != "negotiation"
    assert "自定义" in labels(ax)[1]
    assert ax.lines[0].get_xdata()[0] == 4.0
    assert ax.lines[1].get_xdata()[0] == 5.1
    (low, high) = ax.collections[0].get_segments()[0][:, 0]
    assert (low, high) == (3.0, 8.0)  # an open end stops at the edge


@LANGUAGES
def test_half_lives_that_are_all_unknown_are_still_listed(lang, caplog):
    table = pd.DataFrame({"split": "skill", "group": ["x"], "learners": [1], "status": "no_fit"})
    for name in ("half_life_weeks", "half_life_low", "half_life_high"):
        table[name] = np.nan
    assert len(labels(pictures.half_lives(table, lang=lang))) == 1


@LANGUAGES
def test_the_path_of_a_schedule_never_falls_under_its_target(lang, caplog):
    plan = forgetting.schedule(SOURCE, horizon_weeks=20, effect=1.5)
    never = forgetting.spaced_schedule(SOURCE, spacing="none", refreshers=0, horizon_weeks=20)
    ax = pictures.schedule_path(plan.path(), never.path(), lang=lang)
    drawn(ax, caplog)
    kept, lost, target = ax.lines
    assert min(kept.get_ydata()) == pytest.approx(0.8)
    assert min(lost.get_ydata()) == pytest.approx(2 ** (-20 / 5.1))
    assert set(target.get_ydata()) == {0.8}
    at = plan.refreshers["weeks"].iloc[0]
    assert (np.asarray(kept.get_xdata()) == at).sum() == 2  # one before, one after


@LANGUAGES
def test_spacings_are_bars_of_their_means(lang, caplog):
    table = forgetting.compare_schedules(SOURCE, refreshers=2, horizon_weeks=20, effect=1.5)
    ax = pictures.compare_schedules(table, lang=lang)
    words = drawn(ax, caplog)
    assert [bar.get_width() for bar in ax.patches] == table["mean_retention"].tolist()
    assert list(ax.lines[0].get_xdata()) == table["min_retention"].tolist()
    assert labels(ax)[2] == text.word("forgetting", "spacing", "equal", lang)
    assert len(words) == len(table)


@LANGUAGES
def test_the_value_shows_what_is_lost_and_what_it_costs(lang, caplog):
    plan = forgetting.schedule(
        SOURCE, horizon_weeks=13, effect=1.5, each=forgetting.RefresherCost(rate=50, people=3)
    )
    table = forgetting.training_value(plan, week_amount=10)
    ax = pictures.training_value(table, lang=lang)
    drawn(ax, caplog)
    assert list(ax.lines[0].get_ydata()) == table["lost_without"].tolist()
    assert [bar.get_height() for bar in ax.patches] == [150.0] * len(plan.refreshers)
    free = pictures.training_value(table.assign(cost=np.nan), lang=lang)
    assert not free.patches


@LANGUAGES
def test_gaps_stand_at_their_share(lang, caplog):
    gaps = pd.DataFrame(
        {
            "skill": ["closing", "care", "care"], "stage": "A", "gap_share": [0.5, 0.0, 0.2],
            "stage_rate": 0.6, "priority": [0.2, 0.0, 0.1], "status": ["faded", "met", "never_met"],
        }
    )  # fmt: skip
    table = forgetting.ksa_gap_rates(gaps, by=["skill", "stage"])
    ax = pictures.ksa_gap_rates(table, lang=lang)
    words = drawn(ax, caplog)
    assert list(ax.lines[0].get_xdata()) == table["rate"].tolist() == [1.0, 0.5]
    assert labels(ax)[0] == f"{text.word('forgetting', 'skill', 'closing', lang)} · A"
    assert all(character in words[0] for character in "1")


@pytest.mark.parametrize(
    "picture",
    ["half_lives", "schedule_path", "compare_schedules", "training_value", "ksa_gap_rates"],
)
def test_an_empty_table_is_refused(picture):
    with pytest.raises(SalesAnalysisError, match="nothing to draw"):
        getattr(pictures, picture)(pd.DataFrame())
