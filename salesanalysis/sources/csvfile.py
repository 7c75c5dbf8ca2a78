"""CSV, TSV and TXT into the session: delimiter found, every line accounted for.

Two ways in. The fast one is DuckDB's reader on the file as it is. DuckDB miscounts lines after
blank lines and line breaks inside cells, and stops at a ragged row; so where lines matter or it
stops, the careful one reads the file with Python's csv module and keeps each record's line.
"""

import csv
import functools
import itertools
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.sources import encoding as encodings
from salesanalysis.sources import wide
from salesanalysis.sources.faults import FatalFaults, Fault, Place
from salesanalysis.sources.header import SEARCHED_ROWS, find_header, titles, unnamed
from salesanalysis.sources.matching import match, missing_columns
from salesanalysis.sources.raw import Raw, stream
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, literal, new_name, temporary_file

DELIMITERS = (",", ";", "\t", "|")
#: The longest line that DuckDB's reader takes, in bytes.
_LONGEST_LINE = 4_000_000
_BATCH = 5_000  # records for each Arrow batch of the careful path


def load(path: Path, printable: str, ask: Request, *, exact: bool = False) -> Raw:
    """The file at ``path``; with ``exact`` line numbers, or a way to reload it with them."""
    if path.stat().st_size == 0:
        raise FatalFaults(Fault("empty_file"))
    scan = encodings.scan(path)
    readable, encoding, text, notes = path, scan.encoding, scan, []
    if not encoding.startswith("utf-8"):
        encoding = encoding or ask.encoding or encodings.chinese_encoding(path)
        notes.append(Fault("not_utf8", values={"encoding": encoding.upper()}))
        readable = temporary_file(".csv")
        encodings.transcode(path, encoding, readable)
        encoding, text = "utf-8", encodings.scan(readable)
    delimiter, header, above, header_end = _layout(readable, encoding)
    if len(header) == 1 and not _fits_alone(header[0], ask):
        raise FatalFaults(Fault("wrong_delimiter", example=header[0][:80]))
    if above:
        notes.append(Fault("title_rows_skipped", count=len(above)))
    width, names = len(header), unnamed(header)
    kept, unread = wide.kept_columns(names, ask)
    notes += unread

    def raw(table: str, row: str = "__row", fault: str = "__fault", reload=None) -> Raw:
        # A row without any value, such as `,,,` at the end of an exported sheet, is no row.
        view, cells = new_name("raw"), ", ".join(f"c{i}" for i in range(len(kept)))
        execute(
            f"CREATE VIEW {view} AS SELECT {row} AS __row, {fault} AS __fault, {cells}"
            f" FROM {table} WHERE {fault} IS NOT NULL OR coalesce({cells}) IS NOT NULL"
        )
        return Raw(
            relation=view,
            headers=tuple(names[i] for i in kept),
            types=("VARCHAR",) * len(kept),
            printable=printable,
            fingerprint=scan.fingerprint,
            files=(printable,),
            notes=tuple(notes),
            titles=above,
            empty_rows=f"SELECT {row} AS __row FROM {table} WHERE {fault} IS NULL"
            f" AND coalesce({cells}) IS NULL",
            decimal_comma_likely=delimiter == ";",
            reload=reload,
            scratch=(table,),
        )

    regular = not (exact or above or width == 1 or scan.lone_returns or text.marks > 1)
    table = _load_fast(readable, delimiter, width, kept) if regular else None
    if table is None:
        return raw(_load_carefully(readable, encoding, delimiter, width, kept, header_end))
    # A blank line, or a line break in a cell, is a line without a row of its own; nothing is a row
    # without a line. So where the counts agree each row is on the line after the one before it.
    known = execute(f"SELECT count(*) FROM {table}")[0][0] + header_end == text.lines
    again = functools.partial(load, path, printable, ask, exact=True)
    return raw(table, f"rowid + {header_end + 1}", "NULL::VARCHAR", None if known else again)


def _fits_alone(name: str, ask: Request) -> bool:
    """Whether a file whose only column has that name can be the table.

    If not, a file of one column has another delimiter than those known.
    """
    found = match((name,), ask)
    return not missing_columns((name,), found, ask) and not found.faults


def _reader(file, delimiter: str):
    # DuckDB skips blanks before an opening quote too.
    return csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)


def _layout(path: Path, encoding: str) -> tuple[str, list[str], tuple[str, ...], int]:
    """Delimiter, header, the rows above it, and the line on which the header ends."""
    with path.open(encoding=encoding, newline="") as file:
        sample = [line.lstrip("\ufeff") for line in itertools.islice(file, SEARCHED_ROWS + 200)]
    best = None
    for delimiter in DELIMITERS:
        reader = _reader(sample, delimiter)
        rows, ends = [], []
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
        except csv.Error:
            pass  # the sample may end inside a cell; a fault of the file shows when it is loaded
        if not any(any(cell.strip() for cell in row) for row in rows):
            continue
        at = find_header(rows)
        width = len(rows[at])
        body = [row for row in rows[at + 1 :] if row]
        agreeing = sum(len(row) == width for row in body) / len(body) if body else 0.0
        rank = (width > 1, agreeing, width)
        if best is None or rank > best[0]:
            best = (rank, (delimiter, rows[at], titles(rows[:at]), ends[at]))
    if best is None:
        raise FatalFaults(Fault("empty_file"))
    return best[1]


def _load_fast(path: Path, delimiter: str, width: int, kept: list[int]) -> str | None:
    """A new table by DuckDB's own reader; None where it finds the file not to be regular."""
    import duckdb

    table = new_name("csv")
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    shown = ", ".join(f"c{at} AS c{i}" for i, at in enumerate(kept))
    try:
        execute(
            f"CREATE TABLE {table} AS SELECT {shown} FROM read_csv({literal(str(path))},"
            f" auto_detect = false, all_varchar = true, header = true, columns = {{{columns}}},"
            f" delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = '',"
            f" strict_mode = true, null_padding = false, max_line_size = {_LONGEST_LINE})"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None
    return table


def _load_carefully(
    path: Path, encoding: str, delimiter: str, width: int, kept: list[int], header_end: int
) -> str:
    """A new table by Python's csv module: the line of each record, irregular ones marked."""
    import pyarrow as pa

    names = ["__row", "__fault", *(f"c{i}" for i in range(len(kept)))]
    schema = pa.schema([("__row", pa.int64()), *((name, pa.string()) for name in names[1:])])

    def batches() -> Iterator[pa.RecordBatch]:
        with path.open(encoding=encoding, newline="") as file:
            records = _records(file, delimiter, width, header_end)
            while chunk := list(itertools.islice(records, _BATCH)):
                columns = list(zip(*chunk, strict=True))
                columns = [*columns[:2], *(columns[2 + at] for at in kept)]
                arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
                yield pa.record_batch(arrays, schema=schema)

    return stream(batches(), schema)


def _records(file, delimiter: str, width: int, header_end: int) -> Iterator[list]:
    """``[line, fault, cell, …]`` of each record below the header."""
    last = [""]

    def remembered() -> Iterator[str]:
        for line in file:
            # Where files were put together, the mark of the second is within the text.
            last[0] = line.lstrip("\ufeff")
            yield last[0]

    for _ in range(header_end):
        next(file)
    reader = _reader(remembered(), delimiter)
    while True:
        start = header_end + reader.line_num + 1
        try:
            cells, fault = next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            line = header_end + reader.line_num
            if line > start or "unexpected end" in str(error):
                # The quote swallowed other records: how many rows there are cannot be known.
                raise FatalFaults(Fault("open_quote", values={"line": Place(start)})) from error
            fault = "too_long" if "field larger" in str(error) else "broken_quotes"
            cells = [last[0].rstrip("\r\n")] + [""] * (width - 1)
        if not cells:
            cells = [""] * width  # an empty line, which is no row
        if len(cells) == width + 1 and cells[-1] == "":
            cells.pop()  # a delimiter at the end of the line
        if len(cells) != width:
            fault = "wrong_field_count"
            cells = [*cells[: width - 1], delimiter.join(cells[width - 1 :])]
            cells += [""] * (width - len(cells))
        yield [start, fault, *(cell or None for cell in cells)]
