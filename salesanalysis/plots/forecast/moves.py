"""The waterfall between two forecasts of one period."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, bars_down, require_rows, shown, steps
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

    def said(row: dict) -> str:
        if pd.isna(row["deals"]):
            return format_value(row["amount"], "amount", lang=lang)
        values = {"amount": row["amount"], "deals": row["deals"]}
        return sentence("forecast.plot.movement", lang, **values)

    edges = steps(ax, rows, "amount", _COLOURS, said)
    bars_down(ax, (shown("forecast", "movement", row["movement"], lang) for row in rows))
    ends = [row["amount"] for row in rows if row["kind"] != "change"]
    low, high = min([*edges, *ends]), max([0.0, *edges, *ends])
    # The steps are small beside the whole: the axis begins shortly before the lowest of them.
    room = high - low or abs(high) or 1.0
    ax.set_xlim(max(low - 0.4 * room, 0.0) if low > 0 else low, high + 0.35 * room)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.expected", lang))
    return ax
