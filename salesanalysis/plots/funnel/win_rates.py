"""Pictures of win rates by group, with their intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, between, legend, shown
from salesanalysis.plots.picture import picture
from salesanalysis.text import column_label, format_value, sentence

#: A rate and its limits, and how it is drawn.
_OWN = ("rate", "rate_low", "rate_high", style.MUTED)
_FINAL = ("final_rate", "final_low", "final_high", style.WON)
_POOLED = ("pooled_rate", "pooled_low", "pooled_high", style.WON)


@picture
def win_rate_splits(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Win rates with their intervals, one line per group: of the decided deals, and of all.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.win_rate_splits`.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    kinds = [("funnel.plot.decided_rate", _OWN), ("funnel.plot.final_rate", _FINAL)]
    return _by_group(table, table["deals"], kinds, lang, ax)


@picture
def pooled_win_rate_splits(
    table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Win rates by group, each from its own deals alone and pooled, with their intervals.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.pooled_win_rate_splits`. Groups of a split that was not
        pooled are drawn with their own rate only.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    kinds = [("funnel.plot.own_rate", _OWN), ("funnel.plot.pooled", _POOLED)]
    return _by_group(table, table["n"], kinds, lang, ax)


def _by_group(table: pd.DataFrame, sizes, kinds, lang: str, ax):
    """Two rates per group, one above the other, under the name of their split."""
    # A line of its own for the name of each split, above its groups; all deals need none.
    first = (~table["split"].duplicated() & (table["split"] != "all")).to_numpy()
    at = np.arange(len(table)) + np.cumsum(first)
    names = [
        f"{_group(split, group, lang)} ({format_value(size, 'count', lang=lang)})"
        for split, group, size in zip(table["split"], table["group"], sizes, strict=True)
    ]
    heads = [column_label(split, lang) for split in table["split"][first]]
    ax = axes(ax, 1.2 + 0.3 * (at[-1] + 1 if len(at) else 1))
    ax.set_yticks([*at, *(at[first] - 1)], [*names, *heads])
    for label in ax.get_yticklabels()[len(at) :]:
        label.set_color(style.ACCENT)
    ax.set_ylim((at[-1] if len(at) else 0) + 0.7, -0.7)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    for (label, (rate, low, high, colour)), shift in zip(kinds, (0.15, -0.15), strict=True):
        limits, what = (table[low], table[rate], table[high]), sentence(label, lang)
        between(ax, at + shift, *limits, color=colour, label=what)
        for y, name, least, value, most in zip(at + shift, names, *limits, strict=True):
            if not np.isnan(value):
                values = {"rate": value, "low": least, "high": most}
                said = sentence("funnel.plot.mark_rate", lang, name=name, what=what, **values)
                name_mark(ax, (least, most), y, said, least=7)
    ax.set_xlim(0, 1)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.win_rate", lang))
    legend(ax)
    return ax


def _group(split: str, group, lang: str) -> str:
    """A user's group keeps its name, even where it is called ``all``."""
    if split == "all":
        return shown("funnel", "group", group, lang)
    return shown("funnel", "", group, lang)
