"""A batch of reports against its peers: `python benchmarks/reports/batch.py [--many 1000]`.

* CPU seconds per report of a batch of 20 with two workers, warm and cold, against `papermill` and
  `jupyter nbconvert --to html` as commands, one after the other, on the same notebooks: a plain one
  (three tables, four plots; nothing of this package in it) and the funnel report. Target: 0.45 of
  the peers.
* with ``--many N``, N small reports to the end: failures, seconds, and the most memory that any one
  process held.

All in one run, since only ratios mean something. CPU seconds are user and system time of all
processes that a command starts. A missed target is printed, and is no error: machines differ.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
SALESANALYSIS = [sys.executable, "-m", "salesanalysis"]

PLAIN = [
    'n: int = 1  # which of the reports\nlang: str = "en"  # of nothing here',
    "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
    "from scipy import stats\nrng = np.random.default_rng(n)\n"
    'frame = pd.DataFrame({"x": rng.normal(size=5000), "group": rng.integers(0, 5, 5000)})',
    *["frame.groupby('group')['x'].describe()", "frame.head(20)", "frame.corr()"],
    "frame.hist('x', bins=40); plt.title(f'{stats.skew(frame.x):.3f}');",
    *["frame.boxplot('x', by='group');", "frame.plot.scatter('x', 'group');"],
    "plt.plot(np.sort(frame['x']), np.linspace(0, 1, len(frame)));",
]
SMALL = ["n: int = 1  # which of the reports", "import pandas as pd", "pd.DataFrame({'n': [n]})"]


def write_notebook(path: Path, sources: list[str]) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": [] if number else ["parameters"]},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    content = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def cpu_of(command: list[str], folder: Path) -> float:
    """CPU seconds of a command and all that it starts; its output is shown if it fails."""
    before = os.times()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    after = os.times()
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    user = after.children_user - before.children_user
    return user + after.children_system - before.children_system


def batch_of(folder: Path, notebook: str, count: int, parameters: dict) -> list[str]:
    listed = {
        "notebook": notebook,
        "for_each": {"value": parameters.pop("values")},
        "parameters": parameters,
    }
    file = folder / f"{notebook}.yml"
    file.write_text(json.dumps({"out": f"out-{notebook}", "reports": [listed]}))
    return [*SALESANALYSIS, "batch", file.name, "--workers", "2"]


def compare(folder: Path, notebook: str, name: str, values: list, count: int, peers: int) -> None:
    """One notebook, ours against theirs."""
    ours = batch_of(folder, notebook, count, {"values": values, name: "{value}"})
    scripts = Path(sys.executable).parent
    theirs = []
    for value in values[:peers]:
        words = [
            f"notebooks/{notebook}.ipynb",
            "peer.ipynb",
            "-p",
            name,
            str(value),
            "-k",
            "python3",
        ]
        made = cpu_of([str(scripts / "papermill"), *words, "--no-progress-bar"], folder)
        shown = cpu_of([str(scripts / "jupyter-nbconvert"), "--to", "html", "peer.ipynb"], folder)
        theirs.append(made + shown)
    peer = sum(theirs) / len(theirs)
    warm = cpu_of(ours, folder) / count
    cold = cpu_of([*ours, "--cold"], folder) / count
    verdict = "ok" if warm / peer <= 0.45 else "MISSED, target 0.45"
    print(f"{notebook}: papermill + nbconvert {peer:.2f} CPU s per report")
    print(f"{notebook}: batch of {count}, warm {warm:.2f}, ratio {warm / peer:.2f}   {verdict}")
    print(f"{notebook}: batch of {count}, cold {cold:.2f}, ratio {cold / peer:.2f}", flush=True)


def measure_many(folder: Path, count: int) -> None:
    """So many small reports in one batch, with the memory of every process of it watched."""
    command = batch_of(folder, "small", count, {"values": list(range(count)), "n": "{value}"})
    most: dict[str, float] = {}
    start = time.perf_counter()
    with (folder / "log").open("w") as log:
        process = psutil.Popen(command, cwd=folder, stdout=log, stderr=log)
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.5):
                for one in [process, *process.children(recursive=True)]:
                    try:
                        words = " ".join(one.cmdline())
                        size = one.memory_info().rss / 1e6
                    except psutil.Error:
                        continue
                    kind = "others"
                    if one.pid == process.pid:
                        kind = "the batch itself"
                    elif "nursery.parent" in words:
                        kind = "the parent of warm processes, and its forks"
                    most[kind] = max(most.get(kind, 0), size)

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        done.set()
        watcher.join()
    seconds = time.perf_counter() - start
    outcome = json.loads((folder / "out-small" / "batch.json").read_text())
    again = [one["name"] for one in outcome["reports"] if one["attempts"] > 1]
    print(f"{count} small reports: {outcome['counts']}, tried again {len(again)}, exit code {code}")
    print(f"{count} small reports: {seconds:.0f} s, {count / seconds:.1f} a second")
    for kind, size in sorted(most.items()):
        print(f"{count} small reports: at most {size:.0f} MB in {kind}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="reports in a batch (default 20)")
    parser.add_argument("--peers", type=int, default=3, help="runs of the peers (default 3)")
    parser.add_argument("--many", type=int, default=0, help="also so many small reports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notebook(folder / "notebooks" / "plain.ipynb", PLAIN)
        write_notebook(folder / "notebooks" / "small.ipynb", SMALL)
        (folder / "notebooks" / "funnel.ipynb").write_bytes(
            (ROOT / "notebooks" / "funnel.ipynb").read_bytes()
        )
        (folder / "data").symlink_to(ROOT / "data")
        if options.many:
            measure_many(folder, options.many)
            return
        count, peers = options.count, options.peers
        compare(folder, "plain", "n", list(range(count)), count, peers)
        days = [f"2025-{1 + i % 12:02}-{28 - i // 12:02}" for i in range(count)]
        compare(folder, "funnel", "as_of", days, count, peers)


if __name__ == "__main__":
    main()
