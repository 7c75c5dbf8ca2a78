"""The waterfall picture of the funnel family: what moved between two days."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.columns import LOST, WON
from salesanalysis.plots import style
from salesanalysis.plots.parts import beside_rows, name_rows, one_group, room, row_axes, steps
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

#: What leaves by winning and losing keeps the colour of its outcome.
_COLOURS = {WON: style.WON, LOST: style.LOST}


@picture
def waterfall(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """From the pipeline at the start to that at the end, one step for each kind of change.

    In money, or in deals where the table has no amounts.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.waterfall`, of one group. Lines for information and
        lines without deals are not drawn.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table holds several groups, or none.
    """
    table = one_group(table, ["movement", "kind"])
    shown = table[table["kind"] != "memo"]
    shown = shown[shown["kind"].isin(["start", "end"]) | (shown["deals"] > 0)]
    rows = shown.to_dict("records")
    names = [sentence(f"funnel.value.movement.{row['movement']}", lang) for row in rows]
    counted = not shown["amount"].any()
    height, said_of = "net_amount", "funnel.plot.movement"
    if counted:
        height, said_of = "net_deals", "funnel.plot.movement_deals"
    said = [
        sentence(said_of, lang, currency, deals=row["deals"], amount=row["net_amount"])
        for row in rows
    ]
    ax = row_axes(ax, names, row=0.36, rest=1.0, said=said)
    spans = steps(ax, rows, height, _COLOURS)[1]
    beside_rows(ax, (high for _, high in spans), said)
    name_rows(ax, names, said, spans, lang)
    least, most = min(0.0, ax.dataLim.x0), max(ax.dataLim.x1, 0.0)
    ax.set_xlim(least, most + (room(1.3) - 1) * (most - least or 1.0))  # room for the numbers
    if counted:
        style.thousands_axis(ax.xaxis, lang)
    else:
        style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("funnel.plot.deals" if counted else "funnel.plot.amount", lang))
    return ax
