"""A lock that one process at a time holds, and that its death releases."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError


@contextlib.contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs; it is gone afterwards.

    Raises
    ------
    SalesAnalysisError
        Another process holds it: ``refusal``, in which ``{process}`` is its number.

    Examples
    --------
    >>> path = getfixture("tmp_path") / ".lock"
    >>> with held(path, "taken by {process}"):
    ...     path.exists()
    True
    >>> path.exists()
    False
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _taken(path)
    if file is None:
        process = path.read_text(encoding="ascii", errors="replace").strip() or "unknown"
        raise SalesAnalysisError(refusal.format(process=process))
    try:
        yield
    finally:
        # Unlinked while it is still held: whoever waits for the old file sees that it is not there
        # any more. Windows does not unlink what is open.
        if os.name == "posix":
            path.unlink(missing_ok=True)
        file.close()
        if os.name != "posix":
            path.unlink(missing_ok=True)


def _taken(path: Path):
    """The open and locked file, or None where another process has it."""
    while True:
        # Opened for appending: a reader must find the holder's number, not an emptied file.
        file = path.open("a", encoding="ascii")
        if not _lock(file):
            file.close()
            return None
        if os.name != "posix" or _is_there(path, file):
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            return file
        file.close()  # its holder unlinked it between our two steps


def _is_there(path: Path, file) -> bool:
    """Whether the path still names the open file."""
    return path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())


def _lock(file) -> bool:
    """Lock an open file for this process, without waiting; whether it worked."""
    if os.name == "posix":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    import msvcrt

    try:
        # A byte far behind the text, so that others can read the holder's number.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
