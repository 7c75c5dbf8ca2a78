"""Pictures from stage to stage: the funnel, and the days in each stage."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.bases import QUOTED
from salesanalysis.columns import CANCELLED, LOST, OPEN
from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    axes,
    bars_down,
    beside,
    legend,
    names_down,
    one_group,
    shown,
    stacked,
)
from salesanalysis.text import format_value, sentence


@style.use()
def conversion(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The funnel: at each stage, how many deals reached it and what became of them.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.conversion`, of one group, with the basis to
        quote, whose rate stands beside each bar.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table holds several groups or lacks the basis to quote.
    """
    rows = one_group(table[table["basis"] == QUOTED], "position").sort_values("position")
    ax = axes(ax, 1.2 + 0.55 * len(rows))
    at = np.arange(len(rows))
    parts = {"advanced": style.ACCENT, LOST: style.LOST, CANCELLED: style.CANCELLED}
    named = [
        (sentence(f"funnel.value.result.{name}", lang), rows[name], colour)
        for name, colour in (parts | {OPEN: style.BAND}).items()
        if rows[name].any()
    ]
    ends = stacked(ax, named) + np.zeros(len(rows))
    for y, row, end in zip(at, rows.to_dict("records"), ends, strict=True):
        label = sentence(
            "funnel.plot.rate", lang, rate=row["rate"], low=row["rate_low"], high=row["rate_high"]
        )
        beside(ax, label, end, y, size=None)
    bars_down(ax, (shown("funnel", "stage", stage, lang) for stage in rows["stage"]))
    ax.set_xlim(0, ends.max() * 1.3)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.deals", lang))
    legend(ax)
    return ax


@style.use()
def stage_days(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """How long deals stay in each stage: median, middle half, and up to the slowest tenth.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.stage_days`, of one group, with the percentiles 0.25,
        0.75 and 0.9. What the data do not reach ends in an arrow at the edge.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table holds several groups.
    """
    rows = one_group(table, "position").sort_values("position")
    ax = axes(ax, 1.2 + 0.5 * len(rows))
    ends = rows[["p25_days", "median_days", "p75_days", "p90_days"]].to_numpy(float)
    finite = ends[np.isfinite(ends)]
    edge = finite.max() * 1.12 if finite.size and finite.max() > 0 else 1.0
    drawn = np.minimum(ends, edge)
    at = np.arange(len(rows))
    ax.hlines(at, drawn[:, 0], drawn[:, 3], color=style.MUTED, linewidth=1.5,
              label=sentence("funnel.plot.to_p90", lang))  # fmt: skip
    ax.hlines(at, drawn[:, 0], drawn[:, 2], color=style.BAND, linewidth=12,
              label=sentence("funnel.plot.middle_half", lang))  # fmt: skip
    known = np.isfinite(ends[:, 1])
    ax.plot(drawn[known, 1], at[known], "o", color=style.ACCENT,
            label=sentence("funnel.plot.median", lang))  # fmt: skip
    for y, row in zip(at, ends, strict=True):
        if np.isinf(row).any():
            ax.plot(edge, y, ">", color=style.MUTED, clip_on=False)
        if np.isfinite(row[1]):
            label = format_value(row[1], "days", 1 if row[1] >= 1 else 2, lang=lang)
            ax.annotate(label, (row[1], y), xytext=(0, 9), textcoords="offset points",
                        ha="center", fontsize=9)  # fmt: skip
    names_down(ax, (shown("funnel", "stage", stage, lang) for stage in rows["stage"]))
    ax.set_xlim(0, edge)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.days_in_stage", lang))
    legend(ax)
    return ax
