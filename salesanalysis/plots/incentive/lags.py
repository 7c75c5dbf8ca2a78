"""The picture of promptness: how long payouts take, and how many are late."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import axes, beside, legend, names_down, require_rows, row_names
from salesanalysis.text import sentence


@style.use()
def timeliness(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Days from earned to paid in each group: median and slowest tenth; beside it, the late ones.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.incentive.timeliness`. What fewer have been paid than the
        slowest tenth ends at the edge.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.
    """
    rows = require_rows(table)
    by = list(table.columns[: table.columns.get_loc("payouts")])
    ax = axes(ax, 1.2 + 0.5 * len(rows))
    at = np.arange(len(rows))
    days = rows[["median_days", "p90_days"]].to_numpy(float)
    finite = days[np.isfinite(days)]
    edge = finite.max() if finite.size and finite.max() > 0 else 1.0
    median, slow = np.minimum(days, edge).T
    ax.hlines(at, median, slow, color=style.BAND, linewidth=12,
              label=sentence("incentive.plot.median_to_slowest", lang))  # fmt: skip
    ax.plot(median, at, "o", color=style.ACCENT, label=sentence("incentive.plot.median_lag", lang))
    for y, end, row in zip(at, np.fmax(slow, median), rows.to_dict("records"), strict=True):
        key = "late_of" if row["n"] else "no_promise"
        said = sentence(f"incentive.plot.{key}", lang, k=row["k"], n=row["n"])
        start = end if np.isfinite(end) else 0.0
        beside(ax, said, start, y, away=9)
    names_down(ax, row_names("incentive", rows, by, lang))
    ax.set_xlim(0, edge * 1.4)
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.lag_days", lang))
    legend(ax)
    return ax
