"""The main pictures as charts that a reader can edit; what no chart can show stays a picture."""

import struct

from salesanalysis import text
from salesanalysis.reports import pictures
from salesanalysis.reports.export import Material, office
from salesanalysis.reports.export.deck import Slide, picture_of
from salesanalysis.reports.export.xlsx.look import Styles, clean, height
from salesanalysis.reports.pictures.native import Chart

#: A picture is so many pixels large, and takes so many rows; its numbers begin in this column.
_WIDE, _HIGH, _ROWS, _BESIDE = 800, 400, 21, 14

#: How wide the columns under a picture are together, in letters.
_LETTERS = 110

#: How a number of each kind looks.
_FORMATS = {"share": "0.0%", "amount": "#,##0", "number": "#,##0.##"}


def write_pictures(book, sheet, drawn: list[Slide], made: Material, styles: Styles) -> None:
    """Each picture under what it shows, how to read it below, a chart's numbers to the right."""
    sheet.hide_gridlines(2)
    row = 0
    for slide in drawn:
        sheet.write_string(row, 0, clean(slide.title), styles.of(bold=True, font_size=13))
        sheet.set_row(row, 24)
        figure = slide.figure
        if figure.chart:
            place = _write_numbers(sheet, figure.chart, row + 1, styles, made)
            chart = _chart(book, sheet.get_name(), figure.chart, place, made)
            chart.set_size({"width": _WIDE, "height": _HIGH})
            sheet.insert_chart(row + 1, 0, chart, {"description": clean(figure.caption)})
        else:
            _insert(sheet, row + 1, figure, made)
        caption, said = styles.of(font_color=f"#{office.QUIET}", text_wrap=True), figure.caption
        sheet.merge_range(row + 1 + _ROWS, 0, row + 1 + _ROWS, _BESIDE - 2, clean(said), caption)
        sheet.set_row(row + 1 + _ROWS, height(said, _LETTERS))
        row += _ROWS + 4
    sheet.print_area(0, 0, row, _BESIDE - 2)
    sheet.set_print_scale(90)  # where a sheet fits a page across, Excel knows no breaks of ours
    sheet.set_h_pagebreaks([(_ROWS + 4) * number for number in range(1, len(drawn))])


def _insert(sheet, row: int, figure, made: Material) -> None:
    path = picture_of(figure, made)
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    scale = min(_WIDE / width, _HIGH / height)
    scale *= pictures.DOTS_PER_INCH / 96  # Excel counts 96 dots an inch
    look_of = {"x_scale": scale, "y_scale": scale, "description": clean(figure.caption)}
    sheet.insert_image(row, 0, str(path), look_of)


def _limits(chart: Chart, made: Material) -> list[tuple[str, list[float]]]:
    """How far the limits of the values lie below and above them, where they have any."""
    last = chart.series[-1]
    if not last.low:
        return []
    ends = [sum(values) for values in zip(*(one.values for one in chart.series), strict=True)]
    below = [end - low for low, end in zip(last.low, ends, strict=True)]
    above = [high - end for high, end in zip(last.high, ends, strict=True)]
    name = text.sentence("report.table.interval", made.lang)
    return [(f"{name} −", below), (f"{name} +", above)]


def _write_numbers(
    sheet, chart: Chart, top: int, styles: Styles, made: Material
) -> tuple[int, int]:
    """The numbers of a chart beside it; its first and last row of numbers."""
    numbers = styles.of(num_format=_FORMATS[chart.kind])
    head = styles.head(number=True)
    columns = [(one.name or chart.axis, one.values) for one in chart.series]
    columns += [(chart.level, chart.levels)] if chart.levels else []
    columns += _limits(chart, made)
    for at, (row_name, said) in enumerate(
        zip(chart.rows, chart.said or [""] * len(chart.rows), strict=True)
    ):
        name = " · ".join(filter(None, [row_name, said]))
        sheet.write_string(top + 1 + at, _BESIDE, clean(name))
    for number, (name, values) in enumerate(columns, start=1):
        sheet.write_string(top, _BESIDE + number, clean(name), head)
        for at, value in enumerate(values):
            if value == value:
                sheet.write_number(top + 1 + at, _BESIDE + number, value, numbers)
    sheet.set_column(_BESIDE, _BESIDE, 40)
    sheet.set_column(_BESIDE + 1, _BESIDE + len(columns), 16)
    return top + 1, top + len(chart.rows)


def _chart(book, sheet: str, chart: Chart, place: tuple[int, int], made: Material):
    """The chart of numbers that stand in a sheet."""
    first, last = place
    shape = {"type": "bar" if chart.lie else "column"}
    if chart.shape == "stacked":
        shape["subtype"] = "stacked"
    native = book.add_chart(shape)

    def series(number: int) -> dict:
        column = _BESIDE + number
        return {
            "name": [sheet, first - 1, column],
            "categories": [sheet, first, _BESIDE, last, _BESIDE],
            "values": [sheet, first, column, last, column],
        }

    limits = len(chart.series) + (2 if chart.levels else 1)
    for number, one in enumerate(chart.series, start=1):
        own = {"fill": {"color": f"#{one.colour}"}, "gap": 45}
        if one.low:
            # From cells: where they are literal, other readers than Excel leave them out.
            own["y_error_bars"] = {
                "type": "custom",
                "minus_values": _cells(sheet, limits, place),
                "plus_values": _cells(sheet, limits + 1, place),
                "line": {"color": f"#{office.INK}", "width": 1.5},
            }
        native.add_series(series(number) | own)
    if chart.levels:
        levels = book.add_chart({"type": "line"})
        dash = {"type": "long_dash", "size": 14, "fill": {"color": f"#{office.INK}"}}
        levels.add_series(series(len(chart.series) + 1) | {"line": {"none": True}, "marker": dash})
        native.combine(levels)
    font = text.LANGUAGES[made.lang].office_font
    words = {"bold": False} | ({"name": font} if font else {})
    values = {
        "name": chart.axis,
        "num_format": _FORMATS[chart.kind].replace("0.0%", "0%"),
        "major_gridlines": {"visible": True, "line": {"color": f"#{office.GRID}"}},
        "name_font": words,
        "num_font": words,
    }
    rows = {"num_font": words, "interval_unit": 1, "reverse": chart.lie}
    if chart.lie:  # the axis of values stays below
        rows["crossing"] = "max"
        native.set_y_axis(rows)
        native.set_x_axis(values)
    else:
        native.set_x_axis(rows)
        native.set_y_axis(values)
    native.set_title({"none": True})
    has_key = len(chart.series) > 1
    native.set_legend({"position": "top", "font": words} if has_key else {"none": True})
    return native


def _cells(sheet: str, number: int, place: tuple[int, int]) -> str:
    """The cells of one of the columns of numbers, as a formula names them."""
    from xlsxwriter.utility import xl_range_abs

    column = _BESIDE + number
    quoted = sheet.replace("'", "''")
    return f"='{quoted}'!{xl_range_abs(place[0], column, place[1], column)}"
