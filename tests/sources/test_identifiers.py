"""Identifiers and marks that a spreadsheet has left in cells."""

import pytest

from salesanalysis import sources


@pytest.fixture
def history(checked):
    """A history of one stage for each identifier, which is also in a column of its own."""

    def check(ids, table="stage_history"):
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in ids]
        rows = "".join(f"{cell},Lead,2025-01-{i + 1:02},{cell}\n" for i, cell in enumerate(quoted))
        found = checked(f"Opportunity ID,Stage,Entered,Code\n{rows}", table=table)
        if found.table is None:
            return None, found
        frame = found.table.order_by("entered_at").to_pandas()
        return frame[["opportunity_id", "Code"]].to_numpy().T.tolist(), found

    return check


@pytest.mark.parametrize(
    ("ids", "rule"),
    [
        (["1.23457E+12", "1.23457E+12"], "ids_in_scientific_form"),
        (["A1", "1,23E+12"], "ids_in_scientific_form"),
        (["1.00E+05"], "ids_in_scientific_form"),
        (["123456789012340000", "123456789012350000"], "ids_cut_to_15_digits"),
        (["1234567890123450", "1234567890123460", "5"], "ids_cut_to_15_digits"),
    ],
)
def test_shortened_identifiers_are_refused(history, ids, rule):
    found = history(ids)[1]
    assert found.table is None
    assert found.faults["rule"].tolist() == [rule]
    assert "as text" in found.messages()[0]


def test_shortened_identifiers_in_any_column_of_identifiers(checked):
    rows = "A,Won,1.2E+12\nB,Won,1.2E+12\n"
    found = checked(f"opportunity_id,stage,account_id\n{rows}")
    assert found.faults[["rule", "column"]].to_numpy().tolist() == [
        ["ids_in_scientific_form", "account_id"]
    ]


@pytest.mark.parametrize(
    "ids",
    [
        ["1E5", "2E7"],
        ["123456789012340000", "123456789012351234"],
        ["1234567890123450", "1234567890123450"],
        ["00612000001234500000A", "00612000001234600000"],
    ],
)
def test_sound_identifiers_stay(history, ids):
    assert history(ids)[0] == [ids, ids]


def test_long_numbers_of_a_workbook(tmp_path, rules):
    openpyxl = pytest.importorskip("openpyxl")
    for number, rule in [
        (12345678901234567890, "ids_in_scientific_form"),
        (1234567890123450, "ids_cut_to_15_digits"),
    ]:
        book = openpyxl.Workbook()
        for row in (["Opportunity ID", "Stage"], [number, "Won"], [number + 10, "Won"]):
            book.active.append(row)
        book.save(tmp_path / "deals.xlsx")
        found = sources.check(tmp_path / "deals.xlsx", table="opportunities")
        assert rules(found) == [rule]


@pytest.mark.parametrize(
    ("cells", "ids", "codes"),
    [
        (['="00123"', "00456"], ["00123", "00456"], ["00123", "00456"]),
        (['=""00123""', '="Smith, J"'], ["00123", "Smith, J"], ["00123", "Smith, J"]),
        (["'00123", "x"], ["00123", "x"], ["00123", "x"]),
        (["'00123", "'ABC"], ["00123", "ABC"], ["00123", "'ABC"]),
        (["'t Hart", "'90s", "'24/7'"], ["t Hart", "90s", "24/7'"], ["'t Hart", "'90s", "'24/7'"]),
        (["'t Hart", "x"], ["'t Hart", "x"], ["'t Hart", "x"]),
        (["'=1+1", "'-5", "'@me", "x"], ["=1+1", "-5", "@me", "x"], ["=1+1", "-5", "@me", "x"]),
        (["=A1", "=", "'"], ["=A1", "=", "'"], ["=A1", "=", "'"]),
    ],
)
def test_marks_of_a_spreadsheet_are_no_part_of_a_value(history, cells, ids, codes):
    assert history(cells)[0] == [ids, codes]


def test_marks_before_amounts_dates_and_shares(checked):
    header = "opportunity_id,stage,amount,created_at,probability"
    cells = '"=""12.50""","=""2025-03-05""","=""35%"""'
    found = checked(f"{header}\nA,Won,{cells}\nB,Won,'7,'2025-03-06,'40%\n")
    frame = found.table.order_by("opportunity_id").to_pandas()
    assert frame["amount"].tolist() == [12.5, 7]
    assert frame["created_at"].dt.day.tolist() == [5, 6]
    assert frame["probability"].tolist() == [0.35, 0.4]


def test_keys_that_differ_in_leading_zeros_are_pointed_out(checked):
    deals = checked("opportunity_id,stage,account_id\nA,Won,123\n")
    accounts = checked("account_id\n00123\n", table="accounts", name="accounts.csv")
    listed = sources.unmatched_keys(deals.table, accounts.table, "account_id")
    assert listed[["account_id", "nearest"]].to_numpy().tolist() == [
        ["123", "00123"],
        ["00123", "123"],
    ]
