"""The notebook computed by a kernel: papermill, with what it lets pass turned into errors."""

import logging
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from salesanalysis.columns import TABLES
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import executed, files, folders, imports, kernel, nursery, provenance
from salesanalysis.reports import parameters as params
from salesanalysis.reports.guard import NO_LIMITS, Guard, Limits
from salesanalysis.reports.job import Job
from salesanalysis.reports.told_blocks import OUT

#: Called before each cell with its number, how many there are, and its heading or tag.
Progress = Callable[[int, int, str], None]


class ReportFailed(SalesAnalysisError):
    """A report could not be computed: which cell and why, in two lines.

    Attributes
    ----------
    notebook : Path or None
        The half-run notebook, kept for inspection; None if the kernel did not start.
    died : bool
        Whether the kernel died of itself or was killed from outside, which may not happen again.
    """

    def __init__(self, message: str, notebook: Path | None = None, *, died: bool = False):
        super().__init__(message)
        self.notebook = notebook
        self.died = died


class _Watch:
    """What papermill's client reports while it runs: the notebook, and the cell it is at."""

    def __init__(self, job: Job, progress: Progress | None):
        self.notebook = None
        self.number = 0
        self._injected = bool(job.given)
        self._cells = params.read_cells(job.notebook)
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


def compute(
    job: Job,
    partial: Path,
    *,
    progress: Progress | None = None,
    limits: Limits = NO_LIMITS,
    warm: str = "",
    stop: threading.Event | None = None,
):
    """The executed notebook; where it cannot be, the half-run one is kept and the error raised.

    Parameters
    ----------
    job : Job
        The report to make.
    partial : Path
        The folder that its notebook writes tables and figures into.
    progress : callable, optional
        Called before each cell.
    limits : Limits
        How long and how large it may become.
    warm : str
        The address of a nursery that forks the kernel; empty for a cold one.
    stop : threading.Event, optional
        Set from outside when the report is no longer wanted.
    """
    papermill = import_papermill()
    require_papermill_agrees(job)
    watch = _Watch(job, progress)
    command = nursery.command(warm, "salesanalysis.reports.kernel", "-f", "{connection_file}")
    settings = {OUT: str(partial), kernel.OUTPUT_MB: str(limits.output_mb)}
    with (
        tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as scratch,
        Guard(Path(scratch) / kernel.PROCESS_FILE, limits, stop) as guard,
    ):
        try:
            notebook = papermill.execute_notebook(
                _literal_path(job.notebook),
                None,
                parameters=job.given,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=limits.cell_seconds,
                kernel_manager_class=kernel.kernel_manager_class(Path(scratch), settings, command),
                on_notebook_start=watch.notebook_started,
                on_cell_start=watch.cell_started,
                # Else a cell that may raise leaves a traceback in a report that counts as whole.
                force_raise_errors=True,
                # All that counts is written by then; what is left goes with the scratch folder.
                shutdown_kernel="immediate",
            )
            _require_all_ran(notebook)
            executed.join_streams(notebook)
        except KeyboardInterrupt:
            _keep_half_run(watch.notebook, job.out)
            raise
        except Exception as fault:
            kept, lost = _keep_half_run(watch.notebook, job.out)
            reason = guard.reason or _with_files(job, _reason(fault))
            message = _failure(job, watch, reason, kept) + lost
            if watch.number == 0 and not guard.reason:
                message += _last_line(Path(scratch) / kernel.LOG_FILE)
            died = _is_death(fault) and not guard.reason
            raise ReportFailed(message, kept, died=died) from fault
    return notebook


def import_papermill():
    """papermill, without the second and a half that its import spends on what is not used.

    jsonschema compiles a grammar of URLs (rfc3987_syntax; jsonschema issue 1428) wherever
    JupyterLab is installed, and papermill loads pyarrow to read notebooks from Hadoop. Both do
    without where the import fails, so it fails here, for the time of this import only.
    """
    with imports.blocked("rfc3987_syntax", "pyarrow"):
        import papermill
    # Whatever it logs as an error it also raises, and our message says it in the user's words.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    return papermill


def _literal_path(path: Path) -> str:
    """A path for papermill, which takes braces in paths for places to put parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def require_papermill_agrees(job: Job) -> None:
    """Refuse a declared parameter that papermill's own reading of the cell drops."""
    from papermill.translators import papermill_translators

    # What `papermill.inspect_notebook` does, which needs a kernel's name in the notebook besides.
    translator = papermill_translators.find_translator("python3", "python")
    for cell in params.read_cells(job.notebook):
        if "parameters" not in cell["tags"]:
            continue
        seen = [parameter.name for parameter in translator.inspect(cell)]
        for parameter in params.declared(job.notebook):
            if parameter.name not in seen:
                raise SalesAnalysisError(
                    f"Parameter `{parameter.name}` of `{job.notebook}`, line {parameter.line}"
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


def _keep_half_run(notebook, out: Path) -> tuple[Path | None, str]:
    """Keep the notebook of a failed run beside the report's folder; what to say if it cannot be."""
    if notebook is None:
        return None, ""
    notebook.cells = [
        cell
        for cell in notebook.cells
        if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    executed.join_streams(notebook)
    executed.normalise(notebook)
    kept = folders.failed(out) / "notebook.ipynb"
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        files.write_notebook(kept, notebook)
    except OSError as fault:
        # The failure itself is what counts; on a full disk this is the next thing to fail.
        folders.forget_failure(out)
        return None, f" (The half-run notebook could not be kept: {fault.strerror}.)"
    return kept, ""


def _failure(job: Job, watch: _Watch, reason: str, kept: Path | None) -> str:
    """Two lines: which cell, and why."""
    where = "before its first cell"
    if watch.number:
        names = [f"`{watch.tag()}`"] if watch.tag() else []
        if watch.label() not in ("", watch.tag()):
            names.append(f'"{watch.label()}"')
        where = f"in cell {watch.number}" + (f" ({', '.join(names)})" if names else "")
    look = f"; half-run notebook: {folders.as_typed(kept)}" if kept else ""
    return f"`{job.notebook}` failed {where}{look}\n{reason}"


def _is_death(fault: Exception) -> bool:
    """Whether the kernel was gone; jupyter_client has words of its own for one that never came."""
    return type(fault).__name__ == "DeadKernelError" or "Kernel died" in str(fault)


def _reason(fault: Exception) -> str:
    """Why a cell failed, in one line; an error of this package in its own words, whole."""
    name, message = type(fault).__name__, str(fault)
    if hasattr(fault, "ename"):  # papermill's error holds the name and message of the cell's
        name, message = fault.ename, fault.evalue
    if name in ("SalesAnalysisError", "NothingToShow", "ReportFailed"):
        return provenance.mask_secrets(message)
    if _is_death(fault):
        return "The Python process that computed it died: out of memory, or killed from outside."
    if name == "CellTimeoutError":
        return "CellTimeoutError: the cell took longer than the time limit for one cell."
    first, *more = message.strip().splitlines() or [""]
    return provenance.mask_secrets(f"{name}: {first}" + (" …" if more else ""))


def _with_files(job: Job, reason: str) -> str:
    """The reason, and which file each table is that it names without its file."""
    files = [
        f"`{name}` is `{provenance.mask_secrets(value)}`"
        for name, value in job.parameters.items()
        if name in TABLES and value and f"`{name}`" in reason and str(value) not in reason
    ]
    return reason + (f" ({', '.join(files)})" if files else "")


def _last_line(log: Path) -> str:
    """The last words of a process that did not start, for the end of a message."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    said = [line.strip() for line in lines if line.strip()]
    return f" ({said[-1]})" if said else ""
