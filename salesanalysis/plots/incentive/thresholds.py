"""Pictures of where thresholds should be: who reaches them, what each pair costs and leaves."""

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
    row_names,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

if TYPE_CHECKING:
    from salesanalysis.incentive import ThresholdChoice

_COLOURS = {"floor": style.WON, "stretch": style.OPEN}


@picture
def reachability(
    table: pd.DataFrame,
    *,
    easy: float = 0.9,
    hopeless: float = 0.1,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """How often floor and stretch are reached by each group, between too easy and out of reach.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.reachability`, of a few groups.
    easy, hopeless : float
        The limits that the verdicts were made with.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    by = list(rows.columns[: rows.columns.get_loc("goal")])
    named = pd.Series(row_names("incentive", rows, by, lang), index=rows.index)
    groups = list(dict.fromkeys(named))
    ax = row_axes(ax, groups, row=0.42)
    ax.axvspan(hopeless, easy, color=style.GRID, label=sentence("incentive.plot.peach", lang))
    for shift, (target, colour) in zip((-0.14, 0.14), _COLOURS.items(), strict=True):
        part = rows[rows["goal"] == target]
        if part.empty:  # a plan may have a floor without a stretch, or the other way round
            continue
        at = np.array([groups.index(name) for name in named[part.index]]) + shift
        level = {"level": part["goal_level"].iloc[0]}
        label = sentence(f"incentive.plot.reached_{target}", lang, **level)
        limits = part["rate_low"], part["rate"], part["rate_high"]
        between(ax, at, *limits, color=colour, label=label)
        for y, name, row in zip(at, named[part.index], part.to_dict("records"), strict=True):
            values = {"rate": row["rate"], "low": row["rate_low"], "high": row["rate_high"]}
            said = sentence("incentive.plot.mark_reached", lang, name=name, what=label, **values)
            name_mark(ax, (row["rate_low"], row["rate_high"]), y, said, least=9)
    ax.set_xlim(0, 1)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.reach_rate", lang))
    legend(ax)
    return ax


@picture
def frontier(
    choice: "ThresholdChoice", *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Cost and margin of every pair that was tried: the frontier, the present pair, the chosen one.

    Parameters
    ----------
    choice : ThresholdChoice
        As from :func:`salesanalysis.incentive.optimise`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    grid = require_rows(choice.grid)
    ax = axes(ax, 3.8)
    tried = grid[~grid["present"]]
    for allowed, colour in ((False, style.GRID), (True, style.BAND)):
        part = tried[tried["allowed"] == allowed]
        name = "allowed" if allowed else "not_allowed"
        ax.plot(part["cost_rate"], part["margin"], "o", color=colour, markersize=5,
                label=sentence(f"incentive.plot.{name}", lang))  # fmt: skip
    best = choice.frontier
    ax.plot(best["cost_rate"], best["margin"], "-", color=style.MUTED, linewidth=1,
            label=sentence("incentive.plot.frontier", lang))  # fmt: skip
    rule = choice.rule[choice.rule["behaviour"] == choice.response.kind]
    marks = [(rule.head(1), "^", style.OPEN, "rule"), (grid[grid["present"]], "D", style.TEXT,
             "present"), (grid[grid["chosen"]], "*", style.LOST, "chosen")]  # fmt: skip
    for part, mark, colour, name in marks:
        if len(part):
            first = part.iloc[0]
            values = {name: first[f"{name}_at"] / choice.unit for name in ("floor", "stretch")}
            label = sentence(f"incentive.plot.{name}", lang, **values)
            ax.plot(part["cost_rate"], part["margin"], mark, color=colour, linestyle="none",
                    markersize=13 if mark == "*" else 8, zorder=3, label=label)  # fmt: skip
            pair = {"name": label, "margin": first["margin"], "cost": first["cost_rate"]}
            said = sentence("incentive.plot.mark_pair", lang, currency, **pair)
            name_mark(ax, first["cost_rate"], first["margin"], said)
    style.percent_axis(ax.xaxis, lang)
    style.money_axis(ax.yaxis, lang, currency)
    ax.set_xlabel(sentence("incentive.plot.cost_rate", lang))
    ax.set_ylabel(sentence("incentive.plot.margin", lang))
    legend(ax, columns=3)
    return ax


@picture
def sensitivity(
    choice: "ThresholdChoice", *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Margin of the chosen pair under every assumption, against the best pair and the present one.

    Parameters
    ----------
    choice : ThresholdChoice
        As from :func:`salesanalysis.incentive.optimise`. Where the chosen pair breaks a limit under
        an assumption, its mark is hollow.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(choice.sensitivity)
    names = [_assumption(row, lang) for row in rows.to_dict("records")]
    ax = row_axes(ax, names, row=0.42, rest=1.4)
    at = np.arange(len(rows))
    for name, mark, colour in (("present_margin", "D", style.TEXT), ("margin", "s", style.WON)):
        ax.plot(rows[name], at, mark, color=colour, markersize=6,
                label=sentence(f"incentive.plot.sensitivity_{name}", lang))  # fmt: skip
    kept = rows["chosen_allowed"].to_numpy(bool)
    for allowed, fill in ((True, style.LOST), (False, "white")):
        name = "chosen_kept" if allowed else "chosen_broken"
        here = kept == allowed
        if here.any():
            ax.plot(rows["chosen_margin"][here], at[here], "o", color=style.LOST, markersize=9,
                    markerfacecolor=fill, label=sentence(f"incentive.plot.{name}", lang),
                    zorder=1)  # fmt: skip
    margins = rows[["present_margin", "margin", "chosen_margin"]].to_numpy(float)
    said = [
        sentence(
            "incentive.plot.mark_margin", lang, currency, present=present, best=best, chosen=chosen
        )
        for present, best, chosen in margins
    ]
    name_rows(ax, names, said, zip(margins.min(axis=1), margins.max(axis=1), strict=True), lang)
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(sentence("incentive.plot.margin", lang))
    legend(ax, columns=2)
    return ax


def _assumption(row: dict, lang: str) -> str:
    name = shown("incentive", "behaviour", row["behaviour"], lang)
    if row["behaviour"] == "none":
        return name
    return sentence(f"incentive.plot.{row['behaviour']}", lang, name=name,
                    elasticity=row["elasticity"], lift=row["lift"])  # fmt: skip
