"""The executed notebook as one HTML page that a manager reads: no request, one script of ours.

Markdown cells are left out: they guide the person who opens the notebook in JupyterLab, while the
report's own headings and sentences come from ``Report`` in the reader's language.
"""

import copy
import re
from pathlib import Path

from salesanalysis import text
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.policy import content_security_policy

_HERE = Path(__file__).parent


#: The kinds of output shown, the best first. Not Markdown, JavaScript, LaTeX or SVG: they would
#: put markup into the page that nobody has escaped.
_SHOWN = ("text/html", "image/png", "image/jpeg", "text/plain")


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
        What ``run.json`` says: title, sections, messages.
    lang : str
        The reader's language.

    Returns
    -------
    str
        The whole page.
    """
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbconvert.filters import Highlight2HTML
    from traitlets.config import Config

    exporter = HTMLExporter(
        template_name="page",
        extra_template_basedirs=[str(_HERE)],
        config=Config({"NbConvertBase": {"display_data_priority": list(_SHOWN)}}),
        exclude_markdown=True,
        exclude_raw=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("without_active_tags", without_active_tags)
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python"))
    sort = _sort_script(lang)
    resources = {
        "page": {
            "lang": text.LANGUAGES[lang].tag,
            "policy": content_security_policy(sort),
            "script": sort,
            "style": (_HERE / "page" / "style.css").read_text(encoding="utf-8"),
            "title": record["title"] or record["name"],
            "sections": record["sections"],
            "messages": [
                {
                    "heading": text.sentence("report.messages.cell", lang, cell=message["cell"]),
                    "text": message["text"],
                }
                for message in record["messages"]
            ],
            "says": {
                key: text.sentence(f"report.{key}", lang)
                for key in ("contents", "show_code", "messages.title", "messages.explanation")
            },
        }
    }
    # Its own method would parse the whole page again, a quarter of a second for every report, to
    # add what our template has.
    shown = _with_something_to_show(notebook, lang)
    page, _ = TemplateExporter.from_notebook_node(exporter, shown, resources)
    return page


def _sort_script(lang: str) -> str:
    """The script that sorts tables, reading numbers as the language writes them."""
    script = (_HERE / "page" / "sort.js").read_text(encoding="utf-8")
    language = text.LANGUAGES[lang]
    if (language.group, language.decimal) == (",", "."):
        return script
    plain, own = (
        '/[,%<\\s]/g, "")',
        f'/[{language.group}%<\\s]/g, "").replace("{language.decimal}", ".")',
    )
    return script.replace(plain, own)


def _with_something_to_show(notebook, lang: str):
    """A copy of the notebook where an output of none of the kinds shown is replaced by a note."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        for output in cell.get("outputs", []):
            if "data" in output and not any(kind in output.data for kind in _SHOWN):
                kinds = ", ".join(output.data)
                note = text.sentence("report.not_shown", lang, kinds=kinds)
                output.data["text/plain"] = note
    return copied


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
