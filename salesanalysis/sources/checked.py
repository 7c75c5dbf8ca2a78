"""The result of checking an input."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.faults import FATAL, SEVERITIES, Fault
from salesanalysis.sources.raw import Raw, row_file, row_line
from salesanalysis.sources.set_aside import SetAside

if TYPE_CHECKING:
    import ibis

#: How many cases of each rule are listed.
LISTED_CASES = 20


@dataclass(frozen=True, eq=False)
class Checked:
    """What is in an input, what is wrong with it, and the rows that can be used.

    ``rows == rows_used + rows_set_aside + rows_left_out + rows_not_kept``, but for a fatal fault,
    where no row is used.

    Attributes
    ----------
    table_name : str
        The table of the vocabulary that the input was read as.
    source : str
        The input as it was given, without any password.
    fingerprint : str
        ``sha256:…`` over the bytes of the file; of several files, over their digests in the order
        of their names; of a database's answer, over its column names, row count and the sum of the
        MD5 of its rows, so that the order of the rows does not count.
    rows, rows_used, rows_set_aside, rows_left_out, rows_not_kept : int
        Rows read, valid, set aside for a fault, left out because they are no records (totals,
        notes below the table), and left out because ``keep`` does not name them.
    table : ibis.Table or None
        The valid rows with our names and types; None where a fault is fatal.
    columns : DataFrame, one row per column
        ``column`` (ours), ``theirs``, ``how`` (given, same, alias, derived, kept, missing),
        ``filled`` (share of records read that have a value).
    words : DataFrame, one row per word × outcome
        Of a deal list: ``word`` (a stage or a stated outcome), ``outcome`` (empty where not
        known), ``rows``; most frequent first, no more than 200.
    faults : DataFrame, one row per rule × column
        ``rule``, ``severity`` (fatal, set_aside, left_out, note), ``column``, ``count``,
        ``example``.
    cases : DataFrame, one row per rule × row, the first 20 of each rule
        ``rule``, ``severity``, ``file``, ``line``, ``key``, ``column``, ``value``. The line is the
        physical line of a text file, the row of a sheet, the position of a row in a Parquet file
        or table. ``key`` names the row by its table's key, as far as it can be read.
    set_aside : SetAside
        How much of the rows and of the money was set aside, and whose rows are all gone.
    """

    table_name: str
    source: str
    fingerprint: str
    rows: int
    rows_used: int
    rows_set_aside: int
    rows_left_out: int
    rows_not_kept: int
    table: "ibis.Table | None" = field(repr=False)
    columns: pd.DataFrame = field(repr=False)
    words: pd.DataFrame = field(repr=False)
    faults: pd.DataFrame = field(repr=False)
    cases: pd.DataFrame = field(repr=False)
    set_aside: SetAside = field(repr=False, default=SetAside())
    _faults: tuple[Fault, ...] = field(repr=False, default=())
    _raw: Raw | None = field(repr=False, default=None)
    #: ``__row``, the rules that it breaks, their columns.
    _left_out: "ibis.Table | None" = field(repr=False, default=None)

    @property
    def severity(self) -> str:
        """The worst of its faults, one of ``SEVERITIES``, or empty where there is none."""
        there = {fault.severity for fault in self._faults}
        return next((s for s in SEVERITIES if s in there), "")

    def messages(self, lang: str = "en", severity: str | None = None) -> list[str]:
        """Each fault as a sentence, worst first; of one severity only where it is given."""
        return [f.message(lang) for f in self._faults if severity in (None, f.severity)]

    def require(self) -> "Checked":
        """Itself where rows can be used.

        Raises
        ------
        SalesAnalysisError
            A fault is fatal; the message lists every fatal fault.
        """
        fatal = self.messages(severity=FATAL)
        if fatal:
            listed = "".join(f"\n  - {message}" for message in fatal)
            raise SalesAnalysisError(
                f"`{self.source}` cannot be read as `{self.table_name}`:{listed}"
            )
        return self

    def set_aside_rows(self, most: int = 1_000) -> pd.DataFrame:
        """The rows not used, for a fault or as no records, with their original values.

        Parameters
        ----------
        most : int
            No more than so many rows, the first ones; `write_set_aside` writes all.

        Returns
        -------
        DataFrame, one row per row left out
            ``file``, ``line``, ``rules`` (separated by a comma), then the input's own columns.
        """
        if self._left_out is None:
            return pd.DataFrame(columns=["file", "line", "rules"])
        rows = [self._located(row) for row in self._rows(most)]
        return pd.DataFrame(rows, columns=self._left_out_names())

    def write_set_aside(self, path: str | Path) -> int:
        """Write all rows left out to a CSV file, a piece at a time; returns how many.

        The values are the input's own, unchanged: a cell that begins with ``=`` is a formula to a
        spreadsheet program that opens the file.
        """
        written = 0
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self._left_out_names())
            if self._left_out is not None:
                for row in self._rows():
                    writer.writerow(self._located(row))
                    written += 1
        return written

    def _left_out_names(self) -> list[str]:
        return ["file", "line", "rules", *(self._raw.headers if self._raw else ())]

    def _rows(self, most: int | None = None) -> Iterator[tuple]:
        """The rows of `_left_out` in order, a piece at a time."""
        engine = self._left_out.get_backend()
        ordered = self._left_out.order_by(list(self._left_out.columns)).limit(most)
        answer = engine.raw_sql(engine.compile(ordered))
        while rows := answer.fetchmany(5_000):
            yield from rows

    def _located(self, row: tuple) -> tuple:
        """File, line, then the cells of a row of `_left_out`."""
        number, *cells = row
        file = self._raw.files[row_file(number or 0)]
        return (file, None if number is None else row_line(number), *cells)
