"""The Python process that computes a report: ``python -m salesanalysis.reports.kernel``.

It is started by this interpreter and never by an installed kernel specification, which could name
another one, and talks through files (IPC) instead of ports: one TCP start in about 550 loses a race
for its port and stalls for a minute (papermill issue 511).
"""

import os
import sys
import warnings
from pathlib import Path

from salesanalysis.reports import imports

#: What makes two runs alike whatever the machine's own settings are.
SETTINGS = {
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01, the earliest date that a ZIP archive can hold
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    # The tables of a report are small: threads would only take turns with the next report's, and
    # the order in which they add up would depend on how many cores there are.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}

#: What the process says outside of any cell, in the scratch folder.
LOG_FILE = "kernel.log"

#: The number of the process itself, in the scratch folder: who is started may only be its client.
PROCESS_FILE = "kernel.process"

#: The environment variable that says how many MB a notebook may print and display.
OUTPUT_MB = "SALESANALYSIS_OUTPUT_MB"


def kernel_manager_class(scratch: Path, settings: dict[str, str], command: list[str]) -> type:
    """The class that papermill starts its kernel with.

    Parameters
    ----------
    scratch : Path
        A folder for the sockets, for IPython and for temporary files; its path must be short, since
        a socket's path cannot have more than about 100 characters.
    settings : dict
        More environment variables for the kernel.
    command : list of str
        What starts this module, with ``{connection_file}`` in it.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    # The user's own IPython start-up files must not reach a report. Temporary files go when the
    # scratch folder does, also those of a process that had no time to tidy up.
    own_folder = {"IPYTHONDIR": str(scratch), "TMPDIR": str(scratch)}
    environment = {**os.environ, **SETTINGS, **settings, **own_folder}

    class ReportKernelManager(AsyncKernelManager):
        def __init__(self, **options):
            super().__init__(**options)
            # ZeroMQ has no IPC on Windows.
            self.transport = "tcp" if sys.platform == "win32" else "ipc"
            self.connection_file = str(scratch / "k.json")
            self._kernel_spec = KernelSpec(argv=command, language="python", display_name="Python")

        async def start_kernel(self, **options):
            # What the process itself says, on dying for one, is for our message, not the terminal.
            with (scratch / LOG_FILE).open("wb") as log:
                own = {"env": environment, "stdout": log, "stderr": log}
                await super().start_kernel(**{**options, **own})

    return ReportKernelManager


# --- in the process itself ---------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    """Be a kernel: ``-f CONNECTION_FILE``."""
    # As ipykernel's own launcher does: a file of the working directory must not shadow a library
    # while the kernel starts. IPython puts the directory back for the notebook's own imports.
    if Path(sys.path[0]).resolve() == Path.cwd():
        del sys.path[0]
    with imports.blocked("debugpy"):  # a quarter of a second, and no report is debugged
        import ipykernel.debugger  # noqa: F401
    from ipykernel.kernelapp import IPKernelApp

    (Path(arguments[1]).parent / PROCESS_FILE).write_text(str(os.getpid()), encoding="ascii")
    warnings.formatwarning = _one_line
    options = [
        "--HistoryManager.enabled=False",
        "--Session.packer=salesanalysis.reports.output.packed",
        "--Session.unpacker=jupyter_client.session.json_unpacker",
        "--IPKernelApp.outstream_class=salesanalysis.reports.output.LimitedStream",
    ]
    if os.name == "posix":
        options.append(f"--IPKernelApp.parent_handle={os.getppid()}")
    IPKernelApp.launch_instance([*arguments, *options])


def _one_line(message, category, filename, lineno, line=None) -> str:
    """A warning without the path of the machine and the number of the process."""
    return f"{category.__name__}: {message}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
