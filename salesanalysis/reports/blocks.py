"""What a report is made of, block by block; :class:`Report` shows and writes them.

The page is the executed notebook; every other format is made from these blocks. A block's ``place``
says which part of a page it is, in the fields of
:class:`salesanalysis.reports.export.layout.Piece`, so that all formats are laid out alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesanalysis.reports.pictures.native import Chart

#: Which part of the page a block is.
Place = dict[str, str]


@dataclass(frozen=True)
class Title:
    """The report's title and the question it answers."""

    said: str
    question: str

    @property
    def place(self) -> Place:
        """The title stands over the page."""
        return {"part": "title"}


@dataclass(frozen=True)
class Statement:
    """A finding that stands out, under its name; ``short`` is its form as a title, if it has one.

    ``part`` is ``lead`` (the answer), ``since`` (what changed), ``said`` (a headline), ``blocking``
    (what makes numbers wrong) or ``caution`` (what to know before they are quoted).
    """

    part: str
    key: str
    said: str
    short: str = ""

    @property
    def place(self) -> Place:
        """It is that part of the page."""
        return {"part": self.part}


@dataclass(frozen=True)
class Tiles:
    """The main key figures, as :func:`salesanalysis.reports.in_short.figure_record` has them."""

    records: tuple[Mapping, ...]

    @property
    def place(self) -> Place:
        """They stand on the first screen."""
        return {"part": "tiles"}


@dataclass(frozen=True)
class Week:
    """The first lines of what to do, as :func:`salesanalysis.reports.week.record` has them.

    ``title`` and ``note`` stand over them, large and small.
    """

    lines: tuple[Mapping, ...]
    title: str
    note: str

    @property
    def place(self) -> Place:
        """They stand on the first screen."""
        return {"part": "week"}


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

    @property
    def place(self) -> Place:
        """Level 2 begins a section, one of lower rank stands in it."""
        return {"part": "fold" if self.folded else "section"} if self.level == 2 else {}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text.

    ``kind`` is what findings it is one of, if it is one, ``short`` its form as a title.
    """

    said: str
    kind: str = ""
    short: str = ""

    @property
    def place(self) -> Place:
        """A finding stands beside the picture, an explanation below it."""
        return {"part": "said" if self.kind else "how"}


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

    @property
    def place(self) -> Place:
        """One that the page shows is a part named by its caption."""
        is_shown = self.caption and self.on_page and len(self.frame)
        return {"part": "table", "title": self.caption} if is_shown else {}


@dataclass(frozen=True)
class Figure:
    """A figure: its files, and the findings that it shows, the best first.

    ``slide`` is the picture for slides, where that of the page is too tall for them; ``chart`` is
    what it was drawn from, where a chart loses nothing of it.
    """

    name: str
    caption: str
    files: tuple[str, ...]
    shows: tuple[str, ...] = ()
    slide: str = ""
    chart: Chart | None = None

    @property
    def place(self) -> Place:
        """It stands first in its section."""
        return {"part": "figure"}


Block = Title | Statement | Tiles | Week | Heading | Paragraph | Table | Figure
