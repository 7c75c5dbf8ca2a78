"""Schedules of refreshers: what is known over time, how spacings compare, what they are worth."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import (
    axes,
    beside_rows,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def schedule_path(
    path: pd.DataFrame,
    without: pd.DataFrame | None = None,
    *,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """What is known over time with a schedule's refreshers, and without any.

    Parameters
    ----------
    path : DataFrame
        As from ``Schedule.path``: ``weeks, retention, target``.
    without : DataFrame, optional
        Another such table, of the schedule without refreshers.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    require_rows(path)
    ax = axes(ax, 3.4)
    ax.plot(path["weeks"], path["retention"], color=style.ACCENT,
            label=sentence("forgetting.plot.with_refreshers", lang))  # fmt: skip
    if without is not None:
        ax.plot(without["weeks"], without["retention"], color=style.LOST,
                label=sentence("forgetting.plot.without_refreshers", lang))  # fmt: skip
    for row in path.iloc[:: max(len(path) // 12, 1)].to_dict("records"):
        values = {"weeks": row["weeks"], "retention": row["retention"]}
        said = sentence("forgetting.plot.mark_path", lang, **values)
        name_mark(ax, row["weeks"], row["retention"], said)
    ax.axhline(path["target"].iloc[0], color=style.MUTED, linestyle="--",
               label=sentence("forgetting.plot.target", lang))  # fmt: skip
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, path["weeks"].max())
    style.percent_axis(ax.yaxis, lang)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.weeks_since_training", lang))
    ax.set_ylabel(sentence("forgetting.plot.known", lang))
    legend(ax)
    return ax


@picture
def compare_schedules(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The mean and the least known, for each spacing of the same number of refreshers.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forgetting.compare_schedules`.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    names = [shown("forgetting", "spacing", name, lang) for name in rows["spacing"]]
    said = [
        sentence("forgetting.plot.under_target", lang, share=share)
        for share in rows["under_target_share"]
    ]
    ax = row_axes(ax, names, row=0.38, rest=1.1, said=said)
    at = np.arange(len(rows))
    ax.barh(at, rows["mean_retention"], height=0.6, color=style.BAND,
            label=sentence("forgetting.plot.mean_known", lang))  # fmt: skip
    ax.plot(rows["min_retention"], at, "o", color=style.LOST,
            label=sentence("forgetting.plot.least_known", lang))  # fmt: skip
    beside_rows(ax, rows["mean_retention"], said)
    whole = [
        sentence("forgetting.plot.mark_spacing", lang, mean=mean, least=least, said=words)
        for mean, least, words in zip(
            rows["mean_retention"], rows["min_retention"], said, strict=True
        )
    ]
    name_rows(ax, names, whole, ((0.0, mean) for mean in rows["mean_retention"]), lang)
    ax.set_xlim(0, room(1.35))
    ax.set_xticks(np.linspace(0, 1, 6))
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.known", lang))
    legend(ax)
    return ax


@picture
def training_value(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """The value lost in each week with refreshers and without, and what the refreshers cost.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forgetting.training_value`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    ax = axes(ax, 3.2)
    ax.plot(rows["week"], rows["lost_without"], color=style.LOST,
            label=sentence("forgetting.plot.lost_without", lang))  # fmt: skip
    ax.plot(rows["week"], rows["lost_with"], color=style.ACCENT,
            label=sentence("forgetting.plot.lost_with", lang))  # fmt: skip
    if rows["cost"].notna().any():
        held = rows[rows["refreshers"] > 0]
        ax.bar(held["week"], held["cost"], color=style.MUTED, width=0.6,
               label=sentence("forgetting.plot.cost", lang))  # fmt: skip
    for row in rows.to_dict("records"):
        values = {name: row[name] for name in ("week", "lost_without", "lost_with")}
        said = sentence("forgetting.plot.mark_week", lang, currency, **values)
        name_mark(ax, row["week"], (row["lost_with"], row["lost_without"]), said, least=4)
    ax.set_ylim(bottom=0)
    ax.set_xlim(0, rows["week"].max() + 0.5)
    style.thousands_axis(ax.xaxis, lang)
    style.money_axis(ax.yaxis, lang, currency)
    ax.set_xlabel(sentence("forgetting.plot.weeks_since_training", lang))
    ax.set_ylabel(sentence("forgetting.plot.amount_a_week", lang))
    legend(ax)
    return ax
