"""A paper as a workbook of one sheet, which is printed on one page."""

from pathlib import Path

from salesanalysis import text
from salesanalysis.reports.export.office import CREATED, QUIET, RULE
from salesanalysis.reports.export.xlsx.look import Styles, clean, height
from salesanalysis.reports.export.xlsx.names import sheet_names
from salesanalysis.reports.papers import Paper

#: Widths of columns in letters: the step, its rule, a number.
_STEP, _RULE, _NUMBER = 24, 56, 16


def write(paper: Paper, path: Path) -> None:
    """Write the workbook; the same paper gives the same bytes."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False}
    font = text.LANGUAGES[paper.lang].office_font
    options["default_format_properties"] = {"font_name": font, "font_size": 10} if font else {}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": CREATED, "title": clean(paper.title)})
    sheet = book.add_worksheet(sheet_names([paper.title])[0])
    styles, numeric = Styles(book), paper.numeric
    sheet.hide_gridlines(2)
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 1)
    widths = [_NUMBER if number else _RULE if at else _STEP for at, number in enumerate(numeric)]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    last = len(widths) - 1
    for row, (said, look) in enumerate(
        ((paper.title, {"bold": True, "font_size": 14}), (paper.under, {"font_color": f"#{QUIET}"}))
    ):
        sheet.merge_range(row, 0, row, last, "", styles.of(**look))
        sheet.write_string(row, 0, clean(said), styles.of(**look))
    sheet.set_row(0, 24)
    for at, (heading, number) in enumerate(zip(paper.headings, numeric, strict=True)):
        sheet.write_string(3, at, clean(heading), styles.head(number=number))
    shown = "#,##0" + ("." + "0" * paper.decimals if paper.decimals else "")
    for row, (cells, strong) in enumerate(zip(paper.lines, paper.strong, strict=True), start=4):
        look = {"bold": True, "top": 1, "top_color": f"#{RULE}"} if strong else {}
        words, number = styles.of(text_wrap=True, **look), styles.of(num_format=shown, **look)
        for at, cell in enumerate(cells):
            if cell is None:
                sheet.write_blank(row, at, None, words)
            elif isinstance(cell, str):
                sheet.write_string(row, at, clean(cell), words)
            else:
                sheet.write_number(row, at, cell, number)
        said = ((cell, widths[at]) for at, cell in enumerate(cells) if isinstance(cell, str))
        sheet.set_row(row, max((height(cell, width) for cell, width in said), default=15))
    sheet.print_area(0, 0, 3 + len(paper.lines), last)
    book.close()
