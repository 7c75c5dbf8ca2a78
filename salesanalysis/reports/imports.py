"""Imports without what they bring along and nobody uses."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def blocked(*names: str) -> Iterator[None]:
    """Let the import of some modules fail inside the block, where they are not there already.

    Examples
    --------
    >>> with blocked("this"):
    ...     import this
    Traceback (most recent call last):
    ...
    ModuleNotFoundError: import of this halted; None in sys.modules
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
