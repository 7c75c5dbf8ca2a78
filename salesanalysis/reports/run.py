"""Run one notebook into one folder: checked before, whole or not at all afterwards."""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.reports import executed, files, folders, provenance
from salesanalysis.reports import parameters as params
from salesanalysis.reports.report import OUT, REQUEST_FILE
from salesanalysis.text import require_language

#: Where notebooks lie that are called by name, relative to the working directory.
NOTEBOOKS = Path("notebooks")

#: Called before each cell with its number, how many there are, and its heading or tag.
Progress = Callable[[int, int, str], None]


class ReportFailed(SalesAnalysisError):
    """A report could not be computed: which cell and why, in two lines.

    Attributes
    ----------
    notebook : Path or None
        The half-run notebook, kept for inspection; None if the kernel did not start.
    """

    def __init__(self, message: str, notebook: Path | None = None):
        super().__init__(message)
        self.notebook = notebook


@dataclass(frozen=True)
class Request:
    """One report to make, everything about it checked: what :func:`prepare` returns."""

    name: str
    notebook: Path
    given: dict
    parameters: dict
    lang: str
    out: Path


@dataclass(frozen=True, eq=False)
class Run:
    """A report that was made.

    Attributes
    ----------
    name : str
        The notebook's name.
    folder : Path
        Where the report lies: ``report.html``, ``notebook.ipynb``, ``tables/``, ``figures/``,
        ``run.json``, ``timing.json``.
    outcome : str
        ``complete``; a report that is not raises :class:`ReportFailed` instead.
    headlines, warnings : list of str
        The findings and the caveats, in the reader's language.
    results : dict
        The named raw numbers, to compare with another run.
    """

    name: str
    folder: Path
    outcome: str
    headlines: list[str]
    warnings: list[str]
    results: dict

    @property
    def page(self) -> Path:
        """The report itself."""
        return self.folder / "report.html"


def run(
    notebook,
    *,
    parameters: dict | None = None,
    out=None,
    lang: str | None = None,
    progress: Progress | None = None,
    cell_timeout: float | None = None,
) -> Run:
    """Run a notebook and put its report into a folder.

    The notebook and all relative paths, those in parameters too, are relative to the working
    directory. The report is built beside ``out`` and moved there when it is whole, so that a run
    that fails leaves the previous report as it is. Two runs of the same input, parameters and
    versions write the same bytes, except in ``timing.json``.

    Parameters
    ----------
    notebook : str or Path
        A name, ``funnel`` for ``notebooks/funnel.ipynb``, or a path.
    parameters : dict, optional
        Parameters by name, of the types that the notebook declares.
    out : str or Path, optional
        The report's folder; by default ``out/<name>/<lang>``. One that exists must be a report's.
    lang : str, optional
        ``en`` or ``zh``: the notebook's parameter ``lang``.
    progress : callable, optional
        Called before each cell with its number, how many there are, and its heading or tag.
    cell_timeout : float, optional
        Seconds after which a cell is given up; by default never.

    Returns
    -------
    Run
        Folder, headlines, warnings and results.

    Raises
    ------
    ReportFailed
        A cell raised, took too long, or its process died.
    SalesAnalysisError
        The notebook, a parameter or the folder is not what it must be; nothing was run.
    """
    request = prepare(notebook, parameters=parameters, out=out, lang=lang)
    return execute(request, progress=progress, cell_timeout=cell_timeout)


def find_notebook(notebook) -> Path:
    """The notebook of that name or path, relative to the working directory."""
    path = Path(notebook)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    named = NOTEBOOKS / f"{notebook}.ipynb"
    if path.suffix != ".ipynb" and named.is_file():
        return named
    known = [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    close = nearest(path.stem, known)
    raise SalesAnalysisError(
        f"`notebook` is `{notebook}`: there is no such file, nor `{named}`."
        + (f" Did you mean `{close[0]}`?" if close else "")
        + f" Notebooks here: {', '.join(known) or 'none'}."
    )


def prepare(
    notebook, *, parameters: dict | None = None, out=None, lang: str | None = None
) -> Request:
    """Check everything about a report that can be checked without running it.

    Takes what :func:`run` takes; raises a SalesAnalysisError at the first fault.
    """
    path = find_notebook(notebook)
    known = params.declared(path)
    given = dict(parameters or {})
    if lang is not None:
        if given.get("lang", lang) != lang:
            raise SalesAnalysisError(
                f"`lang` is {lang!r}, but parameter `lang` is {given['lang']!r}; give one of them."
            )
        given["lang"] = lang
    params.require_known(given, known, path)
    by_name = {parameter.name: parameter for parameter in known}
    given = {name: params.check(value, by_name[name]) for name, value in given.items()}
    values = {parameter.name: given.get(parameter.name, parameter.default) for parameter in known}
    chosen = require_language(values.get("lang", "en"))
    folder = Path(out if out is not None else Path("out") / path.stem / chosen).resolve()
    folders.require_ours(folder, path)
    return Request(path.stem, path, given, values, chosen, folder)


def execute(
    request: Request, *, progress: Progress | None = None, cell_timeout: float | None = None
) -> Run:
    """Make a report that :func:`prepare` has checked; see :func:`run`."""
    started = time.perf_counter()
    asked = {
        "notebook": provenance.portable(str(request.notebook)),
        "parameters": provenance.portable_value(request.parameters),
        "commit": provenance.commit(request.notebook),
    }
    folders.recover(request.out)
    partial = folders.make_partial(request.out)
    try:
        # Not sorted: the report lists the parameters in the notebook's order.
        (partial / REQUEST_FILE).write_text(json.dumps(asked), encoding="utf-8")
        notebook = _compute(request, partial, progress, cell_timeout)
        told = files.take_manifest(partial)
        timing = {
            "started": notebook.metadata.papermill.start_time,
            "cells": files.cell_times(notebook),
        }
        record = files.record(request, asked, told, notebook)
        files.write_outputs(partial, notebook, record)
        timing["seconds"] = round(time.perf_counter() - started, 3)
        files.write_json(partial / folders.TIMING_FILE, timing)
        folders.move_into_place(partial, request.out)
    finally:
        if partial.exists():
            folders.remove(partial)
    folders.forget_failure(request.out)
    return Run(
        name=request.name,
        folder=request.out,
        outcome=record["outcome"],
        headlines=[headline["text"] for headline in record["headlines"]],
        warnings=[warning["text"] for warning in record["warnings"]],
        results=record["results"],
    )


# --- computing ---------------------------------------------------------------------------------


class _Watch:
    """What papermill's client reports while it runs: the notebook, and the cell it is at."""

    def __init__(self, request: Request, progress: Progress | None):
        self.notebook = None
        self.number = 0
        self._injected = bool(request.given)
        self._cells = params.read_cells(request.notebook)
        self._progress = progress

    def notebook_started(self, notebook) -> None:
        self.notebook = notebook

    def cell_started(self, cell, cell_index: int) -> None:
        self.number = self._own_number(cell_index)
        if self._progress and cell.cell_type == "code":
            self._progress(self.number, len(self._cells), self.label())

    def _own_number(self, index: int) -> int:
        """The cell's number, from 1, in the notebook as its author knows it."""
        # papermill puts a cell of its own behind the one tagged `parameters`.
        tagged = [i for i, cell in enumerate(self._cells) if "parameters" in cell["tags"]]
        behind = self._injected and bool(tagged) and index > tagged[0]
        return index if behind else index + 1

    def label(self) -> str:
        """The heading over the present cell, else its tag, else nothing."""
        for cell in reversed(self._cells[: self.number]):
            headings = [line for line in cell["source"].splitlines() if line.startswith("#")]
            if cell["type"] == "markdown" and headings:
                return headings[0].lstrip("# ").strip()
        return self.tag()

    def tag(self) -> str:
        tags = self._cells[self.number - 1]["tags"] if self.number else []
        return tags[0] if tags else ""


def _compute(request: Request, partial: Path, progress, cell_timeout: float | None):
    """The executed notebook; where it cannot be, the half-run one is kept and the error raised."""
    papermill = _papermill()
    from salesanalysis.reports.kernel import LOG_FILE, kernel_manager_class

    _require_papermill_agrees(request)
    watch = _Watch(request, progress)
    with tempfile.TemporaryDirectory(prefix="sa-") as scratch:
        try:
            notebook = papermill.execute_notebook(
                _literal_path(request.notebook),
                None,
                parameters=request.given,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=cell_timeout,
                kernel_manager_class=kernel_manager_class(Path(scratch), {OUT: str(partial)}),
                on_notebook_start=watch.notebook_started,
                on_cell_start=watch.cell_started,
                # Without these, the pieces a stream arrives in differ from run to run, and a cell
                # that may raise leaves a traceback in a report that counts as whole.
                coalesce_streams=True,
                force_raise_errors=True,
            )
            _require_all_ran(notebook)
        except KeyboardInterrupt:
            _keep_half_run(watch.notebook, request.out)
            raise
        except Exception as fault:
            kept = _keep_half_run(watch.notebook, request.out)
            message = _failure(request, watch, fault, kept)
            if watch.number == 0:
                message += _last_line(Path(scratch) / LOG_FILE)
            raise ReportFailed(message, kept) from fault
    return notebook


def _papermill():
    """papermill, without the second and a half that its import spends on what is not used.

    jsonschema compiles a grammar of URLs (rfc3987_syntax; jsonschema issue 1428) wherever
    JupyterLab is installed, and papermill loads pyarrow to read notebooks from Hadoop. Both do
    without where the import fails, so it fails here, for the time of this import only.
    """
    unused = [name for name in ("rfc3987_syntax", "pyarrow") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(unused))
    try:
        import papermill
    finally:
        for name in unused:
            del sys.modules[name]
    # Whatever it logs as an error it also raises, and our message says it in the user's words.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    return papermill


def _literal_path(path: Path) -> str:
    """A path for papermill, which takes braces in paths for places to put parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _require_papermill_agrees(request: Request) -> None:
    """Refuse a declared parameter that papermill's own reading of the cell drops."""
    from papermill.translators import papermill_translators

    # What `papermill.inspect_notebook` does, which needs a kernel's name in the notebook besides.
    translator = papermill_translators.find_translator("python3", "python")
    for cell in params.read_cells(request.notebook):
        if "parameters" not in cell["tags"]:
            continue
        seen = [parameter.name for parameter in translator.inspect(cell)]
        for parameter in params.declared(request.notebook):
            if parameter.name not in seen:
                raise SalesAnalysisError(
                    f"Parameter `{parameter.name}` of `{request.notebook}`, line {parameter.line}"
                    " of its cell, is dropped by papermill: a second `=` in the line, in the value"
                    " or in the comment, hides it. Write the line without."
                )


def _require_all_ran(notebook) -> None:
    """`sys.exit()` in a cell ends the run, yet papermill takes it for success."""
    for cell in notebook.cells:
        skipped = "skip-execution" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and cell.source.strip() and not skipped:
            stopped = any(output.output_type == "error" for output in cell.outputs)
            if stopped or cell.execution_count is None:
                raise SalesAnalysisError("The cell ended the run (SystemExit) before its end.")


def _keep_half_run(notebook, out: Path) -> Path | None:
    """Keep the notebook of a failed run beside the report's folder."""
    if notebook is None:
        return None
    notebook.cells = [
        cell
        for cell in notebook.cells
        if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    executed.normalise(notebook)
    kept = folders.failed(out) / "notebook.ipynb"
    kept.parent.mkdir(parents=True, exist_ok=True)
    files.write_notebook(kept, notebook)
    return kept


def _failure(request: Request, watch: _Watch, fault: Exception, kept: Path | None) -> str:
    """Two lines: which cell, and why."""
    where = "before its first cell"
    if watch.number:
        names = [f"`{watch.tag()}`"] if watch.tag() else []
        if watch.label() not in ("", watch.tag()):
            names.append(f'"{watch.label()}"')
        where = f"in cell {watch.number}" + (f" ({', '.join(names)})" if names else "")
    look = f"; half-run notebook: {folders.as_typed(kept)}" if kept else ""
    return f"`{request.notebook}` failed {where}{look}\n{_reason(fault)}"


def _reason(fault: Exception) -> str:
    """Why a cell failed, in one line; an error of this package in its own words, whole."""
    name, message = type(fault).__name__, str(fault)
    if hasattr(fault, "ename"):  # papermill's error holds the name and message of the cell's
        name, message = fault.ename, fault.evalue
    if name in ("SalesAnalysisError", "ReportFailed"):
        return provenance.mask_secrets(message)
    if name == "DeadKernelError":
        return "The Python process that computed it died: out of memory, or killed from outside."
    if name == "CellTimeoutError":
        return "CellTimeoutError: the cell took longer than the time limit for one cell."
    first, *more = message.strip().splitlines() or [""]
    return provenance.mask_secrets(f"{name}: {first}" + (" …" if more else ""))


def _last_line(log: Path) -> str:
    """The last words of a process that did not start, for the end of a message."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    said = [line.strip() for line in lines if line.strip()]
    return f" ({said[-1]})" if said else ""
