"""The picture of an aim: deals that get through each stage now, and if the aims were met."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes
from salesanalysis.text import sentence


@style.use()
def aimed(
    table: pd.DataFrame,
    *,
    days: pd.DataFrame | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Deals that get through each stage, as it is and as aimed at, side by side.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.aimed`.
    days : DataFrame, optional
        As from :func:`salesanalysis.funnel.aimed_days`; they are written beside each stage.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    ax = axes(ax, 1.2 + 0.5 * len(table))
    at = np.arange(len(table))
    looks = (("passed_now", -0.19, style.BAND), ("passed_aimed", 0.19, style.ACCENT))
    for name, shift, colour in looks:
        values = table[name].to_numpy(float)
        ax.barh(at + shift, values, height=0.36, color=colour,
                label=sentence(f"funnel.plot.{name}", lang))  # fmt: skip
        for y, value in zip(at + shift, values, strict=True):
            ax.annotate(sentence("funnel.plot.deals_passed", lang, deals=value), (value, y),
                        xytext=(4, 0), textcoords="offset points", va="center",
                        fontsize=9)  # fmt: skip
    steps = table if days is None else table.merge(days[["stage", "aim_days"]], on="stage")
    key = "funnel.plot.step" if days is None else "funnel.plot.step_days"
    ax.set_yticks(at, [sentence(key, lang, **row) for row in steps.to_dict("records")])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, max(table[["passed_now", "passed_aimed"]].to_numpy().max(), 1e-9) * 1.15)
    ax.set_xlabel(sentence("funnel.plot.deals_through", lang))
    style.thousands_axis(ax.xaxis, lang)
    ax.legend(loc="lower right")
    return ax
