"""The tables of a report as a workbook: typed cells, headings that stay, a sheet on the columns.

Numbers are numbers and dates are dates; a text that begins like a formula is written as a text,
so nothing is prefixed and nothing runs. The same report gives the same bytes.
"""

import datetime
import decimal
import math
import re

from salesanalysis import text
from salesanalysis.reports import tables
from salesanalysis.reports.blocks import Statement, Table, Title
from salesanalysis.reports.export import Material, room_of

#: What Excel can hold: rows of a sheet, characters of a cell, characters of a sheet's name.
MOST_ROWS, LONGEST_TEXT, LONGEST_NAME = 1_048_576, 32_767, 31

#: Whole numbers beyond this lose digits in Excel; they are written as text.
_EXACT = 2**53

#: A date nobody chose: the file must not say when it was made.
_CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 the format has no time zone

#: XML cannot hold these characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

#: Widths of columns, in letters; heights of a line and of the tallest row there can be, in points.
_CONTENTS_WIDTH, _WIDEST, _LINE, _TALLEST = 110, 60, 15, 409

#: How Excel shows a number of each kind, given its decimals.
_FORMATS = {
    "share": "0{}%",
    "amount": "#,##0{}",
    "count": "#,##0{}",
    "days": "#,##0{}",
    "number": "#,##0{}",
    "p": "0.0000",
    "date": "yyyy-mm-dd",
}
_DECIMALS = {"share": 1, "amount": 0, "count": 0, "days": 1, "number": 2}


def write(made: Material) -> None:
    """Write the workbook: contents, one sheet for each named table, the columns."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(str(made.file("xlsx")), options)
    book.set_properties({"created": _CREATED, "title": _clean(made.record["title"] or "")})
    styles = _Styles(book)
    contents, columns = (
        text.sentence(f"report.workbook.{key}", made.lang) for key in ("contents", "columns")
    )
    named = [block for block in made.blocks if isinstance(block, Table) and block.name]
    names = sheet_names([contents, *(table.name for table in named), columns])
    sheets = [book.add_worksheet(name) for name in names]
    for sheet in sheets:
        _print_on_one_page_across(sheet)
    _write_contents(sheets[0], made, dict(zip(names[1:-1], named, strict=True)), styles)
    for sheet, table in zip(sheets[1:-1], named, strict=True):
        _write_table(sheet, table, made.lang, styles)
    _write_columns(sheets[-1], named, made.lang, styles)
    book.close()


def sheet_names(wanted: list[str]) -> list[str]:
    """Names that Excel allows, each once: cut, without its forbidden characters, numbered.

    Examples
    --------
    >>> sheet_names(["a/b", "A?B", "history"])
    ['a b', 'A B 2', 'history 2']
    """
    taken, names = {"history"}, []  # Excel keeps that name for itself
    for name in wanted:
        plain = re.sub(r"[\[\]:*?/\\]", " ", _clean(name)).strip("' ") or "sheet"
        given, number = plain[:LONGEST_NAME], 1
        while given.casefold() in taken:
            number += 1
            tail = f" {number}"
            given = plain[: LONGEST_NAME - len(tail)] + tail
        taken.add(given.casefold())
        names.append(given)
    return names


def _height(said: str, width: int) -> float:
    """The height of a row with that text: not every reader of the format finds it by itself."""
    return min(_LINE * -(-room_of(said) // (width - 4)), _TALLEST)


def _print_on_one_page_across(sheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


class _Styles:
    """The cell styles of a workbook, each made once."""

    def __init__(self, book):
        self._book, self._made = book, {}

    def of(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]

    def of_kind(self, kind: str, decimals: int | None):
        if kind not in _FORMATS:
            return self.of(text_wrap=True)
        places = _DECIMALS.get(kind, 0) if decimals is None else decimals
        return self.of(num_format=_FORMATS[kind].format("." + "0" * places if places else ""))

    def head(self, *, number: bool = False):
        align = {"align": "right"} if number else {}
        return self.of(bold=True, bottom=1, text_wrap=True, **align)


def _clean(said: str) -> str:
    """A text without what XML cannot hold, and not longer than a cell."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", said)[:LONGEST_TEXT]


def _write_contents(sheet, made: Material, named: dict[str, Table], styles: _Styles) -> None:
    """Title, findings, caveats, the sheets, and what all was made from."""
    wrapped, strong = styles.of(text_wrap=True), styles.of(bold=True)
    link = styles.of(font_color="#1f5f8b", underline=1)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, _CONTENTS_WIDTH)
    title = next((b.said for b in made.blocks if isinstance(b, Title)), made.record["name"])
    sheet.write_string(0, 0, _clean(title), styles.of(bold=True, font_size=16))
    row = 2
    for kept, key in (("headlines", "deck.in_short"), ("warnings", "deck.caveats")):
        said = [b.said for b in made.blocks if isinstance(b, Statement) and b.kept == kept]
        if said:
            sheet.write_string(row, 0, text.sentence(f"report.{key}", made.lang), strong)
        for line in said:
            sheet.write_string(row, 1, _clean(line), wrapped)
            sheet.set_row(row, _height(line, _CONTENTS_WIDTH))
            row += 1
    row += 1
    for column, key in enumerate(("sheet", "table")):
        head = text.sentence(f"report.workbook.{key}", made.lang)
        sheet.write_string(row, column, head, styles.head())
    for name, table in named.items():
        row += 1
        quoted = name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{quoted}'!A1", link, string=name)
        said = _clean(table.caption or table.name)
        if len(table.frame) >= MOST_ROWS:
            more = {"shown": MOST_ROWS - 1, "rows": len(table.frame)}
            where = f"tables/{table.name}.csv"
            said += " " + text.sentence("report.table.more_in_file", made.lang, **more, file=where)
        sheet.write_string(row, 1, said, wrapped)
    row += 2
    sheet.write_string(row, 0, text.sentence("report.provenance.title", made.lang), strong)
    for line in _origin(made):
        row += 1
        sheet.write_string(row, 1, _clean(line), wrapped)


def _origin(made: Material) -> list[str]:
    """What the workbook was made from, a line each."""
    record = made.record
    lines = [f"{source['source']}: {source['fingerprint']}" for source in record["sources"]]
    if record["commit"]:
        commit = record["commit"]["id"]
        lines.append(text.sentence("report.provenance.commit", made.lang, commit=commit))
    lines += [f"{name} = {value}" for name, value in record["parameters"].items()]
    return lines + [f"{name} {version}" for name, version in record["versions"].items()]


def _write_table(sheet, table: Table, lang: str, styles: _Styles) -> None:
    """A whole table under headings that stay in sight, with a filter on each column."""
    frame = table.frame.head(MOST_ROWS - 1)
    numeric, heights = tables.numeric_columns(frame), {}
    for at, column in enumerate(frame.columns):
        kind, decimals = tables.kind_of(frame, column)
        style = styles.of_kind(kind, decimals)
        heading = tables.heading_of(frame, column, table.part, lang)
        sheet.write_string(0, at, _clean(heading), styles.head(number=numeric[at]))
        widest = room_of(heading)
        for row, value in enumerate(frame[column], start=1):
            shown = _cell(value, column, kind, table.part, lang)
            if isinstance(shown, str):
                sheet.write_string(row, at, shown, style)
                widest = max(widest, room_of(shown)) if row <= 200 else widest
                if 2 * len(shown) > _WIDEST:  # else it has room, in whatever letters
                    heights[row] = max(heights.get(row, 0), _height(shown, _WIDEST))
            elif isinstance(shown, bool):
                sheet.write_boolean(row, at, shown, style)
            elif isinstance(shown, datetime.date):
                sheet.write_datetime(row, at, shown, style)
            elif shown is not None:
                sheet.write_number(row, at, shown, style)
        sheet.set_column(at, at, min(max(widest + 2, 11), _WIDEST))
    for row, height in heights.items():
        sheet.set_row(row, height)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)


def _cell(value, column: str, kind: str, part: str | tuple[str, ...], lang: str):
    """A value as the workbook holds it: number, truth value, date, text, or nothing."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, datetime.date):
        moment = pd.Timestamp(value).tz_localize(None).to_pydatetime(warn=False)
        # Excel's calendar begins in 1900; an older day is a text.
        return moment if moment.year >= 1900 else value.isoformat()
    if isinstance(value, decimal.Decimal | int | np.integer):
        return float(value) if abs(value) <= _EXACT else str(value)
    if isinstance(value, float | np.floating):
        return (
            float(value) if math.isfinite(value) else text.format_value(value, "number", lang=lang)
        )
    return _clean(tables.cell_words(value, column, kind, part, lang))


def _write_columns(sheet, named: list[Table], lang: str, styles: _Styles) -> None:
    """Every column of the workbook: its heading, its name in the CSV files, its unit."""
    for at, key in enumerate(("heading", "name", "unit")):
        head = text.sentence(f"report.workbook.{key}", lang)
        sheet.write_string(0, at, head, styles.head())
    known = {}
    for table in named:
        for column in table.frame.columns:
            heading = tables.heading_of(table.frame, column, table.part, lang)
            known.setdefault((heading, column), tables.kind_of(table.frame, column)[0])
    for row, ((heading, column), kind) in enumerate(known.items(), start=1):
        unit = text.sentence(f"report.unit.{kind}", lang)
        for at, said in enumerate((heading, column, unit)):
            sheet.write_string(row, at, _clean(said))
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, 2, 44)
    sheet.freeze_panes(1, 0)
