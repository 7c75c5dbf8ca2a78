"""Tables to files, a portion at a time, in place only when all of them are whole."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from salesanalysis.errors import SalesAnalysisError, require_choice

FORMATS = ("csv", "parquet")
#: Time columns that are whole days; a CSV file shows them without a time of day.
_DATES = ("created_at", "closed_at", "expected_close_at", "hired_at")
_DATES += ("trained_at", "tested_at", "refreshed_at", "assessed_at")
_DATES += ("booked_at", "ends_at", "renewed_at", "taken_at")
_DATES += ("sold_at", "earned_at", "promised_at", "paid_at")
_DATES += ("purchased_at", "issued_at", "due_at", "since", "verified_at", "changed_at")
_DATES += ("assigned_at", "interacted_at", "answered_at")


def require_format(format: str) -> str:
    """``format`` itself where it is one of :data:`FORMATS`, else an error that lists them."""
    require_choice("format", format, FORMATS)
    return format


class _CsvWriter:
    """UTF-8 without byte order mark, lines end in a line feed, missing values are empty."""

    def __init__(self, file, schema: pa.Schema):
        # Not quoting is exact, not careless: pyarrow refuses a value that would need quotes.
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
        self._schema = pa.schema(_shown(field) for field in schema)
        file.write((",".join(schema.names) + "\n").encode())
        self._writer = pyarrow.csv.CSVWriter(file, self._schema, write_options=options)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


class _ParquetWriter:
    """One row group per portion, so that a reader can skip and stream as well."""

    def __init__(self, file, schema: pa.Schema):
        self._writer = pyarrow.parquet.ParquetWriter(file, schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def close(self) -> None:
        self._writer.close()


def _shown(field: pa.Field) -> pa.Field:
    """A column as a CSV file shows it: days as days, moments to the second."""
    if field.name in _DATES:
        return field.with_type(pa.date32())
    return field.with_type(pa.timestamp("s")) if pa.types.is_timestamp(field.type) else field


def write_portions(
    out_dir: str | Path, format: str, portions: Iterable[dict[str, pa.Table]]
) -> list[Path]:
    """Each portion's tables appended to files of their names; the paths, in order of appearance.

    Tables are taken out of the portions as they are written.

    The files are written in a temporary folder inside ``out_dir`` and moved at the end: whatever
    goes wrong before leaves the files of an earlier run as they were. Other files are left alone.

    Raises
    ------
    SalesAnalysisError
        The folder cannot be made or written to.
    """
    writer_of = {"csv": _CsvWriter, "parquet": _ParquetWriter}[require_format(format)]
    out_dir = Path(out_dir)
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sample-", dir=out_dir) as unfinished:
            writers = {}
            with ExitStack() as stack:
                for portion in portions:
                    for name in list(portion):
                        # Not kept: the next portion is made while this one is still held.
                        table = portion.pop(name)
                        if name not in writers:
                            path = Path(unfinished, f"{name}.{format}")
                            file = stack.enter_context(path.open("wb"))
                            writers[name] = writer_of(file, table.schema)
                            stack.callback(writers[name].close)
                        writers[name].write(table)
                        del table
            paths = [out_dir / f"{name}.{format}" for name in writers]
            for path in paths:
                os.replace(Path(unfinished, path.name), path)
    except OSError as problem:
        raise SalesAnalysisError(
            f"`out_dir` is {str(out_dir)!r}, where the sample cannot be written:"
            f" {problem.strerror or problem}. Give a folder that can be made and has room."
        ) from problem
    return paths
