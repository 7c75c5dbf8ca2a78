"""Excel workbooks into the session: the sheet found, titles above the header skipped."""

import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.sources import mapping
from salesanalysis.sources.encoding import scan
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.header import SEARCHED_ROWS, find_header, titles, unnamed
from salesanalysis.sources.raw import Raw, stream
from salesanalysis.sources.session import execute, new_name

_BATCH = 5_000


def load(path: Path, printable: str, ask: mapping.Request) -> Raw:
    """One sheet of the workbook."""
    import python_calamine as calamine

    if path.stat().st_size == 0:
        raise FatalFaults(Fault("empty_file"))
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        name, rows, chosen = _sheet(book, printable, ask)
    except calamine.PasswordError as error:
        raise FatalFaults(Fault("password_protected")) from error
    except calamine.CalamineError as error:
        raise FatalFaults(Fault("unreadable_file", example=str(error)[:200])) from error
    at = find_header(rows)
    header = unnamed(rows[at])
    above = titles(rows[:at])
    notes = [Fault("sheet_chosen", example=name)] if chosen else []
    notes += [Fault("title_rows_skipped", count=len(above))] if above else []
    body = rows[at + 1 :]
    numeric, with_numbers = _number_columns(body, len(header))
    table = _stored(body, len(header), at + 2, numeric)
    view, cells = new_name("raw"), ", ".join(f"c{i}" for i in range(len(header)))
    value = f"coalesce({', '.join(f'CAST(c{i} AS VARCHAR)' for i in range(len(header)))})"
    execute(
        f"CREATE VIEW {view} AS SELECT __row, NULL::VARCHAR AS __fault, {cells} FROM {table}"
        f" WHERE {value} IS NOT NULL"
    )
    return Raw(
        relation=view,
        headers=header,
        types=tuple("DOUBLE" if i in numeric else "VARCHAR" for i in range(len(header))),
        printable=f"{printable} [{name}]" if len(book.sheet_names) > 1 else printable,
        fingerprint=scan(path).fingerprint,
        files=(printable,),
        notes=tuple(notes),
        titles=above,
        empty_rows=f"SELECT __row FROM {table} WHERE {value} IS NULL",
        is_workbook=True,
        with_numbers=frozenset(with_numbers),
        scratch=(table,),
    )


def _sheet(book, printable: str, ask: mapping.Request) -> tuple[str, list[list], bool]:
    """Name and rows of the sheet that is meant, and whether we had to choose it."""
    import python_calamine as calamine

    names = book.sheet_names
    if ask.sheet is not None:
        return *_named_sheet(book, printable, ask.sheet), False
    visible = {
        s.name for s in book.sheets_metadata if s.visible == calamine.SheetVisibleEnum.Visible
    }
    sheets = {name: _rows(book, name) for name in names if name in visible}
    filled = {name: rows for name, rows in sheets.items() if any(_is_filled(row) for row in rows)}
    if not filled:
        raise FatalFaults(Fault("empty_file"))
    if len(filled) == 1:
        return *next(iter(filled.items())), False
    fitting = [name for name, rows in filled.items() if _fits(rows, ask)]
    if len(fitting) > 1:
        # A deal list names accounts too, but many times each: it is no list of accounts.
        lists = [name for name in fitting if _keys_differ(filled[name], ask)]
        fitting = lists if len(lists) == 1 else fitting
    if len(fitting) == 1:
        return fitting[0], filled[fitting[0]], True
    listed = ", ".join(f"`{name}`" for name in fitting or filled)
    raise FatalFaults(Fault("several_sheets", count=len(fitting or filled), example=listed))


def _named_sheet(book, printable: str, sheet) -> tuple[str, list[list]]:
    names = book.sheet_names
    if isinstance(sheet, int) and not isinstance(sheet, bool):
        if not 0 <= sheet < len(names):
            raise SalesAnalysisError(
                f"`sheet` is {sheet}; `{printable}` has the sheets 0 to {len(names) - 1}:"
                f" {', '.join(names)}."
            )
        sheet = names[sheet]
    if sheet not in names:
        raise SalesAnalysisError(
            f"`sheet` is {sheet!r}, which `{printable}` does not have.{did_you_mean(sheet, names)}"
            f" Its sheets: {', '.join(names)}."
        )
    rows = _rows(book, sheet)
    if not any(_is_filled(row) for row in rows):
        raise FatalFaults(Fault("empty_file"))
    return sheet, rows


def _rows(book, name: str) -> list[list]:
    """The rows of a sheet from its very first, so that positions are row numbers."""
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _is_filled(row: list) -> bool:
    return any(cell != "" for cell in row)


def _fits(rows: list[list], ask: mapping.Request) -> bool:
    """Whether the header of a sheet has the columns that the table needs."""
    header = unnamed(rows[find_header(rows[:SEARCHED_ROWS])])
    found = mapping.match(header, ask)
    given = {fault.rule for fault in found.faults}
    return not mapping.missing(header, found, ask) and "column_not_found" not in given


def _keys_differ(rows: list[list], ask: mapping.Request) -> bool:
    """Whether no two rows of a sheet have the same key."""
    at = find_header(rows)
    positions = mapping.match(unnamed(rows[at]), ask).positions
    key = [positions[name] for name in ask.table.key if name in positions]
    keys = [tuple(row[i] for i in key) for row in rows[at + 1 :] if _is_filled(row)]
    return len(set(keys)) == len(keys)


def _number_columns(rows: list[list], width: int) -> tuple[set[int], set[int]]:
    """Columns of numbers only, and columns with some numbers among texts."""
    numbers, others = set(), set()
    for row in rows:
        for i, cell in enumerate(row):
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                numbers.add(i)
            elif cell != "":
                others.add(i)
    return numbers - others, numbers & others


def _stored(rows: list[list], width: int, first: int, numeric: set[int]) -> str:
    """A new table of the rows, with their row numbers of the sheet."""
    import pyarrow as pa

    types = [pa.float64() if i in numeric else pa.string() for i in range(width)]
    schema = pa.schema(
        [("__row", pa.int64()), *((f"c{i}", type_) for i, type_ in enumerate(types))]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        numbered = enumerate(rows, start=first)
        while chunk := list(itertools.islice(numbered, _BATCH)):
            arrays = [pa.array([number for number, _ in chunk], pa.int64())]
            for i, type_ in enumerate(types):
                as_value = float if i in numeric else _as_text
                cells = [None if row[i] == "" else as_value(row[i]) for _, row in chunk]
                arrays.append(pa.array(cells, type_))
            yield pa.record_batch(arrays, schema=schema)

    return stream(batches(), schema)


def _as_text(cell) -> str:
    """A cell as the text that a CSV export would have, whatever the language of the program."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)
