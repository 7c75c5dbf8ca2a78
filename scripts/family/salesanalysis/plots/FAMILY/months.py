"""Pictures of what came in."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, names_down, require_rows
from salesanalysis.text import column_label


@style.use()
def by_month(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The money of each month, as bars.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.FAMILY.by_month`.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no month.
    """
    rows = require_rows(table)
    ax = axes(ax, 1.2 + 0.3 * len(rows))
    ax.barh(range(len(rows)), rows["amount"], color=style.ACCENT, height=0.62)
    names_down(ax, rows["period"])
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(column_label("amount", lang))
    return ax
