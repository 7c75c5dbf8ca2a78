"""Fans: where a period may go from here, and where its forecast has come from."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, dates_axis, fan, legend, require_rows
from salesanalysis.text import sentence

_MARKS = ("stretch", "target", "floor")


@style.use()
def path(
    table: pd.DataFrame,
    goals: pd.DataFrame | None = None,
    *,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """How the period has filled so far, the fan of where it may go, and its targets.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.Forecast.path`.
    goals : DataFrame, optional
        One row as from ``Forecast.against_targets()``: ``target, floor, stretch``.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    ax = axes(ax, style.HEIGHT)
    ahead = rows[rows["mean"].notna()]
    fan(ax, ahead["day"], ahead, sentence("forecast.plot.band_80", lang))
    past = rows[rows["actual"].notna()]
    ax.step(past["day"], past["actual"], where="post", color=style.TEXT, linewidth=1.6,
            label=sentence("forecast.plot.actual", lang))  # fmt: skip
    ax.plot(
        ahead["day"], ahead["q50"], color=style.ACCENT, label=sentence("forecast.plot.median", lang)
    )
    _marks(ax, goals, lang, currency)
    _dates(ax, lang, currency)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)  # room for the name of the highest line
    ax.set_ylabel(sentence("forecast.plot.so_far", lang))
    legend(ax)
    return ax


@style.use()
def course(
    table: pd.DataFrame,
    goals: pd.DataFrame | None = None,
    *,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """How the forecast of one period moved from day to day, beside what was in already.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forecast.course`.
    goals : DataFrame, optional
        One row as from ``Forecast.against_targets()``.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    ax = axes(ax, style.HEIGHT)
    fan(ax, rows["as_of"], rows, sentence("forecast.plot.band_80", lang))
    ax.plot(rows["as_of"], rows["q50"], "o-", color=style.ACCENT, markersize=4,
            label=sentence("forecast.plot.median", lang))  # fmt: skip
    ax.step(rows["as_of"], rows["closed"], where="post", color=style.TEXT, linewidth=1.6,
            label=sentence("forecast.plot.actual", lang))  # fmt: skip
    _marks(ax, goals, lang, currency)
    _dates(ax, lang, currency)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)  # room for the name of the highest line
    ax.set_xlabel(sentence("forecast.plot.forecast_on", lang))
    ax.set_ylabel(sentence("forecast.plot.whole_period", lang))
    legend(ax)
    return ax


def _marks(ax, goals: pd.DataFrame | None, lang: str, currency: str) -> None:
    """Lines for target, floor and stretch, named at the left."""
    if goals is None or goals.empty:
        return
    row = goals.iloc[0]
    for mark in _MARKS:
        if mark not in row or pd.isna(row[mark]):
            continue
        line = "-" if mark == "target" else ":"
        ax.axhline(row[mark], color=style.LOST, linestyle=line, linewidth=1.2)
        words = sentence(f"forecast.plot.mark_{mark}", lang, currency, amount=row[mark])
        # The floor's name stands under its line: over it is the median of a period that goes well.
        away, side = (-3, "top") if mark == "floor" else (3, "bottom")
        ax.annotate(words, (0.01, row[mark]), xycoords=("axes fraction", "data"), xytext=(0, away),
                    textcoords="offset points", va=side, fontsize=9, color=style.LOST,
                    bbox={"color": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5})  # fmt: skip


def _dates(ax, lang: str, currency: str) -> None:
    dates_axis(ax.xaxis, lang)
    ax.margins(x=0.02)
    style.money_axis(ax.yaxis, lang, currency)
