"""What several test files need: data sets from outside, warm processes, a real browser."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from made import Runs

# A busy machine is not a fault of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

#: So many cases of a matrix run with `make test`.
CASES_AT_ONCE = 3

ROOT = Path(__file__).parents[1]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --remote-debugging-port=0 --window-size=1280,1000"
).split()


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items):
    """Of a matrix all cases but the first few are for the gate."""
    seen = Counter()
    for item in items:
        if item.get_closest_marker("matrix"):
            seen[item.parent, item.originalname] += 1
            if seen[item.parent, item.originalname] > CASES_AT_ONCE:
                item.add_marker(pytest.mark.gate)


@pytest.fixture(scope="session")
def shared():
    """The path of a data set from outside, as text, or a skip that says what is missing."""
    folder = Path(os.environ.get("SALESANALYSIS_SHARED", ROOT.parent / "shared" / "data"))

    def path(name: str) -> str:
        if not (folder / name).exists():
            pytest.skip(f"needs {name} of the data sets from outside (SALESANALYSIS_SHARED)")
        return str(folder / name)

    return path


@pytest.fixture(scope="session")
def warm_parent():
    """A parent of warm processes that the tests share; its start takes seconds."""
    from salesanalysis.reports import nursery

    with tempfile.TemporaryDirectory(prefix="sa-") as folder:
        with nursery.Nursery(Path(folder)) as opened:
            yield opened


@pytest.fixture(scope="session")
def make_reports(tmp_path_factory, warm_parent):
    """Runs of a notebook, name → parameters, each made when a test first asks for it."""

    def make(notebook: str, runs: dict[str, dict]) -> Runs:
        folder = tmp_path_factory.mktemp(notebook)
        return Runs(notebook, runs, folder, warm=warm_parent.address)

    return make


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

    def look(self, *, width: int = 1280, height: int = 720, scheme: str = "light") -> None:
        """What the next page is seen with: the size of the window, and light or dark colours."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        wanted = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[wanted])

    def open(self, path: Path) -> None:
        self.events.clear()
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


@pytest.fixture(scope="session")
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
