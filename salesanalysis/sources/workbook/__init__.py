"""Workbooks into the session: the sheet found, its header understood, what is odd in it said."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.sources import wide
from salesanalysis.sources.content import MARKUP
from salesanalysis.sources.encoding import scan
from salesanalysis.sources.faults import Fault, Place
from salesanalysis.sources.locating import Located
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import plain
from salesanalysis.sources.raw import Raw, stream
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, new_name
from salesanalysis.sources.workbook.choice import chosen
from salesanalysis.sources.workbook.layout import Layout, lay_out
from salesanalysis.sources.workbook.sheet import (
    Cell,
    Sheet,
    address,
    addresses,
    is_filled,
    letters,
)

_BATCH = 5_000
#: Kinds of columns of which one merged cell may be the sum of its rows as well as that of each.
_COUNTED = ("amount", "number", "count")


def load(located: Located, ask: Request) -> Raw:
    """One sheet of the workbook."""
    (path,), printable = located.paths, located.shown
    book = _open(path, ask, located.kind)
    sheet = chosen(book, printable, ask)
    layout = lay_out(sheet)
    kept, unread = wide.kept_columns(layout.headers, ask)
    columns = [list(layout.names)[i] for i in kept]
    headers = tuple(layout.headers[i] for i in kept)
    found = match(headers, ask)
    said = _columns_said(sheet, layout, columns, found, ask)
    cells = _Cells(layout.rows[layout.header.stop :], columns)
    table = _stored(cells, layout.header.stop + 1)
    view, named = new_name("raw"), ", ".join(f"c{i}" for i in range(len(headers)))
    value = f"coalesce({', '.join(f'CAST(c{i} AS VARCHAR)' for i in range(len(headers)))})"
    bands = ", ".join(str(row + 1) for row in layout.bands) or "NULL"
    execute(
        f"CREATE VIEW {view} AS SELECT __row, {named},"
        f" CASE WHEN __row IN ({bands}) THEN 'merged_across' END AS __fault FROM {table}"
        f" WHERE {value} IS NOT NULL"
    )
    encodings = getattr(book, "encodings", [])
    return Raw(
        relation=view,
        headers=headers,
        types=tuple("DOUBLE" if i in cells.numeric else "VARCHAR" for i in range(len(headers))),
        printable=f"{printable} [{sheet.name}]" if len(book.names) > 1 else printable,
        fingerprint=scan(path).fingerprint,
        files=(printable,),
        notes=(
            *(Fault("not_utf8", values={"encoding": name.upper()}) for name in set(encodings)),
            *sheet.notes,
            *_notes(sheet, layout, headers),
            *said,
            *unread,
        ),
        titles=layout.titles,
        empty_rows=f"SELECT __row FROM {table} WHERE {value} IS NULL",
        is_workbook=True,
        first_day=sheet.first_day,
        with_numbers=frozenset(cells.with_numbers),
        scratch=(table,),
    )


def _open(path: Path, ask: Request, kind: str):
    """The workbook, or what is read as one."""
    if kind == "xml_spreadsheet":
        from salesanalysis.sources.workbook.xml2003 import XmlBook

        return XmlBook(path, ask.encoding)
    if kind in MARKUP:
        from salesanalysis.sources.workbook.markup import Page

        return Page(path, kind, ask.encoding)
    from salesanalysis.sources.workbook.excel import Excel

    return Excel(path, kind)


def _notes(sheet: Sheet, layout: Layout, headers: tuple[str, ...]) -> list[Fault]:
    """What there is to say of a sheet as a whole."""
    notes = []
    if layout.titles:
        notes.append(Fault("title_rows_skipped", count=len(layout.titles)))
    if len(layout.header) > 1:
        listed = ", ".join(f"`{name}`" for name in headers[:12])
        values = {"first": layout.header.start + 1, "last": layout.header.stop}
        notes.append(Fault("header_rows", "", len(layout.header), listed, values))
    hidden = [
        row
        for row in sorted(sheet.hidden_rows)
        if layout.header.stop <= row < len(layout.rows) and is_filled(layout.rows[row])
    ]
    if hidden:
        notes.append(Fault("hidden_rows", count=len(hidden), values={"line": Place(hidden[0] + 1)}))
    names = [f"`{layout.names[i]}`" for i in sorted(sheet.hidden_columns) if i in layout.names]
    if names:
        notes.append(Fault("hidden_columns", count=len(names), example=", ".join(names[:8])))
    strays = sorted({*sheet.strays, *layout.strays})
    if strays:
        notes.append(Fault("stray_cells", count=len(strays), example=addresses(strays)))
    return notes


def _columns_said(sheet: Sheet, layout: Layout, columns, found, ask) -> list[Fault]:
    """What there is to say of single columns: merged areas, errors, formulas without a value."""
    ours = {columns[at]: name for name, at in found.positions.items()}
    ours |= {columns[at]: "outcome" for at in found.flags.values()}
    faults = []
    for (column, count), areas in _merged(layout).items():
        name = ours.get(column, layout.names.get(column, letters(column)))
        numbers = column in ours and ask.table[ours[column]].kind in _COUNTED
        values = {"line": Place(areas[0][0][0] + 1)}
        example = f"{address(areas[0][0])}:{address(areas[0][1])}"
        rule = "merged_numbers" if numbers else "merged_cells"
        faults.append(Fault(rule, name, count, example, values))
    for column, cells in _by_column(sheet.errors, layout).items():
        name = ours.get(column, layout.names[column])
        said = ", ".join(f"{address(cell)} {sheet.errors[cell]}" for cell in cells[:5])
        faults.append(Fault("error_cells", name, len(cells), said))
        if column not in ours:
            _blank(layout, cells)
    for column, cells in _by_column(sheet.uncalculated, layout).items():
        faults += _uncalculated(layout, column, cells, ours, found, ask)
    return faults


def _uncalculated(layout: Layout, column: int, cells: list[Cell], ours, found, ask) -> list[Fault]:
    """Formulas without a value: of a column that is needed they leave no figure to be trusted.

    Where only some numbers of a column are such, as the sums below it, their rows are set aside.
    """
    theirs = layout.names[column]
    kept = [plain(name) for name in ask.keep]
    name = ours.get(column, theirs)
    if column not in ours and plain(theirs) not in kept:
        _blank(layout, cells)
        return [Fault("formulas_without_values", name, len(cells), addresses(cells))]
    filled = sum(
        column < len(row) and row[column] != "" for row in layout.rows[layout.header.stop :]
    )
    is_text = column not in ours or ask.table[ours[column]].kind in ("id", "text", "flag")
    if not is_text and len(cells) < filled / 2:
        return []
    values = {"line": Place(cells[0][0] + 1)}
    return [Fault("uncalculated_formulas", name, len(cells), addresses(cells), values)]


def _blank(layout: Layout, cells: list[Cell]) -> None:
    """Empty cells of a column that the table does not need: no text may stand for their value."""
    for row, column in cells:
        layout.rows[row][column] = ""


def _merged(layout: Layout) -> dict[tuple[int, int], list]:
    """Column and number of rows that got a value from a merged area → the areas."""
    areas, counts = defaultdict(list), defaultdict(int)
    for area, count in layout.filled_down:
        areas[area[0][1]].append(area)
        counts[area[0][1]] += count
    return {(column, counts[column]): listed for column, listed in areas.items()}


def _by_column(cells, layout: Layout) -> dict[int, list[Cell]]:
    """Cells under the header, by their column."""
    found = defaultdict(list)
    for row, column in sorted(cells):
        if layout.header.stop <= row < len(layout.rows) and column in layout.names:
            found[column].append((row, column))
    return found


class _Cells:
    """The columns of a table by what their cells hold; positions are those of the columns kept."""

    def __init__(self, rows: list[list], columns: list[int]):
        self.rows, self.columns = rows, columns
        numbers, others = set(), set()
        for row in rows:
            width = len(row)
            for i, column in enumerate(columns):
                cell = row[column] if column < width else ""
                if cell == "":
                    continue
                is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
                (numbers if is_number else others).add(i)
        self.numeric, self.with_numbers = numbers - others, numbers & others

    def column(self, i: int, rows: list[list]) -> list:
        """The cells of one column in some of the rows, as they are stored."""
        at, value = self.columns[i], float if i in self.numeric else _as_text
        return [None if at >= len(row) or row[at] == "" else value(row[at]) for row in rows]


def _stored(cells: _Cells, first: int) -> str:
    """A new table of the rows, with their row numbers of the sheet."""
    import pyarrow as pa

    types = [pa.float64() if i in cells.numeric else pa.string() for i in range(len(cells.columns))]
    schema = pa.schema(
        [("__row", pa.int64()), *((f"c{i}", type_) for i, type_ in enumerate(types))]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(cells.rows), _BATCH):
            chunk = cells.rows[start : start + _BATCH]
            arrays = [pa.array(range(first + start, first + start + len(chunk)), pa.int64())]
            arrays += [pa.array(cells.column(i, chunk), type_) for i, type_ in enumerate(types)]
            yield pa.record_batch(arrays, schema=schema)

    return stream(batches(), schema)


def _as_text(cell) -> str:
    """A cell as the text that a CSV export would have, whatever the language of the program."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)
