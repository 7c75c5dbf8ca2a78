"""The waterfall between two forecasts of one period."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis import text
from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
    steps,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

#: What is over by winning and losing keeps the colour of its outcome.
_COLOURS = {"won": style.WON, "lost": style.LOST}


@picture
def changes(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """From what was expected then to what is expected now, one step for each kind of change.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.changes`; changes of 0 are not drawn.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    table = require_rows(table)
    rows = table[(table["kind"] != "change") | (table["amount"] != 0)].to_dict("records")
    names = [shown("forecast", "movement", row["movement"], lang) for row in rows]
    said = [_said(row, lang, currency) for row in rows]
    ax = row_axes(ax, names, row=0.36, rest=1.0, said=said)
    edges, spans = steps(ax, rows, "amount", _COLOURS)
    beside_rows(ax, (high for _, high in spans), said)
    ends = [row["amount"] for row in rows if row["kind"] != "change"]
    low, high = min([*edges, *ends]), max([0.0, *edges, *ends])
    # The steps are small beside the whole: the axis begins shortly before the lowest of them.
    reach = high - low or abs(high) or 1.0
    left = max(low - 0.4 * reach, 0.0) if low > 0 else low
    ax.set_xlim(left, high + (room(1.4) - 1) * reach)
    name_rows(ax, names, said, [(max(start, left), end) for start, end in spans], lang)
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("forecast.plot.expected", lang))
    return ax


def _said(row: dict, lang: str, currency: str) -> str:
    """What stands beside a step: its amount, and how many deals it is of where that is known."""
    if pd.isna(row["deals"]):
        return text.said(row["amount"], "amount", lang=lang, currency=currency)
    values = {"amount": row["amount"], "deals": row["deals"]}
    return sentence("forecast.plot.movement", lang, currency, **values)
