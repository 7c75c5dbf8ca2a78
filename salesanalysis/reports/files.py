"""The files of a finished run: notebook, page, ``run.json``, ``timing.json``."""

import json
import shutil
from pathlib import Path

from salesanalysis.formats import PAGE
from salesanalysis.reports import executed, export, folders, provenance, told_blocks
from salesanalysis.reports.told_blocks import MANIFEST_FILE, REQUEST_FILE, nothing_told


def take_manifest(partial: Path) -> dict:
    """What the notebook's `Report` told; the files that only the runner needs go."""
    (partial / REQUEST_FILE).unlink()
    manifest = partial / MANIFEST_FILE
    told = nothing_told()
    if manifest.exists():
        told |= json.loads(manifest.read_text(encoding="utf-8"))
        manifest.unlink()
    return told


def cell_times(notebook) -> list[dict]:
    """The seconds each cell took; only ``timing.json`` may hold them."""
    return [
        {"cell": number, "seconds": cell.metadata.papermill.duration}
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
    ]


def record(job, asked: dict, told: dict, notebook) -> dict:
    """What ``run.json`` says, apart from the files' fingerprints."""
    return {
        **asked,
        **told,
        "name": job.name,
        "lang": job.lang,
        "beside": [list(link) for link in job.beside],
        "outcome": "complete",
        "messages": executed.warnings_of(notebook),
        "versions": provenance.versions(),
    }


def write_outputs(partial: Path, notebook, facts: dict, template: Path | None) -> None:
    """Write the notebook, the page and the other formats, and ``run.json`` into the folder."""
    executed.normalise(notebook)
    write_notebook(partial / "notebook.ipynb", notebook)
    # The page is the notebook itself: the blocks, and pandas to read them, are for the others.
    blocks = told_blocks.read(partial) if set(facts["formats"]) != {PAGE} else []
    made = export.Material(partial, notebook, facts, blocks, template)
    for name in facts["formats"]:
        export.module(name).write(made)
    shutil.rmtree(partial / told_blocks.FOLDER, ignore_errors=True)
    write_json(partial / folders.RUN_FILE, {**facts, "files": folders.fingerprints(partial)})


def write_notebook(path: Path, notebook) -> None:
    """Write a notebook as JSON that is the same for the same notebook."""
    import nbformat

    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def write_json(path: Path, content) -> None:
    """Write JSON that is the same for the same content."""
    path.write_text(as_json(content), encoding="utf-8", newline="\n")


def as_json(content) -> str:
    """JSON that is the same for the same content."""
    shown = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    return shown + "\n"
