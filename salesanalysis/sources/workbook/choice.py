"""Which sheet of a workbook is meant."""

from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.header import SEARCHED_ROWS, unnamed
from salesanalysis.sources.matching import match, missing_columns
from salesanalysis.sources.request import Request
from salesanalysis.sources.workbook.layout import header_names
from salesanalysis.sources.workbook.sheet import Book, Sheet, is_filled


def chosen(book: Book, printable: str, ask: Request) -> Sheet:
    """The sheet that is named, or the only one that can be meant.

    Raises
    ------
    FatalFaults
        No sheet holds anything, or nobody can tell which is meant.
    """
    if ask.sheet is not None:
        return _named(book, printable, ask.sheet)
    visible = [name for name in book.names if name not in book.hidden]
    filled = _filled(book, visible)
    hidden = list(_filled(book, [name for name in book.names if name in book.hidden]).values())
    if not filled:
        if hidden:
            listed = ", ".join(f"`{sheet.name}`" for sheet in hidden)
            raise FatalFaults(Fault("hidden_sheets_only", count=len(hidden), example=listed))
        raise FatalFaults(Fault("empty_file"))
    sheet = _only(filled, ask)
    fitting = [f"`{other.name}`" for other in hidden if _fits(other, ask)]
    if fitting:
        fault = Fault("hidden_sheets_not_read", count=len(fitting), example=", ".join(fitting))
        sheet.notes.append(fault)
    return sheet


def _filled(book: Book, names: list[str]) -> dict[str, Sheet]:
    sheets = {name: book.sheet(name) for name in names}
    return {name: s for name, s in sheets.items() if any(is_filled(row) for row in s.rows)}


def _only(filled: dict[str, Sheet], ask: Request) -> Sheet:
    """The one of the sheets that can be the table."""
    if len(filled) == 1:
        return next(iter(filled.values()))
    fitting = [name for name, sheet in filled.items() if _fits(sheet, ask)]
    if len(fitting) > 1:
        # A deal list names accounts too, but many times each: it is no list of accounts.
        lists = [name for name in fitting if _keys_differ(filled[name], ask)]
        fitting = lists if len(lists) == 1 else fitting
    if len(fitting) == 1:
        sheet = filled[fitting[0]]
        sheet.notes.append(Fault("sheet_chosen", example=sheet.name))
        return sheet
    listed = ", ".join(f"`{name}`" for name in fitting or filled)
    raise FatalFaults(Fault("several_sheets", count=len(fitting or filled), example=listed))


def _named(book: Book, printable: str, sheet) -> Sheet:
    names = book.names
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
    found = book.sheet(sheet)
    if not any(is_filled(row) for row in found.rows):
        raise FatalFaults(Fault("empty_file"))
    if sheet in book.hidden:
        found.notes.append(Fault("hidden_sheet_read", example=sheet))
    return found


def _header(sheet: Sheet) -> tuple[int, tuple[str, ...]]:
    """Where the rows under the header begin, and the names in it."""
    header, names = header_names(sheet.rows[:SEARCHED_ROWS], sheet.merged)
    return header.stop, unnamed([names.get(i, "") for i in range(max(names, default=-1) + 1)])


def _fits(sheet: Sheet, ask: Request) -> bool:
    """Whether the header of a sheet has the columns that the table needs."""
    _, header = _header(sheet)
    found = match(header, ask)
    given = {fault.rule for fault in found.faults}
    return not missing_columns(header, found, ask) and "column_not_found" not in given


def _keys_differ(sheet: Sheet, ask: Request) -> bool:
    """Whether no two rows of a sheet have the same key."""
    start, header = _header(sheet)
    positions = match(header, ask).positions
    key = [positions[name] for name in ask.table.key if name in positions]
    keys = [
        tuple(row[i] if i < len(row) else "" for i in key)
        for row in sheet.rows[start:]
        if is_filled(row)
    ]
    return len(set(keys)) == len(keys)
