"""The forecast beside its targets: by group, and with each key deal won or lost."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
    stacked,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_ROW = 0.36


@picture
def against_targets(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Each group, the one furthest behind its target first: what is in, what may come, the target.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.against_targets` by one column; a hollow
        diamond is its ``overlay_credit``, where there is any.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table).sort_values("gap_amount", kind="stable", ignore_index=True)
    by = rows.columns[0]
    names = [shown("forecast", by, value, lang) for value in rows[by]]
    known = rows["target"].notna().to_numpy()
    said = [
        sentence("forecast.plot.chance", lang, share=share) if there else ""
        for share, there in zip(rows["p_target"], known, strict=True)
    ]
    ax = row_axes(ax, names, row=_ROW, said=said)
    at = np.arange(len(rows))
    to_come = np.maximum(rows["q50"] - rows["closed"], 0)
    parts = [("closed", rows["closed"], style.ACCENT), ("to_come", to_come, style.BAND)]
    stacked(ax, ((sentence(f"forecast.plot.{key}", lang), *look) for key, *look in parts))
    ax.hlines(at, rows["q10"], rows["q90"], color=style.TEXT, linewidth=1.4,
              label=sentence("forecast.plot.band_80", lang))  # fmt: skip
    ax.plot(rows["target"][known], at[known], "|", color=style.TEXT, markersize=17,
            markeredgewidth=2.4, label=sentence("forecast.plot.target", lang))  # fmt: skip
    reach = ["q90", "target", "closed"]
    if "overlay_credit" in rows:
        reach = [*reach, "overlay_credit"]
        beside = (rows["overlay_credit"] > 0).to_numpy()
        ax.plot(rows["overlay_credit"][beside], at[beside], "D", color=style.TEXT, markersize=6,
                fillstyle="none", label=sentence("forecast.plot.overlay", lang))  # fmt: skip
    ends = rows[reach].max(axis=1)
    beside_rows(ax, ends, said, away=9)
    whole = [_goal(row, lang, currency) for row in rows.to_dict("records")]
    name_rows(ax, names, whole, ((0.0, end) for end in ends), lang)
    most = np.nanmax(rows[reach].to_numpy(float))
    ax.set_xlim(min(0.0, np.nanmin(rows["q10"])), max(most, 1.0) * room(1.15))
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("forecast.plot.amount", lang))
    legend(ax)
    return ax


@picture
def must_win(
    table: pd.DataFrame,
    *,
    most: int = 10,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Where the period lands with each key deal lost and won, all else as forecast.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.must_win`.
    most : int
        How many deals to draw, from the top of the table.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table).head(most)
    names = list(rows["opportunity_id"].astype(str))
    said = [
        sentence("forecast.plot.deal_chance", lang, currency, amount=amount, share=share)
        for amount, share in rows[["amount", "probability"]].itertuples(index=False)
    ]
    ax = row_axes(ax, names, row=_ROW, said=said)
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
    beside_rows(ax, rows["q50_if_won"], said, away=9)
    name_rows(ax, names, said, rows[["q50_if_lost", "q50_if_won"]].to_numpy(float), lang)
    low, high = rows["q50_if_lost"].min(), rows["q50_if_won"].max()
    ax.set_xlim(low - 0.05 * (high - low or 1.0), high + (room(1.5) - 1) * (high - low or 1.0))
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("forecast.plot.median_landing", lang))
    legend(ax)
    return ax


def _goal(row: dict, lang: str, currency: str) -> str:
    """What the marks of a group say: in already, where it may land, the target and its chance."""
    values = {"closed": row["closed"], "middle": row["q50"], "low": row["q10"], "high": row["q90"]}
    beside = ""
    if row.get("overlay_credit", 0.0) > 0:
        amount = row["overlay_credit"]
        beside = sentence("forecast.plot.mark_overlay", lang, currency, amount=amount)
    if pd.isna(row["target"]):
        return sentence("forecast.plot.mark_landing", lang, currency, **values) + beside
    values |= {"target": row["target"], "share": row["p_target"]}
    return sentence("forecast.plot.mark_goal", lang, currency, **values) + beside
