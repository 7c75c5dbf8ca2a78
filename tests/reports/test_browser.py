"""A report in a real Chromium: no error in its console, no request, and a toggle that works."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from salesanalysis.reports.export.html import export_html

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --remote-debugging-port=0 --window-size=1280,1000"
).split()


class Page:
    """One tab, spoken to by the DevTools protocol; keeps what the browser reports."""

    def __init__(self, address: str):
        import websocket

        self._socket = websocket.create_connection(address, timeout=20, suppress_origin=True)
        self._sent = 0
        self.events = []
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters) -> dict:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, path: Path) -> None:
        self.ask("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self._socket.recv()))
        self.value("new Promise(done => setTimeout(done, 300))")  # what comes after the load

    def value(self, expression: str):
        result = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return result["result"].get("value")

    def of(self, method: str) -> list[dict]:
        return [event["params"] for event in self.events if event["method"] == method]

    def complaints(self) -> list:
        errors = [entry["entry"]["text"] for entry in self.of("Log.entryAdded")]
        return errors + self.of("Runtime.exceptionThrown") + self.of("Runtime.consoleAPICalled")

    def requests(self) -> list[str]:
        urls = [event["request"]["url"] for event in self.of("Network.requestWillBeSent")]
        return [url for url in urls if not url.startswith("data:")]

    def screenshot(self, path: Path) -> None:
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """The port of a running Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    pytest.importorskip("websocket", reason="websocket-client is not installed")
    profile = tmp_path_factory.mktemp("profile")
    process = subprocess.Popen(
        [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port_file = profile / "DevToolsActivePort"
        limit = time.monotonic() + 30
        while not (port_file.exists() and port_file.read_text().strip()):
            assert time.monotonic() < limit, "Chromium did not start"
            time.sleep(0.1)
        yield port_file.read_text().split()[0]
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def page(browser):
    asked = urllib.request.Request(f"http://127.0.0.1:{browser}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(asked, timeout=20) as answer:
        tab = Page(json.load(answer)["webSocketDebuggerUrl"])
    yield tab
    tab.close()


def test_report_opens_without_error_or_request(page, two_runs, tmp_path):
    report = two_runs[0].page
    page.open(report)
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    assert page.value("document.documentElement.lang") == "en"
    assert page.value("document.querySelectorAll('script, b, i, u').length") == 0
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


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_funnel_report_opens_with_its_pictures_and_without_a_request(page, lang):
    report = Path(__file__).parents[2] / "out" / "funnel" / lang / "report.html"
    if not report.exists():
        pytest.skip("needs the reports that `make report` makes")
    page.open(report)
    assert page.complaints() == []
    assert page.requests() == [report.as_uri()]
    assert page.value("document.documentElement.lang").startswith(lang)
    pictures = "[...document.images].map(i => i.complete && i.naturalWidth > 300)"
    assert page.value(pictures) == [True] * 8
    broken = (
        "[...document.querySelectorAll('.contents a')].filter(a => !document.querySelector(a.hash))"
    )
    assert page.value(f"{broken}.length") == 0
    assert page.value("document.querySelectorAll('.contents a').length") >= 10
