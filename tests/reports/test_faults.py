"""What goes wrong in the night, caused on purpose: the report before is whole, the reason is told.

Every report of these batches is a notebook of a few lines that fails as its parameter says. A good
report stands beside each, made by an earlier batch, and must be there byte for byte afterwards.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from trial import write_notebook

from salesanalysis import reports
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import folders, locks, nursery
from salesanalysis.reports.batches import plan
from salesanalysis.reports.guard import Limits
from salesanalysis.reports.job import prepare
from salesanalysis.reports.run import execute

FAILING = """\
import os, signal, sys, time
if how == "raise": {}["missing key"]
if how == "die": os.kill(os.getpid(), signal.SIGKILL)
if how == "die once" and not os.path.exists("died"):
    open("died", "w").close(); os.kill(os.getpid(), signal.SIGKILL)
if how == "never end": open("waiting", "w").write(str(os.getpid())); time.sleep(600)
if how == "print": print("x" * 1_000_000_000)
if how == "print much":
    for _ in range(10_000): print("x" * 100_000)
if how == "display": from IPython.display import HTML, display; display(HTML("x" * 100_000_000))
if how == "result": held = "x" * 100_000_000
if how == "take memory": held = [bytearray(b"x" * 10_000_000) for _ in range(1000)]
if how == "write": open(os.environ["SALESANALYSIS_OUT"] + "/big.bin", "wb").write(b"x" * 50_000_000)
if how == "delete input": os.remove(source)
if how == "change input": open(source, "a").write("more")
"""

CELLS = [
    ("code", 'how: str = "well"\nsource: str = ""\nlang: str = "en"\n', ["parameters"]),
    ("markdown", "# Part one", []),
    ("code", FAILING, ["headline"]),
    ("code", 'held if how == "result" else print("done")', ["table"]),
]


def whole(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that its run.json vouches for, checked against it."""
    record = json.loads((folder / "run.json").read_text())
    assert record["files"] == {
        name: print_
        for name, print_ in folders.fingerprints(folder).items()
        if name not in ("run.json", "timing.json")
    }
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory, warm):
    """A working directory with the notebook and a good report in out/."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_notebook(folder / "notebooks" / "failing.ipynb", CELLS)
        execute(prepare("failing", out="out/report"), warm=warm)
    return folder


@pytest.fixture
def place(tmp_path, monkeypatch, template):
    """A copy of it for each test."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fails(how: str, warm: str, *, limits: Limits | None = None, **parameters) -> str:
    """Why a report fails; the one before it must be whole, and nothing half made be left."""
    before = whole(Path("out/report"))
    request = prepare("failing", parameters={"how": how, **parameters}, out="out/report")
    with pytest.raises(SalesAnalysisError) as caught:
        execute(request, warm=warm, limits=limits or Limits())
    assert whole(Path("out/report")) == before
    beside = sorted(path.name for path in Path("out").iterdir())
    assert beside in (["report"], ["report", "report.failed"])
    return str(caught.value)


# --- in the notebook ---------------------------------------------------------------------------

IN_CELL = '`notebooks/failing.ipynb` failed in cell 3 (`headline`, "Part one")'


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("how", "limits", "reason"),
    [
        ("raise", Limits(), "KeyError: 'missing key'"),
        ("die", Limits(), "The Python process that computed it died"),
        # Longer than a cold kernel takes to start on a busy machine.
        ("never end", Limits(seconds=8), "It took longer than its time limit of 8 seconds."),
        ("print", Limits(), "The notebook puts out more than 64 MB."),
        ("print much", Limits(output_mb=1), "The notebook puts out more than 1 MB."),
        ("display", Limits(), "The notebook puts out more than 64 MB."),
        ("take memory", Limits(memory_mb=1000), "It took more memory than its limit of 1,000 MB."),
    ],
)
def test_a_cell_that_fails(place, warm, how, limits, reason):
    where, why = fails(how, warm, limits=limits).split("\n", 1)
    assert where.startswith(IN_CELL)
    assert why.startswith(reason)


def test_a_result_that_is_too_large_to_show(place, warm):
    assert "The notebook puts out more than 64 MB." in fails("result", warm)


@pytest.mark.parametrize("how", ["change input", "delete input"])
def test_an_input_that_changes_while_the_report_is_computed(place, warm, how):
    (place / "deals.csv").write_text("id\n1\n")
    said = fails(how, warm, source="deals.csv")
    assert "What parameter `source` names was changed or deleted" in said


# --- around the notebook -----------------------------------------------------------------------


def test_a_disk_that_is_full_while_the_notebook_writes(place, warm):
    """A limit on the size of files is what a full disk is to one process; root has it too."""
    code = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))\n"
        "from salesanalysis import cli\n"
        "raise SystemExit(cli.main(['run', 'failing', '-p', 'how=write', '--out', 'out/report']))"
    )
    before = whole(Path("out/report"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "OSError: [Errno 27] File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert whole(Path("out/report")) == before


@pytest.mark.parametrize("what", ["notebook.ipynb", "run.json"])
def test_a_disk_that_is_full_while_the_report_is_written(place, warm, what, monkeypatch):
    written = Path.write_text

    def write_text(self, *arguments, **options):
        if self.name == what:
            written(self, "half")
            raise OSError(28, "No space left on device", str(self))
        return written(self, *arguments, **options)

    before = whole(Path("out/report"))
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", write_text)
        with pytest.raises(OSError, match="No space left"):
            execute(prepare("failing", out="out/report"), warm=warm)
        # Neither can the half-run notebook be kept; the reason it failed for is told all the same.
        if what == "notebook.ipynb":
            request = prepare("failing", parameters={"how": "raise"}, out="out/report")
            with pytest.raises(reports.ReportFailed, match="could not be kept: No space") as caught:
                execute(request, warm=warm)
            assert "KeyError" in str(caught.value)
    assert whole(Path("out/report")) == before
    assert [path.name for path in Path("out").iterdir()] == ["report"]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(place, monkeypatch):
    (place / "file").write_text("not a folder")
    with pytest.raises(SalesAnalysisError, match=r"`.*file` is a file; give a folder"):
        prepare("failing", out="file/report")
    (place / "reports.yml").write_text("reports:\n  - notebook: failing\n    out: file/report\n")
    with pytest.raises(SalesAnalysisError, match="reports.yml:3: .*is a file"):
        reports.batch("reports.yml")
    # Nothing is forbidden to root, so the answer for everybody else is put in its place.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(SalesAnalysisError, match="cannot be written to"):
        prepare("failing", out="elsewhere/report")


def test_a_folder_that_became_unwritable_fails_alone(place, warm, monkeypatch):
    request = prepare("failing", out="later/report")
    (place / "later").write_text("now a file")
    with pytest.raises(OSError, match="File exists"):
        execute(request, warm=warm)
    assert (place / "later").read_text() == "now a file"


def test_two_runs_of_one_report(place, warm):
    request = prepare("failing", out="out/report")
    before = whole(Path("out/report"))
    # As another process does it: a lock is of a file that was opened, not of a process.
    with folders.reserved(request.out):
        with pytest.raises(SalesAnalysisError, match=r"where process \d+ is making a report; wait"):
            execute(request, warm=warm)
    assert whole(Path("out/report")) == before
    execute(request, warm=warm)


def test_two_batches_into_one_folder(place):
    (place / "reports.yml").write_text("reports:\n  - {notebook: failing, out: out/report}\n")
    with locks.held(place / "out" / ".batch.lock", "taken by {process}"):
        with pytest.raises(SalesAnalysisError, match=r"The batch in process \d+ writes to `out`"):
            reports.batch("reports.yml")
    assert not (place / "out" / "batch.json").exists()


def test_a_lock_ends_with_the_process_that_holds_it(tmp_path):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom salesanalysis.reports import locks\n"
        "with locks.held(Path(sys.argv[1]), ''):\n    os.kill(os.getpid(), 9)"
    )
    path = tmp_path / ".lock"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.exists()
    with locks.held(path, "still held"):
        pass
    assert not path.exists()


def test_clock_and_time_zone_change_nothing(place, warm):
    """The clock of every process jumps back by months with each look; the zone is another.

    Back only: Jupyter measures its wait for a kernel by this clock, and a jump ahead ends it.
    """
    (place / "jumping").mkdir()
    (place / "jumping" / "sitecustomize.py").write_text(
        "import itertools, time\n"
        "steps = itertools.count(1)\n"
        "time.time = lambda: 4e9 - 5e6 * next(steps)\n"
    )
    before = whole(Path("out/report"))
    shutil.rmtree("out")
    paths = [str(place / "jumping"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "TZ": "Pacific/Apia",
        "LC_ALL": "C",
        "PYTHONPATH": os.pathsep.join(paths),
    }
    command = [sys.executable, "-m", "salesanalysis", "run", "failing", "--out", "out/report"]
    subprocess.run([*command, "--time-limit", "60"], env=environment, check=True, timeout=100)
    after = whole(Path("out/report"))
    assert [name for name in before if before[name] != after[name]] == ["timing.json"]


# --- in a batch --------------------------------------------------------------------------------


def listed(place: Path, *entries: str) -> str:
    text = "".join(f"  - {entry}\n" for entry in entries)
    (place / "reports.yml").write_text(f"defaults: {{retries: 1}}\nreports:\n{text}")
    return "reports.yml"


@pytest.fixture
def make(place, warm):
    """Make reports with the shared parent instead of one for each test."""

    class Shared(nursery.Nursery):
        def __init__(self, folder, **_):
            super().__init__(folder, wanted=False)
            self.address = warm

        def revive(self):
            pass

    def batch(*entries, **options):
        machines = reports.Machines(workers=options.pop("workers", 2))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nursery, "Nursery", Shared)
            return reports.batch(listed(place, *entries), machines=machines, **options)

    return batch


def test_one_failure_stops_no_other_and_only_a_death_is_tried_again(make, place):
    told = []
    made = make(
        "{notebook: failing, name: well, out: out/w}",
        "{notebook: failing, name: raises, out: out/report, parameters: {how: raise}}",
        "{notebook: failing, name: dies, out: out/d, parameters: {how: die}}",
        "{notebook: failing, name: dies once, out: out/o, parameters: {how: die once}}",
        finished=told.append,
    )
    assert [(one.name, one.outcome, one.attempts) for one in made] == [
        ("well", "made", 1),
        ("raises", "failed", 1),
        ("dies", "failed", 2),
        ("dies once", "made", 2),
    ]
    assert sorted(one.name for one in told) == ["dies", "dies once", "raises", "well"]
    assert "KeyError: 'missing key'" in made[1].failure
    assert "out of memory, or killed from outside" in made[2].failure
    whole(place / "out" / "report")
    said = json.loads((place / "out" / "batch.json").read_text())
    assert said["counts"] == {"made": 2, "unchanged": 0, "failed": 2, "not run": 0}
    assert [(one["name"], one["folder"]) for one in said["reports"]][1] == ("raises", "report")
    assert said["reports"][1]["failure"] == made[1].failure
    page = (place / "out" / "index.html").read_text()
    assert page.index("KeyError: &#x27;missing key&#x27;") < page.index("All reports")
    # Of the one that failed, the report of the earlier run and the half-run notebook.
    assert 'href="report/report.html"' in page and 'href="report.failed/notebook.ipynb"' in page
    assert 'href="w/report.html"' in page and 'href="d/report.html"' not in page


def test_a_runner_that_is_killed_leaves_no_half_report_and_no_kernel(make, place, warm):
    """Not the kernel but the process around it, which can say nothing any more."""
    if not warm:
        pytest.skip("processes are cold here: the kernel and its runner have no parent in common")
    before = whole(Path("out/report"))
    killed = []

    def kill() -> None:
        limit = time.monotonic() + 30
        while not (place / "waiting").exists() and time.monotonic() < limit:
            time.sleep(0.05)
        kernel = int((place / "waiting").read_text())
        parent = psutil.Process(kernel).ppid()
        # Other tests have processes of this parent too, in folders of their own.
        running = [
            process
            for process in psutil.process_iter(["ppid", "cwd"])
            if process.info["ppid"] == parent and process.info["cwd"] == str(place)
        ]
        (runner,) = (process for process in running if process.pid != kernel)
        killed.append(psutil.Process(kernel))
        runner.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    entry = "{notebook: failing, out: out/report, retries: 0, parameters: {how: never end}}"
    (made,) = make(entry)
    thread.join()
    assert (made.outcome, made.attempts) == ("failed", 1)
    assert made.failure.startswith("The process that made the report died")
    assert whole(Path("out/report")) == before
    assert [path.name for path in Path("out").glob(".*")] == []
    assert psutil.wait_procs(killed, timeout=10)[1] == []


def test_resume_makes_what_is_missing_changed_or_broken_and_nothing_else(make, place):
    (place / "deals.csv").write_text("id\n1\n")
    entries = [
        f"{{notebook: failing, name: {name}, out: out/{name}, parameters: {{source: {source}}}}}"
        for name, source in (("a", "deals.csv"), ("b", "text"), ("c", "text"), ("d", "''"))
    ]

    def outcomes(*entries) -> list[str]:
        return [one.outcome for one in make(*entries, resume=True)]

    assert outcomes(*entries) == ["made"] * 4
    stamps = [(place / "out" / name / "timing.json").read_bytes() for name in "abcd"]
    assert outcomes(*entries) == ["unchanged"] * 4
    (place / "deals.csv").write_text("id\n2\n")
    (place / "out" / "b" / "report.html").write_text("edited")
    (place / "out" / "c" / "run.json").unlink()
    (place / "out" / "c" / "report.html").unlink()
    shutil.rmtree(place / "out" / "c")
    assert outcomes(*entries) == ["made", "made", "made", "unchanged"]
    other = entries[3].replace("source: ''", "source: other")
    assert outcomes(*entries[:3], other) == ["unchanged"] * 3 + ["made"]
    write_notebook(place / "notebooks" / "failing.ipynb", [*CELLS, ("code", "1", [])])
    reasons = {one.reason for one in make(*entries[:3], other, resume=True, dry_run=True)}
    assert reasons == {"the notebook or this package has changed"}
    assert (place / "out" / "d" / "timing.json").read_bytes() != stamps[3]


def test_a_database_on_a_server_is_read_again(make, place):
    entry = "{notebook: failing, name: a, out: out/a, parameters: {source: 'postgres://h/d'}}"
    assert [one.outcome for one in make(entry)] == ["made"]
    (made,) = make(entry, resume=True, dry_run=True)
    assert made.reason == "nobody can tell whether a database has changed"


def test_what_was_not_asked_for_stays_on_the_page(make, place):
    entries = [f"{{notebook: failing, name: {name}, out: out/{name}}}" for name in "ab"]
    make(*entries)
    (made,) = make(*entries, only=["b"])
    assert made.name == "b"
    page = (place / "out" / "index.html").read_text()
    assert 'href="a/report.html"' in page and "2 of 2 reports are here." in page


# --- stopped -----------------------------------------------------------------------------------


def below(process: int) -> list[psutil.Process]:
    return psutil.Process(process).children(recursive=True)


@pytest.mark.gate
@pytest.mark.parametrize(
    ("stop", "code", "how"), [(signal.SIGTERM, 143, ["--cold"]), (signal.SIGKILL, -9, [])]
)
def test_a_batch_that_is_stopped_leaves_whole_reports_and_no_process(place, stop, code, how):
    before = whole(Path("out/report"))
    file = listed(
        place,
        "{notebook: failing, name: well, out: out/a}",
        "{notebook: failing, name: endless, out: out/report, parameters: {how: never end}}",
        "{notebook: failing, name: later, out: out/b}",
    )
    command = [sys.executable, "-m", "salesanalysis", "batch", file, "--workers", "1"]
    process = subprocess.Popen(
        [*command, *how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place)},
    )
    limit = time.monotonic() + 60
    while not (place / "waiting").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    running = below(process.pid)
    assert len(running) >= 2
    process.send_signal(stop)
    out, said = process.communicate(timeout=60)
    assert process.returncode == code
    _, alive = psutil.wait_procs(running, timeout=20)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert out.splitlines() == [f"well: {os.path.join('out', 'a', 'report.html')}"]
    whole(place / "out" / "a")
    assert whole(place / "out" / "report") == before
    assert not (place / "out" / "b").exists()
    if stop != signal.SIGKILL:
        assert "interrupted" in said and "Traceback" not in said
        assert sorted(path.name for path in (place / "out").glob(".*")) == []
        outcomes = json.loads((place / "out" / "batch.json").read_text())["reports"]
        assert [one["outcome"] for one in outcomes] == ["made", "not run", "not run"]
        assert not [path.name for path in place.iterdir() if path.name.startswith("sa-")]


def test_tasks_go_to_a_process_and_come_out_the_same(place):
    from salesanalysis.reports.batches import child

    (task,) = plan.prepare(listed(place, "{notebook: failing, lang: zh}")).tasks
    line = child.as_line(task.job, task.limits, "address")
    assert child._task(line.decode()) == (task.job, task.limits, "address")
