"""The picture of a plan: payout and the reward of the next unit of sales, at every level."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def payout_curve(
    table: pd.DataFrame,
    *,
    present: pd.DataFrame | None = None,
    lang: str = "en",
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """What a plan pays at every level of sales, and what the next unit of sales brings.

    Cliffs are dashed lines with the money gained (or lost) in stepping over them; dead zones, where
    a further sale brings nothing, are shaded. The marginal reward has an axis of its own on the
    right.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.marginal_reward`.
    present : DataFrame, optional
        The same of the plan in force, whose payout is drawn beside it.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table).sort_values("level")
    ax = axes(ax, 4.4)
    of_quota = rows["attainment"].notna().all()
    unit = "attainment" if of_quota else "level"
    level, payout = rows[unit].to_numpy(float), rows["payout"].to_numpy(float)
    right = ax.twinx()
    right.spines["right"].set_visible(True)
    right.grid(visible=False)
    _dead_zones(ax, rows, level, lang)
    if present is not None:
        _payout(ax, present.sort_values("level"), unit, color=style.MUTED, linewidth=1.2,
                label=sentence("incentive.plot.present_payout", lang))  # fmt: skip
        payout = np.append(payout, present["payout"])
    _payout(ax, rows, unit, color=style.ACCENT, label=sentence("incentive.plot.payout", lang))
    right.step(level, rows["marginal"], where="post", color=style.LOST, linewidth=1.2,
               label=sentence("incentive.plot.marginal_reward", lang))  # fmt: skip
    for x, y, gained in zip(level, rows["payout_after"], rows["jump"], strict=True):
        if gained:
            ax.axvline(x, color=style.MUTED, linestyle="--", linewidth=1)
            key = "cliff_up" if gained > 0 else "cliff_down"
            said = sentence(f"incentive.plot.{key}", lang, currency, amount=gained)
            beside = ax.annotate(said, (x, y), xytext=(6, -12), textcoords="offset points",
                                 fontsize=9)  # fmt: skip
            # At the end of a narrow picture it may reach over the axis: the plot must not shrink.
            beside.set_in_layout(False)
    ax.set_xlim(level.min(), level.max())
    ax.set_ylim(0, max(payout.max() * 1.05, 1e-9))
    right.set_ylim(0, max(rows["marginal"].max() * 1.25, 1e-9))
    if of_quota:
        style.percent_axis(ax.xaxis, lang)
    else:
        style.money_axis(ax.xaxis, lang, currency)
    style.money_axis(ax.yaxis, lang, currency)
    style.percent_axis(right.yaxis, lang)
    ax.set_xlabel(sentence(f"incentive.plot.{'level_of_quota' if of_quota else 'level'}", lang))
    ax.set_ylabel(sentence("incentive.plot.payout", lang))
    right.set_ylabel(sentence("incentive.plot.marginal_reward", lang))
    handles = [*ax.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    columns = 1 if style.is_narrow() else 3 if present is None else 2
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns,
              borderaxespad=0.3)  # fmt: skip
    return ax


def _payout(ax, rows: pd.DataFrame, unit: str, **look) -> None:
    """A jump is drawn as one: the payout just under the level, then just over it."""
    both = rows[["payout_before", "payout_after"]].to_numpy(float).ravel()
    ax.plot(np.repeat(rows[unit].to_numpy(float), 2), both, **look)


def _dead_zones(ax, rows: pd.DataFrame, level: np.ndarray, lang: str) -> None:
    """Shade from each level on which the next unit brings nothing to where that ends."""
    dead = (rows["marginal"] == 0).to_numpy()
    starts = np.flatnonzero(dead & ~np.r_[False, dead[:-1]])
    for number, start in enumerate(starts):
        alive = np.flatnonzero(~dead[start:])
        end = start + alive[0] if len(alive) else len(level) - 1
        label = sentence("incentive.plot.dead_zone", lang) if number == 0 else None
        ax.axvspan(level[start], level[end], color=style.GRID, label=label)
