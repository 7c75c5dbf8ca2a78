"""A picture as the numbers it was drawn from, for charts that a reader of Office files can edit.

The numbers are read from what was drawn, so a chart cannot say something else than its picture. A
picture of which anything would be lost (a band, a reference line, a scale of logarithms), or that
has no rows, has no chart: it stays a picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The shapes of dots that say where a value lies.
_DOTS = ("o", "D")

#: How far the middle of a bar or dot may lie from its row, in rows.
_NEAR = 0.3

#: Where a row has no limits or no level.
_NONE = float("nan")


@dataclass(frozen=True)
class Series:
    """Values under one name and colour, one a row, and their limits where they have any."""

    name: str
    colour: str
    values: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Chart:
    """Bars in rows (``lie``) or in columns.

    Attributes
    ----------
    shape : str
        ``stacked`` (each begins where the one before it ends) or ``beside``.
    rows : tuple of str
        What each bar is of, in the order of reading.
    said : tuple of str
        What stands at the end of each row; empty where nothing does.
    series : tuple of Series
    lie : bool
    levels : tuple of float
        A level over the rows, such as a target, and what it is called (``level``).
    axis : str
        The name of the axis of values.
    kind : str
        The kind of the values: ``share``, ``amount`` or ``number``.
    """

    shape: str
    series: tuple[Series, ...]
    rows: tuple[str, ...]
    said: tuple[str, ...] = ()
    lie: bool = True
    levels: tuple[float, ...] = ()
    level: str = ""
    axis: str = ""
    kind: str = "number"

    @classmethod
    def from_json(cls, fields: dict) -> "Chart":
        """A chart that was written as JSON."""

        def plain(record: dict) -> dict:
            return {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}

        series = tuple(Series(**plain(one)) for one in fields["series"])
        return cls(**plain(fields) | {"series": series})


class _Lost(Exception):
    """The chart would lack something that the picture has."""


def chart_of(figure: "Figure") -> Chart | None:
    """The chart of a picture; None where it would lose something of it."""
    if len(figure.axes) != 1:
        return None
    ax = figure.axes[0]
    try:
        return _bars(ax)
    except _Lost:
        return None


def _need(is_so: object) -> None:
    if not is_so:
        raise _Lost


def _bars(ax: "Axes") -> Chart:
    """Bars, or dots between their limits, each in a row with a name."""
    lie = not _names(ax.xaxis)
    names = _names(ax.yaxis if lie else ax.xaxis)
    _need(names and all(places == [n] for n, places in enumerate(names.values())))
    _need(_linear(ax))
    rows, values_of = tuple(names), ax.xaxis if lie else ax.yaxis
    series, is_beside = _bar_series(ax, len(rows), lie)
    dots = [_dot_series(line, len(rows), lie) for line in ax.lines if line not in _whiskers(ax)]
    _need(bool(series) != bool(dots) and len(dots) < 2)
    series += dots
    ends = [sum(one.values[n] for one in series) for n in range(len(rows))]
    low, high, levels = _limits(ax, ends, lie)
    if low:
        series[-1] = replace(series[-1], low=low, high=high)
    _need(bool(levels) == bool(_title(ax)) and not (is_beside and low))
    return Chart(
        "beside" if is_beside or len(series) == 1 else "stacked",
        tuple(series),
        rows,
        () if is_beside else _words(ax, len(rows), lie),
        lie=lie,
        levels=levels,
        level=_title(ax),
        axis=values_of.get_label_text(),
        kind=_kind(values_of),
    )


def _names(axis) -> dict[str, list[int]]:
    """The names that an axis has at its places, where it has names."""
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    if not isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter):
        return {}
    labels = axis.get_major_formatter().format_ticks(axis.get_majorticklocs())
    names: dict[str, list[int]] = {}
    for place, label in zip(axis.get_majorticklocs(), labels, strict=False):
        names.setdefault(" ".join(label.split()), []).append(place)
    return names


def _title(ax: "Axes") -> str:
    return " ".join(filter(None, map(ax.get_title, ("left", "center", "right"))))


def _linear(ax: "Axes") -> bool:
    return ax.get_xscale() == ax.get_yscale() == "linear"


def _bar_series(ax: "Axes", rows: int, lie: bool) -> tuple[list[Series], bool]:
    """The bars, each beginning where the one before it ends, or side by side in their rows."""
    from matplotlib.container import BarContainer

    series, shifts, ends, held = [], set(), [0.0] * rows, 0
    for bars in (one for one in ax.containers if isinstance(one, BarContainer)):
        values, own, colours, held = [0.0] * rows, set(), set(), held + len(bars)
        for patch in bars:
            (x, y), width, height = patch.get_xy(), patch.get_width(), patch.get_height()
            start, length, middle = (
                (x, width, y + height / 2) if lie else (y, height, x + width / 2)
            )
            at = round(middle)
            _need(0 <= at < rows and not values[at])
            values[at] = float(length)
            own.add(round(middle - at, 2))
            colours.add(_hex(patch.get_facecolor()))
            _need(abs(start - (0.0 if any(own) else ends[at])) <= 1e-9 * max(abs(start), 1.0))
        _need(len(own) == len(colours) == 1)
        ends = [end + value for end, value in zip(ends, values, strict=True)]
        series.append(Series(_name(bars), *colours, tuple(values)))
        shifts |= own
    _need(shifts in (set(), {0.0}) or len(shifts) == len(series))
    _need(len(ax.patches) == held and not ax.images)
    return series, bool(shifts - {0.0})


def _dot_series(line, rows: int, lie: bool) -> Series:
    _need(line.get_marker() in _DOTS and line.get_linestyle() == "None")
    x, y = line.get_data(orig=False)
    values, places = (x, y) if lie else (y, x)
    _need([round(float(place), 6) for place in places] == list(range(rows)))
    return Series(_name(line), _hex(line.get_color()), tuple(map(float, values)))


def _whiskers(ax: "Axes") -> list:
    """The lines that belong to limits and not to values."""
    from matplotlib.container import ErrorbarContainer

    held = [one for one in ax.containers if isinstance(one, ErrorbarContainer)]
    return [line for one in held for line in (one[0], *one[1]) if line is not None]


def _limits(ax: "Axes", ends: list[float], lie: bool) -> tuple[tuple[float, ...], ...]:
    """From where to where the limits of each row reach, and the levels over rows of columns."""
    low, high, levels = ([_NONE] * len(ends) for _ in range(3))
    for collection in ax.collections:
        # What has a name of its own is more than the limits of a value.
        _need(hasattr(collection, "get_segments") and not _name(collection))
        for segment in collection.get_segments():
            (x, y), (other_x, other_y) = segment
            if not lie and y == other_y:
                for at in (n for n in range(len(ends)) if x <= n <= other_x):
                    levels[at] = float(y)
                continue
            row, other = (y, other_y) if lie else (x, other_x)
            at, reach = round(row), sorted((x, other_x) if lie else (y, other_y))
            _need(row == other and 0 <= at < len(ends) and low[at] != low[at])
            _need(reach[0] - 1e-9 <= ends[at] <= reach[1] + 1e-9)
            low[at], high[at] = map(float, reach)
    return tuple(tuple(one) if any(n == n for n in one) else () for one in (low, high, levels))


def _texts(ax: "Axes") -> Iterator:
    return (text for text in ax.texts if text.get_text().strip())


def _words(ax: "Axes", rows: int, lie: bool) -> tuple[str, ...]:
    """What stands at the end of each row."""
    said = [""] * rows
    for words in _texts(ax):
        at = words.xy[1 if lie else 0]
        _need(isinstance(words.xycoords, str) and words.xycoords == "data")
        _need(abs(at - round(at)) < _NEAR and 0 <= round(at) < rows and not said[round(at)])
        said[round(at)] = words.get_text()
    return tuple(said) if any(said) else ()


def _name(drawn) -> str:
    """What a legend calls it; empty where it has none."""
    name = str(drawn.get_label())
    return "" if name.startswith("_") else name


def _hex(colour) -> str:
    from matplotlib.colors import to_hex

    return to_hex(colour)[1:].upper()


def _kind(axis) -> str:
    return getattr(axis.get_major_formatter(), "kind", "number")
