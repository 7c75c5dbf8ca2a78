"""The picture of what each component of a plan brings."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    name_rows,
    require_rows,
    room,
    row_axes,
    row_names,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def components(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """What each component brings all payees, in the order of the plan.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.component_totals`; what is paid beside the components
        is not drawn.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table[table["part"].eq("component")])
    names = row_names("incentive", rows, ["component"], lang)
    amounts = rows["payout"].to_numpy(float)
    said = [
        sentence("incentive.plot.component_brings", lang, currency, payout=amount)
        for amount in amounts
    ]
    ax = row_axes(ax, names, row=0.34, rest=1.0, said=said)
    ax.barh(np.arange(len(rows)), amounts, height=0.6, color=style.ACCENT)
    beside_rows(ax, np.maximum(amounts, 0), said)
    limits = np.stack([np.minimum(amounts, 0), np.maximum(amounts, 0)], axis=1)
    name_rows(ax, names, said, limits, lang)
    ax.set_xlim(min(amounts.min(), 0) * 1.05, max(amounts.max(), 1) * room(1.25))
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("incentive.plot.payout", lang))
    return ax
