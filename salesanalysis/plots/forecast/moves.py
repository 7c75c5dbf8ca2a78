"""The waterfall between two forecasts of one period."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, beside, require_rows, shown
from salesanalysis.text import format_value, sentence

#: What is over by winning and losing keeps the colour of its outcome.
_COLOURS = {"won": style.WON, "lost": style.LOST}


@style.use()
def changes(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """From what was expected then to what is expected now, one step for each kind of change.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.changes`; changes of 0 are not drawn.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    table = require_rows(table)
    rows = table[(table["kind"] != "change") | (table["amount"] != 0)].to_dict("records")
    ax = axes(ax, 1.0 + 0.4 * len(rows))
    reached, edges = 0.0, [0.0]
    for y, row in enumerate(rows):
        level = row["kind"] != "change"
        left = 0.0 if level else reached
        colour = style.ACCENT if level else _COLOURS.get(row["movement"], style.MUTED)
        ax.barh(y, row["amount"], left=left, color=colour, height=0.62)
        reached = left + row["amount"]
        words = format_value(row["amount"], "amount", lang=lang)
        if pd.notna(row["deals"]):
            words = sentence(
                "forecast.plot.movement", lang, amount=row["amount"], deals=row["deals"]
            )
        beside(ax, words, max(left, reached), y)
        if y + 1 < len(rows):  # where this step ends the next one begins
            ax.plot([reached, reached], [y, y + 1], color=style.MUTED, linewidth=0.8, zorder=0.9)
        edges += [] if level else [left, reached]
    ax.set_yticks(
        range(len(rows)), [shown("forecast", "movement", row["movement"], lang) for row in rows]
    )
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ends = [row["amount"] for row in rows if row["kind"] != "change"]
    low, high = min([*edges[1:], *ends]), max([*edges, *ends])
    # The steps are small beside the whole: the axis begins shortly before the lowest of them.
    room = high - low or abs(high) or 1.0
    ax.set_xlim(max(low - 0.4 * room, 0.0) if low > 0 else low, high + 0.35 * room)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.expected", lang))
    return ax
