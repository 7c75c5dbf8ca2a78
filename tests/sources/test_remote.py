"""PostgreSQL: the same answer as from a file, nothing written, no password anywhere."""

import os

import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError

pytestmark = pytest.mark.postgres
SCHEMA = "salesanalysis_sources_test"


@pytest.fixture(scope="module")
def url():
    """A server with a schema of deals, given by ``SALESANALYSIS_TEST_POSTGRES``."""
    address = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not address:
        pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(
            f"CREATE TABLE {SCHEMA}.deals (deal_id text, stage text, amount numeric(12, 2),"
            " created_at timestamptz, close_date date, must_win boolean, probability int,"
            " note text)"
        )
        connection.execute(
            f"INSERT INTO {SCHEMA}.deals VALUES"
            " ('A', 'Closed Won', 1.50, '2024-01-01 10:00+02', '2024-02-01', true, 90, ' n '),"
            " ('B', 'Lost', 2, '2024-01-05', '2024-01-03', false, 10, NULL),"
            " ('C', 'Demo', 3, '2024-01-01', '2024-02-01', NULL, 50, ''),"
            " ('D', 'Lost', -4, '2024-01-01', NULL, NULL, 101, 'x'),"
            " ('E', 'Won', 4, '2024-01-01', '2024-02-01', NULL, 20, 'x'),"
            " ('E', 'Won', 5, '2024-01-01', '2024-02-01', NULL, 20, 'x'),"
            " (NULL, 'Demo', 5, '2024-01-01', NULL, NULL, 20, 'x'),"
            " ('F', 'Demo', 5, '2024-01-01', NULL, NULL, 20, 'not ours')"
        )
        yield address
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def deals(url, **arguments):
    return sources.check(url, table="opportunities", query=f"{SCHEMA}.deals", **arguments)


def test_the_same_as_from_a_file(url, checked):
    keep = {"note": ["n", "x", "", "y"]}
    text = (
        "deal_id,stage,amount,created_at,close_date,must_win,probability,note\n"
        "A,Closed Won,1.50,2024-01-01 10:00+02,2024-02-01,true,90,n\n"
        "B,Lost,2,2024-01-05,2024-01-03,false,10,y\n"
        "C,Demo,3,2024-01-01,2024-02-01,,50,x\n"
        "D,Lost,-4,2024-01-01,,,101,x\n"
        "E,Won,4,2024-01-01,2024-02-01,,20,x\n"
        "E,Won,5,2024-01-01,2024-02-01,,20,x\n"
        ",Demo,5,2024-01-01,,,20,x\n"
        "F,Demo,5,2024-01-01,,,20,not ours\n"
    )
    query = f"SELECT * FROM {SCHEMA}.deals WHERE note IS DISTINCT FROM 'not ours'"
    there = sources.check(url, table="opportunities", query=query)
    here = checked(text, keep=keep)
    assert there.rows_set_aside == here.rows_set_aside == 5
    rules = ["rule", "severity", "column", "count"]
    # Of a file the cells with a zone are counted, of a database all, since their type has one.
    told = [f.faults[rules].set_index("rule") for f in (there, here)]
    assert [len(one.loc[["moments_in_utc"]]) for one in told] == [1, 1]
    one, two = (one.drop("moments_in_utc").reset_index().to_numpy().tolist() for one in told)
    assert one == two
    one, two = (f.table.order_by("opportunity_id").drop("note").to_pandas() for f in (there, here))
    assert one.equals(two)
    assert str(one["created_at"].iloc[0]) == "2024-01-01 08:00:00"
    assert dict(there.table.schema()) == dict(here.table.schema())


def test_moments_are_read_by_the_clock_of_the_company(url):
    found = deals(url, keep={"note": ["n"]}, calendar={"time_zone": "Asia/Shanghai"})
    assert found.table.to_pandas()["created_at"].astype(str).tolist() == ["2024-01-01 16:00:00"]
    assert "moments_in_zone" in set(found.faults["rule"])


def test_rows_stay_there_and_those_left_out_can_be_listed(url, tmp_path):
    found = deals(url)
    assert found.table.get_backend().name == "postgres"
    aside = found.set_aside_rows()
    assert len(aside) == found.rows_set_aside == found.write_set_aside(tmp_path / "aside.csv")
    assert sorted(aside["rules"]) == [
        "closed_before_created",
        "duplicate_key",
        "duplicate_key",
        "missing_key",
        "out_of_range",
    ]
    assert found.fingerprint == deals(url).fingerprint


def test_text_must_be_cast_over_there(url):
    query = f"SELECT deal_id, stage, amount::text AS amount, created_at::text FROM {SCHEMA}.deals"
    found = sources.check(url, table="opportunities", query=query)
    assert found.faults["rule"].tolist() == ["not_typed", "not_typed"]
    assert "CAST(… AS numeric)" in found.messages()[0]


def test_nothing_but_reading(url):
    for query, said in [
        (f"DELETE FROM {SCHEMA}.deals", "one SELECT"),
        (f"SELECT * FROM {SCHEMA}.deals; DROP TABLE {SCHEMA}.deals", "one SELECT"),
        (f"WITH gone AS (DELETE FROM {SCHEMA}.deals RETURNING *) SELECT * FROM gone", "top level"),
        (f"{SCHEMA}.deal", "Did you mean `.*.deals`"),
        (f"SELECT nix FROM {SCHEMA}.deals", "does not exist"),
    ]:
        with pytest.raises(SalesAnalysisError, match=said):
            sources.check(url, table="opportunities", query=query)
    assert deals(url).rows == 8


def test_a_server_that_is_down_without_its_password():
    down = "postgres://ann:geheim@127.0.0.1:1/sales?table=deals"
    with pytest.raises(SalesAnalysisError, match="cannot be reached") as raised:
        sources.check(down, table="opportunities")
    assert "ann:***@127.0.0.1:1" in str(raised.value)
    assert "geheim" not in str(raised.value)


def test_logs_periods_and_dates_of_the_end_are_read_as_from_a_file(url):
    log = (
        "SELECT * FROM (VALUES ('1', 'StageName', 'B', DATE '2025-01-02'),"
        " ('1', 'Amount', '5', DATE '2025-01-02'))"
        " AS log (opportunity_id, field, new_value, created_date)"
    )
    found = sources.check(url, table="stage_history", query=log)
    assert found.table.stage.to_pandas().tolist() == ["B"]
    assert (found.rows_not_kept, found.faults["rule"].tolist()) == (1, ["change_log"])

    targets = (
        "SELECT * FROM (VALUES ('Q4 2025', 'A', 5), ('East', 'B', 6), ('2026Q1', 'A', 7))"
        " AS targets (quarter, owner, quota)"
    )
    found = sources.check(url, table="targets", query=targets)
    assert sorted(found.table.period.to_pandas()) == ["2025-Q4", "2026-Q1"]
    assert found.cases[["rule", "value"]].values.tolist() == [["not_a_period", "East"]]

    ends = (
        "SELECT * FROM (VALUES ('1', DATE '2025-01-02', NULL), ('2', NULL, DATE '2025-01-03'))"
        " AS deals (id, won_time, lost_time)"
    )
    found = sources.check(url, table="opportunities", query=ends)
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["outcome"].tolist() == ["won", "lost"]
    assert frame["closed_at"].notna().all()

    wide = 'SELECT \'A\' AS owner, 5 AS "Jan 2025", 6 AS "Feb 2025"'
    found = sources.check(url, table="targets", query=wide)
    assert found.faults["rule"].tolist() == ["wide_in_database"]
