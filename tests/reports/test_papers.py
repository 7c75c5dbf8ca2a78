"""Papers: one A4 page for each of a table's groups, in files that every system can hold."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.reports import Report, papers
from salesanalysis.reports.export.office import CREATED


def paper(lines, lang="en", **more):
    look = {
        "title": "Statement: 王 伟",
        "under": "=SUM(A1)",
        "headings": ["Step", "Rule", "Amount"],
    }
    strong = [cells[0] == "Payout" for cells in lines]
    return papers.Paper(lines=lines, strong=strong, decimals=2, lang=lang, **look | more)


LINES = [("Tier 1", "3% <of> the sales", 1239.0), ("Note", "no amount", None), ("Payout", "", 1e9)]


@given(st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_any_names_give_files_that_windows_can_hold(names):
    stems = papers.file_stems(names)
    assert list(stems) == names
    # Windows and macOS see no difference of case.
    assert len({stem.casefold() for stem in stems.values()}) == len(names)
    for stem in stems.values():
        assert not set(stem) & set('<>:"/\\|?*\n\r\t\0 ')
        assert stem and stem[-1] not in ". " and stem[0] != "." and len(stem.encode()) <= 90
        device = stem.split(".")[0].lower()
        assert device not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


def test_names_that_are_safe_are_kept_and_alike_ones_are_told_apart():
    stems = papers.file_stems(["R001", "王伟", "r001", "CON.a", "..", "a" * 300])
    assert stems["王伟"] == "王伟"
    assert stems["R001"].startswith("R001-") and stems["r001"].startswith("r001-")
    assert stems["CON.a"].startswith("CON_")
    # A name does not hang on those it is beside, but where they are alike.
    assert papers.file_stems(["R001"]) == {"R001": "R001"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_workbook_opens_and_prints_on_one_page(tmp_path, lang):
    import openpyxl

    for name in ("one.xlsx", "two.xlsx"):
        papers.write(paper(LINES, lang), tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert book.properties.created == CREATED
    (sheet,) = book.worksheets
    assert sheet["A1"].value == "Statement: 王 伟"
    # What looks like a formula is a text.
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=SUM(A1)", "s")
    assert [cell.value for cell in sheet["C"][4:7]] == [1239, None, 1e9]
    assert sheet["C5"].number_format == "#,##0.00" and sheet["A7"].font.bold
    assert sheet.page_setup.paperSize == 9 and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    assert sheet.print_area == f"'{sheet.title}'!$A$1:$C$7"


@pytest.mark.pdf
@pytest.mark.parametrize("times", [1, 24])
def test_the_pdf_is_one_page_however_many_lines(tmp_path, times):
    import pypdf

    for name in ("one.pdf", "two.pdf"):
        papers.write(paper(LINES * times, "zh"), tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    (page,) = pypdf.PdfReader(tmp_path / "one.pdf").pages
    said = page.extract_text()
    assert "3% <of> the sales" in said and "1,239.00" in said and "1,000,000,000.00" in said
    assert [round(side) for side in page.mediabox[2:]] == [595, 842]


@pytest.mark.pdf
def test_a_paper_with_too_many_lines_for_a_page_is_refused(tmp_path):
    with pytest.raises(SalesAnalysisError, match="240 lines"):
        papers.write(paper(LINES * 80), tmp_path / "long.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_papers_do_not_have_is_refused():
    frame = pd.DataFrame({"payee_id": ["a"], "is_sum": [False], "counted": [1.0]})
    look = {"by": ["payee_id"], "strong": "is_sum"}
    with pytest.raises(SalesAnalysisError, match="can be xlsx or pdf, not 'xls'.*Did you mean"):
        Report("incentive").papers("statements", frame, formats=["xls"], **look)
