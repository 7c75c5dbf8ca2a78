"""What workbooks hold beside plain values: each is read as it is meant, or said."""

import datetime
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError

DAY = datetime.datetime.fromisoformat
HEADER = ["Opportunity ID", "Stage", "Amount", "Created Date", "Owner"]


def rows(count=4):
    return [
        [f"A{i}", "Won" if i % 2 else "Lost", 10 * i, DAY(f"2025-01-0{i}"), f"O{i}"]
        for i in range(1, count + 1)
    ]


@pytest.fixture
def book(tmp_path):
    """The path of a workbook of some rows, changed by ``change(book, sheet)`` once written."""

    def write(table=None, change=None, name="deals.xlsx"):
        made = openpyxl.Workbook()
        for row in [HEADER, *rows()] if table is None else table:
            made.active.append(row)
        if change:
            change(made, made.active)
        made.save(tmp_path / name)
        return tmp_path / name

    return write


def patched(path, part, pattern, new):
    """The workbook with other bytes in one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part], count = re.subn(pattern, new, parts[part])
    assert count == 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def check(path, **arguments):
    return sources.check(path, table="opportunities", **arguments)


def rules(found):
    """The rules of its faults, but for those about columns that these small lists lack."""
    return [rule for rule in found.faults["rule"] if not rule.startswith("no_")]


def said(found, rule):
    """Column → count and example of a rule."""
    some = found.faults.query("rule == @rule")
    counted = zip(some["count"], some["example"], strict=True)
    return dict(zip(some["column"], counted, strict=True))


def values(found, column):
    frame = found.table.order_by("opportunity_id").to_pandas()
    return dict(zip(frame["opportunity_id"], frame[column].astype(object), strict=True))


# --- formulas and errors --------------------------------------------------------------------------


@pytest.mark.parametrize("column", range(5))
def test_a_column_of_formulas_that_nobody_calculated(book, column):
    def change(_, sheet):
        for row in range(2, 6):
            sheet.cell(row, column + 1).value = f"=Z{row}"

    found = check(book(change=change))
    name = ["opportunity_id", "stage", "amount", "created_at", "owner_id"][column]
    letter = "ABCDE"[column]
    listed = ", ".join(f"{letter}{row}" for row in range(2, 6))
    assert said(found, "uncalculated_formulas") == {name: (4, listed)}
    assert found.table is None
    assert found.columns.query("column == @name")["theirs"].item() == HEADER[column]


def test_zeros_that_a_program_writes_for_its_formulas(tmp_path):
    def write(name, value):
        with xlsxwriter.Workbook(tmp_path / name) as made:
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, ["Opportunity ID", "Stage", "Amount"])
            for i in (1, 2):
                sheet.write_row(i, 0, [f"A{i}", "Won"])
                sheet.write_formula(i, 2, "=1*2", None, value * i)
        return check(tmp_path / name)

    assert list(said(write("a.xlsx", 0), "uncalculated_formulas")) == ["amount"]
    assert values(write("b.xlsx", 2), "amount") == {"A1": 2, "A2": 4}


def test_zeros_that_a_program_has_calculated(book):
    path = book([["Opportunity ID", "Stage", "Amount"], ["A1", "Won", "=1-1"]])
    patched(path, SHEET, rb"<v ?/>|<v></v>", b"<v>0</v>")
    assert list(said(check(path), "uncalculated_formulas")) == ["amount"]
    patched(path, BOOK, b'fullCalcOnLoad="1"', b"")
    assert values(check(path), "amount") == {"A1": 0}


def test_a_formula_whose_result_is_an_empty_text(book):
    path = book([["Opportunity ID", "Stage", "Owner"], ["A1", "Won", '=""'], ["A2", "Won", "x"]])
    patched(path, SHEET, rb'<c r="C2">.*?</c>', b'<c r="C2" t="str"><f>""</f><v></v></c>')
    assert rules(check(path)) == []


def test_a_sum_below_that_nobody_calculated_sets_its_row_aside(book):
    found = check(book([HEADER, *rows(), ["Z", "Won", "=SUM(C2:C5)"]]))
    assert found.rows_used == 4
    assert found.cases.query("rule == 'not_a_number'")["line"].tolist() == [6]


def test_formulas_of_a_column_that_is_not_needed(book):
    table = [[*HEADER, "Margin"], *([*row, "=C2/2"] for row in rows(2))]
    found = check(book(table))
    assert said(found, "formulas_without_values") == {"Margin": (2, "F2, F3")}
    assert found.table.to_pandas()["Margin"].isna().all()
    assert "formulas" in check(book(table), keep={"margin": "5"}).messages(severity="fatal")[0]


@pytest.mark.matrix
@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"])
def test_errors_are_no_empty_cells(book, error):
    table = [
        HEADER,
        ["A1", "Won", error, None, "O"],
        [error, "Won", 5, None, "O"],
        ["A3", "Won", 5, error, "O"],
        ["A4", "Won", 5, None, error],
        ["A5", "Won", 5, DAY("2025-01-01"), "O"],
    ]
    found = check(book(table))
    assert values(found, "amount") == {"A5": 5}
    assert said(found, "error_cells") == {
        "amount": (1, f"C2 {error}"),
        "opportunity_id": (1, f"A3 {error}"),
        "created_at": (1, f"D4 {error}"),
        "owner_id": (1, f"E5 {error}"),
    }
    aside = found.cases.query("severity == 'set_aside'")
    assert dict(zip(aside["line"], aside["rule"], strict=True)) == {
        2: "not_a_number",
        3: "error_cell",
        4: "not_a_date",
        5: "error_cell",
    }


def test_what_was_not_found_counts_as_missing_and_is_said(book):
    found = check(book([[*HEADER, "Extra"], [*rows(1)[0][:2], "#N/A", None, "O", "#N/A"]]))
    assert found.rows_used == 1
    assert said(found, "error_cells") == {"amount": (1, "C2 #N/A"), "Extra": (1, "F2 #N/A")}


def test_an_error_in_a_text(checked):
    found = checked("opportunity_id,stage,owner_id\nA,Won,#REF!\nB,Won,#1\nC,Won,Err:502\n")
    assert found.cases["rule"].tolist() == ["error_cell", "error_cell"]


# --- merged areas and headers ---------------------------------------------------------------------


def test_a_merged_cell_is_that_of_its_rows(book):
    table = [["Account", *HEADER[:3]], *([None, *row[:3]] for row in rows())]
    table[1][0], table[3][0], table[4][0] = "Acme", "Bolt", "Core"
    found = check(book(table, lambda _, sheet: sheet.merge_cells("A2:A3")))
    assert list(values(found, "account_id").values()) == ["Acme", "Acme", "Bolt", "Core"]
    assert said(found, "merged_cells") == {"account_id": (1, "A2:A3")}


def test_an_index_of_several_levels_that_pandas_wrote(tmp_path):
    frame = pd.DataFrame([row[:3] for row in rows()], columns=HEADER[:3])
    frame = frame.assign(Region=["N", "N", "S", "S"], Team="T")
    frame.set_index(["Region", "Team", "Opportunity ID"]).to_excel(tmp_path / "a.xlsx")
    found = check(tmp_path / "a.xlsx")
    assert list(values(found, "region").values()) == ["N", "N", "S", "S"]
    assert list(values(found, "team").values()) == ["T"] * 4


def test_a_merged_number_is_not_guessed(book):
    found = check(book(change=lambda _, sheet: sheet.merge_cells("C2:C3")))
    assert list(said(found, "merged_numbers")) == ["amount"]


def test_records_of_two_merged_rows_each(book):
    def change(_, sheet):
        for column in "ABCDE":
            sheet.merge_cells(f"{column}2:{column}3")
            sheet.merge_cells(f"{column}4:{column}5")

    first, second = rows(2)
    found = check(book([HEADER, first, [], second, []], change))
    assert values(found, "amount") == {"A1": 10, "A2": 20}
    assert rules(found) == []


def test_a_line_of_text_across_the_table_is_no_record(book):
    def change(_, sheet):
        sheet.merge_cells("A4:E4")

    found = check(book([HEADER, *rows(2), ["North"], *rows()[2:]], change))
    assert list(values(found, "amount")) == ["A1", "A2", "A3", "A4"]
    assert said(found, "merged_across") == {"": (1, "North")}
    assert (found.rows, found.rows_left_out) == (5, 1)


GROUPED = [
    ["Opportunity ID", "Stage", "Money", None, "Dates", None],
    [None, None, "Amount", "Currency", "Created Date", "Owner"],
    ["A1", "Won", 5, "EUR", "2025-01-31", "O"],
    ["A2", "Lost", 6, "EUR", "2025-01-30", "O"],
]


@pytest.mark.parametrize(
    "areas", [["A1:A2", "B1:B2", "C1:D1", "E1:F1"], ["C1:D1", "E1:F1"]], ids=["tall", "groups"]
)
def test_a_header_of_two_rows(book, areas):
    found = check(book(GROUPED, lambda _, sheet: [sheet.merge_cells(area) for area in areas]))
    assert values(found, "amount") == {"A1": 5, "A2": 6}
    assert list(values(found, "owner_id").values()) == ["O", "O"]
    assert said(found, "header_rows")[""][0] == 2
    assert found.cases.empty


def test_groups_tell_columns_of_one_name_apart(book):
    table = [
        ["Opportunity ID", "Stage", "2024", None, "2025", None],
        [None, None, "Amount", "Qty", "Amount", "Qty"],
        ["A1", "Won", 1, 2, 3, 4],
    ]

    def change(_, sheet):
        for area in ("A1:A2", "B1:B2", "C1:D1", "E1:F1"):
            sheet.merge_cells(area)

    found = check(book(table, change), columns={"amount": "2025 Amount"})
    assert values(found, "amount") == {"A1": 3}
    assert "2024 Qty" in found.table.columns


def test_a_merged_title_above_the_header(book):
    found = check(book([["Deals"], [], HEADER, *rows()], lambda _, s: s.merge_cells("A1:E1")))
    assert rules(found) == ["title_rows_skipped"]
    assert found.rows_used == 4


# --- what is hidden -------------------------------------------------------------------------------


def test_rows_hidden_by_a_filter_by_hand_and_by_their_height(tmp_path, book):
    with xlsxwriter.Workbook(tmp_path / "filter.xlsx") as made:
        sheet = made.add_worksheet()
        for i, row in enumerate([HEADER[:3], *(row[:3] for row in rows())]):
            sheet.write_row(i, 0, row)
        sheet.autofilter(0, 0, 4, 2)
        sheet.filter_column(2, "x > 20")
        for i in (1, 2):
            sheet.set_row(i, options={"hidden": True})
    by_filter = check(tmp_path / "filter.xlsx")
    flat = patched(book(), SHEET, b'<row r="3"', b'<row r="3" ht="0" customHeight="1"')
    for found, count in ((by_filter, 2), (check(flat), 1)):
        assert said(found, "hidden_rows") == {"": (count, "")}
        assert found.rows_used == 4


def test_a_hidden_header_and_hidden_empty_rows_are_no_rows(book):
    def change(_, sheet):
        for row in (1, 40):
            sheet.row_dimensions[row].hidden = True

    assert rules(check(book(change=change))) == []


def test_hidden_columns(book):
    def change(_, sheet):
        for column in ("C", "E", "K"):
            sheet.column_dimensions[column].hidden = True

    found = check(book(change=change))
    assert said(found, "hidden_columns") == {"": (2, "`Amount`, `Owner`")}
    assert values(found, "amount")["A4"] == 40


def with_hidden_sheet(made, _):
    hidden = made.create_sheet("Old")
    for row in [HEADER, *rows(2)]:
        hidden.append(row)
    hidden.sheet_state = "hidden"


def test_hidden_sheets(book):
    path = book(change=with_hidden_sheet)
    assert said(check(path), "hidden_sheets_not_read") == {"": (1, "`Old`")}
    chosen = check(path, sheet="Old")
    assert (chosen.rows_used, list(said(chosen, "hidden_sheet_read"))) == (2, [""])
    found = check(book([], with_hidden_sheet))
    assert found.faults["rule"].tolist() == ["hidden_sheets_only"]


def test_a_chart_is_no_sheet_to_be_chosen(book):
    found = check(book(change=lambda made, _: made.create_chartsheet("Chart")))
    assert rules(found) == []
    with pytest.raises(SalesAnalysisError, match="does not have"):
        check(book(change=lambda made, _: made.create_chartsheet("Chart")), sheet="Chart")


# --- days -----------------------------------------------------------------------------------------


def test_days_that_count_from_1904(book):
    table = [
        HEADER[:4],
        ["A1", "Won", 1, DAY("2025-03-05")],
        ["A2", "Won", 1, 44259],
        ["A3", "Won", 1, "2025-03-05"],
        ["A4", "Won", 1, 44259.5],
    ]
    found = check(book(table, lambda made, _: setattr(made, "epoch", CALENDAR_MAC_1904)))
    days = [str(day) for day in values(found, "created_at").values()]
    assert days == ["2025-03-05 00:00:00"] * 3 + ["2025-03-05 12:00:00"]
    numbers = [row[:3] + [44259] if i else row for i, row in enumerate(table)]
    path = patched(book(numbers), BOOK, rb"<workbookPr\b", b'<workbookPr date1904="true"')
    assert {str(day)[:10] for day in values(check(path), "created_at").values()} == {"2025-03-05"}


def test_times_durations_and_flags_are_the_texts_of_an_export(book):
    extra = [True, datetime.timedelta(hours=26, minutes=5), datetime.time(12, 30)]
    table = [[*HEADER, "Flag", "Took", "At"], *([*row, *extra] for row in rows(2))]
    frame = check(book(table)).table.to_pandas()
    assert frame.loc[0, ["Flag", "Took", "At"]].tolist() == ["true", "26:05:00", "12:30:00"]


# --- cells far out --------------------------------------------------------------------------------


@pytest.mark.matrix
@pytest.mark.parametrize(
    "cells", [["XFD1048576"], ["XFD3"], ["A1048576"], ["D600000"], ["XFD1"], ["CZ2"], ["H3", "H9"],
              ["XFC7", "A900000"]], ids=" ".join
)  # fmt: skip
def test_cells_astray_make_no_rows_and_are_said(book, cells):
    def change(_, sheet):
        for cell in cells:
            sheet[cell] = "x"

    found = check(book(change=change))
    assert (found.rows, found.rows_used) == (4, 4)
    assert not found.columns["column"].str.startswith("unnamed").any()
    count, listed = said(found, "stray_cells")[""]
    assert (count, sorted(listed.split(", "))) == (len(cells), sorted(cells))


def test_numbers_and_formulas_astray_are_cut_out_too(book):
    def change(_, sheet):
        sheet["XFD1048576"], sheet["XFD1048575"], sheet["XFC1048576"] = 5, "=1", "#REF!"

    found = check(book(change=change))
    assert found.rows_used == 4
    assert said(found, "stray_cells")[""][0] == 3


def test_rows_behind_many_empty_ones_are_rows_if_they_are_as_full(book):
    def change(_, sheet):
        for column, value in enumerate(["A9", "Won", 5, None, "O"], start=1):
            sheet.cell(5_000, column).value = value

    found = check(book(change=change))
    assert (found.rows, found.rows_used) == (5, 5)


def test_formats_far_out_and_a_wrong_extent_make_nothing(book):
    format_only = b'<row r="9999"><c r="XFD9999" s="0"/></row></sheetData>'
    path = patched(book(), SHEET, b"</sheetData>", format_only)
    found = check(patched(path, SHEET, rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>'))
    assert rules(found) == []
    assert found.rows == 4


def test_cells_scattered_over_a_sheet_are_refused_not_made(book):
    def change(_, sheet):
        for i in range(1, 1_100):
            for column in (1, 5, 90 * (1 + i % 150)):
                sheet.cell(900 * i, column).value = "x"

    found = check(book(change=change))
    assert found.faults["rule"].tolist() == ["scattered_cells"]


def test_a_column_without_a_name_beside_the_table_is_kept(book):
    found = check(book([[*HEADER, None], *([*row, "seen"] for row in rows(2))]))
    assert found.table.to_pandas()["unnamed_6"].tolist() == ["seen", "seen"]


# --- OpenDocument ---------------------------------------------------------------------------------

_NAMESPACES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def ods_cell(value, attributes=""):
    number = f'office:value="{value}"' if isinstance(value, (int, float)) else ""
    kind = "float" if number else "string"
    return (
        f'<table:table-cell {attributes} {number} office:value-type="{kind}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def ods(path, lines, more=""):
    made = "".join(f"<table:table-row {said}>{cells}</table:table-row>" for said, cells in lines)
    content = (
        f'<?xml version="1.0"?><office:document-content {_NAMESPACES}><office:body>'
        f'<office:spreadsheet><table:table table:name="Deals">{made}{more}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<?xml version='1.0'?><manifest/>")
        archive.writestr("content.xml", content)
    return path


LINES = [
    ("", "".join(map(ods_cell, ["Opportunity ID", "Stage", "Amount", "Owner"]))),
    (
        "",
        "".join(map(ods_cell, ["A1", "Won", 5])) + ods_cell("Ann", 'table:number-rows-spanned="2"'),
    ),
    (
        'table:visibility="filter"',
        "".join(map(ods_cell, ["A2", "Won", 6])) + "<table:covered-table-cell/>",
    ),
    (
        "",
        "".join(map(ods_cell, ["A3", "Won"]))
        + ods_cell("#DIV/0!", 'table:formula="of:=1/0" calcext:value-type="error"')
        + ods_cell("Bob"),
    ),
]


def test_an_opendocument_workbook(tmp_path):
    found = check(ods(tmp_path / "a.ods", LINES))
    assert values(found, "owner_id") == {"A1": "Ann", "A2": "Ann"}
    assert said(found, "error_cells") == {"amount": (1, "C4 #DIV/0!")}
    assert said(found, "merged_cells") == {"owner_id": (1, "D2:D3")}
    assert said(found, "hidden_rows") == {"": (1, "")}


def test_an_opendocument_workbook_with_cells_far_out(tmp_path):
    empty = (
        '<table:table-row table:number-rows-repeated="1048500">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert check(ods(tmp_path / "a.ods", LINES[:3], empty)).rows_used == 2
    far = (
        '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
        f"{ods_cell('x')}</table:table-row>"
    )
    found = check(ods(tmp_path / "b.ods", LINES[:3], empty + far))
    assert found.faults["rule"].tolist() == ["scattered_cells"]
