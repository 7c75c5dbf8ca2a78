"""The contents, the tables and their columns."""

import datetime
import decimal
import math
from collections.abc import Iterable, Mapping

from salesanalysis import text
from salesanalysis.reports import tables
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.export import Material, room_of
from salesanalysis.reports.export.layout import Page, Section
from salesanalysis.reports.export.xlsx.look import Styles, clean, height

#: What Excel can hold: rows of a sheet.
MOST_ROWS = 1_048_576

#: Whole numbers beyond this lose digits in Excel; they are written as text.
_EXACT = 2**53

#: Widths of columns, in letters.
_CONTENTS_WIDTH, _WIDEST = 110, 44


def named_tables(page: Page) -> list[tuple[str, Table]]:
    """The tables with rows and a name, each under the subject of its section."""
    found = []
    for section in [*page.sections, *page.folded]:
        for table in _tables(section):
            heading = section.heading
            subject = (heading.note or heading.said) if heading else table.name
            if len(table.frame):
                found.append((subject if table.on_page else table.caption, table))
    return found


def _tables(section: Section) -> list[Table]:
    shown = (piece.shown for piece in section.pieces)
    return [block for block in shown if isinstance(block, Table) and block.name]


def write_contents(
    sheet, page: Page, told: Mapping[str, Table], made: Material, styles: Styles
) -> None:
    """Each section with what was found and its sheets, and what all was made from."""
    wrapped, strong = styles.of(text_wrap=True), styles.of(bold=True, text_wrap=True)
    link = styles.of(font_color="#1f5f8b", underline=1, text_wrap=True)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, _CONTENTS_WIDTH)
    names = {id(table): name for name, table in told.items()}
    row = 0

    def say(left: str, right: str, style) -> None:
        nonlocal row
        sheet.write_string(row, 0, clean(left), style)
        sheet.write_string(row, 1, clean(right), style)
        sheet.set_row(row, max(height(left, 34), height(right, _CONTENTS_WIDTH), 15))
        row += 1

    for section in [*page.sections, *page.folded]:
        if not section.shown("said") and not _tables(section):
            continue
        if heading := section.heading:
            row += 1
            say(heading.note or heading.said, heading.said if heading.note else "", strong)
        for block in section.shown("said"):
            say("", block.said, wrapped)
        for table in _tables(section):
            if not len(table.frame):
                if table.caption:
                    empty = text.sentence("report.table.empty", made.lang, caption=table.caption)
                    say("", empty, wrapped)
                continue
            name = names[id(table)]
            quoted = name.replace("'", "''")
            say("", _caption(table, made.lang), wrapped)
            sheet.write_url(row - 1, 0, f"internal:'{quoted}'!A1", link, string=name)
    row += 1
    say(text.sentence("report.provenance.title", made.lang), "", strong)
    for line in _origin(made):
        say("", line, wrapped)


def _caption(table: Table, lang: str) -> str:
    said = table.caption or table.name
    if len(table.frame) >= MOST_ROWS:
        more = {"shown": MOST_ROWS - 1, "rows": len(table.frame)}
        where = f"tables/{table.name}.csv"
        said += " " + text.sentence("report.table.more_in_file", lang, **more, file=where)
    return said


def _origin(made: Material) -> list[str]:
    """What the workbook was made from, a line each."""
    record = made.record
    lines = [f"{source['source']}: {source['fingerprint']}" for source in record["sources"]]
    if record["commit"]:
        commit = record["commit"]["id"]
        lines.append(text.sentence("report.provenance.commit", made.lang, commit=commit))
    lines += [f"{name} = {value}" for name, value in record["parameters"].items()]
    return lines + [f"{name} {version}" for name, version in record["versions"].items()]


def write_table(sheet, table: Table, lang: str, styles: Styles) -> None:
    """A whole table under headings that stay in sight, with a filter on each column."""
    shown_first = [name for name in table.frame.columns if name not in table.hide]
    frame = table.frame[[*shown_first, *table.hide]].head(MOST_ROWS - 1)
    numeric, heights = tables.numeric_columns(frame), {}
    for at, column in enumerate(frame.columns):
        kind, decimals = tables.kind_of(frame, column)
        # A text beside a number keeps away from it.
        away = {"indent": 1} if at and numeric[at - 1] and not numeric[at] else {}
        style = styles.of_kind(kind, decimals, **away)
        heading = tables.heading_of(frame, column, table.part, lang)
        sheet.write_string(0, at, clean(heading), styles.head(number=numeric[at], **away))
        widest = room_of(heading)
        for row, value in enumerate(frame[column], start=1):
            shown = _cell(value, column, kind, table.part, lang)
            if isinstance(shown, str):
                sheet.write_string(row, at, shown, style)
                widest = max(widest, room_of(shown)) if row <= 200 else widest
                if 2 * len(shown) > _WIDEST:  # else it has room, in whatever letters
                    heights[row] = max(heights.get(row, 0), height(shown, _WIDEST))
            elif isinstance(shown, bool):
                sheet.write_boolean(row, at, shown, style)
            elif isinstance(shown, datetime.date):
                sheet.write_datetime(row, at, shown, style)
            elif shown is not None:
                sheet.write_number(row, at, shown, style)
        sheet.set_column(at, at, min(max(widest + 2, 11), _WIDEST))
    for row, tall in heights.items():
        sheet.set_row(row, tall)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)
        # What the page leaves out stands to the right, and is not printed.
        sheet.print_area(0, 0, len(frame), max(len(shown_first), 1) - 1)


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
    return clean(tables.cell_words(value, column, kind, part, lang))


def write_columns(sheet, named: Iterable[Table], lang: str, styles: Styles) -> None:
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
            sheet.write_string(row, at, clean(said))
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, 2, 44)
    sheet.freeze_panes(1, 0)
