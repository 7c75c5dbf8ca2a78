"""Warm processes: a parent that has imported the heavy libraries once and forks for each report.

A cold process spends seconds on importing pandas, matplotlib, Ibis and the notebook tools; a fork
of one that has them spends none. :func:`command` gives the words that start such a process wherever
``python -m MODULE ARGUMENTS`` would start a cold one: what runs is ``main(ARGUMENTS)`` of the same
module, in the same working directory, with the same environment, input and output, and its exit
code is passed on. So nothing else needs to know whether a process is warm. POSIX only.

Who waits for the process is a small client (``client.py``). If the client dies, its process
is killed; if whoever started the nursery dies, the nursery and all its processes are.
"""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from salesanalysis.reports.kernel import SETTINGS

#: How often the parent is started before it is given up.
_MOST_STARTS = 3

_CLIENT = Path(__file__).with_name("client.py")

#: The environment variable that, not empty, starts every process anew, as where there is no fork.
COLD = "SALESANALYSIS_COLD"


def available() -> bool:
    """Whether warm processes can be had on this system, and nobody wants them cold."""
    possible = hasattr(os, "fork") and hasattr(socket, "send_fds")
    return possible and not os.environ.get(COLD)


def command(address: str, module: str, *arguments: str) -> list[str]:
    """The words that start ``module`` with ``arguments``: warm where ``address`` is not empty."""
    if not address:
        return [sys.executable, "-m", module, *arguments]
    # -I and -S: the client needs nothing but the standard library, and starts in 15 ms.
    return [sys.executable, "-I", "-S", str(_CLIENT), address, module, *arguments]


class Nursery:
    """A parent of warm processes, for the time of a ``with`` block.

    Parameters
    ----------
    folder : Path
        A short path for its socket.
    wanted : bool
        Whether there should be one at all; else every process is a cold one.
    preload : bool
        Whether it imports the libraries; a parent without them starts at once.

    Attributes
    ----------
    address : str
        What :func:`command` takes; empty where there can be no warm processes.
    """

    def __init__(self, folder: Path, *, wanted: bool = True, preload: bool = True):
        self._preload = preload
        address = str(folder / "nursery")
        # A socket's path cannot be longer on any system.
        possible = available() and len(os.fsencode(address)) < 100
        self.address = address if wanted and possible else ""
        self._process = None
        self._starts = 0
        self._lock = threading.Lock()

    def __enter__(self):
        self.revive()
        return self

    def __exit__(self, *_):
        if self._process:
            self._process.stdin.close()
            self._process.terminate()  # heard only while it still imports
            self._process.wait()

    def revive(self) -> None:
        """Start the parent where there should be one and it is not there, or not any more."""
        with self._lock:
            if self.address and (self._process is None or self._process.poll() is not None):
                if self._starts == _MOST_STARTS:
                    self.address = ""  # something is wrong with it; cold processes do as well
                    return
                self._starts += 1
                self._start()

    def _start(self) -> None:
        if self._process:
            self._process.stdin.close()
            Path(self.address).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening:
            # Listening before it can answer: a client that comes early waits, and is not refused.
            listening.bind(self.address)
            listening.listen(128)
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"{__name__}.parent",
                    str(listening.fileno()),
                    str(self._preload),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **SETTINGS},
                pass_fds=[listening.fileno()],
                start_new_session=True,  # Ctrl-C is for the batch, which ends its reports in order
            )
