"""The key figures of a report, large and side by side: value, status, course, interval, change."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from salesanalysis import text
from salesanalysis.reports import in_short
from salesanalysis.reports.addresses import linked
from salesanalysis.statuses import NONE

#: The shape that goes with a status, so that its colour never stands alone.
_SHAPES = {"good": "●", "watch": "◆", "act": "▲", NONE: "○"}

#: The size of the small line, in its own units, and its colour where there is no style.
_WIDTH, _HEIGHT = 74.0, 27.0

_COLOUR = "#0072b2"


@dataclass(frozen=True)
class Tile:
    """What a tile says, the same in every format.

    ``status`` is one of :mod:`salesanalysis.statuses`, ``shape`` and ``word`` say it; ``under`` is
    the interval of the value and what it is of.
    """

    label: str
    value: str
    under: str
    change: str
    status: str
    shape: str
    word: str


def tile(record: Mapping, lang: str, currency: str) -> Tile:
    """What the tile of a key figure says.

    Parameters
    ----------
    record : dict
        As from :func:`salesanalysis.reports.in_short.figure_record`.
    lang : str
    currency : str
        The code of all amounts; empty where it is not known.
    """
    status = record["status"]
    value, interval = in_short.shown_figure(record, lang, currency)
    return Tile(
        label=record["label"],
        value=value,
        under=" · ".join(filter(None, [interval, record["base"]])),
        change=_change(record, lang, currency),
        status=status,
        shape=_SHAPES[status],
        word=text.sentence(f"report.status.{status}", lang),
    )


#: How far two simulations of what is to come can differ by chance, as a part of half its interval.
_SIMULATED = 0.05


def as_tiles(records: Iterable[tuple[Mapping, str]], lang: str, currency: str) -> str:
    """Key figures, as ``run.json`` has them, as tiles.

    Parameters
    ----------
    records : list of (dict, address)
        As from :func:`salesanalysis.reports.in_short.figure_record`, each with where it leads, such
        as the page of its report; empty where it leads nowhere.
    lang : str
    currency : str
        The code of all amounts; empty where it is not known.
    """
    tiles = "".join(
        linked(_markup(tile(record, lang, currency), _line(record)), address)
        for record, address in records
    )
    return f'<div class="tiles">{tiles}</div>'


def _markup(said: Tile, line: str) -> str:
    word = html.escape(said.word)
    shape = f'<span class="st"><span aria-hidden="true">{said.shape}</span> {word}</span>'
    lines = [
        f'<span class="t1"><span>{html.escape(said.label)}</span>{shape}</span>',
        f'<span class="t2"><strong>{html.escape(said.value)}</strong>{line}</span>',
        f'<span class="t3">{html.escape(said.under)}</span>',
        f'<span class="t4">{html.escape(said.change)}</span>',
    ]
    return f'<span class="tile {said.status}">{"".join(lines)}</span>'


def _change(record: Mapping, lang: str, currency: str) -> str:
    """What it has changed by since the last earlier day.

    Less than half of its interval is no change. Where that is of what is to come, less than a small
    part of it is none: how much is expected has changed, however much may come.
    """
    course = _course(record)
    if not course:
        is_number = isinstance(record["value"], int | float)
        return text.sentence("report.tile.none", lang) if is_number else ""
    (day, before), (_, now) = course[-2:]
    change = now - before
    known = 0.0
    if record["low"] is not None and record["high"] is not None:
        known = (record["high"] - record["low"]) / 2
        known *= _SIMULATED if record.get("ahead") else 1  # runs of old do not say it
    by = in_short.shown_change(record, abs(change), lang, currency)
    if abs(change) <= known or by == in_short.shown_change(record, 0.0, lang, currency):
        return text.sentence("report.tile.same", lang, day=day)
    return text.sentence(f"report.tile.{'up' if change > 0 else 'down'}", lang, by=by, day=day)


def _course(record: Mapping) -> list[tuple[str, float]]:
    """What a figure was on earlier days and is now; empty where it is a day, a text or missing."""
    course = [*map(tuple, record["past"]), ("", record["value"])]
    has_one = len(course) > 1 and all(isinstance(value, int | float) for _, value in course)
    return course if has_one else []


def _line(record: Mapping) -> str:
    """The course as a small line; nothing where fewer than two earlier days are known."""
    values = [value for _, value in _course(record)]
    if len(values) < 3:
        return ""
    low, high = min(values), max(values)
    across = (_WIDTH - 6) / (len(values) - 1)
    scale = (_HEIGHT - 6) / (high - low) if high > low else 0.0
    points = [
        (3 + n * across, _HEIGHT - 3 - (value - low) * scale if scale else _HEIGHT / 2)
        for n, value in enumerate(values)
    ]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" aria-hidden="true">'
        # On paper and in JupyterLab it has no style of the page.
        f'<polyline points="{drawn}" fill="none" stroke="{_COLOUR}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{_COLOUR}"/></svg>'
    )
