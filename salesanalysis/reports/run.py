"""Run one notebook into one folder: checked before, whole or not at all afterwards."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.formats import FORMATS, PAGE
from salesanalysis.reports import files, folders, made_from, provenance
from salesanalysis.reports.compute import Progress, ReportFailed, compute
from salesanalysis.reports.guard import NO_LIMITS, Limits
from salesanalysis.reports.job import Job, prepare
from salesanalysis.reports.told_blocks import REQUEST_FILE

__all__ = ["ReportFailed", "Run", "execute", "made_run", "run"]


@dataclass(frozen=True, eq=False)
class Run:
    """A report that was made.

    Attributes
    ----------
    name : str
        The notebook's name.
    folder : Path
        Where the report lies: its page, ``notebook.ipynb``, ``tables/``, ``figures/``,
        ``run.json``, ``timing.json``.
    outcome : str
        ``complete``; a report that is not raises :class:`ReportFailed` instead.
    headlines, warnings : list of str
        The findings and the caveats, in the reader's language.
    key_figures : list of dict
        Its key figures, the main ones first: ``name, label, value, low, high, unit``.
    """

    name: str
    folder: Path
    outcome: str
    headlines: list[str]
    warnings: list[str]
    key_figures: list[dict[str, Any]]

    @property
    def page(self) -> Path:
        """The report itself."""
        return self.folder / FORMATS[PAGE].file


def run(
    notebook: str | Path,
    *,
    parameters: dict[str, Any] | None = None,
    out: str | Path | None = None,
    lang: str | None = None,
    progress: Progress | None = None,
    cell_timeout: float | None = None,
    time_limit: float | None = None,
    memory_limit_mb: float | None = None,
    formats: Sequence[str] = (),
    template: str | Path | None = None,
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
        One of :data:`salesanalysis.text.LANGUAGES`: the notebook's parameter ``lang``.
    progress : callable, optional
        Called before each cell with its number, how many there are, and its heading or tag.
    cell_timeout : float, optional
        Seconds after which a cell is given up; by default never.
    time_limit : float, optional
        Seconds after which the whole notebook is given up; by default never.
    memory_limit_mb : float, optional
        How much memory the notebook's process may use; by default all there is.
    formats : sequence of str
        What to write besides the page, of :data:`salesanalysis.formats.FORMATS`.
    template : str or Path, optional
        A PowerPoint file (.pptx) of your own: ``pptx`` is written too, in its layouts, fonts,
        colours and size. The slides in it are left out.

    Returns
    -------
    Run
        Folder, headlines, warnings and key figures.

    Raises
    ------
    ReportFailed
        A cell raised, took too long or too much memory, put out too much, or its process died.
    SalesAnalysisError
        The notebook, a parameter or the folder is not what it must be, or another process is
        making the same report; nothing was run.
    """
    job = prepare(
        notebook, parameters=parameters, out=out, lang=lang, formats=formats, template=template
    )
    limits = Limits(seconds=time_limit, cell_seconds=cell_timeout, memory_mb=memory_limit_mb)
    return execute(job, progress=progress, limits=limits)


def execute(
    job: Job,
    *,
    progress: Progress | None = None,
    limits: Limits = NO_LIMITS,
    warm: str = "",
    stop: threading.Event | None = None,
) -> Run:
    """Make a report that has been checked; see :func:`run` and, for the rest, :func:`compute`."""
    started = time.perf_counter()
    asked = {
        "notebook": provenance.portable(str(job.notebook)),
        "parameters": provenance.portable_value(job.parameters),
        "commit": provenance.commit(job.notebook),
        "formats": list(job.formats),
    }
    origin = made_from.made_from(job)
    with folders.reserved(job.out):
        folders.recover(job.out)
        partial = folders.make_partial(job.out)
        try:
            # Not sorted: the report lists the parameters in the notebook's order.
            (partial / REQUEST_FILE).write_text(json.dumps(asked), encoding="utf-8")
            notebook = compute(job, partial, progress=progress, limits=limits, warm=warm, stop=stop)
            _require_same(origin["inputs"], made_from.made_from(job)["inputs"])
            told = files.take_manifest(partial)
            timing = {
                "started": notebook.metadata.papermill.start_time,
                "cells": files.cell_times(notebook),
            }
            record = files.record(job, asked, told, notebook) | {"made_from": origin}
            files.write_outputs(partial, notebook, record, job.template)
            timing["seconds"] = round(time.perf_counter() - started, 3)
            files.write_json(partial / folders.TIMING_FILE, timing)
            folders.move_into_place(partial, job.out)
        finally:
            if partial.exists():
                folders.remove(partial)
        folders.forget_failure(job.out)
    return made_run(job.out)


def _require_same(before: dict, after: dict) -> None:
    """Refuse a report of which nobody can say which state of its inputs it shows."""
    changed = [name for name, content in before.items() if after.get(name) != content]
    if changed:
        named = ", ".join(f"`{name}`" for name in changed)
        raise SalesAnalysisError(
            f"What parameter {named} names was changed or deleted while the report was computed."
            " Make it again when nobody writes to it."
        )


def made_run(folder: Path) -> Run:
    """The run that lies in a folder, by its ``run.json``."""
    record = json.loads((folder / folders.RUN_FILE).read_text(encoding="utf-8"))
    return Run(
        name=record["name"],
        folder=folder,
        outcome=record["outcome"],
        headlines=[headline["text"] for headline in record["headlines"]],
        warnings=[warning["text"] for warning in record["warnings"]],
        key_figures=record["key_figures"],
    )
