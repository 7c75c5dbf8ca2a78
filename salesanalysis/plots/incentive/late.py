"""The picture of late payouts: their share in each group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    between,
    name_rows,
    require_rows,
    room,
    row_axes,
    row_names,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def late_by_team(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The share of payouts that came late in each group, most first, beside that of all.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.timeliness`, by team or another column; groups
        without a promised day are not drawn. One whose whole interval lies above the share of all
        is drawn in the colour of what is lost, with a diamond.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        Nothing was promised in any group.
    """
    by = list(table.columns[: table.columns.get_loc("payouts")])
    rows = require_rows(table[table["n"] > 0]).sort_values("rate", ascending=False, kind="stable")
    names = row_names("incentive", rows, by, lang)
    said = [
        sentence("incentive.plot.late_of", lang, k=k, n=n)
        for k, n in rows[["k", "n"]].itertuples(index=False)
    ]
    ax = row_axes(ax, names, row=0.34, rest=1.0, said=said)
    overall, at = rows["k"].sum() / rows["n"].sum(), np.arange(len(rows))
    ax.axvline(overall, color=style.TEXT, linewidth=1, zorder=0.9)
    ax.annotate(sentence("incentive.plot.late_of_all", lang, share=overall), (overall, 1),
                xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
                ha="center", fontsize=style.SMALL)  # fmt: skip
    worse = (rows["rate_low"] > overall).to_numpy()
    for part, colour, shape in ((~worse, style.ACCENT, "o"), (worse, style.LOST, "D")):
        own = rows[part]
        between(ax, at[part], own["rate_low"], own["rate"], own["rate_high"], color=colour,
                width=1.4, shape=shape)  # fmt: skip
    beside_rows(ax, rows["rate_high"], said)
    limits = rows[["rate_low", "rate_high"]].to_numpy(float)
    whole = [
        sentence("incentive.plot.mark_late", lang, rate=rate, low=low, high=high, said=words)
        for rate, (low, high), words in zip(rows["rate"], limits, said, strict=True)
    ]
    name_rows(ax, names, whole, limits, lang)
    ax.set_xlim(0, max(limits.max(), 0.05) * room(1.25))
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.late_share", lang))
    return ax
