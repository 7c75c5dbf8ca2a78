"""A new family in a checkout of the repository: a stub that passes all tests, to be filled."""

import importlib.util
import keyword
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import project

#: Where the stub lies, in the checkout; in its paths and texts this word is the family's name.
STUB, WORD = Path("scripts", "family"), "FAMILY"

#: What the vocabulary says the family takes; a stub's frame is one of bookings.
_KNOWN = '''

@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class KnownFAMILY(Known):
    """What the family takes, as from :func:`salesanalysis.reduce.FAMILY.known`.

    Attributes
    ----------
    rows : DataFrame
        One row per booking: ``booked_at, amount`` and what else the table has.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
'''

_LISTED = """\
  - notebook: FAMILY
    out: out/FAMILY/{lang}
"""


def begin_family(name: str) -> list[str]:
    """Write the stub of a family and name it where a family is named; the files touched.

    Parameters
    ----------
    name : str
        One lower-case word, a name in Python.

    Raises
    ------
    SalesAnalysisError
        The name cannot be one or is taken, this is no checkout, or ruff is missing.
    """
    root = _checkout()
    _require_free(name, root)
    written = _stub(name, root)
    for path, add in _PLACES.items():
        file = root / path
        file.write_text(add(file.read_text(encoding="utf-8"), name), encoding="utf-8")
    _tidy(root, [path for path in written if path.endswith((".py", ".ipynb"))])
    runpy.run_path(str(root / "scripts" / "make_guide.py"), run_name="__main__")
    return [*written, *_PLACES, "docs/reports.md"]


def _checkout() -> Path:
    """The root of the repository that this package is installed from."""
    root = project.shipped()
    if not (root / STUB).is_dir():
        raise SalesAnalysisError(
            "A family is begun in a checkout of the repository, and this package is installed"
            " without one. Install it from there: `pip install -e '.[dev]'`."
        )
    if importlib.util.find_spec("ruff") is None:
        raise SalesAnalysisError(
            "Ruff, which sorts imports by the family's name, is missing: `pip install -e '.[dev]'`."
        )
    return root


def _require_free(name: str, root: Path) -> None:
    if not re.fullmatch(r"[a-z][a-z]+", name) or keyword.iskeyword(name):
        raise SalesAnalysisError(
            f"A family's name is one word of lower-case letters, such as `customers`; got {name!r}."
        )
    for path in (f"salesanalysis/{name}", f"salesanalysis/{name}.py", f"tests/{name}"):
        if (root / path).exists():
            raise SalesAnalysisError(f"`{path}` is there already; choose another name.")


def _stub(name: str, root: Path) -> list[str]:
    """The stub's files in their places."""
    written = []
    for file in sorted((root / STUB).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            path = str(file.relative_to(root / STUB)).replace(WORD, name)
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            content = file.read_text(encoding="utf-8")
            place.write_text(_named(content, name), encoding="utf-8")
            written.append(path)
    return written


def _tidy(root: Path, paths: list[str]) -> None:
    """Imports in their order and lines in their length, which depend on the name."""
    for words in (["check", "--fix", "--select", "I"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *words, "-q", *paths], cwd=root, check=True)


def _named(content: str, name: str) -> str:
    """A text of the stub in which the word is the name, a class's in capitals."""
    return content.replace(f"Known{WORD}", f"Known{name.title()}").replace(WORD, name)


def _import_line(part: str) -> Callable[[str, str], str]:
    """A line by which an editor knows the family in a part that imports lazily."""

    def add(content: str, name: str) -> str:
        line = "    from salesanalysis.{part} import {name} as {name}\n"
        lines = re.findall(rf"    from salesanalysis\.{part} import (\w+) as \w+\n", content)
        every = "".join(line.format(part=part, name=one) for one in sorted([*lines, name]))
        old = "".join(line.format(part=part, name=one) for one in lines)
        return content.replace(old, every)

    return add


def _listed(content: str, name: str) -> str:
    """``reports.yml`` with the report before the overview, which is made after all others."""
    before = content.index("  # One page over all others")
    return content[:before] + _named(_LISTED, name) + content[before:]


def _shipped(content: str, name: str) -> str:
    """The list of what a wheel brings, notebooks in their order."""
    lines = [*content.splitlines(), f"notebooks/{name}.ipynb"]
    notebooks = sorted(line for line in lines if line.startswith("notebooks/"))
    at = next(at for at, line in enumerate(lines) if line.startswith("notebooks/"))
    rest = [line for line in lines if not line.startswith("notebooks/")]
    return "\n".join([*rest[:at], *notebooks, *rest[at:]]) + "\n"


#: The files that name every family, each with what adds one to its text.
_PLACES = {
    "salesanalysis/known/__init__.py": lambda content, name: content + _named(_KNOWN, name),
    "salesanalysis/plots/__init__.py": _import_line("plots"),
    "salesanalysis/reduce/__init__.py": _import_line("reduce"),
    "salesanalysis/reports/project/shipped.txt": _shipped,
    "reports.yml": _listed,
}
