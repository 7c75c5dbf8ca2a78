"""What a notebook shows where it is opened: the HTML of a report, and the least of a style."""

import html
import textwrap

#: Under this key the metadata of an output say what part of the page it is.
PART = "salesanalysis"

#: JupyterLab has no style of ours: the least that makes a report readable there. Its own style
#: sets all cells to the right, by two classes; so ours name two.
LAB_STYLE = (
    "<style>.sa-table .sa-scroll td,.sa-table .sa-scroll th{text-align:left;vertical-align:top}"
    ".sa-table .sa-scroll .sa-number{text-align:right}.sa-table td.sa-number{white-space:nowrap}"
    ".sa-tiles{display:flex;flex-wrap:wrap;gap:.8em 2em}.sa-tile b,.sa-tile small{display:block}"
    ".sa-tile b{font-size:1.5em}"
    ".sa-headline{border-left:3px solid #1f5f8b;padding-left:.8em;font-size:1.15em}"
    ".sa-caveat{border-left:3px solid #b3541e;padding-left:.8em}</style>"
)


def prose(said: str) -> str:
    """A sentence as HTML."""
    return html.escape(said)


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
