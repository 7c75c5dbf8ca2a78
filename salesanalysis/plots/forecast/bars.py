"""Where a period's revenue comes from."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, beside, legend, require_rows, shown
from salesanalysis.text import format_value, sentence

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


@style.use()
def parts(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The mean of every part, one bar per stream, largest first.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.parts`; its row of the whole is not drawn.
    lang, ax
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
    ax = axes(ax, 1.2 + 0.5 * len(means))
    at, left = np.arange(len(means)), np.zeros(len(means))
    for part in [name for name in _COLOURS if name in means]:
        ax.barh(at, means[part], left=left, height=0.6, color=_COLOURS[part],
                label=shown("forecast", "part", part, lang))  # fmt: skip
        left = left + means[part].to_numpy()
    for y, amount in enumerate(total):
        beside(ax, format_value(amount, "amount", lang=lang), amount, y)
    ax.set_yticks(at, [shown("forecast", "stream", name, lang) for name in means.index])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, max(total.max(), 1.0) * 1.15)
    ax.locator_params(axis="x", nbins=6)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.expected", lang))
    legend(ax, columns=3)
    return ax
