"""The leakage picture of the funnel family: where value is lost."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, bars_down, beside, require_rows, row_names
from salesanalysis.text import sentence


@style.use()
def leakage(
    table: pd.DataFrame, *, most: int = 12, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Where value is lost, largest first, with the share of the whole down to each bar (Pareto).

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.leakage`. Where no amount is known, the bars are deals.
    most : int
        How many rows at most; the cumulative shares say what the bars leave out.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty: nothing was lost.
    """
    rows = require_rows(table).head(most)
    ax = axes(ax, 1.0 + 0.36 * len(rows))
    has_amounts = rows["amount_share"].notna().all()
    width = rows["amount" if has_amounts else "deals"].to_numpy(float)
    at = np.arange(len(rows))
    ax.barh(at, width, color=style.LOST, height=0.66)
    for y, row, end in zip(at, rows.to_dict("records"), width, strict=True):
        key, values = "lost_deals", {"share": row["deals_share"]}
        if has_amounts:
            key = "lost_amount"
            values = {"share": row["amount_share"], "cumulative": row["cumulative_share"]}
        beside(ax, sentence(f"funnel.plot.{key}", lang, **values), end, y)
    # Everything before the counts says what the row is: the stage and the columns of the split.
    names = [name for name in table.columns[: table.columns.get_loc("deals")] if name != "position"]
    bars_down(ax, row_names("funnel", rows, names, lang))
    ax.set_xlim(0, max(width.max(), 1e-9) * 1.4)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.amount" if has_amounts else "funnel.plot.deals", lang))
    return ax
