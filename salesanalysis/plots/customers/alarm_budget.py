"""The picture of how long the list of those who leave may be."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import column_label, sentence


@picture
def alarm_budget(
    table: pd.DataFrame, chosen: float | None = None, *, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """How many customers the list holds, by the share of it that may be wrong.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.alarm_budget`.
    chosen : float, optional
        The share that is chosen, marked by a line.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no row, or no list whatever may be wrong.
    """
    rows = require_rows(table)
    require_rows(rows[rows["customers"] > 0])
    ax = axes(ax, 3.2)
    ax.step(rows["allowed_share"], rows["customers"], where="post", color=style.ACCENT)
    for row in rows.to_dict("records"):
        values = {"allowed": row["allowed_share"], "customers": row["customers"]}
        said = sentence("customers.plot.budget", lang, **values)
        name_mark(ax, row["allowed_share"], row["customers"], said)
    if chosen is not None:
        ax.axvline(chosen, color=style.MUTED, linestyle="--", linewidth=1)
    ax.set_ylim(bottom=0)
    style.percent_axis(ax.xaxis, lang)
    style.thousands_axis(ax.yaxis, lang)
    ax.set_xlabel(column_label("allowed_share", lang))
    ax.set_ylabel(column_label("customers", lang))
    return ax
