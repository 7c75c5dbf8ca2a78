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
MODULES = ("columns", "errors", "periods", "processes", "stats", "text")


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


def public_functions() -> list[tuple[str, str]]:
    """Module and name of every public function."""
    modules = list(MODULES)
    for part in pkgutil.iter_modules(salesanalysis.__path__):
        if part.ispkg and part.name not in ("cli", "workshop", "text"):
            modules.append(part.name)
    for part in ("plots", "reduce"):
        folders = importlib.import_module(f"salesanalysis.{part}").__path__
        modules += [f"{part}.{one.name}" for one in pkgutil.iter_modules(folders) if one.ispkg]
    found = []
    for name in modules:
        module = importlib.import_module(f"salesanalysis.{name}")
        offered = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        for one in offered:
            value = getattr(module, one)
            if inspect.isfunction(value) and value.__module__.startswith("salesanalysis"):
                found.append((name, one))
    return found


def revealing(functions: list[tuple[str, str]]) -> str:
    """A module that asks pyright for the type of each function."""
    lines = [
        f"from salesanalysis.{module} import {name} as f{number}\nreveal_type(f{number})"
        for number, (module, name) in enumerate(functions)
    ]
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
    functions, faults, revealed = public_functions(), [], 0
    with tempfile.TemporaryDirectory(prefix="salesanalysis-") as place:
        folder = Path(place)
        for name, block in examples().items():
            (folder / name).write_text(block, encoding="utf-8")
        (folder / "public.py").write_text(revealing(functions), encoding="utf-8")
        for said in found_by_pyright(folder):
            file, line = Path(said["file"]).name, said["range"]["start"]["line"]
            asked = file == "public.py" and said["severity"] == "information"
            revealed += asked
            if asked and "Unknown" not in said["message"]:
                continue
            # In JupyterLab an expression is written to be seen.
            if said.get("rule") == "reportUnusedExpression":
                continue
            where = ".".join(functions[line // 2]) if file == "public.py" else f"{file}:{line + 1}"
            faults.append(f"{where}: {said['message'].splitlines()[0]}")
    print(*faults, f"{revealed} public functions, {len(faults)} faults", sep="\n")
    return 1 if faults or revealed < len(functions) else 0


if __name__ == "__main__":
    sys.exit(main())
