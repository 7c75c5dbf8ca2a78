"""Pictures of silent customers: beside their own rhythm, and whether such lists were right."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import (
    axes,
    beside_rows,
    dates_axis,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

#: So many customers have room.
MOST = 12


@picture
def silence(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """How long the first customers of a list have been silent, beside what is usual of each.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.customers.ReturnChance.alarms`: its first rows are drawn.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        Nobody is on the list.
    """
    rows = require_rows(table).head(MOST).reset_index(drop=True)
    at = np.arange(len(rows))
    names = [shown("customers", "account_id", value, lang) for value in rows["account_id"]]
    said = [
        sentence("customers.plot.silent", lang, days=row["value"], usual=row["normal"])
        for row in rows.to_dict("records")
    ]
    ax = row_axes(ax, names, row=0.34, rest=1.1, said=said)
    for new, colour, key in ((True, style.LOST, "new"), (False, style.BAND, "known_before")):
        some = (rows["is_new"] == new).to_numpy()
        if some.any():
            label = sentence(f"customers.plot.{key}", lang)
            ax.barh(at[some], rows.loc[some, "value"], height=0.56, color=colour, label=label)
    label = sentence("customers.plot.usual", lang)
    ax.plot(rows["normal"], at, "|", color=style.TEXT, markersize=15, markeredgewidth=2.2,
            label=label)  # fmt: skip
    ends = rows[["value", "normal"]].max(axis=1)
    beside_rows(ax, ends, said)
    name_rows(ax, names, said, [(0, end) for end in ends], lang)
    ax.set_xlim(0, ends.max() * room(1.45))
    ax.set_xlabel(sentence("customers.plot.days_silent", lang))
    legend(ax)
    return ax


@picture
def alarm_backtest(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """How much of the lists of earlier days was false, beside what had been told of them.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.customers.ReturnChance.backtest`. Days without an alarm have
        no share and no place.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        No list of an earlier day had an alarm.
    """
    rows = require_rows(table.dropna(subset=["false_share"])).sort_values("known_on")
    ax = axes(ax, 2.8)
    for name, look, colour in (
        ("expected_false_share", "_", style.TEXT),
        ("false_share", "o", style.ACCENT),
    ):
        label = sentence(f"customers.plot.{name}", lang)
        ax.plot(rows["known_on"], rows[name], look, color=colour, markersize=8, label=label)
    for row in rows.to_dict("records"):
        values = {"day": row["known_on"], "alarms": row["alarms"], "again": row["bought_again"]}
        told = {"share": row["false_share"], "told": row["expected_false_share"]}
        words = sentence("customers.plot.mark_backtest", lang, **values, **told)
        ends = sorted((row["false_share"], row["expected_false_share"]))
        name_mark(ax, row["known_on"], tuple(ends), words, least=8)
    dates_axis(ax.xaxis, lang)
    ax.set_ylim(bottom=0, top=max(rows[["false_share", "expected_false_share"]].max()) * 1.2)
    style.percent_axis(ax.yaxis, lang)
    ax.set_xlabel(sentence("customers.plot.told_on", lang))
    legend(ax)
    return ax
