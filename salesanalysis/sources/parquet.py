"""Parquet files as a view: nothing is copied."""

from pathlib import Path

from salesanalysis.sources.encoding import scan
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.raw import FILE_STRIDE, Raw, together
from salesanalysis.sources.session import execute, literal, new_name, quoted


def load(paths: list[Path], printable: str) -> Raw:
    """One or many Parquet files of the same columns, in the order given."""
    import duckdb

    names = [str(path) for path in paths]
    listed = ", ".join(literal(name) for name in names)
    relation = f"read_parquet([{listed}], filename = '__file', file_row_number = true)"
    try:
        described = execute(f"DESCRIBE SELECT * FROM {relation}")
        execute(f"SELECT count(*) FROM {relation}")
    except duckdb.Error as error:
        raise FatalFaults(Fault("unreadable_file", example=_first_line(error))) from error
    columns = [row[:2] for row in described if row[0] not in ("__file", "file_row_number")]
    view = new_name("raw")
    cells = ", ".join(f"{quoted(name)} AS c{i}" for i, (name, _) in enumerate(columns))
    position = f"(list_position([{listed}], __file) - 1)" if len(paths) > 1 else "0"
    execute(
        f"CREATE VIEW {view} AS SELECT {position} * {FILE_STRIDE} + file_row_number + 1 AS __row,"
        f" NULL::VARCHAR AS __fault, {cells} FROM {relation}"
    )
    return Raw(
        relation=view,
        headers=tuple(name for name, _ in columns),
        types=tuple(type_ for _, type_ in columns),
        printable=printable,
        fingerprint=together([scan(path).fingerprint for path in paths]),
        files=(printable,) if len(paths) == 1 else tuple(names),
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
