"""The formats of a report: one module each, all from the same blocks of the same run.

A module has one function, ``write(made)``, which puts its file into the report's folder.
"""

import importlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.reports.blocks import Block

#: The formats by name, in the order in which they are written, and the file of each. The page is
#: always there; the PDF is made from it.
FILES = {
    "html": "report.html",
    "slides": "slides.html",
    "pptx": "report.pptx",
    "xlsx": "report.xlsx",
    "md": "report.md",
    "pdf": "report.pdf",
}


@dataclass(frozen=True, eq=False)
class Made:
    """What a run has made, for the formats to be written from.

    Attributes
    ----------
    folder : Path
        The report's folder, with its tables and figures.
    notebook : NotebookNode
        The executed notebook, normalised.
    record : dict
        What ``run.json`` says, apart from the files' fingerprints.
    blocks : list of Block
        What the report told, in its order.
    template : Path, optional
        The reader's own PowerPoint file, whose layouts the slides take.
    """

    folder: Path
    notebook: object
    record: dict
    blocks: list[Block]
    template: Path | None = None

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.record["lang"]

    def file(self, format: str) -> Path:
        """Where the file of a format lies."""
        return self.folder / FILES[format]


def room_of(said: str) -> int:
    """How much room a text takes in a line: a Chinese character as much as two letters."""
    return len(said) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in said)


def write(made: Made, format: str) -> None:
    """Write one format into the report's folder."""
    importlib.import_module(f"{__name__}.{format}").write(made)
