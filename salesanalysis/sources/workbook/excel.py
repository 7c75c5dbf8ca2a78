"""Workbooks of spreadsheet programs: values by python-calamine, the rest from the package."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.sources.content import ENDINGS, damaged, whole
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.session import temporary_file
from salesanalysis.sources.workbook import binary, opendocument
from salesanalysis.sources.workbook.package import Package
from salesanalysis.sources.workbook.sheet import Sheet, require_dense


class Excel:
    """An .xlsx, .xlsb, .xls or .ods."""

    def __init__(self, path: Path, kind: str):
        import python_calamine as calamine

        if path.suffix.lower() not in ENDINGS[kind]:
            # The reader goes by the ending.
            named = temporary_file(ENDINGS[kind][0])
            shutil.copyfile(path, named)
            path = named
        self._path, self._kind = path, kind
        # The reader makes all sheets of this kind when it opens the file.
        self._tables = opendocument.tables(path) if kind == "ods" else {}
        for table in self._tables.values():
            require_dense(table.rows, table.columns)
        with _reading(kind):
            self._book = calamine.CalamineWorkbook.from_path(str(path))
            known = self._book.sheets_metadata
        tables = [sheet for sheet in known if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        self.names = [sheet.name for sheet in tables]
        self.hidden = {
            sheet.name for sheet in tables if sheet.visible != calamine.SheetVisibleEnum.Visible
        }
        self._package = Package(path) if kind == "xlsx" else None

    def sheet(self, name: str) -> Sheet:
        """A sheet with all that its package says of it."""
        if name in self._tables:
            return self._open_sheet(name, self._tables[name])
        facts = self._package and self._package.facts(name)
        if facts is None:
            if self._kind == "xlsb":
                binary.require_near(self._path)
            ending = ENDINGS[self._kind][0]
            sheet = self._values(self._book, name)
            sheet.notes.append(Fault("not_seen_through", example=ending))
            return sheet
        path, strays = self._package.without_strays(name, facts)
        return self._values(
            self._book if path == self._path else None,
            name,
            path=path,
            strays=strays,
            errors=_near(facts.errors, strays),
            uncalculated=_near(self._package.uncalculated(facts), strays),
            hidden_rows=facts.hidden_rows,
            hidden_columns=facts.hidden_columns,
            first_day=self._package.first_day,
        )

    def _open_sheet(self, name: str, table: opendocument.Table) -> Sheet:
        return self._values(
            self._book,
            name,
            errors=table.errors,
            uncalculated=table.uncalculated,
            merged=table.merged,
            hidden_rows=table.hidden_rows,
            hidden_columns=table.hidden_columns,
        )

    def _values(self, book, name: str, path: Path | None = None, **known) -> Sheet:
        import python_calamine as calamine

        with _reading(self._kind):
            book = book or calamine.CalamineWorkbook.from_path(str(path))
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            areas = sheet.merged_cell_ranges or []
        return Sheet(name, rows, **{"merged": areas, **known})


def _near(cells, strays: list):
    """Cells, as a set or with values, without those far out."""
    far = set(strays)
    if isinstance(cells, dict):
        return {cell: said for cell, said in cells.items() if cell not in far}
    return cells - far


@contextlib.contextmanager
def _reading(kind: str) -> Iterator[None]:
    """Turn what the reader raises on a damaged file into the fault that it is."""
    import python_calamine as calamine

    try:
        with whole(kind):
            yield
    except calamine.PasswordError as error:
        raise FatalFaults(Fault("password_protected")) from error
    except calamine.CalamineError as error:
        raise damaged(kind) from error
    except BaseException as error:
        # A panic of the compiled reader, which is no Exception; nothing else is held up.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(kind) from error
