"""One slide: its title on top, below it what it shows, at its foot where it comes from."""

from dataclasses import dataclass

from salesanalysis.reports.export import Material, office, room_of
from salesanalysis.reports.export.deck import ShownTable, Slide, picture_of, source
from salesanalysis.reports.export.pptx import look
from salesanalysis.reports.export.pptx.charts import add_chart
from salesanalysis.reports.export.pptx.table import add_table
from salesanalysis.reports.tiles import Tile

#: Sizes of titles and of points, in points: the first at which they have room.
_TITLES, _POINTS = (28, 26, 24), (18, 16, 14, 13, 12, 11)

#: What a picture takes of the width where points stand beside it; the size of words under it, and
#: how many letters of them there have room.
_PICTURE_SHARE, _LINE, _LONGEST_LINE = 0.63, 18, 180


@dataclass(frozen=True)
class _Box:
    """A place on a slide."""

    left: float
    top: float
    width: float
    height: float

    def __iter__(self):
        return iter((self.left, self.top, self.width, self.height))

    def beside(self, share: float, gap: float) -> tuple["_Box", "_Box"]:
        """Two of them side by side, the left one with that share of the width."""
        left = (self.width - gap) * share
        right = self.width - gap - left
        return (
            _Box(self.left, self.top, left, self.height),
            _Box(self.left + left + gap, self.top, right, self.height),
        )

    def below(self, height: float, gap: float = 0.0) -> "_Box":
        """What is left under its upper part."""
        taken = height + gap
        return _Box(self.left, self.top + taken, self.width, self.height - taken)


def add(file, slide: Slide, number: int, made: Material) -> None:
    """Add one slide to a presentation."""
    shown = file.slides.add_slide(_layout(file))
    width, height = file.slide_width, file.slide_height
    own, margin = made.template is None, width * 0.045
    title = shown.shapes.title
    if title is None:  # a template may have no title in its layout
        title = shown.shapes.add_textbox(*map(int, (margin, 0, width - 2 * margin, height * 0.2)))
    for placeholder in [p for p in shown.placeholders if p.shape_id != title.shape_id]:
        placeholder._element.getparent().remove(placeholder._element)
    over, top = height * 0.035, height * 0.235
    if own:
        title.left, title.top = int(margin), int(height * 0.075)
        title.width, title.height = int(width - 2 * margin), int(height * 0.145)
    elif title.top + title.height < height / 2:
        over = title.top + title.height
        top = over + height * 0.05
    _title(title, slide.title, made)
    line = height * 0.04
    kind = look.text_box(shown, _Box(margin, over, width - 2 * margin, line))
    look.add_words(kind, slide.kind, 12, made, bold=True, ink=office.ACCENT if own else "")
    body = _Box(margin, top, width - 2 * margin, height * 0.925 - top)
    _body(shown, slide, body, made)
    foot = _Box(margin, height * 0.94, width - 2 * margin, line)
    said, numbered = foot.beside(0.92, 0)
    look.add_words(look.text_box(shown, said), source(made), 10.5, made, ink=office.QUIET)
    look.set_right(
        look.add_words(look.text_box(shown, numbered), str(number), 10.5, made, ink=office.QUIET)
    )
    if slide.notes:
        shown.notes_slide.notes_text_frame.text = office.clean("\n".join(slide.notes))


def _layout(file):
    """The layout with a title only; of another language or design, the emptiest with a title."""
    for layout in file.slide_layouts:
        if layout._element.get("type") == "titleOnly":
            return layout
    titled = [layout for layout in file.slide_layouts if _has_title(layout)]
    known = titled or list(file.slide_layouts)
    return min(known, key=lambda one: len(one.placeholders))


def _has_title(layout) -> bool:
    from pptx.enum.shapes import PP_PLACEHOLDER

    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    return any(placeholder.placeholder_format.type in titles for placeholder in layout.placeholders)


def _title(title, said: str, made: Material) -> None:
    """The title in two lines at most, in the template's own font and colour, or in ours."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

    own, frame = made.template is None, title.text_frame
    size = next((one for one in _TITLES if look.lines(said, one, title.width) < 3), _TITLES[-1])
    while look.lines(said, size, title.width) > 2:  # in a template there may be less room
        said = said[: len(said) * 9 // 10].rstrip("… ") + "…"
    paragraph = look.add_words(
        frame, said, size, made, bold=True if own else None, ink=office.INK if own else ""
    )
    if own:
        frame.vertical_anchor, paragraph.alignment = MSO_ANCHOR.TOP, PP_ALIGN.LEFT
        frame.margin_left = frame.margin_right = frame.margin_top = 0


def _body(shown, slide: Slide, body: _Box, made: Material) -> None:
    """Tiles across, below them the picture or table and beside that the points."""
    from pptx.util import Pt

    gap = body.width * 0.02
    if slide.tiles:
        used = _tiles(shown, slide.tiles, body, made)
        body = body.below(used, gap)
    said = bool(slide.points or slide.cautions)
    picture, words = body, body
    if _is_wide(slide):
        high = Pt(_LINE) * look.lines(slide.points[0], _LINE, body.width) * 1.3 + Pt(6)
        picture = _Box(body.left, body.top, body.width, body.height - high - gap)
        words = body.below(body.height - high)
    elif said and (slide.figure or slide.table):
        share = _PICTURE_SHARE if slide.figure or not _is_long(slide.table) else 0.55
        picture, words = body.beside(share, gap)
    if slide.figure:
        _picture(shown, slide, picture, made)
    if slide.table:
        add_table(shown, slide.table, picture, made)
    if said:
        _points(shown, slide, words, made)


def _is_wide(slide: Slide) -> bool:
    """Whether a chart takes the whole width, since what is said of it has room in two lines."""
    if not slide.figure or not slide.figure.chart or slide.tiles or slide.cautions:
        return False
    return len(slide.points) == 1 and room_of(slide.points[0]) <= _LONGEST_LINE


def _is_long(table: ShownTable | None) -> bool:
    return table is not None and any(room_of(cell) > 100 for line in table.cells for cell in line)


def _tiles(shown, said: list[Tile], body: _Box, made: Material) -> float:
    """The key figures side by side; how high they are."""
    from pptx.util import Pt

    gap = body.width * 0.012
    width = (body.width - gap * (len(said) - 1)) / len(said)
    height, inner = body.height * 0.35, width * 0.88

    def needed(size: float) -> float:
        """The height of the fullest of them, with small words of that size."""
        lines = (
            sum(
                look.lines(words, size, inner)
                for words in (one.label, one.under, one.change)
                if words
            )
            for one in said
        )
        return (max(lines) + 1) * Pt(size * 1.3) + Pt(46)

    small = next((size for size in (13, 12, 11, 10) if needed(size) <= height), 9)
    for number, tile in enumerate(said):
        box = _Box(body.left + number * (width + gap), body.top, width, height)
        _tile(shown, tile, box, small, made)
    return height


def _tile(shown, tile: Tile, box: _Box, small: float, made: Material) -> None:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Pt

    colour = office.STATUS[tile.status]
    _rectangle(shown, box, office.TINT)
    _rectangle(shown, _Box(box.left, box.top, box.width, box.height * 0.03), colour)
    frame = look.text_box(shown, box, inset=0.1)
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    value = look.fitting([tile.value], (26, 22, 18, 15), box.width * 0.85, Pt(32))
    for words, size, bold, ink in (
        (tile.label, small, None, office.QUIET),
        (tile.value, value, True, office.INK),
        (f"{tile.shape} {tile.word}", small, True, colour),
        (tile.under, small, None, office.QUIET),
        (tile.change, small, None, office.INK),
    ):
        if words:
            paragraph = look.add_words(frame, words, size, made, bold=bold, ink=ink)
            paragraph.space_after = Pt(2)


def _rectangle(shown, box: _Box, colour: str) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_SHAPE

    shape = shown.shapes.add_shape(MSO_SHAPE.RECTANGLE, *map(int, box))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    shape.line.fill.background()
    shape.shadow.inherit = False


def _points(shown, slide: Slide, box: _Box, made: Material) -> None:
    """What was found, each point a paragraph, the first the strongest; what to beware of last."""
    own = made.template is None
    said = [*slide.points, *slide.cautions]
    size = _LINE if _is_wide(slide) else look.fitting(said, _POINTS, box.width, box.height)
    frame = look.text_box(shown, box)
    for number, point in enumerate(slide.points):
        strong = True if number == 0 and len(said) > 1 else None
        look.add_words(frame, point, size, made, bold=strong, ink=office.INK if own else "")
    for caution in slide.cautions:
        look.add_words(frame, caution, size, made, ink=office.STATUS["act"])


def _picture(shown, slide: Slide, box: _Box, made: Material) -> None:
    """The chart, or where it would lose something the picture, and how to read it below."""
    from pptx.util import Pt

    figure, size = slide.figure, 11
    if slide.caption and not slide.tiles:
        height = Pt(size * 1.25) * look.lines(slide.caption, size, box.width)
        frame = look.text_box(shown, box.below(box.height - height))
        look.add_words(frame, slide.caption, size, made, ink=office.QUIET)
        box = _Box(box.left, box.top, box.width, box.height - height - Pt(6))
    if figure.chart:
        drawn = add_chart(shown, figure.chart, box, made)
    else:
        drawn = shown.shapes.add_picture(str(picture_of(figure, made)), int(box.left), int(box.top))
        scale = min(box.width / drawn.width, box.height / drawn.height)
        drawn.width, drawn.height = int(drawn.width * scale), int(drawn.height * scale)
    named = drawn._element.xpath(".//p:cNvPr")[0]
    named.set("descr", office.clean(figure.caption))
