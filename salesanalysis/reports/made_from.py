"""What a report is made from, as fingerprints: whether it would come out the same again.

``run.json`` keeps them under ``made_from``: ``code`` is one fingerprint of the notebook and of this
package, ``inputs`` has one for each parameter that names a file, a pattern of files or a folder,
and one for the template of the slides. Of a database on a server nobody can say whether it has
changed: its input is ``null``.
"""

import functools
import glob
import hashlib
import re
from pathlib import Path

from salesanalysis.reports.folders import TIMING_FILE

_PACKAGE = Path(__file__).parents[1]
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.S | re.I)
_FILE_SCHEMES = ("duckdb", "sqlite", "file")


def made_from(job) -> dict:
    """``code`` and ``inputs`` of a job, as ``run.json`` has them."""
    named = dict(job.parameters)
    if job.template:
        named["--template"] = str(job.template)
    return {"code": code(job.notebook), "inputs": inputs(named)}


def code(notebook: Path) -> str:
    """The fingerprint of a notebook file and of all files of this package."""
    return _digest([_package(), _of_file(notebook)])


def inputs(parameters: dict) -> dict[str, str | None]:
    """The fingerprint of what each parameter names; parameters that name nothing are left out.

    Examples
    --------
    >>> inputs({"opportunities": "data/sample/opportunities.csv", "as_of": "2025-12-31"})
    {'opportunities': 'sha256:...'}
    """
    found = {}
    for name, value in parameters.items():
        named = [_of_name(text) for text in _texts(value)]
        if any(part != "" for part in named):
            found[name] = None if None in named else _digest(named)
    return found


def _texts(value) -> list[str]:
    """All texts in a parameter's value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _of_name(text: str) -> str | None:
    """The fingerprint of what a text names; empty where it is no file, None where none can tell."""
    url = _URL.fullmatch(text)
    if url and url[1].lower() not in _FILE_SCHEMES:
        return None
    path = url[2].split("?")[0] if url else text
    if not path or "\0" in path:
        return ""
    paths = _paths(path)
    return _digest([_of_file(file) for file in paths]) if paths else ""


def _paths(text: str) -> list[Path]:
    """The files that a text names: one, those in a folder, or those that match a pattern."""
    path = Path(text)
    try:
        if path.is_file():
            return [path]
        if path.is_dir():
            # The working directory as a whole, or a folder above it, is nobody's input.
            if Path.cwd().is_relative_to(path.resolve()):
                return []
            files = (file for file in path.rglob("*") if file.is_file())
            # An earlier report says here, and only here, when it was made.
            return sorted(file for file in files if file.name != TIMING_FILE)
    except OSError:  # too long for a name: a text, not a path
        return []
    return [Path(name) for name in sorted(glob.glob(text)) if Path(name).is_file()]


@functools.cache
def _package() -> str:
    files = sorted(path for path in _PACKAGE.rglob("*") if path.is_file())
    return _digest([_of_file(path) for path in files if "__pycache__" not in path.parts])


def _of_file(path: Path) -> str:
    facts = path.stat()
    return _of_content(path.resolve(), facts.st_size, facts.st_mtime_ns)


@functools.cache
def _of_content(path: Path, size: int, changed: int) -> str:
    """The SHA-256 of a file; a batch of a thousand reports on one input reads it once."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _digest(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()
