"""Inputs that the reports of a batch have in common, read and checked once for all of them.

A batch names a folder in the environment (:data:`FOLDER`). The first report that asks for an input
reads it and leaves there what came of it: the valid rows and those set aside as Parquet, the rest
as it is. Whoever asks for the same input in the same way takes that, and waits where it is still
being read. An input that has changed since is another input. A folder lives as long as its batch.
"""

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from salesanalysis.sources.checked import Checked
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import connection, execute, literal, new_name

#: The environment variable that names the folder; without it every input is read where it is asked.
FOLDER = "SALESANALYSIS_INPUTS"

#: Relations that a result has besides its plain values.
_RELATIONS = ("table", "_left_out")


def check_once(paths: tuple[Path, ...], ask: Request, check: Callable[[], Checked]) -> Checked:
    """What ``check()`` gives for some files: taken from the folder of the batch, or put there.

    Parameters
    ----------
    paths : tuple of Path
        The files.
    ask : Request
        How they are to be read.
    check : callable
        Reads them.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return check()
    place = Path(folder) / _key(paths, ask)
    with _held(place.with_suffix(".lock")):
        if not place.exists():
            _put(check(), place)
        return _take(place)


def _key(paths: tuple[Path, ...], ask: Request) -> str:
    """A name for these files as they are now, read in this way."""
    facts = [(path, path.resolve().stat()) for path in paths]
    states = [(str(path), s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns) for path, s in facts]
    return hashlib.sha256(repr((states, ask)).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """One process at a time; on Windows, which has no such lock, two may read the same input."""
    if os.name != "posix":
        yield
        return
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _put(checked: Checked, place: Path) -> None:
    """Leave a result in a folder, whole or not at all."""
    partial = place.with_name(f"{place.name}.{os.getpid()}")
    partial.mkdir()
    relations = {}
    for name in _RELATIONS:
        relation = getattr(checked, name)
        if relation is not None:
            path = partial / f"{name}.parquet"
            sql = connection().compile(relation)
            execute(f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
            relations[name] = (path.name, relation.schema())
    # How to read it once more is not needed any more, and cannot be written down.
    raw = checked._raw and replace(checked._raw, reload=None)
    plain = replace(checked, table=None, _left_out=None, _raw=raw)
    (partial / "checked").write_bytes(pickle.dumps((plain, relations)))
    partial.rename(place)


def _take(place: Path) -> Checked:
    """The result that lies in a folder, its relations as views of this session."""
    plain, names = pickle.loads((place / "checked").read_bytes())
    relations = {}
    for name, (file, schema) in names.items():
        view = new_name("shared")
        path = literal(str(place / file))
        execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({path})")
        # Ibis and the file differ in how exactly they name a type, such as the scale of a time.
        relations[name] = connection().table(view).cast(schema)
    return replace(plain, **relations)
