"""The slides of a report as a PowerPoint file: native titles, lists, tables, charts and notes.

With the reader's own template, its size, its title-only layout, fonts and colours are used;
whatever slides it holds are left out. The same report gives the same bytes.
"""

import io
import re
import zipfile
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import deck
from salesanalysis.reports.export.office import CREATED, clean
from salesanalysis.reports.export.pptx.pages import add

#: 16:9, in inches, where no template says otherwise.
_WIDTH, _HEIGHT = 13.333, 7.5

#: When a workbook inside the file was made, which it says by itself.
_MADE_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def write(made: Material) -> None:
    """Write the PowerPoint file."""
    file = open_template(made.template)
    for number, slide in enumerate(deck(made), start=1):
        add(file, slide, number, made)
    properties = file.core_properties
    properties.title = clean(made.record["title"] or made.record["name"])
    properties.author = properties.last_modified_by = "salesanalysis"
    properties.created = properties.modified = CREATED
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


def _dateless(content: bytes) -> bytes:
    """The file with every part of its archive dated alike, and the workbooks of its charts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as steady,
    ):
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            part = source.read(item)
            if item.filename.endswith(".xlsx"):
                part = _dateless(part)
            elif item.filename == "docProps/core.xml":
                part = _MADE_AT.sub(rb"\g<1>2000-01-01T00:00:00Z", part)
            steady.writestr(entry, part)
    return target.getvalue()
