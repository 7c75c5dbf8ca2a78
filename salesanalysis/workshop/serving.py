"""Show the workshop's notebook as a page: Voilà on this machine, with the user's own parameters."""

import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.text import sentence

#: Our page for Voilà lies here, found by way of ``JUPYTER_PATH``; and our kernel, which is
#: interrupted by a message: one that is ended while it starts would complain about a signal.
_JUPYTER = Path(__file__).parent

#: Where the kernels' sockets lie: their paths must be short, and a temporary folder's may not be.
_SOCKETS = "/tmp" if os.access("/tmp", os.W_OK) else None


def serve(
    notebook: Path,
    parameters: dict,
    *,
    lang: str = "en",
    port: int = 8866,
    open_browser: bool = True,
    idle_seconds: int = 600,
    most_pages: int = 6,
    started: Callable[[str], None] = print,
) -> None:
    """Serve a notebook as a page until Ctrl-C or SIGTERM; then its kernels are ended too.

    Parameters
    ----------
    notebook : Path
        The notebook; it is not changed.
    parameters : dict
        Its parameters, checked already.
    lang : str
        The language of the page's title.
    port : int
        The port on this machine; nobody else can connect.
    open_browser : bool
        Whether to open the page.
    idle_seconds : int
        A kernel that no page has been connected to for so long is ended: a page that is closed
        ends its own, a browser that crashes does not.
    most_pages : int
        So many pages may be open, each with a kernel of its own; one more waits for the next.
        Where all are taken, a kernel that lost its page makes room, else the visitor is told.
    started : callable
        Told the address of the page, with the token that lets its reader in, once it is listened
        to.

    Raises
    ------
    SalesAnalysisError
        Voilà is not installed, or something else listens on the port.
    """
    if find_spec("voila") is None:
        raise SalesAnalysisError(
            "The workshop needs Voilà, which is not installed. `make workshop` installs it, or"
            " `pip install 'salesanalysis[workshop]'`."
        )
    _require_free(port)
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        [str(_JUPYTER), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    )
    from salesanalysis.workshop.door import Door
    from salesanalysis.workshop.server import Kernels, Server

    # It would warn of the time-out that Voilà itself sets.
    logging.getLogger("tornado").setLevel(logging.ERROR)
    logging.getLogger("Voila").addFilter(_say_only_the_fault)
    logging.getLogger("asyncio").addFilter(_no_page_that_went)
    signals = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    with tempfile.TemporaryDirectory(prefix="salesanalysis-", dir=_SOCKETS) as folder:
        copy = Path(folder) / notebook.name
        _write_copy(notebook, copy, parameters, lang)
        options = {
            "port": port,
            "template": "workshop",
            "show_tracebacks": True,
            "Voila.log_level": "ERROR",
            "Voila.connection_dir_root": folder,
            # A kernel that has run the notebook already waits for the next visitor.
            "preheat_kernel": True,
            "pool_size": 1,
            "VoilaConfiguration.multi_kernel_manager_class": f"{Kernels.__module__}.Kernels",
            "Kernels.most_pages": most_pages,
            "MappingKernelManager.cull_idle_timeout": idle_seconds,
            "MappingKernelManager.cull_interval": -(-idle_seconds // 6),
        }
        if os.name == "posix":
            # Sockets on disk: no port of a kernel for others to connect to, or to be taken.
            options["KernelManager.transport"] = "ipc"
        words = [str(copy), *(f"--{name}={value}" for name, value in options.items())]
        words += [] if open_browser else ["--no-browser"]
        ours = {"door": Door(port, lang), "started": started, "lang": lang, "own_folder": folder}
        try:
            Server.launch_instance(words, **ours)
        finally:
            for sign, handler in signals.items():
                signal.signal(sign, handler)


def _say_only_the_fault(record: logging.LogRecord) -> bool:
    """Of a fault in the notebook its message, which the page shows too, without the cell's code."""
    message = getattr(record.exc_info[1], "evalue", None) if record.exc_info else None
    if message:
        record.msg, record.args, record.exc_info = message, (), None
    return True


def _no_page_that_went(record: logging.LogRecord) -> bool:
    """No word of a page that was closed while something was sent to it."""
    return not record.exc_info or type(record.exc_info[1]).__name__ != "WebSocketClosedError"


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the server itself does: a port that was only just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as refused:
            raise SalesAnalysisError(
                f"Port {port} cannot be used ({refused}): another workshop may be running there."
                f" Give another one, `--port {min(port + 1, 65535)}`."
            ) from refused


def _write_copy(notebook: Path, copy: Path, parameters: dict, lang: str) -> None:
    """The notebook with the parameters in it, run where the command was given.

    What the page says while it loads travels in the notebook's metadata; a fault is shown as its
    message, without the way through the code.
    """
    import nbformat

    content = nbformat.read(notebook, as_version=4)
    tags = [cell.metadata.get("tags", []) for cell in content.cells]
    (declared,) = (at for at, found in enumerate(tags) if "parameters" in found)
    given = [f"{name} = {value!r}" for name, value in parameters.items()]
    content.cells.insert(declared + 1, nbformat.v4.new_code_cell("\n".join(given)))
    start = ["import os", f"os.chdir({os.getcwd()!r})"]
    start += ['get_ipython().InteractiveTB.set_mode(mode="Minimal")']
    # A kernel that is ended while it reads the data would complain in the terminal.
    start += ['get_ipython().kernel.log.setLevel("CRITICAL")']
    content.cells.insert(0, nbformat.v4.new_code_cell("\n".join(start)))
    content.metadata["title"] = sentence("workshop.title", lang)
    content.metadata["loading"] = sentence("workshop.loading", lang)
    nbformat.write(content, copy)
