"""A report in short, as ``run.json`` keeps it: its figures, what to look at, its words for both.

The overview and the page over a batch have nothing else of a report, so all of it is said already,
in the language of the report.
"""

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import KeyFigure, Thing

#: How many figures of a report other pages show: its first ones.
MOST_FIGURES = 5

#: The unit of a figure that no column of the vocabulary has.
_PLAIN = "number"


def figure_record(figure: KeyFigure, part: str, lang: str) -> dict:
    """A key figure with its word and its unit."""
    return {
        "name": figure.name,
        "label": text.word(part, "number", figure.name, lang),
        "unit": text.column_kind(figure.name)[0] or _PLAIN,
        **{name: as_json(figure.name, getattr(figure, name)) for name in ("value", "low", "high")},
    }


def thing_record(thing: Thing, reason: str, part: str, lang: str) -> dict:
    """A thing to look at: its subject as the data have it and as it is called."""
    called = text.word(part, thing.called, thing.subject, lang) if thing.called else thing.subject
    at_stake = as_json(thing.subject, thing.at_stake)
    return {"subject": thing.subject, "name": called, "at_stake": at_stake, "reason": reason}


def shown_figure(record: dict, lang: str) -> str:
    """The value of a figure as the reader sees it, with its interval."""
    kind, decimals = text.column_kind(record["name"])
    kind = kind or record["unit"]

    def shown(name: str) -> str:
        value = record[name]
        return (
            text.MISSING if value is None else text.format_value(value, kind, decimals, lang=lang)
        )

    if record["low"] is None or record["high"] is None:
        return shown("value")
    return f"{shown('value')} ({shown('low')} – {shown('high')})"


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
