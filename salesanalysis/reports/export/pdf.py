"""The page as a PDF, printed by WeasyPrint: no script, fonts embedded, pages numbered."""

import re

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots.font import font_path
from salesanalysis.reports.export import Material

#: What paper needs besides the page's own print style.
_STYLE = """
@font-face {{ font-family: "Sales Sans SC"; src: url({font}); }}
@page {{ size: A4; margin: 18mm 16mm;
  @bottom-right {{
    content: counter(page) " / " counter(pages); font-size: 8pt; color: #5c6875;
  }} }}
* {{ font-family: "Sales Sans SC" !important; }}
figure svg.wide {{ max-height: none !important; }}
.week h2 {{ display: block !important; }}
p, .say, .lead, figcaption {{ max-width: none !important; }}
"""

#: A colour of a picture that follows the screen; on paper it is the one that it falls back to.
_FOLLOWING = re.compile(r"var\(--c-[a-z]+,(#[0-9a-f]{6})\)")

#: A picture within the page, its shape, and its size there.
_PICTURE = re.compile(
    r'(<svg class="chart wide"[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*style=")[^"]*"'
)

#: The room for a picture, in millimetres: the width of the page, and most of its height.
_WIDE, _HIGH = 178, 160


def write(made: Material) -> None:
    """Write the PDF of the page, which must be there already.

    It is set in the font of the figures, so it looks the same on every machine.
    """
    weasyprint = library()
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_STYLE.format(font=font_path().as_uri()), font_config=fonts)
    # The page gets nothing but what it holds itself.
    only_inside = URLFetcher(allowed_protocols=("data",))
    said = _FOLLOWING.sub(r"\1", made.file("html").read_text(encoding="utf-8"))
    said = _PICTURE.sub(_as_wide_as_the_page, said)
    page = weasyprint.HTML(string=said, url_fetcher=only_inside)
    content = page.write_pdf(
        stylesheets=[style], font_config=fonts, pdf_identifier=b"salesanalysis"
    )
    made.file("pdf").write_bytes(content)


def _as_wide_as_the_page(picture: re.Match) -> str:
    """A picture in a size of its own: WeasyPrint does not take its height from its shape."""
    width, height = float(picture[2]), float(picture[3])
    scale = min(_WIDE / width, _HIGH / height)
    return f'{picture[1]}width:{width * scale:.1f}mm;height:{height * scale:.1f}mm"'


def library():
    """WeasyPrint, or a message that says how to get it."""
    try:
        import weasyprint
    except ImportError:
        raise SalesAnalysisError(
            "`formats` holds 'pdf', which needs WeasyPrint: install the extra,"
            " `pip install 'salesanalysis[pdf]'`."
        ) from None
    except OSError as missing:  # it is there, but the libraries of the system that it loads are not
        raise SalesAnalysisError(
            f"`formats` holds 'pdf', but WeasyPrint cannot load Pango ({missing})."
            " On Debian or Ubuntu: `apt-get install libpango-1.0-0 libpangoft2-1.0-0`."
        ) from None
    return weasyprint
