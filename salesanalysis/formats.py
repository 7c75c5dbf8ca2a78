"""The formats of a report: a record of each, from which help, guides and pages name them.

To add one, write its record into :data:`FORMATS` and a module of its name, with ``write(made)``,
into ``salesanalysis/reports/export/``. Nothing else lists formats or the names of their files.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """One format of a report.

    Attributes
    ----------
    file : str
        Its file in the folder of a report.
    what : str
        What that is, in a few words, for help and guides.
    on_slides : bool
        Whether figures stand on slides, for which tall ones are drawn a second time.
    takes_template : bool
        Whether it takes the look of a file of the reader's own: its module has ``open_template``.
    has_papers : bool
        Whether a report's papers, such as a statement for each payee, may have it: there is a
        module of its name in ``salesanalysis/reports/papers/`` too.
    extra : str
        The extra of the package that it needs: its module has ``library``. Empty for none.
    """

    file: str
    what: str
    on_slides: bool = False
    takes_template: bool = False
    has_papers: bool = False
    extra: str = ""


#: By the name that ``--format`` takes, in the order in which they are written. The first is the
#: page, which is always there; others can be made from it.
FORMATS = {
    "html": Format("report.html", "the page, one file that needs no network; always written"),
    "slides": Format("slides.html", "slides for any browser, in one file", on_slides=True),
    "pptx": Format(
        "report.pptx",
        "slides for PowerPoint, in the look of your own by --template",
        on_slides=True,
        takes_template=True,
    ),
    "xlsx": Format(
        "report.xlsx",
        "the first screen, charts and all tables as an Excel workbook",
        has_papers=True,
    ),
    "md": Format(
        "report.md", "the first screen, findings and small tables as Markdown, for a mail"
    ),
    "pdf": Format(
        "report.pdf", "the page on paper; needs the extra `pdf`", has_papers=True, extra="pdf"
    ),
}

PAGE = next(iter(FORMATS))
