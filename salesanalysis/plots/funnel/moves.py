"""The waterfall picture of the funnel family: what moved between two days."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.columns import LOST, WON
from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, one_group
from salesanalysis.text import sentence

#: What leaves by winning and losing keeps the colour of its outcome.
_COLOURS = {WON: style.WON, LOST: style.LOST}


@style.use()
def waterfall(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """From the pipeline at the start to that at the end, one step for each kind of change.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.waterfall`, of one group. Lines for information and
        lines without deals are not drawn.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table holds several groups, or none.
    """
    table = one_group(table, ["movement", "kind"])
    shown = table[table["kind"] != "memo"]
    shown = shown[shown["kind"].isin(["start", "end"]) | (shown["deals"] > 0)]
    rows = shown.to_dict("records")
    ax = axes(ax, 1.0 + 0.42 * len(rows))
    reached = 0.0
    for y, row in enumerate(rows):
        level = row["kind"] in ("start", "end")
        left = 0.0 if level else reached
        colour = style.ACCENT if level else _COLOURS.get(row["movement"], style.MUTED)
        ax.barh(y, row["net_amount"], left=left, color=colour, height=0.62)
        reached = left + row["net_amount"]
        label = sentence("funnel.plot.movement", lang, amount=row["net_amount"], deals=row["deals"])
        ax.annotate(
            label,
            (max(left, reached), y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
        if y + 1 < len(rows):  # where this step ends the next one begins
            ax.plot([reached, reached], [y, y + 1], color=style.MUTED, linewidth=0.8, zorder=0.9)
    names = [sentence(f"funnel.value.movement.{row['movement']}", lang) for row in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    least, most = min(0.0, ax.dataLim.x0), max(ax.dataLim.x1, 0.0)
    ax.set_xlim(least, most + 0.25 * (most - least or 1.0))  # room for the numbers
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.amount", lang))
    return ax
