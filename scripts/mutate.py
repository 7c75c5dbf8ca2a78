"""Do the tests notice when a module computes something else? Run by hand, module by module.

One place of the module is changed at a time (an operator, a number, a condition, …) and its tests
are run until one fails: that mutant is killed. Survivors are listed with the line before and after;
each is either the same function in other words or a test that is missing.

    python scripts/mutate.py salesanalysis/periods.py tests/vocabulary tests/funnel/test_figures.py
"""

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import io
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: What is put in place of an operator.
INSTEAD = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}

#: The exit codes of a child: how its tests ended.
KILLED, SURVIVED = 0, 1


@dataclass(frozen=True)
class Mutant:
    """One change: the module's tree with it, where it is, and its line before and after."""

    tree: ast.Module
    line: int
    before: str
    after: str


def changes(node: ast.AST) -> Iterator[Callable[[ast.AST], None]]:
    """What can be changed in a node; each takes a copy of the node and changes it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in INSTEAD:
        yield lambda n: n.ops.__setitem__(0, INSTEAD[type(n.ops[0])]())
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in INSTEAD:
        yield lambda n: setattr(n, "op", INSTEAD[type(n.op)]())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield lambda n: setattr(n, "value", n.value + 1)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
        yield lambda n: setattr(n, "op", ast.UAdd() if isinstance(n.op, ast.USub) else ast.USub())
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    elif isinstance(node, ast.Return) and ast.unparse(node) not in ("return", "return None"):
        yield lambda n: setattr(n, "value", ast.Constant(None))


def places(tree: ast.Module) -> list[tuple[int, int]]:
    """Where the module can be changed: the number of the node in ``ast.walk`` and of the change.

    Types, docstrings and messages of errors are left alone: no figure depends on them.
    """
    left = set()
    for node in ast.walk(tree):
        aside = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        aside += [node] if isinstance(node, ast.Raise) else []
        left |= {id(inner) for part in aside if part is not None for inner in ast.walk(part)}
    return [
        (number, which)
        for number, node in enumerate(ast.walk(tree))
        if id(node) not in left
        for which, _ in enumerate(changes(node))
    ]


def mutant(tree: ast.Module, lines: list[str], place: tuple[int, int]) -> Mutant:
    """The module with one change."""
    number, which = place
    changed = copy.deepcopy(tree)
    node = list(ast.walk(changed))[number]
    before = ast.unparse(node)
    list(changes(node))[which](node)
    ast.fix_missing_locations(changed)
    return Mutant(changed, node.lineno, before.splitlines()[0], ast.unparse(node).splitlines()[0])


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree instead of from its file."""

    def __init__(self, name: str, path: Path, tree: ast.Module):
        self._name, self._path, self._tree = name, path, tree

    def find_spec(self, fullname, path=None, target=None):
        """The module's specification, nobody else's."""
        if fullname != self._name:
            return None
        inside = [str(self._path.parent)] if self._path.name == "__init__.py" else None
        spec = importlib.util.spec_from_loader(fullname, self, origin=str(self._path))
        spec.submodule_search_locations = inside
        spec.has_location = True
        return spec

    def exec_module(self, module):
        """Run the changed code."""
        exec(compile(self._tree, str(self._path), "exec"), vars(module))


def name_of(path: Path) -> str:
    """``salesanalysis/a/b.py`` → ``salesanalysis.a.b``."""
    parts = path.resolve().relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tested(path: Path, tree: ast.Module, tests: list[str]) -> int:
    """Run the tests in this process, with the module as it stands in ``tree``."""
    import pytest

    sys.meta_path.insert(0, Changed(name_of(path), path, tree))
    marks = "not browser and not postgres and not spark and not pdf and not gate"
    # Pytest's own import hook would load a module that stands among the tests from its file.
    options = [
        "-x",
        "-q",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-m",
        marks,
    ]
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
        with contextlib.redirect_stderr(io.StringIO()):
            ended = pytest.main([*options, *tests])
    # A mutant that cannot even be imported, by a test or before all tests, is noticed too.
    return SURVIVED if ended == pytest.ExitCode.OK else KILLED


def in_a_child(path: Path, tree: ast.Module, tests: list[str], seconds: float) -> int:
    """Run the tests in a fork, which inherits the imported libraries; no end counts as killed."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os._exit(tested(path, tree, tests))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return KILLED


def main() -> int:
    """Mutate the module that the command names; 1 if mutants survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", type=Path)
    parser.add_argument("tests", nargs="+", help="files or folders that test it")
    parser.add_argument("--sample", type=int, default=60, help="how many mutants (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    source = arguments.module.read_text(encoding="utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    import ibis  # noqa: F401 - the children inherit what takes long
    import pandas  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    began = time.monotonic()
    if in_a_child(arguments.module, tree, arguments.tests, 3600) != SURVIVED:
        print("The tests fail (or there are none) without any change.", file=sys.stderr)
        return 2
    limit = 20 + 5 * (time.monotonic() - began)
    every = places(tree)
    chosen = random.Random(arguments.seed).sample(every, min(arguments.sample, len(every)))
    left = []
    for at, place in enumerate(sorted(chosen), 1):
        one = mutant(tree, lines, place)
        if in_a_child(arguments.module, one.tree, arguments.tests, limit) == SURVIVED:
            left.append(one)
        print(f"\r{at} of {len(chosen)}, {len(left)} survived", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{arguments.module}: {len(chosen) - len(left)} of {len(chosen)} killed")
    for one in left:
        print(f"  {one.line}: {one.before}\n      → {one.after}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
