"""The leakage picture of the funnel family: where value is lost."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import beside_rows, require_rows, room, row_axes, row_names
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def leakage(
    table: pd.DataFrame,
    *,
    most: int = 12,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Where value is lost, largest first, with the share of the whole down to each bar (Pareto).

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.leakage`. Where no amount is known, the bars are deals.
    most : int
        How many rows at most; the cumulative shares say what the bars leave out.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty: nothing was lost.
    """
    rows = require_rows(table).head(most)
    has_amounts = rows["amount_share"].notna().all()
    width = rows["amount" if has_amounts else "deals"].to_numpy(float)
    said = [_said(row, has_amounts, lang) for row in rows.to_dict("records")]
    # Everything before the counts says what the row is: the stage and the columns of the split.
    names = [name for name in table.columns[: table.columns.get_loc("deals")] if name != "position"]
    named = row_names("funnel", rows, names, lang)
    ax = row_axes(ax, named, row=0.32, rest=1.0, said=said)
    ax.barh(np.arange(len(rows)), width, color=style.LOST, height=0.66)
    beside_rows(ax, width, said)
    key = "mark_lost_amount" if has_amounts else "mark_lost_deals"
    for y, (row, end) in enumerate(zip(rows.to_dict("records"), width, strict=True)):
        values = {"name": named[y], "said": said[y], "deals": row["deals"]}
        values |= {"amount": row["amount"]} if has_amounts else {}
        words = sentence(f"funnel.plot.{key}", lang, currency, **values)
        name_mark(ax, (0, end), (y - 0.33, y + 0.33), words)
    ax.set_xlim(0, max(width.max(), 1e-9) * room(1.45))
    if has_amounts:
        style.money_axis(ax.xaxis, lang, currency)
    else:
        style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.amount" if has_amounts else "funnel.plot.deals", lang))
    return ax


def _said(row: dict, has_amounts: bool, lang: str) -> str:
    """What stands beside a bar: the share of what was lost, of amounts where they are known."""
    if not has_amounts:
        return sentence("funnel.plot.lost_deals", lang, share=row["deals_share"])
    values = {"share": row["amount_share"], "cumulative": row["cumulative_share"]}
    return sentence("funnel.plot.lost_amount", lang, **values)
