"""Pictures of what customers bought."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, months_axis, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import column_label, said, sentence

#: So many months have room on an axis.
MOST = 13


@picture
def by_month(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """The money of the latest months, as bars; one that is not over is faint.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.by_month`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no month.
    """
    rows = require_rows(table).tail(MOST).reset_index(drop=True)
    ax = axes(ax, 3.2)
    colours = [style.ACCENT if over else style.BAND for over in rows["whole"]]
    ax.bar(rows.index, rows["amount"], width=0.66, color=colours)
    for at, row in enumerate(rows.to_dict("records")):
        words = said(row["amount"], "amount", lang=lang, currency=currency)
        whole = sentence("report.mark", lang, name=row["period"], said=words)
        name_mark(ax, (at - 0.33, at + 0.33), (0, row["amount"]), whole)
    months_axis(ax, list(rows["period"]), lang)
    ax.locator_params(axis="y", nbins=5)
    style.money_axis(ax.yaxis, lang, currency)
    ax.set_ylabel(column_label("amount", lang))
    return ax
