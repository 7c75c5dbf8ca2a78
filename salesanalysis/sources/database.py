"""Databases: DuckDB and SQLite files, PostgreSQL servers; only ever read."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from salesanalysis.errors import SalesAnalysisError, did_you_mean, nearest
from salesanalysis.sources.locating import Located
from salesanalysis.sources.raw import Raw, content_fingerprint, stream
from salesanalysis.sources.request import Request
from salesanalysis.sources.sandbox import (
    close_sqlite,
    duckdb_answer,
    require_one_select,
    said_of,
)
from salesanalysis.sources.session import execute, literal, new_name, quoted

_BATCH = 5_000


@dataclass(frozen=True)
class Wanted:
    """What is asked of a database: a table's name, or a query."""

    table: str = ""
    query: str = ""


def load(located: Located, ask: Request) -> Raw:
    """The answer of a DuckDB or SQLite file, in the session."""
    url, printable = located.url, located.shown
    wanted = wanted_of(url, printable, ask)
    load_file = {"duckdb": _load_duckdb, "sqlite": _load_sqlite}[located.kind]
    return load_file(_path(url, printable), printable, wanted)


def wanted_of(url: str, printable: str, ask: Request) -> Wanted:
    """The table or query, from the URL or the argument; a query must be one SELECT."""
    parts = parts_of(url, printable)
    in_url = parse_qs(parts.query).get("table", [""])[0]
    if in_url and ask.query:
        raise SalesAnalysisError("`query` and `?table=` are both given; say only one of them.")
    said = (ask.query or in_url).strip().rstrip(";").strip()
    if not said:
        raise SalesAnalysisError(
            f"`source` is `{printable}`; say which table: `?table=NAME` at the end of the URL, or"
            " `query`, which may be a SELECT too."
        )
    if not any(blank in said for blank in (" ", "\n", "\t")) or in_url:
        return Wanted(table=said)
    require_one_select(said, parts.scheme)
    return Wanted(query=said)


def parts_of(url: str, printable: str) -> SplitResult:
    """The parts of a URL, where a login can be told from what follows it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = None
    # Files have no login, and a name of theirs may hold an `@`.
    behind = url.partition("://")[2].removeprefix(parts.netloc) if parts and parts.netloc else ""
    if parts is None or "@" in behind:
        raise SalesAnalysisError(
            f"`source` is `{printable}`, which cannot be read: in a password write %2F for `/`,"
            " %40 for `@`, %3F for `?`, %23 for `#`, %3A for `:`, %5B for `[`, %25 for `%`, and"
            " %40 for an `@` anywhere else; a port is a number."
        )
    return parts


def _path(url: str, printable: str) -> Path:
    """The file of a URL: three slashes and a relative path, or four and an absolute one."""
    parts = urlsplit(url)
    if parts.netloc or not parts.path.strip("/"):
        raise SalesAnalysisError(
            f"`source` is `{printable}`; expected {parts.scheme}:///path/of/the/file.db."
        )
    absolute = Path(unquote(parts.path))
    relative = Path(unquote(parts.path[1:]))
    there = [path for path in dict.fromkeys((relative, absolute)) if path.is_file()]
    if relative.is_absolute():
        there = [relative] if relative.is_file() else []
    if len(there) == 1:
        return there[0]
    if there:
        raise SalesAnalysisError(
            f"`source` is `{printable}`, which could be `{there[0]}` or `{there[1]}`; write four"
            " slashes for the latter."
        )
    folder = relative.parent if relative.parent.is_dir() else absolute.parent
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    close = nearest(absolute.name, names)
    hint = f" Nearest: {', '.join(close)}." if close else ""
    raise SalesAnalysisError(f"`source` is `{printable}`, where there is no file.{hint}")


def no_table(name: str, printable: str, tables: list[str]) -> SalesAnalysisError:
    """The error for a table that a database does not have."""
    listed = ", ".join(sorted(tables)[:20]) or "none"
    return SalesAnalysisError(
        f"`query` is the table `{name}`, which `{printable}` does not have."
        f"{did_you_mean(name, tables)} Tables: {listed}."
    )


def _load_duckdb(path: Path, printable: str, wanted: Wanted) -> Raw:
    import duckdb

    catalog = new_name("database")
    try:
        execute(f"ATTACH {literal(str(path))} AS {catalog} (READ_ONLY, TYPE duckdb)")
    except duckdb.Error as error:
        raise SalesAnalysisError(
            f"`{printable}` cannot be opened as a DuckDB file: {said_of(error)}"
        ) from None
    if wanted.table:
        tables = execute(
            "SELECT schema_name, table_name, true FROM duckdb_tables()"
            f" WHERE database_name = '{catalog}' UNION ALL SELECT schema_name, view_name, false"
            f" FROM duckdb_views() WHERE database_name = '{catalog}' AND NOT internal"
        )
        named = {f"{schema}.{name}": is_table for schema, name, is_table in tables}
        found = [full for full in named if wanted.table in (full, full.split(".", 1)[1])]
        if len(found) != 1:
            raise no_table(wanted.table, printable, list(named))
        place = ".".join(quoted(part) for part in found[0].split(".", 1))
        if named[found[0]]:
            return _raw(f"{catalog}.{place}", printable)
        # The rows of a view may come in another order each time; and it is a query of somebody.
        query = f"SELECT * FROM {place}"
    else:
        query = wanted.query
    try:
        answer = duckdb_answer(path, query)
    except duckdb.Error as error:
        raise SalesAnalysisError(f"`query` failed in `{printable}`: {said_of(error)}") from None
    return _raw(answer, printable, scratch=(answer,))


def _raw(table: str, printable: str, scratch: tuple[str, ...] = ()) -> Raw:
    described = [row[:2] for row in execute(f"DESCRIBE {table}")]
    cells = ", ".join(f"{quoted(name)} AS c{i}" for i, (name, _) in enumerate(described))
    view = new_name("raw")
    execute(
        f"CREATE VIEW {view} AS SELECT rowid + 1 AS __row, NULL::VARCHAR AS __fault, {cells}"
        f" FROM {table}"
    )
    headers = tuple(name for name, _ in described)
    return Raw(
        relation=view,
        headers=headers,
        types=tuple(type_ for _, type_ in described),
        printable=printable,
        fingerprint=content_fingerprint(view, headers),
        files=(printable,),
        scratch=scratch,
    )


def _load_sqlite(path: Path, printable: str, wanted: Wanted) -> Raw:
    try:
        # DuckDB fetches the rows from a thread of its own, one call at a time.
        address = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        )
        names = [name for (name,) in tables]
        close_sqlite(connection)
    except sqlite3.Error as error:
        raise SalesAnalysisError(
            f"`{printable}` cannot be opened as an SQLite file: {error}."
        ) from None
    try:
        if wanted.table and wanted.table not in names:
            raise no_table(wanted.table, printable, names)
        query = wanted.query or f"SELECT * FROM {quoted(wanted.table)}"
        return _stream_sqlite(connection, query, printable)
    except sqlite3.Error as error:
        raise SalesAnalysisError(f"`query` failed in `{printable}`: {said_of(error)}") from None
    finally:
        connection.close()


def _stream_sqlite(connection: sqlite3.Connection, query: str, printable: str) -> Raw:
    """SQLite's cells have types of their own: a column is of numbers where all of its cells are."""
    import pyarrow as pa

    answer = connection.execute(query)
    headers = tuple(column[0] for column in answer.description)
    types, mixed = _types_of(connection, query, len(headers))
    schema = pa.schema([("__row", pa.int64()), *((f"c{i}", t) for i, t in enumerate(types))])

    def batches() -> Iterator[pa.RecordBatch]:
        first = 1
        while rows := answer.fetchmany(_BATCH):
            arrays = [pa.array(range(first, first + len(rows)), pa.int64())]
            for cells, type_ in zip(zip(*rows, strict=True), types, strict=True):
                values = [_as_text(c) for c in cells] if type_ == pa.string() else list(cells)
                arrays.append(pa.array(values, type_))
            yield pa.record_batch(arrays, schema=schema)
            first += len(rows)

    table = stream(batches(), schema)
    view, cells = new_name("raw"), ", ".join(f"c{i}" for i in range(len(headers)))
    execute(f"CREATE VIEW {view} AS SELECT __row, NULL::VARCHAR AS __fault, {cells} FROM {table}")
    names = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}
    return Raw(
        relation=view,
        headers=headers,
        types=tuple(names[type_] for type_ in types),
        printable=printable,
        fingerprint=content_fingerprint(view, headers),
        files=(printable,),
        with_numbers=mixed,
        scratch=(table,),
    )


def _types_of(connection: sqlite3.Connection, query: str, width: int):
    """The type of each column of an answer, and the columns that hold any numbers."""
    import pyarrow as pa

    named = f"({', '.join(f'c{i}' for i in range(width))})"
    kinds = ", ".join(
        f"sum(typeof(c{i}) IN ('text', 'blob')), sum(typeof(c{i}) = 'real'),"
        f" sum(typeof(c{i}) IN ('integer', 'real'))"
        for i in range(width)
    )
    counted = connection.execute(f"WITH answer{named} AS ({query}\n) SELECT {kinds} FROM answer")
    counts = [count or 0 for count in counted.fetchone()]
    texts, reals, numbers = counts[::3], counts[1::3], counts[2::3]
    types = [
        pa.string() if text or not number else pa.float64() if real else pa.int64()
        for text, real, number in zip(texts, reals, numbers, strict=True)
    ]
    return types, frozenset(i for i, number in enumerate(numbers) if number)


def _as_text(cell) -> str | None:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return None if cell is None else str(cell)
