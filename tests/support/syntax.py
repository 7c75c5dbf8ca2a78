"""The syntax trees of the package and the notebooks, parsed once for all tests that read code."""

import ast
import functools
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "salesanalysis"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def by_name(path: Path) -> str:
    """A path as people say it."""
    return str(path.relative_to(ROOT))


@functools.cache
def tree(module: Path) -> ast.Module:
    """A module's syntax tree; it is shared, so nobody may change it."""
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


@functools.cache
def nodes(module: Path) -> list[ast.AST]:
    """All nodes of a module's syntax tree."""
    return list(ast.walk(tree(module)))


@functools.cache
def cells(notebook: Path) -> list[dict]:
    """The cells of a notebook, each with its source as one text."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    return [cell | {"source": "".join(cell["source"])} for cell in content["cells"]]


def code_cells(notebook: Path) -> list[dict]:
    """The cells of a notebook that hold code."""
    return [cell for cell in cells(notebook) if cell["cell_type"] == "code"]


@functools.cache
def cell_trees(notebook: Path) -> list[ast.Module]:
    """The syntax tree of each cell of code."""
    return [ast.parse(cell["source"]) for cell in code_cells(notebook)]


def broken(rule, paths) -> dict[str, object]:
    """What breaks a rule, by the file's name: ``rule(path)`` tells what it finds, or nothing."""
    return {by_name(path): found for path in paths if (found := rule(path))}
