"""What a report writes beside its page: files of text, and papers for those that it is about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from salesanalysis.reports import papers, tables
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.telling import Telling, require_name

if TYPE_CHECKING:
    import pandas as pd


class Filing(Telling):
    """A report that has files of its own."""

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
        require_name(stem)
        require_name(ending)
        if self._folder:
            (self._folder / "files").mkdir(exist_ok=True)
            (self._folder / "files" / name).write_bytes(content.encode())

    def papers(
        self,
        name: str,
        frame: "pd.DataFrame",
        *,
        by: Sequence[str],
        formats: Sequence[str],
        strong: str,
        decimals: int = 2,
        **about: object,
    ) -> None:
        """Write one A4 page for each group of a table: ``<name>/<group>/<group>.xlsx``.

        At its top stand ``<report>.paper.<name>.title`` and ``….under``. Which file is whose is
        shown as the table ``<name>_files`` under ``….files``.

        Parameters
        ----------
        name : str
            The folder beside the report.
        frame : DataFrame
            One row per line of a page, in their order.
        by : list of str
            The columns that name a page: the folders, and last the file.
        formats : list of str
            ``xlsx``, ``pdf`` or both.
        strong : str
            The column (flag) of lines that stand out; it is not shown.
        decimals : int
            Digits of the numbers after the point.
        **about
            What the lines at the top say beside the columns of ``by``.
        """
        import pandas as pd

        papers.require_formats(formats)
        shown = [column for column in frame.columns if column not in (*by, strong)]
        headings = [tables.heading_of(frame, column, self.name, self.lang) for column in shown]
        stems = {column: papers.file_stems(frame[column].astype("str")) for column in by}
        files, words = [], f"paper.{name}"
        for key, rows in frame.groupby(list(by), sort=False):
            group = dict(zip(by, key, strict=True))
            top = (self._sentence(words + end, group | about) for end in (".title", ".under"))
            lines = papers.lines_of(rows[shown])
            paper = papers.Paper(*top, headings, lines, list(rows[strong]), decimals, self.lang)
            place = "/".join([require_name(name), *(stems[column][group[column]] for column in by)])
            for ending in formats:
                files.append(group | {"statement_file": f"{place}.{ending}"})
                if self._folder:
                    papers.write(paper, self._folder / files[-1]["statement_file"])
        table = pd.DataFrame(files, columns=[*by, "statement_file"])
        links = {path: quote(path) for path in table["statement_file"]}
        caption = self._sentence(words + ".files", {})
        links = {"statement_file": links}
        self._table(Table(table, caption, f"{name}_files", part=self.name, links=links))
