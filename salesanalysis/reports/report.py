"""What a notebook says to its reader.

In JupyterLab a :class:`Report` only displays. Under the runner it also writes the tables and
figures into the folder that :data:`OUT` names, and ``report.json``, which the runner folds into
``run.json``. All HTML is built here and escaped; nothing a data file holds can become markup.
"""

import base64
import html
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.formats import FORMATS
from salesanalysis.reports import (
    display,
    in_short,
    pictures,
    provenance,
    quality,
    tables,
    told_blocks,
)
from salesanalysis.reports.blocks import Block, Figure, Heading, Paragraph, Statement, Table, Title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from salesanalysis.reduce.checks import Checks
    from salesanalysis.sources import Checked

#: The environment variable that tells a notebook's kernel which folder to write into.
OUT = "SALESANALYSIS_OUT"

#: Findings that stand out: under which name ``run.json`` keeps them, and how they look.
STANDS_OUT = {"headline": ("headlines", "sa-headline"), "warn": ("warnings", "sa-caveat")}

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Report:
    """One report in one language, told step by step by its notebook.

    Parameters
    ----------
    name : str
        The part of :mod:`salesanalysis.text` that holds the report's words, such as ``funnel``.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Raises
    ------
    SalesAnalysisError
        The language is unknown, or there is no text for that report.

    Examples
    --------
    >>> Report("funnel", lang="fr")
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: `lang` is 'fr'; expected one of en, zh.
    """

    def __init__(self, name: str, *, lang: str = "en"):
        self.name = name
        self.lang = text.require_language(lang)
        out = os.environ.get(OUT)
        self._folder = Path(out) if out else None
        self._checked, self._undrawn = [], []
        self._blocks = 0
        self._told = {"name": name, "lang": lang, **told_blocks.nothing_told()}
        if self._folder and (self._folder / told_blocks.MANIFEST_FILE).exists():
            raise SalesAnalysisError("A notebook makes one `Report`; this is its second.")
        self._save()

    # --- words -------------------------------------------------------------------------------

    def title(self, **values: object) -> None:
        """Show the title ``<name>.title`` and the question ``<name>.question``."""
        title = self._sentence("title", values)
        question = self._sentence("question", values)
        self._told["title"] = title
        self._show(
            f"{'' if self._folder else display.LAB_STYLE}<h1>{html.escape(title)}</h1>"
            f'<p class="sa-question">{html.escape(question)}</p>',
            f"{title}\n{question}",
        )
        self._keep(Title(title, question))
        self._save()

    def findings(self, found: Iterable[Finding]) -> None:
        """Say each :class:`~salesanalysis.findings.Finding`, ``<name>.<kind>.<finding>``.

        Headlines and warnings (kind ``warn``) stand out, and ``run.json`` lists all of them in
        their order; those of another kind are plain paragraphs.
        """
        for finding in found:
            key = f"{finding.kind}.{finding.name}"
            said = self._sentence(key, finding.values, finding.part)
            if finding.kind in STANDS_OUT:
                self._stated(*STANDS_OUT[finding.kind], finding.name, said)
            else:
                self._paragraph(Paragraph(said, finding.kind))

    def section(self, key: str) -> None:
        """Begin the section ``<name>.section.<key>``; it appears in the table of contents."""
        said = self._sentence(f"section.{_require_name(key)}", {})
        self._heading(Heading(f"section-{key}", said))

    def say(self, key: str, **values: object) -> None:
        """Show the paragraph ``<name>.say.<key>``; a blank line in the text begins a new one."""
        self._paragraph(Paragraph(self._sentence(f"say.{key}", values)))

    # --- for other pages ---------------------------------------------------------------------

    def key_figures(self, figures: Iterable[KeyFigure]) -> None:
        """Keep the :class:`~salesanalysis.findings.KeyFigure` of the report, the main ones first.

        ``run.json`` has them for the overview, the page over a batch and the next run; null is
        what is missing or not finite.
        """
        for figure in figures:
            known = (record["name"] for record in self._told["key_figures"])
            self._refuse_twice("key figure", _require_name(figure.name), known)
            record = in_short.figure_record(figure, self.name, self.lang)
            self._told["key_figures"].append(record)
        self._save()

    def things(self, things: Iterable[Thing]) -> None:
        """Keep each :class:`~salesanalysis.findings.Thing` to look at, for the overview."""
        for thing in things:
            reason = thing.reason
            said = self._sentence(f"{reason.kind}.{reason.name}", reason.values, reason.part)
            record = in_short.thing_record(thing, said, self.name, self.lang)
            self._told["things"].append(record)
        self._save()

    def in_short(self, *, picture: str, says: Sequence[str] = ()) -> None:
        """What the overview shows of this report beside its figures and things.

        Parameters
        ----------
        picture : str
            One of the figures shown before; none where that had nothing to show.
        says : list of str
            Headlines and warnings by their keys, as far as they were told; that rows were set aside
            is shown in any case.
        """
        drawn = [figure["name"] for figure in self._told["figures"]]
        if picture not in [*drawn, *self._undrawn]:
            known = ", ".join(drawn) or "none"
            raise SalesAnalysisError(f"`picture` is {picture!r}; shown before it were {known}.")
        shown = [*says, "set_aside"]
        self._told["in_short"] = {
            **{name: self._sentence(f"in_short.{name}", {}) for name in ("title", "figures")},
            "picture": picture if picture in drawn else None,
            **{k: [s for s in self._told[k] if s["key"] in shown] for k, _ in STANDS_OUT.values()},
        }
        self._save()

    # --- tables and figures ------------------------------------------------------------------

    def table(
        self,
        name: str,
        frame: "pd.DataFrame",
        *,
        rows: int = 50,
        hide: Sequence[str] = (),
        links: tables.Links | None = None,
        large: bool = False,
        shows: Sequence[str] = (),
    ) -> None:
        """Show a table under ``<name>.table.<table name>``, and write it whole as CSV.

        Parameters
        ----------
        name : str
            The file's name, ``tables/<name>.csv``, and the key of its caption.
        frame : DataFrame
            One row per line of the table; its index must carry nothing.
        rows : int
            How many rows to show; the page says when there are more.
        hide : list of str
            Columns that are in the file but too many for the page; the page says so.
        links : dict of column to address, optional
            Where the cells of the page lead, as from :func:`salesanalysis.reports.links`; instead
            of an address a dict of value to address.
        large : bool
            Show the first row as large figures, ``x_low`` and ``x_high`` under ``x``.
        shows : list of str
            As for :meth:`figure`, for a table that gets a slide of its own.
        """
        caption = self._sentence(f"table.{_require_name(name)}", {})
        looks = {"rows": rows, "hide": tuple(hide), "links": links or {}, "large": large}
        self._table(Table(frame, caption, name, part=self.name, shows=tuple(shows), **looks))

    def checks(self, checks: "Checks", *, also: Sequence[str] = ()) -> None:
        """Show what the checks of a family (``reduce.checks.Checks``) found, the worst first.

        The rows that one found are written as ``tables/check_<name>.csv``, where its name leads.
        ``also`` names other reports with words for checks that this one has none for.
        """
        parts = (self.name, *also, "checks")
        self._tell(quality.checks(checks, parts, self.lang, with_rows=bool(self._folder)))

    def figure(
        self,
        name: str,
        drawn: "Axes | Drawing | Callable[..., Axes]",
        /,
        *data: object,
        shows: str | Sequence[str] = (),
        **settings: object,
    ) -> None:
        """Show a figure under ``<name>.figure.<figure name>``, write PNG and SVG, and close it.

        A picture that has nothing to show is left out, and a sentence says so.

        Parameters
        ----------
        name : str
            The files' name, ``figures/<name>.png`` and ``.svg``, and the key of the caption,
            which is also what a screen reader says.
        drawn : matplotlib Axes or Figure, or a function
            A function of :mod:`salesanalysis.plots` draws the ``data`` with these ``settings``, in
            the report's language.
        shows : str or list of str
            What the figure is the picture of, the best first: headlines by their keys, findings of
            another kind by the kind. On a slide the first that was told stands over the figure.
        """
        import matplotlib.pyplot as plt

        caption = self._sentence(f"figure.{_require_name(name)}", {})
        self._refuse_twice("figure", name, (figure["name"] for figure in self._told["figures"]))
        figure = pictures.figure_of(name, drawn, data, settings | {"lang": self.lang})
        shown = (shows,) if isinstance(shows, str) else tuple(shows)
        if figure is None:
            self._undrawn.append(name)
            said = text.sentence("report.figure.empty", self.lang, caption=caption)
            self._paragraph(Paragraph(said))
            return
        content = pictures.png_and_svg(name, figure)
        width = round(figure.get_figwidth() * 96)
        slide = self._slide_picture(name, figure)
        plt.close(figure)  # else the notebook would show it a second time at the cell's end
        self._picture(Figure(name, caption, pictures.files_of(name), shown, slide), content, width)

    def _picture(self, figure: Figure, content: tuple[bytes, bytes], width: int) -> None:
        """Show a picture, PNG and SVG, and write its files."""
        caption = html.escape(figure.caption)
        self._show(
            f'<figure class="sa-figure"><img alt="{caption}" width="{width}"'
            f' src="data:image/png;base64,{base64.b64encode(content[0]).decode()}">'
            f"<figcaption>{caption}</figcaption></figure>",
            f"[{figure.caption}]",
        )
        if self._folder:
            (self._folder / "figures").mkdir(exist_ok=True)
            for file, written in zip(figure.files, content, strict=True):
                (self._folder / file).write_bytes(written)
        told = {"name": figure.name, "files": list(figure.files), "caption": figure.caption}
        self._told["figures"].append(told | {"width": width})
        self._keep(figure)
        self._save()

    def file(self, name: str, content: str) -> None:
        """Write a text file beside the report, ``files/<name>``, as it is: a calendar, a mail.

        Parameters
        ----------
        name : str
            A name like ``refreshers.ics``.
        content : str
            Written as UTF-8; its line ends are kept.
        """
        stem, _, ending = name.rpartition(".")
        _require_name(stem)
        _require_name(ending)
        if self._folder:
            (self._folder / "files").mkdir(exist_ok=True)
            (self._folder / "files" / name).write_bytes(content.encode())

    # --- appendix ----------------------------------------------------------------------------

    def source(self, checked: "Checked") -> None:
        """Register one input, so that the report says what it read and what it left out.

        What rows set aside take along is said at once, before any finding.

        Parameters
        ----------
        checked : sources.Checked
            What ``sources.read`` or ``sources.check`` found out about the input.
        """
        self._checked.append(checked)
        self._told["sources"].append(provenance.source_of(checked))
        if told := quality.taken_along(checked, self.lang):
            self._stated(*STANDS_OUT["warn"], "set_aside", " ".join(told))
        self._save()

    def sources(self, inputs: "Iterable[Checked]") -> None:
        """Register several inputs, as :meth:`source` does one."""
        for checked in inputs:
            self.source(checked)

    def quality(self) -> None:
        """Show the data-quality page of all inputs, and write its tables.

        ``tables/quality_faults.csv`` lists the rules broken, ``tables/set_aside_<table>.csv`` the
        rows left out of the report, whole.
        """
        self._tell(quality.page(self._checked, self.lang))

    def provenance(self) -> None:
        """Show what the report was made from: inputs, parameters, versions, commit.

        Nothing here comes from the clock, so that two runs of the same input give the same page.
        """
        self._tell(provenance.page(self._told["sources"], self._request(), self.lang))

    # --- how it is done ----------------------------------------------------------------------

    def _sentence(self, key: str, values: dict, part: str = "") -> str:
        part = part or self.name
        shown = {
            name: tables.cell_words(value, name, text.column_kind(name)[0], part, self.lang)
            if isinstance(value, str)
            else value
            for name, value in values.items()
        }
        return text.sentence(f"{part}.{key}", self.lang, **shown)

    def _stated(self, kept: str, style: str, key: str, said: str) -> None:
        self._show(f'<p class="{style}">{display.prose(said)}</p>', said)
        self._told[kept].append({"key": key, "text": said})
        self._keep(Statement(kept, key, said))
        self._save()

    def _tell(self, blocks: list[Block]) -> None:
        """Show and write a ready-made page."""
        for block in blocks:
            if isinstance(block, Heading):
                self._heading(block)
            elif isinstance(block, Paragraph):
                self._paragraph(block)
            else:
                self._table(block)

    def _heading(self, heading: Heading) -> None:
        tag, said = f"h{heading.level}", html.escape(heading.said)
        self._show(f'<{tag} id="{heading.anchor}">{said}</{tag}>', heading.said)
        if heading.level == 2:
            anchors = (section["id"] for section in self._told["sections"])
            self._refuse_twice("section", heading.anchor, anchors)
            self._told["sections"].append({"id": heading.anchor, "title": heading.said})
        self._keep(heading)
        self._save()

    def _paragraph(self, paragraph: Paragraph) -> None:
        parts = (part for part in re.split(r"\n\s*\n", paragraph.said) if part.strip())
        self._show("".join(f"<p>{display.prose(part)}</p>" for part in parts), paragraph.said)
        self._keep(paragraph)

    def _table(self, table: Table) -> None:
        """Show a table where it has a caption, write it where it has a name."""
        frame = table.frame
        tables.require_flat(table.name or table.caption, frame)
        file = f"tables/{table.name}.csv" if table.name else None
        if file:
            self._refuse_twice("table", table.name, (t["name"] for t in self._told["tables"]))
        content = tables.csv_file(frame) if file else b""
        if table.caption:
            markup = tables.html_table(
                frame.drop(columns=list(table.hide)),
                lang=self.lang,
                part=table.part,
                caption=table.caption,
                rows=table.rows,
                note=tables.note_of(table, file, self.lang),
                download=(f"{table.name}.csv", content) if file and len(frame) else None,
                links=table.links,
                large=table.large,
            )
            self._show(markup, f"[{table.caption}]")
        if file and self._folder:
            (self._folder / "tables").mkdir(exist_ok=True)
            (self._folder / file).write_bytes(content)
        if file:
            self._told["tables"].append(
                {"name": table.name, "file": file, "caption": table.caption, "rows": len(frame)}
            )
        self._keep(table)
        self._save()

    def _keep(self, block: Block) -> None:
        """Add a block to those told, from which the runner writes the other formats."""
        if self._folder:
            told_blocks.append(self._folder, self._blocks, block)
            self._blocks += 1

    def _slide_picture(self, name: str, figure) -> str:
        """The file of a tall figure drawn for slides, if there will be any; it changes the figure.

        As it is on the page it would be scaled down until nobody could read it.
        """
        if not self._folder or figure.get_figheight() <= pictures.SLIDE_HEIGHT:
            return ""
        if not any(FORMATS[name].on_slides for name in self._request()["formats"]):
            return ""
        return told_blocks.add_picture(self._folder, name, pictures.for_slide(figure))

    def _show(self, markup: str, plain: str) -> None:
        """Display HTML, with plain text for a terminal."""
        display.show(markup, plain, self.lang)

    def _request(self) -> dict:
        """What the runner was asked for; in JupyterLab there is no run, hence no parameters."""
        if self._folder:
            return json.loads((self._folder / told_blocks.REQUEST_FILE).read_text(encoding="utf-8"))
        return {"parameters": {}, "commit": None, "notebook": None}

    def _refuse_twice(self, kind: str, name: str, known) -> None:
        """In a run a second one would overwrite the first; in JupyterLab a cell is run again."""
        if self._folder and name in known:
            raise SalesAnalysisError(
                f"The report already has a {kind} `{name}`; name this another."
            )

    def _save(self) -> None:
        if self._folder:
            told = json.dumps(self._told, ensure_ascii=False, allow_nan=False)
            (self._folder / told_blocks.MANIFEST_FILE).write_text(told, encoding="utf-8")


def _require_name(name: str) -> str:
    """A name that can be a file's, a key's and an anchor's."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SalesAnalysisError(
            f"The name {name!r} must be small letters, digits and `_`, a letter first."
        )
    return name
