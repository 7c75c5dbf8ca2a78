"""Pictures of behaviour: where attainment piles up, what the evidence shows, the period's end."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import (
    axes,
    between,
    legend,
    name_rows,
    require_rows,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

if TYPE_CHECKING:
    from salesanalysis.incentive import Bunching


@picture
def attainment(
    table: pd.DataFrame,
    *,
    thresholds: pd.DataFrame | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """How many payee-periods end at each level of attainment, with the thresholds.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.attainment_bins`.
    thresholds : DataFrame, optional
        As from :func:`salesanalysis.incentive.plan_thresholds`: where the lines are.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    ax = axes(ax, 3.4)
    width = rows["level_high"] - rows["level_low"]
    ax.bar(rows["level_low"], rows["n"], width=width, align="edge", color=style.BAND,
           edgecolor="white", linewidth=0.6)  # fmt: skip
    for low, high, n in rows[["level_low", "level_high", "n"]].itertuples(index=False):
        said = sentence("incentive.plot.mark_bin", lang, low=low, high=high, n=n)
        name_mark(ax, (low, high), (0, n), said, least=4)
    lines = [] if thresholds is None else zip(thresholds["level"], thresholds["part"], strict=True)
    for at, (level, part) in enumerate(lines):
        ax.axvline(level, color=style.LOST, linewidth=1.4)
        # Names of levels that lie close together stand under each other.
        place = {"xytext": (4, -2 - at % 3 * 12), "textcoords": "offset points"}
        ax.annotate(sentence(f"incentive.plot.{part}", lang), (level, 1), **place,
                    xycoords=("data", "axes fraction"), va="top", color=style.LOST)  # fmt: skip
    ax.grid(visible=False, axis="x")
    style.percent_axis(ax.xaxis, lang)
    style.thousands_axis(ax.yaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.attainment", lang))
    ax.set_ylabel(sentence("incentive.plot.payee_periods", lang))
    return ax


@picture
def bunching(found: "Bunching", *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """What is seen around a threshold against what would be there without it.

    Parameters
    ----------
    found : Bunching
        As from :func:`salesanalysis.incentive.bunching`, of attainment as a share of the quota.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(found.counterfactual)
    ax = axes(ax, 3.2)
    inside = rows[rows["role"] == "region"]
    ax.axvspan(inside["level_low"].min(), inside["level_high"].max(), color=style.GRID,
               label=sentence("incentive.plot.region", lang))  # fmt: skip
    ax.bar(rows["level"], rows["count"], width=found.bin_width * 0.92, color=style.BAND,
           label=sentence("incentive.plot.seen", lang))  # fmt: skip
    ax.plot(rows["level"], rows["counterfactual"], color=style.ACCENT,
            label=sentence("incentive.plot.counterfactual", lang))  # fmt: skip
    for level, n, calm in rows[["level", "count", "counterfactual"]].itertuples(index=False):
        said = sentence("incentive.plot.mark_pile", lang, level=level, n=n, expected=calm)
        half = found.bin_width / 2
        name_mark(ax, (level - half, level + half), (0, max(n, calm)), said, least=4)
    ax.axvline(found.threshold, color=style.LOST, linewidth=1.2,
               label=sentence("incentive.plot.threshold", lang))  # fmt: skip
    ax.set_ylim(0, None)
    ax.grid(visible=False, axis="x")
    style.percent_axis(ax.xaxis, lang)
    style.thousands_axis(ax.yaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.attainment_bins", lang, width=found.bin_width))
    ax.set_ylabel(sentence("incentive.plot.payee_periods", lang))
    legend(ax)
    return ax


@picture
def evidence(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The effects that were looked for, with their intervals; those not shown are pale.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.evidence_table`.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    names = [shown("incentive", "measure", name, lang) for name in rows["measure"]]
    ax = row_axes(ax, names, row=0.4)
    at = np.arange(len(rows))
    for y, row in zip(at, rows.to_dict("records"), strict=True):
        colour = style.ACCENT if row["verdict"] == "shown" else style.MUTED
        limits = row["effect_low"], row["effect"], row["effect_high"]
        between(ax, y, *limits, color=colour, width=2.4)
    ax.axvline(0, color=style.TEXT, linewidth=0.8)
    limits = rows[["effect_low", "effect_high"]].to_numpy(float)
    said = [
        sentence("incentive.plot.mark_effect", lang, effect=effect, low=low, high=high)
        for effect, (low, high) in zip(rows["effect"], limits, strict=True)
    ]
    name_rows(ax, names, said, limits, lang)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.effect", lang))
    return ax


@picture
def timing(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """The share of each period's sales in its last and first days, against a calm calendar.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.timing`, its cases by ``period``.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    ax = axes(ax, 3.0)
    periods = sorted(rows["period"].unique())
    for name, colour in (("last_days", style.LOST), ("first_days", style.OPEN)):
        part = rows[rows["measure"] == name].set_index("period").reindex(periods)
        label = sentence(f"incentive.value.measure.{name}", lang)
        ax.plot(range(len(periods)), part["observed"], "o-", color=colour, label=label)
        for x, (period, rate) in enumerate(part["observed"].dropna().items()):
            values = {"period": period, "what": label, "rate": rate}
            name_mark(ax, x, rate, sentence("incentive.plot.mark_timing", lang, **values))
    calm = rows.groupby("period")["expected"].mean().reindex(periods)
    ax.plot(range(len(periods)), calm, "--", color=style.MUTED,
            label=sentence("incentive.plot.calm", lang))  # fmt: skip
    ax.set_xticks(range(len(periods)), periods, rotation=45 if len(periods) > 8 else 0)
    ax.set_ylim(0, None)
    style.percent_axis(ax.yaxis, lang)
    ax.set_ylabel(sentence("incentive.plot.share_of_sales", lang))
    legend(ax)
    return ax
