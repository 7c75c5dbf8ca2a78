"""What the XML of an OpenDocument workbook says beyond its values: errors, hidden rows, areas."""

import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis.sources.content import whole
from salesanalysis.sources.workbook.package import safe_parser
from salesanalysis.sources.workbook.sheet import Area, Cell

_CHUNK = 1 << 20


@dataclass
class Table:
    """What is odd in one sheet; rows and columns are counted from 0."""

    errors: dict[Cell, str] = field(default_factory=dict)
    uncalculated: set[Cell] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rows: Counter = field(default_factory=Counter)
    columns: Counter = field(default_factory=Counter)


def tables(path: Path) -> dict[str, Table]:
    """What is odd in the sheets of a workbook, by name."""
    walk = _Walk()
    with (
        whole("ods"),
        zipfile.ZipFile(path) as archive,
        archive.open("content.xml") as part,
    ):
        while chunk := part.read(_CHUNK):
            walk.parser.Parse(chunk, False)
        walk.parser.Parse(b"", True)
    return walk.tables


class _Walk:
    """The content of a workbook as it is read; rows and cells that are alike are written once."""

    def __init__(self):
        self.tables: dict[str, Table] = {}
        self._depth = 0  # of tables within cells, which are drawings
        self._row = self._column = 0
        self._rows = self._cells = 1
        self._text: list[str] = []
        self.parser = safe_parser(self._start)
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name == "table:table":
            self._depth += 1
            if self._depth == 1:
                self._table = self.tables.setdefault(said.get("table:name", ""), Table())
                self._row = self._described = 0
        elif self._depth != 1:
            return
        elif name == "table:table-column":
            count = int(said.get("table:number-columns-repeated", 1))
            if said.get("table:visibility") in ("collapse", "filter") and count < 1_000:
                self._table.hidden_columns |= set(range(self._described, self._described + count))
            self._described += count
        elif name == "table:table-row":
            self._column, self._rows = 0, int(said.get("table:number-rows-repeated", 1))
            self._hidden = said.get("table:visibility") in ("collapse", "filter")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._begin_cell(said)

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._cells = int(said.get("table:number-columns-repeated", 1))
        self._said, self._text = said, []
        self.parser.CharacterDataHandler = self._text.append

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1
        elif self._depth != 1:
            return
        elif name == "table:table-row":
            self._row += self._rows
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.parser.CharacterDataHandler = None
            if name == "table:table-cell":
                self._end_cell("".join(self._text).strip())
            self._column += self._cells

    def _end_cell(self, text: str) -> None:
        table, said, here = self._table, self._said, (self._row, self._column)
        down = int(said.get("table:number-rows-spanned", 1))
        across = int(said.get("table:number-columns-spanned", 1))
        if down > 1 or across > 1:
            table.merged.append((here, (here[0] + down - 1, here[1] + across - 1)))
        valued = bool(text) or any(
            f"office:{name}" in said for name in ("value", "date-value", "boolean-value")
        )
        if "table:formula" in said and not valued and said.get("office:value-type") != "string":
            table.uncalculated.add(here)
        elif said.get("calcext:value-type") == "error":
            table.errors[here] = text or "#N/A"
        if not valued and "table:formula" not in said:
            return
        if self._hidden:
            table.hidden_rows |= set(range(self._row, self._row + min(self._rows, 1_000_000)))
        table.rows[self._row + self._rows - 1] += self._cells
        table.columns[self._column + self._cells - 1] += self._rows
