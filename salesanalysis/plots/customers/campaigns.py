"""Pictures of what campaigns brought."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.plots import style
from salesanalysis.plots.parts import between, legend, name_rows, require_rows, row_axes, shown
from salesanalysis.plots.picture import picture
from salesanalysis.text import sentence

_LIMITS = ["rate_lift_low", "rate_lift", "rate_lift_high"]
#: What is drawn how, by what can be said of it.
_LOOKS = {"effect": (style.ACCENT, "o"), "not_told": (style.MUTED, "o"),
          "not_an_effect": (style.LOST, "x")}  # fmt: skip


@picture
def campaign_effect(table: pd.DataFrame, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """How many more of each arm did something than of its control, with limits.

    Those who responded stand below their arm, crossed: what they did more is no effect.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.campaign_effect`. Only shares are drawn, and only
        where there is a control.
    lang, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        No campaign has a control.
    """
    rows = require_rows(table.dropna(subset=_LIMITS)).reset_index(drop=True)
    records = rows.to_dict("records")
    names = [_name(row, lang) for row in records]
    ax = row_axes(ax, names, row=0.36, rest=1.1)
    ax.axvline(0, color=style.MUTED, linewidth=1)
    at = np.arange(len(rows))
    for verdict, (colour, mark) in _LOOKS.items():
        some = (rows["verdict"] == verdict).to_numpy()
        if some.any():
            limits = (rows.loc[some, name] for name in _LIMITS)
            label = shown("customers", "verdict", verdict, lang)
            between(ax, at[some], *limits, color=colour, label=label, shape=mark)
    said = [
        sentence("customers.plot.lift", lang, lift=lift, low=low, high=high)
        for low, lift, high in rows[_LIMITS].itertuples(index=False)
    ]
    name_rows(ax, names, said, rows[["rate_lift_low", "rate_lift_high"]].to_numpy(float), lang)
    style.percent_axis(ax.xaxis, lang)
    ax.set_xlabel(sentence("customers.plot.more_than_control", lang))
    legend(ax)
    return ax


def _name(row: dict, lang: str) -> str:
    """Of which campaign and arm, what was done, and who is compared where not all are."""
    words = [str(row["campaign_id"])]
    if row["assigned"] != "treated":
        words.append(str(row["assigned"]))
    words.append(shown("customers", "outcome", row["outcome"], lang))
    if row["compared"] != "assigned":
        words.append(shown("customers", "compared", row["compared"], lang))
    return " · ".join(words)
