"""The embedded DuckDB that all inputs of one process share, on disk and with bounded memory.

One connection, so that a report can join its inputs; its own temporary folder, removed at exit.
"""

import atexit
import functools
import itertools
import os
import shutil
import tempfile
from pathlib import Path

#: What DuckDB may hold in memory before it spills to its temporary folder.
MEMORY_LIMIT = "600MB"

_numbers = itertools.count(1)


@functools.cache
def _folder(process: int) -> Path:
    """The temporary folder of one process; a forked child has its own."""
    folder = Path(tempfile.mkdtemp(prefix="salesanalysis-"))

    def remove() -> None:
        if os.getpid() == process:
            if _connection.cache_info().currsize:
                _connection(process).disconnect()
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


@functools.cache
def _connection(process: int):
    import ibis

    folder = _folder(process)
    connection = ibis.duckdb.connect(
        folder / "session.duckdb",
        memory_limit=MEMORY_LIMIT,
        temp_directory=str(folder / "spill"),
    )
    connection.raw_sql("SET TimeZone = 'UTC'")
    # In a notebook it would write into the report whenever a query takes long. Where it is off, as
    # without ipywidgets, DuckDB in a notebook would refuse to have it set, even to what it is.
    if connection.con.execute("SELECT current_setting('enable_progress_bar')").fetchone()[0]:
        connection.raw_sql("SET enable_progress_bar = false")
    return connection


def connection():
    """The Ibis connection of this process, made at its first use."""
    return _connection(os.getpid())


def new_name(stem: str) -> str:
    """A name for a table that no other table of the session has."""
    return f"{stem}_{next(_numbers)}"


def temporary_file(suffix: str) -> Path:
    """The path of a new file in the session's folder."""
    return _folder(os.getpid()) / f"{new_name('file')}{suffix}"


def execute(sql: str) -> list[tuple]:
    """Run one statement and return its rows."""
    return connection().con.execute(sql).fetchall()


def drop(*names: str) -> None:
    """Drop tables and views that are no longer needed, in that order; empty names are skipped."""
    for name in filter(None, names):
        # Of the tables of the system that would tell, this one is much the fastest.
        is_view = execute(
            f"SELECT 1 FROM duckdb_views() WHERE view_name = {literal(name)}"
            " AND database_name = current_database()"
        )
        execute(f"DROP {'VIEW' if is_view else 'TABLE'} IF EXISTS {quoted(name)}")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
