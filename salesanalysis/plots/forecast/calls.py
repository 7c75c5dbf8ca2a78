"""What sellers said would come, beside what came."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_ROW = 0.3


@picture
def said_and_came(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The share that came in time of each group with its interval, and the share that was said.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forecast.said_and_came` by one column.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    rows = rows.assign(above=rows["said_share"] - rows["came_share"])
    rows = rows.sort_values("above", ascending=False, kind="stable", ignore_index=True)
    by = rows.columns[0]
    names = [shown("forecast", by, value, lang) for value in rows[by]]
    said = [
        sentence("forecast.plot.said_and_came", lang, came=row.came, said=row.said, n=row.n)
        for row in rows.itertuples()
    ]
    ax = row_axes(ax, names, row=_ROW, said=said)
    told = (rows["verdict"] != "too_few").to_numpy()
    for known, colour, key in ((told, style.ACCENT, "came_share"), (~told, style.MUTED, "few")):
        part, at = rows[known], np.flatnonzero(known)
        if len(part):
            ax.hlines(at, part["came_low"], part["came_high"], color=colour, linewidth=1.4)
            label = sentence(f"forecast.plot.{key}", lang)
            ax.plot(part["came_share"], at, "o", color=colour, markersize=6, label=label)
    label = sentence("forecast.plot.said_share", lang)
    at = np.arange(len(rows))
    ax.plot(rows["said_share"], at, "|", color=style.TEXT, markersize=15,
            markeredgewidth=2.2, label=label)  # fmt: skip
    beside_rows(ax, rows[["came_high", "said_share"]].max(axis=1), said, away=9)
    name_rows(ax, names, said, rows[["came_low", "came_high"]].itertuples(index=False), lang)
    most = max(rows[["came_high", "said_share"]].max(axis=1).max(), 0.1)
    ax.set_xlim(0, most * room(1.4))
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.in_time", lang))
    legend(ax)
    return ax
