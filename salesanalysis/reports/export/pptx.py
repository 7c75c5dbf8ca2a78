"""The slides of a report as a PowerPoint file: native titles, lists, tables and notes.

With the reader's own template, its size, its title layout, its title-only layout, fonts and colours
are used; whatever slides it holds are left out. The same report gives the same bytes.
"""

import datetime
import io
import re
import zipfile
from pathlib import Path

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.export import Material, room_of
from salesanalysis.reports.export.deck import ShownTable, Slide, deck, picture_of

#: 16:9, in inches, where no template says otherwise.
_WIDTH, _HEIGHT = 13.333, 7.5

#: A date nobody chose: the file must not say when it was made.
_WHEN = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 the format has no time zone

#: XML cannot hold these characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

#: What is between two paragraphs, in lines.
_GAP = 0.7

_INK, _QUIET, _ACCENT, _TINT = "1D2733", "5C6875", "1F5F8B", "F4F6F8"


def write(made: Material) -> None:
    """Write the PowerPoint file."""
    file = open_template(made.template)
    for slide in deck(made):
        _add(file, slide, made)
    properties = file.core_properties
    properties.title = _clean(made.record["title"] or made.record["name"])
    properties.author = properties.last_modified_by = "salesanalysis"
    properties.created = properties.modified = _WHEN
    properties.revision = 1
    made_file = io.BytesIO()
    file.save(made_file)
    made.file("pptx").write_bytes(_dateless(made_file.getvalue()))


def open_template(path: Path | None):
    """The reader's template without its slides, or an empty wide presentation.

    Raises
    ------
    SalesAnalysisError
        The template is not there, or not a PowerPoint presentation, or has macros or no layouts.
    """
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError
    from pptx.opc.constants import CONTENT_TYPE
    from pptx.util import Inches

    if path is None:
        file = Presentation()
        file.slide_width, file.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
        return file
    try:
        file = Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile, OSError):
        raise SalesAnalysisError(
            f"`template` is `{path.name}`, which is not there or is not a PowerPoint presentation;"
            " a template (.potx) or an older file (.ppt) must be saved as .pptx first."
        ) from None
    if file.part.content_type != CONTENT_TYPE.PML_PRESENTATION_MAIN:
        raise SalesAnalysisError(
            f"`template` is `{path.name}`, which has macros; save it as .pptx, without them."
        )
    if not len(file.slide_layouts):
        raise SalesAnalysisError(
            f"`template` is `{path.name}`, whose slide master has no layouts; add one with a title."
        )
    _drop_slides(file)
    return file


def _drop_slides(file) -> None:
    """Take out the slides and what refers to them; python-pptx has no call that does."""
    ids = file.slides._sldIdLst
    for slide in list(ids):
        file.part.drop_rel(slide.rId)
        ids.remove(slide)
    # PowerPoint calls a file damaged whose sections or custom shows list slides that are gone.
    gone = ("sectionLst", "custShowLst")
    for element in file.part._element.xpath("|".join(f"//*[local-name()='{n}']" for n in gone)):
        holder = element.getparent()
        holder.remove(element)
        if not len(holder):
            holder.getparent().remove(holder)


def _clean(said: str) -> str:
    """A text that XML can hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", said)


def _layout(file, kind: str):
    """The template's layout of that kind; of another language or design, the nearest there is."""
    for layout in file.slide_layouts:
        if layout._element.get("type") == kind:
            return layout
    titled = [layout for layout in file.slide_layouts if _has_title(layout)]
    known = titled or list(file.slide_layouts)
    # The title comes first in a design; under the others all is ours, the emptier the better.
    return known[0] if kind == "title" else min(known, key=lambda one: len(one.placeholders))


def _has_title(layout) -> bool:
    from pptx.enum.shapes import PP_PLACEHOLDER

    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    return any(placeholder.placeholder_format.type in titles for placeholder in layout.placeholders)


def _add(file, slide: Slide, made: Material) -> None:
    """Add one slide: title on top, below it what it shows, the notes where the speaker reads."""
    from pptx.util import Emu

    shown = file.slides.add_slide(_layout(file, "title" if slide.opening else "titleOnly"))
    own = made.template is None
    width, height = file.slide_width, file.slide_height
    margin, top = Emu(int(width * 0.05)), Emu(int(height * 0.24))
    title = shown.shapes.title
    if title is None:  # a template may have no title in its layout
        title = shown.shapes.add_textbox(margin, int(height * 0.05), width - 2 * margin, top)
    under = title.top + title.height
    if not own and under < height / 2:
        top = Emu(under + int(height * 0.02))
    box = (margin, top, width - 2 * margin, height - top - Emu(int(height * 0.06)))
    if own:
        _place(title, slide, box, height)
    _set_text(title.text_frame, slide.title, _title_size(slide, title), made, bold=True, own=own)
    others = [p for p in shown.placeholders if p.placeholder_format.type is not None]
    others = [p for p in others if p.shape_id != title.shape_id]
    for placeholder in others:
        if slide.opening and slide.points and placeholder.has_text_frame:
            if own:
                _below(placeholder, title, box, height)
            _set_text(placeholder.text_frame, slide.points[0], 22, made, own=own, ink=_QUIET)
            slide = Slide(**{**slide.__dict__, "points": []})
        else:
            placeholder._element.getparent().remove(placeholder._element)
    if slide.points:
        _points(shown, slide.points, box, made)
    if slide.figure:
        _picture(shown, picture_of(slide.figure, made), slide.figure.caption, box)
    if slide.table:
        _table(shown, slide.table, box, made)
    if slide.notes:
        shown.notes_slide.notes_text_frame.text = _clean("\n".join(slide.notes))


def _title_size(slide: Slide, title) -> int:
    """The largest size, in points, at which the title has room in its place."""
    sizes = (40, 36, 32) if slide.opening else ()
    return _fitting([slide.title], (*sizes, 28, 24, 20, 18, 16), title.width, title.height * 0.95)


def _fitting(paragraphs: list[str], sizes: tuple[int, ...], width: float, height: float) -> int:
    """The first of some sizes, in points, at which paragraphs have room; the last if none does."""
    from pptx.util import Pt

    def lines(said: str, size: int) -> float:
        # A letter is about as wide as half its height, and a line breaks between two words.
        return room_of(said) * Pt(size) * 0.55 // (width * 0.9) + 1

    for size in sizes:
        gaps = (len(paragraphs) - 1) * _GAP
        if (sum(lines(said, size) for said in paragraphs) * 1.2 + gaps) * Pt(size) <= height:
            return size
    return sizes[-1]


def _place(title, slide: Slide, box, height: int) -> None:
    from pptx.enum.text import MSO_ANCHOR

    title.left, title.width = box[0], box[2]
    title.top = int(height * (0.28 if slide.opening else 0.05))
    title.height = int(height * (0.22 if slide.opening else 0.18))
    title.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if slide.opening else MSO_ANCHOR.TOP


def _below(placeholder, title, box, height: int) -> None:
    placeholder.left, placeholder.width = box[0], box[2]
    placeholder.top = title.top + title.height + int(height * 0.03)
    placeholder.height = int(height * 0.2)


def _set_text(
    frame, said: str, size: int, made: Material, *, bold=False, own=True, ink=_INK
) -> None:
    """One paragraph into a frame: in the template's own font and colour, or in ours."""
    from pptx.enum.text import PP_ALIGN

    frame.word_wrap = True
    frame.text = _clean(said)
    if own:
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    for run in frame.paragraphs[0].runs:
        _look(run, size, made, bold=bold if own else None, ink=ink if own else "")


def _look(run, size: int, made: Material, *, bold: bool | None, ink: str) -> None:
    """Size, weight and colour of a run, its language, and the font of its script."""
    from pptx.dml.color import RGBColor
    from pptx.oxml.xmlchemy import OxmlElement
    from pptx.util import Pt

    run.font.size = Pt(size)
    if bold is not None:
        run.font.bold = bold
    if ink:
        run.font.color.rgb = RGBColor.from_string(ink)
    properties = run._r.get_or_add_rPr()
    language = text.LANGUAGES[made.lang]
    properties.set("lang", language.office_tag)
    if language.office_font:
        east_asian = OxmlElement("a:ea")
        east_asian.set("typeface", language.office_font)
        properties.append(east_asian)


def _points(shown, points: list[str], box, made: Material) -> None:
    """A list, each point a paragraph of its own; the longer it is, the smaller it is set."""
    from pptx.util import Pt

    frame = shown.shapes.add_textbox(*box).text_frame
    frame.word_wrap = True
    size = _fitting(points, (24, 20, 18, 16, 14, 12), box[2], box[3])
    for number, point in enumerate(points):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(size * _GAP)
        run = paragraph.add_run()
        run.text = _clean(point)
        _look(run, size, made, bold=None, ink=_INK)


def _picture(shown, png: Path, caption: str, box) -> None:
    """The figure as large as fits, in the middle; what a screen reader says is its caption."""
    picture = shown.shapes.add_picture(str(png), box[0], box[1])
    scale = min(box[2] / picture.width, box[3] / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture.left = box[0] + (box[2] - picture.width) // 2
    picture._element.nvPicPr.cNvPr.set("descr", _clean(caption))


def _table(shown, table: ShownTable, box, made: Material) -> None:
    """A native table, that the reader can copy from and restyle."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    lines = [table.heads, *table.cells]
    widths = [max(room_of(line[at]) for line in lines) for at in range(len(table.heads))]
    shares = [min(width, 30) + 3 for width in widths]  # what is beside the text of a cell too
    left, top, width, height = box
    # Numbers are wider than letters are on average.
    fitting = (size for size in (16, 13) if sum(shares) * Pt(size) * 0.6 <= width)
    size = next(fitting, 11)
    native = shown.shapes.add_table(
        len(lines), len(table.heads), left, top, width, Pt(size * 2.1) * len(lines)
    ).table
    native.horz_banding = False
    for column, share in enumerate(shares):
        native.columns[column].width = int(width * share / sum(shares))
    for at, line in enumerate(lines):
        for column, said in enumerate(line):
            cell = native.cell(at, column)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if table.numeric[column] else PP_ALIGN.LEFT
            run = paragraph.add_run()
            run.text = _clean(said)
            _look(run, size, made, bold=at == 0, ink="FFFFFF" if at == 0 else _INK)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(_ACCENT if at == 0 else _TINT)
    if table.note:  # at the foot, where even rows of two lines do not reach
        note = shown.shapes.add_textbox(left, top + height - Pt(10), width, Pt(24))
        _set_text(note.text_frame, table.note, 12, made, ink=_QUIET)


def _dateless(content: bytes) -> bytes:
    """The file with every part of its archive dated alike."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as steady,
    ):
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            steady.writestr(entry, source.read(item))
    return target.getvalue()
