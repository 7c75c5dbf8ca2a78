"""A chart that a reader can edit, with the limits of its values."""

import math

from salesanalysis.reports.export import Material, office
from salesanalysis.reports.export.pptx import look
from salesanalysis.reports.pictures.native import Chart, Series

#: How a number of each kind looks on an axis.
_FORMATS = {"share": '[>1]"";0%', "amount": "#,##0", "number": "#,##0.##"}

#: Sizes of words in a chart, in points.
_LARGEST, _SMALLEST = 12, 8


def add_chart(shown, chart: Chart, box, made: Material):
    """Add a chart to a slide; its frame."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_LEGEND_POSITION

    words = chart.said and chart.shape == "stacked"
    data = CategoryChartData(_FORMATS[chart.kind])
    data.categories = [office.clean(name) for name in chart.rows]
    for one in chart.series:
        data.add_series(office.clean(one.name or chart.axis), one.values)
    if chart.levels:
        data.add_series(office.clean(chart.level), _numbers(chart.levels))
    if words:  # bars on each other have no place for words at their end but a bar of nothing
        data.add_series(" ", [0] * len(chart.rows))
    frame = shown.shapes.add_chart(_kind(chart), *map(int, box), data)
    size = _size(chart, box.height)
    native = frame.chart
    _font(native.font, size, made)
    for one, drawn in zip(chart.series, native.plots[0].series, strict=False):
        _colour(drawn, one)
    native.has_title = False
    native.has_legend = len(chart.series) > 1
    if native.has_legend:
        native.legend.position = XL_LEGEND_POSITION.TOP
        native.legend.include_in_layout = False
        _font(native.legend.font, size, made)
    _rows(native, chart, size, made)
    _axes(native, chart, size, made)
    if chart.levels:
        _level(native, len(chart.series))
    return frame


def _size(chart: Chart, height: float) -> float:
    """How large words are so that each row has room for its own."""
    from pptx.util import Pt

    rows = len(chart.rows) if chart.lie else 0
    room = height * 0.75 / Pt(1) / 1.8 / max(rows, 1)
    return max(min(_LARGEST, round(room)), _SMALLEST)


def _font(font, size: float, made: Material) -> None:
    from pptx.util import Pt

    font.size = Pt(size)
    look.name_font(font._element, made)


def _kind(chart: Chart):
    from pptx.enum.chart import XL_CHART_TYPE

    stacked = chart.shape == "stacked"
    if chart.lie:
        return XL_CHART_TYPE.BAR_STACKED if stacked else XL_CHART_TYPE.BAR_CLUSTERED
    return XL_CHART_TYPE.COLUMN_STACKED if stacked else XL_CHART_TYPE.COLUMN_CLUSTERED


def _numbers(values: tuple[float, ...]) -> list[float | None]:
    return [value if value == value else None for value in values]


def _colour(drawn, series: Series) -> None:
    from pptx.dml.color import RGBColor

    drawn.format.fill.solid()
    drawn.format.fill.fore_color.rgb = RGBColor.from_string(series.colour)
    drawn.invert_if_negative = False


def _rows(native, chart: Chart, size: float, made: Material) -> None:
    """Rows in the order of reading, limits at the ends of bars, words beside them."""
    plot = native.plots[0]
    plot.gap_width, plot.overlap = 45, 100 if chart.shape == "stacked" else 0
    native.category_axis.reverse_order = chart.lie
    if chart.lie:  # the axis of values stays below
        values = native.value_axis._element
        values.find(f"{{{values.nsmap['c']}}}crosses").set("val", "max")
    _say_every_row(native)
    last = plot.series[len(chart.series) - 1]
    if chart.series[-1].low:
        _limits(last, chart)
    if chart.said:
        _words(native, chart, size, made)


def _say_every_row(native) -> None:
    """Name every row, however many there are; python-pptx has no call that says so."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    every = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="1"/>')
    native.category_axis._element.find(f"{{{every.nsmap['c']}}}noMultiLvlLbl").addprevious(every)


def _limits(drawn, chart: Chart) -> None:
    """Error bars from the lower to the upper limit; python-pptx has no call that adds them."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    last = chart.series[-1]
    ends = [sum(values) for values in zip(*(one.values for one in chart.series), strict=True)]

    def numbers(name: str, away: list[float]) -> str:
        points = "".join(
            f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>'
            for at, value in enumerate(away)
            if value == value
        )
        count = f'<c:ptCount val="{len(away)}"/>'
        return f"<c:{name}><c:numLit>{count}{points}</c:numLit></c:{name}>"

    plus = [high - end for high, end in zip(last.high, ends, strict=True)]
    minus = [end - low for low, end in zip(last.low, ends, strict=True)]
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/>'
        f'<c:errValType val="cust"/><c:noEndCap val="0"/>{numbers("plus", plus)}'
        f'{numbers("minus", minus)}<c:spPr><a:ln w="17780"><a:solidFill>'
        f'<a:srgbClr val="{office.INK}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    drawn._element.find(f"{{{bars.nsmap['c']}}}cat").addprevious(bars)


def _words(native, chart: Chart, size: float, made: Material) -> None:
    """What stands at the end of each row."""
    from pptx.enum.chart import XL_LABEL_POSITION

    stacked = chart.shape == "stacked"
    holder = native.plots[0].series[-1]
    for at, said in enumerate(chart.said):
        label = holder.points[at].data_label
        label.position = XL_LABEL_POSITION.INSIDE_BASE if stacked else XL_LABEL_POSITION.OUTSIDE_END
        label.text_frame.word_wrap = False
        run = label.text_frame.paragraphs[0].add_run()
        run.text = office.clean(said)
        look.look(run, size, made, bold=None, ink=office.INK)
    if stacked:
        holder.format.fill.background()


def _axes(native, chart: Chart, size: float, made: Material) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_TICK_MARK

    values = native.value_axis
    values.major_gridlines.format.line.color.rgb = RGBColor.from_string(office.GRID)
    values.format.line.fill.background()
    values.tick_labels.number_format = _FORMATS[chart.kind]
    values.tick_labels.number_format_is_linked = False
    values.minimum_scale, values.maximum_scale, values.major_unit = _scale(chart)
    others = native.category_axis
    others.major_tick_mark = XL_TICK_MARK.NONE
    others.format.line.color.rgb = RGBColor.from_string(office.QUIET)
    values.has_title = bool(chart.axis)
    if chart.axis:
        run = values.axis_title.text_frame.paragraphs[0].add_run()
        run.text = office.clean(chart.axis)
        look.look(run, size, made, bold=False, ink=office.QUIET)


def _scale(chart: Chart) -> tuple[float, float, float]:
    """From where to where the axis of values reaches, with room for words, and its step."""
    stacked = chart.shape == "stacked"
    each = zip(*(one.values for one in chart.series), strict=True)
    ends = [sum(row) if stacked else max(row) for row in each]
    ends += [value for one in chart.series for value in (*one.high, *one.low, *chart.levels)]
    known = [end for end in ends if end == end]
    low, high = min(0.0, *known), max(0.0, *known) * (1.3 if chart.said else 1.05)
    size = 10 ** math.floor(math.log10(max(high - low, 1e-9) / 5))
    step = next(size * times for times in (1, 2, 5, 10) if (high - low) / (size * times) <= 6)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _level(native, number: int) -> None:
    """The series of that number as dashes in the same chart, which python-pptx cannot combine."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    bars = native.plots[0]._element
    names = {"c": bars.nsmap["c"]}
    series = bars.findall("c:ser", names)[number]
    for unknown in series.findall("c:invertIfNegative", names):
        series.remove(unknown)
    ink = f'<a:solidFill><a:srgbClr val="{office.INK}"/></a:solidFill>'
    look_of = (
        f"<c:spPr {nsdecls('c', 'a')}><a:ln><a:noFill/></a:ln></c:spPr>",
        f'<c:marker {nsdecls("c", "a")}><c:symbol val="dash"/><c:size val="20"/>'
        f"<c:spPr>{ink}<a:ln>{ink}</a:ln></c:spPr></c:marker>",
    )
    place = series.find("c:tx", names)
    for old in series.findall("c:spPr", names):
        series.remove(old)
    for markup in reversed(look_of):
        place.addnext(parse_xml(markup))
    lines = parse_xml(
        f'<c:lineChart {nsdecls("c")}><c:grouping val="standard"/><c:varyColors val="0"/>'
        f'<c:marker val="1"/></c:lineChart>'
    )
    lines.insert(2, series)
    for axis in bars.findall("c:axId", names):
        lines.append(parse_xml(f'<c:axId {nsdecls("c")} val="{axis.get("val")}"/>'))
    bars.addnext(lines)
