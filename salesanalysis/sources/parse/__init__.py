"""Text to values, in DuckDB's SQL: a whole column at a time, by one reading for all of its cells.

What a cell could mean is decided for its column. `parts` takes its odd cells apart: values of
digits here, their `shape` there. A column has few shapes; each is understood once, in Python. What
its cells prove (`proof`) is counted for each shape, and `reading` turns the counts into the
expression that reads every cell, or into a fault where the cells contradict each other or none
decides. An expression gives NULL for a cell that it cannot read; nothing is read halfway.
"""

from dataclasses import dataclass

from salesanalysis.sources.parse import dates, flags, identifiers, numbers, shares
from salesanalysis.sources.parse.sighted import Reading, Seen, Sighting
from salesanalysis.sources.parse.text import as_text, clean, marks_off, replaced
from salesanalysis.sources.session import literal
from salesanalysis.sources.units import Unit

__all__ = [
    "Reading",
    "Seen",
    "Settings",
    "Sighting",
    "as_text",
    "clean",
    "first_evidence",
    "is_odd",
    "marks_off",
    "parts",
    "proof",
    "reading",
    "replaced",
    "shape",
]

_NUMBERS = ("amount", "number", "count")
#: How cells are taken apart that a plain cast cannot read, by kind of column.
_TAKEN_APART = {"time": dates, "id": identifiers} | dict.fromkeys(_NUMBERS, numbers)


@dataclass(frozen=True)
class Settings:
    """What is known of a column besides its cells."""

    column: str
    date_order: str | None = None
    unit: Unit = Unit()
    per_cent: bool = False
    decimal_comma_likely: bool = False
    with_numbers: bool = False
    is_workbook: bool = False
    first_day: str = "1899-12-30"
    time_zone: str = "UTC"


def is_odd(kind: str, text: str) -> str:
    """SQL: whether a cell is more than a plain cast can read."""
    if kind == "id":
        return f"({text} IS NOT NULL)"
    return f"(NOT regexp_matches({text}, {literal(_TAKEN_APART[kind].SIMPLE)}))"


def first_evidence(kind: str, text: str) -> dict[str, str]:
    """What must be counted of every column: odd cells, or how large its shares are."""
    counted = {"share": shares.counted, "id": identifiers.counted}.get(kind)
    if counted:
        return counted(text)
    return {"odd": f"count(*) FILTER {is_odd(kind, text)}"} if kind in _TAKEN_APART else {}


def parts(kind: str, text: str) -> str:
    """SQL: what an odd cell is made of, as a struct; NULL for any other."""
    return f"CASE WHEN {is_odd(kind, text)} THEN {_TAKEN_APART[kind].parts(text)} END"


def shape(kind: str, p: str) -> str:
    """SQL: the shape of a cell, empty where it is not odd; ``p`` is the SQL name of its parts."""
    return f"CASE WHEN {p} IS NULL THEN '' ELSE {_TAKEN_APART[kind].shape(p)} END"


def proof(kind: str, text: str, p: str, first_day: str) -> str:
    """SQL: what a cell proves of its column, empty for nothing."""
    return _TAKEN_APART[kind].proof(text, p, first_day)


def reading(kind: str, text: str, p: str, seen: Seen, settings: Settings) -> Reading:
    """How the cells of a column are read, given what has been seen of it.

    ``text`` and ``p`` are the SQL names of the cleaned column and its `parts`.
    """
    column = settings.column
    if kind == "time":
        return dates.reading(
            text,
            p,
            seen,
            column=column,
            order=settings.date_order,
            first_day=settings.first_day,
            workbook=settings.is_workbook,
            time_zone=settings.time_zone,
        )
    if kind in _NUMBERS:
        return numbers.reading(
            kind,
            text,
            p,
            seen,
            column=column,
            unit=settings.unit,
            decimal_comma_likely=settings.decimal_comma_likely,
            with_numbers=settings.with_numbers,
        )
    if kind == "share":
        return shares.reading(text, seen, column=column, header_says=settings.per_cent)
    if kind == "id":
        return identifiers.reading(text, seen, column=column)
    return flags.reading(text) if kind == "flag" else Reading(text)
