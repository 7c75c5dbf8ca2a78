"""One story in every format: the same answer, figures, list and findings, told from one model."""

import io
import re
import zipfile
from dataclasses import replace

import bs4
import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pptx
import pytest
from pptx.util import Pt

from salesanalysis import text
from salesanalysis.findings import Action, Finding, KeyFigure
from salesanalysis.reports import export, in_short, pictures, tiles, week
from salesanalysis.reports.blocks import (
    Figure,
    Heading,
    Paragraph,
    Statement,
    Table,
    Tiles,
    Title,
    Week,
)
from salesanalysis.reports.export import Material
from salesanalysis.reports.export.deck import deck
from salesanalysis.reports.pictures.native import chart_of

FORMATS = ("slides", "pptx", "xlsx", "md")


def figures(lang: str) -> list[dict]:
    told = (
        (KeyFigure("likely", 2_010_000.0, 1_790_000.0, 2_290_000.0, judged=("p_target", 0.49)),
         [("2025-11-08", 1_500_000.0)]),
        (KeyFigure("p_target", 0.486), [("2025-11-08", 0.27)]),
        (KeyFigure("run_rate", 640_580.0), []),
    )  # fmt: skip
    return [
        in_short.figure_record(figure, "forecast", lang, base="<base>", past=dict(past))
        for figure, past in told
    ]


def to_do(lang: str) -> list[dict]:
    step = Finding("step", "sign_date", {})
    return [
        week.record(
            Action("late_deal", "deal", f"d{n}", step, since="2025-03-01", due="2025-11-19",
                   who="R1", amount=119_000.0 + n, at_stake=47_700.0, overdue_days=5.0 * n,
                   title=f"Account {n}"),
            f"Call *them* ({n})", part="funnel", lang=lang, names={"who": {"R1": "安娜 Bell"}},
        )
        for n in range(3)
    ]  # fmt: skip


def drawn(folder, name: str, *, native: bool) -> Figure:
    figure, ax = plt.subplots()
    ax.set_yticks([0, 1], ["North", "South"])
    ax.barh([0, 1], [120.5, 80.25], color="#0072B2", label="in")
    ax.hlines([0, 1], [100, 70], [150, 90], color="k")
    if not native:
        ax.axvline(90)
    chart, picture = chart_of(figure), pictures.picture_of(figure)
    plt.close(figure)
    files = pictures.files_of(name)[:2]
    (folder / "figures").mkdir(exist_ok=True)
    for file, content in zip(files, picture.contents, strict=True):
        (folder / file).write_bytes(content)
    return Figure(name, f"How to read {name}.", files, shows=(name,), chart=chart)


@pytest.fixture(scope="module", params=["en", "zh"])
def written(request, tmp_path_factory) -> Material:
    """A report of a few blocks, written in all formats."""
    lang, folder = request.param, tmp_path_factory.mktemp("story")
    deals = pd.DataFrame({"stage": ["A"] * 20, "n": range(20), "amount": [1.5] * 20})
    none = deals.head(0)
    blocks = [
        Title("Trial", "Does it work?"),
        Statement("caution", "few", "Only 20 deals."),
        Heading("section-a", "North leads by half", note="Regions"),
        Statement("said", "a", "North leads with 120.5 against 80.25."),
        drawn(folder, "a", native=True),
        Table(deals, "All deals", "deals", hide=("amount",)),
        Table(none, "No deals", "none"),
        Heading("section-b", "South catches up", note="Months"),
        Statement("said", "b", "South rose."),
        drawn(folder, "b", native=False),
        Paragraph("How it is counted."),
        Statement("lead", "likely", "Q4 stands at an even chance."),
        Statement("since", "rose", "Since 8 Nov: it rose."),
        Statement("blocking", "blocking", "Amounts are in two currencies."),
        Tiles(tuple(figures(lang))),
        Week(tuple(to_do(lang)), "This week", "the first 3 of 9"),
    ]
    record = {
        "name": "trial", "lang": lang, "title": "Trial", "question": "Does it work?",
        "as_of": "2025-11-15", "currency": "USD", "sources": [], "parameters": {},
        "commit": None, "formats": list(FORMATS), "versions": {},
    }  # fmt: skip
    made = Material(folder, None, record, blocks)
    for name in FORMATS:
        export.module(name).write(made)
    return made


@pytest.fixture
def made(written) -> Material:
    """That report, of whose record a test may say something else."""
    return replace(written, record={**written.record})


def said_in(made: Material, name: str) -> str:
    """All that a file says, in one line, without the signs that its format adds."""
    path = made.file(name)
    if name == "slides":
        said = bs4.BeautifulSoup(path.read_text(encoding="utf-8"), "lxml").get_text(" ")
    elif name == "md":
        said = re.sub(r"\\(.)", r"\1", path.read_text(encoding="utf-8")).replace("**", "")
    elif name == "xlsx":
        sheets = openpyxl.load_workbook(path).worksheets
        cells = (cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row)
        said = " ".join(str(value) for value in cells if value is not None)
    else:
        said = " ".join(
            words
            for slide in pptx.Presentation(str(path)).slides
            for shape in slide.shapes
            for words in (
                [shape.text_frame.text] if shape.has_text_frame
                else [cell.text for row in shape.table.rows for cell in row.cells]
                if shape.has_table else []
            )
        )  # fmt: skip
    return " ".join(said.split())


def plain(said: str) -> str:
    return " ".join(said.split())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_first_screen_and_the_findings(made, name):
    said = said_in(made, name)
    look = (made.lang, "USD")
    for record in figures(made.lang):
        tile = tiles.tile(record, *look)
        for words in (tile.label, tile.value, f"{tile.shape} {tile.word}", tile.under, tile.change):
            assert plain(words) in said, words
    for one in to_do(made.lang):
        line = week.line(one, *look)
        for words in (
            line.who,
            line.about,
            line.amount,
            line.at_stake,
            line.over,
            line.step,
            line.due,
        ):
            assert plain(words) in said, words
    for words in (
        "Q4 stands at an even chance.", "Since 8 Nov: it rose.", "Amounts are in two currencies.",
        "Only 20 deals.", "North leads by half", "South catches up",
    ):  # fmt: skip
        assert words in said, words


def test_the_page_says_them_with_the_same_words(made):
    look = (made.lang, "USD")
    heads = {"title": "w", "note": "n", "currency": "USD", "addresses": {}}
    page = tiles.as_tiles([(one, "") for one in figures(made.lang)], *look)
    page += week.as_list(to_do(made.lang), made.lang, **heads)
    said = plain(bs4.BeautifulSoup(page, "lxml").get_text(" "))
    for record in figures(made.lang):
        tile = tiles.tile(record, *look)
        for words in (tile.label, tile.value, tile.under, tile.change):
            assert plain(words) in said
    for one in to_do(made.lang):
        assert plain(week.line(one, *look).amount) in said


# Slides


def test_a_talk_goes_from_the_situation_over_findings_to_the_list(made):
    slides = deck(made)
    titles = [slide.title for slide in slides]
    assert titles[:3] == ["Q4 stands at an even chance.", "North leads by half", "South catches up"]
    assert slides[3].table.cells[0][0] == "安娜 Bell" and len(slides[3].table.cells) == 3
    assert titles[4] == "All deals" and slides[4].kind.startswith(
        text.sentence("report.deck.appendix", made.lang)
    )


def test_a_report_may_say_which_sections_a_talk_is_of(made):
    made.record["main"] = ["section-b"]
    assert [slide.title for slide in deck(made)][1:3] != ["North leads by half"]
    assert deck(made)[1].title == "South catches up"


def test_a_picture_stands_on_one_slide_only(made):
    made.record["in_short"] = {"picture": "b"}
    drawn = [slide.figure.name for slide in deck(made) if slide.figure]
    assert drawn == ["b", "a"]


def test_titles_are_of_two_lines_and_large_and_each_slide_has_source_and_number(made):
    for number, slide in enumerate(pptx.Presentation(str(made.file("pptx"))).slides, start=1):
        (run,) = slide.shapes.title.text_frame.paragraphs[0].runs
        assert run.font.size >= Pt(24)
        lines = len(run.text) * run.font.size * 0.55
        assert lines <= 2 * slide.shapes.title.width
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert str(number) in said
        assert any("Trial" in words and "USD" in words for words in said)


def charts_of(made: Material) -> list:
    slides = pptx.Presentation(str(made.file("pptx"))).slides
    return [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]


def test_a_chart_can_be_edited_and_keeps_its_limits(made):
    (chart,) = charts_of(made)  # the other picture has a line that no chart would have
    assert list(chart.plots[0].categories) == ["North", "South"]
    assert tuple(chart.plots[0].series[0].values) == (120.5, 80.25)
    book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert [row[1].value for row in book.active.iter_rows(min_row=2)] == [120.5, 80.25]
    xml = chart._chartSpace.xml
    ends = re.findall(
        r"<c:v>([\d.]+)</c:v>", xml[xml.index("<c:errBars>") : xml.index("</c:errBars>")]
    )
    assert list(map(float, ends)) == [29.5, 9.75, 20.5, 10.25]
    assert ('typeface="Microsoft YaHei"' in xml) == (made.lang == "zh")


def test_a_file_with_charts_has_the_same_bytes_each_time(made, monkeypatch):
    for name in ("pptx", "xlsx"):
        before = made.file(name).read_bytes()
        export.module(name).write(made)
        assert made.file(name).read_bytes() == before
    with zipfile.ZipFile(made.file("pptx")) as archive:
        (held,) = (name for name in archive.namelist() if name.endswith(".xlsx"))
        core = zipfile.ZipFile(io.BytesIO(archive.read(held))).read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["2000-01-01T00:00:00Z"] * 2


# Workbook


def test_the_workbook_has_a_cover_pictures_and_no_empty_sheet(made):
    book = openpyxl.load_workbook(made.file("xlsx"))
    named = [text.sentence(f"report.workbook.{key}", made.lang)
             for key in ("cover", "contents", "pictures", "columns")]  # fmt: skip
    assert book.sheetnames == [*named[:3], "Regions", named[3]]
    assert all(sheet.max_row > 1 for sheet in book.worksheets)
    pictures_sheet = book.worksheets[2]
    assert (len(pictures_sheet._charts), len(pictures_sheet._images)) == (1, 1)
    numbers = [[cell.value for cell in pictures_sheet[column]][2:4] for column in "PQR"]
    assert numbers == [[120.5, 80.25], [20.5, 10.25], [29.5, 9.75]]
    with zipfile.ZipFile(made.file("xlsx")) as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
    limits = xml[xml.index("<c:errBars>") : xml.index("</c:errBars>")]
    assert re.findall(r"!\$(\w)\$3:\$\1\$4</c:f>", limits) == ["R", "Q"]
    contents = [cell.value for row in book.worksheets[1].iter_rows() for cell in row]
    assert text.sentence("report.table.empty", made.lang, caption="No deals") in contents


def test_what_the_page_leaves_out_is_in_the_sheet_but_not_printed(made):
    sheet = openpyxl.load_workbook(made.file("xlsx"))["Regions"]
    assert [cell.value for cell in sheet[1]] == [
        text.column_label(name, made.lang) for name in ("stage", "n", "amount")
    ]
    assert sheet.print_area == "'Regions'!$A$1:$B$21"


def test_chinese_cells_name_a_chinese_font(made):
    book = openpyxl.load_workbook(made.file("xlsx"))
    fonts = {cell.font.name for sheet in book for row in sheet.iter_rows() for cell in row}
    assert fonts == ({"Microsoft YaHei"} if made.lang == "zh" else {"Calibri"})
