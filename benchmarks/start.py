"""How long it takes to get going: `make bench`, or `python benchmarks/start.py [--cold]`.

* ``import salesanalysis`` on top of ``import pandas`` (target: 0.3 s at most);
* one funnel report, from the command to the HTML (12 s at most, 7 CPU seconds at most);
* with ``--cold``, the first ``make report`` of a fresh copy with empty caches (3 min at most).

Every figure is the median of several runs in processes of their own; CPU seconds are user and
system time, of all processes that the command starts. A missed target is printed, and is no error:
machines differ.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def timed(command: list[str], *, cwd: Path = ROOT, env: dict | None = None) -> tuple[float, float]:
    """Seconds by the clock and CPU seconds of one command; its output is shown if it fails."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    children = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return wall, children


def median(command: list[str], runs: int) -> tuple[float, float]:
    """Medians of both measures; one run before them fills the file cache."""
    timed(command)
    walls, cpus = zip(*(timed(command) for _ in range(runs)), strict=True)
    return statistics.median(walls), statistics.median(cpus)


def line(what: str, seconds: float, target: float) -> None:
    verdict = "ok" if seconds <= target else f"MISSED, target {target:g}"
    print(f"{what:<55}{seconds:8.2f} s   {verdict}", flush=True)


def measure_import(runs: int) -> None:
    def start(code: str) -> float:
        return median([sys.executable, "-c", code], runs)[0]

    extra = start("import pandas, salesanalysis") - start("import pandas")
    line("import salesanalysis, on top of import pandas", max(extra, 0), 0.3)


def measure_report(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "salesanalysis", "run", "funnel", "--out"]
        wall, cpu = median([*command, str(Path(folder) / "funnel")], runs)
    line("funnel report, command to HTML", wall, 12)
    line("funnel report, CPU seconds", cpu, 7)


def measure_cold() -> None:
    """A copy of what git knows, empty caches of pip, uv and matplotlib, one `make report`."""
    with tempfile.TemporaryDirectory() as folder:
        copy, home = Path(folder) / "checkout", Path(folder) / "home"
        home.mkdir()
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, names.split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        caches = ("PIP_CACHE_DIR", "UV_CACHE_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
        env = os.environ | {cache: str(home / cache.lower()) for cache in caches}
        wall, _ = timed(["make", "report"], cwd=copy, env=env)
        line("first make report, nothing cached", wall, 180)
        wall, _ = timed(["make", "report"], cwd=copy, env=env)
        print(f"{'second make report':<55}{wall:8.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cold", action="store_true", help="also the first make report (minutes)")
    parser.add_argument("--runs", type=int, default=3, help="runs per figure (default 3)")
    options = parser.parse_args()
    measure_import(options.runs)
    measure_report(options.runs)
    if options.cold:
        measure_cold()


if __name__ == "__main__":
    main()
