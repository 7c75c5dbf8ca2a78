"""Packages whose parts are found by their folders and imported when they are first used."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable
from typing import Any


def parts(path: Iterable[str]) -> list[str]:
    """The packages that lie in a package's ``__path__``: a new folder is a new part.

    Examples
    --------
    >>> import salesanalysis
    >>> "funnel" in parts(salesanalysis.__path__)
    True
    """
    return sorted(module.name for module in pkgutil.iter_modules(path) if module.ispkg)


def importer(package: str, names: Collection[str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package that imports its modules of these names on first use.

    Examples
    --------
    >>> importer("salesanalysis", ["stats"])("stats").__name__
    'salesanalysis.stats'
    """

    def imported(name: str) -> Any:
        if name in names:
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return imported
