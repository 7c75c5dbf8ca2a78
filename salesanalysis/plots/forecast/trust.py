"""Whether to believe the forecast: past ones beside what came, and how often intervals held."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, dates_axis, legend, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_MODEL = "model"


@picture
def backtest(
    windows: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Past forecasts of one horizon with their 80% intervals, beside what came.

    Parameters
    ----------
    windows : DataFrame
        As from ``Backtest.windows``, of one horizon.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    SalesAnalysisError
        There is no forecast of the model, or there are several horizons.
    """
    rows = require_rows(windows[windows["method"] == _MODEL]).sort_values("as_of")
    if (rows["horizon_days"] != rows["horizon_days"].iloc[0]).any():
        raise SalesAnalysisError("This picture shows one horizon; choose its rows of `windows`.")
    ax = axes(ax, style.HEIGHT)
    ax.vlines(rows["as_of"], rows["q10"], rows["q90"], color=style.BAND, linewidth=6,
              label=sentence("forecast.plot.band_80", lang))  # fmt: skip
    ax.plot(rows["as_of"], rows["q50"], "_", color=style.ACCENT, markersize=9,
            label=sentence("forecast.plot.median", lang))  # fmt: skip
    inside = (rows["q10"] <= rows["actual"]) & (rows["actual"] <= rows["q90"])
    for held, colour, key in (
        (True, style.TEXT, "forecast.plot.came"),
        (False, style.LOST, "forecast.plot.came_outside"),
    ):
        own = rows[inside == held]
        if len(own):
            ax.plot(own["as_of"], own["actual"], "o", color=colour, markersize=4.5,
                    label=sentence(key, lang))  # fmt: skip
    for row in rows.to_dict("records"):
        values = {"day": row["as_of"], "middle": row["q50"], "low": row["q10"], "high": row["q90"]}
        said = sentence("forecast.plot.mark_window", lang, currency, actual=row["actual"], **values)
        reach = [row["q10"], row["q90"], row["actual"]]
        name_mark(ax, row["as_of"], (min(reach), max(reach)), said, least=6)
    dates_axis(ax.xaxis, lang)
    ax.set_ylim(bottom=0)
    style.money_axis(ax.yaxis, lang, currency)
    days = int(rows["horizon_days"].iloc[0])
    ax.set_xlabel(sentence("forecast.plot.forecast_on", lang))
    ax.set_ylabel(sentence("forecast.plot.next_days", lang, days=days))
    legend(ax)
    return ax


@picture
def calibration(coverage: pd.DataFrame, windows: pd.DataFrame, *, bins: int = 10, lang: str = "en"):
    """How often intervals held, by their level; and where in the forecasts the actuals fell.

    Parameters
    ----------
    coverage : DataFrame
        As from ``Backtest.pooled_coverage()``.
    windows : DataFrame
        ``Backtest.windows``.
    bins : int
        Of the histogram of the probability integral transform.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    SalesAnalysisError
        There is no forecast of the model.
    """
    import matplotlib.pyplot as plt

    rows = require_rows(windows[windows["method"] == _MODEL])
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.4))
    left.plot([0, 1], [0, 1], color=style.MUTED, linewidth=1)
    error = np.abs(coverage[["rate_low", "rate_high"]].to_numpy().T - coverage["rate"].to_numpy())
    left.errorbar(coverage["level"], coverage["rate"], yerr=error, fmt="o", color=style.ACCENT)
    for row in coverage.to_dict("records"):
        ends = {"low": row["rate_low"], "high": row["rate_high"]}
        values = {"level": row["level"], "rate": row["rate"]}
        said = sentence("forecast.plot.mark_level", lang, **values, **ends)
        name_mark(left, row["level"], (row["rate_low"], row["rate_high"]), said)
    for axis in (left.xaxis, left.yaxis):
        style.percent_axis(axis, lang)
    left.set_xlim(0, 1)
    left.set_ylim(0, 1)
    left.set_xlabel(sentence("forecast.plot.promised", lang))
    left.set_ylabel(sentence("forecast.plot.held", lang))
    right.hist(rows["pit"], bins=np.linspace(0, 1, bins + 1), color=style.BAND,
               edgecolor=style.ACCENT)  # fmt: skip
    right.axhline(len(rows) / bins, color=style.MUTED, linewidth=1)
    style.percent_axis(right.xaxis, lang)
    right.set_xlabel(sentence("forecast.plot.pit", lang))
    right.set_ylabel(sentence("forecast.plot.windows", lang))
    return figure
