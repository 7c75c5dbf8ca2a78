"""A report as a workbook: its first screen, its pictures as charts, its tables, their columns.

Numbers are numbers and dates are dates; a text that begins like a formula is written as a text,
so nothing is prefixed and nothing runs. The same report gives the same bytes.
"""

from salesanalysis import text
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import story
from salesanalysis.reports.export.layout import of_blocks
from salesanalysis.reports.export.office import CREATED
from salesanalysis.reports.export.xlsx.cover import write_cover
from salesanalysis.reports.export.xlsx.look import Styles, clean, print_on_one_page_across
from salesanalysis.reports.export.xlsx.names import sheet_names
from salesanalysis.reports.export.xlsx.pictures import write_pictures
from salesanalysis.reports.export.xlsx.sheets import (
    named_tables,
    write_columns,
    write_contents,
    write_table,
)


def write(made: Material) -> None:
    """Write the workbook: cover, contents, pictures, a sheet for each table with rows, columns."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    font = text.LANGUAGES[made.lang].office_font
    options["default_format_properties"] = {"font_name": font, "font_size": 10} if font else {}
    book = xlsxwriter.Workbook(str(made.file("xlsx")), options)
    book.set_properties({"created": CREATED, "title": clean(made.record["title"] or "")})
    styles, page, slides = Styles(book), of_blocks(made.blocks), story(made)
    drawn = [slide for slide in slides if slide.figure]
    tables = named_tables(page)
    cover, contents, pictures, columns = (
        text.sentence(f"report.workbook.{key}", made.lang)
        for key in ("cover", "contents", "pictures", "columns")
    )
    before = [cover, contents, *([pictures] if drawn else [])]
    names = sheet_names([*before, *(name for name, _ in tables), columns])
    sheets = [book.add_worksheet(name) for name in names]
    for sheet in sheets:
        print_on_one_page_across(sheet)
    write_cover(sheets[0], slides[0], page, made, styles)
    told = dict(zip(names[len(before) : -1], (table for _, table in tables), strict=True))
    write_contents(sheets[1], page, told, made, styles)
    if drawn:
        write_pictures(book, sheets[2], drawn, made, styles)
    for sheet, table in zip(sheets[len(before) : -1], told.values(), strict=True):
        write_table(sheet, table, made.lang, styles)
    write_columns(sheets[-1], told.values(), made.lang, styles)
    book.close()
