"""What a loader hands over: the input as it is, with a number for each row, in the session."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from salesanalysis.sources.faults import Fault, Place
from salesanalysis.sources.session import connection, execute, new_name

#: A row's number is its file's position times this, plus its line.
FILE_STRIDE = 1 << 40


@dataclass(frozen=True)
class Raw:
    """An input before any of our names or types.

    ``relation`` is a table or view of the session: ``__row``, ``__fault`` (the rule that a row
    breaks as a line of its file, else missing) and ``c0``, ``c1``, … in the order of ``headers``.
    """

    relation: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    printable: str
    fingerprint: str
    files: tuple[str, ...] = ("",)
    notes: tuple[Fault, ...] = ()
    empty_rows: str = ""  # SQL: the ``__row`` of each row without any value, which is no row
    titles: tuple[str, ...] = ()  # the rows above the header, the cells of each joined by a blank
    is_workbook: bool = False
    first_day: str = "1899-12-30"  # the day that the day numbers of a workbook count from
    with_numbers: frozenset[int] = frozenset()
    decimal_comma_likely: bool = False
    reload: Callable[[], "Raw"] | None = None  # set where the line numbers are not yet exact
    scratch: tuple[str, ...] = ()  # to be dropped once no row's original values are needed

    @property
    def rows(self) -> int:
        """How many rows the input has."""
        return execute(f"SELECT count(*) FROM {self.relation}")[0][0]

    def place(self, row: int) -> Place:
        """Where a row lies."""
        return Place(row_line(row), self.files[row_file(row)] if len(set(self.files)) > 1 else "")

    def told(self, notes: list[Fault], fingerprint: str = "") -> "Raw":
        """The same with more to be said of it, also once it has been loaded anew."""
        if not notes:
            return self
        again = self.reload and (lambda: self.reload().told(notes, fingerprint))
        return replace(
            self,
            notes=(*self.notes, *notes),
            reload=again,
            fingerprint=fingerprint or self.fingerprint,
        )


def row_line(row: int) -> int:
    """The line of a row's number."""
    return row % FILE_STRIDE


def row_file(row: int) -> int:
    """The position of the file in a row's number."""
    return row // FILE_STRIDE


def together(fingerprints: list[str]) -> str:
    """The fingerprint of several files, from theirs in order; of one file its own."""
    if len(fingerprints) == 1:
        return fingerprints[0]
    return "sha256:" + hashlib.sha256("\n".join(fingerprints).encode()).hexdigest()


def stream(batches, schema) -> str:
    """A new table of the session from Arrow batches, never more than one of them in memory."""
    import pyarrow as pa

    name = new_name("raw")
    raised = []

    def guarded():
        # DuckDB would turn an exception of the iterator into one of its own.
        try:
            yield from batches
        except Exception as error:
            raised.append(error)

    con = connection().con
    con.register("incoming", pa.RecordBatchReader.from_batches(schema, guarded()))
    try:
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
    finally:
        con.unregister("incoming")
    if raised:
        con.execute(f"DROP TABLE {name}")
        raise raised[0]
    return name


def content_fingerprint(relation: str, headers: tuple[str, ...]) -> str:
    """Fingerprint of a database's answer: names and rows, whatever the order of the rows."""
    cells = ", ".join(f"c{i}" for i in range(len(headers)))
    rows, low, high = execute(
        f"SELECT count(*), sum(md5_number_lower(t)), sum(md5_number_upper(t))"
        f" FROM (SELECT CAST(row({cells}) AS VARCHAR) AS t FROM {relation})"
    )[0]
    canonical = "\x1f".join((*headers, str(rows), str(low), str(high)))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
