"""Where skills are missing: the share of requirements that are not met, by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    require_rows,
    row_axes,
    row_names,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_KEYS = ("role", "skill", "skill_group", "stage", "team", "person_id")


@picture
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
    names = row_names("forgetting", rows, keys, lang)
    records = rows.to_dict("records")
    said = [
        sentence("forgetting.plot.gaps", lang, **{n: row[n] for n in ("k", "n", "faded")})
        for row in records
    ]
    ax = row_axes(ax, names, row=0.36, rest=1.1, said=said)
    at = np.arange(len(rows))
    ax.hlines(at, rows["rate_low"], rows["rate_high"], color=style.BAND, linewidth=9)
    ax.plot(rows["rate"], at, "o", color=style.ACCENT,
            label=sentence("forgetting.plot.not_met", lang))  # fmt: skip
    beside_rows(ax, np.ones(len(rows)), said)
    limits = {"rate": "rate", "low": "rate_low", "high": "rate_high"}
    whole = [
        sentence(
            "forgetting.plot.mark_gaps", lang, said=words, **{k: row[v] for k, v in limits.items()}
        )
        for words, row in zip(said, records, strict=True)
    ]
    name_rows(ax, names, whole, rows[["rate_low", "rate_high"]].to_numpy(float), lang)
    ax.set_xlim(0, 1.0)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("forgetting.plot.not_met", lang))
    legend(ax)
    return ax
