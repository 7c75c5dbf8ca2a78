"""How words look on a slide: their size, colour and font, and how much room they take."""

from salesanalysis import text
from salesanalysis.reports.export import Material, room_of
from salesanalysis.reports.export.office import INK, clean

#: What is between two paragraphs, in lines.
_GAP = 0.6


def fitting(paragraphs: list[str], sizes: tuple[float, ...], width: float, height: float) -> float:
    """The first of some sizes, in points, at which paragraphs have room; the last if none does."""
    for size in sizes:
        gaps = (len(paragraphs) - 1) * _GAP
        needed = sum(lines(said, size, width) for said in paragraphs) * 1.2 + gaps
        if needed * _points(size) <= height:
            return size
    return sizes[-1]


def lines(said: str, size: float, width: float) -> int:
    """How many lines a text takes at a size in points."""
    # A letter is about as wide as half its height, and a line breaks between two words.
    return int(room_of(said) * _points(size) * 0.55 // (width * 0.95)) + 1


def _points(size: float) -> int:
    from pptx.util import Pt

    return Pt(size)


def add_words(
    frame, said: str, size: float, made: Material, *, bold: bool | None = None, ink: str = INK
):
    """A paragraph more in a frame, the first in an empty one; in a template its own colours hold.

    ``ink`` of a status is kept in a template too.
    """
    from pptx.util import Pt

    empty = len(frame.paragraphs) == 1 and not frame.paragraphs[0].runs
    paragraph = frame.paragraphs[0] if empty else frame.add_paragraph()
    frame.word_wrap = True
    run = paragraph.add_run()
    run.text = clean(said)
    look(run, size, made, bold=bold, ink=ink)
    paragraph.space_after = Pt(size * _GAP)
    return paragraph


def look(run, size: float, made: Material, *, bold: bool | None, ink: str) -> None:
    """Size, weight and colour of a run, its language, and the font of its script."""
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    run.font.size = Pt(size)
    if bold is not None:
        run.font.bold = bold
    if ink:
        run.font.color.rgb = RGBColor.from_string(ink)
    properties = run._r.get_or_add_rPr()
    properties.set("lang", text.LANGUAGES[made.lang].office_tag)
    name_font(properties, made)


def name_font(properties, made: Material) -> None:
    """Name the font of the reader's script, where every machine may have another."""
    from pptx.oxml.xmlchemy import OxmlElement

    if font := text.LANGUAGES[made.lang].office_font:
        east_asian = OxmlElement("a:ea")
        east_asian.set("typeface", font)
        properties.append(east_asian)


def text_box(shown, box, *, inset: float = 0.0):
    """An empty frame of words at a place, without the room that PowerPoint leaves around them."""
    from pptx.util import Inches

    frame = shown.shapes.add_textbox(*map(int, box)).text_frame
    frame.word_wrap = True
    for side in ("left", "right", "top", "bottom"):
        setattr(frame, f"margin_{side}", Inches(inset))
    return frame


def set_right(paragraph) -> None:
    """Set a paragraph to the right."""
    from pptx.enum.text import PP_ALIGN

    paragraph.alignment = PP_ALIGN.RIGHT
