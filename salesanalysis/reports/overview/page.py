"""The report that brings others together."""

import html
from itertools import zip_longest

from salesanalysis import statuses, text
from salesanalysis.reports import in_short, pictures, week
from salesanalysis.reports.addresses import linked
from salesanalysis.reports.blocks import Figure, Heading, Table
from salesanalysis.reports.report import Report


class Overview(Report):
    """A report on other reports, told by its notebook like any other."""

    def answer(self, reports) -> None:
        """The first screen: the answer of the first report, the main figures, what to do.

        The figures are those to be acted on, then those to be watched; of alike ones the first of
        each report, then the second of each. What to do is that of all reports, most money first.

        Parameters
        ----------
        reports : list of MadeReport
            As from :func:`salesanalysis.reports.overview.made_reports`.
        """
        self._told["columns"] = 2
        for kept in ("lead", "since"):
            for said in reports[0].told[kept]:
                if said["key"] not in week.MOVED:  # its own list is not the one shown here
                    self._stated(kept, said["key"], said["text"])
        in_turn = zip_longest(*([(made, one) for one in made.main_figures()] for made in reports))
        shown = [pair for turn in in_turn for pair in turn if pair]
        shown.sort(key=lambda pair: statuses.ORDER.index(pair[1]["status"]))
        shown = shown[: in_short.MOST_FIGURES]
        order = {made.name: number for number, made in enumerate(reports)}
        shown.sort(key=lambda pair: order[pair[0].name])
        self._told["tiles"] = [one for _, one in shown]
        self._tiles([(one, made.address) for made, one in shown])
        todo = [(made, one) for made in reports for one in made.told["actions"]]
        todo.sort(key=lambda pair: -(pair[1]["at_stake"] or 0.0))
        addresses = {one["action_id"]: made.address_of(one) for made, one in todo}
        self._week([one for _, one in todo], addresses=addresses)

    def retell(self, reports) -> None:
        """A section on each report: its answer, the picture it is known by, its figures folded."""
        for made in reports:
            short, figures, picture = made.short, made.figures(), made.picture()
            lead = next((said["text"] for said in made.told["lead"]), "")
            title, note = (lead, short["title"]) if lead else (short["title"], "")
            heading = Heading(f"section-{made.safe_name}", title, note=note)
            self._heading(heading)
            self._told["main"].append(heading.anchor)
            if picture:
                keys = tuple(said["key"] for said in short.get("headlines", ()))
                told, content = picture
                files = pictures.files_of(made.safe_name)[: len(content.contents)]
                shown = Figure(made.safe_name, told["caption"], files, keys)
                self._picture(shown, content)
            self._restate([made], "headline")
            if made.address:
                said = text.sentence("overview.say.report", self.lang, report=made.title)
                self._show(f"<p>{linked(html.escape(said), made.address)}</p>", said, part="said")
            links = dict.fromkeys((one["name"] for one in made.main_figures()), made.address)
            look = {"part": made.name, "links": links}
            self._table(Table(figures, short["figures"], made.safe_name, **look))

    def warn(self, reports) -> None:
        """Say the warnings that reports are to be known by, each once."""
        self._restate(reports, "warn")

    def _restate(self, reports, kind: str) -> None:
        kept = {"headline": "headlines", "warn": "warnings"}[kind]
        for made in reports:
            for said in made.short.get(kept, ()):
                if said["text"] not in [before["text"] for before in self._told[kept]]:
                    self._stated(kind, said["key"], said["text"])

    def sources_of(self, reports) -> None:
        """Register what other reports were made from, each input once."""
        for made in reports:
            for source in made.told["sources"]:
                if source not in self._told["sources"]:
                    self._told["sources"].append(source)
        self._save()
