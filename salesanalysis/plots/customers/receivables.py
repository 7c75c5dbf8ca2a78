"""Pictures of what customers owe: how late it is, and who owes more than his limit."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salesanalysis.errors import NothingToShow
from salesanalysis.plots import style
from salesanalysis.plots.parts import (
    beside_rows,
    legend,
    name_rows,
    one_group,
    require_rows,
    room,
    row_axes,
    shown,
    stacked,
)
from salesanalysis.plots.picture import picture
from salesanalysis.text import column_label, sentence

#: So many customers have room.
MOST = 15


@picture
def ageing(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """What is open by how long it has been overdue, as bars; what is in dispute apart.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.ageing`, of all together or of one group.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        Nothing is open.
    """
    rows = one_group(table, "bucket").reset_index(drop=True)
    if not rows["unpaid_amount"].sum() > 0:
        raise NothingToShow("The `table` has nothing open: there is nothing to draw.")
    names = [_bucket(bucket, lang) for bucket in rows["bucket"]]
    words = [
        sentence("customers.plot.aged", lang, currency, amount=amount, share=share, count=count)
        for amount, share, count in rows[["unpaid_amount", "share", "invoices"]].itertuples(
            index=False
        )
    ]
    ax = row_axes(ax, names, row=0.4, rest=1.2, said=words)
    disputed = rows["disputed_amount"]
    parts = [
        (
            sentence("customers.plot.undisputed", lang),
            rows["unpaid_amount"] - disputed,
            style.ACCENT,
        ),
        (column_label("disputed_amount", lang), disputed, style.CYCLE[1]),
    ]
    ends = stacked(ax, parts if disputed.sum() else parts[:1])
    beside_rows(ax, ends, words)
    name_rows(ax, names, words, [(0, end) for end in ends], lang)
    ax.set_xlim(0, room(1.45) * ends.max())
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(column_label("unpaid_amount", lang))
    if disputed.sum():
        legend(ax, 2)
    return ax


def _bucket(bucket: str, lang: str) -> str:
    """A bucket as a reader knows it: its word, or its days."""
    if bucket[-1].isdigit():
        return sentence("customers.plot.days_overdue", lang, days=bucket)
    return shown("customers", "bucket", bucket, lang)


@picture
def over_limit(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """The customers who owe more than their limit: up to it and over it, the most over first.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.exposure`; at most 15 customers are drawn.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        Nobody is over his limit.
    """
    over = table[(table["over_limit_amount"] > 0).to_numpy(bool)]
    rows = require_rows(over).head(MOST).reset_index(drop=True)
    who = rows["name"].fillna(rows["account_id"]) if "name" in rows else rows["account_id"]
    names = [str(name) for name in who]
    words = [
        sentence("customers.plot.over_limit", lang, currency, over=over, limit=limit)
        for over, limit in rows[["over_limit_amount", "credit_limit"]].itertuples(index=False)
    ]
    ax = row_axes(ax, names, row=0.34, rest=1.2, said=words)
    parts = [
        (column_label("credit_limit", lang), rows["credit_limit"], style.BAND),
        (column_label("over_limit_amount", lang), rows["over_limit_amount"], style.LOST),
    ]
    ends = stacked(ax, parts)
    beside_rows(ax, ends, words)
    name_rows(ax, names, words, [(0, end) for end in ends], lang)
    ax.set_xlim(0, room(1.45) * np.max(ends))
    style.money_axis(ax.xaxis, lang, currency)
    ax.set_xlabel(column_label("exposure", lang))
    legend(ax, 2)
    return ax
