"""Parquet files as a view: nothing is copied."""

import contextlib
from collections.abc import Iterator

from salesanalysis.sources import wide
from salesanalysis.sources.content import damaged
from salesanalysis.sources.encoding import scan
from salesanalysis.sources.locating import Located
from salesanalysis.sources.raw import FILE_STRIDE, Raw, together
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import execute, literal, new_name, quoted


def load(located: Located, ask: Request) -> Raw:
    """One or many Parquet files of the same columns, in the order given."""
    names = [str(path) for path in located.paths]
    listed = ", ".join(literal(name) for name in names)
    relation = f"read_parquet([{listed}], filename = '__file', file_row_number = true)"
    with whole():
        described = execute(f"DESCRIBE SELECT * FROM {relation}")
        execute(f"SELECT count(*) FROM {relation}")
    columns = [row[:2] for row in described if row[0] not in ("__file", "file_row_number")]
    kept, unread = wide.kept_columns(tuple(name for name, _ in columns), ask)
    columns = [columns[i] for i in kept]
    view = new_name("raw")
    cells = ", ".join(f"{quoted(name)} AS c{i}" for i, (name, _) in enumerate(columns))
    position = f"(list_position([{listed}], __file) - 1)" if len(names) > 1 else "0"
    execute(
        f"CREATE VIEW {view} AS SELECT {position} * {FILE_STRIDE} + file_row_number + 1 AS __row,"
        f" NULL::VARCHAR AS __fault, {cells} FROM {relation}"
    )
    return Raw(
        relation=view,
        headers=tuple(name for name, _ in columns),
        types=tuple(type_ for _, type_ in columns),
        printable=located.shown,
        fingerprint=together([scan(path).fingerprint for path in located.paths]),
        files=(located.shown,) if len(names) == 1 else tuple(names),
        notes=tuple(unread),
    )


@contextlib.contextmanager
def whole() -> Iterator[None]:
    """Say that a file is damaged where the engine cannot read it to its end.

    The description of the columns is at the end of a file and may be sound where a page is not;
    that shows only once all values have been read.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.BinderException, duckdb.CatalogException):
        raise  # no fault of a file
    except duckdb.Error as error:
        raise damaged("parquet") from error
