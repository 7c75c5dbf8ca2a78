"""The output folder of a run: whose it is, and how a new one takes the place of an old one.

A report is built in ``.<name>.partial`` beside its place and moved there when whole. The old one
steps aside as ``.<name>.previous`` for the moment of the change: a crash in between leaves one of
the two whole, and :func:`recover` puts it back. Whoever does any of this holds ``.<name>.lock``.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import locks

#: Its presence makes a folder a report's, so that a new report may replace it.
RUN_FILE = "run.json"

#: The only file that the clock may reach; not part of the comparison of two runs.
TIMING_FILE = "timing.json"

#: What file browsers and Jupyter leave behind, of no worth to anybody.
_DROPPINGS = (".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")


def require_ours(out: Path, notebook: Path) -> None:
    """Refuse an output folder that is not a report's, or holds what no report made.

    Raises
    ------
    SalesAnalysisError
        ``out`` is a file, the working directory or a folder around it, lies in the folder of the
        notebook or around it, or exists with anything in it that a run did not write.
    """
    sources = notebook.resolve().parent
    # Notebooks may lie in the working directory itself, where every relative folder lies within.
    within = out.is_relative_to(sources) and sources != Path.cwd()
    if within or sources.is_relative_to(out) or Path.cwd().is_relative_to(out):
        raise SalesAnalysisError(
            f"`out` is `{out}`, which is the working directory or holds the notebooks;"
            " give a folder of its own, such as out/funnel."
        )
    if not out.exists():
        _require_writable(out)
        return
    if not out.is_dir():
        raise SalesAnalysisError(f"`out` is `{out}`, which is a file; give a folder.")
    known = _written(out)
    strange = [name for name in _files(out) if name not in known]
    if strange:
        shown = ", ".join(f"`{name}`" for name in strange[:3])
        raise SalesAnalysisError(
            f"`out` is `{out}`, which holds {len(strange)} file(s) that no report wrote: {shown}."
            " Nothing was deleted; move them away or give another folder."
        )


def _require_writable(out: Path) -> None:
    """Refuse a folder that cannot be made where it should be."""
    around = next(folder for folder in out.parents if folder.exists())
    if not around.is_dir():
        raise SalesAnalysisError(f"`out` is `{out}`, but `{around}` is a file; give a folder.")
    if not os.access(around, os.W_OK):
        raise SalesAnalysisError(f"`out` is `{out}`, but `{around}` cannot be written to.")


def _written(out: Path) -> set[str]:
    """The files that the report in this folder is made of; none where there is no report."""
    try:
        run = json.loads((out / RUN_FILE).read_text(encoding="utf-8"))
        return {*run["files"], RUN_FILE, TIMING_FILE}
    except (FileNotFoundError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        return set()


def _files(folder: Path) -> list[str]:
    """The files in a folder and below, by their path in it, without file browsers' droppings."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and not set(path.relative_to(folder).parts) & set(_DROPPINGS)
    )


def fingerprints(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder and below."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _files(folder)
    }


@contextlib.contextmanager
def reserved(out: Path) -> Iterator[None]:
    """Keep every other process from making the same report for the time of the block."""
    refusal = (
        f"`out` is `{as_typed(out)}`, where process {{process}} is making a report; wait for it, or"
        " give another folder."
    )
    with locks.held(out.parent / f".{out.name}.lock", refusal):
        yield


def recover(out: Path) -> None:
    """Tidy up after a run that was killed: put back what stepped aside, drop what is half made."""
    previous, partial = _previous(out), _partial(out)
    if previous.exists():
        if out.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(out)
    if partial.exists():
        shutil.rmtree(partial)


def remove(folder: Path) -> None:
    """Remove a folder that this run made."""
    shutil.rmtree(folder)


def make_partial(out: Path) -> Path:
    """The empty folder in which a report is built."""
    partial = _partial(out)
    partial.mkdir(parents=True)
    return partial


def move_into_place(partial: Path, out: Path) -> None:
    """Put a whole report in the place of the previous one."""
    previous = _previous(out)
    with _uninterrupted():
        if out.exists():
            out.rename(previous)
        try:
            partial.rename(out)
        except OSError:
            if previous.exists():
                previous.rename(out)
            raise
    if previous.exists():
        shutil.rmtree(previous)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait for the end of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python interrupts its main thread only
        return
    came = []
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda number, _: came.append(number)) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        for number in came:
            signal.raise_signal(number)


def _partial(out: Path) -> Path:
    return out.parent / f".{out.name}.partial"


def _previous(out: Path) -> Path:
    return out.parent / f".{out.name}.previous"


def failed(out: Path) -> Path:
    """The folder beside a report that keeps the notebook of a failed run."""
    return out.parent / f"{out.name}.failed"


def mark_failed(out: Path) -> None:
    """Leave a mark beside a report that stands there from before a run that failed."""
    if out.is_dir():
        failed(out).mkdir(exist_ok=True)


def forget_failure(out: Path) -> None:
    """Remove the notebook of an earlier failed run, and its folder if nothing else is in it."""
    (failed(out) / "notebook.ipynb").unlink(missing_ok=True)
    if failed(out).is_dir() and not any(failed(out).iterdir()):
        failed(out).rmdir()


def as_typed(path: Path) -> str:
    """A path as short as it can be typed in the working directory."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
