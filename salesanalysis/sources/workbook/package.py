"""What the parts of a workbook's package say that a reader of values does not tell.

An .xlsx is a ZIP archive of XML. One pass over a sheet's part, without building a tree, finds
errors, formulas without a value, hidden rows and columns, and cells far out.
"""

import contextlib
import posixpath
import re
import zipfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from salesanalysis.sources.content import whole
from salesanalysis.sources.session import temporary_file
from salesanalysis.sources.workbook.sheet import (
    COLUMN_GAP,
    ROW_GAP,
    Cell,
    begins_astray,
    require_dense,
)

_CHUNK = 1 << 20
_DIGITS = "0123456789"
_LAST_COLUMN = 16_383
_TRUE = ("1", "true", "on")
#: Signs in the bytes of a sheet that it has more than values near each other: prefixed names,
#: formulas, errors, hidden rows and columns, columns far out, and attributes written differently.
_ODD = (
    *(b"<f>", b"<f ", b"<f/", b' t="e"', b'hidden="1', b'hidden="t', b' ht="0', b'width="0'),
    *(b":c ", b":row ", b" r='", b" t='", b"hidden='", b"<!DOCTYPE", b"\0"),
)
_FAR = re.compile(rb' r="(?:[A-Z]{3}|[D-Z][A-Z]|C[W-Z])')
_ROW = re.compile(rb'<row [^>]*?\br="(\d+)"')
#: How much of a chunk is looked at once more with the next one.
_TAIL = 64
#: No more errors than this are kept of a sheet; such a file is of no use, however many more.
_MOST_ERRORS = 100_000
#: Programs that write formulas with a value of 0 which nobody has calculated.
_WRITES_ZEROS = ("apache poi",)


@dataclass
class Facts:
    """What one pass over a sheet finds; rows and columns are counted from 0."""

    errors: dict[Cell, str] = field(default_factory=dict)
    unvalued: dict[int, array] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    zeros: dict[int, array] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    formulas: Counter = field(default_factory=Counter)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rows: dict[int, int] = field(default_factory=dict)
    columns: dict[int, int] = field(default_factory=dict)


class Package:
    """The parts of an .xlsx that say what its sheets are."""

    def __init__(self, path: Path):
        self._path = path
        with self._opened() as archive:
            book = self._target(archive, "", "officeDocument")
            self._sheets, self._says = _workbook(archive.read(book))
            related = _relations(archive, book)
            self._parts = {name: related[id_] for name, id_ in self._sheets if id_ in related}
            self._zeros_lie = self._says.get("fullCalcOnLoad") in _TRUE or _written_by(archive)

    @property
    def first_day(self) -> str:
        """The day that the day numbers of the workbook count from."""
        return "1904-01-01" if self._says.get("date1904") in _TRUE else "1899-12-30"

    def facts(self, name: str) -> Facts | None:
        """What a sheet's part says; None where the package does not lead to it."""
        if name not in self._parts:
            return None
        with self._opened() as archive:
            with archive.open(self._parts[name]) as part:
                if _is_plain(part):
                    return Facts()
            walk = _Facts()
            with archive.open(self._parts[name]) as part:
                walk.parse(part)
        return walk.facts

    def uncalculated(self, facts: Facts) -> set[Cell]:
        """The cells with formulas that have no value, or a 0 that no program has calculated.

        Some programs write 0 for every formula and ask that they be calculated when the file is
        opened. A column whose formulas are all 0 in such a file has not been opened since.
        """
        found = {(row, column) for column, rows in facts.unvalued.items() for row in rows}
        if self._zeros_lie:
            found |= {
                (row, column)
                for column, rows in facts.zeros.items()
                if len(rows) + len(facts.unvalued.get(column, ())) == facts.formulas[column]
                for row in rows
            }
        return found

    def without_strays(self, name: str, facts: Facts) -> tuple[Path, list[Cell]]:
        """The workbook without the cells far out of a sheet, and which cells these are.

        Raises
        ------
        FatalFaults
            The cells lie so far apart that a table of them would not fit into memory.
        """
        row_end = begins_astray(sorted(facts.rows.items()), ROW_GAP)
        column_end = begins_astray(sorted(facts.columns.items()), COLUMN_GAP)
        if row_end is None and column_end is None:
            require_dense(facts.rows, facts.columns)
            return self._path, []
        walk = _Strays(row_end, column_end)
        with self._opened() as archive, archive.open(self._parts[name]) as part:
            walk.parse(part)
        require_dense(
            {row: n for row, n in facts.rows.items() if row_end is None or row < row_end},
            {c: n for c, n in facts.columns.items() if column_end is None or c < column_end},
        )
        return self._cut(self._parts[name], walk.ranges), walk.cells

    def _cut(self, member: str, ranges: list[tuple[int, int]]) -> Path:
        """A copy of the package in which one part lacks some bytes."""
        target = temporary_file(".xlsx")
        with self._opened() as archive, zipfile.ZipFile(target, "w") as copy:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                with archive.open(info) as read, copy.open(info.filename, "w") as write:
                    position, left = 0, list(ranges) if info.filename == member else []
                    while chunk := read.read(_CHUNK):
                        end, kept = position + len(chunk), position
                        while left and left[0][0] < end:
                            start, stop = left[0]
                            write.write(chunk[max(kept - position, 0) : max(start - position, 0)])
                            kept = min(stop, end)
                            if stop > end:
                                break
                            left.pop(0)
                        write.write(chunk[kept - position :])
                        position = end
        return target

    @contextlib.contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        with whole("xlsx"), zipfile.ZipFile(self._path) as archive:
            yield archive

    @staticmethod
    def _target(archive: zipfile.ZipFile, part: str, kind: str) -> str:
        """The part that is related to another as what."""
        for type_, target in _related(archive, part).values():
            if type_.endswith(f"/{kind}"):
                return target
        raise KeyError(kind)


def _workbook(xml: bytes) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Name and relation of each sheet, and what the workbook says of days and calculation."""
    sheets, says = [], {}

    def start(name, attributes):
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        what = name.rpartition(":")[2]
        if what == "sheet":
            sheets.append((attributes.get("name", ""), local.get("id", "")))
        elif what in ("workbookPr", "calcPr"):
            says.update(local)

    safe_parser(start).Parse(xml, True)
    return sheets, says


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation → type and part, of a part or of the whole package."""
    folder, name = posixpath.split(part)
    found = {}

    def start(name, attributes):
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            place = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[attributes.get("Id", "")] = attributes.get("Type", ""), place

    safe_parser(start).Parse(archive.read(posixpath.join(folder, "_rels", f"{name}.rels")), True)
    return found


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    there = {name.lower(): name for name in archive.namelist()}
    related = {id_: target for id_, (_, target) in _related(archive, part).items()}
    return {id_: there[t.lower()] for id_, t in related.items() if t.lower() in there}


def _written_by(archive: zipfile.ZipFile) -> bool:
    """Whether the workbook was written by a program that puts zeros where it does not calculate."""
    try:
        said = archive.read("docProps/app.xml").decode("utf-8", "replace").lower()
    except KeyError:
        return False
    return any(re.search(rf"<application>{name}", said) for name in _WRITES_ZEROS)


def safe_parser(start, encoding: str | None = None):
    """An XML parser that refuses what no workbook has and what attacks are made of."""
    parser = expat.ParserCreate(encoding)

    def refuse(*_):
        raise ValueError("a document type in a workbook")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    return parser


def _is_plain(part) -> bool:
    """Whether the bytes of a sheet show nothing odd: a walk over all of its cells takes long."""
    tail, rows, last = b"", 0, b""
    while chunk := part.read(_CHUNK):
        seen = tail + chunk
        if any(sign in seen for sign in _ODD) or _FAR.search(seen):
            return False
        rows += chunk.count(b"<row ") + (tail[-4:] + chunk[:4]).count(b"<row ")
        tail = chunk[-_TAIL:]
        if numbers := _ROW.findall(chunk):
            last = numbers[-1]
    return not last or int(last) - rows < ROW_GAP


class _Walk:
    """A walk over the cells of a sheet that knows where it is, also where they do not say it."""

    def __init__(self):
        self.row = self.column = -1
        self.type: str | None = None  # of the cell
        self.attends = False  # whether `cell` is called: a sheet has millions
        self._columns: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self.parser = safe_parser(self._start)

    def parse(self, part) -> None:
        while chunk := part.read(_CHUNK):
            self.parser.Parse(chunk, False)
        self.parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        what = self._names.get(name)
        if what is None:
            what = self._names[name] = name.rpartition(":")[2]
        if what == "c":
            place = attributes.get("r")
            if place is None:
                self.column += 1
            else:
                self.column = self._column(place.rstrip(_DIGITS))
            self.type = attributes.get("t")
            if self.attends:
                self.cell()
        elif what == "row":
            number = attributes.get("r")
            self.row = self.row + 1 if number is None else int(number) - 1
            self.column = -1
            self.begin_row(attributes)
        else:
            self.other(what, attributes)

    def _column(self, name: str) -> int:
        column = self._columns.get(name)
        if column is None:
            number = 0
            for letter in name.upper():
                number = number * 26 + ord(letter) - 64
            column = self._columns[name] = number - 1
        return column

    def begin_row(self, attributes) -> None:
        """At the start of a row."""

    def cell(self) -> None:
        """At the start of a cell, where it is attended to."""

    def other(self, what: str, attributes) -> None:
        """At the start of any other element."""


class _Facts(_Walk):
    """The walk that finds the facts."""

    def __init__(self):
        super().__init__()
        self.facts = Facts()
        self._formula = False
        self._text: list[str] = []
        self._in_row, self._in_columns = 0, [0] * (_LAST_COLUMN + 1)

    def begin_row(self, attributes) -> None:
        self._settle()
        if attributes.get("hidden") in _TRUE or attributes.get("ht") in ("0", "0.0"):
            self.facts.hidden_rows.add(self.row)

    def cell(self) -> None:
        self._settle()

    def other(self, what, attributes) -> None:
        if what == "v" or what == "is":
            if not self._in_row:
                self._counted = self.row
            self._in_row += 1
            self._in_columns[self.column] += 1
            if self._formula or self.type == "e":
                self._text = []
                self.parser.CharacterDataHandler = self._text.append
                self.parser.EndElementHandler = self._value_ends
        elif what == "f":
            self._formula = self.attends = True
            self._at = self.row, self.column
            self._valued = False
            self.facts.formulas[self.column] += 1
        elif what == "col" and (
            attributes.get("hidden") in _TRUE or attributes.get("width") in ("0", "0.0")
        ):
            first, last = int(attributes["min"]), int(attributes["max"])
            self.facts.hidden_columns |= set(range(first - 1, min(last, _LAST_COLUMN + 1)))
        elif what in ("sheetData", "mergeCells", "pageMargins"):
            self._settle()

    def _value_ends(self, _) -> None:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        text, here = "".join(self._text).strip(), (self.row, self.column)
        if self.type == "e":
            if len(self.facts.errors) < _MOST_ERRORS:
                self.facts.errors[here] = text or "#REF!"
        elif self.type is None or self.type == "n":
            if text in ("0", "0.0"):
                self.facts.zeros[self.column].append(self.row)
        # A formula whose result is the empty text has a value; one whose number is empty has none.
        self._valued = bool(text) or self.type == "str"

    def _settle(self) -> None:
        """Note the last row, and the last cell if it was a formula that ended without a value."""
        if self._formula and not self._valued:
            self.facts.unvalued[self._at[1]].append(self._at[0])
        self._formula = self.attends = False
        if self._in_row and self.row != self._counted:
            self.facts.rows[self._counted] = self._in_row
            self._in_row = 0

    def parse(self, part) -> None:
        super().parse(part)
        self.row = -1
        self._settle()
        self.facts.columns = {i: count for i, count in enumerate(self._in_columns) if count}


class _Strays(_Walk):
    """The walk that finds where in the part the cells lie that are to be cut out."""

    def __init__(self, row_end: int | None, column_end: int | None):
        super().__init__()
        self._row_end, self._column_end = row_end, column_end
        self.ranges: list[tuple[int, int]] = []
        self.cells: list[Cell] = []
        self._depth: int | None = None  # within a cell that lies astray
        self.attends = True

    def cell(self) -> None:
        if self._is_astray():
            self._depth, self._start_at = 0, None
            self.parser.EndElementHandler = self._end

    def other(self, what, attributes) -> None:
        if self._depth is None:
            return
        self._depth += 1
        if self._start_at is None:
            self._start_at, self._filled = self.parser.CurrentByteIndex, False
        self._filled |= what in ("v", "is")

    def _is_astray(self) -> bool:
        beyond_rows = self._row_end is not None and self.row >= self._row_end
        return beyond_rows or (self._column_end is not None and self.column >= self._column_end)

    def _end(self, _) -> None:
        if self._depth:
            self._depth -= 1
            return
        # What the cell holds is cut out; a cell that holds nothing is no cell to a reader.
        self._depth = self.parser.EndElementHandler = None
        if self._start_at is not None:
            self.ranges.append((self._start_at, self.parser.CurrentByteIndex))
            if self._filled:
                self.cells.append((self.row, self.column))
