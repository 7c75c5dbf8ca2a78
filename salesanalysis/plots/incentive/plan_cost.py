"""The picture of what a plan may cost."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, legend, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def cost(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """How likely each total cost of a plan is, over the possible futures.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.incentive.Cost.distribution`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    ax = axes(ax, 3.2)
    inside = rows["inside"].to_numpy(bool)
    width = rows["to_amount"] - rows["from_amount"]
    for part, colour, key in ((inside, style.ACCENT, "likely"), (~inside, style.MUTED, "unlikely")):
        ax.bar(rows["from_amount"][part], rows["share"][part], width=width[part], align="edge",
               color=colour, label=sentence(f"incentive.plot.cost_{key}", lang))  # fmt: skip
    ends = ["from_amount", "to_amount", "share"]
    for low, high, share in rows[ends].itertuples(index=False):
        values = {"low": low, "high": high, "share": share}
        said = sentence("incentive.plot.mark_futures", lang, currency, **values)
        name_mark(ax, (low, high), (0, share), said, least=4)
    style.money_axis(ax.xaxis, lang, currency)
    style.percent_axis(ax.yaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.cost", lang))
    ax.set_ylabel(sentence("incentive.plot.futures", lang))
    legend(ax)
    return ax
