"""Warm processes: the same bytes as cold ones, and no process that outlives who asked for it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from trial import write_notebook

from salesanalysis.reports import nursery
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute

pytestmark = pytest.mark.skipif(not nursery.available(), reason="POSIX only")

#: What a preloaded process could get wrong: figures, seeds, options, warnings, the environment.
TELLTALE = """\
import os, random, sys, warnings
import matplotlib as mpl, matplotlib.pyplot as plt, numpy as np, pandas as pd
warnings.warn("heard")
print(mpl.get_backend(), sorted(k for k in os.environ if k.startswith(("SALES", "MPL", "TZ"))))
print(hash("x"), os.getcwd() == sys.path[0] or sys.path[0], pd.Timestamp(0).tz_localize(None))
print(__name__, sys.argv[0].endswith("kernel") or sys.argv[0].endswith("kernel.py"))
plt.plot([1, 3, 2]); plt.title("drawn by the cell")
"""


def files(folder: Path) -> dict[str, bytes]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    found.pop("timing.json")
    return found


@pytest.mark.gate
def test_a_warm_report_has_the_bytes_of_a_cold_one(workplace, warm):
    """Figures that the notebook shows itself, figures of the report, tables, warnings."""
    write_notebook(
        workplace / "notebooks" / "telltale.ipynb",
        [
            ("code", 'lang: str = "en"\n', ["parameters"]),
            ("code", TELLTALE, ["setup"]),
            ("code", "plt.figure(figsize=(2, 1)); plt.bar([1], [2])\n1 + 1", []),
        ],
    )
    for notebook in ("telltale", "trial"):
        cold = execute(prepare(notebook, out="cold"))
        hot = execute(prepare(notebook, out="warm"), warm=warm)
        first, second = files(cold.folder), files(hot.folder)
        assert set(first) == set(second)
        assert [name for name in first if first[name] != second[name]] == []
    shown = json.loads((workplace / "cold" / "notebook.ipynb").read_text())["cells"]
    assert "<svg" in str(shown)


def test_two_warm_reports_draw_different_numbers(workplace, warm):
    source = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    write_notebook(workplace / "notebooks" / "drawn.ipynb", [("code", source, [])])
    said = set()
    for _ in range(2):
        execute(prepare("drawn", out="o"), warm=warm)
        notebook = json.loads((workplace / "o" / "notebook.ipynb").read_text())
        said |= set("".join(notebook["cells"][0]["outputs"][0]["text"]).split())
    assert len(said) == 4


def ask(warm, code: str, **options) -> subprocess.CompletedProcess:
    """Run a module of one `main` in a warm process."""
    folder = Path(options.pop("cwd"))
    (folder / "asked_for.py").write_text(f"import os, sys\ndef main(arguments):\n {code}\n")
    command = nursery.command(warm, "asked_for", "a", "b c")
    return subprocess.run(command, cwd=folder, timeout=20, text=True, **options)


def test_a_warm_process_has_arguments_input_output_folder_and_exit_code(warm, tmp_path):
    code = "print(arguments, sys.stdin.read(), os.getcwd(), os.environ['X'], sep='|'); sys.exit(7)"
    done = ask(
        warm,
        code,
        cwd=tmp_path,
        input="input",
        stdout=subprocess.PIPE,
        env={**os.environ, "X": "1"},
    )
    assert done.stdout == f"['a', 'b c']|input|{tmp_path}|1\n"
    assert done.returncode == 7
    done = ask(warm, "os.kill(os.getpid(), 9)", cwd=tmp_path / ".", stdin=subprocess.DEVNULL)
    assert done.returncode == -9


def test_the_parent_has_one_thread_and_what_reports_need(warm, tmp_path):
    """A fork of a process with several threads may hang for ever on a lock."""
    code = (
        "import threading; print(threading.active_count(), open('/proc/self/status').read()"
        ".split('Threads:')[1].split()[0], 'pandas' in sys.modules, 'jinja2' in sys.modules)"
    )
    done = ask(warm, code, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert done.stdout.split() == ["1", "1", "True", "True"]


def gone(processes) -> bool:
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        if not any(psutil.pid_exists(pid) and _alive(pid) for pid in processes):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


WAIT = """\
import os, time
def main(arguments):
    with open(arguments[0], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(60)
"""


def started(command, folder: Path, **options) -> tuple[subprocess.Popen, int]:
    """A warm process that waits, as (its client, its own number)."""
    client = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, **options)
    limit = time.monotonic() + 20
    while not ((folder / "pid").exists() and (folder / "pid").read_text()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    return client, int((folder / "pid").read_text())


def test_a_process_ends_with_its_client(warm, tmp_path):
    (tmp_path / "waiting.py").write_text(WAIT)
    client, process = started(nursery.command(warm, "waiting", "pid"), tmp_path)
    client.kill()
    client.wait()
    assert gone([process])


HOLDER = """\
import subprocess, sys, time
from pathlib import Path
from salesanalysis.reports import nursery
with nursery.Nursery(Path(sys.argv[1]), preload=False) as opened:
    subprocess.Popen(nursery.command(opened.address, "waiting", "pid"), stdin=subprocess.DEVNULL)
    open("parent", "w").write(str(opened._process.pid))
    time.sleep(60)
"""


def test_the_parent_and_all_processes_end_with_who_started_them(tmp_path):
    (tmp_path / "waiting.py").write_text(WAIT)
    holder, process = started([sys.executable, "-c", HOLDER, str(tmp_path)], tmp_path)
    parent = int((tmp_path / "parent").read_text())
    holder.kill()
    holder.wait()
    assert gone([parent, process])


def test_a_parent_that_died_is_replaced(tmp_path):
    with nursery.Nursery(tmp_path, preload=False) as opened:
        opened._process.kill()
        opened._process.wait()
        how = {"cwd": tmp_path, "stdin": subprocess.DEVNULL}
        assert ask(opened.address, "sys.exit(3)", **how).returncode == 1
        opened.revive()
        assert ask(opened.address, "sys.exit(3)", **how).returncode == 3


def test_without_a_parent_the_command_is_pythons_own():
    assert nursery.command("", "m", "a") == [sys.executable, "-m", "m", "a"]
