"""What a ready-made page, such as data quality, is made of; :class:`Report` shows and writes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 begins a section and appears in the table of contents."""

    anchor: str
    said: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    said: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table: shown where it has a caption, written as a CSV file where it has a name.

    Columns in ``hide`` are in the file only.
    """

    frame: object
    caption: str | None = None
    name: str | None = None
    rows: int = 50
    hide: tuple[str, ...] = ()


Block = Heading | Paragraph | Table
