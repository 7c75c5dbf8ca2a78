"""The picture of promptness: how long payouts take, and how many are late."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    require_rows,
    room,
    row_axes,
    row_names,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
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
    names, records = row_names("incentive", rows, by, lang), rows.to_dict("records")
    said = [
        sentence(
            f"incentive.plot.{'late_of' if row['n'] else 'no_promise'}",
            lang,
            k=row["k"],
            n=row["n"],
        )
        for row in records
    ]
    ax = row_axes(ax, names, row=0.42, said=said)
    at = np.arange(len(rows))
    days = rows[["median_days", "p90_days"]].to_numpy(float)
    finite = days[np.isfinite(days)]
    edge = finite.max() if finite.size and finite.max() > 0 else 1.0
    median, slow = np.minimum(days, edge).T
    ax.hlines(at, median, slow, color=style.BAND, linewidth=12,
              label=sentence("incentive.plot.median_to_slowest", lang))  # fmt: skip
    ax.plot(median, at, "o", color=style.ACCENT, label=sentence("incentive.plot.median_lag", lang))
    beside_rows(ax, np.nan_to_num(np.fmax(slow, median)), said, away=9)
    whole = [
        sentence(
            "incentive.plot.mark_lag",
            lang,
            median=row["median_days"],
            slow=row["p90_days"],
            said=words,
        )
        for words, row in zip(said, records, strict=True)
    ]
    name_rows(ax, names, whole, zip(median, slow, strict=True), lang)
    ax.set_xlim(0, edge * room(1.4))
    style.thousands_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("incentive.plot.lag_days", lang))
    legend(ax)
    return ax
