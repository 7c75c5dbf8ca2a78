"""A batch on a Dask cluster of two worker processes; one report raises, one loses its process."""

import importlib.util
import subprocess
import sys

import pytest
from trial import write_notebook

from salesanalysis import SalesAnalysisError, reports

NEEDED = importlib.util.find_spec("distributed")
pytestmark = pytest.mark.skipif(not NEEDED, reason="distributed is not installed")

CELL = """\
import os, signal
if n == 2: raise KeyError("on purpose")
if n == 3: os.kill(os.getpid(), signal.SIGKILL)
print(n)
"""


@pytest.fixture
def cluster():
    """The address of a scheduler with two workers, each a process of its own."""
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0"]
    scheduler = subprocess.Popen(
        [*words, "--host", "127.0.0.1", "--no-dashboard"], stderr=subprocess.PIPE, text=True
    )
    processes = [scheduler]
    address = ""
    for line in scheduler.stderr:
        if "tcp://" in line:
            address = line.split()[-1]
            break
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "30"]
    for _ in range(2):
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
        processes.append(subprocess.Popen(worker, stderr=subprocess.DEVNULL))
    yield address
    for process in reversed(processes):
        process.terminate()
        process.wait()
    scheduler.stderr.close()


@pytest.mark.gate
def test_a_batch_on_two_workers(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parameters = ("code", "n: int = 0\n", ["parameters"])
    write_notebook(tmp_path / "notebooks" / "count.ipynb", [parameters, ("code", CELL, [])])
    (tmp_path / "reports.yml").write_text(
        "defaults: {retries: 0}\nreports:\n  - notebook: count\n    for_each: {n: [1, 2, 3]}\n"
        '    parameters: {n: "{n}"}\n'
    )
    told = []
    machines = reports.Machines(cluster=cluster)
    made = reports.batch("reports.yml", machines=machines, finished=told.append)
    assert [(one.name, one.outcome, one.attempts) for one in made] == [
        ("count (1)", "made", 1),
        ("count (2)", "failed", 1),
        ("count (3)", "failed", 1),
    ]
    assert len(told) == 3
    assert "KeyError: 'on purpose'" in made[1].failure
    assert made[0].run.page.is_file()
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_cluster_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "notebooks" / "one.ipynb", [("code", "1", [])])
    (tmp_path / "reports.yml").write_text("reports:\n  - notebook: one\n")
    from salesanalysis.reports.batches import cluster

    monkeypatch.setattr(cluster, "TIMEOUT_SECONDS", 0.5)
    with pytest.raises(SalesAnalysisError, match="No Dask cluster answers at `tcp://127.0.0.1:9`"):
        reports.batch("reports.yml", machines=reports.Machines(cluster="tcp://127.0.0.1:9"))
