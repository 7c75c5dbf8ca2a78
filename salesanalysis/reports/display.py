"""What a notebook shows where it is opened: the HTML of a report, and the least of a style."""

import html
import textwrap

#: Under this key the metadata of an output say what part of the page it is.
PART = "salesanalysis"

#: JupyterLab has no style of ours: the least that makes a report readable there. Its own style
#: sets all cells to the right, by two classes; so ours name two. A long table scrolls, for there
#: the page's script, which shows the first rows only, does not run.
LAB_STYLE = (
    "<style>.table .scroll :is(td,th){text-align:left;vertical-align:top}"
    ".table .scroll :is(.r,[data-v]){text-align:right}.table td[data-v]{white-space:nowrap}"
    ".table .scroll caption{text-align:left}.table .scroll{max-height:36em;overflow:auto}"
    ".lead{font-size:1.4em;font-weight:600}.tiles{display:flex;flex-wrap:wrap;gap:.8em 2em}"
    ".tiles .tile>span{display:block}.tile strong{font-size:1.5em}.lhead{display:none}"
    ".list li>span{margin-right:1em}.block,.sa-caveat{border-left:3px solid;padding-left:.8em}"
    ".block{border-color:#b3261e}.sa-caveat{border-color:#a34a17}</style>"
)


def title(title: str, question: str, *, is_page: bool, is_own: bool) -> str:
    """Title and question of a report; in JupyterLab with the least of a style.

    There a Markdown cell is the heading already; only a title of this run's own is said.
    """
    heading = f"<h1>{html.escape(title)}</h1>"
    if not is_page:
        said = f"<p><strong>{html.escape(title)}</strong></p>" if is_own else ""
        heading = LAB_STYLE + said
    return f'{heading}<p class="sa-question">{html.escape(question)}</p>'


def show(markup: str, plain: str, lang: str, **place: object) -> None:
    """Display HTML in the reader's language, with plain text for a terminal.

    ``place`` says what part of the page it is: the fields of
    :class:`salesanalysis.reports.export.layout.Piece`.
    """
    from IPython.display import display

    display(
        {
            "text/html": f'<div class="sa-report" lang="{lang}">{markup}</div>',
            "text/plain": textwrap.shorten(plain, 200),
        },
        metadata={PART: place} if place else None,
        raw=True,
    )
