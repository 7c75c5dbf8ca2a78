"""The open deals by age and amount: the stuck ones, and those older than any that closed."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, legend, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

#: Shape, colour and strength of each state; the shapes differ too.
_LOOKS = {
    "within": ("o", style.OPEN, 0.5),
    "over_limit": ("D", style.LOST, 1.0),
    "older": ("x", style.QUIET, 1.0),
}


@picture
def open_by_age(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Each open deal by its age and its amount, both on logarithmic axes.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.open_by_age`. Deals whose age or amount is not known, or
        that are worth nothing, have no place; their number is said.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        There is no deal to draw.
    """
    placed = table[(table["amount"] > 0) & table["age_days"].notna()]
    rows = require_rows(placed)
    ax = axes(ax, 4.2)
    ages = np.maximum(rows["age_days"].to_numpy(float), 1.0)
    oldest = rows["oldest_days"].iloc[0]
    if np.isfinite(oldest):
        ax.axvline(oldest, color=style.TEXT, linewidth=1)
        ax.annotate(sentence("funnel.plot.oldest_closed", lang, days=oldest), (oldest, 1),
                    xycoords=("data", "axes fraction"), xytext=(-4, -2), ha="right", va="top",
                    textcoords="offset points", fontsize=style.SMALL)  # fmt: skip
    for state, (shape, colour, strength) in _LOOKS.items():
        here = (rows["state"] == state).to_numpy()
        label = sentence(f"funnel.plot.deals_{state}", lang, deals=int(here.sum()))
        if here.any():
            ax.plot(ages[here], rows["amount"][here], shape, color=colour, alpha=strength,
                    markersize=5, label=label)  # fmt: skip
    for age, row in zip(ages, rows.to_dict("records"), strict=True):
        values = {"deal": row["opportunity_id"], "amount": row["amount"], "days": row["age_days"]}
        said = sentence(f"funnel.plot.mark_{row['state']}", lang, currency, **values)
        name_mark(ax, age, row["amount"], said, least=7)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.minorticks_off()
    style.thousands_axis(ax.xaxis, lang)
    style.money_axis(ax.yaxis, lang, currency)
    ax.set_xlabel(sentence("funnel.plot.age_days", lang))
    ax.set_ylabel(sentence("funnel.plot.amount_log", lang))
    if without := len(table) - len(rows):
        ax.annotate(sentence("funnel.plot.without_place", lang, deals=without), (0, 0),
                    xycoords="axes fraction", xytext=(4, 4), textcoords="offset points",
                    fontsize=style.SMALL)  # fmt: skip
    legend(ax, columns=3)
    return ax
