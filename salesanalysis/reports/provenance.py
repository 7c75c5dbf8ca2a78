"""What a report was made from: versions, commit, and names that do not betray the machine."""

import json
import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from salesanalysis import text
from salesanalysis.masking import SECRET, mask_secrets
from salesanalysis.reports.blocks import Block, Heading, Paragraph, Table

#: The packages whose version can change a number or a picture.
PACKAGES = (
    "salesanalysis",
    "numpy",
    "pandas",
    "scipy",
    "pyarrow",
    "ibis-framework",
    "duckdb",
    "python-calamine",
    "matplotlib",
    "papermill",
    "jinja2",
    "ipykernel",
)

_PACKAGE = Path(__file__).resolve().parents[1]

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.S | re.I)


def versions() -> dict[str, str]:
    """The versions of Python and of :data:`PACKAGES`; one that is missing is left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(notebook: Path) -> dict | None:
    """The git commit of the folder a notebook lies in: ``id``, and whether tracked files differ.

    ``None`` where there is no git or no repository, and for a notebook of an installed package.
    Files that git does not track do not count, since a report itself may be one, except the
    notebook.
    """
    folder = notebook.resolve().parent
    if folder.is_relative_to(_PACKAGE):
        return None  # installed: a repository around it, of the user's own, says nothing of it
    head = _git(folder, "rev-parse", "HEAD")
    if head is None:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    tracked = _git(folder, "ls-files", "--error-unmatch", notebook.name)
    return {"id": head, "uncommitted_changes": changes != "" or tracked is None}


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers, or ``None`` where it is not installed or refuses."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", folder, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def portable(source: str) -> str:
    """A path or URL as it may be shown to others.

    A path becomes relative to the working directory, or the bare file name where it lies outside;
    a URL loses its password.

    Examples
    --------
    >>> portable("data/sample/deals.csv"), portable("/home/ann/deals.csv")
    ('data/sample/deals.csv', 'deals.csv')
    >>> portable("duckdb:///home/ann/deals.duckdb")
    'duckdb://deals.duckdb'
    """
    url = _URL.fullmatch(source)
    if url and url[1].lower() in ("duckdb", "sqlite", "file"):
        return f"{url[1]}://{portable(url[2])}"
    if url:
        return mask_secrets(source)
    path = Path(os.path.normpath(Path.cwd() / source))
    inside = path.is_relative_to(Path.cwd())
    return mask_secrets(path.relative_to(Path.cwd()).as_posix() if inside else path.name)


def portable_value(value):
    """A parameter's value as others may see it: paths and URLs :func:`portable`, no passwords."""
    if isinstance(value, dict):
        return {
            key: "***" if re.search(SECRET, str(key), re.I) else portable_value(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [portable_value(item) for item in value]
    if isinstance(value, str) and (_URL.fullmatch(value) or _is_absolute_path(value)):
        return portable(value)
    return mask_secrets(value) if isinstance(value, str) else value


def _is_absolute_path(value: str) -> bool:
    """Whether a text is an absolute path: one part alone, such as ``/``, may be a label."""
    return Path(value).is_absolute() and len(Path(value).parts) > 2


def source_of(checked) -> dict:
    """What ``run.json`` says of one input."""
    faults = checked.faults.itertuples(index=False)
    return {
        "table": checked.table_name,
        "source": portable(str(checked.source)),
        "fingerprint": checked.fingerprint,
        "rows": int(checked.rows),
        "rows_used": int(checked.rows_used),
        "rows_set_aside": int(checked.rows_set_aside),
        "rows_left_out": int(checked.rows_left_out),
        "rows_not_kept": int(checked.rows_not_kept),
        "faults": [
            {
                "rule": fault.rule,
                "severity": fault.severity,
                "column": fault.column,
                "count": int(fault.count),
            }
            for fault in faults
        ],
    }


def page(sources: list[dict], request: dict, lang: str) -> list[Block]:
    """The page on what a report was made from.

    Parameters
    ----------
    sources : list of dict
        The inputs as ``run.json`` lists them.
    request : dict
        What the runner was asked for: ``notebook``, ``parameters``, ``commit``.
    lang : str
        The reader's language.
    """
    import pandas as pd

    def caption(key: str, **values) -> str:
        return text.sentence(f"report.provenance.{key}", lang, **values)

    levels = Paragraph(text.sentence("report.levels", lang))
    blocks: list[Block] = [Heading("provenance", caption("title"), folded=True), levels]
    if request["notebook"]:
        blocks.append(Paragraph(caption("notebook", notebook=request["notebook"])))
    if request["commit"]:
        changed = request["commit"]["uncommitted_changes"]
        key = "commit_changed" if changed else "commit"
        blocks.append(Paragraph(caption(key, commit=request["commit"]["id"])))
    else:
        blocks.append(Paragraph(caption("no_commit")))
    if sources:
        columns = ["table", "source", "rows", "rows_used", "rows_set_aside", "fingerprint"]
        blocks.append(Table(pd.DataFrame(sources)[columns], caption("inputs")))
    if request["parameters"]:
        shown = [(name, _as_json(value)) for name, value in request["parameters"].items()]
        frame = pd.DataFrame(shown, columns=["parameter", "value"])
        blocks.append(Table(frame, caption("parameters")))
    found = pd.DataFrame(versions().items(), columns=["package", "version"])
    return [*blocks, Table(found, caption("versions"))]


def _as_json(value) -> str:
    """A parameter's value as a reader would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
