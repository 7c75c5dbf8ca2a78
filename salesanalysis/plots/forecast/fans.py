"""Fans: where a period may go from here, and where its forecast has come from."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, dates_axis, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_MARKS = ("stretch", "target", "floor")


@picture
def path(
    table: pd.DataFrame,
    goals: pd.DataFrame | None = None,
    *,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """How the period has filled so far, where it may go with 80 % probability, and its targets.

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
    past = rows[rows["actual"].notna()]
    _band(ax, ahead["day"], ahead)
    ax.step(past["day"], past["actual"], where="post", color=style.ACCENT, linewidth=2)
    ax.plot(ahead["day"], ahead["q50"], "--", color=style.ACCENT, linewidth=1.6)
    if len(past):
        here = past.iloc[-1]
        words = sentence("forecast.plot.in_so_far", lang, currency, amount=here["actual"])
        ax.annotate(words, (here["day"], here["actual"]), xytext=(-6, 6), ha="right",
                    textcoords="offset points", weight="bold")  # fmt: skip
        name_mark(ax, here["day"], here["actual"], words)
    for row in ahead[ahead["day"] > rows["day"].min()].to_dict("records"):
        if row["q10"] < row["q90"]:
            name_mark(
                ax, row["day"], (row["q10"], row["q90"]), _landing(row, row["day"], lang, currency)
            )
    _at_the_end(ax, ahead, lang, currency)
    _marks(ax, goals, lang, currency)
    _dates(ax, lang, currency)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)  # room for the name of the highest line
    ax.set_ylabel(sentence("forecast.plot.so_far", lang))
    return ax


@picture
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
    _band(ax, rows["as_of"], rows)
    ax.plot(rows["as_of"], rows["q50"], "o-", color=style.ACCENT, markersize=4)
    ax.step(rows["as_of"], rows["closed"], where="post", color=style.TEXT, linewidth=1.6)
    last = rows.iloc[-1]
    for value, key in (("q50", "median"), ("closed", "actual")):
        ax.annotate(sentence(f"forecast.plot.{key}", lang), (last["as_of"], last[value]),
                    xytext=(0, -5), textcoords="offset points", ha="right", va="top",
                    fontsize=style.SMALL)  # fmt: skip
    for row in rows.to_dict("records"):
        name_mark(
            ax, row["as_of"], (row["q10"], row["q90"]), _landing(row, row["as_of"], lang, currency)
        )
    _marks(ax, goals, lang, currency)
    _dates(ax, lang, currency)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.08)  # room for the name of the highest line
    ax.set_xlabel(sentence("forecast.plot.forecast_on", lang))
    ax.set_ylabel(sentence("forecast.plot.whole_period", lang))
    return ax


def _band(ax, days, rows: pd.DataFrame) -> None:
    """The 80 % interval, as headlines quote it."""
    ax.fill_between(days, rows["q10"], rows["q90"], color=style.BAND, linewidth=0)


def _landing(row: dict, day, lang: str, currency: str) -> str:
    values = {"middle": row["q50"], "low": row["q10"], "high": row["q90"]}
    return sentence("forecast.plot.mark_day", lang, currency, day=day, **values)


def _at_the_end(ax, ahead: pd.DataFrame, lang: str, currency: str) -> None:
    """The limits and the middle, beside where the band ends."""
    if ahead.empty:
        return
    last = ahead.iloc[-1]
    ax.plot(last["day"], last["q50"], "o", color=style.ACCENT, markerfacecolor=style.PAPER)
    if last["q10"] == last["q90"]:
        return
    for value, key in (("q90", "limit"), ("q50", "likely"), ("q10", "limit")):
        words = sentence(f"forecast.plot.{key}", lang, currency, amount=last[value])
        bold = "bold" if value == "q50" else "normal"
        ax.annotate(words, (last["day"], last[value]), xytext=(7, 0), textcoords="offset points",
                    va="center", weight=bold, fontsize=style.SMALL)  # fmt: skip


def _marks(ax, goals: pd.DataFrame | None, lang: str, currency: str) -> None:
    """Lines for target, floor and stretch, named at the left."""
    if goals is None or goals.empty:
        return
    row = goals.iloc[0]
    for mark in _MARKS:
        if mark not in row or pd.isna(row[mark]):
            continue
        line = "-" if mark == "target" else ":"
        ax.axhline(row[mark], color=style.TEXT, linestyle=line, linewidth=1.4)
        words = sentence(f"forecast.plot.mark_{mark}", lang, currency, amount=row[mark])
        # The floor's name stands under its line: over it is the median of a period that goes well.
        away, side = (-3, "top") if mark == "floor" else (3, "bottom")
        ax.annotate(words, (0.01, row[mark]), xycoords=("axes fraction", "data"), xytext=(0, away),
                    textcoords="offset points", va=side, fontsize=style.SMALL,
                    weight="bold" if mark == "target" else "normal")  # fmt: skip


def _dates(ax, lang: str, currency: str) -> None:
    dates_axis(ax.xaxis, lang)
    ax.margins(x=0.02)
    style.money_axis(ax.yaxis, lang, currency)
