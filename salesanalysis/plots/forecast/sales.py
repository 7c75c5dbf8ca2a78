"""Sales by month beside the targets of their quarters."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, months_axis, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence


@picture
def sales_by_month(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """What is in by month, what is likely still to come, and a third of each quarter's target.

    Parameters
    ----------
    table : DataFrame
        As from :meth:`salesanalysis.forecast.sales_by_month`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        The table is empty.
    """
    rows = require_rows(table).reset_index(drop=True)
    ax = axes(ax, 3.2)
    in_already, still = (sentence(f"forecast.plot.{key}", lang) for key in ("closed", "to_come"))
    ax.bar(rows.index, rows["closed"], width=0.66, color=style.ACCENT, label=in_already)
    ahead = rows[rows["q50"].notna()]
    to_come = np.maximum(ahead["q50"] - ahead["closed"], 0)
    ax.bar(ahead.index, to_come, bottom=ahead["closed"], width=0.66, color=style.BAND, label=still)
    if len(ahead):
        ends = np.abs(ahead[["q10", "q90"]].sub(ahead["q50"], axis=0)).T.to_numpy()
        ax.errorbar(ahead.index, ahead["q50"], yerr=ends, fmt="none", ecolor=style.TEXT,
                    elinewidth=1.4, capsize=4)  # fmt: skip
    _targets(ax, rows, lang)
    for at, row in enumerate(rows.to_dict("records")):
        top = row["closed"] if np.isnan(row["q50"]) else max(row["closed"], row["q90"])
        name_mark(ax, (at - 0.33, at + 0.33), (0, top), _said(row, lang, currency))
    months_axis(ax, list(rows["month"]), lang)
    most = np.nanmax([*rows["closed"], *rows["q90"], *(rows["target"] / 3)])
    ax.set_ylim(0, max(most, 1.0) * 1.12)
    ax.locator_params(axis="y", nbins=5)
    style.money_axis(ax.yaxis, lang, currency)
    ax.set_ylabel(sentence("forecast.plot.amount", lang))
    return ax


def _targets(ax, rows: pd.DataFrame, lang: str) -> None:
    """A full line over the months of each quarter, and what it is above them."""
    aimed = rows[rows["target"].notna()]
    for _, months in aimed.groupby("quarter", sort=False):
        level, ends = months["target"].iloc[0] / len(months), (months.index[0], months.index[-1])
        ax.hlines(level, ends[0] - 0.42, ends[1] + 0.42, color=style.TEXT, linewidth=1.6)
    if len(aimed):
        ax.set_title(sentence("forecast.plot.third_of_target", lang), fontsize=style.SMALL)


def _said(row: dict, lang: str, currency: str) -> str:
    """What the mark of a month says: what is in, what it may become, and how its quarter does."""
    month = {"month": row["month"], "closed": row["closed"]}
    if not np.isnan(row["q50"]):
        limits = {"middle": row["q50"], "low": row["q10"], "high": row["q90"]}
        return sentence("forecast.plot.mark_month_ahead", lang, currency, **month, **limits)
    if np.isnan(row["target"]):
        return sentence("forecast.plot.mark_month", lang, currency, **month)
    quarter = {name: row[name] for name in ("quarter", "quarter_closed", "target")}
    return sentence("forecast.plot.mark_month_of", lang, currency, **month, **quarter)
