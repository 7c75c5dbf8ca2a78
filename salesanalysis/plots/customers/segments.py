"""Pictures of segments: how many customers look at what, at which price."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import beside_rows, name_rows, require_rows, room, row_axes
from salesanalysis.plots.picture import picture
from salesanalysis.text import column_label, sentence


@picture
def segments(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The customers of each segment, as bars; those of one category have one colour.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.segments`: its ``table``.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no segment.
    """
    rows = require_rows(table).reset_index(drop=True)
    records = rows.to_dict("records")
    names = [segment_name(row, lang) for row in records]
    said = [
        sentence("customers.plot.segment", lang, count=row["accounts"], share=row["share"])
        for row in records
    ]
    ax = row_axes(ax, names, row=0.34, rest=0.9, said=said)
    # Neighbouring categories are told apart by turns; all others together are grey.
    turn = rows["category"].ne(rows["category"].shift()).cumsum() % 2
    colours = [
        style.MUTED if pd.isna(row["category"]) else (style.ACCENT, style.CYCLE[4])[at]
        for row, at in zip(records, 1 - turn, strict=True)
    ]
    ax.barh(rows.index, rows["accounts"], height=0.62, color=colours)
    beside_rows(ax, rows["accounts"], said)
    name_rows(ax, names, said, [(0, width) for width in rows["accounts"]], lang)
    ax.set_xlim(0, room(1.25) * rows["accounts"].max())
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(column_label("accounts", lang))
    return ax


def segment_name(row: dict, lang: str) -> str:
    """A segment as a reader knows it: its category, and of which price bands."""
    if pd.isna(row["category"]):
        return sentence("customers.plot.others", lang)
    if row["segment"] == row["category"]:
        return row["category"]
    if pd.isna(row["band_low"]):
        return sentence("customers.plot.no_price", lang, category=row["category"])
    bands = dict.fromkeys([str(row["band_low"]), str(row["band_high"])])
    return sentence("customers.plot.bands", lang, category=row["category"], bands="–".join(bands))
