"""Can a user's editor trust the types? Pyright on the examples of the guides and on public names.

    python scripts/check_types.py

Every Python block of README.md and the guides must be free of errors, and of every public function
pyright must know all that it takes and gives: no ``Unknown`` in what it reveals.
"""

import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import documented

import salesanalysis

ROOT = Path(__file__).resolve().parents[1]

#: Where no family lies: the modules whose functions are public.
MODULES = ("columns", "errors", "processes", "text")


def examples() -> dict[str, str]:
    """The Python that the guides show, by a name for a file; one guide is read from its top."""
    shown = {}
    for page in documented.PLACES:
        blocks = [block.text for block in documented.blocks(page) if block.kind == "python"]
        # The guide for JupyterLab is pasted cell by cell, every other block stands alone.
        for number, block in enumerate(["\n".join(blocks)] if "explore" in page else blocks):
            if "airflow" not in block:
                shown[f"{re.sub(r'[^a-z]+', '_', page.lower())}_{number}.py"] = block
    return shown


def modules() -> list[str]:
    """The modules and packages whose names are public."""
    found = list(MODULES)
    for part in pkgutil.iter_modules(salesanalysis.__path__):
        if part.ispkg and part.name not in ("cli", "workshop", "text"):
            found.append(part.name)
    for part in ("plots", "reduce"):
        folders = importlib.import_module(f"salesanalysis.{part}").__path__
        found += [f"{part}.{one.name}" for one in pkgutil.iter_modules(folders) if one.ispkg]
    return found


def is_ours(value: object) -> bool:
    """Whether a function or class is of this package."""
    return getattr(value, "__module__", "").startswith("salesanalysis")


def members(one: type) -> list[str]:
    """The public attributes and methods that a class has from this package."""
    own = [name for base in one.__mro__ if is_ours(base) for name in dir_of(base)]
    return [name for name in dict.fromkeys(own) if not name.startswith("_")]


def dir_of(base: type) -> list[str]:
    """What a class says itself; a field without a default is only annotated."""
    return [*base.__dict__.get("__annotations__", {}), *vars(base)]


def questions() -> list[tuple[str, str, str]]:
    """Module, name and attribute of all that is public; no attribute for a function.

    A class is public too that a public function returns, or a public class holds.
    """
    asked, classes = [], []
    for name in modules():
        module = importlib.import_module(f"salesanalysis.{name}")
        offered = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        values = {one: getattr(module, one) for one in offered}
        ours = {one: value for one, value in values.items() if is_ours(value)}
        functions = {one: value for one, value in ours.items() if inspect.isfunction(value)}
        asked += [(name, one, "") for one in functions]
        classes += [value for value in ours.values() if inspect.isclass(value)]
        classes += [value.__annotations__.get("return") for value in functions.values()]
    known = {}
    for one in classes:  # which grows
        if inspect.isclass(one) and is_ours(one) and one not in known:
            known[one] = members(one)
            classes += [held for base in one.__mro__ for held in annotated(base)]
    asked += [
        (one.__module__.removeprefix("salesanalysis."), one.__qualname__, member)
        for one, names in known.items()
        for member in names
    ]
    return asked


def annotated(base: type) -> list[object]:
    """The types of the attributes of a class."""
    return list(base.__dict__.get("__annotations__", {}).values())


def revealing(asked: list[tuple[str, str, str]]) -> str:
    """A module that asks pyright for the type of each; two lines for each."""
    lines = []
    for number, (module, name, member) in enumerate(asked):
        lines.append(f"from salesanalysis.{module} import {name} as it{number}")
        if member:
            lines.append(f"def of{number}(it: it{number}): reveal_type(it.{member})")
        else:
            lines.append(f"reveal_type(it{number})")
    return "\n".join(lines)


def found_by_pyright(folder: Path) -> list[dict]:
    """What pyright says about the files of a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, folder],
        capture_output=True,
        text=True,
    )
    try:
        return json.loads(done.stdout)["generalDiagnostics"]
    except ValueError:
        raise SystemExit(f"pyright did not run: {done.stderr or done.stdout}") from None


def main() -> int:
    """Check; 1 if something is wrong or unknown."""
    asked, faults, revealed = questions(), [], 0
    with tempfile.TemporaryDirectory(prefix="salesanalysis-") as place:
        folder = Path(place)
        for name, block in examples().items():
            (folder / name).write_text(block, encoding="utf-8")
        (folder / "public.py").write_text(revealing(asked), encoding="utf-8")
        for said in found_by_pyright(folder):
            file, line = Path(said["file"]).name, said["range"]["start"]["line"]
            told = file == "public.py" and said["severity"] == "information"
            revealed += told
            if told and "Unknown" not in said["message"]:
                continue
            # In JupyterLab an expression is written to be seen.
            if said.get("rule") == "reportUnusedExpression":
                continue
            where = (
                ".".join(filter(None, asked[line // 2]))
                if file == "public.py"
                else f"{file}:{line + 1}"
            )
            faults.append(f"{where}: {said['message'].splitlines()[0]}")
    print(*faults, f"{revealed} public names, {len(faults)} faults", sep="\n")
    return 1 if faults or revealed < len(asked) else 0


if __name__ == "__main__":
    sys.exit(main())
