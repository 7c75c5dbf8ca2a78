"""The same table in every format, encoding and engine; and each format's own faults."""

import csv
import hashlib
import io
import sqlite3
import subprocess
import sys

import duckdb
import openpyxl
import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError

HEADER = ["opportunity_id", "owner_id", "stage", "amount", "created_at", "must_win", "note"]
ROWS = [
    ["D1", "王芳", "Won", "1234.5", "2024-01-05 10:30", "yes", 'says "hi", twice'],
    ["D2", "O'Hara", "Lost", "-7", "2024-02-29", "no", "two\nlines"],
    ["D3", "", "Demo", "", "", "", ""],
]
EXPECTED = pd.DataFrame(
    {
        "opportunity_id": ["D1", "D2", "D3"],
        "owner_id": ["王芳", "O'Hara", None],
        "stage": ["Won", "Lost", "Demo"],
        "amount": [1234.5, -7.0, None],
        "created_at": pd.to_datetime(["2024-01-05 10:30", "2024-02-29", None], format="mixed"),
        "outcome": ["won", "lost", "open"],
        "must_win": [True, False, None],
        "note": ['says "hi", twice', "two\nlines", None],
    }
)


def as_csv(delimiter=",", lineterminator="\n", rows=ROWS, header=HEADER):
    out = io.StringIO()
    style = {"delimiter": delimiter, "lineterminator": lineterminator}
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, **style)
    writer.writerows([header, *rows])
    return out.getvalue()


def assert_expected(found, columns=None):
    frame = found.table.order_by("opportunity_id").to_pandas()
    wanted = EXPECTED[[c for c in EXPECTED.columns if columns is None or c in columns]]
    assert list(frame.columns) == list(wanted.columns)
    for name in wanted.columns:
        for read, expected in zip(frame[name], wanted[name], strict=True):
            assert read == expected or (pd.isna(read) and pd.isna(expected)), name
    assert found.rows_set_aside == 0


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [
        (",", "utf-8"),
        (";", "utf-8-sig"),
        ("\t", "utf-16"),
        ("|", "gb18030"),
        (";", "gbk"),
        ("\t", "utf-8"),
        ("|", "utf-8"),
    ],
)
def test_text(checked, rules, delimiter, encoding):
    content = as_csv(delimiter).encode(encoding)
    found = checked(content)
    assert_expected(found)
    assert found.fingerprint == "sha256:" + hashlib.sha256(content).hexdigest()
    noted = [] if encoding.startswith("utf-8") else ["not_utf8"]
    assert [rule for rule in rules(found) if rule != "negative_amount"] == noted


@pytest.mark.parametrize("lineterminator", ["\r\n", "\r"])
def test_line_ends(checked, lineterminator):
    assert_expected(checked(as_csv(lineterminator=lineterminator)))


def test_mixed_line_ends_blank_lines_and_no_end(checked):
    plain = as_csv().rstrip("\n").replace('"D3",', '\n\n"D3",').replace('note"\n', 'note"\r\n', 1)
    assert_expected(checked(plain))


@pytest.mark.parametrize("careful", [False, True])
def test_both_ways_in_name_the_same_lines(checked, careful):
    rows = [[f"D{i}", "Won", "x" if i in (7, 4_321, 9_999) else "1"] for i in range(10_000)]
    text = as_csv(rows=rows, header=["opportunity_id", "stage", "amount"])
    if careful:
        # a line break in a cell of the first row moves every later row by one line
        text = text.replace("D0", "D\n0")
    found = checked(text)
    lines = found.cases.query("rule == 'not_a_number'")["line"].tolist()
    assert lines == [i + 2 + careful for i in (7, 4_321, 9_999)]
    assert found.rows_set_aside == 3


def test_titles_above_the_header_of_a_text(checked):
    found = checked("Deals of 2024\n\n" + as_csv())
    assert_expected(found)
    assert "title_rows_skipped" in set(found.faults["rule"])
    found = checked("Deals,,\n,,\nopportunity_id,stage,amount\nA,Won,1\nB,Won,x\n,,\n,,\n")
    assert found.rows == 2
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [5]


def test_a_delimiter_at_the_end_of_each_line(checked):
    found = checked("opportunity_id,stage,\nA,Won,\nB,Lost,\n")
    assert found.rows_used == 2
    assert found.columns.query("how == 'kept'")["column"].tolist() == ["unnamed_3"]


def test_a_column_alone_is_a_table_where_it_can_be(checked):
    assert checked("product\nA\n\nB\n", table="products").rows_used == 2
    found = checked("a b c\n1 2 3\n")
    assert found.faults["rule"].tolist() == ["wrong_delimiter"]


def test_a_text_in_two_encodings_names_the_line(checked):
    chinese = "opportunity_id,stage\nA,赢单成交\nB,输单丢单\n"
    found = checked(chinese.encode() + "C,赢单成交\n".encode("gbk"))
    assert found.faults["rule"].tolist() == ["mixed_encoding"]
    assert found.cases["line"].tolist() == [4]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "shift_jis", "big5", "utf-16-le"])
def test_an_encoding_that_is_not_known_is_refused_not_guessed(checked, encoding):
    names = {
        "cp1252": ["Müller", "Größe", "Élan", "Señor Ångström"],
        "cp1251": ["Привет", "Продажа", "ВЫИГРАНО"],
        "shift_jis": ["営業", "ｶﾅ", "ひらがなとカタカナ"],
        "big5": ["銷售機會在台北市", "贏單", "輸單", "業務代表陳先生"],
        "utf-16-le": ["Miller", "Smith"],
    }[encoding]
    lines = "".join(f"D{i},{name}\n" for i, name in enumerate(names))
    found = checked(f"opportunity_id,stage\n{lines}".encode(encoding))
    assert found.faults["rule"].tolist() == ["unknown_encoding"]


def test_few_words_of_another_chinese_are_not_taken_for_gbk(checked):
    # Each word, over and over, is mostly common GBK characters; not so the words that there are.
    words = "商機編號,銷售階段\n" + "A,贏單\nB,輸單\nC,報價\nD,接洽\n" * 50
    assert checked(words.encode("big5")).faults["rule"].tolist() == ["unknown_encoding"]


@pytest.mark.parametrize("encoding", ["cp1252", "Windows-1252", "big5", "utf-16-le", "GBK"])
def test_an_encoding_that_is_named(checked, rules, encoding):
    name = {"cp1252": "Größe", "Windows-1252": "Größe"}.get(encoding, "王芳")
    text = f"opportunity_id,stage,owner_id\nA,Won,{name}\n"
    found = checked(text.encode(encoding), encoding=encoding)
    assert found.table.to_pandas()["owner_id"].tolist() == [name]
    assert rules(found) == ["not_utf8"]


def test_a_named_encoding_does_not_garble_what_is_utf8(checked):
    found = checked("opportunity_id,stage,owner_id\nA,Won,Größe\n", encoding="cp1252")
    assert found.table.to_pandas()["owner_id"].tolist() == ["Größe"]


def test_a_named_encoding_that_is_wrong_names_the_line(checked):
    text = "opportunity_id,stage\n" + "A,Won\n" * 300_000 + "B,Café\n"
    found = checked(text.encode("cp1252"), encoding="big5")
    assert found.faults["rule"].tolist() == ["not_that_encoding"]
    assert found.cases["line"].tolist() == [300_002]


@pytest.mark.parametrize("encoding", ["ansi?", "base64", ""])
def test_an_encoding_that_there_is_not(checked, encoding):
    with pytest.raises(SalesAnalysisError, match="no encoding of text"):
        checked("opportunity_id,stage\nA,Won\n", encoding=encoding)


def workbook(path, rows, title=None, sheets=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Deals"
    if title:
        sheet["B2"] = title
        sheet.merge_cells("B2:E2")
    for row in rows:
        sheet.append(row)
    for name, other in sheets:
        extra = book.create_sheet(name)
        for row in other:
            extra.append(row)
    book.save(path)
    return path


def typed_rows():
    kinds = {"amount": float, "created_at": pd.Timestamp, "must_win": lambda v: v == "yes"}
    return [
        [
            kinds.get(name, str)(cell) if cell else None
            for name, cell in zip(HEADER, row, strict=True)
        ]
        for row in ROWS
    ]


@pytest.mark.parametrize("title", [None, "Deals of the year"])
def test_workbook(tmp_path, title):
    path = workbook(tmp_path / "deals.xlsx", [HEADER, *typed_rows()], title)
    found = sources.check(path, table="opportunities")
    assert_expected(found)
    assert ("title_rows_skipped" in set(found.faults["rule"])) == bool(title)


def test_workbook_lines_serial_dates_and_whole_ids(tmp_path):
    rows = [
        ["opportunity_id", "stage", "amount", "created_at"],
        [1001.0, "Won", "1,234.50", 45000.5],
        [1002.0, "Won", 12.5, "2023-03-15"],
        [1003.0, "Won", "x", 45000],
    ]
    found = sources.check(workbook(tmp_path / "a.xlsx", rows, title="T"), table="opportunities")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["opportunity_id"].tolist() == ["1001", "1002"]
    assert frame["amount"].tolist() == [1234.5, 12.5]
    assert frame["created_at"].astype(str).tolist() == [
        "2023-03-15 12:00:00",
        "2023-03-15 00:00:00",
    ]
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [6]
    assert "excel_serial_dates" in set(found.faults["rule"])


def test_a_workbook_without_rows(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [HEADER])
    assert sources.check(path, table="opportunities").faults["rule"].tolist() == ["no_rows"]
    path = workbook(tmp_path / "b.xlsx", [])
    assert sources.check(path, table="opportunities").faults["rule"].tolist() == ["empty_file"]


def test_the_sheet_of_a_workbook(tmp_path):
    rows = [HEADER, *typed_rows()]
    path = workbook(tmp_path / "a.xlsx", rows, sheets=[("Notes", [["a", "b"], ["1", "2"]])])
    found = sources.check(path, table="opportunities")
    assert_expected(found)
    assert found.faults.query("rule == 'sheet_chosen'")["example"].tolist() == ["Deals"]
    assert found.source.endswith("a.xlsx [Deals]")
    for sheet in ("Deals", 0):
        assert_expected(sources.check(path, table="opportunities", sheet=sheet))
    assert sources.check(path, table="opportunities", sheet="Notes").severity == "fatal"
    with pytest.raises(SalesAnalysisError, match="Did you mean `Deals`.*Deals, Notes"):
        sources.check(path, table="opportunities", sheet="deal")
    with pytest.raises(SalesAnalysisError, match="sheets 0 to 1"):
        sources.check(path, table="opportunities", sheet=2)


def test_the_list_among_sheets_with_the_same_column(tmp_path):
    deals = [
        ["Deal ID", "Account", "Stage"],
        *([f"D{i}", "A" if i else "B", "Won"] for i in range(3)),
    ]
    accounts = [["Account", "Industry"], ["A", "retail"], ["B", "banks"]]
    path = workbook(tmp_path / "a.xlsx", deals, sheets=[("Companies", accounts)])
    found = sources.check(path, table="accounts")
    assert found.table.to_pandas()["account_id"].tolist() == ["A", "B"]
    assert found.faults["example"].tolist() == ["Companies"]
    assert sources.check(path, table="opportunities").source.endswith("[Deals]")
    path = workbook(tmp_path / "b.xlsx", accounts, sheets=[("Old", accounts)])
    assert sources.check(path, table="accounts").faults["rule"].tolist() == ["several_sheets"]


def test_parquet_one_many_and_by_pattern(tmp_path):
    frame = EXPECTED.drop(columns="outcome")
    frame.iloc[:2].to_parquet(tmp_path / "a.parquet")
    frame.iloc[2:].to_parquet(tmp_path / "b.parquet")
    frame.to_parquet(tmp_path / "whole.parquet")
    assert_expected(sources.check(tmp_path / "whole.parquet", table="opportunities"))
    many = sources.check(tmp_path / "?.parquet", table="opportunities")
    listed = sources.check([tmp_path / "a.parquet", tmp_path / "b.parquet"], table="opportunities")
    assert_expected(many)
    assert_expected(listed)
    assert many.fingerprint == listed.fingerprint
    with pytest.raises(SalesAnalysisError, match="2 times"):
        sources.check([tmp_path / "a.parquet"] * 2, table="opportunities")


def test_parquet_faults_name_file_and_row(tmp_path):
    for name, ids in (("a", ["1", "2"]), ("b", ["3", None])):
        pd.DataFrame({"opportunity_id": ids, "outcome": "won"}).to_parquet(
            tmp_path / f"{name}.parquet"
        )
    found = sources.check(str(tmp_path / "*.parquet"), table="opportunities")
    case = found.cases.query("rule == 'missing_key'")
    assert case["file"].item().endswith("b.parquet")
    assert case["line"].item() == 2


def test_parquet_numbers_that_are_none(tmp_path):
    amounts = [1.5, float("nan"), float("inf"), -2.0]
    frame = pd.DataFrame({"opportunity_id": list("ABCD"), "outcome": "won", "amount": amounts})
    duckdb.sql("COPY (SELECT * FROM frame) TO '{}'".format(tmp_path / "a.parquet"))
    found = sources.check(tmp_path / "a.parquet", table="opportunities")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].fillna(0).tolist() == [1.5, 0, -2]
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [3]


def test_parquet_moments_with_a_zone_become_utc(tmp_path):
    moment = pd.Series(pd.to_datetime(["2024-01-01 12:00"])).dt.tz_localize("Asia/Shanghai")
    frame = pd.DataFrame({"opportunity_id": [7], "stage": "Won", "entered_at": moment})
    frame.to_parquet(tmp_path / "a.parquet")
    table = sources.read(tmp_path / "a.parquet", table="stage_history")
    assert table.schema()["entered_at"].timezone is None
    assert table.to_pandas().astype(str).to_numpy().tolist() == [
        ["7", "Won", "2024-01-01 04:00:00"]
    ]


def test_a_parquet_file_that_is_none(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    found = sources.check(tmp_path / "a.parquet", table="opportunities")
    assert found.faults["rule"].tolist() == ["unreadable_file"]


def database_rows():
    return [[cell or None for cell in row] for row in ROWS]


def test_sqlite_table_and_query(tmp_path):
    path = tmp_path / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE deals ({', '.join(HEADER)})")
        marks = ", ".join("?" * len(HEADER))
        connection.executemany(f"INSERT INTO deals VALUES ({marks})", database_rows())
    connection.close()
    before = path.read_bytes()
    url = f"sqlite:///{path}"
    found = sources.check(f"{url}?table=deals", table="opportunities")
    assert_expected(found)
    query = "SELECT opportunity_id, stage, CAST(amount AS REAL) AS amount FROM deals WHERE 1"
    some = sources.check(url, table="opportunities", query=query)
    assert_expected(some, ["opportunity_id", "stage", "amount", "outcome"])
    assert path.read_bytes() == before
    backwards = sources.check(
        url, table="opportunities", query="SELECT * FROM deals ORDER BY opportunity_id DESC"
    )
    assert backwards.fingerprint == found.fingerprint != some.fingerprint
    for wrong, said in [
        ("DROP TABLE deals", "one SELECT"),
        ("SELECT 1 FROM deals; DELETE FROM deals", "one SELECT"),
        ("deal", "Did you mean `deals`"),
        ("SELECT nix FROM deals", "no such column"),
        (None, "which table"),
    ]:
        with pytest.raises(SalesAnalysisError, match=said):
            sources.check(url, table="opportunities", query=wrong)


def test_duckdb_table_and_query(tmp_path):
    path = tmp_path / "crm.duckdb"
    frame = EXPECTED.drop(columns="outcome")
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", frame)
        connection.execute("CREATE TABLE deals AS SELECT * FROM frame")
        connection.execute("CREATE VIEW mirror AS SELECT * FROM deals ORDER BY random()")
        connection.execute("CREATE TABLE faulty AS SELECT *, 'x' AS amount2 FROM deals")
        connection.execute("UPDATE faulty SET opportunity_id = NULL WHERE stage = 'Lost'")
    before = path.read_bytes()
    assert_expected(sources.check(f"duckdb:///{path}?table=deals", table="opportunities"))
    assert_expected(sources.check(f"duckdb:///{path}?table=mirror", table="opportunities"))
    faulty = sources.check(f"duckdb:///{path}?table=faulty", table="opportunities")
    assert sorted(faulty.table.to_pandas()["opportunity_id"]) == ["D1", "D3"]
    assert faulty.set_aside_rows()["stage"].tolist() == ["Lost"]
    query = "SELECT opportunity_id, amount, stage FROM deals"
    some = sources.check(f"duckdb:///{path}", table="opportunities", query=query)
    assert_expected(some, ["opportunity_id", "stage", "amount", "outcome"])
    assert path.read_bytes() == before
    with pytest.raises(SalesAnalysisError, match="Did you mean `main.deals`|Tables: main.deals"):
        sources.check(f"duckdb:///{path}?table=dels", table="opportunities")
    (tmp_path / "no.duckdb").write_text("not a database")
    with pytest.raises(SalesAnalysisError, match="cannot be opened"):
        sources.check(f"duckdb:///{tmp_path / 'no.duckdb'}?table=x", table="opportunities")


def test_inputs_of_one_process_can_be_joined(checked):
    deals = checked(as_csv()).table
    text = "opportunity_id,stage,entered_at\nD1,Demo,2024-01-06\nD9,Demo,2024-01-06\n"
    history = checked(text, table="stage_history", name="history.csv").table
    joined = deals.inner_join(history, "opportunity_id")
    assert joined.count().to_pyarrow().as_py() == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("deals.csvx", "none of .csv"),
        ("deal.csv", "Nearest: deals.csv"),
        ("nowhere/deals.csv", "no directory"),
        (".", "a directory"),
        ("*.pq", "no file matches"),
        ("http://x/deals.csv", "expected one of duckdb://"),
        ("mysql://u:secret@h/d", "expected one of duckdb://"),
        ("sqlite:///crm.db?table=x", "no file"),
        ("deals.sqlite", "sqlite:///"),
    ],
)
def test_a_source_that_is_not_there(tmp_path, monkeypatch, source, said):
    (tmp_path / "deals.csv").write_text("a,b\n1,2\n")
    (tmp_path / "deals.csvx").write_text("a,b\n1,2\n")
    (tmp_path / "deals.sqlite").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SalesAnalysisError, match=said) as raised:
        sources.check(source, table="opportunities")
    assert "secret" not in str(raised.value)


def test_arguments_that_the_source_has_no_use_for(tmp_path):
    (tmp_path / "deals.csv").write_text("opportunity_id,stage\nA,Won\n")
    for wrong in ({"sheet": 0}, {"query": "deals"}):
        with pytest.raises(SalesAnalysisError, match="is given, but the source"):
            sources.check(tmp_path / "deals.csv", table="opportunities", **wrong)
    with pytest.raises(SalesAnalysisError, match="expected a path"):
        sources.check(pd.DataFrame(), table="opportunities")


def test_nothing_is_left_behind_at_exit(tmp_path):
    (tmp_path / "deals.csv").write_bytes("opportunity_id,stage\nA,赢单成交\n".encode("gbk"))
    code = (
        "from salesanalysis import sources; from salesanalysis.sources import session;"
        "sources.read('deals.csv', table='opportunities', values={'outcome': {'*': 'won'}});"
        "print(session.temporary_file('').parent)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"TMPDIR": str(tmp_path), "PATH": ""},
    )
    folder = done.stdout.strip()
    assert folder.startswith(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["deals.csv"]
