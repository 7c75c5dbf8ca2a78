"""What ends a report that takes too long, takes too much memory, or is no longer wanted."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

#: How often the process is looked at, in seconds.
_INTERVAL = 0.2


@dataclass(frozen=True)
class Limits:
    """How long and how large a report may become; None is no limit.

    Attributes
    ----------
    seconds : float or None
        For the whole notebook.
    cell_seconds : float or None
        For each cell.
    memory_mb : float or None
        Of memory in use (resident) by the notebook's process.
    output_mb : float
        Printed and displayed, in characters.
    """

    seconds: float | None = None
    cell_seconds: float | None = None
    memory_mb: float | None = None
    output_mb: float = 64


NO_LIMITS = Limits()


class Guard:
    """Watches a kernel from a thread and kills it where it must end.

    Parameters
    ----------
    process_file : Path
        Where the kernel writes its number when it starts.
    limits : Limits
    stop : threading.Event or None
        Set from outside when the report is no longer wanted.

    Attributes
    ----------
    reason : str
        Why the kernel was killed; empty as long as it was not.
    """

    def __init__(self, process_file: Path, limits: Limits, stop: threading.Event | None):
        self.reason = ""
        self._file = process_file
        self._limits = limits
        self._stop = stop or threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_INTERVAL):
            self.reason = self.reason or self._why_to_end()
            # A kernel that has not started yet is killed as soon as it has.
            if self.reason and (process := self._process()):
                _kill(process)
                return

    def _why_to_end(self) -> str:
        limits = self._limits
        if self._stop.is_set():
            return "It was stopped from outside before its end."
        if limits.seconds is not None and time.monotonic() - self._started > limits.seconds:
            return f"It took longer than its time limit of {limits.seconds:g} seconds."
        if limits.memory_mb is not None and self._memory_mb() > limits.memory_mb:
            return f"It took more memory than its limit of {limits.memory_mb:,.0f} MB."
        return ""

    def _process(self) -> int | None:
        """The kernel's process, once it is known."""
        said = self._file.read_text(encoding="ascii") if self._file.exists() else ""
        return int(said) if said else None

    def _memory_mb(self) -> float:
        import psutil

        process = self._process()
        try:
            return psutil.Process(process).memory_info().rss / 1e6 if process else 0.0
        except psutil.NoSuchProcess:
            return 0.0


def _kill(process: int) -> None:
    try:
        os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has but one way
    except (ProcessLookupError, PermissionError):
        return  # it has just ended of itself
