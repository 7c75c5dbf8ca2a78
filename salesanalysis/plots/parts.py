"""What the pictures of all families share: words for values, axes, the legend's place."""

import pandas as pd

from salesanalysis.bases import QUOTED
from salesanalysis.errors import NothingToShow, SalesAnalysisError
from salesanalysis.plots import style
from salesanalysis.text import sentence, word


def shown(family: str, column: str, value, lang: str) -> str:
    """A value as the reader knows it, or the word for a missing one."""
    return (
        sentence(f"{family}.plot.missing", lang)
        if pd.isna(value)
        else word(family, column, value, lang)
    )


def require_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The table itself where there is something to draw."""
    if table.empty:
        raise NothingToShow("The `table` has no rows: there is nothing to draw.")
    return table


def one_group(table: pd.DataFrame, key: str | list[str]) -> pd.DataFrame:
    """The table itself where it is of one group, in which each ``key`` stands once."""
    if table.empty or table.duplicated(key).any():
        refusal = NothingToShow if table.empty else SalesAnalysisError
        raise refusal(
            "This picture shows one group; the `table` holds"
            f" {'none' if table.empty else 'several'}. Choose the rows of one group, made with the"
            f" basis `{QUOTED}` where there is one."
        )
    return table


def axes(ax, height: float):
    """The given axes, or those of a new figure of that height."""
    return style.figure(height=max(height, 2.2))[1] if ax is None else ax


def names_down(ax, names) -> None:
    """A name for each row, the first on top, the rows at 0, 1, … of the y axis."""
    names = list(names)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(max(len(names), 1) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")


def legend(ax, columns: int = 4) -> None:
    """Above the axes, where it cannot cover anything."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.3)


def beside(ax, words: str, x: float, y: float, *, away: float = 6) -> None:
    """Words to the right of a point."""
    ax.annotate(
        words, (x, y), xytext=(away, 0), textcoords="offset points", va="center", fontsize=9
    )
