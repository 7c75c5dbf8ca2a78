"""A sheet as every kind of workbook gives it: its cells, and what its program knows beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from salesanalysis.sources.faults import FatalFaults, Fault

#: A cell by row and column, both counted from 0; an area by its first and its last cell.
Cell = tuple[int, int]
Area = tuple[Cell, Cell]

#: What stands in the place of a formula without a stored value: it is no empty cell.
UNCALCULATED = "=…"

#: Behind so many empty rows or columns lies what has got there by a slip of the hand.
ROW_GAP, COLUMN_GAP = 1_000, 100
#: A reader makes every cell between the first and the last: so many it may, if most are empty.
_MOST_CELLS, _MOST_EMPTY = 30_000_000, 8
#: How many cells are listed.
_LISTED = 5


@dataclass
class Sheet:
    """The rows of a sheet from its very first, so that positions are row numbers less one."""

    name: str
    rows: list[list]
    merged: list[Area] = field(default_factory=list)
    errors: dict[Cell, str] = field(default_factory=dict)
    uncalculated: set[Cell] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    strays: list[Cell] = field(default_factory=list)  # cells far out that were not read
    first_day: str = "1899-12-30"
    notes: list[Fault] = field(default_factory=list)

    def __post_init__(self):
        for cell, said in self.errors.items():
            self.put(cell, said)
        for cell in self.uncalculated:
            self.put(cell, UNCALCULATED)

    def put(self, cell: Cell, value) -> None:
        """Put a value into a cell, which may lie beyond all that there are."""
        row, column = cell
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = value

    def mark_uncalculated(self, cell: Cell) -> None:
        """Note a formula that has no value."""
        self.uncalculated.add(cell)
        self.put(cell, UNCALCULATED)


class Book(Protocol):
    """A workbook, or what is read as one."""

    names: list[str]
    hidden: set[str]

    def sheet(self, name: str) -> Sheet:
        """One of its sheets."""


def is_filled(row: list) -> bool:
    """Whether any cell of a row holds anything.

    Examples
    --------
    >>> is_filled(["", " ", 0]), is_filled(["", ""])
    (True, False)
    """
    return any(cell != "" for cell in row)


def begins_astray(counts: Sequence[tuple[int, int]], gap: int) -> int | None:
    """Where the cells begin that lie astray, or None.

    They lie behind so many empty rows, and none of their rows is more than half as full as the
    fullest before them; the same for columns.

    Parameters
    ----------
    counts : sequence of (int, int)
        Position of each row (or column) that is not empty, in order, and how many cells it has.
    gap : int
        How many empty ones.

    Examples
    --------
    >>> begins_astray([(0, 3), (1, 3), (1_048_575, 1)], gap=1_000)
    1048575
    >>> begins_astray([(0, 3), (1, 3), (5_000, 3)], gap=1_000) is None
    True
    """
    most_after = [0] * (len(counts) + 1)
    for i in range(len(counts) - 1, -1, -1):
        most_after[i] = max(counts[i][1], most_after[i + 1])
    most = 0
    for i, (position, count) in enumerate(counts):
        behind = i > 0 and position - counts[i - 1][0] > gap
        if behind and most_after[i] <= max(1, most / 2):
            return position
        most = max(most, count)
    return None


def require_dense(rows: Mapping[int, int], columns: Mapping[int, int]) -> None:
    """Refuse a sheet whose cells are few and lie too far apart: a reader makes all between them.

    Parameters
    ----------
    rows, columns : mapping of int to int
        How many cells each row and each column has, by position.

    Raises
    ------
    FatalFaults
        The table would not fit into memory.
    """
    filled = sum(rows.values())
    made = (max(rows, default=0) + 1) * (max(columns, default=0) + 1)
    if made > _MOST_CELLS and made > _MOST_EMPTY * filled:
        far = max(rows), max(columns)
        raise FatalFaults(Fault("scattered_cells", count=filled, example=address(far)))


def letters(column: int) -> str:
    """The name of a column in a spreadsheet.

    Examples
    --------
    >>> letters(0), letters(26), letters(16_383)
    ('A', 'AA', 'XFD')
    """
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(cell: Cell) -> str:
    """The name of a cell in a spreadsheet.

    Examples
    --------
    >>> address((1_048_575, 2))
    'C1048576'
    """
    return f"{letters(cell[1])}{cell[0] + 1}"


def addresses(cells: Sequence[Cell]) -> str:
    """The first of some cells, by name.

    Examples
    --------
    >>> addresses([(0, 0), (1, 0)])
    'A1, A2'
    """
    return ", ".join(address(cell) for cell in cells[:_LISTED]) + (
        ", …" if len(cells) > _LISTED else ""
    )
