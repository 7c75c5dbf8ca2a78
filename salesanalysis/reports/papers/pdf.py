"""A paper as a PDF of one A4 page, set in the package's font."""

import html
from pathlib import Path

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.plots.font import font_path
from salesanalysis.reports.export.office import INK, QUIET, RULE, TINT
from salesanalysis.reports.export.pdf import library
from salesanalysis.reports.papers import Paper

#: Sizes of the letters, in points: the first in which everything has room on the page.
_SIZES = (9.5, 8, 7, 6, 5)

_STYLE = """
@font-face {{ font-family: "Sales Sans SC"; src: url({font}); }}
@page {{ size: A4; margin: 18mm 16mm; }}
html {{ font-family: "Sales Sans SC"; color: #{ink}; line-height: 1.35; }}
body {{ margin: 0; }}
h1 {{ font-size: 1.6em; margin: 0; }}
p {{ color: #{quiet}; margin: .3em 0 1.6em; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .25em .8em .25em 0; }}
th {{ border-bottom: 1pt solid #{ink}; }}
.n {{ text-align: right; white-space: nowrap; padding-right: 0; padding-left: .8em; }}
.s td {{ border-top: .5pt solid #{rule}; background: #{tint}; }}
"""


def write(paper: Paper, path: Path) -> None:
    """Write the PDF; the same paper gives the same bytes."""
    page, (style, fonts) = _markup(paper), _style()
    for size in _SIZES:
        source = library().HTML(string=page.replace("<html", f'<html style="font-size:{size}pt"'))
        document = source.render(stylesheets=[style], font_config=fonts)
        if len(document.pages) == 1:
            path.write_bytes(document.write_pdf(pdf_identifier=b"salesanalysis"))
            return
    raise SalesAnalysisError(
        f"“{paper.title}” has {len(paper.lines)} lines, more than a page has room for. Have it"
        " written as xlsx only."
    )


def _style():
    """The style, and the fonts that it brings along."""
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    colours = {"ink": INK, "quiet": QUIET, "rule": RULE, "tint": TINT}
    look = _STYLE.format(font=font_path().as_uri(), **colours)
    return library().CSS(string=look, font_config=fonts), fonts


def _markup(paper: Paper) -> str:
    def row(tag: str, cells, strong: bool = False) -> str:
        both = zip(cells, paper.numeric, strict=True)
        shown = "".join(_cell(tag, cell, number, paper) for cell, number in both)
        return f"<tr{' class=s' if strong else ''}>{shown}</tr>"

    lines = zip(paper.lines, paper.strong, strict=True)
    return (
        f'<html lang="{text.LANGUAGES[paper.lang].tag}"><title>{html.escape(paper.title)}</title>'
        f"<h1>{html.escape(paper.title)}</h1><p>{html.escape(paper.under)}</p>"
        f"<table>{row('th', paper.headings)}{''.join(row('td', *line) for line in lines)}</table>"
    )


def _cell(tag: str, cell, number: bool, paper: Paper) -> str:
    shown = cell or ""
    if cell is not None and not isinstance(cell, str):
        shown = text.format_value(cell, "amount", paper.decimals, lang=paper.lang)
    return f"<{tag}{' class=n' if number else ''}>{html.escape(shown)}</{tag}>"
