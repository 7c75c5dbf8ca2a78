"""Where a period's revenue comes from."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis import text
from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
    stacked,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

#: The colour of each part; what is in already is the surest.
_COLOURS = {
    "closed": style.TEXT,
    "must_win": style.CYCLE[1],
    "open_deals": style.CYCLE[0],
    "new_deals": style.CYCLE[4],
    "to_come": style.CYCLE[2],
    "contracts": style.CYCLE[3],
    "added": style.CYCLE[5],
}


@picture
def parts(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """The mean of every part, one bar per stream, largest first.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.parts`; its row of the whole is not drawn.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table[table["stream"] != "all"])
    means = rows.pivot_table(index="stream", columns="part", values="mean", aggfunc="sum")
    total = means.sum(axis=1).sort_values(ascending=False, kind="stable")
    means = means.loc[total.index].fillna(0.0)
    names = [shown("forecast", "stream", name, lang) for name in means.index]
    said = [text.said(amount, "amount", lang=lang, currency=currency) for amount in total]
    ax = row_axes(ax, names, row=0.42, said=said)
    named = [
        (shown("forecast", "part", part, lang), means[part], colour)
        for part, colour in _COLOURS.items()
        if part in means
    ]
    stacked(ax, named, height=0.6)
    beside_rows(ax, total, said)
    name_rows(ax, names, said, ((0.0, amount) for amount in total), lang)
    ax.set_xlim(0, max(total.max(), 1.0) * room(1.2))
    ax.locator_params(axis="x", nbins=6)
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("forecast.plot.expected", lang))
    legend(ax, columns=3)
    return ax
