"""Pictures of silent customers draw what their tables say."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import plots
from salesanalysis.errors import NothingToShow
from salesanalysis.plots.marks import names_of


@pytest.fixture
def alarms():
    size = 15
    return pd.DataFrame(
        {
            "account_id": [f"A{n:02}" for n in range(size)],
            "value": np.arange(size) * 10.0 + 60,
            "normal": 30.0,
            "is_new": np.arange(size) < 2,
        }
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_of_the_list_are_drawn_new_ones_apart(alarms, lang):
    ax = plots.customers.silence(alarms, lang=lang)
    bars = sorted(ax.patches, key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == alarms["value"].tolist()[:12]
    colours = [bar.get_facecolor() for bar in bars]
    assert len(set(colours[:2])) == 1 and len(set(colours[2:])) == 1 and colours[0] != colours[2]
    assert "60" in names_of(ax)[0] and "A00" in names_of(ax)[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lists_of_earlier_days_stand_beside_what_was_told_of_them(lang):
    table = pd.DataFrame(
        {
            "known_on": pd.to_datetime(["2025-01-01", "2025-04-01", "2025-07-01"]),
            "customers": 100,
            "alarms": [10, 0, 20],
            "bought_again": [1, 0, 5],
            "false_share": [0.1, np.nan, 0.25],
            "expected_false_share": [0.15, np.nan, 0.2],
        }
    )
    ax = plots.customers.alarm_backtest(table, lang=lang)
    told, came = (line.get_ydata().tolist() for line in ax.get_lines())
    assert (told, came) == ([0.15, 0.2], [0.1, 0.25])
    assert len(names_of(ax)) == 2 and "5" in names_of(ax)[1] and "20" in names_of(ax)[1]


def test_without_an_alarm_there_is_nothing_to_draw(alarms):
    with pytest.raises(NothingToShow):
        plots.customers.silence(alarms.head(0))
    days = {"known_on": pd.to_datetime(["2025-01-01"]), "false_share": [np.nan]}
    with pytest.raises(NothingToShow):
        plots.customers.alarm_backtest(pd.DataFrame(days))
    budget = pd.DataFrame({"allowed_share": [0.1, 0.2], "customers": 0})
    with pytest.raises(NothingToShow):
        plots.customers.alarm_budget(budget)
