"""A report in short, as ``run.json`` keeps it: its figures, what to look at, its words for both.

The overview and the page over a batch have nothing else of a report, so all of it is said already,
in the language of the report.
"""

from collections.abc import Mapping
from types import MappingProxyType

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import KeyFigure, Thing
from salesanalysis.reports import tables
from salesanalysis.statuses import LIMITS, NONE, Limits

#: How many figures of a report pages show: its first ones.
MOST_FIGURES = 6

#: The unit of a figure that no column of the vocabulary has.
_PLAIN = "number"
_ENDS = ("value", "low", "high")


def figure_record(
    figure: KeyFigure,
    part: str,
    lang: str,
    *,
    base: str = "",
    past: Mapping[str, object] = MappingProxyType({}),
    limits: Mapping[str, Limits] = LIMITS,
) -> dict:
    """A key figure with its word, its unit, its status and its course.

    ``base`` is what it is of, said; ``past`` what it was on earlier days, oldest first.
    """
    name, judged = figure.judged or (figure.name, figure.value)
    has_limits = name in limits and isinstance(judged, int | float)
    earlier = ((day, as_json(figure.name, value)) for day, value in past.items())
    return {
        "name": figure.name,
        "label": text.word(part, "number", figure.name, lang),
        "unit": text.column_kind(figure.name)[0] or _PLAIN,
        **{name: as_json(figure.name, getattr(figure, name)) for name in _ENDS},
        "status": limits[name].status(judged) if has_limits else NONE,
        "base": base,
        "ahead": figure.is_ahead,
        "past": [[day, value] for day, value in earlier if value is not None],
    }


def thing_record(
    thing: Thing, reason: str, part: str, lang: str, names: Mapping[str, Mapping[str, str]]
) -> dict:
    """A thing to look at: its subject as the data have it and as it is called.

    ``names`` are those that the report has for ids, by column.
    """
    name = tables.called(thing.subject, thing.called, part, lang, names)
    money = as_json(thing.subject, thing.money)
    return {"subject": thing.subject, "name": name, "money": money, "reason": reason}


def shown_figure(record: Mapping, lang: str, currency: str) -> tuple[str, str]:
    """The value of a figure as the reader sees it, and its interval; empty where it has none."""
    value, low, high = (record[name] for name in _ENDS)
    if isinstance(value, str):  # a text, or a day
        return shown_value(value, record["unit"], lang), ""
    look = {"lang": lang, "currency": currency, "low": low, "high": high}
    return text.value_and_interval(value, _kind(record), **look)


def shown_change(record: Mapping, by: float, lang: str, currency: str) -> str:
    """The size of a change of a figure as the reader sees it: shares in points."""
    if record["unit"] == "share":
        return text.sentence("report.tile.points", lang, points=round(by * 100))
    return shown_value(by, _kind(record), lang, currency)


def _kind(record: Mapping) -> str:
    return text.column_kind(record["name"])[0] or record["unit"]


def shown_value(value, kind: str, lang: str, currency: str = "") -> str:
    """A value of ``run.json`` as the reader sees it; a dash where it is missing."""
    if isinstance(value, str):  # a text, or a day
        kind = "date" if kind == "date" else "text"
    return text.said(value, kind, lang=lang, currency=currency)


def as_json(name: str, value):
    """A value as JSON knows it: None where it is missing or not finite, a day as a text."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float):
        finite = plain - plain == 0  # false for NaN and the infinities
        return plain if finite else None
    if plain is None or isinstance(plain, bool | int | str):
        return plain
    if hasattr(plain, "isoformat"):
        return None if plain != plain else plain.isoformat()[:10]
    raise SalesAnalysisError(
        f"Key figure `{name}` must be a number, a text or a day; got {type(value).__name__}."
    )
