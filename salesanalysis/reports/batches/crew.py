"""Processes that make the reports of a batch side by side, and that can be stopped."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.masking import mask_secrets
from salesanalysis.reports import folders, nursery
from salesanalysis.reports.batches.child import as_line
from salesanalysis.reports.batches.order import Waiting
from salesanalysis.reports.batches.outcome import FAILED, MADE, NOT_RUN, Made
from salesanalysis.reports.batches.plan import Task
from salesanalysis.sources.shared import FOLDER as INPUTS

#: How much longer than its time limit a report may take to be written down, in seconds.
_GRACE_SECONDS = 120

#: Its process ended before it could say anything.
_DIED = "The process that made the report died: out of memory, or killed from outside."


class Crew:
    """Makes reports, each in a process of its own, until it is stopped.

    Parameters
    ----------
    folder : Path
        A short path for sockets and temporary files; whoever made it removes it.
    warm : bool
        Whether the processes may be forked from one that has the libraries.
    working_directory : str, optional
        Where the processes work; by default where this one does.
    """

    def __init__(self, folder: Path, *, warm: bool, working_directory: str | None = None):
        self._folder = folder
        self._working_directory = working_directory
        self._inputs = folder / "inputs"
        self._inputs.mkdir()
        self._nursery = nursery.Nursery(folder, wanted=warm)
        self._running: set[subprocess.Popen] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def __enter__(self):
        self._nursery.__enter__()
        return self

    def __exit__(self, *_):
        self.stop()
        self._nursery.__exit__()

    def stop(self) -> None:
        """End what is running, in order: each report is whole or as it was before."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _close(process)

    def make(self, task: Task, progress: Callable | None = None) -> Made:
        """One report; it is tried again only where its kernel died."""
        started = time.monotonic()
        attempts, again = 0, True
        while again:
            with self._lock:
                if self._stopped:
                    return Made(task.name, task.job, NOT_RUN)
            last = self._attempt(task, progress)
            attempts += 1
            again = last.get("died", False) and attempts <= task.retries
        outcome = MADE if "made" in last else NOT_RUN if self._stopped else FAILED
        if outcome == FAILED:
            folders.mark_failed(task.job.out)
        return Made(
            task.name,
            task.job,
            outcome,
            failure=mask_secrets(last["failed"]) if outcome == FAILED else "",
            attempts=attempts,
            seconds=round(time.monotonic() - started, 3),
        )

    def _attempt(self, task: Task, progress: Callable | None) -> dict:
        """What the process said at last."""
        self._nursery.revive()
        command = nursery.command(self._nursery.address, "salesanalysis.reports.batches.child")
        with tempfile.TemporaryFile(dir=self._folder) as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._working_directory,
                # What it has no time to remove goes with the temporary files of the batch.
                env={**os.environ, "TMPDIR": str(self._folder), INPUTS: str(self._inputs)},
                # Ctrl-C is for the batch, which ends its reports in order.
                start_new_session=os.name == "posix",
            )
            with self._lock:
                self._running.add(process)
                if self._stopped:
                    _close(process)
                else:
                    _send(process, as_line(task.job, task.limits, self._nursery.address))
            try:
                with _killed_after(task.limits.seconds, process):
                    last = self._listen(process, task, progress)
            finally:
                with self._lock:
                    self._running.discard(process)
                    _close(process)
                process.stdout.close()
                process.wait()
            return last or self._without_a_word(task, log)

    def _listen(self, process, task: Task, progress: Callable | None) -> dict | None:
        """The last word of a process that tells what it does."""
        last = None
        for line in process.stdout:
            said = json.loads(line)
            if "step" not in said:
                last = said
            elif progress:
                progress(task.name, *said["step"])
        return last

    def _without_a_word(self, task: Task, log) -> dict:
        """A process that died: what it left is removed, its last line told."""
        try:
            with folders.reserved(task.job.out):
                folders.recover(task.job.out)
        except (SalesAnalysisError, OSError) as fault:
            return {"failed": f"{_DIED} {fault}", "died": True}
        log.seek(0)
        lines = log.read().decode("utf-8", "replace").splitlines()
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return {"failed": _DIED + (f" ({said})" if said else ""), "died": True}


@contextlib.contextmanager
def _killed_after(seconds: float | None, process: subprocess.Popen) -> Iterator[None]:
    """Kill a process that goes on long after its own limit, which is for the notebook only."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds + _GRACE_SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _send(process: subprocess.Popen, line: bytes) -> None:
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except BrokenPipeError:
        return  # it has died; `_listen` will hear nothing


def _close(process: subprocess.Popen) -> None:
    """End a process's input, by which it knows that it is not wanted any more."""
    try:
        process.stdin.close()
    except BrokenPipeError:
        return


def make_all(tasks: list[Task], crew: Crew, *, workers: int, progress=None, finished) -> None:
    """Make every report, ``workers`` at a time; ``finished`` hears of each that was run.

    Where something interrupts it, it waits until what runs has ended in order.
    """
    lock = threading.Lock()

    def one(task: Task) -> None:
        made = crew.make(task, heard if progress else None)
        if made.outcome != NOT_RUN:
            with lock:
                finished(made)

    def heard(*step) -> None:
        with lock:
            progress(*step)

    waiting = Waiting(tasks)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running = {}
        try:
            while True:
                running |= {pool.submit(one, task): task for task in waiting.ready()}
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    waiting.over(running.pop(future))
                    future.result()
        except BaseException:
            crew.stop()
            raise
