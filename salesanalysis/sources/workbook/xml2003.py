"""Workbooks as one XML text, as Excel 2003 wrote them and some programs still do."""

import datetime
from pathlib import Path

from salesanalysis.sources.content import whole
from salesanalysis.sources.workbook.markup import readable
from salesanalysis.sources.workbook.package import safe_parser
from salesanalysis.sources.workbook.sheet import Cell, Sheet

#: Positions that no workbook has.
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383


class XmlBook:
    """A workbook in XML Spreadsheet 2003."""

    def __init__(self, path: Path, encoding: str | None):
        self.encodings: list[str] = []
        walk = _Walk()
        text = readable(path, encoding, self.encodings)
        with whole("xml_spreadsheet"), text.open("rb") as file:
            walk.parser.ParseFile(file)
        self.names = [sheet.name for sheet in walk.sheets]
        self.hidden = walk.hidden
        self._sheets = dict(zip(self.names, walk.sheets, strict=True))
        self._first_day = walk.first_day

    def sheet(self, name: str) -> Sheet:
        """One of its sheets."""
        found = self._sheets[name]
        found.first_day = self._first_day
        return found


class _Walk:
    """The workbook as it is read from its text."""

    def __init__(self):
        self.sheets: list[Sheet] = []
        self.hidden: set[str] = set()
        self.first_day = "1899-12-30"
        self._at: Cell = (-1, -1)
        self._type, self._formula, self._valued = "", False, False
        self._text: list[str] = []
        self._columns = -1  # position of the last description of a column
        self.parser = safe_parser(self._start, "utf-8")
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        what = name.rpartition(":")[2]
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if what == "Worksheet":
            self.sheets.append(Sheet(said.get("Name", str(len(self.sheets) + 1)), []))
            self._at, self._columns = (-1, -1), -1
        elif what == "Column":
            first = int(said["Index"]) - 1 if "Index" in said else self._columns + 1
            self._columns = min(first + int(said.get("Span", 0)), _LAST_COLUMN)
            if said.get("Hidden") == "1":
                self.sheets[-1].hidden_columns |= set(range(first, self._columns + 1))
        elif what == "Row":
            row = int(said["Index"]) - 1 if "Index" in said else self._at[0] + 1
            self._at = min(row, _LAST_ROW), -1
            if said.get("Hidden") == "1":
                self.sheets[-1].hidden_rows.add(row)
        elif what == "Cell":
            self._begin_cell(said)
        elif what == "Data":
            self._type = said.get("Type", "String")
            self._collect()
        elif what in ("Visible", "Date1904"):
            self._collect()

    def _collect(self) -> None:
        self._text = []
        self.parser.CharacterDataHandler = self._text.append

    def _begin_cell(self, said: dict[str, str]) -> None:
        row, column = self._at
        column = int(said["Index"]) - 1 if "Index" in said else column + 1
        across, down = int(said.get("MergeAcross", 0)), int(said.get("MergeDown", 0))
        self._here = row, min(column, _LAST_COLUMN)
        self._at = row, column + across
        if across or down:
            self.sheets[-1].merged.append((self._here, (row + down, column + across)))
        self._formula, self._valued = "Formula" in said, False

    def _end(self, name: str) -> None:
        what = name.rpartition(":")[2]
        if what == "Data":
            self._put("".join(self._text))
        elif what == "Visible" and "".join(self._text).strip() != "SheetVisible":
            self.hidden.add(self.sheets[-1].name)
        elif what == "Date1904" and "".join(self._text).strip() in ("", "1", "True", "true"):
            self.first_day = "1904-01-01"
        elif what == "Cell" and self._formula and not self._valued:
            self.sheets[-1].mark_uncalculated(self._here)
        if what in ("Data", "Visible", "Date1904"):
            self.parser.CharacterDataHandler = None

    def _put(self, text: str) -> None:
        sheet = self.sheets[-1]
        self._valued = bool(text) or self._type == "String"
        if not self._valued:
            return
        if self._type == "Error":
            sheet.errors[self._here] = text
        sheet.put(self._here, _value(text, self._type))


def _value(text: str, type_: str):
    """What a cell holds; a text that is not what its cell says stays a text."""
    try:
        if type_ == "Number":
            return float(text)
        if type_ == "DateTime":
            return datetime.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text
    return text in ("1", "True") if type_ == "Boolean" else text
