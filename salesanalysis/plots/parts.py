"""What the pictures of all families share: words, axes, rows, bars, the legend's place."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from salesanalysis.bases import QUOTED
from salesanalysis.errors import NothingToShow, SalesAnalysisError
from salesanalysis.plots import style
from salesanalysis.plots.marks import name_mark
from salesanalysis.text import format_value, sentence, word


def shown(family: str, column: str, value, lang: str) -> str:
    """A value as the reader knows it, or the word for a missing one."""
    return (
        sentence(f"{family}.plot.missing", lang)
        if pd.isna(value)
        else word(family, column, value, lang)
    )


def row_names(family: str, rows: pd.DataFrame, by: Sequence[str], lang: str) -> list[str]:
    """What each row is of: its values in the columns ``by``, as the reader knows them."""
    return [
        " · ".join(shown(family, name, row[name], lang) for name in by)
        for row in rows.to_dict("records")
    ]


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


#: On a narrow page a row has its name above it, which takes this many inches.
_NARROW_ROW = 0.62


def row_axes(ax, names: Iterable[str], *, row: float, rest: float = 1.2, said=()):
    """Axes with a row for each name, the first on top, the rows at 0, 1, … of the y axis.

    ``row`` and ``rest`` are the inches of a row and of all else; ``said`` is what
    :func:`beside_rows` writes at the end of each row. On a narrow page, where both would leave the
    marks no room, they stand above their row.
    """
    names, said = list(names), list(said)
    count = max(len(names), 1)
    if not style.is_narrow():
        ax = axes(ax, rest + row * len(names))
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(count - 0.4, -0.6)
    else:
        ax = axes(ax, rest + max(row, _NARROW_ROW) * len(names))
        ax.set_yticks([])
        ax.set_ylim(count - 0.5, -0.75)
        for y, name in enumerate(names):
            words = " · ".join(filter(None, [name, *said[y : y + 1]]))
            ax.annotate(words, (0, y - 0.35), xycoords=("axes fraction", "data"), xytext=(3, 0),
                        textcoords="offset points", va="bottom")  # fmt: skip
    # Amounts with their unit are long: more ticks would run into each other.
    ax.locator_params(axis="x", nbins=4 if style.is_narrow() else 6)
    ax.grid(visible=False, axis="y")
    return ax


def beside_rows(ax, ends, said: Sequence[str], **look) -> None:
    """Words at the end of each row, as :func:`beside` takes ``look``."""
    if style.is_narrow():
        return
    for y, (end, words) in enumerate(zip(ends, said, strict=True)):
        if words:
            beside(ax, words, end, y, **look)


def room(times: float) -> float:
    """How many times as long as what is drawn an axis is, for the words at the ends of rows."""
    return 1.03 if style.is_narrow() else times


def dates_axis(axis, lang: str) -> None:
    """Days written as everywhere, few enough to be read."""
    most = 3 if style.is_narrow() else 7
    axis.set_major_locator(mdates.AutoDateLocator(minticks=2, maxticks=most))
    axis.set_major_formatter(lambda day, _: format_value(mdates.num2date(day), "date", lang=lang))


def months_axis(ax, months: Sequence[str], lang: str) -> None:
    """A month at 0, 1, … of the x axis, by its short name; its year where one begins."""
    # On a narrow page every second one has room, the last among them.
    step = 2 if style.is_narrow() and len(months) > 8 else 1
    said, year = [], ""
    for at, month in enumerate(months):
        own, _, number = month.partition("-")
        if (len(months) - 1 - at) % step:
            said.append("")
        elif not (own + number).isdigit():  # a fiscal one has no other name
            said.append(month)
        else:
            name = sentence(f"report.month.{int(number)}", lang)
            said.append(name if own == year else f"{name}\n{own}")
            year = own
    ax.set_xticks(range(len(said)), said)
    ax.set_xlim(-0.6, len(said) - 0.4)
    ax.grid(visible=False, axis="x")
    ax.tick_params(axis="x", length=0)


def legend(ax, columns: int = 4) -> None:
    """Above the axes, where it cannot cover anything."""
    handles, labels = ax.get_legend_handles_labels()
    if style.is_narrow():
        labels = [textwrap.fill(label, 44) for label in labels]
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.3}
    # A key that is wider than the picture would take its width from the axes.
    width = [0.45 + 0.07 * sum(1 + (letter > "\u2e7f") for letter in label) for label in labels]
    there = ax.figure.get_figwidth() - 0.6
    while columns > 1 and sum(sorted(width)[-columns:]) > there:
        columns -= 1
    ax.legend(handles, labels, ncols=columns, **place)


def beside(ax, words: str, x: float, y: float, *, away: float = 6) -> None:
    """Words to the right of a point."""
    ax.annotate(words, (x, y), xytext=(away, 0), textcoords="offset points", va="center",
                fontsize=style.SMALL)  # fmt: skip


def between(
    ax, at, low, value, high, *, color, label: str | None = None, width: float = 2, shape: str = "o"
) -> None:
    """A value in each row, and the line from its lower to its upper limit."""
    ax.hlines(at, low, high, color=color, linewidth=width)
    ax.plot(value, at, shape, color=color, label=label)


def stacked(ax, parts: Iterable[tuple], *, height: float = 0.62) -> np.ndarray:
    """Bars of parts one after the other: (label, widths, colour) of each. Where the bars end."""
    left = 0.0
    for label, width, colour in parts:
        width = np.asarray(width, dtype=float)
        ax.barh(np.arange(len(width)), width, left=left, height=height, color=colour, label=label)
        left = left + width
    return np.asarray(left)


def name_rows(ax, names: Sequence[str], said: Sequence[str], spans: Iterable, lang: str) -> None:
    """Name the mark of each row, from where to where it reaches: whose it is, and what is said."""
    for y, (name, words, span) in enumerate(zip(names, said, spans, strict=True)):
        whole = sentence("report.mark", lang, name=name, said=words)
        name_mark(ax, tuple(np.nan_to_num(span)), (y - 0.31, y + 0.31), whole)


def bars_side_by_side(ax, pair: Sequence[tuple], said, names: Sequence[str], lang: str) -> None:
    """Two bars in each row: (label, lengths, colour) of each; ``said(length)`` stands beside it."""
    for (label, lengths, colour), shift in zip(pair, (-0.19, 0.19), strict=True):
        at = np.arange(len(lengths)) + shift
        ax.barh(at, lengths, height=0.36, color=colour, label=label)
        for y, value, name in zip(at, lengths, names, strict=True):
            beside(ax, said(value), value, y, away=4)
            whole = sentence("report.mark_of", lang, name=name, what=label, said=said(value))
            name_mark(ax, (0, value), (y - 0.18, y + 0.18), whole, least=0)


def steps(
    ax, rows: Sequence[Mapping], amount: str, colours: Mapping
) -> tuple[list[float], list[tuple]]:
    """Bars of which each change begins where the one before ended.

    ``colours`` are those of movements that have one of their own. The ends of the changes, and from
    where to where each bar reaches.
    """
    reached, edges, spans = 0.0, [], []
    for y, row in enumerate(rows):
        level = row["kind"] in ("start", "end")
        left = 0.0 if level else reached
        colour = style.ACCENT if level else colours.get(row["movement"], style.MUTED)
        ax.barh(y, row[amount], left=left, color=colour, height=0.62)
        reached = left + row[amount]
        spans.append((min(left, reached), max(left, reached)))
        if y + 1 < len(rows):  # where this step ends the next one begins
            ax.plot([reached, reached], [y, y + 1], color=style.MUTED, linewidth=0.8, zorder=0.9)
        edges += [] if level else [left, reached]
    return edges, spans
