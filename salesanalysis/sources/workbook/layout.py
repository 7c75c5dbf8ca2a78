"""A sheet as a table: its header, of one row or of several, and the rows under it."""

from collections import Counter
from dataclasses import dataclass

from salesanalysis.sources.header import SEARCHED_ROWS, find_header, titles, unnamed, visible
from salesanalysis.sources.workbook.sheet import (
    COLUMN_GAP,
    ROW_GAP,
    Area,
    Cell,
    Sheet,
    begins_astray,
    is_filled,
)


@dataclass
class Layout:
    """Where the parts of a table lie; positions are those of the sheet, from 0."""

    names: dict[int, str]  # column → what its header says
    titles: tuple[str, ...]
    header: range  # the rows of the header
    rows: list[list]  # of the table, without those that lie astray
    strays: list[Cell]
    filled_down: list[tuple[Area, int]]  # merged areas whose value other rows got, and how many
    bands: list[int]  # rows of one cell merged across the table, which are no records

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of the columns in their order."""
        return tuple(self.names.values())


def header_names(rows: list[list], merged: list[Area]) -> tuple[range, dict[int, str]]:
    """The rows of the header, and the name of each column that has one.

    A header of several rows has cells that reach down into the next row, or groups, cells that
    reach across, with names under them. A column is called by the lowest of its cells; where that
    would give one name to several columns, the groups go before it.

    Examples
    --------
    >>> rows = [["ID", "2024", "", "2025", ""], ["", "Amount", "Won", "Amount", "Won"]]
    >>> header_names([*rows, ["A", 1, 2, 3, 4]], [((0, 0), (1, 0)), ((0, 1), (0, 2)), ((0, 3), (0, 4))])
    (range(0, 2), {0: 'ID', 1: '2024 Amount', 2: '2024 Won', 3: '2025 Amount', 4: '2025 Won'})
    """  # noqa: E501
    at = find_header(rows)
    areas = [area for area in merged if area[0][0] <= at + SEARCHED_ROWS]
    tall = [(top, bottom) for (top, _), (bottom, _) in areas if top <= at <= bottom < len(rows)]
    first, last = min([at, *(t for t, _ in tall)]), max([at, *(b for _, b in tall)])
    if last == at and _names_of_groups(rows, at, areas):
        last = at + 1
    if first == at and last == at:
        names = {i: visible(cell) for i, cell in enumerate(rows[at])}
        return range(at, at + 1), {i: name for i, name in names.items() if name}
    return range(first, last + 1), _joined(rows, first, last, areas)


def _names_of_groups(rows: list[list], at: int, areas: list[Area]) -> bool:
    """Whether the row under the header has names, all of them under cells that reach across."""
    groups = [
        range(left, right + 1)
        for (top, left), (bottom, right) in areas
        if top == bottom == at and right > left
    ]
    below = rows[at + 1] if at + 1 < len(rows) else []
    named = [i for i, cell in enumerate(below) if cell != ""]
    texts = all(isinstance(below[i], str) for i in named)
    return texts and len(named) > 1 and all(any(i in group for group in groups) for i in named)


def _joined(rows: list[list], first: int, last: int, areas: list[Area]) -> dict[int, str]:
    """The names of the columns from a header of several rows."""
    levels = []
    for row in range(first, last + 1):
        said = {i: visible(cell) for i, cell in enumerate(rows[row])}
        for (top, left), (bottom, right) in areas:
            if first <= top <= row <= bottom:
                text = visible(rows[top][left]) if left < len(rows[top]) else ""
                said |= dict.fromkeys(range(left, min(right, _width(rows)) + 1), text)
        levels.append(said)
    paths = {}
    for column in range(_width(rows[first : last + 1])):
        path = [level.get(column, "") for level in levels]
        paths[column] = list(dict.fromkeys(part for part in path if part))
    names = {column: path[-1] for column, path in paths.items() if path}
    often = Counter(names.values())
    return {c: " ".join(paths[c]) if often[name] > 1 else name for c, name in names.items()}


def _width(rows: list[list]) -> int:
    return max(map(len, rows), default=0)


def lay_out(sheet: Sheet) -> Layout:
    """The table of a sheet that has at least one filled cell."""
    header, names = header_names(sheet.rows, sheet.merged)
    rows, strays = _near(sheet.rows, header.stop)
    used = Counter()
    for row in rows[header.stop :]:
        used.update(i for i, cell in enumerate(row) if cell != "")
    columns, beside = _columns(names, used)
    strays += [
        (row, i)
        for row in range(header.start, len(rows))
        for i in beside
        if i < len(rows[row]) and rows[row][i] != ""
    ]
    areas = [a for a in sheet.merged if a[0][0] >= header.stop and a[1][0] > a[0][0]]
    own = {row for (top, _), (bottom, _) in areas for row in range(top, min(bottom + 1, len(rows)))}
    own = {row for row in own if is_filled(rows[row])}
    return Layout(
        names=dict(
            zip(columns, unnamed([names.get(i, "") for i in columns], columns), strict=True)
        ),
        titles=titles(rows[: header.start]),
        header=header,
        rows=rows,
        strays=sorted(strays),
        filled_down=[(area, n) for area in areas if (n := _fill_down(rows, area, own))],
        bands=_bands(rows, header.stop, sheet.merged, len(names)),
    )


def _near(rows: list[list], start: int) -> tuple[list[list], list[Cell]]:
    """The rows without those that lie astray below, and the cells of these."""
    counts = [
        (i, n) for i, row in enumerate(rows) if (n := sum(cell != "" for cell in row)) or i == start
    ]
    end = begins_astray(counts, ROW_GAP)
    if end is None:
        return rows, []
    cells = [(i, j) for i in range(end, len(rows)) for j, cell in enumerate(rows[i]) if cell != ""]
    last = max(i for i, _ in counts if i < end)
    return rows[: last + 1], cells


def _bands(rows: list[list], start: int, merged: list[Area], width: int) -> list[int]:
    """The rows under the header that hold nothing but one cell merged across the table."""
    return sorted(
        top
        for (top, left), (_, right) in merged
        if start <= top < len(rows)
        and right - left + 1 >= max(2, width / 2)
        and [i for i, cell in enumerate(rows[top]) if cell != ""] == [left]
    )


def _columns(names: dict[int, str], used: Counter) -> tuple[list[int], list[int]]:
    """The columns of the table, and those beside it: without a name, and an empty one between."""
    there = sorted({*names, *used})
    end = begins_astray([(i, used[i] + (i in names)) for i in there], COLUMN_GAP)
    near = {i for i in there if i in names and (end is None or i < end)}
    near |= set(range(min(near, default=0), max(near, default=-1))) & set(used)
    for step in (1, -1):
        edge = max(near, default=-1) if step > 0 else min(near, default=0)
        while edge + step in used:
            edge += step
            near.add(edge)
    return sorted(near), [i for i in there if i not in near]


def _fill_down(rows: list[list], area: Area, own: set[int]) -> int:
    """Give the value of a merged area to its rows with cells of their own; how many got it."""
    (top, column), (bottom, _) = area
    value = rows[top][column] if top < len(rows) and column < len(rows[top]) else ""
    if value == "":
        return 0
    count = 0
    for row in range(top + 1, min(bottom + 1, len(rows))):
        if row in own:
            cells = rows[row]
            cells += [""] * (column + 1 - len(cells))
            cells[column] = value
            count += 1
    return count
