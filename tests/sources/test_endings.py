"""A file is what its bytes say: read as that with a note, or refused in words for people."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import zipfile

import openpyxl
import pandas as pd
import pytest

from salesanalysis import sources, text
from salesanalysis.errors import SalesAnalysisError

TEXT = "Opportunity ID,Stage,Amount\nA1,Won,100\nA2,Lost,200\n"
ROWS = [line.split(",") for line in TEXT.splitlines()]
#: Words of the libraries underneath, which say nothing to a user.
FOREIGN = ("Cfb", "OLE", "Zip", "Invalid", "zip error", "Error", "0x", "signature")


def named(value):
    """What a case is called by: not by its bytes."""
    return value if isinstance(value, str) else "content"


def assert_read(found, rule="not_its_ending", kind=""):
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist() == [100, 200]
    assert frame["outcome"].tolist() == ["won", "lost"]
    assert not any(word in line for word in FOREIGN for line in found.messages())
    assert all(found.messages(lang="zh"))
    if rule:
        assert found.faults.query("rule == @rule")["example"].tolist() == [kind]


def assert_refused(found, rule, kind):
    assert found.table is None
    fatal = found.faults.query("severity == 'fatal'")
    assert fatal[["rule", "example"]].to_numpy().tolist() == [[rule, kind]]
    for lang in text.LANGUAGES:
        (line,) = found.messages(lang, severity="fatal")
        assert "\n" not in line
        assert not any(word in line for word in FOREIGN)


def workbook():
    out, made = io.BytesIO(), openpyxl.Workbook()
    for name, stage, amount in ROWS:
        made.active.append([name, stage, int(amount) if amount.isdigit() else amount])
    made.save(out)
    return out.getvalue()


def parquet():
    out = io.BytesIO()
    pd.DataFrame({"opportunity_id": ["A1", "A2"], "stage": ["Won", "Lost"], "amount": [100, 200]}
                 ).to_parquet(out)  # fmt: skip
    return out.getvalue()


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def page(rows=ROWS, head="", cell="td"):
    lines = "".join(
        "<tr>" + "".join(f"<{cell}>{text}</{cell}>" for text in row) + "</tr>\n" for row in rows
    )
    return f"<html><head>{head}</head><body><table>{lines}</table></body></html>"


@pytest.mark.matrix
@pytest.mark.parametrize("ending", ["csv", "txt", "xls", "xlsb", "ods", "parquet", "gz"])
def test_a_workbook_with_another_ending(checked, ending):
    assert_read(checked(workbook(), name=f"a.{ending}"), kind="xlsx")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xls"])
def test_a_parquet_file_with_another_ending(checked, ending):
    assert_read(checked(parquet(), name=f"a.{ending}"), kind="parquet")


@pytest.mark.matrix
@pytest.mark.parametrize("ending", ["xls", "xlsx", "xlsb", "ods", "parquet", "html", "zip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_text_with_another_ending(checked, ending, encoding):
    text = TEXT.replace(",", "\t").replace("Amount", "金额")
    assert_read(checked(text.encode(encoding), name=f"a.{ending}"), kind="text")


@pytest.mark.matrix
@pytest.mark.parametrize(
    "content",
    [
        page(),
        page(cell="th"),
        "\n  \ufeff" + page().removeprefix("<html><head></head><body>"),
        page().replace("<tr>", "<tr height=20>").replace("</td>", "").replace("</tr>", ""),
        page(head='<meta http-equiv=Content-Type content="text/html; charset=utf-8">').upper()
        .replace("OPPORTUNITY", "Opportunity"),
        "<!DOCTYPE html><!-- made by a program -->" + page(),
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + page()[6:],
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel">' + page()[6:],
        page([["Report of the day"], *ROWS]),
    ],
    ids=range(9),
)  # fmt: skip
@pytest.mark.parametrize("ending", ["xls", "csv"])
def test_a_web_page_as_a_workbook(checked, content, ending):
    assert_read(checked(content, name=f"a.{ending}"), kind="html")


@pytest.mark.parametrize("encoding", ["gb2312", "GBK", "gb18030"])
def test_a_web_page_in_the_encoding_that_it_names(checked, encoding):
    rows = [
        ["商机编号", "销售阶段", "金额（万元）"],
        ["A1", "赢单", "1,200.5"],
        ["A2", "输单", "3&nbsp;"],
    ]
    content = page(rows, f'<meta charset="{encoding}">').encode("gb18030")
    frame = checked(content, name="a.xls").table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist() == [12_005_000, 30_000]
    latin = page([*ROWS[:1], ["A1", "Größe", "5"]], '<meta charset="iso-8859-1">').encode("cp1252")
    found = checked(latin, name="a.xls", values={"outcome": {"*": "won"}})
    assert found.table.to_pandas()["stage"].tolist() == ["Größe"]


def test_a_web_page_that_names_a_wrong_encoding(checked):
    content = page([*ROWS, ["A3", "赢单", "5"]], '<meta charset="gb2312">')
    found = checked(content, name="a.xls")
    assert "赢单" in found.table.to_pandas()["stage"].tolist()


def test_cells_of_a_web_page_that_span_rows_and_hidden_rows(checked):
    content = page().replace("<tr><td>A2", "<tr style='display:none'><td>A2")
    content = content.replace("<td>Opportunity ID</td>", "<td>Account</td><td>Opportunity ID</td>")
    content = content.replace("<td>A1", "<td rowspan=2>Acme</td><td>A1")
    found = checked(content, name="a.xls")
    assert found.table.to_pandas()["account_id"].tolist() == ["Acme", "Acme"]
    assert {"merged_cells", "hidden_rows"} <= set(found.faults["rule"])


def test_the_table_that_fits_among_those_of_a_page(checked):
    layout = f"<table><tr><td>Menu</td><td>Help</td></tr><tr><td>{page()}</td></tr></table>"
    assert_read(checked(layout, name="a.xls"), rule="sheet_chosen", kind="table 2")
    found = checked(page() + page(), name="a.xls")
    assert found.faults.query("severity == 'fatal'")["rule"].tolist() == ["several_sheets"]
    assert_read(checked(page() + page(), name="a.xls", sheet="table 2"), kind="html")


XML = """<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Deals"><Table>{rows}
</Table></Worksheet></Workbook>"""


def xml_row(cells, attributes=""):
    kinds = ["Number" if cell.isdigit() else "String" for cell in cells]
    data = "".join(
        f'<Cell><Data ss:Type="{kind}">{cell}</Data></Cell>'
        for kind, cell in zip(kinds, cells, strict=True)
    )
    return f"<Row {attributes}>{data}</Row>"


def xml(rows, encoding="utf-8"):
    return XML.format(encoding=encoding, rows="".join(rows)).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_a_workbook_in_xml(checked, encoding):
    rows = [xml_row([*ROWS[0], "Owner"]), *(xml_row([*row, "王芳"]) for row in ROWS[1:])]
    found = checked(xml(rows, encoding), name="a.xls")
    assert_read(found, kind="xml_spreadsheet")
    assert found.table.to_pandas()["owner_id"].tolist() == ["王芳", "王芳"]
    assert checked(xml(rows, encoding), name="a.xml").faults.query("rule == 'not_its_ending'").empty


def test_what_a_workbook_in_xml_says_beside_its_values(checked):
    rows = [
        xml_row([*ROWS[0], "Created Date"]),
        xml_row(ROWS[1], 'ss:Hidden="1"').replace(
            "</Row>", '<Cell><Data ss:Type="DateTime">2025-03-05T00:00:00.000</Data></Cell></Row>'
        ),
        '<Row ss:Index="5"><Cell><Data ss:Type="String">A2</Data></Cell><Cell ss:Index="3">'
        '<Data ss:Type="Error">#REF!</Data></Cell></Row>',
    ]
    found = checked(xml(rows), name="a.xls")
    frame = found.table.to_pandas()
    assert frame["created_at"].astype(str).tolist() == ["2025-03-05"]
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [5]
    assert {"hidden_rows", "error_cells"} <= set(found.faults["rule"])
    value = '<Cell><Data ss:Type="Number">100</Data>'
    formula = xml_row(ROWS[1]).replace(value, '<Cell ss:Formula="=1">')
    found = checked(xml([xml_row(ROWS[0]), formula]), name="a.xls")
    assert "uncalculated_formulas" in set(found.faults["rule"])


def test_entities_of_a_workbook_in_xml_are_not_followed(checked):
    bomb = xml([xml_row(ROWS[0])]).replace(
        b"<Workbook", b'<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><Workbook', 1
    )
    assert_refused(checked(bomb, name="a.xls"), "unreadable_file", "xml_spreadsheet")


def test_a_page_saved_with_its_parts_in_one_file(checked):
    content = (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="=_X"\n\n--=_X\n'
        'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
        f"{page().replace('=', '=3D')}\n--=_X--\n"
    )
    assert_read(checked(content, name="a.xls"), kind="mhtml")


PACKED = {
    "a.csv.gz": gzip.compress(TEXT.encode()),
    "a.zip": archive(**{"export__deals.csv": TEXT, "MAC__.DS_Store": "x"}),
    "b.zip": archive(deals=workbook()),
    "c.gz": gzip.compress(parquet()),
}


@pytest.mark.parametrize(("name", "content"), PACKED.items(), ids=named)
def test_a_file_that_is_packed_alone(checked, name, content):
    found = checked(content, name=name)
    assert_read(found, rule="")
    assert "unpacked" in set(found.faults["rule"])


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("gzip", gzip.compress(TEXT.encode())),
        ("bzip2", bz2.compress(TEXT.encode())),
        ("xz", lzma.compress(TEXT.encode())),
        ("zip", archive(deals=TEXT)),
    ],
    ids=named,
)
def test_a_packed_file_with_another_ending(checked, kind, content):
    assert_read(checked(content, name="a.csv"), kind=kind)


def test_lines_of_a_packed_file_are_those_of_what_is_in_it(checked):
    text = TEXT.replace("A1", '"A\n1"').replace("200", "x")
    found = checked(gzip.compress(text.encode()), name="a.csv.gz")
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [4]
    assert "unpacked" in set(found.faults["rule"])


def test_several_files_packed_together(checked):
    found = checked(archive(a=TEXT, b=TEXT), name="a.zip")
    assert_refused(found, "packed_files", "`a`, `b`")
    assert_refused(checked(archive(), name="a.csv"), "packed_files", "–")
    found = checked(archive(a=gzip.compress(TEXT.encode())), name="a.zip")
    assert_refused(found, "other_kind_of_file", "archive")


def test_what_unpacks_too_large_is_refused(checked, monkeypatch):
    monkeypatch.setattr("salesanalysis.sources.packed.MOST_BYTES", 1_000)
    found = checked(gzip.compress(TEXT.encode() * 100), name="a.csv.gz")
    assert_refused(found, "unpacks_too_large", "a.csv")


def database(tmp_path):
    with sqlite3.connect(tmp_path / "made.db") as connection:
        connection.execute("CREATE TABLE deals (id)")
    connection.close()
    return (tmp_path / "made.db").read_bytes()


@pytest.mark.parametrize("ending", ["csv", "xls", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", b"%PDF-1.7\n%\xe2\xe3"),
        ("json", json.dumps([{"opportunity_id": "A1"}]).encode()),
        ("json", b'{"opportunity_id": "A1"}\n{"opportunity_id": "A2"}\n'),
        ("json", b"\xef\xbb\xbf{}"),
        ("xml", b"<?xml version='1.0'?><deals><deal id='1'/></deals>"),
        ("html", b"<!DOCTYPE html><html><body><form>Log in</form></body></html>"),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0"),
        ("archive", b"7z\xbc\xaf\x27\x1c\0"),
        ("document", archive(**{"[Content_Types].xml": "x", "word__document.xml": "x"})),
        ("document", b"{\\rtf1 x}"),
        ("numbers", archive(**{"Index__Document.iwa": "x"})),
        ("old_table", b"ID;PWXL;N;E\nP;PGeneral\n"),
        ("data_file", b"ARROW1\0\0"),
    ],
    ids=named,
)
def test_what_holds_no_table_is_named(checked, ending, kind, content):
    assert_refused(checked(content, name=f"a.{ending}"), "other_kind_of_file", kind)


def test_a_database_is_named(checked, tmp_path):
    found = checked(database(tmp_path), name="a.csv")
    assert_refused(found, "other_kind_of_file", "database")
    assert "sqlite:///" in found.messages()[0]


@pytest.mark.parametrize(
    "text",
    [
        "ID;Product;Stage\nA1;x;Won\n",
        "From,Opportunity ID,Stage\nx,A1,Won\n",
        "[x],Opportunity ID,Stage\n1,A1,Won\n",
        "Table,Opportunity ID,Stage\n0,A1,Won\n",
        "<b>,Opportunity ID,Stage\n1,A1,Won\n",
    ],
)
def test_text_that_begins_like_something_else(checked, text):
    found = checked(text)
    assert found.rows_used == 1 or found.faults["example"].tolist() == ["xml"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xlsx", workbook()[:2_000], "xlsx"),
        ("a.xlsx", workbook()[:-30], "xlsx"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000, "xls"),
        ("a.xls", b"\x09\x08\x10\x00\x00\x06" * 200, "xls"),
        ("a.xlsx", b"\0" * 5_000, "xlsx"),
        ("a.ods", archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        ("a.xlsb", archive(**{"[Content_Types].xml": "x", "xl__workbook.bin": "x"}), "xlsb"),
        ("a.xlsx", archive(**{"[Content_Types].xml": "x", "xl__workbook.xml": "x"}), "xlsx"),
        ("a.parquet", parquet()[:-100], "parquet"),
        ("a.parquet", b"\0" * 50 + parquet()[50:], "parquet"),
        ("a.gz", gzip.compress(TEXT.encode() * 50)[:60], "gzip"),
        ("a.zip", archive(a=TEXT)[:50], "zip"),
    ],
    ids=named,
)
def test_what_is_cut_off_or_damaged(checked, name, content, kind):
    assert_refused(checked(content, name=name), "unreadable_file", kind)


@pytest.mark.parametrize("spoilt", ["bytes", "xml", "doctype", "missing"])
def test_a_workbook_with_a_damaged_part(checked, spoilt):
    part, out = "xl/worksheets/sheet1.xml", io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as read, zipfile.ZipFile(out, "w") as write:
        for name in read.namelist():
            content = read.read(name)
            if name == part:
                content = content[:-60] if spoilt == "xml" else content
                doctype = b'<!DOCTYPE worksheet [<!ENTITY x "y">]>'
                content = doctype + content if spoilt == "doctype" else content
            if name != part or spoilt != "missing":
                write.writestr(name, content)
    content = bytearray(out.getvalue())
    if spoilt == "bytes":
        at = content.find(part.encode()) + 200
        content[at : at + 40] = b"\x55" * 40
    assert_refused(checked(bytes(content), name="a.xlsx"), "unreadable_file", "xlsx")


def test_a_damaged_page_of_a_parquet_file_shows_at_once(checked, tmp_path):
    import pyarrow.parquet

    frame = pd.DataFrame(
        {
            "opportunity_id": [f"A{i}" for i in range(5_000)],
            "stage": "Won",
            "note": [f"n{i * 7919 % 5000}" for i in range(5_000)],
        }
    )
    frame.to_parquet(tmp_path / "sound.parquet")
    group = pyarrow.parquet.ParquetFile(tmp_path / "sound.parquet").metadata.row_group(0)
    for column in range(3):
        content = bytearray((tmp_path / "sound.parquet").read_bytes())
        at = group.column(column).dictionary_page_offset
        content[at + 20 : at + 60] = b"\xff" * 40
        found = checked(bytes(content), name=f"{column}.parquet")
        assert_refused(found, "unreadable_file", "parquet")


def test_a_text_with_a_zero_byte_or_nothing_else(checked):
    assert checked(b"opportunity_id,stage\nA\x001,Won\n").cases["rule"].tolist() == [
        "control_characters"
    ]
    assert checked(b"\0" * 500).severity == "fatal"
    assert checked(b" \n\n", name="a.xls").faults["rule"].tolist() == ["empty_file"]


def test_a_file_among_others_that_is_something_else(tmp_path):
    (tmp_path / "a.csv").write_text(TEXT)
    (tmp_path / "b.csv").write_text(page())
    with pytest.raises(SalesAnalysisError, match="many at a time.*b.csv` is an HTML page"):
        sources.check(tmp_path / "*.csv", table="opportunities")


# --- signs that nobody sees ---------------------------------------------------------------------

INVISIBLE = [
    "\ufeff",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\u200e",
    "\u202a",
    "\u00a0",
]


@pytest.mark.matrix
@pytest.mark.parametrize("sign", INVISIBLE)
def test_invisible_signs_around_and_within_names_and_around_cells(checked, sign):
    within = "" if sign == "\u00a0" else sign
    header = f"{sign}Opportunity{sign} ID{sign},St{within}age,Amount{sign}"
    found = checked(f"{header}\n{sign}A1{sign},{sign}Won,{sign}100{sign}\nA2,Lost{sign},200\n")
    assert_read(found, rule="")
    assert set(found.columns["how"]) <= {"alias", "derived", "missing"}


@pytest.mark.parametrize("marks", ["\ufeff", "\ufeff\ufeff", "\ufeff\ufeff\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_several_marks_of_byte_order(checked, marks, quote):
    lines = [",".join(f"{quote}{cell}{quote}" for cell in row) for row in ROWS]
    lines[2] = "\ufeff" + lines[2]  # where a second file was put below the first
    found = checked(marks + "\n".join(lines))
    assert_read(found, rule="")
    assert list(found.columns["theirs"])[0] == "Opportunity ID"


def test_invisible_signs_in_a_workbook_and_a_parquet_file(checked, tmp_path):
    made = openpyxl.Workbook()
    for row in ROWS:
        made.active.append([f"\u200b{cell}\ufeff" for cell in row])
    made.save(tmp_path / "a.xlsx")
    assert_read(sources.check(tmp_path / "a.xlsx", table="opportunities"), rule="")
    frame = pd.DataFrame(ROWS[1:], columns=[f"\ufeff{name}" for name in ROWS[0]])
    frame.to_parquet(tmp_path / "a.parquet")
    assert_read(sources.check(tmp_path / "a.parquet", table="opportunities"), rule="")


# --- very wide files ------------------------------------------------------------------------------

WIDE = [f"Property {i}" for i in range(3_000)]


def wide_text(faulty=""):
    header = ["Opportunity ID", "Stage", *WIDE, "Amount"]
    body = [["A1", "Won", *["x"] * 3_000, "100"], ["A2", "Lost", *[""] * 3_000, "200"]]
    return "\n".join(map(",".join, [header, *body])) + faulty


@pytest.mark.gate
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "csv with a fault"])
def test_a_file_of_thousands_of_columns(checked, tmp_path, kind):
    if kind.startswith("csv"):
        found = checked(wide_text("\nA3,Won\n" if "fault" in kind else ""))
    else:
        frame = pd.DataFrame(
            {"Opportunity ID": ["A1", "A2"], "Stage": ["Won", "Lost"], **dict.fromkeys(WIDE, "x"),
             "Amount": [100, 200]}
        )  # fmt: skip
        path = tmp_path / f"a.{kind}"
        frame.to_parquet(path) if kind == "parquet" else frame.to_excel(path, index=False)
        found = sources.check(path, table="opportunities")
    assert_read(found, rule="")
    note = found.faults.query("rule == 'columns_not_read'")
    assert note["count"].tolist() == [2_600]
    assert len(found.table.columns) < 450
    assert found.rows_set_aside == ("fault" in kind)


@pytest.mark.gate
def test_a_column_far_out_in_a_very_wide_file_can_be_named_and_kept(checked):
    found = checked(wide_text(), columns={"reason": "Property 2999"}, keep={"property 2998": "x"})
    assert found.table.to_pandas()["reason"].tolist() == ["x"]
    assert found.rows_not_kept == 1


def test_faults_in_the_header_of_a_very_wide_file(checked):
    twice = wide_text().replace("Property 2000,", "Property 2001,", 1)
    assert "column_twice" in set(checked(twice).faults["rule"])
    missing = checked(wide_text().replace("Opportunity ID", "Nr"))
    assert missing.faults["rule"].tolist() == ["missing_column"]
    assert len(missing.messages()[0]) < 1_500
