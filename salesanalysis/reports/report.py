"""What a notebook says to its reader.

In JupyterLab a :class:`Report` only displays. Under the runner it also writes the tables and
figures into the folder that :data:`OUT` names, and ``report.json``, which the runner folds into
``run.json``. All HTML is built here and escaped; nothing a data file holds can become markup.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from salesanalysis import statuses, text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Action, Finding, KeyFigure, Thing
from salesanalysis.reports import (
    display,
    in_short,
    pictures,
    provenance,
    quality,
    week,
)
from salesanalysis.reports.addresses import row_anchor, table_anchor
from salesanalysis.reports.blocks import Figure, Heading, Paragraph, Table, Title
from salesanalysis.reports.filing import Filing
from salesanalysis.reports.pictures import native
from salesanalysis.reports.telling import STANDS_OUT, require_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from salesanalysis.reduce.checks import Checks
    from salesanalysis.reports.blocks import Links
    from salesanalysis.sources import Checked


class Report(Filing):
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

    # --- words -------------------------------------------------------------------------------

    def title(self, *, scenario: str = "", **values: object) -> None:
        """Show the title ``<name>.title``, after a scenario's name, and ``<name>.question``."""
        title = self._sentence("title", values)
        if scenario:
            title = text.sentence("report.scenario", self.lang, scenario=scenario, title=title)
        question = self._sentence("question", values)
        day = str(values.get("as_of") or "")[:10] or None
        self._told |= {"title": title, "question": question, "as_of": day}
        told = Title(title, question)
        markup = display.title(title, question, is_page=bool(self._folder), is_own=bool(scenario))
        self._show(markup, f"{title}\n{question}", **told.place)
        self._keep(told)
        self._save()

    def findings(self, found: Iterable[Finding]) -> None:
        """Say each :class:`~salesanalysis.findings.Finding`, ``<name>.<kind>.<finding>``.

        Headlines and warnings (kind ``warn``) stand out, and ``run.json`` lists all of them in
        their order; those of another kind are plain paragraphs.
        """
        for finding in found:
            said, short = self._said(finding), self._short(finding)
            if finding.kind in STANDS_OUT:
                self._stated(finding.kind, finding.name, said, short)
            else:
                self._paragraph(Paragraph(said, finding.kind, short))

    def currency(self, code: str) -> None:
        """Say in which currency all amounts are; from here on its sign stands beside each."""
        self._told["currency"] = code
        self._save()

    def names(self, names: Mapping[str, str], *columns: str) -> None:
        """Say what ids and signs are called: from here on sentences, tables and pictures show it.

        Two of one name are told apart by their ids. The files of the tables keep the ids.

        Parameters
        ----------
        names : dict of id to name
        columns : str
            The columns, and the values of findings, in which they stand.
        """
        told_apart = text.distinct_names(names)
        for column in columns:
            self._names.setdefault(column, {}).update(told_apart)

    def since(self, day: object, found: Iterable[Finding]) -> None:
        """Say under the answer what has changed since an earlier day: findings in their short form.

        Parameters
        ----------
        day : date or str
        found : list of Finding
        """
        for finding in found:
            said = self._short(finding) or self._said(finding)
            said = text.sentence("report.page.since", self.lang, day=day, said=said)
            self._stated("since", finding.name, said)

    def section(
        self,
        key: str,
        found: Iterable[Finding] = (),
        *,
        names: Sequence[str] = (),
        folded: bool = False,
    ) -> None:
        """Begin a section: a finding as its title, and its subject ``<name>.section.<key>``.

        Parameters
        ----------
        key : str
            Its name, and that of its place on the page, ``section-<key>``.
        found : list of Finding
            What the section is about, the best first. The first that has a short form,
            ``<name>.short.<kind>.<finding name>`` with values of the finding, is the title, and all
            are said under it as :meth:`findings` says them. Without one the subject is the title.
        names : list of str
            Of these findings only those of these names; all where none is given.
        folded : bool
            Whether it is shown as one line at the end of the page, to be unfolded.
        """
        found = [finding for finding in found if not names or finding.name in names]
        subject = self._sentence(f"section.{require_name(key)}", {})
        title = next(filter(None, map(self._short, found)), "")
        note = subject if title else ""
        self._heading(Heading(f"section-{key}", title or subject, note=note, folded=folded))
        for finding in found:
            if finding.kind not in STANDS_OUT and self._said(finding) == title:
                self._keep(Paragraph(title, finding.kind))  # slides say it; the page has just done
            else:
                self.findings([finding])

    def say(self, key: str, **values: object) -> None:
        """Explain by ``<name>.say.<key>`` how something is to be read; the page folds it.

        A blank line in the text begins a new paragraph.
        """
        self._paragraph(Paragraph(self._sentence(f"say.{key}", values)))

    # --- for other pages ---------------------------------------------------------------------

    def key_figures(
        self,
        figures: Iterable[KeyFigure],
        *,
        past: Mapping[str, Iterable[KeyFigure]] | None = None,
        limits: Mapping[str, list[float]] | None = None,
    ) -> None:
        """Show the first :class:`~salesanalysis.findings.KeyFigure` of the report, the main ones.

        ``run.json`` keeps all of them for the overview, the page over a batch and the next run;
        null is what is missing or not finite.

        Parameters
        ----------
        figures : list of KeyFigure
        past : dict of day to list of KeyFigure, optional
            The same as they were known on earlier days (ISO), oldest first: the small line, and the
            change since the last of them. What is not among them is as the earlier runs say
            (:meth:`compare`).
        limits : dict of name to [good, act], optional
            Where a figure is on track and where it is to be acted on, in place of
            :data:`salesanalysis.statuses.LIMITS`.
        """
        judged_by = statuses.limits(limits)
        known_then = {
            day: {figure.name: figure.value for figure in then}
            for day, then in (past or {}).items()
        }
        said_then = {run.as_of: run.values for run in self._earlier}
        own = {name for then in known_then.values() for name in then}
        for figure in figures:
            known = (record["name"] for record in self._told["key_figures"])
            self._refuse_twice("key figure", require_name(figure.name), known)
            base = self._said(figure.base) if figure.base else ""
            earlier = known_then if figure.name in own else said_then
            course = {day: then.get(figure.name) for day, then in earlier.items()}
            record = in_short.figure_record(
                figure, self.name, self.lang, base=base, past=course, limits=judged_by
            )
            self._told["key_figures"].append(record)
        shown = self._told["key_figures"][: in_short.MOST_FIGURES]
        self._tiles([(record, "") for record in shown])
        self._save()

    def actions(self, actions: Iterable[Action], *, table: str = "", several: str = "") -> None:
        """Show what to do this week: the first :data:`salesanalysis.reports.week.MOST` lines.

        All of them are written as ``tables/actions.csv``, and ``run.json`` keeps those shown. With
        an earlier run (:meth:`compare`) it is said which of them are new, and how many of then are
        gone.

        Parameters
        ----------
        actions : list of Action
            In their order.
        table : str
            The table of this report that has a row for each thing that they are about, found by
            its ``anchors``: there they lead.
        several : str
            The table that a line about several things leads to.
        """
        look = {"part": self.name, "lang": self.lang, "names": self._names}
        records = [week.record(action, self._said(action.step), **look) for action in actions]
        if self.before:
            moved = week.moved(records, self.before.action_ids())
            self.since(self.before.as_of, moved)
        for one in records:
            row = row_anchor(table, one["about"]) if table and one["about"] else ""
            one["row"] = row or (table_anchor(several) if several and not one["about"] else "")
        addresses = {one["action_id"]: f"#{one['row']}" for one in records if one["row"]}
        self._week(records, addresses=addresses)

    def things(self, things: Iterable[Thing]) -> None:
        """Keep each :class:`~salesanalysis.findings.Thing` to look at, for the overview."""
        for thing in things:
            said = self._said(thing.reason)
            record = in_short.thing_record(thing, said, self.name, self.lang, self._names)
            self._told["things"].append(record)
        self._save()

    def in_short(self, *, picture: str, says: Sequence[str] = (), main: Sequence[str] = ()) -> None:
        """What others show of this report: the overview beside its figures and things, slides.

        Parameters
        ----------
        picture : str
            One of the figures shown before; none where that had nothing to show.
        says : list of str
            Headlines and warnings by their keys, as far as they were told; that rows were set aside
            is shown in any case.
        main : list of str
            The sections, by their keys, that are its main findings: each is a slide of its own. The
            first three with a picture of a finding where none is named.
        """
        drawn = [figure["name"] for figure in self._told["figures"]]
        if picture not in [*drawn, *self._undrawn]:
            known = ", ".join(drawn) or "none"
            raise SalesAnalysisError(f"`picture` is {picture!r}; shown before it were {known}.")
        for key in main:  # one may be left out of a run, but each has a subject
            self._sentence(f"section.{key}", {})
        self._told["main"] = [f"section-{key}" for key in main]
        shown = [*says, "set_aside"]
        self._told["in_short"] = {
            **{name: self._sentence(f"in_short.{name}", {}) for name in ("title", "figures")},
            "picture": picture if picture in drawn else None,
            **{
                k: [s for s in self._told[k] if s["key"] in shown]
                for k in ("headlines", "warnings")
            },
        }
        self._save()

    # --- tables and figures ------------------------------------------------------------------

    def table(
        self,
        name: str,
        frame: "pd.DataFrame",
        *,
        rows: int = 12,
        hide: Sequence[str] = (),
        under: Sequence[str] = (),
        anchors: str = "",
        links: "Links | None" = None,
        shows: Sequence[str] = (),
        on_page: bool = True,
    ) -> None:
        """Show a table under ``<name>.table.<table name>``, and write it whole as CSV.

        Parameters
        ----------
        name : str
            The file's name, ``tables/<name>.csv``, and the key of its caption.
        frame : DataFrame
            One row per line of the table; its index must carry nothing.
        rows : int
            How many rows to show at first. The page holds 2,000, to be filtered, sorted and shown;
            it says when there are more.
        hide : list of str
            Columns that are in the file but too many for the page, which has room for eight.
        under : list of str
            Columns of long texts, on the page said under each row over its full width.
        anchors : str
            The column by whose values a link finds a row (``addresses.row_anchor``).
        links : dict of column to address, optional
            Where the cells of the page lead, as from :func:`salesanalysis.reports.links`; instead
            of an address a dict of value to address.
        shows : list of str
            As for :meth:`figure`, for a table that gets a slide of its own.
        on_page : bool
            Whether the page shows it; else it is in the file and the workbook only.
        """
        caption = self._sentence(f"table.{require_name(name)}", {})
        looks = {"rows": rows, "hide": tuple(hide), "under": tuple(under), "anchors": anchors}
        looks |= {"links": links or {}, "shows": tuple(shows), "on_page": on_page}
        self._table(Table(frame, caption, name, part=self.name, **looks))

    def checks(self, checks: "Checks", *, also: Sequence[str] = ()) -> None:
        """Show what the checks of a family (``reduce.checks.Checks``) found, the worst first.

        Those that make figures wrong are said on the first screen too.

        The rows that one found are written as ``tables/check_<name>.csv``, where its name leads.
        ``also`` names other reports with words for checks that this one has none for.
        """
        parts = (self.name, *also, "checks")
        if blocking := quality.blocking(checks, parts, self.lang):
            self._stated("blocking", "blocking", blocking)
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

        caption = self._sentence(f"figure.{require_name(name)}", {})
        self._refuse_twice("figure", name, (figure["name"] for figure in self._told["figures"]))
        settings |= {"lang": self.lang, "currency": self._told["currency"]}
        data = tuple(self._named(one) for one in data)
        settings = {key: self._named(one) for key, one in settings.items()}
        figure = pictures.figure_of(name, drawn, data, settings)
        shown = (shows,) if isinstance(shows, str) else tuple(shows)
        if figure is None:
            self._undrawn.append(name)
            said = text.sentence("report.figure.empty", self.lang, caption=caption)
            self._paragraph(Paragraph(said, "empty"))
            return
        narrow = pictures.narrow_figure(figure, name, drawn, data, settings)
        picture = pictures.picture_of(figure, narrow)
        slide, chart = self._slide_picture(name, figure), native.chart_of(figure)
        for done in (figure, narrow):  # else the notebook would show them at the cell's end
            if done is not None:
                plt.close(done)
        files = pictures.files_of(name)[: len(picture.contents)]
        self._picture(Figure(name, caption, files, shown, slide, chart), picture)

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
        if told := quality.taken_along(checked, self.lang, self._told["currency"]):
            self._stated("blocking", "set_aside", " ".join(told))
        self._save()

    def sources(self, inputs: "Iterable[Checked]") -> None:
        """Register several inputs, as :meth:`source` does one."""
        for checked in inputs:
            self.source(checked)

    def glossary(self) -> None:
        """Say what the key figures of the report mean: ``<name>.glossary.<figure>``, folded."""
        import pandas as pd

        known = {one["name"]: one["label"] for one in self._told["key_figures"]}
        rows = [
            (label, self._sentence(f"glossary.{name}", {}))
            for name, label in known.items()
            if text.has(f"{self.name}.glossary.{name}", self.lang)
        ]
        if rows:
            title, caption = (
                text.sentence(f"report.glossary.{key}", self.lang) for key in ("title", "caption")
            )
            frame = pd.DataFrame(rows, columns=["figure_name", "meaning"])
            self._tell([Heading("glossary", title, folded=True), Table(frame, caption)])

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
