"""The ageing picture of the funnel family: open deals against the winners of their stage."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    one_group,
    room,
    row_axes,
    shown,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def ageing(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Days in each stage: the median open deal against the winners' median and limit.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.funnel.ageing`, of one group. Where a stage has too few
        winners, only the open deals are drawn; a limit that is not settled ends at the edge.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table holds several groups, or none.
    """
    rows = one_group(table, "position").sort_values("position")
    names = [shown("funnel", "stage", stage, lang) for stage in rows["stage"]]
    said, ends = [], []
    days = rows[["winner_median_days", "limit_days", "median_days"]].to_numpy(float)
    finite = days[np.isfinite(days)]
    edge = finite.max() if finite.size and finite.max() > 0 else 1.0
    median, limit, still = np.minimum(days, edge).T
    at = np.arange(len(rows))
    for row in rows.to_dict("records"):
        key = "few_winners" if isinstance(row["refused"], str) else "past_limit"
        values = {name: row[name] for name in ("winners", "k", "n")}
        said.append(sentence(f"funnel.plot.{key}", lang, **values))
        reach = np.asarray([row["limit_days"], row["median_days"]], dtype=float)
        ends.append(np.nanmax([0.0, *np.minimum(reach, edge)]))
    ax = row_axes(ax, names, row=0.42, said=said)
    ax.hlines(at, median, limit, color=style.BAND, linewidth=12,
              label=sentence("funnel.plot.winners_to_limit", lang))  # fmt: skip
    ax.plot(still, at, "o", color=style.OPEN, label=sentence("funnel.plot.open_median", lang))
    beside_rows(ax, ends, said, away=9)
    name_rows(ax, names, said, ((0.0, end) for end in ends), lang)
    ax.set_xlim(0, edge * room(1.45))  # with room for the words at the end of the longest bar
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("funnel.plot.days_in_stage", lang))
    legend(ax)
    return ax
