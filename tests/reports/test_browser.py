"""A report in a real Chromium: no error in its console, no request, and a toggle that works."""

from pathlib import Path

import nbformat
import pytest

from salesanalysis import text
from salesanalysis.reports.export.html import export_html

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


def test_code_is_hidden_until_the_toggle_is_clicked(page, two_runs):
    page.open(two_runs[0].page)
    seen = "[...document.querySelectorAll('.code')].filter(c => c.offsetHeight > 0).length"
    assert page.value(seen) == 0
    page.value("document.querySelector('label[for=show-code]').click()")
    assert page.value(seen) == page.value("document.querySelectorAll('.code').length") > 5
    page.value("document.querySelector('label[for=show-code]').click()")
    assert page.value(seen) == 0


def test_nothing_is_wider_than_the_page_on_a_telephone(page, two_runs):
    page.ask(
        "Emulation.setDeviceMetricsOverride",
        width=400, height=800, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
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


def test_a_heading_sorts_its_table(page, hostile_reports):
    page.open(hostile_reports["en"] / "report.html")
    column = "[...document.querySelectorAll('.sa-table')][0].querySelectorAll('tbody tr')"
    shown = f"[...{column}].map(row => row.cells[1].textContent)"
    before = page.value(shown)
    head = "document.querySelectorAll('.sa-table th')[1]"
    page.value(f"{head}.click()")
    numbers = [float(cell.replace(",", "").replace("−", "-")) for cell in page.value(shown)]
    assert numbers == sorted(numbers) and sorted(before) == sorted(page.value(shown))
    assert page.value(f"{head}.getAttribute('aria-sort')") == "ascending"
    page.value(f"{head}.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter'}}))")
    numbers = [float(cell.replace(",", "").replace("−", "-")) for cell in page.value(shown)]
    assert numbers == sorted(numbers, reverse=True)
    page.value("document.querySelectorAll('.sa-table th')[6].click()")
    last = f"[...{column}].map(row => row.cells[6].textContent)"
    shown = page.value(last)
    assert set(shown[shown.index("–") :]) == {"–"}, "missing values come last"


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
    assert page.value(wide) == [True] * 8
    broken = (
        "[...document.querySelectorAll('.contents a')].filter(a => !document.querySelector(a.hash))"
    )
    assert page.value(f"{broken}.length") == 0
    assert page.value("document.querySelectorAll('.contents a').length") >= 10
