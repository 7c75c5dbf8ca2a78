"""The parent of warm processes: ``python -m salesanalysis.reports.nursery.parent SOCKET PRELOAD``.

It has one thread, opens nothing and computes nothing, so that a fork of it is as good as a process
that was just started.
"""

import contextlib
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import tempfile
import time
import warnings
from pathlib import Path

#: What a report imports, whether it asks for it in a cell or gets it by way of something else.
PRELOADED = (
    *("numpy", "pandas", "pyarrow.parquet", "pyarrow.pandas_compat", "yaml"),
    *("scipy.stats", "scipy.optimize", "scipy.special"),
    *("matplotlib.pyplot", "matplotlib.style.core"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "PIL.PngImagePlugin"),
    "fontTools.subset",
    *("ibis", "ibis.backends.duckdb", "ibis.backends.duckdb.converter", "ibis.formats.pandas"),
    *("duckdb", "sqlglot", "sqlglot.dialects.duckdb"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.iostream"),
    *("IPython.core.completerlib", "IPython.core.oinspect", "IPython.core.pylabtools"),
    *("bs4", "jinja2"),
)

#: Parts of this package that no report needs, and the modules that must not be there twice.
_LEFT_OUT = ("cli", "datasets", "__main__", "nursery")


def main(arguments: list[str]) -> None:
    """Preload, then fork for each client until standard input ends."""
    listening = socket.socket(fileno=int(arguments[0]))
    if arguments[1] == "True":
        preload()
    asked = _Parent(listening).serve()
    if asked:
        _become(asked)


def preload() -> None:
    """Import what reports need; what cannot be imported is left to the report that needs it."""
    from salesanalysis.reports.compute import import_papermill

    package = Path(__file__).parents[2]
    ours = [path.relative_to(package.parent).with_suffix("") for path in package.rglob("*.py")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in sorted(ours)]
    names = [name for name in names if not set(name.split(".")) & set(_LEFT_OUT)]
    with warnings.catch_warnings():
        # A cold process hears them in the cell that imports the library.
        warnings.simplefilter("ignore")
        import_papermill()
        for name in (*PRELOADED, *names):
            try:
                importlib.import_module(name)
            except ImportError:
                continue  # of an extra that is not installed
            except Exception as fault:
                print(f"`{name}` could not be preloaded: {fault!r}", file=sys.stderr)
        # Figures are lost where this was imported before there was a shell to show them in.
        for name in [name for name in sys.modules if name.startswith("matplotlib_inline")]:
            del sys.modules[name]
    # All of it is shared with the forks as long as nobody writes to it; the collector would.
    gc.collect()
    gc.freeze()


class _Parent:
    """The loop of the parent: clients come, processes end, clients go."""

    def __init__(self, listening: socket.socket):
        self._listening = listening
        self._selector = selectors.DefaultSelector()
        self._clients: dict[int, socket.socket | None] = {}  # process → who waits for it
        self._awake, self._wake = socket.socketpair()
        for end in (self._awake, self._wake, listening):
            end.setblocking(False)

    def serve(self) -> dict | None:
        """What is asked of this process, in a fork; None in the parent, at the end."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for name in (signal.SIGINT, signal.SIGTERM):  # it ends when its input does, in order
            signal.signal(name, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for file in (0, self._listening, self._awake):
            self._selector.register(file, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj == 0:
                    for process in self._clients:
                        _kill(process)
                    return None
                if key.fileobj is self._listening:
                    if asked := self._welcome():
                        return asked
                elif key.fileobj is self._awake:
                    self._awake.recv(4096)
                    self._bury()
                elif key.data in self._clients:
                    self._abandon(key.data)

    def _welcome(self) -> dict | None:
        """Take what a client asks and fork: in the fork, what is asked."""
        try:
            client, _ = self._listening.accept()
            client.settimeout(10)
            asked, files = _received(client)
        except (OSError, ValueError):
            return None  # the client died while it asked: nobody waits for an answer
        process = os.fork()
        if not process:
            self._leave(client)
            return asked | {"files": files}
        for file in files:
            os.close(file)
        self._clients[process] = client
        self._selector.register(client, selectors.EVENT_READ, process)
        return None

    def _leave(self, client: socket.socket) -> None:
        """In a fork: let go of all that is the parent's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        others = filter(None, self._clients.values())
        for end in (self._listening, self._awake, self._wake, client, *others):
            end.close()
        os.setsid()  # what a notebook starts is in its group, and ends with it

    def _bury(self) -> None:
        """Tell the clients of all processes that have ended."""
        while self._clients:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            client = self._clients.pop(process)
            if client:
                self._selector.unregister(client)
                with contextlib.suppress(OSError):  # it may have gone at the same moment
                    client.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                client.close()

    def _abandon(self, process: int) -> None:
        """A client has gone, and so must its process; :meth:`_bury` will find it."""
        client = self._clients[process]
        self._clients[process] = None
        self._selector.unregister(client)
        client.close()
        _kill(process)


def _kill(process: int) -> None:
    """Kill a process and what it started; its group is not there before it has made it."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(process, signal.SIGKILL)


def _received(client: socket.socket) -> tuple[dict, list[int]]:
    """What a client asks, and its standard input, output and error."""
    head, files, _, _ = socket.recv_fds(client, 8, 3)
    missing, said = int.from_bytes(head, "big"), b""
    while len(said) < missing:
        piece = client.recv(missing - len(said))
        if not piece:
            raise ConnectionError("the client has gone")
        said += piece
    return json.loads(said), files


# --- the fork ----------------------------------------------------------------------------------


def _become(asked: dict) -> None:
    """Be the process that was asked for."""
    for number, file in enumerate(asked["files"]):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    os.chdir(asked["folder"])
    sys.argv = [asked["module"], *asked["arguments"]]
    sys.path[0] = asked["folder"]
    importlib.invalidate_caches()
    tempfile.tempdir = None  # read again from the environment
    # Else every report would draw the same numbers, which a cold process does not.
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    importlib.import_module(asked["module"]).main(asked["arguments"])


if __name__ == "__main__":
    main(sys.argv[1:])
