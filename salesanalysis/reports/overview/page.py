"""The report that brings others together."""

from salesanalysis.reports import pictures
from salesanalysis.reports.blocks import Figure, Heading, Table
from salesanalysis.reports.report import STANDS_OUT, Report


class Overview(Report):
    """A report on other reports, told by its notebook like any other."""

    def retell(self, reports) -> None:
        """A section on each report: its key figures, large, and the picture it is known by.

        Parameters
        ----------
        reports : list of MadeReport
            As from :func:`salesanalysis.reports.overview.made_reports`.
        """
        for made in reports:
            short, figures, picture = made.short, made.figures(), made.picture()
            self._heading(Heading(f"section-{made.safe_name}", short["title"]))
            links = dict.fromkeys(figures, made.address)
            look = {"part": made.name, "links": links, "large": True}
            self._table(Table(figures, short["figures"], made.safe_name, **look))
            if picture:
                keys = tuple(said["key"] for said in short.get("headlines", ()))
                files = pictures.files_of(made.safe_name)
                shown = Figure(made.safe_name, picture["caption"], files, keys)
                self._picture(shown, made.picture_files(), picture["width"])

    def restate(self, reports, kept: str) -> None:
        """Say the ``headlines`` or ``warnings`` that reports are to be known by, each once."""
        style = next(style for name, style in STANDS_OUT.values() if name == kept)
        for made in reports:
            for said in made.short.get(kept, ()):
                if said["text"] not in [before["text"] for before in self._told[kept]]:
                    self._stated(kept, style, said["key"], said["text"])

    def sources_of(self, reports) -> None:
        """Register what other reports were made from, each input once."""
        for made in reports:
            for source in made.told["sources"]:
                if source not in self._told["sources"]:
                    self._told["sources"].append(source)
        self._save()
