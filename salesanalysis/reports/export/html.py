"""The executed notebook as one HTML page that a manager reads: no request, one script of ours.

The page holds what the cells show, not their code, and no Markdown cells: they guide the person who
opens the notebook in JupyterLab, while the report's own headings and sentences come from ``Report``
in the reader's language.
"""

import functools
import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from salesanalysis import text
from salesanalysis.reports import display
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.font import with_font
from salesanalysis.reports.export.layout import Piece, laid_out
from salesanalysis.reports.export.policy import content_security_policy

_PAGE = Path(__file__).parent / "page"

#: What the page itself says.
_WORDS = ("levels", "page.skip", "page.how", "page.cautions", "page.tables", "page.beside")
_WORDS += ("messages.title", "messages.explanation")

#: What the policy does not stop when a cell's own HTML brings it along: a reload elsewhere, mostly.
_UNWANTED = ("base", "embed", "form", "frame", "iframe", "link", "meta", "object", "script")


def write(made: Material) -> None:
    """Write the page."""
    page = export_html(made.notebook, made.record, lang=made.lang)
    made.file("html").write_text(page, encoding="utf-8", newline="\n")


def export_html(notebook, record: dict, *, lang: str) -> str:
    """The page of a report.

    Parameters
    ----------
    notebook : NotebookNode
        The executed notebook, normalised; it is not changed.
    record : dict
        What ``run.json`` says: title, question, day, messages.
    lang : str
        The reader's language.

    Returns
    -------
    str
        The whole page.
    """
    script = _own("page.js") + _own("pictures.js")
    as_of = record.get("as_of")
    page = _template().render(
        lang=text.LANGUAGES[lang].tag,
        policy=content_security_policy(script),
        script=script,
        style=_own("style.css") + _own("pictures.css"),
        title=record["title"] or record["name"],
        question=record.get("question") or "",
        as_of=text.sentence("report.page.as_of", lang, as_of=as_of) if as_of else "",
        beside=[(title, quote(address)) for title, address in record.get("beside", [])],
        columns=record.get("columns", 1),
        page=laid_out(_pieces(notebook, lang)),
        messages=[
            {
                "heading": text.sentence("report.messages.cell", lang, cell=message["cell"]),
                "text": message["text"],
            }
            for message in record["messages"]
        ],
        words={key: text.sentence(f"report.{key}", lang) for key in _WORDS},
    )
    return with_font(page)


@functools.cache
def _template():
    """The page without what is on it."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("index.html.j2")


def _pieces(notebook, lang: str) -> Iterator[Piece]:
    """What the cells show, in their order; the error stream is listed at the end of the page."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                if output.name == "stdout":
                    yield Piece(_printed(output.text))
            elif output.output_type in ("display_data", "execute_result"):
                own = output.metadata.get(display.PART, {})
                yield Piece(_shown(output.data, lang), **own)


def _shown(data, lang: str) -> str:
    """An output as HTML, by the best of the kinds that can be shown.

    Not Markdown, JavaScript, LaTeX or SVG: they would put markup into the page that nobody has
    escaped.
    """
    if "text/html" in data:
        return without_active_tags(data["text/html"])
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            return f'<img alt="" src="data:{kind};base64,{html.escape(data[kind].strip())}">'
    if "text/plain" in data:
        return _printed(data["text/plain"])
    return _printed(text.sentence("report.not_shown", lang, kinds=", ".join(data)))


def _printed(said: str) -> str:
    return f'<pre class="printed">{html.escape(said)}</pre>'


def _own(file: str) -> str:
    """A style or a script of the page."""
    return (_PAGE / file).read_text(encoding="utf-8")


def without_active_tags(markup: str) -> str:
    """HTML without the tags that could load, run or leave for something else.

    Examples
    --------
    >>> without_active_tags("<p>a<meta http-equiv='refresh' content='0; url=//x'>b</p>")
    '<p>ab</p>'
    """
    if not re.search(rf"<({'|'.join(_UNWANTED)})\b", markup, re.IGNORECASE):
        return markup  # as good as always, and a large picture need not be parsed
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markup, "html.parser")
    for tag in soup.find_all(_UNWANTED):
        tag.decompose()
    return str(soup)
