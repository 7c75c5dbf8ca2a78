"""Pictures from stage to stage: the funnel, and the days in each stage."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.bases import QUOTED
from salesanalysis.columns import CANCELLED, LOST, OPEN
from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    one_group,
    room,
    row_axes,
    shown,
    stacked,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import format_value, sentence


@picture
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
    said = [
        sentence("funnel.plot.rate", lang, rate=rate, low=low, high=high)
        for rate, low, high in rows[["rate", "rate_low", "rate_high"]].itertuples(index=False)
    ]
    names = [shown("funnel", "stage", stage, lang) for stage in rows["stage"]]
    ax = row_axes(ax, names, row=0.42, said=said)
    parts = {"advanced": style.ACCENT, LOST: style.LOST, CANCELLED: style.CANCELLED}
    named = [
        (sentence(f"funnel.value.result.{name}", lang), rows[name], colour)
        for name, colour in (parts | {OPEN: style.BAND}).items()
        if rows[name].any()
    ]
    ends = stacked(ax, named) + np.zeros(len(rows))
    beside_rows(ax, ends, said)
    for y, (row, end) in enumerate(zip(rows.to_dict("records"), ends, strict=True)):
        counts = {name: row[name] for name in ("advanced", "lost", "open")} | {"deals": end}
        limits = {"rate": row["rate"], "low": row["rate_low"], "high": row["rate_high"]}
        words = sentence("funnel.plot.mark_stage", lang, stage=names[y], **counts, **limits)
        name_mark(ax, (0, end), (y - 0.31, y + 0.31), words)
    ax.set_xlim(0, ends.max() * room(1.4))
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.deals", lang))
    legend(ax)
    return ax


@picture
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
    names = [shown("funnel", "stage", stage, lang) for stage in rows["stage"]]
    ax = row_axes(ax, names, row=0.42)
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
    for y, row in enumerate(ends):
        quantiles = dict(zip(("p25", "median", "p75", "p90"), row, strict=True))
        words = sentence("funnel.plot.mark_days", lang, stage=names[y], **quantiles)
        name_mark(ax, (drawn[y, 0], drawn[y, 3]), y, words)
        if np.isinf(row).any():
            ax.plot(edge, y, ">", color=style.MUTED, clip_on=False)
        if np.isfinite(row[1]):
            label = format_value(row[1], "days", 1 if row[1] >= 1 else 2, lang=lang)
            ax.annotate(label, (row[1], y), xytext=(0, 9), textcoords="offset points",
                        ha="center", fontsize=style.SMALL)  # fmt: skip
    ax.set_xlim(0, edge)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.days_in_stage", lang))
    legend(ax)
    return ax
