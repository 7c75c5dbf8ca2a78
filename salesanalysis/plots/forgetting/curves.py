"""Forgetting curves with what was observed, and half-lives by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import (
    axes,
    beside,
    legend,
    name_rows,
    require_rows,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_FEW, _ROW = 0.9, 0.36


@picture
def retention(
    points: pd.DataFrame,
    band: pd.DataFrame,
    claim: pd.DataFrame | None = None,
    *,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """The fitted curve with its band, the observed means, and the curve that was claimed.

    Parameters
    ----------
    points : DataFrame
        As from :func:`salesanalysis.forgetting.retention_points`.
    band : DataFrame
        As from ``ForgettingCurve.band``: ``elapsed, retention, retention_low, retention_high``;
        without rows where there is no curve.
    claim : DataFrame, optional
        Another such table, of the claimed curve.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        There is nothing to draw.
    """
    require_rows(points)
    ax = axes(ax, style.HEIGHT)
    if band["retention_low"].notna().any():
        ax.fill_between(band["elapsed"], band["retention_low"], band["retention_high"],
                        color=style.BAND, label=sentence("forgetting.plot.band", lang))  # fmt: skip
    if len(band):
        ax.plot(band["elapsed"], band["retention"], color=style.ACCENT,
                label=sentence("forgetting.plot.fitted", lang))  # fmt: skip
    if claim is not None:
        ax.plot(claim["elapsed"], claim["retention"], color=style.MUTED, linestyle="--",
                label=sentence("forgetting.plot.claimed", lang))  # fmt: skip
    middle = points["retention"]
    limits = points[["retention_low", "retention_high"]].sub(middle, axis=0).abs().T.to_numpy()
    ax.errorbar(points["elapsed"], middle, yerr=np.nan_to_num(limits), fmt="o", markersize=5,
                color=style.TEXT, linewidth=1.2,
                label=sentence("forgetting.plot.observed", lang))  # fmt: skip
    for row in points.to_dict("records"):
        ax.annotate(sentence("forgetting.plot.learners", lang, learners=row["learners"]),
                    (row["elapsed"], row["retention"]), xytext=(6, 6), fontsize=9,
                    textcoords="offset points", color=style.CANCELLED)  # fmt: skip
        ends = {"low": row["retention_low"], "high": row["retention_high"]}
        values = {"days": row["elapsed"], "rate": row["retention"], "learners": row["learners"]}
        said = sentence("forgetting.plot.mark_retention", lang, **values, **ends)
        name_mark(ax, row["elapsed"], row["retention"], said)
    ax.set_ylim(0, 1.02)
    ax.set_xlim(left=0)
    style.percent_axis(ax.yaxis, lang)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.days_since_training", lang))
    ax.set_ylabel(sentence("forgetting.plot.known", lang))
    legend(ax)
    return ax


@picture
def calibration(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """What a curve predicts at each delay against what was observed, with its limits.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forgetting.calibration`.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        There is nothing to draw.
    """
    rows = require_rows(table)
    ax = axes(ax, style.HEIGHT)
    ax.plot([0, 1], [0, 1], color=style.MUTED, linestyle="--",
            label=sentence("forgetting.plot.equal", lang))  # fmt: skip
    seen, said = rows["retention"], rows["predicted"]
    limits = rows[["retention_low", "retention_high"]].sub(seen, axis=0).abs().T.to_numpy()
    ax.errorbar(said, seen, yerr=np.nan_to_num(limits), fmt="o", markersize=5, color=style.TEXT,
                linewidth=1.2, label=sentence("forgetting.plot.observed", lang))  # fmt: skip
    for row in rows.to_dict("records"):
        at = row["predicted"], row["retention"]
        days = sentence("forgetting.plot.delay", lang, days=row["elapsed"])
        ax.annotate(days, at, xytext=(8, -10), fontsize=9, textcoords="offset points",
                    color=style.CANCELLED)  # fmt: skip
        values = {"days": row["elapsed"], "predicted": at[0], "rate": at[1]}
        values |= {"low": row["retention_low"], "high": row["retention_high"]}
        name_mark(ax, *at, sentence("forgetting.plot.mark_calibration", lang, **values))
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, 1.02)
    style.percent_axis(ax.xaxis, lang)
    style.percent_axis(ax.yaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.predicted_known", lang))
    ax.set_ylabel(sentence("forgetting.plot.observed_known", lang))
    legend(ax)
    return ax


@picture
def half_lives(
    table: pd.DataFrame, *, claimed_weeks: float | None = None, lang="en", ax: Axes | None = None
) -> Axes:
    """Half-lives by group with their intervals, and the one that was claimed.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forgetting.half_life_splits`.
    claimed_weeks : float, optional
        Drawn as a line.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    names = [
        sentence("forgetting.plot.group", lang, group=shown("forgetting", split, group, lang), n=n)
        for split, group, n in rows[["split", "group", "learners"]].itertuples(index=False)
    ]
    ax = row_axes(ax, names, row=_ROW, rest=_FEW)
    at = np.arange(len(rows))
    middle = rows["half_life_weeks"].to_numpy(float)
    ends = rows[["half_life_low", "half_life_high"]].to_numpy(float).T
    finite = middle[np.isfinite(middle)]
    edge = 2 * finite.max() if finite.size else 1.0
    low, high = np.minimum(ends, edge)
    ax.hlines(at, low, high, color=style.BAND, linewidth=9)
    ax.plot(middle, at, "o", color=style.ACCENT)
    for y in at[np.isnan(middle)]:
        beside(ax, shown("forgetting", "status", rows["status"].iloc[y], lang), 0, y, away=9)
    if claimed_weeks is not None:
        ax.axvline(claimed_weeks, color=style.MUTED, linestyle="--",
                   label=sentence("forgetting.plot.claimed", lang))  # fmt: skip
        legend(ax)
    said = [_weeks(row, lang) for row in rows.to_dict("records")]
    name_rows(ax, names, said, zip(low, high, strict=True), lang)
    ax.set_xlim(left=0)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.half_life_weeks", lang))
    return ax


def _weeks(row: dict, lang: str) -> str:
    """What a half-life says, or why there is none."""
    if pd.isna(row["half_life_weeks"]):
        return shown("forgetting", "status", row["status"], lang)
    names = {"weeks": "half_life_weeks", "low": "half_life_low", "high": "half_life_high"}
    values = {name: row[column] for name, column in names.items()}
    return sentence("forgetting.plot.mark_half_life", lang, **values)
