"""Every format of a hostile report, opened again by a reader of that format, in both languages."""

import base64
import csv
import io
import re
import struct
import sys
import zipfile

import bs4
import hostile
import openpyxl
import pandas as pd
import pptx
import pytest

from salesanalysis import SalesAnalysisError, text
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import export
from salesanalysis.reports.blocks import Heading, Paragraph, Statement, Table, Title
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import deck
from salesanalysis.reports.export.md import escaped
from salesanalysis.reports.export.xlsx import sheet_names
from salesanalysis.reports.html_tables import LARGEST_DOWNLOAD, html_table
from salesanalysis.reports.job import prepare
from salesanalysis.reports.tables import csv_file

TEXTS, NUMBERS = list(hostile.CORPUS.values()), hostile.NUMBERS
NAME = hostile.CORPUS["script"]


def test_all_formats_are_there_and_the_same_bytes_each_time(hostile_reports):
    for format in (PAGE, *hostile.FORMATS):
        first = (hostile_reports["en"] / FORMATS[format].file).read_bytes()
        assert first == (hostile_reports["again"] / FORMATS[format].file).read_bytes(), format
    assert not (hostile_reports["en"] / "told").exists()


# Workbook


@pytest.fixture(scope="session")
def book(hostile_reports):
    return openpyxl.load_workbook(hostile_reports["en"] / "report.xlsx")


def column(sheet, number: int) -> list:
    return [row[number].value for row in sheet.iter_rows(min_row=2)]


def plain(said: str) -> str:
    """What a workbook can hold of a text."""
    cut = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", said)
    return cut[:32_767].replace("\r\n", "\n").replace("\r", "\n")


def test_the_workbook_holds_texts_as_texts_and_numbers_as_numbers(book):
    sheet = book["Deals & more"]
    ids = [value.replace("_x000D_", "\n") for value in column(sheet, 0)]
    assert ids == [plain(said) for said in TEXTS]
    assert column(sheet, 1) == pytest.approx([NUMBERS[i % 4] for i in range(len(TEXTS))], 1e-15)
    assert {type(value) for value in column(sheet, 2)} == {bool}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert {value.date().isoformat() for value in column(sheet, 4)} == {"2024-02-29"}
    assert column(sheet, 6)[1] == "1" and column(sheet, 6)[2] is None


def test_the_workbook_formats_by_the_vocabulary(book):
    second = next(book["Deals & more"].iter_rows(min_row=2))
    assert second[1].number_format == "#,##0"
    assert second[3].number_format == "0.0%"
    assert second[4].number_format == "yyyy-mm-dd"
    assert book["Deals & more"].freeze_panes == "A2"
    # In print it is one page across, its headings on each.
    setup = book["Deals & more"].page_setup
    assert (setup.orientation, setup.fitToHeight) == ("landscape", 0)  # as many down as it takes
    assert book["Deals & more"].sheet_properties.pageSetUpPr.fitToPage
    assert book["Deals & more"].print_title_rows == "$1:$1"
    assert book["Deals & more"].auto_filter.ref.startswith("A1:")


def test_the_workbook_has_no_formula_and_no_link_out(hostile_reports):
    with zipfile.ZipFile(hostile_reports["en"] / "report.xlsx") as archive:
        for name in archive.namelist():
            content = archive.read(name).decode()
            assert "<f>" not in content and "externalLink" not in name
            assert 'TargetMode="External"' not in content


def test_no_cell_of_the_workbook_leads_anywhere_but_its_contents(hostile_reports):
    for lang in ("en", "zh"):
        book = openpyxl.load_workbook(hostile_reports[lang] / "report.xlsx", rich_text=True)
        cover, contents, *others = book.worksheets
        links = [cell.hyperlink for row in contents.iter_rows() for cell in row if cell.hyperlink]
        assert [(link.target, link.location) for link in links] == [(None, "'Deals & more'!A1")]
        for sheet in [cover, *others]:
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert cells and not [cell for cell in cells if cell.hyperlink]
            assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d"}  # none is a formula


def test_no_slide_and_no_page_has_a_link_from_a_value(hostile_reports):
    with zipfile.ZipFile(hostile_reports["en"] / "report.pptx") as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                content = archive.read(name).decode()
                assert "hlinkClick" not in content and 'TargetMode="External"' not in content
    for name in ("report.html", "slides.html"):
        page = (hostile_reports["en"] / name).read_text(encoding="utf-8")
        soup = bs4.BeautifulSoup(page, "html.parser")
        for tag in soup.find_all(lambda tag: tag.has_attr("href") or tag.has_attr("src")):
            if tag.name != "script":
                assert (tag.get("href") or tag.get("src")).startswith(("#", "data:")), tag


def test_the_workbook_says_what_it_holds(book):
    cover, contents = (
        [cell.value for row in book[name].iter_rows() for cell in row if cell.value]
        for name in ("First screen", "Contents")
    )
    assert f"Trial <b>of</b> {NAME}" in cover and "Only 3 deals." in cover
    assert "Deals & more" in contents and any(said.startswith("Found −5") for said in contents)
    headings = column(book["Columns"], 1)
    assert "amount" in headings and "=cmd|' /c calc'!A1" in headings


def test_the_chinese_workbook_is_chinese(hostile_reports):
    book = openpyxl.load_workbook(hostile_reports["zh"] / "report.xlsx")
    assert book.sheetnames == ["首页", "目录", "Deals & more", "列说明"]
    assert book["Deals & more"]["B1"].value == text.column_label("amount", "zh") == "金额"


def test_sheet_names_are_allowed_and_distinct():
    names = sheet_names(["x" * 40, "x" * 45, "X" * 31, "", "'q'", "[a]:*?/\\", "History"])
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert names[:2] == ["x" * 31, "x" * 29 + " 2"]


# CSV


def test_a_csv_file_prefixes_what_would_run_and_nothing_else(hostile_reports):
    content = (hostile_reports["en"] / "tables" / "deals.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0][5] == "'=cmd|' /c calc'!A1"
    assert [float(row[1]) for row in rows[1:]] == [NUMBERS[i % 4] for i in range(len(TEXTS))]
    for said, row in zip(TEXTS, rows[1:], strict=True):
        runs = said[0] in "=+-@\t\r\n＝＠"
        assert row[0] == ("'" + said if runs else said)


def test_the_page_offers_the_same_csv_file(hostile_reports):
    page = (hostile_reports["en"] / "report.html").read_text(encoding="utf-8")
    links = re.findall(
        r'download="deals.csv" href="data:text/csv;charset=utf-8;base64,(.*?)"', page
    )
    assert [base64.b64decode(link) for link in links] == [
        (hostile_reports["en"] / "tables" / "deals.csv").read_bytes()
    ]


def test_a_large_table_is_not_in_the_page_a_second_time():
    frame = pd.DataFrame({"n": range(30_000)})
    content = csv_file(frame)
    assert len(content) > LARGEST_DOWNLOAD
    table = Table(frame, "c", name="n", part="funnel")
    assert "download" not in html_table(table, "en", content=content)
    assert "download" in html_table(table, "en", content=csv_file(frame.head()))


# PowerPoint


def all_texts(file) -> list[str]:
    found = []
    for slide in file.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            if shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
    return found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_slides_open_and_nothing_lies_outside(hostile_reports, lang):
    file = pptx.Presentation(str(hostile_reports[lang] / "report.pptx"))
    assert file.slides[0].shapes.title.text == f"Trial <b>of</b> {NAME}"
    for slide in file.slides:
        assert slide.shapes.title.text
        for shape in slide.shapes:
            assert 0 <= shape.left <= shape.left + shape.width <= file.slide_width
            assert 0 <= shape.top <= shape.top + shape.height <= file.slide_height
    assert not [link for slide in file.slides for link in slide.part.rels.values()
                if link.is_external]  # fmt: skip


def test_a_figure_stands_under_the_finding_it_shows_with_its_numbers_in_the_notes(hostile_reports):
    file = pptx.Presentation(str(hostile_reports["en"] / "report.pptx"))
    pictures = [s for s in file.slides if any(shape.shape_type == 13 for shape in s.shapes)]
    assert len(pictures) == 1
    assert pictures[0].shapes.title.text.startswith("Found −5 deals of ")
    notes = pictures[0].notes_slide.notes_text_frame.text
    assert "Amounts" in notes and "One." in notes and "−1,235" in notes


def slides_of(blocks, folder):
    """The slides between the situation and the last, which says what all was made from."""
    record = {"name": "trial", "lang": "en", "sources": [], "parameters": {}, "commit": None}
    return deck(Material(folder, None, record | {"title": None}, blocks))[1:-1]


def test_what_all_was_made_from_says_how_sure_it_is_where_no_other_slide_does(tmp_path):
    record = {"name": "trial", "lang": "en", "sources": [], "parameters": {}, "title": None}
    record["commit"] = {"id": "0123456789abcdef", "uncommitted_changes": False}
    meanings = [
        Heading("glossary", "What", folded=True),
        Table(pd.DataFrame({"figure": ["n"]}), "What"),
    ]
    ends = {}
    for name, blocks in {"bare": [], "meant": meanings}.items():
        ends[name] = deck(Material(tmp_path, None, record, blocks))[1:]
    (bare,), (sure, origin) = ends["bare"], ends["meant"]
    assert [len(bare.points), len(origin.points)] == [2, 1]
    assert bare.points[0] == sure.points[-1]
    assert bare.points[1] == origin.points[0] == "Commit 0123456789ab."


def test_a_long_finding_gives_its_first_sentence_as_title(tmp_path):
    said = "Half of it is gone. " + "That is long. " * 12
    blocks = [
        Heading("a", "A"),
        Table(pd.DataFrame({"n": [1]}), "N"),
        Statement("said", "few", said),
    ]
    assert slides_of(blocks, tmp_path)[0].title == "Half of it is gone."


def test_a_table_stands_under_the_finding_of_its_section_or_its_own(tmp_path):
    table = Table(pd.DataFrame({"n": [1]}), "How many")
    shows = Table(table.frame, "How few", shows=("untold", "few"))
    plain, found = Paragraph("How it is counted."), Paragraph("Few are left.", kind="left")
    blocks = [Heading("a", "A"), plain, table, Heading("b", "B"), plain, found, table]
    blocks += [Heading("c", "C"), shows, Statement("said", "few", "There are few.")]
    one, other, own = slides_of(blocks, tmp_path)
    assert (one.title, other.title, own.title) == ("How many", "Few are left.", "There are few.")
    assert other.notes[:4] == ["Few are left.", "Few are left.", "How it is counted.", "How many:"]


def set_right(name: str, file, heads: list[str]) -> list[bool]:
    """Which columns of the table with these headings are set to the right, in one format."""
    if name in ("html", "slides"):
        page = bs4.BeautifulSoup(file.read_text(encoding="utf-8"), "lxml")
        marked = {"html": "r", "slides": "number"}[name]
        for table in page.find_all("table"):
            cells = table.tr.find_all("th")
            if [cell.get_text() for cell in cells] == heads:
                return [marked in cell.get("class", []) for cell in cells]
    if name == "xlsx":
        for sheet in openpyxl.load_workbook(file):
            for row in sheet.iter_rows():
                if [cell.value for cell in row][: len(heads)] == heads:
                    return [cell.alignment.horizontal == "right" for cell in row[: len(heads)]]
    if name == "md":
        lines = file.read_text(encoding="utf-8").splitlines()
        at = lines.index(f"| {' | '.join(map(escaped, heads))} |")
        return [rule == "--:" for rule in lines[at + 1].strip("| ").split(" | ")]
    if name == "pptx":
        for slide in pptx.Presentation(str(file)).slides:
            for shape in (shape for shape in slide.shapes if shape.has_table):
                cells = shape.table.rows[0].cells
                if [cell.text for cell in cells] == heads:
                    return [cell.text_frame.paragraphs[0].alignment == 3 for cell in cells]
    raise LookupError(f"no such table in {file.name}")


@pytest.mark.parametrize("name", [name for name in FORMATS if not FORMATS[name].extra])
def test_numbers_are_set_to_the_right_and_texts_to_the_left_in_every_format(name, tmp_path):
    row = {"stage": "A", "n": 3, "rate": 0.5, "amount": 12.0, "team": "x"}
    frame = pd.DataFrame([row, row])
    heads = [text.column_label(column) for column in frame.columns]
    record = {
        "name": "trial", "lang": "en", "title": "T", "sources": [], "parameters": {},
        "commit": None, "formats": [name], "versions": {},
    }  # fmt: skip
    blocks = [Title("T", "Q"), Heading("a", "A"), Table(frame, "One", name="t", part="trial")]
    if name == PAGE:  # is made of the executed notebook, which displays this
        page = html_table(blocks[-1], "en")
        (tmp_path / FORMATS[name].file).write_text(page, encoding="utf-8")
    else:
        export.module(name).write(Material(tmp_path, None, record, blocks))
    found = set_right(name, tmp_path / FORMATS[name].file, heads)
    assert found == [False, True, True, True, False]


def test_a_wide_table_of_one_row_stands_upright_and_a_long_text_is_cut(tmp_path):
    row = pd.DataFrame([{f"c{at}": at for at in range(13)} | {"c0": "long " * 30}])
    (slide,) = slides_of([Heading("a", "A"), Table(row, "One")], tmp_path)
    (name, said), *cells = slide.table.heads, *slide.table.cells
    assert name == "c0" and len(said) == 60 and said.endswith("…")
    assert cells == [[f"c{at}", str(at)] for at in range(1, 12)]
    assert slide.table.note.startswith("1 of 1 rows and 12 of 13 columns")


def test_chinese_runs_name_a_chinese_font(hostile_reports):
    with zipfile.ZipFile(hostile_reports["zh"] / "report.pptx") as archive:
        slide = archive.read("ppt/slides/slide2.xml").decode()
    assert 'lang="zh-CN"' in slide and '<a:ea typeface="Microsoft YaHei"/>' in slide


def test_the_readers_template_is_used_without_its_slides(hostile_reports):
    file = pptx.Presentation(str(hostile_reports["zh"] / "report.pptx"))
    assert (file.slide_width, file.slide_height) == (9_999_360, 7_199_313)
    assert "Old slide" not in all_texts(file)
    layouts = [slide.slide_layout.name for slide in file.slides]
    assert layouts[0] == "Title Slide" and "Title and Content" not in layouts
    # The title keeps the place and the font that the template gives it; only its size is ours.
    title = file.slides[1].shapes.title
    assert title._element.spPr.xfrm is None
    assert {run.font.name for run in title.text_frame.paragraphs[0].runs} == {None}


def test_titles_have_room_in_their_place(hostile_reports):
    for lang in ("en", "zh"):
        file = pptx.Presentation(str(hostile_reports[lang] / "report.pptx"))
        for slide in list(file.slides)[1:]:
            title = slide.shapes.title
            (run,) = title.text_frame.paragraphs[0].runs
            lines = len(title.text) * run.font.size * 0.5 / title.width
            assert lines * run.font.size <= title.height


def test_a_template_without_layouts_or_with_references_to_its_slides(tmp_path):
    from lxml import etree

    from salesanalysis.reports.export.pptx import open_template

    theirs = pptx.Presentation()
    layouts = theirs.slide_layouts
    theirs.slides.add_slide(layouts[0])
    sections = (
        '<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:ext'
        ' uri="{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"><p14:sectionLst'
        ' xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"/></p:ext></p:extLst>'
    )
    theirs.part._element.append(etree.fromstring(sections))
    theirs.save(tmp_path / "sections.pptx")
    opened = open_template(tmp_path / "sections.pptx")
    assert b"sectionLst" not in etree.tostring(opened.part._element)
    for layout in list(layouts)[1:]:
        layouts.remove(layout)
    theirs = open_template(tmp_path / "sections.pptx")
    for layout in list(theirs.slide_layouts):
        theirs.slide_layouts.remove(layout)
    theirs.save(tmp_path / "bare.pptx")
    with pytest.raises(SalesAnalysisError, match=r"`bare.pptx`, whose slide master has no layouts"):
        open_template(tmp_path / "bare.pptx")


def test_a_tall_figure_is_drawn_for_slides_in_their_shape():
    from matplotlib.figure import Figure

    from salesanalysis.reports import pictures

    tall = Figure(figsize=(7.6, 12))
    tall.add_subplot().plot([1, 2])
    width, height = struct.unpack(">II", pictures.for_slide(tall)[16:24])
    assert 1.5 < width / height < 1.9


# Slides for the browser


def test_the_slides_hold_all_they_need_and_nothing_alive(hostile_reports):
    page = (hostile_reports["en"] / "slides.html").read_text(encoding="utf-8")
    body = page[page.index("<body") : page.index("<script>")]
    assert not re.search(r"<(script|iframe|svg|base|b|i)\b", body)
    assert not re.search(r"<[^>]+\s(on\w+|src=(?!\"data:)|href=)", body)
    assert "default-src 'none'" in page


# Markdown


def test_markdown_holds_no_markup_of_a_stranger(hostile_reports):
    said = (hostile_reports["en"] / "report.md").read_text(encoding="utf-8")
    assert re.findall(r"(?<!\\)\]\((.*?)\)", said) == ["figures/deals.png"]
    assert not re.search(r"(?<!\\)<", said)
    assert "\\<script\\>" in said
    assert not re.search(r"(?<!\\):window", said)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\n\n# b", "a \\# b"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("1,234 deals", "1,234 deals"),
        ("a | b", "a \\| b"),
        ("JavaScript:x", "JavaScript\\:x"),
        ("[x](javascript:y)", "\\[x\\](javascript\\:y)"),
        ("www.x.test", "www\\.x.test"),
        ("smb://x/y, xmpp:a@x", "smb\\://x/y, xmpp\\:a@x"),
        ("<https://x.test>", "\\<https\\://x.test\\>"),
    ],
)
def test_markdown_escapes(said, shown):
    assert escaped(said) == shown


# PDF


@pytest.mark.pdf
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pdf_has_its_text_its_fonts_and_no_script(hostile_place, warm, lang):
    import pypdf

    name = "销售 <b>" if lang == "zh" else NAME
    asked = {"formats": ["pdf"], "name": name, "warm": warm}
    first, second = (hostile.make(hostile_place, lang, f"pdf-{lang}-{n}", **asked) for n in (1, 2))
    first, second = first / "report.pdf", second / "report.pdf"
    assert first.read_bytes() == second.read_bytes()
    file = pypdf.PdfReader(first)
    said = "".join(page.extract_text() for page in file.pages).replace("\0", "")
    assert name.replace(" ", "") in said.replace(" ", "").replace("\n", "")
    assert f"1 / {len(file.pages)}" in said
    content = first.read_bytes()
    assert b"/JavaScript" not in content and b"/URI" not in content
    fonts = {
        font.get_object()["/BaseFont"]
        for page in file.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert any("SalesSansSC" in font.replace("-", "") for font in fonts), fonts


@pytest.mark.pdf
def test_pictures_of_the_pdf_have_their_colours_and_fill_the_width(tmp_path):
    import pypdf
    from matplotlib.figure import Figure

    from salesanalysis.reports.pictures import picture_of

    drawn = Figure(figsize=(6.6, 3.0))
    drawn.add_subplot().barh([0], [1], color="#0072b2")
    picture = picture_of(drawn)
    page = f"<body style='margin:0'>{picture.markup('bars', 'Bars')}<p>below</p>"
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    record = {"name": "trial", "lang": "en"}
    export.module("pdf").write(Material(tmp_path, None, record, []))
    (sheet,) = pypdf.PdfReader(tmp_path / "report.pdf").pages
    content = sheet.get_contents().get_data().decode("latin-1")
    assert "0 0.447059 0.698039 rg" in content, "the bar is not blue"
    places = []
    sheet.extract_text(visitor_text=lambda said, _, at, *__: places.append((said.strip(), at[5])))
    (below,) = (height for said, height in places if said == "below")
    width, height = map(float, re.search(rb'viewBox="0 0 (\S+) (\S+)"', picture.svg).groups())
    at_full_width = 178 / 25.4 * 72 * height / width
    assert at_full_width < 842 - 51 - below < at_full_width + 110  # its caption and margins


def test_without_weasyprint_it_is_said_before_anything_runs(workplace, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(SalesAnalysisError, match=r"salesanalysis\[pdf\]"):
        prepare("trial", formats=["pdf"])
