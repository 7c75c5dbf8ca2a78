"""A report in a real Chromium: no error in its console, no request, tables and folds that work."""

from pathlib import Path

import nbformat
import pandas as pd
import pytest

from salesanalysis import text
from salesanalysis.reports import export
from salesanalysis.reports.addresses import row_anchor
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.export.html import export_html
from salesanalysis.reports.html_tables import html_table

pytestmark = pytest.mark.browser


def test_report_opens_without_error_or_request(page, two_runs, tmp_path):
    report = two_runs[0].page
    page.open(report)
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    assert page.value("document.documentElement.lang") == "en"
    assert page.value("document.querySelectorAll('main script, b, i, u').length") == 0
    assert page.value("document.querySelector('h1').textContent") == (
        "Trial <b>of</b> <script>alert(1)</script>"
    )
    page.screenshot(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 10_000


def test_nothing_is_wider_than_the_page_on_a_telephone(page, two_runs):
    page.look(width=400)
    page.open(two_runs[0].page)
    assert page.value("document.documentElement.scrollWidth") <= 400


HOSTILE_HTML = """
<p id=here onclick="window.ran = 1" style="background: url(http://x.test/style)">text</p>
<img src="http://x.test/img" onerror="window.ran = 1">
<svg onload="window.ran = 1"><image href="http://x.test/svg"/></svg>
<a id=link href="javascript:window.ran = 1">link</a>
<video src="http://x.test/video"></video>
<style>@import url(http://x.test/css); p { background: url(http://x.test/rule) }</style>
"""


def test_hostile_html_of_a_cell_neither_runs_nor_asks(page, tmp_path):
    output = nbformat.v4.new_output("display_data", {"text/html": HOSTILE_HTML})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    record = {"title": "T", "name": "n", "sections": [], "messages": []}
    path = tmp_path / "hostile.html"
    path.write_text(export_html(notebook, record, lang="en"), encoding="utf-8")
    page.open(path)
    page.value("document.getElementById('here').click(), document.getElementById('link').click()")
    assert page.value("window.ran") is None
    assert page.value("document.getElementById('here').textContent") == "text"
    stopped = {
        event["requestId"]
        for event in page.of("Network.loadingFailed")
        if event.get("blockedReason") == "csp"
    }
    sent = [
        event["request"]["url"]
        for event in page.of("Network.requestWillBeSent")
        if event["requestId"] not in stopped and not event["request"]["url"].startswith("data:")
    ]
    assert sent == [path.as_uri()]


@pytest.mark.parametrize("file", ["report.html", "slides.html"])
def test_what_strangers_typed_neither_runs_nor_asks(page, hostile_reports, file):
    opened = hostile_reports["en"] / file
    page.open(opened)
    assert page.complaints() == []
    assert page.requests() == [opened.as_uri()]
    page.value("[...document.querySelectorAll('main *, .slides *')].forEach(e => e.click())")
    assert page.value("window.ran") is None
    assert page.value("document.querySelectorAll('main b, iframe, base, .slides b').length") == 0
    assert "<script>window.ran" in page.value("document.body.textContent")


#: 40 deals, not in the order of their ids.
DEALS = pd.DataFrame(
    {
        "opportunity_id": [f"D{7 * at % 41:02d}" for at in range(1, 41)],
        "amount": [None if at == 5 else (at % 13) * 1000.5 - 2000 for at in range(40)],
        "reason": ["no budget" if at % 10 == 3 else "no need" for at in range(40)],
        "why": [f"Because {at}" for at in range(40)],
    }
)


@pytest.fixture
def deals(page, tmp_path):
    """A page with a folded table of 40 rows, opened; what is seen of it as a list of ids."""
    table = Table(DEALS, "Deals", "deals", under=("why",), anchors="opportunity_id")
    shown = f"<details id='fold'><summary>Numbers</summary>{html_table(table, 'en')}</details>"
    output = nbformat.v4.new_output("display_data", {"text/html": shown})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    record = {"title": "T", "name": "n", "sections": [], "messages": []}
    path = tmp_path / "deals.html"
    path.write_text(export_html(notebook, record, lang="en"), encoding="utf-8")
    page.open(path)
    page.value("document.getElementById('fold').open = true")
    return page


def column(page, number: int) -> list[str]:
    rows = "[...document.querySelectorAll('tbody tr:not(.under)')].filter(r => r.offsetHeight)"
    return page.value(f"{rows}.map(row => row.cells[{number}].textContent)")


def press(page, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        typed = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **typed)


def test_a_long_table_shows_its_first_rows_and_all_when_asked(deals):
    said = "document.querySelector('[role=status]').textContent"
    assert column(deals, 0) == DEALS["opportunity_id"].tolist()[:12]
    assert deals.value(said) == "Showing 12 of 40"
    button = "document.querySelector('.all')"
    assert deals.value(f"{button}.textContent") == "Show all 40 rows"
    deals.value(f"{button}.click()")
    assert len(column(deals, 0)) == 40 and deals.value(said) == "Showing 40 of 40"
    assert deals.value(f"{button}.textContent") == "Show fewer rows"
    deals.value(f"{button}.click()")
    assert len(column(deals, 0)) == 12


def test_the_filter_looks_through_all_rows_and_what_stands_under_them(deals):
    box = "document.querySelector('[type=search]')"
    for words, found in (("no budget", 4), ("BECAUSE no 13", 2), ("zzz", 0), ("need", 12)):
        deals.value(f"{box}.value = '{words}', {box}.dispatchEvent(new Event('input'))")
        assert len(column(deals, 0)) == found
    said = "document.querySelector('[role=status]').textContent"
    assert deals.value(said) == "Showing 12 of 36"
    under = "[...document.querySelectorAll('.under')].filter(r => r.offsetHeight).length"
    assert deals.value(under) == 12


def test_a_head_sorts_all_rows_by_their_raw_values_from_the_keyboard(deals):
    deals.value("document.querySelectorAll('thead button')[0].focus()")
    press(deals, "Tab", 9)
    assert deals.value("getComputedStyle(document.activeElement).outlineWidth") == "2px"
    wanted = DEALS.sort_values("amount", ascending=False, kind="stable")["opportunity_id"]
    press(deals, "Enter", 13)
    assert column(deals, 0) == wanted.tolist()[:12], "the largest of all rows first"
    assert column(deals, 1)[0] == "10,006"
    sorts = "[...document.querySelectorAll('th')].map(h => h.getAttribute('aria-sort'))"
    assert [said for said in deals.value(sorts) if said] == ["descending"]
    press(deals, " ", 32)
    wanted = DEALS.sort_values("amount", kind="stable")["opportunity_id"]
    assert column(deals, 0) == wanted.tolist()[:12]
    deals.value("document.querySelector('.all').click()")
    assert column(deals, 1)[-1] == "–", "missing values come last"
    first = "document.querySelector('tbody .under').previousElementSibling"
    at = DEALS.index[DEALS["opportunity_id"] == column(deals, 0)[0]][0]
    assert deals.value(f"{first}.nextElementSibling.textContent") == f"Because {at}"
    deals.value("document.querySelectorAll('thead button')[0].click()")
    assert column(deals, 0) == sorted(DEALS["opportunity_id"])
    assert [said for said in deals.value(sorts) if said] == ["ascending"]


def test_a_link_to_a_row_opens_what_hides_it_and_marks_the_row(deals):
    deals.value("document.getElementById('fold').open = false")
    last = DEALS["opportunity_id"].iloc[-1]
    deals.value(f"location.hash = '{row_anchor('deals', last)}'")
    deals.value("new Promise(done => setTimeout(done, 300))")
    assert deals.value("document.getElementById('fold').open") is True
    row = "document.querySelector('tr:target')"
    assert deals.value(f"{row}.cells[0].textContent") == last
    where = deals.value(f"{row}.getBoundingClientRect().top")
    assert 0 < where < deals.value("innerHeight")
    plain = "getComputedStyle(document.querySelector('tbody tr')).backgroundColor"
    assert deals.value(f"getComputedStyle({row}).backgroundColor") != deals.value(plain)


def test_without_the_script_every_row_is_there_and_nothing_that_does_not_work(page, tmp_path):
    markup = html_table(Table(DEALS, "Deals", "deals"), "en")
    path = tmp_path / "plain.html"
    style = (Path(export.__file__).parent / "page" / "style.css").read_text(encoding="utf-8")
    path.write_text(f"<!DOCTYPE html><style>{style}</style>{markup}", encoding="utf-8")
    page.open(path)
    assert column(page, 0) == DEALS["opportunity_id"].tolist()
    offered = "[...document.querySelectorAll('button, input')].filter(e => e.offsetHeight).length"
    assert page.value(offered) == 0


def test_paper_has_every_fold_open_and_every_row(deals):
    fold = "document.getElementById('fold')"
    deals.value(f"{fold}.open = false, dispatchEvent(new Event('beforeprint'))")
    assert deals.value(f"{fold}.open") is True
    deals.value("dispatchEvent(new Event('afterprint'))")
    assert deals.value(f"{fold}.open") is False
    deals.ask("Emulation.setEmulatedMedia", media="print")
    deals.value(f"{fold}.open = true")
    assert len(column(deals, 0)) == 40
    assert deals.value("document.querySelector('.tools').offsetHeight") == 0


def test_paper_has_the_first_rows_of_a_long_table_as_filtered(page, tmp_path):
    frame = pd.DataFrame({"n": range(100), "why": ["late"] * 100})
    markup = html_table(Table(frame, "Deals", "deals", under=("why",)), "en")
    path = tmp_path / "long.html"
    style = (Path(export.__file__).parent / "page" / "style.css").read_text(encoding="utf-8")
    path.write_text(f"<!DOCTYPE html><style>{style}</style>{markup}", encoding="utf-8")
    page.open(path)
    seen = "[...document.querySelectorAll('tbody tr')].filter(e => e.offsetHeight).length"
    note = "document.querySelector('.paper').offsetHeight"
    assert page.value(seen) == 200 and page.value(note) == 0
    page.ask("Emulation.setEmulatedMedia", media="print")
    assert page.value(seen) == 2 * 40 and page.value(note) > 0
    rows = "[...document.querySelectorAll('tbody tr')].slice(0, 150)"
    page.value(f"{rows}.forEach(row => row.classList.add('out'))")
    assert page.value(seen) == 2 * 25


def test_slides_go_by_the_keyboard_and_show_the_notes(page, hostile_reports):
    page.open(hostile_reports["zh"] / "slides.html")
    assert page.value("document.documentElement.lang") == "zh-CN"
    assert page.value("Reveal.getIndices().h") == 0
    for key, code in (("ArrowRight", 39), ("n", 78)):
        page.ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code)
        page.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)
    assert page.value("Reveal.getIndices().h") == 1
    assert page.value("Reveal.getConfig().showNotes") is True
    height = "document.querySelector('.slides').getBoundingClientRect().height"
    assert page.value(height) > 300
    pictures = "[...document.images].map(i => i.complete && i.naturalWidth > 300)"
    assert page.value(pictures) == [True]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_funnel_report_opens_with_its_pictures_and_without_a_request(page, lang):
    report = Path(__file__).parents[2] / "out" / "funnel" / lang / "report.html"
    if not report.exists():
        pytest.skip("needs the reports that `make report` makes")
    page.open(report)
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    assert page.value("document.documentElement.lang").startswith(lang)
    wide = "[...document.querySelectorAll('.chart.wide')].map(c => c.clientWidth > 500)"
    found = page.value(wide)
    assert len(found) >= 8 and all(found)
    links = "[...document.querySelectorAll('a[href^=\"#\"]')]"
    broken = f"{links}.filter(link => !document.getElementById(link.hash.slice(1)))"
    assert page.value(f"{broken}.length") == 0
