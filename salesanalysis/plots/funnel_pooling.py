"""The picture of the pooled win rates of the funnel family."""

import numpy as np
import pandas as pd

from salesanalysis.plots import style
from salesanalysis.text import column_label, format_value, sentence


@style.use()
def pooled_win_rate_splits(table: pd.DataFrame, *, lang: str = "en", ax=None):
    """Win rates by group, each from its own deals alone and pooled, with their intervals.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.pooled_win_rate_splits`. Groups of a split that was not
        pooled are drawn with their own rate only.
    lang : str
        ``en`` or ``zh``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure without.

    Returns
    -------
    matplotlib Axes
    """
    # A line of its own for the name of each split, above its groups.
    first = ~table["split"].duplicated().to_numpy()
    at = np.arange(len(table)) + np.cumsum(first)
    if ax is None:
        _, ax = style.figure(height=max(1.3 + 0.34 * (at[-1] + 1), 2.2))
    kinds = [("rate", "rate_low", "rate_high", 0.15, style.MUTED, "funnel.plot.own_rate")]
    kinds += [("pooled_rate", "pooled_low", "pooled_high", -0.15, style.WON, "funnel.plot.pooled")]
    for rate, low, high, shift, colour, label in kinds:
        ax.hlines(at + shift, table[low], table[high], color=colour, linewidth=2)
        ax.plot(table[rate], at + shift, "o", color=colour, label=sentence(label, lang))
    missing = sentence("funnel.plot.missing", lang)
    names = [f"{missing if pd.isna(group) else group} ({format_value(n, 'count')})"
             for group, n in zip(table["group"], table["n"], strict=True)]  # fmt: skip
    heads = [column_label(split, lang) for split in table["split"][first]]
    ax.set_yticks([*at, *(at[first] - 1)], [*names, *heads])
    for label in ax.get_yticklabels()[len(at) :]:
        label.set_color(style.ACCENT)
    ax.set_ylim(at[-1] + 0.7, -0.7)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1)
    style.percent_axis(ax.xaxis)
    ax.set_xlabel(sentence("funnel.plot.win_rate", lang))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.3)
    return ax
