"""What a report is made of, block by block; :class:`Report` shows and writes them.

The page is the executed notebook; every other format is made from these blocks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesanalysis.errors import SalesAnalysisError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Title:
    """The report's title and the question it answers."""

    said: str
    question: str


@dataclass(frozen=True)
class Statement:
    """A finding of this run, under the name by which ``run.json`` keeps it.

    ``lead`` (the answer), ``since`` (what changed), ``headlines`` (findings), ``warnings`` (what
    must be known before its numbers are quoted).
    """

    kept: str
    key: str
    said: str


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 begins a section.

    ``note`` stands beside it in small type. A ``folded`` section is one line on the page, to be
    unfolded.
    """

    anchor: str
    said: str
    level: int = 2
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text; ``kind`` is what findings it is one of, if it is one."""

    said: str
    kind: str = ""


#: Where the cells of a column lead: all of them, or each value.
Links = Mapping[str, str | Mapping[Any, str]]


@dataclass(frozen=True, eq=False)
class Table:
    """A table: shown where it has a caption, written as a CSV file where it has a name.

    Columns in ``hide`` are in the file only. ``part`` is the part of the texts that has words for
    its columns and values, or several, of which the first that has a word counts. ``shows`` is
    that of a figure. The rest is for the page only: ``rows`` are shown at first, columns in
    ``under`` stand under each row over its full width, ``anchors`` is the column by which a link
    finds a row (:func:`~salesanalysis.reports.addresses.row_anchor`); a table whose rows stand
    there in another shape is not ``on_page``.
    """

    frame: object
    caption: str | None = None
    name: str | None = None
    rows: int = 12
    hide: tuple[str, ...] = ()
    part: str | tuple[str, ...] = "report"
    links: Links = field(default_factory=dict)
    on_page: bool = True
    under: tuple[str, ...] = ()
    anchors: str = ""
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure: its files, and the findings that it shows, the best first.

    ``slide`` is the picture for slides, where that of the page is too tall for them.
    """

    name: str
    caption: str
    files: tuple[str, ...]
    shows: tuple[str, ...] = ()
    slide: str = ""


Block = Title | Statement | Heading | Paragraph | Table | Figure


def require_name(name: str) -> str:
    """A name that can be a file's, a key's and an anchor's."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SalesAnalysisError(
            f"The name {name!r} must be small letters, digits and `_`, a letter first."
        )
    return name
