"""A query may read the database that is named: no other file, no server, no setting."""

import os
import sqlite3

import duckdb
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources import session

SECRET = "not for a report"


@pytest.fixture
def secret(tmp_path):
    """A file that no query may read."""
    path = tmp_path / "secret.csv"
    path.write_text(f"opportunity_id,stage\n{SECRET},Won\n", encoding="utf-8")
    return path


@pytest.fixture
def duck(tmp_path, secret):
    """A DuckDB file of two deals, with views that reach further."""
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE deals AS SELECT * FROM (VALUES ('A', 'Won', 1.5), ('B', 'Lost', 2))"
            " AS deals(opportunity_id, stage, amount)"
        )
        connection.execute("CREATE VIEW sound AS SELECT * FROM deals WHERE amount > 1.7")
        connection.execute(f"CREATE VIEW reaching AS SELECT * FROM read_csv('{secret}')")
        connection.execute(f"CREATE MACRO reach() AS TABLE SELECT * FROM read_csv('{secret}')")
    return f"duckdb:///{tmp_path}/crm.duckdb"


@pytest.fixture
def lite(tmp_path, secret):
    """An SQLite file of two deals, and another beside it."""
    for name in ("crm", "other"):
        with sqlite3.connect(tmp_path / f"{name}.sqlite") as connection:
            connection.execute("CREATE TABLE deals (opportunity_id, stage, amount)")
            rows = [(f"{name}{n}", "Won", n) for n in range(2)]
            connection.executemany("INSERT INTO deals VALUES (?, ?, ?)", rows)
            connection.execute("CREATE VIEW sound AS SELECT * FROM deals WHERE amount > 0")
            loads = f"SELECT load_extension('{secret}') AS opportunity_id, 1 AS stage"
            connection.execute(f"CREATE VIEW reaching AS {loads}")
        connection.close()
    return f"sqlite:///{tmp_path}/crm.sqlite"


def refused(url: str, query: str | None = None) -> str:
    """What is said where a query or a table is refused; one line, nothing of the secret."""
    with pytest.raises(SalesAnalysisError) as raised:
        sources.check(url, table="opportunities", query=query)
    said = str(raised.value)
    assert len(said.splitlines()) == 1 and SECRET not in said
    return said


@pytest.mark.matrix
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT content AS opportunity_id, 'Won' AS stage FROM read_text('{secret}')",
        "SELECT content AS opportunity_id, 'Won' AS stage FROM read_blob('{secret}')",
        "SELECT * FROM '{secret}'",
        "FROM '{secret}'",
        "SELECT * FROM read_parquet('{secret}')",
        "SELECT * FROM read_json('{secret}')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "SELECT file AS opportunity_id, 'Won' AS stage FROM glob('{folder}/*')",
        "SELECT * FROM query('SELECT * FROM read_csv(''{secret}'')')",
        "SELECT * FROM sqlite_scan('{secret}', 'deals')",
        "SELECT * FROM reach()",
        "SELECT * FROM reaching",
        "SELECT (SELECT content FROM read_text('{secret}')) AS opportunity_id, 'Won' AS stage",
        "WITH x AS (SELECT * FROM read_csv('{secret}')) SELECT * FROM x",
        "SELECT * FROM deals UNION ALL SELECT *, 1 FROM read_csv('{secret}')",
        "SELECT getenv('HOME') AS opportunity_id, 'Won' AS stage FROM deals",
        "SELECT name AS opportunity_id, 'Won' AS stage FROM duckdb_secrets()",
        "SELECT * FROM frame_of_ours WHERE stage = 'Won'",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY deals TO '{folder}/out.csv'",
        "COPY deals TO '{folder}/out.csv'",
        "COPY (SELECT * FROM deals) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out.csv'",
        "ATTACH '{folder}/out.csv' AS x",
        "CREATE TABLE x AS SELECT 1",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET enable_external_access = true",
        "SET enable_external_access = true; SELECT * FROM read_csv('{secret}')",
        "RESET lock_configuration",
        "CALL pragma_version()",
        "EXPLAIN ANALYZE SELECT * FROM read_csv('{secret}')",
    ],
)
def test_duckdb_reads_no_other_file(duck, secret, tmp_path, query):
    frame_of_ours = sources.read(secret, table="opportunities").to_pandas()
    refused(duck, query.format(secret=secret, folder=tmp_path))
    assert not (tmp_path / "out.csv").exists() and len(frame_of_ours) == 1


def test_duckdb_says_what_a_query_may_read(duck, secret):
    said = refused(duck, f"SELECT * FROM read_csv('{secret}')")
    assert "It may read the database that is named, and nothing else." in said
    assert "nothing else." in refused(f"{duck}?table=reaching")


@pytest.mark.parametrize("name", ["reach()", "'{secret}'", "../secret.csv", "{secret}"])
def test_the_name_of_a_table_is_a_name(duck, lite, secret, name):
    name = name.format(secret=secret)
    for url in (duck, lite):
        for asked in ((f"{url}?table={name}", None), (url, name)):
            assert "does not have" in refused(*asked)


def test_what_is_in_the_database_is_read_as_before(duck, lite):
    for url, first in ((duck, "B"), (lite, "crm1")):
        for asked in ({"query": "SELECT * FROM sound -- all"}, {"query": "sound"}):
            found = sources.check(url, table="opportunities", **asked)
            assert found.table.to_pandas()["opportunity_id"].tolist() == [first]
        found = sources.check(f"{url}?table=deals", table="opportunities")
        assert found.rows_used == 2
    kept = (
        "SELECT opportunity_id, stage, amount::DECIMAL(9, 2) AS amount FROM deals ORDER BY 1 DESC"
    )
    found = sources.check(duck, table="opportunities", query=kept)
    assert found.table.to_pandas()["opportunity_id"].tolist() == ["B", "A"]


def test_nothing_of_a_query_stays_behind(duck):
    folder = session.temporary_file("").parent
    before = {path.name for path in folder.iterdir()}
    attached = session.execute("SELECT count(*) FROM duckdb_databases()")
    sources.check(duck, table="opportunities", query="SELECT * FROM sound")
    assert {path.name for path in folder.iterdir()} - before <= {"session.duckdb.wal", "spill"}
    left = session.execute("SELECT count(*) FROM duckdb_databases()")[0][0] - attached[0][0]
    assert left == 1  # the file itself, whose tables may still be read


@pytest.mark.matrix
@pytest.mark.parametrize(
    "query",
    [
        "ATTACH '{folder}/other.sqlite' AS other",
        "SELECT * FROM deals; ATTACH '{folder}/other.sqlite' AS other",
        "SELECT load_extension('{secret}') AS opportunity_id, 'Won' AS stage",
        "SELECT readfile('{secret}') AS opportunity_id, 'Won' AS stage FROM deals",
        "SELECT writefile('{folder}/out.csv', 'x') AS opportunity_id, 'Won' AS stage FROM deals",
        "SELECT * FROM reaching",
        "SELECT file AS opportunity_id, 'Won' AS stage FROM pragma_database_list",
        "SELECT * FROM other.deals",
        "PRAGMA database_list",
        "VACUUM INTO '{folder}/out.csv'",
        "INSERT INTO deals VALUES (1, 2, 3)",
        "CREATE TABLE x (y)",
        "SELECT * FROM deals) SELECT 1; --",
    ],
)
def test_sqlite_reads_no_other_file(lite, secret, tmp_path, query):
    refused(lite, query.format(secret=secret, folder=tmp_path))
    assert not (tmp_path / "out.csv").exists()
    assert sources.check(f"{lite}?table=deals", table="opportunities").rows == 2


def test_a_view_of_sqlite_that_reaches_further_is_refused(lite):
    assert "may read the database that is named" in refused(f"{lite}?table=reaching")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT pg_read_file('/etc/hostname') AS opportunity_id, 'Won' AS stage",
        "SELECT pg_catalog.pg_read_file('/etc/hostname') AS opportunity_id, 'Won' AS stage",
        """SELECT pg_catalog."pg_read_file"('/etc/hostname') AS opportunity_id, 'Won' AS stage""",
        """SELECT U&"pg\\005fread_file"('/etc/hostname') AS opportunity_id, 'Won' AS stage""",
        "SELECT f AS opportunity_id, 'Won' AS stage FROM pg_ls_dir('/etc') AS f",
        "SELECT lo_import('/etc/hostname') AS opportunity_id, 'Won' AS stage",
        "SELECT set_config('default_transaction_read_only', 'off', false) AS a, 'Won' AS stage",
        "SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(opportunity_id int)",
        "SELECT query_to_xml('SELECT 1', true, true, '') AS opportunity_id, 'Won' AS stage",
        "SELECT pg_terminate_backend(1) AS opportunity_id, 'Won' AS stage",
        "COPY (SELECT 1) TO PROGRAM 'touch {folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "SELECT 1; COPY (SELECT 1) TO PROGRAM 'touch {folder}/out.csv'",
        "SELECT 1) AS a; COPY (SELECT 1) TO PROGRAM 'touch {folder}/out.csv'; SELECT (1",
        "SELECT 'a\\'; COPY (SELECT 1) TO PROGRAM 'touch {folder}/out.csv' --'",
        "SELECT $$a$$; COPY (SELECT 1) TO PROGRAM 'touch {folder}/out.csv'",
        "SET default_transaction_read_only = off",
        "DO $$ BEGIN END $$",
        "CREATE TABLE x AS SELECT 1",
        "SELECT 1 INTO x",
        "SELECT * FROM pg_read_binary_file('/etc/hostname') AS stage",
    ],
)
@pytest.mark.parametrize("there", [False, pytest.param(True, marks=pytest.mark.postgres)])
def test_postgres_reads_no_file_and_runs_no_program(tmp_path, query, there):
    address = "postgres://ann@127.0.0.1:1/sales"
    if there:
        address = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
        if not address:
            pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    tmp_path.chmod(0o777)
    said = refused(address, query.format(folder=tmp_path))
    # Where there is no server, what is refused was refused before it was asked.
    assert there or "`query`" in said
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.postgres
def test_the_server_itself_takes_a_query_for_one_statement(tmp_path, monkeypatch):
    """Also where our own reading of it was deceived."""
    address = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not address:
        pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    deceived = "salesanalysis.sources.database.require_one_select"
    monkeypatch.setattr(deceived, lambda query, scheme: None)
    tmp_path.chmod(0o777)
    program = f"COPY (SELECT 1) TO PROGRAM 'touch {tmp_path}/out.csv'"
    query = f"SELECT 1) AS a; {program}; SELECT * FROM (SELECT 1"
    assert "multiple commands" in refused(address, query)
    assert not (tmp_path / "out.csv").exists()
