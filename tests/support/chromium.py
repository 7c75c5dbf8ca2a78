"""A real browser, spoken to by the DevTools protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

    def look(self, *, width: int = 1280, height: int = 720, scheme: str = "light") -> None:
        """What the next page is seen with: the size of the window, and light or dark colours."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Emulation.setScrollbarsHidden", hidden=True)  # as on every telephone
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


@contextmanager
def chromium() -> Iterator[str]:
    """A Chromium that runs; its port."""
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port_file = Path(profile) / "DevToolsActivePort"
            limit = time.monotonic() + 30
            while not (port_file.exists() and port_file.read_text().strip()):
                assert time.monotonic() < limit, "Chromium did not start"
                time.sleep(0.1)
            yield port_file.read_text().split()[0]
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def tab(port: str) -> Iterator[Page]:
    """A new tab of the Chromium at that port."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(asked, timeout=20) as answer:
        opened = Page(json.load(answer)["webSocketDebuggerUrl"])
    try:
        yield opened
    finally:
        opened.close()
