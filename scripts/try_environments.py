"""Run what README.md and the guides show, in environments that hold exactly what they ask for.

    python scripts/try_environments.py          what the gate runs: one report through all its ways
    python scripts/try_environments.py --all    every report, cold and warm, in every environment
    python scripts/try_environments.py --only base lab

``base`` has the dependencies alone, ``lab`` and ``workshop`` one extra each; ``wheel`` has a wheel
that is built here, and nothing of this repository within reach: first without any extra, then with
``workshop``. They share the Python of ``.venv`` and lie beside it, in ``.environments/``; those of
the repository are kept until ``pyproject.toml`` or ``constraints.txt`` change. The commands run in
a project that ``salesanalysis init --sample`` has written into a temporary folder (``own``: without
the sample, in the same environment as ``wheel``). Every command must exit with 0 and without a
traceback, every page must answer, and a report must have the same bytes however its processes
start: anew, as always on Windows, or by fork.

The full run (``--all``, Python 3.11 on Linux, 2 busy cores, 39 minutes, 19 of them of computing):
five reports in four environments, each alone, in a batch of new processes and in one of forks, and
all that the documents show: 116 steps, no fault; 20 of 20 reports the same, new or forked.
"""

import argparse
import filecmp
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urljoin

import documented
from environments import Fault, build_wheel, environment, install, python_of

ROOT = documented.ROOT

#: What each environment is installed with besides the dependencies, and the report that the gate
#: makes in it in all ways.
ENVIRONMENTS = {
    "base": ("", "funnel"),
    "lab": ("lab", "forecast"),
    "workshop": ("workshop", "incentive"),
    "wheel": ("", "forgetting"),
}
REPORTS = tuple(notebook.stem for notebook in ROOT.glob("notebooks/*.ipynb"))

#: What a page holds that is as it should be; one that says what went wrong holds it not.
HOLDS = {"lab": "jupyter-config-data", "workshop": "application/vnd.jupyter.widget-view+json"}

#: Files that the documents take for the reader's own, and what of the sample stands for them.
OWN_FILES = {
    "export.csv": "data/sample/opportunities.csv",
    "history.csv": "data/sample/stage_history.csv",
    "orders.csv": "data/sample/bookings.csv",
    "tests.csv": "data/sample/scores.csv",
    "refreshers.csv": "data/sample/refreshers.csv",
    "attainment.csv": "data/sample/attainment.csv",
    "plan.yml": "data/plans/sample.yml",
    "sold.csv": "data/sample/sales.csv",
    "payouts.csv": "data/sample/payouts.csv",
    "reps.csv": "data/sample/reps.csv",
    "purchases.csv": "data/sample/purchases.csv",
    "customers.csv": "data/sample/customer_file.csv",
    "invoices.csv": "data/sample/invoices.csv",
    "payments.csv": "data/sample/payments.csv",
}

#: The rest of them, made by the environment's own Python.
MORE_FILES = """\
from pathlib import Path
import pandas as pd
Path("vorgaenge.csv").write_text(
    "Vorgang;Summe;Angelegt;Ergebnis\\n1;1.200,50;05.02.2025;gewonnen\\n2;80;06.02.2025;verloren\\n",
    encoding="cp1252",
)
Path("rates.csv").write_text("currency,date,rate\\nUSD,2020-01-01,1\\nEUR,2020-01-01,1.1\\n")
Path("splits.csv").write_text(
    "opportunity_id,owner_id,share\\nO00000475,R001,60%\\nO00000475,R002,40%\\n"
)
sold = pd.read_csv("sold.csv")
sold = sold.assign(sale_id=[f"S{number}" for number in range(len(sold))])
sold.to_csv("sales.csv", index=False)
back = sold[sold["sold_at"] >= "2025-04-01"].head(1).assign(refunded_at="2025-11-03")
back[["sale_id", "refunded_at", "amount"]].to_csv("credit_notes.csv", index=False)
Path("changes.csv").write_text(
    "payee_id,period,starts_at,plan_name,quota\\nR001,2025-Q3,2025-08-15,New plan,60000\\n"
)
plan = Path("plan.yml").read_text(encoding="utf-8")
Path("new_plan.yml").write_text(
    plan.replace("name: Accessories programme", "name: New plan"), encoding="utf-8"
)
Path("plan.csv").write_text("opportunity_id,month,amount\\nO00000475,2025-11,1000\\n")
Path("out/scenarios").mkdir(parents=True)
Path("out/scenarios/funnel-T-Territory-79-84.yml").write_text(
    'opportunities: export.csv\\nstage_history: history.csv\\nas_of: "2025-12-31"\\n'
)
Path("data/raw/visits").mkdir(parents=True)
steps = ["visit", "cart", "order"]
days = pd.date_range("2025-01-01", periods=3, freq="D")
pd.DataFrame({"user_id": [1, 1, 1], "event": steps, "at": days}).to_parquet(
    "data/raw/visits/visits.parquet"
)
"""

#: A guide for JupyterLab, pasted cell by cell into a notebook that lies in notebooks/.
PASTED = """\
import json, sys
import nbformat
from nbclient import NotebookClient
cells = [nbformat.v4.new_code_cell(source) for source in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
where = {"metadata": {"path": "notebooks"}}
NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
"""


class Trial:
    """One environment, and the project in which its commands are tried.

    Parameters
    ----------
    name : str
        Of the environment, for what is printed.
    python : Path
        Its Python.
    project : Path
        The working directory of the commands; made by :meth:`furnish`.
    """

    def __init__(self, name: str, python: Path, project: Path):
        self.name, self.python, self.project = name, python, project
        self.of_repository = name in ENVIRONMENTS and name != "wheel"
        self.faults: list[str] = []
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        # Nothing of the repository, and no other environment, may stand in for what is missing.
        unwanted = ("PYTHONPATH", "VIRTUAL_ENV", "JUPYTER_PATH")
        self._environment = {k: v for k, v in os.environ.items() if k not in unwanted}
        self._environment |= {"PATH": path, "MPLBACKEND": "Agg"}

    def attempt(self, label: str, work, *arguments, **options) -> None:
        """Do something, say how it went, and go on."""
        started, said = time.monotonic(), "ok"
        try:
            work(*arguments, **options)
        except (Fault, OSError, subprocess.TimeoutExpired) as fault:
            said = f"FAILED\n{fault}"
            self.faults.append(f"{self.name}: {label}")
        seconds = time.monotonic() - started
        print(f"{self.name:8}  {seconds:5.1f} s  {label}: {said}", flush=True)

    def run(
        self, *words: str, given: str | None = None, cwd: Path | None = None, **variables
    ) -> str:
        """Run one command in the project; what it printed."""
        command = [str(self.python), *words[1:]] if words[0] == "python" else list(words)
        done = subprocess.run(
            command, cwd=cwd or self.project, env=self._environment | variables, timeout=900,
            input=given, stdin=subprocess.DEVNULL if given is None else None,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        if done.returncode or "Traceback" in done.stdout:
            raise Fault(f"exit code {done.returncode}\n{done.stdout[-3000:]}")
        return done.stdout

    def answers(self, target: str, *words: str, cwd: Path) -> None:
        """Start a command that serves a page; the address it prints must show what is wanted."""
        process = subprocess.Popen(
            words, cwd=cwd, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip
        watch = threading.Timer(180, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        try:
            said, address = "", None
            while address is None:
                line = process.stdout.readline()
                if not line:
                    raise Fault(f"it ended before it named a page\n{said[-3000:]}")
                said += line
                address = re.search(r"http://127\.0\.0\.1:\S+", line)
            page = page_at(address[0], process)
            if HOLDS[target] not in page:
                raise Fault(f"{address[0]} holds no `{HOLDS[target]}`\n{page[-3000:]}")
        finally:
            watch.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                self.faults.append(f"{self.name}: {words[0]} did not end when it was told to")

    def furnish(self) -> None:
        """Write the project, and beside it what the documents take for the reader's own."""
        self.project.mkdir(parents=True)
        self.run("salesanalysis", "init", ".", "--sample")
        for name, source in OWN_FILES.items():
            shutil.copy(self.project / source, self.project / name)
        self.run("python", "-c", MORE_FILES)
        self.run("python", "-c", "import pptx; pptx.Presentation().save('house.pptx')")

    def furnish_own(self, tables: Path) -> None:
        """Write the project without the sample, with tables that stand for the reader's own."""
        self.run("salesanalysis", "init", str(self.project), cwd=self.project.parent)
        shutil.copytree(tables, self.project / "data" / "raw")

    def show(self, blocks: list[documented.Block]) -> None:
        """Try what documents show."""
        for block in blocks:
            where = f"{block.file}:{block.line}"
            if block.kind == "python":
                self.attempt(f"{where} (Python)", self.run, "python", "-c", block.text)
            elif block.kind != "commands":
                (self.project / block.kind).write_text(block.text, encoding="utf-8")
            folder = self.project
            for words in block.commands if block.kind == "commands" else ():
                if words[0] == "cd":
                    folder = folder / words[1]
                elif words[0] != "make" or self.of_repository:
                    self.attempt(f"{where} {' '.join(words)}", self.command, words, folder)

    def command(self, words: list[str], folder: Path) -> None:
        """Try one command; one that serves a page without a browser, and on a port of its own."""
        match words:
            case ["salesanalysis", "workshop", *_]:
                self.answers("workshop", *words, *page_options("workshop"), cwd=folder)
            case ["jupyter", "lab", *_]:
                self.answers("lab", *words, *page_options("lab"), cwd=folder)
            case ["make", target, *more]:
                given = dict(word.split("=", 1) for word in more).get("ARGS", "")
                arguments = " ".join([given, *page_options(target)])
                # `-o`: the environment is there, and make must not set up another one.
                made = ["-o", f".venv/made-for-{target}", f"VENV_PYTHON={self.python}"]
                self.answers(target, "make", target, *made, f"ARGS={arguments}", cwd=ROOT)
            case _:
                self.run(*words, cwd=folder)

    def ways(self, report: str) -> None:
        """Make one report in every way: alone, in a batch with new processes, in one with forks."""
        self.attempt(f"run {report}", self.run, "salesanalysis", "run", report)
        batch = ["salesanalysis", "batch", "reports.yml", "--only", f"{report} (en)"]
        made, kept = self.project / "out" / report / "en", self.project / "cold" / report
        self.attempt(f"batch of {report}, cold", self.run, *batch, SALESANALYSIS_COLD="1")
        if made.is_dir():
            shutil.copytree(made, kept)
            self.attempt(f"batch of {report}, warm", self.run, *batch)
            self.attempt(f"{report}: cold and warm are alike", require_alike, kept, made)

    def pasted(self, blocks: list[documented.Block]) -> None:
        """Try the Python of a guide as the cells of one notebook."""
        sources = [block.text for block in blocks if block.kind == "python"]
        label = f"{blocks[0].file}, {len(sources)} cells"
        self.attempt(label, self.run, "python", "-c", PASTED, given=json.dumps(sources))


def require_alike(one: Path, other: Path) -> None:
    """Refuse two folders of a report that differ in more than the time it took."""
    names = sorted({p.relative_to(f).as_posix() for f in (one, other) for p in f.rglob("*.*")})
    _, differ, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    if unlike := [name for name in differ + missing if name != "timing.json"]:
        raise Fault(f"{', '.join(unlike)} differ")


def page_at(address: str, process: subprocess.Popen) -> str:
    """The page at an address that a process has named, which may be before it listens there."""
    # Whoever comes with the right address is known by a cookie from there on.
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    while True:
        try:
            with opener.open(address, timeout=150) as answer:
                page = answer.read().decode()
            further = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
            if not further:
                return page
            address = urljoin(address, further[1])  # as a browser does
        except urllib.error.URLError as fault:
            refused = isinstance(fault.reason, ConnectionRefusedError)
            if not refused or process.poll() is not None:
                raise
            time.sleep(0.2)


def page_options(target: str) -> list[str]:
    """How ``lab`` or ``workshop`` serves its page on a port that nobody listens on, unseen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        options = ["--no-browser", f"--port={probe.getsockname()[1]}"]
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*options, "--allow-root"] if target == "lab" and as_root else options


# --- what is tried where -----------------------------------------------------------------------


def shown(place: str) -> list[documented.Block]:
    """All blocks of all documents that are to work in an environment."""
    return [b for file in documented.PLACES for b in documented.blocks(file) if b.place == place]


def try_repository(name: str, python: Path, workplace: Path, reports: tuple[str, ...]) -> list[str]:
    """Try an environment that holds the repository itself."""
    trial = Trial(name, python, workplace / name)
    trial.attempt("init", trial.furnish)
    blocks = shown(name)
    if name == "lab":
        guide = [block for block in blocks if block.kind == "python"]
        trial.pasted(guide)
        blocks = [block for block in blocks if block not in guide]
    trial.show(blocks)
    for report in reports or ENVIRONMENTS[name][1:]:
        trial.ways(report)
    return trial.faults


def try_wheel(wheel: Path, workplace: Path, reports: tuple[str, ...]) -> list[str]:
    """Try a wheel from an empty folder, then with its extra."""
    folder = workplace / "installed"
    install(folder, str(wheel))
    trial = Trial("wheel", python_of(folder), workplace / "wheel")
    trial.attempt("init", trial.furnish)
    trial.show(shown("wheel"))
    nowhere = workplace / "nowhere"
    nowhere.mkdir()
    alone = ["run", "funnel", "-p", f"opportunities={trial.project / 'export.csv'}"]
    for words in (["list"], [*alone, "-p", "as_of=2025-12-31"]):
        label = f"{words[0]}, in an empty folder"
        trial.attempt(label, trial.run, "salesanalysis", *words, cwd=nowhere)
    own = Trial("own", trial.python, workplace / "own")
    own.attempt("init", own.furnish_own, trial.project / "data" / "sample")
    own.show(shown("own"))
    for report in reports or ENVIRONMENTS["wheel"][1:]:
        trial.ways(report)
    install(folder, f"{wheel}[workshop]")
    trial.show(shown("workshop"))
    return trial.faults + own.faults


def main() -> int:
    """Try the environments side by side; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every report in every environment")
    parser.add_argument("--only", nargs="+", choices=ENVIRONMENTS, default=[*ENVIRONMENTS])
    arguments = parser.parse_args()
    reports = REPORTS if arguments.all else ()
    with (
        tempfile.TemporaryDirectory(prefix="salesanalysis-") as folder,
        ThreadPoolExecutor(2) as two,
    ):
        workplace, tasks = Path(folder), []
        for name in arguments.only:
            # Set up here, one after the other: builds of one source get into each other's way.
            if name == "wheel":
                work = partial(try_wheel, build_wheel(workplace / "dist"))
            else:
                work = partial(try_repository, name, environment(name, ENVIRONMENTS[name][0]))
            tasks.append(two.submit(work, workplace, reports))
        faults = [fault for task in tasks for fault in task.result()]
    for fault in faults:
        print(f"failed: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
