"""Pictures of what came in."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import name_rows, require_rows, row_axes
from salesanalysis.text import column_label, said


@style.use()
def by_month(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """The money of each month, as bars.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.FAMILY.by_month`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no month.
    """
    rows = require_rows(table)
    names = list(rows["period"])
    amounts = [said(one, "amount", lang=lang, currency=currency) for one in rows["amount"]]
    ax = row_axes(ax, names, row=0.3)
    ax.barh(range(len(rows)), rows["amount"], color=style.ACCENT, height=0.62)
    name_rows(ax, names, amounts, [(0.0, one) for one in rows["amount"]], lang)
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(column_label("amount", lang))
    return ax
