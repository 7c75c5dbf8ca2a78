"""Pictures of the classes of accounts."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.plots.parts import axes, require_rows
from salesanalysis.plots.picture import picture
from salesanalysis.text import format_value, said, sentence

#: The steps of both sides, from the least to the most.
_STEPS = ("low", "middle", "high")


@picture
def class_matrix(
    table: pd.DataFrame, *, lang: str = "en", currency: str = "", ax: Axes | None = None
) -> Axes:
    """Accounts by what they are worth and how near an order is: how many, and of which class.

    Parameters
    ----------
    table : DataFrame
        As from :func:`salesanalysis.customers.class_matrix`.
    lang, currency, ax
        As for every picture; see :mod:`salesanalysis.plots`.

    Raises
    ------
    NothingToShow
        There is no account.
    """
    require_rows(table[table["accounts"] > 0])
    ax = axes(ax, 3.6)
    fill = LinearSegmentedColormap.from_list("", [style.PAPER, style.BAND])
    most = table["accounts"].max()
    for row in table.to_dict("records"):
        x, y = (_STEPS.index(row[name]) for name in ("nearness", "worth"))
        colour = fill(row["accounts"] / most)
        ax.bar(x, 0.96, 0.96, y - 0.48, color=colour, edgecolor=style.GRID)
        number = format_value(row["accounts"], "count", lang=lang)
        if row["accounts"]:
            money = said(row["expected_amount"], "amount", lang=lang, currency=currency)
            classes = _classes(row, lang)
            number = "\n".join([number, money, classes])
            values = {"count": row["accounts"], "said": money, "classes": classes}
            whole = sentence("customers.plot.cell", lang, **values)
            name_mark(ax, (x - 0.48, x + 0.48), (y - 0.48, y + 0.48), whole)
        ax.annotate(number, (x, y), ha="center", va="center", fontsize=style.SMALL)
    words = [sentence(f"customers.value.step.{name}", lang) for name in _STEPS]
    ax.set_xticks(range(3), words)
    ax.set_yticks(range(3), words)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.set_xlim(-0.5, 2.5)
    ax.set_ylim(-0.5, 2.5)
    ax.set_xlabel(sentence("customers.plot.near_an_order", lang))
    ax.set_ylabel(sentence("customers.plot.worth", lang))
    return ax


def _classes(row: dict, lang: str) -> str:
    """How many accounts of each class, such as ``A 12, B 3``."""
    counts = {name: row[f"class_{name.lower()}"] for name in ("A", "B", "C")}
    return ", ".join(
        f"{name} {format_value(n, 'count', lang=lang)}" for name, n in counts.items() if n
    )
