"""The forecast beside its targets: by group, and with each key deal won or lost."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, beside, legend, names_down, require_rows, shown
from salesanalysis.text import sentence

_ROW = 0.36


@style.use()
def against_targets(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Each group: what is in already, the middle 60 % of where it may land, and its target.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.against_targets` by one column; groups in
        the order of the table.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    by = rows.columns[0]
    ax = axes(ax, 1.2 + _ROW * len(rows))
    at = np.arange(len(rows))
    ax.barh(
        at,
        rows["closed"],
        height=0.62,
        color=style.MUTED,
        label=sentence("forecast.plot.closed", lang),
    )
    ax.hlines(at, rows["q20"], rows["q80"], color=style.BAND, linewidth=9,
              label=sentence("forecast.plot.band_60", lang))  # fmt: skip
    ax.plot(rows["q50"], at, "o", color=style.ACCENT, label=sentence("forecast.plot.median", lang))
    known = rows["target"].notna().to_numpy()
    ax.plot(rows["target"][known], at[known], "|", color=style.LOST, markersize=15,
            markeredgewidth=2, label=sentence("forecast.plot.target", lang))  # fmt: skip
    for y, row in enumerate(rows.to_dict("records")):
        if not np.isnan(row["target"]):
            end = max(row["q80"], row["target"], row["closed"])
            beside(
                ax, sentence("forecast.plot.chance", lang, share=row["p_target"]), end, y, away=9
            )
    names_down(ax, (shown("forecast", by, value, lang) for value in rows[by]))
    most = np.nanmax(rows[["q80", "target", "closed"]].to_numpy(float))
    ax.set_xlim(min(0.0, np.nanmin(rows["q20"])), max(most, 1.0) * 1.15)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.amount", lang))
    legend(ax)
    return ax


@style.use()
def must_win(
    table: pd.DataFrame, *, most: int = 10, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Where the period lands with each key deal lost and won, all else as forecast.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.must_win`.
    most : int
        How many deals to draw, from the top of the table.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table).head(most)
    ax = axes(ax, 1.2 + _ROW * len(rows))
    at = np.arange(len(rows))
    ax.hlines(at, rows["q50_if_lost"], rows["q50_if_won"], color=style.GRID, linewidth=6)
    ax.plot(
        rows["q50_if_lost"],
        at,
        "o",
        color=style.LOST,
        label=sentence("forecast.plot.if_lost", lang),
    )
    ax.plot(
        rows["q50_if_won"], at, "o", color=style.WON, label=sentence("forecast.plot.if_won", lang)
    )
    ax.axvline(
        rows["q50"].iloc[0],
        color=style.ACCENT,
        linestyle=":",
        label=sentence("forecast.plot.as_is", lang),
    )
    for y, row in enumerate(rows.to_dict("records")):
        words = sentence(
            "forecast.plot.deal_chance", lang, amount=row["amount"], share=row["probability"]
        )
        beside(ax, words, row["q50_if_won"], y, away=9)
    names_down(ax, rows["opportunity_id"].astype(str))
    low, high = rows["q50_if_lost"].min(), rows["q50_if_won"].max()
    ax.set_xlim(low - 0.05 * (high - low or 1.0), high + 0.45 * (high - low or 1.0))
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forecast.plot.median_landing", lang))
    legend(ax)
    return ax
