"""Show the workshop's notebook as a page: Voilà on this machine, with the user's own parameters."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError

#: Our page for Voilà, found by way of ``JUPYTER_PATH``.
_TEMPLATES = Path(__file__).parent

#: Where the notebook with the parameters in it lies while it is shown.
COPY = Path("out") / "workshop" / "workshop.ipynb"


def serve(
    notebook: Path,
    parameters: dict,
    *,
    port: int = 8866,
    open_browser: bool = True,
    preheat: bool = True,
) -> int:
    """Serve a notebook as a page until the process is stopped; the exit code of the server.

    Parameters
    ----------
    notebook : Path
        The notebook; it is not changed.
    parameters : dict
        Its parameters, checked already.
    port : int
        The port on this machine; nobody else can connect.
    open_browser : bool
        Whether to open the page.
    preheat : bool
        Whether to hold a started notebook ready, so that the page appears sooner.

    Raises
    ------
    SalesAnalysisError
        Voilà is not installed.
    """
    from importlib.util import find_spec

    if find_spec("voila") is None:
        raise SalesAnalysisError(
            "The workshop needs Voilà: install the extra, `pip install 'salesanalysis[workshop]'`."
        )
    _write_copy(notebook, parameters)
    command = [sys.executable, "-m", "voila", str(COPY), f"--port={port}", "--Voila.ip=127.0.0.1"]
    command += ["--template=workshop", "--show_tracebacks=False"]
    if preheat:
        command += ["--preheat_kernel=True", "--pool_size=1"]
    if not open_browser:
        command += ["--no-browser"]
    paths = [str(_TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    server = subprocess.Popen(command, env={**os.environ, "JUPYTER_PATH": os.pathsep.join(paths)})
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.send_signal(signal.SIGINT)
        return server.wait()
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()


def _write_copy(notebook: Path, parameters: dict) -> None:
    """The notebook with the parameters put into it, inside the project."""
    import nbformat
    from papermill.parameterize import parameterize_notebook

    COPY.parent.mkdir(parents=True, exist_ok=True)
    content = nbformat.read(notebook, as_version=4)
    nbformat.write(parameterize_notebook(content, parameters), COPY)
