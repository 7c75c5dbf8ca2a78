"""Who is let into a workshop, what a visitor cannot do there, and that it always ends."""

import contextlib
import functools
import http.client
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

NEEDED = importlib.util.find_spec("voila")
pytestmark = pytest.mark.skipif(not NEEDED, reason="voila is not installed")
websocket = pytest.importorskip("websocket")

ROOT = Path(__file__).parents[2]
PROTOCOL = "v1.kernel.websocket.jupyter.org"

#: Serves a notebook of one cell; the arguments are its folder, the cell and what comes before.
SERVE = """
import sys
from pathlib import Path
import nbformat
from salesanalysis import workshop
folder, cell, first = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
cells = [nbformat.v4.new_code_cell("n: int = 1", metadata={"tags": ["parameters"]})]
cells.append(nbformat.v4.new_code_cell(cell))
nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "small.ipynb")
how = {"most_pages": 2}
exec(first)
workshop.serve(folder / "small.ipynb", {}, port=int(sys.argv[4]), open_browser=False,
               started=lambda address: print(address, flush=True), **how)
"""


def soon(condition, seconds: float = 120) -> None:
    """Wait for something that is to come; how soon, a busy machine decides."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


#: The processes that the tests of this file have started.
_started: list[subprocess.Popen] = []


class Workshop:
    """A workshop in a process of its own, and how it is asked for things."""

    def __init__(self, folder: Path, cell: str = "'ready'", first: str = ""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._said = folder / "said.txt"
        with self._said.open("w", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(folder), cell, first, str(self.port)],
                cwd=ROOT, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
        _started.append(self.process)
        soon(lambda: self._said.read_text(encoding="utf-8").endswith("\n"))
        self.address = self._said.read_text(encoding="utf-8").splitlines()[0]
        self.cookie = ""

    def enter(self) -> "Workshop":
        """Come in by the address, as a browser does."""
        answer, _ = self.ask("GET", self.address.removeprefix(f"http://127.0.0.1:{self.port}"))
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return self

    def ask(self, method="GET", path="/", cookie=True, **headers):
        """The answer and its text; words of a header are joined by an underscore."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie and self.cookie:
            headers["Cookie"] = self.cookie
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer, answer.read().decode("utf-8", "replace")

    def open(self) -> str:
        """Open one more page; its kernel."""
        _, page = self.ask()
        return re.search(r'"kernelId": "([-0-9a-f]+)"', page)[1]

    @functools.cached_property
    def kernel(self) -> str:
        """The kernel of a page that is opened once."""
        return self.open()

    def connect(self, path: str, cookie=True, **how):
        how = {"subprotocols": [PROTOCOL], "timeout": 60, "suppress_origin": True, **how}
        how["cookie"] = self.cookie if cookie else None
        return websocket.create_connection(f"ws://127.0.0.1:{self.port}{path}", **how)

    def children(self) -> list[psutil.Process]:
        """All processes that it has started, whatever they are."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kernels(self) -> list[psutil.Process]:
        """Those that are kernels by now: one just born has the command of its parent still."""
        found = []
        for child in self.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.cmdline()[-1:] and child.cmdline()[-1].endswith(".json"):
                    found.append(child)
        return found

    def end(self, sign=signal.SIGTERM) -> None:
        """End it soon, without a process left, and without another word.

        It has five seconds on a machine that does nothing else; tests run beside each other.
        """
        children = self.children()
        self.process.send_signal(sign)
        assert self.process.wait(timeout=20) == 0
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert self._said.read_text(encoding="utf-8").splitlines() == [self.address]


@pytest.fixture(autouse=True, scope="module")
def nothing_left():
    """Kill what a test that failed has left running."""
    yield
    for process in _started:
        with contextlib.suppress(psutil.NoSuchProcess):
            for left in (*psutil.Process(process.pid).children(recursive=True), process):
                left.kill()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    opened = Workshop(tmp_path_factory.mktemp("door"))
    yield opened.enter()
    opened.end()


#: Of everything that is served one, and what is not there.
PATHS = [
    "/",
    "/?token=guessed",
    "/?token=",
    "/?token=%ff%00",
    "/voila/static/voila.js",
    "/voila/templates/lab/static/voila.js",
    "/voila/labextensions/x",
    "/voila/api/themes/x",
    "/voila/files/small.ipynb",
    "/api/kernels/8cf2c1de-c94f-4b4f-963f-29e9aef7cc97",
    "/api/kernels/8cf2c1de-c94f-4b4f-963f-29e9aef7cc97/channels",
    "/voila/query/8cf2c1de-c94f-4b4f-963f-29e9aef7cc97",
    "/voila/api/shutdown/8cf2c1de-c94f-4b4f-963f-29e9aef7cc97",
    "/login",
    "/nowhere",
]


@pytest.mark.matrix
@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_there_is_nothing(workshop, path):
    for method in ("GET", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"):
        answer, said = workshop.ask(method, path, cookie=False)
        assert (answer.status, answer.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
        assert said.startswith("This page needs the address that `salesanalysis workshop` printed")
    for wrong in ("", "salesanalysis-1=x", workshop.cookie + "x", workshop.cookie[:-1]):
        answer, _ = workshop.ask("GET", path, cookie=False, Cookie=wrong)
        assert answer.status == 403


def test_the_token_is_asked_for_once_and_is_not_in_the_address_of_the_page(workshop):
    assert re.fullmatch(
        rf"http://127\.0\.0\.1:{workshop.port}/\?token=[\w-]{{32}}", workshop.address
    )
    way = workshop.address.removeprefix(f"http://127.0.0.1:{workshop.port}")
    answer, said = workshop.ask("GET", way, cookie=False)
    assert answer.status == 200 and 'content="0; url=/"' in said
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    token = way.partition("=")[2]
    assert token not in cookie and token not in said
    # It opens the page and nothing else.
    for other in ("/voila/static/voila.js", "/api/kernels/x"):
        answer, _ = workshop.ask("GET", f"{other}?token={token}", cookie=False)
        assert answer.status == 403
    for other in (f"/?token={token}&token=x", f"/?token={token}x", f"/?token={token[:-1]}"):
        assert workshop.ask("GET", other, cookie=False)[0].status == 403
    assert workshop.ask("POST", way, cookie=False)[0].status == 403


def test_each_workshop_has_a_token_of_its_own():
    from salesanalysis.workshop.door import Door

    assert Door(8866, "en").address != Door(8866, "en").address


@pytest.mark.parametrize("path", ["/voila/static/voila.js", "/nowhere", "/?token=x"])
def test_only_the_names_of_this_machine_are_answered(workshop, path):
    port = workshop.port
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert workshop.ask("HEAD", path, Host=f"{name}:{port}")[0].status != 403
    for host in (
        *("evil.example", f"evil.example:{port}", f"127.0.0.1:{port + 1}", "127.0.0.1", ""),
        *(f"localhost.evil.example:{port}", f"127.0.0.1:{port}@evil.example", f"0.0.0.0:{port}"),
        *(f"localhost:{port}, evil.example", f"localhost.:{port}", f"[::]:{port}"),
    ):
        for cookie in (True, False):
            answer, said = workshop.ask("GET", path, cookie=cookie, Host=host)
            assert answer.status in (400, 403), host
            assert answer.status == 400 or "answers only to http://127.0.0.1" in said


def test_the_token_is_no_way_in_by_another_name(workshop):
    way = workshop.address.removeprefix(f"http://127.0.0.1:{workshop.port}")
    answer, _ = workshop.ask("GET", way, cookie=False, Host=f"evil.example:{workshop.port}")
    assert answer.status == 403 and "Set-Cookie" not in answer.headers


def test_two_hosts_are_none(workshop):
    with socket.create_connection(("127.0.0.1", workshop.port), timeout=10) as raw:
        hosts = f"Host: localhost:{workshop.port}\r\nHost: evil.example\r\n"
        raw.sendall(f"GET / HTTP/1.1\r\n{hosts}Cookie: {workshop.cookie}\r\n\r\n".encode())
        assert re.match(rb"HTTP/1.1 40[03] ", raw.recv(100))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://localhost"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},  # a page at another port of this machine
    ],
)
def test_pages_of_others_get_nothing(workshop, headers):
    for method, path in [("GET", "/"), ("GET", "/voila/static/voila.js"), ("POST", "/x")]:
        answer, said = workshop.ask(method, path, **headers)
        assert answer.status == 403 and said.startswith("Another page asked for this")
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
    origin = headers.get("Origin")
    if origin:
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            workshop.connect(f"/api/kernels/{workshop.kernel}/channels", origin=origin,
                             suppress_origin=False)  # fmt: skip


def test_every_answer_forbids_frames_and_foreign_loads(workshop):
    for path in ("/", "/voila/static/voila.js", "/nowhere", "/api/kernels/x"):
        for cookie in (True, False):
            answer, _ = workshop.ask("GET", path, cookie=cookie)
            policy = answer.headers.get_all("Content-Security-Policy")
            assert len(policy) == 1 and "frame-ancestors 'none'" in policy[0]
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer, _ = workshop.ask("OPTIONS", "/api/kernels/8cf2c1de-c94f-4b4f-963f-29e9aef7cc97")
    assert "Access-Control-Allow-Origin" not in answer.headers


UP = ["..", "%2e%2e", ".%2e", "..%2f..", "....//"]


@pytest.mark.parametrize(
    "below",
    ["", "voila/static/", "voila/templates/lab/static/", "voila/templates/", "voila/labextensions/",
     "voila/api/themes/", "voila/files/", "static/"],
)  # fmt: skip
def test_no_path_leads_to_other_files(workshop, below):
    for up in UP:
        for steps in (1, 2, 5, 12):
            for file in ("etc/passwd", "small.ipynb", "etc/static/x"):
                path = f"/{below}{'/'.join([up] * steps)}/{file}"
                answer, said = workshop.ask("GET", path)
                assert answer.status in (400, 403, 404), path
                assert "root:" not in said and "nbformat" not in said
    for path in (f"/{below}/etc/passwd", f"/{below}%2fetc%2fpasswd", f"/{below}small.ipynb",
                 f"/{below}C:%5cWindows%5cwin.ini", f"/{below}%00"):  # fmt: skip
        assert workshop.ask("GET", path)[0].status in (400, 403, 404), path


def test_a_template_of_a_visitors_choice_is_not_looked_for(workshop):
    before = len(workshop.kernels())
    for asked in ("?template=lab", "?template=../../x", "?theme=dark"):
        assert workshop.ask("GET", f"/{asked}")[0].status == 404
    assert len(workshop.kernels()) == before


def test_no_websocket_without_the_cookie(workshop):
    kernel = workshop.kernel
    token = workshop.address.partition("?")[2]
    for path in (f"/api/kernels/{kernel}/channels", f"/voila/query/{kernel}", f"/?{token}"):
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            workshop.connect(path, cookie=False)
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        workshop.connect(f"/api/kernels/{kernel}/channels", host=f"evil.example:{workshop.port}")


def answers(workshop) -> bool:
    begun = time.monotonic()
    assert workshop.ask("GET", "/voila/static/voila.js")[0].status == 200
    return time.monotonic() - begun < 2


def message(kind: str, content: str = "{}") -> bytes:
    """A message in the protocol of kernels."""
    header = f'{{"msg_id": "1", "msg_type": "{kind}", "session": "s", "version": "5.3"}}'
    parts = [b"shell", header.encode(), b"{}", b"{}", content.encode()]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    numbers = [len(offsets), *offsets]
    return b"".join(number.to_bytes(8, "little") for number in numbers) + b"".join(parts)


def test_a_connection_that_voila_cannot_read_is_refused(workshop):
    path = f"/api/kernels/{workshop.kernel}/channels?session_id=s"
    for spoken in ([], ["v2.kernel.websocket.jupyter.org"], ["x"]):
        with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
            workshop.connect(path, subprotocols=spoken)
    own = workshop.connect(path, origin=f"http://127.0.0.1:{workshop.port}", suppress_origin=False)
    assert own.getsubprotocol() == PROTOCOL
    own.send_binary(message("comm_info_request", '{"target_name": "jupyter.widget"}'))
    soon(lambda: b"comm_info_reply" in own.recv())
    own.close()
    assert answers(workshop)


@pytest.mark.parametrize(
    "sent",
    [b"", b"\x00" * 8, b"\xff" * 64, b"\xff" * 7 + b"\x00" * 100, (2**40).to_bytes(8, "little")],
)
def test_a_message_without_end_closes_its_connection_and_nothing_else(workshop, sent):
    connection = workshop.connect(f"/api/kernels/{workshop.kernel}/channels?session_id=s")
    connection.send_binary(sent)
    with contextlib.suppress(websocket.WebSocketConnectionClosedException):
        while connection.recv_frame().opcode != websocket.ABNF.OPCODE_CLOSE:
            pass
    connection.shutdown()
    assert answers(workshop)


def test_code_is_not_run_for_a_visitor(workshop, tmp_path):
    connection = workshop.connect(f"/api/kernels/{workshop.kernel}/channels?session_id=s")
    made = tmp_path / "made"
    code = f"open({str(made)!r}, 'w').close()"
    connection.send_binary(message("execute_request", f'{{"code": "{code}", "silent": false}}'))
    connection.send_binary(message("kernel_info_request"))
    soon(lambda: b"kernel_info_reply" in connection.recv())
    connection.close()
    assert not made.exists()


# Kernels, and the end


@pytest.mark.gate
def test_so_many_pages_and_no_more(tmp_path):
    first = "from salesanalysis.workshop import server; server.LEFT_SECONDS = 1; how['lang'] = 'zh'"
    workshop = Workshop(tmp_path, first=first).enter()
    try:
        open_pages = [
            workshop.connect(f"/api/kernels/{workshop.open()}/channels?session_id={n}")
            for n in range(2)
        ]
        # All three run: two pages, and the one that waits for the next.
        soon(lambda: len(workshop.kernels()) == 3)
        for _ in range(3):
            answer, said = workshop.ask()
            assert answer.status == 503 and said.startswith("本研讨会已打开2个页面，达到上限。")
        time.sleep(1.5)
        assert workshop.ask()[0].status == 503  # both pages are still there
        open_pages.pop().close()
        assert workshop.ask()[0].status == 503  # it may only have lost its connection
        time.sleep(1.5)
        assert workshop.ask()[0].status == 200
        soon(lambda: len(workshop.kernels()) == 3)
        open_pages.pop().close()
    finally:
        workshop.end()


@pytest.mark.gate
def test_a_hundred_visits_leave_no_more_than_a_few_kernels(tmp_path):
    workshop = Workshop(tmp_path).enter()
    try:
        statuses = [workshop.ask()[0].status for _ in range(100)]
        assert statuses[:2] == [200, 200] and set(statuses[2:]) == {503}
        soon(lambda: len(workshop.kernels()) == 3)
    finally:
        workshop.end(signal.SIGINT)


@pytest.mark.gate
def test_a_kernel_that_lost_its_page_is_ended(tmp_path):
    """A page asked for by somebody who then never connects, as after a crash of the browser."""
    workshop = Workshop(tmp_path, first="how['idle_seconds'] = 2").enter()
    try:
        assert workshop.ask()[0].status == 200
        soon(lambda: len(workshop.kernels()) == 2)  # the second waits for the next page
        soon(lambda: len(workshop.kernels()) == 1)
    finally:
        workshop.end()


@pytest.mark.gate
def test_it_ends_while_kernels_are_busy_and_pages_are_connected(tmp_path):
    workshop = Workshop(tmp_path, cell="while True:\n    pass").enter()
    answer = http.client.HTTPConnection("127.0.0.1", workshop.port, timeout=60)
    answer.request("GET", "/", headers={"Cookie": workshop.cookie})
    soon(lambda: len(workshop.kernels()) == 2)
    (folder,) = {Path(k.cmdline()[-1]).parents[1] for k in workshop.kernels()}
    kernel = Path(workshop.kernels()[0].cmdline()[-1]).stem.removeprefix("kernel-")
    # The server answers once the kernel does, and a busy one never does: nobody waits for it here.
    connection = http.client.HTTPConnection("127.0.0.1", workshop.port, timeout=60)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Sec-WebSocket-Protocol": PROTOCOL}
    with contextlib.closing(connection), contextlib.closing(answer):
        path = f"/api/kernels/{kernel}/channels?session_id=s"
        connection.request("GET", path, headers={"Cookie": workshop.cookie, **upgrade})
        workshop.end()
        assert not folder.exists()


@pytest.mark.gate
def test_it_ends_also_when_it_is_stuck(tmp_path):
    stuck = (
        "import asyncio, itertools\n"
        "how['idle_seconds'] = 60\n"
        "from salesanalysis.workshop import server\n"
        "async def stick(self):\n    for _ in itertools.count(): pass\n"
        "server.Page.get = lambda self, path=None: stick(self)\n"
    )
    workshop = Workshop(tmp_path, first=stuck).enter()
    soon(lambda: workshop.kernels())
    (folder,) = {Path(k.cmdline()[-1]).parents[1] for k in workshop.kernels()}
    asking = http.client.HTTPConnection("127.0.0.1", workshop.port, timeout=60)
    asking.request("GET", "/", headers={"Cookie": workshop.cookie})
    time.sleep(0.5)
    workshop.end()
    assert not folder.exists()
    asking.close()


def test_it_ends_before_it_has_begun(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "salesanalysis", "workshop", "--no-browser", "--port", "0"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    time.sleep(1.0)
    process.terminate()
    said, _ = process.communicate(timeout=20)
    assert "Traceback" not in said and process.returncode in (0, 130, 143, -signal.SIGTERM)
