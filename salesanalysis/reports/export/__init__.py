"""The formats of a report: one module each, all from the same blocks of the same run.

A module has a function ``write(made)``, which puts its file into the report's folder, and what
:class:`salesanalysis.formats.Format` says of it beyond that.
"""

import importlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.formats import FORMATS
from salesanalysis.reports.blocks import Block


@dataclass(frozen=True, eq=False)
class Material:
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
        return self.folder / FORMATS[format].file


def room_of(said: str) -> int:
    """How much room a text takes in a line: a Chinese character as much as two letters."""
    return len(said) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in said)


def module(format: str):
    """The module of a format, which writes it."""
    return importlib.import_module(f"{__name__}.{format}")
