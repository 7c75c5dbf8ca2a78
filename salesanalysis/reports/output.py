"""A limit on what a notebook prints and displays, kept where it is made: in its own process.

A report is for reading. One that prints a gigabyte would take several to pass on and to write down;
with the limit its cell fails instead, as it would for any other mistake.
"""

import os
import threading

from ipykernel.iostream import OutStream
from jupyter_client.session import json_packer

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.kernel import OUTPUT_MB


class _Counter:
    """How many characters have been put out, and how many may be."""

    def __init__(self):
        self._count = 0
        self._lock = threading.Lock()

    def add(self, characters: int) -> None:
        """Count characters; refuse them where they are too many."""
        # Read now: a warm process has its environment only after this module was imported.
        limit_mb = float(os.environ.get(OUTPUT_MB, "inf"))
        with self._lock:
            if self._count + characters > limit_mb * 1e6:
                raise SalesAnalysisError(
                    f"The notebook puts out more than {limit_mb:g} MB. Show less: a table by"
                    " `report.table`, which writes all rows to a file and shows the first."
                )
            self._count += characters


_counter = _Counter()


class LimitedStream(OutStream):
    """What is printed."""

    def write(self, string: str):
        """Print, within the limit."""
        _counter.add(len(string))
        return super().write(string)


def packed(message) -> bytes:
    """A message to the runner as JSON; what it displays counts."""
    data = message.get("data") if isinstance(message, dict) else None
    if isinstance(data, dict):
        _counter.add(sum(len(value) for value in data.values() if isinstance(value, str | bytes)))
    return json_packer(message)
