"""Where skills are missing: the share of requirements that are not met, by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, legend, names_down, require_rows, row_names
from salesanalysis.text import sentence

_KEYS = ("role", "skill", "skill_group", "stage", "team", "person_id")


@style.use()
def ksa_gap_rates(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Requirements not met by group, with their intervals, and how many of them have faded.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.forgetting.ksa_gap_rates`, its rows from top to bottom.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table)
    keys = [name for name in _KEYS if name in rows]
    ax = axes(ax, 1.1 + 0.4 * len(rows))
    at = np.arange(len(rows))
    ax.hlines(at, rows["rate_low"], rows["rate_high"], color=style.BAND, linewidth=9)
    ax.plot(rows["rate"], at, "o", color=style.ACCENT,
            label=sentence("forgetting.plot.not_met", lang))  # fmt: skip
    for y, row in zip(at, rows.to_dict("records"), strict=True):
        said = sentence("forgetting.plot.gaps", lang, **{n: row[n] for n in ("k", "n", "faded")})
        ax.annotate(said, (1.02, y), va="center", fontsize=9, annotation_clip=False)
    names_down(ax, row_names("forgetting", rows, keys, lang))
    ax.set_xlim(0, 1.0)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.not_met", lang))
    legend(ax)
    return ax
