"""How long the sample generator takes, and how much memory, at several sizes.

    python benchmarks/sample.py [--deals 1000000 10000000] [--format parquet csv]

Each size runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WRITE = """
import sys
from salesanalysis import datasets
datasets.write(sys.argv[1], seed=1, deals=int(sys.argv[2]), format=sys.argv[3])
"""


def measure(deals: int, format: str) -> None:
    """Print one line: deals, format, seconds, peak resident memory, size of the files."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [sys.executable, "-c", WRITE, folder, str(deals), format]
        process = subprocess.Popen(command)
        # Unlike process.wait(), this also gives what the child used.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"Writing {deals:,} deals as {format} failed.")
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    print(
        f"{deals:>12,} deals  {format:<8} {seconds:7.1f} s"
        f"  peak {_bytes(usage) / 1e9:5.2f} GB  files {size / 1e6:8.1f} MB",
        flush=True,
    )


def _bytes(usage: resource.struct_rusage) -> int:
    """Peak memory in bytes: Linux counts kilobytes, macOS bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--format", nargs="+", default=["parquet"], choices=["parquet", "csv"])
    arguments = parser.parse_args()
    for format in arguments.format:
        for deals in arguments.deals:
            measure(deals, format)
