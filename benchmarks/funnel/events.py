"""Event funnels against other engines: time, memory and growth with the size of the log.

    python benchmarks/funnel/events.py [--rows 1000000 10000000 100000000] [--rounds 3]

Five steps, any start, a window of seven days, from a Parquet file to the users at each step. The
log is made by make_log.py. Every run is a process of its own, so that its peak memory is its own;
the engines take turns, so that what the machine does besides hits all alike. Writes RESULTS.md.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from make_log import write_log

HERE = Path(__file__).parent
OUT = HERE.parent / "out"
PEERS = OUT / "peers"
OWN = ("salesanalysis", "expression")
ENGINES = {
    "salesanalysis": "this package",
    "expression": "its portable expression (DuckDB)",
    "chdb": "chdb `windowFunnel`",
    "duckdb_maxima": "DuckDB, running maxima",
    "duckdb_asof": "DuckDB, ASOF joins",
    "polars": "Polars, as-of joins",
    "pandas": "pandas, user by user",
}
#: The sizes up to which an engine takes part, where it is not for all.
UP_TO = {"pandas": 1_000_000, "expression": 10_000_000}
REFERENCE = "chdb"


def peers_python() -> str:
    """The Python of the peers' own environment, made where it is missing."""
    python = PEERS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    requirements = HERE / "requirements.txt"
    done = PEERS / "requirements.txt"
    if not done.exists() or done.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
        subprocess.run(install, check=True)
        done.write_text(requirements.read_text())
    return str(python)


def alone(command: list[str], what: str) -> dict:
    """What a process of its own answers, and its peak memory in ``gigabytes``."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    answer = process.stdout.read()
    # Unlike process.wait(), this also gives what the child used.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{what} failed.")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return {**json.loads(answer), "gigabytes": kilobytes / 1e6}


def run(engine: str, log: Path) -> dict:
    """One run: ``seconds``, ``users`` and peak memory in ``gigabytes``."""
    python = sys.executable if engine in OWN else peers_python()
    command = [python, str(HERE / "peers.py"), engine, str(log)]
    return alone(command, f"{engine} on {log.name}")


def measure(rows: int, rounds: int) -> dict[str, dict]:
    """Medians of each engine for a log of that many rows."""
    log = OUT / f"events_{rows}.parquet"
    if not log.exists():
        OUT.mkdir(exist_ok=True)
        write_log(log, rows=rows)
    engines = [engine for engine in ENGINES if rows <= UP_TO.get(engine, rows)]
    runs: dict[str, list] = {engine: [] for engine in engines}
    for number in range(rounds):
        for engine in engines:
            runs[engine].append(run(engine, log))
            last = runs[engine][-1]
            print(f"{rows:>12,} {number + 1}/{rounds} {engine:<14} {last['seconds']:8.2f} s"
                  f" {last['gigabytes']:5.2f} GB", flush=True)  # fmt: skip
    answers = {engine: runs[engine][0]["users"] for engine in engines}
    if any(answer != answers[REFERENCE] for answer in answers.values()):
        raise SystemExit(f"The engines do not agree on {rows:,} rows: {answers}")
    return {
        engine: {
            "seconds": statistics.median(one["seconds"] for one in found),
            "gigabytes": max(one["gigabytes"] for one in found),
        }
        for engine, found in runs.items()
    }


def report(results: dict[int, dict], rounds: int) -> str:
    """The ratios as a page of Markdown."""
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    lines = [
        "# Event funnels: ratios to chdb",
        "",
        "Five steps, any start, a window of seven days, from Parquet to the users at each step;"
        " this package also gives open users and the percentiles of the times to convert. Made by"
        f" `events.py`: median of {rounds} runs, each a process of its own, imports not counted;"
        " memory is the peak of the process. All engines agreed on every count.",
        "",
        f"Machine: {platform.machine()}, {cores} shared cores, {memory:.0f} GB of memory,"
        f" {platform.system()}, Python {platform.python_version()}. Its speed drifts: only the"
        " ratios within one size count.",
        "",
        "| engine | " + " | ".join(f"{rows:,} rows" for rows in results) + " |",
        "| --- |" + " --- |" * len(results),
    ]
    for engine, title in ENGINES.items():
        cells = []
        for found in results.values():
            if engine in found:
                ratio = found[engine]["seconds"] / found[REFERENCE]["seconds"]
                cells.append(f"{ratio:.2f} ({found[engine]['gigabytes']:.1f} GB)")
            else:
                cells.append("–")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    own = {rows: found["salesanalysis"]["seconds"] for rows, found in results.items()}
    sizes = list(own)
    growth = [
        f"{own[after] / own[before]:.1f} times the time for {after // before} times the rows"
        for before, after in zip(sizes, sizes[1:], strict=False)
    ]
    lines += ["", f"This package: {'; '.join(growth)}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10**6, 10**7, 10**8])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    results = {rows: measure(rows, arguments.rounds) for rows in arguments.rows}
    page = report(results, arguments.rounds)
    (HERE / "RESULTS.md").write_text(page, encoding="utf-8")
    print(page)
