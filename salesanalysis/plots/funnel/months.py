"""New deals and the share won by month, one above the other."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import months_axis, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import format_value, sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@picture
def months(table: pd.DataFrame, *, lang: str = "en") -> "Figure":
    """New deals of each month, and under them the share won of the deals that closed in it.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.months`.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table).reset_index(drop=True)
    figure, upper = style.figure(height=4.2)
    upper.remove()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1.4])
    for ax in (upper, lower):
        style.own_ticks(ax)
    _created(upper, rows, lang)
    _won(lower, rows, lang)
    months_axis(lower, list(rows["month"]), lang)
    upper.tick_params(axis="x", length=0)
    upper.grid(visible=False, axis="x")
    return figure


def _created(ax, rows: pd.DataFrame, lang: str) -> None:
    """Bars of new deals; the month that is not over is faint."""
    ax.set_title(sentence("funnel.plot.created", lang), fontsize=style.SIZE, weight="bold")
    colours = np.where(rows["whole"], style.ACCENT, style.BAND)
    ax.bar(rows.index, rows["created"], width=0.7, color=colours)
    told = {0, int(rows["created"].argmax()), len(rows) - 1}
    for at, row in enumerate(rows.to_dict("records")):
        if at in told:
            words = format_value(row["created"], "count", lang=lang)
            ax.annotate(words, (at, row["created"]), xytext=(0, 2), textcoords="offset points",
                        ha="center", fontsize=style.SMALL)  # fmt: skip
        key = "mark_created" if row["whole"] else "mark_created_so_far"
        said = sentence(f"funnel.plot.{key}", lang, month=row["month"], created=row["created"])
        name_mark(ax, (at - 0.35, at + 0.35), (0, row["created"]), said)
    ax.set_ylim(0, max(rows["created"].max(), 1) * 1.18)
    ax.locator_params(axis="y", nbins=3)
    style.thousands_axis(ax.yaxis, lang)


def _won(ax, rows: pd.DataFrame, lang: str) -> None:
    """The share won with its interval; the last month of a quarter is filled."""
    n = rows["n"].sum()
    overall = rows["k"].sum() / n if n else np.nan
    title = sentence("funnel.plot.won_of_closed", lang, share=overall)
    ax.set_title(title, fontsize=style.SIZE, weight="bold")
    known = rows[rows["rate"].notna()]
    ax.vlines(known.index, known["rate_low"], known["rate_high"], color=style.TEXT, linewidth=1.2)
    ends = known["ends_quarter"].to_numpy(bool)
    for filled, part in ((True, known[ends]), (False, known[~ends])):
        ax.plot(part.index, part["rate"], "o", color=style.ACCENT, markersize=6,
                markerfacecolor=style.ACCENT if filled else style.PAPER)  # fmt: skip
    if n:
        ax.axhline(overall, color=style.TEXT, linewidth=1, zorder=0.9)
    for at, row in zip(known.index, known.to_dict("records"), strict=True):
        limits = {"rate": row["rate"], "low": row["rate_low"], "high": row["rate_high"]}
        counts = {name: row[name] for name in ("month", "k", "n")}
        said = sentence("funnel.plot.mark_won", lang, **limits, **counts)
        name_mark(ax, at, (row["rate_low"], row["rate_high"]), said)
    ax.set_ylim(0, max(known["rate_high"].max(), 0.1) * 1.1 if len(known) else 1)
    ax.locator_params(axis="y", nbins=4)
    style.percent_axis(ax.yaxis, lang)
