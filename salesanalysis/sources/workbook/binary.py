"""Sheets of an .xlsb: where their cells lie, before a reader makes all that lie between them."""

import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.sources.content import whole
from salesanalysis.sources.workbook.sheet import require_dense

#: Records: the start of a row, the extent of a sheet, and cells with a value.
_ROW, _EXTENT, _CELLS = 0, 148, range(2, 12)
#: A sheet that says it is no larger than this is not looked through.
_SMALL = 1_000_000


def require_near(path: Path) -> None:
    """Refuse a workbook one of whose sheets has cells too far apart for memory.

    Raises
    ------
    FatalFaults
        The cells lie too far apart, or the workbook is damaged.
    """
    with whole("xlsb"), zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                require_dense(*_extent(archive.read(name)))


def _extent(sheet: bytes) -> tuple[Counter, Counter]:
    """How many cells with a value each row and each column has; nothing for a small sheet."""
    rows, columns, row = Counter(), Counter(), 0
    for kind, start in _records(sheet):
        if kind == _EXTENT:
            _, last_row, _, last_column = struct.unpack_from("<4I", sheet, start)
            if (last_row + 1) * (last_column + 1) <= _SMALL:
                return Counter(), Counter()
        elif kind == _ROW:
            (row,) = struct.unpack_from("<I", sheet, start)
        elif kind in _CELLS:
            rows[row] += 1
            columns[struct.unpack_from("<I", sheet, start)[0]] += 1
    return rows, columns


def _records(sheet: bytes) -> Iterator[tuple[int, int]]:
    """Kind of each record and where what it holds begins; both numbers are 7 bits to a byte."""
    at = 0
    while at < len(sheet):
        kind, at = _number(sheet, at, 2)
        size, at = _number(sheet, at, 4)
        yield kind, at
        at += size


def _number(sheet: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for i in range(most):
        byte = sheet[at] if at < len(sheet) else 0
        at += 1
        number |= (byte & 0x7F) << (7 * i)
        if not byte & 0x80:
            break
    return number, at
