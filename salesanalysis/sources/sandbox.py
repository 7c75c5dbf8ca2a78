"""SQL that somebody else has written: one SELECT, on what is named, and on nothing else.

A query can come with a mapping file or a URL from anywhere, and a view with a database. DuckDB
would let it read any file of the machine; so it has a connection of its own without a way out,
whose settings it cannot change, and its answer comes over as a table.
"""

import re
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.session import MEMORY_LIMIT, execute, literal, new_name, temporary_file

#: Settings of the connection; no name in a query stands for a variable of ours.
_CLOSED = {
    "memory_limit": MEMORY_LIMIT,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}

#: Functions of PostgreSQL that reach files, other servers or settings, or run text as SQL.
_REACHING = re.compile(
    r"(pg_(?!typeof$)|lo_|dblink|postgres_fdw|set_config$|current_setting$"
    r"|(query|cursor|table|schema|database)_to_)",
    re.IGNORECASE,
)

#: What SQLite calls a query's single steps that it may take, and functions that it may not call.
_STEPS = ("SQLITE_SELECT", "SQLITE_READ", "SQLITE_FUNCTION", "SQLITE_RECURSIVE")
_NO_FUNCTIONS = ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer")


def require_one_select(query: str, scheme: str) -> None:
    """Refuse a query that is not one SELECT, or that calls what reaches out of the database.

    Raises
    ------
    SalesAnalysisError
    """
    import sqlglot

    dialect = {"duckdb": "duckdb", "sqlite": "sqlite"}.get(scheme, "postgres")
    try:
        statements = sqlglot.parse(query, dialect=dialect)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        first = (str(error).splitlines() or ["it is nested too deep"])[0]
        raise SalesAnalysisError(f"`query` is no SQL that can be read: {first:.200}") from None
    one = len(statements) == 1 and isinstance(statements[0], sqlglot.exp.Query)
    if not one or statements[0].find(sqlglot.exp.Into):
        raise SalesAnalysisError("`query` must be one SELECT; nothing else is run.")
    if dialect != "postgres":
        return  # these have a closed connection
    if re.search(r"\bu&['\"]", query, re.IGNORECASE):
        raise SalesAnalysisError("`query` has a name or text as U&…; write its letters themselves.")
    for call in statements[0].find_all(sqlglot.exp.Func):
        name = call.name if isinstance(call, sqlglot.exp.Anonymous) else call.sql_name()
        if _REACHING.match(name):
            raise SalesAnalysisError(
                f"`query` calls `{name}`, which reaches out of the tables; it may only read them."
            )


def duckdb_answer(path: Path, query: str) -> str:
    """The answer of a query on a DuckDB file, as a new table of the session.

    Raises
    ------
    SalesAnalysisError
        DuckDB takes the query for more than one SELECT.
    duckdb.Error
        The query fails, such as by reaching for another file.
    """
    import duckdb

    kept = temporary_file(".duckdb")
    spill = {"temp_directory": str(kept.with_suffix(".spill"))}
    with duckdb.connect(":memory:", config=_CLOSED | spill) as closed:
        closed.execute("SET TimeZone = 'UTC'")
        closed.execute(f"ATTACH {literal(str(path))} AS source (READ_ONLY, TYPE duckdb)")
        closed.execute(f"ATTACH {literal(str(kept))} AS kept")
        closed.execute("USE source")
        closed.execute("SET enable_external_access = false")
        closed.execute("SET lock_configuration = true")
        # What sqlglot takes for one statement could be several for the one that runs it.
        statements = closed.extract_statements(query)
        if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
            raise SalesAnalysisError("`query` must be one SELECT; nothing else is run.")
        closed.execute(f"CREATE TABLE kept.main.answer AS {query}")
    catalog, answer = new_name("kept"), new_name("answer")
    execute(f"ATTACH {literal(str(kept))} AS {catalog} (READ_ONLY, TYPE duckdb)")
    try:
        execute(f"CREATE TABLE {answer} AS SELECT * FROM {catalog}.main.answer")
    finally:
        execute(f"DETACH {catalog}")
        kept.unlink()
    return answer


def close_sqlite(connection) -> None:
    """Let a connection only read its own tables from now on, whatever a query or view asks for."""
    import sqlite3

    allowed = {getattr(sqlite3, step) for step in _STEPS}

    def decide(action, first, second, database, source):
        forbidden = action == sqlite3.SQLITE_FUNCTION and str(second).lower() in _NO_FUNCTIONS
        return sqlite3.SQLITE_OK if action in allowed and not forbidden else sqlite3.SQLITE_DENY

    connection.execute("PRAGMA trusted_schema = OFF")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(decide)


def said_of(error: Exception) -> str:
    """Why a query failed, with what it may do where it wanted more."""
    said = (str(error).splitlines() or [type(error).__name__])[0][:200]
    closed = ("disabled by configuration", "not authorized", "unsafe use")
    hint = " It may read the database that is named, and nothing else."
    return said + (hint if any(word in said for word in closed) else "")
