"""A native table, that the reader can copy from and restyle."""

from salesanalysis.reports.export import Material, office, room_of
from salesanalysis.reports.export.deck import ShownTable
from salesanalysis.reports.export.pptx import look

#: The sizes of words, in points: the first at which all rows have room.
_SIZES = (16, 14, 13, 12, 11, 10, 9, 8)

#: What is left and right of the words of a cell, and above and below them, in points.
_ASIDE, _ABOVE = 5, 3


def add_table(shown, table: ShownTable, box, made: Material) -> None:
    """Add a table to a slide, its rows spread over its place, below it what it leaves out."""
    from pptx.util import Pt

    left, top, width, height = box
    note = Pt(20) if table.note else 0
    widths = _widths(table, width)
    size, needed = _size(table, widths, height - note)
    spare = min(max(height - note - sum(needed), 0) / len(needed), Pt(size * 1.2))
    place = map(int, (left, top, width, 1))
    native = shown.shapes.add_table(len(needed), len(widths), *place).table
    native._tbl.tblPr.set("bandRow", "0")
    native._tbl.tblPr.set("firstRow", "0")
    for at, wide in enumerate(widths):
        native.columns[at].width = int(wide)
    for at, line in enumerate([table.heads, *table.cells]):
        native.rows[at].height = int(needed[at] + spare)
        for column, said in enumerate(line):
            cell = native.cell(at, column)
            _fill(cell, said, size, made, is_head=at == 0, is_first=column == 0)
            if table.numeric[column]:
                look.set_right(cell.text_frame.paragraphs[0])
    if table.note:
        frame = look.text_box(shown, (left, top + height - note, width, note))
        look.add_words(frame, table.note, 11, made, ink=office.QUIET)


def _widths(table: ShownTable, width: float) -> list[float]:
    """The widths of the columns: as the table says, else as their texts want."""
    columns = zip(table.heads, *table.cells, strict=True)
    wanted = [
        _share(*column) * (1.2 if at == 0 else 1)  # its words are bold
        for at, column in enumerate(columns)
    ]
    shares = table.shares or wanted
    return [width * share / sum(shares) for share in shares]


def _share(head: str, *cells: str) -> int:
    """How wide a column wants to be: as its cells, and as the longest word of its heading."""
    words = max(map(room_of, head.split()), default=0)
    return max(words, 5, min(max(map(room_of, cells), default=0), 40)) + 3


def _size(table: ShownTable, widths: list[float], room: float) -> tuple[float, list[float]]:
    """The largest size at which all rows have room, else the smallest; how high each row is."""
    from pptx.util import Pt

    needed: list[float] = []
    for size in _SIZES:
        needed = [
            # What a line breaks off is more than the mean of its letters says.
            max(
                look.lines(said, size * 1.08, width - Pt(2 * _ASIDE))
                for said, width in zip(line, widths, strict=True)
            )
            * Pt(size * 1.25)
            + Pt(2 * _ABOVE + 1)
            for line in [table.heads, *table.cells]
        ]
        if sum(needed) <= room:
            return size, needed
    return _SIZES[-1], needed


def _fill(cell, said: str, size: float, made: Material, *, is_head: bool, is_first: bool) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Pt

    cell.margin_left = cell.margin_right = Pt(_ASIDE)
    cell.margin_top = cell.margin_bottom = Pt(_ABOVE)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if is_head else MSO_ANCHOR.MIDDLE
    cell.fill.background()
    _rule(cell, heavy=is_head)
    ink = office.QUIET if is_head else office.INK
    if said.startswith("▲"):
        ink = office.STATUS["act"]
    bold = True if is_head or is_first else None
    look.add_words(cell.text_frame, said, size, made, bold=bold, ink=ink).space_after = 0


def _rule(cell, *, heavy: bool) -> None:
    """A line under a cell, and none around it; python-pptx has no call that draws one."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    properties = cell._tc.get_or_add_tcPr()
    for number, side in enumerate(("lnL", "lnR", "lnT", "lnB")):
        width = (19_050 if heavy else 9_525) if side == "lnB" else 0
        colour = office.INK if heavy else office.RULE
        drawn = (
            f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>' if width else "<a:noFill/>"
        )
        line = parse_xml(f'<a:{side} {nsdecls("a")} w="{width}">{drawn}</a:{side}>')
        properties.insert(number, line)
