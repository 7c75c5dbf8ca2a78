"""Pictures of the exceptions of the funnel family."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import between, legend, name_rows, row_axes, shown
from salesanalysis.plots.picture import picture
from salesanalysis.text import format_value, sentence


@picture
def exceptions(
    table: pd.DataFrame, *, most: int = 15, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """What stands out: the ratio of each exception to the rest of the team, with its interval.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.exceptions`. Only its exceptions are drawn, in their
        order: the worse ones first.
    most : int
        How many at most.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = table[table["verdict"] == "exception"].head(most)
    whose = table.columns[0]
    names = [_name(row, whose, lang) for row in rows.to_dict("records")]
    ax = row_axes(ax, names, row=0.32)
    ax.axvline(1, color=style.MUTED, linewidth=1)
    at = np.arange(len(rows))
    for direction, colour in (("worse", style.LOST), ("better", style.WON)):
        some = (rows["direction"] == direction).to_numpy()
        if some.any():
            part = rows[some]
            limits = part["ratio_low"], part["ratio"], part["ratio_high"]
            label = sentence(f"funnel.plot.{direction}", lang)
            between(ax, at[some], *limits, color=colour, label=label)
    if len(rows):
        ax.plot(
            rows["ratio_shrunken"],
            at,
            "|",
            color=style.TEXT,
            markersize=11,
            label=sentence("funnel.plot.cautious", lang),
        )
        legend(ax)
    else:
        said = sentence("funnel.plot.no_exception", lang)
        ax.annotate(said, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center")
    said = [
        sentence("funnel.plot.mark_ratio", lang, ratio=ratio, low=low, high=high)
        for ratio, low, high in rows[["ratio", "ratio_low", "ratio_high"]].itertuples(index=False)
    ]
    name_rows(ax, names, said, rows[["ratio_low", "ratio_high"]].to_numpy(float), lang)
    ax.set_xscale("log")
    _ratio_ticks(ax, rows, lang)
    ax.set_xlabel(sentence("funnel.plot.ratio_to_team", lang))
    return ax


def _name(row: dict, whose: str, lang: str) -> str:
    """Whose exception it is, at which stage, in which measure."""
    measure = sentence(f"funnel.value.measure.{row['measure']}", lang)
    stage = shown("funnel", "stage", row["stage"], lang)
    # Volume and activity are about no stage.
    parts = [measure] if row["measure"] in ("volume", "activity") else [measure, stage]
    return " · ".join([str(row[whose]), *map(str, parts)])


def _ratio_ticks(ax, rows: pd.DataFrame, lang: str) -> None:
    """Ticks at round ratios, as far as the intervals reach."""
    low = min(rows["ratio_low"].min(), 0.5) if len(rows) else 0.5
    high = max(rows["ratio_high"].max(), 2.0) if len(rows) else 2.0
    ax.set_xlim(low / 1.1, high * 1.1)
    ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    shown = [tick for tick in ticks if low / 1.1 <= tick <= high * 1.1]
    ax.set_xticks(
        shown, [format_value(tick, "number", 1 if tick < 1 else 0, lang=lang) for tick in shown]
    )
    ax.minorticks_off()
