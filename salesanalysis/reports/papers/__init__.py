"""Papers: a file for each group of a table, such as a statement for each payee; one A4 page each.

A format is a module here with ``write(paper, path)``.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from salesanalysis import formats
from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.reports import export
from salesanalysis.reports.papers.names import file_stems

__all__ = ["FORMATS", "Paper", "file_stems", "lines_of", "require_formats", "write"]

#: The formats that a paper may have, by the names of their modules and the ends of their files.
FORMATS = [name for name, about in formats.FORMATS.items() if about.has_papers]


@dataclass(frozen=True, eq=False)
class Paper:
    """What stands on one paper.

    Attributes
    ----------
    title, under : str
        The lines at its top, large and small.
    headings : list of str
    lines : list of tuple
        A cell for each heading: a text, a number, or nothing.
    strong : list of bool
        Which lines stand out: sums.
    decimals : int
        Digits of its numbers after the point.
    lang : str
        The reader's language.
    """

    title: str
    under: str
    headings: list[str]
    lines: list[tuple]
    strong: list[bool]
    decimals: int
    lang: str

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, to be set to the right: those without any text."""
        columns = zip(*self.lines, strict=True)
        return [not any(isinstance(cell, str) for cell in column) for column in columns]


def require_formats(wanted: Sequence[str]) -> None:
    """Refuse a format that papers do not have, and one whose library is not there."""
    for name in wanted:
        if name not in FORMATS:
            raise SalesAnalysisError(
                f"Pages of their own can be {' or '.join(FORMATS)}, not {name!r}."
                f"{did_you_mean(str(name), FORMATS)}"
            )
    extras = [name for name in wanted if formats.FORMATS[name].extra]
    for name in extras:
        export.module(name).library()


def lines_of(frame) -> list[tuple]:
    """The rows of a frame as cells of a paper: texts, numbers, and nothing where one is missing."""
    cells = frame.astype(object).where(frame.notna(), None)
    return list(cells.itertuples(index=False, name=None))


def write(paper: Paper, path: Path) -> None:
    """Write one paper in the format that its file's ending names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    importlib.import_module(f"{__name__}.{path.suffix[1:]}").write(paper, path)
