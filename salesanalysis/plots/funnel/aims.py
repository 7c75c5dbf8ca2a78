"""The picture of an aim: deals that get through each stage now, and if the aims were met."""

import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import bars_side_by_side, row_axes
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
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
    steps = table if days is None else table.merge(days[["stage", "aim_days"]], on="stage")
    key = "funnel.plot.step" if days is None else "funnel.plot.step_days"
    shown = ["stage", "aim"] if days is None else ["stage", "aim", "aim_days"]
    names = [sentence(key, lang, **row) for row in steps[shown].to_dict("records")]
    ax = row_axes(ax, names, row=0.5)
    looks = (("passed_now", style.BAND), ("passed_aimed", style.ACCENT))
    bars_side_by_side(
        ax,
        [
            (sentence(f"funnel.plot.{name}", lang), table[name].to_numpy(float), colour)
            for name, colour in looks
        ],
        lambda value: sentence("funnel.plot.deals_passed", lang, deals=value),
        names,
        lang,
    )
    ax.set_xlim(0, max(table[["passed_now", "passed_aimed"]].to_numpy().max(), 1e-9) * 1.15)
    ax.set_xlabel(sentence("funnel.plot.deals_through", lang))
    style.thousands_axis(ax.xaxis, lang)
    ax.legend(loc="lower right")
    return ax
