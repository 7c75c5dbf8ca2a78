"""Every finding in the code has its sentence, which takes exactly its values, in every language.

Whoever makes a finding writes its kind, its name and the names of its values where it is made, so
that they can be read from the code here: no report has to come across it.
"""

import ast
import re
import string
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from syntax import MODULES, PACKAGE, nodes, tree

from salesanalysis import text


def called(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


class Module:
    """One module of the package, with the findings that its functions make."""

    def __init__(self, path: Path):
        self.path, self.tree = path, tree(path)
        # `part=` names the text file; else it is that of the family, by the module's folder.
        self.part = path.relative_to(PACKAGE).parts[0]

    def findings(self):
        """Part, kind, names and values' names of each ``Finding(…)``."""
        for function in ast.walk(self.tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if called(call, "Finding"):
                    kind, name, *values = call.args
                    named = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
                    taken = self.values(values[0], function) if values else set()
                    part = named.get("part", self.part)
                    yield part, kind.value, self.names(name, function), taken

    def names(self, node: ast.expr, function: ast.FunctionDef) -> set[str]:
        """All that the name of a finding can be: literals, or those of a table of the module."""
        match node:
            case ast.Constant(value=str(name)):
                return {name}
            case ast.IfExp(body=one, orelse=other):
                return self.names(one, function) | self.names(other, function)
            case ast.Subscript(value=ast.Name(id=table)):
                return self.in_table(table)
            case ast.Name(id=name):
                (chosen, *_) = self.bound(name, node.lineno, function)
                return self.names(chosen, function)
        raise self.unread(node)

    def in_table(self, name: str) -> set[str]:
        """The texts in the values of a table that this module defines or imports."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                leaves = (leaf for value in node.value.values for leaf in ast.walk(value))
                return {leaf.value for leaf in leaves if isinstance(leaf, ast.Constant)}
            if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
                return self.imported_from(node).in_table(name)
        raise AssertionError(f"{self.path.name}: the table `{name}` is not found")

    def values(self, node: ast.expr, function: ast.FunctionDef) -> set[str]:
        """The names in a mapping: a display, `picked`, a name for such, or several joined by |."""
        match node:
            case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
                return {key.value for key in keys}
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.values(left, function) | self.values(right, function)
            case ast.Name(id=name):
                held = [
                    self.values(one, function) for one in self.bound(name, node.lineno, function)
                ]
                return set().union(*held)
            case ast.Call(func=ast.Name(id="picked"), args=[_, *names]):
                return {name.value for name in names}
            case ast.Call(func=ast.Name(id=name)):
                return self.returned(name)
        raise self.unread(node)

    def bound(self, name: str, line: int, function: ast.FunctionDef) -> list[ast.expr]:
        """What a name holds above a line: its last assignment and all that was added since."""
        held = []
        for node in sorted(ast.walk(function), key=lambda node: getattr(node, "lineno", 0)):
            if getattr(node, "lineno", line) >= line:
                continue
            if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == name:
                held.append(node.value)
            if isinstance(node, ast.Assign):
                for target, value in _pairs(node):
                    if ast.unparse(target) == name:
                        held = [value]
        assert held, f"{self.path.name}:{line}: `{name}` is not found"
        return held

    def returned(self, name: str) -> set[str]:
        """The names in what a function returns that this module defines or imports."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return self.values(node.body[-1].value, node)
            if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
                return self.imported_from(node).returned(name)
        raise AssertionError(f"{self.path.name}: the function `{name}` is not found")

    def imported_from(self, node: ast.ImportFrom) -> "Module":
        return Module(PACKAGE.parent / f"{node.module.replace('.', '/')}.py")

    def unread(self, node: ast.expr) -> AssertionError:
        return AssertionError(
            f"{self.path.name}:{node.lineno}: `{ast.unparse(node)}` cannot be read from the code;"
            " write the name of the finding and of its values where it is made"
        )


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    """Targets and what each gets; `a, b = x, y` are two."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def values_in(said: str) -> set[str]:
    """The values that a sentence takes."""
    fields = (field or "" for _, field, _, _ in string.Formatter().parse(said))
    return {one for field in fields for one in re.findall(r"\w+", field)}


def sentences(lang: str, part: str) -> dict[str, dict[str, set[str]]]:
    """Kind → name → the values it takes, of one text file."""
    path = PACKAGE / "text" / lang / f"{part}.yml"
    whole = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {
        kind: {name: values_in(said) for name, said in under.items() if isinstance(said, str)}
        for kind, under in whole.items()
        if isinstance(under, dict)
    }


@pytest.fixture(scope="module")
def made() -> dict[str, dict[tuple[str, str], set[str]]]:
    """Part → (kind, name) → values, of every finding in the code."""
    found = defaultdict(dict)
    for path in MODULES:
        for part, kind, names, values in Module(path).findings():
            for name in names:
                there = found[part].setdefault((kind, name), values)
                assert there == values, f"{part}.{kind}.{name} is made with different values"
    return found


def test_the_reader_of_this_test_sees_every_place_that_makes_a_finding(made):
    calls = [node for path in MODULES for node in nodes(path) if called(node, "Finding")]
    read = [f for path in MODULES for f in Module(path).findings()]
    assert len(read) == len(calls) > 100
    assert ("headline", "stuck_no_amount") in made["funnel"]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_finding_has_its_sentence_with_exactly_its_values(made, lang):
    wrong = []
    for part, findings in made.items():
        known = sentences(lang, part)
        for (kind, name), values in findings.items():
            takes = known.get(kind, {}).get(name)
            if takes != values:
                wrong.append((f"{lang}/{part}.yml: {kind}.{name}", takes, values))
    assert wrong == []


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_sentence_of_a_finding_is_unused(made, lang):
    """A kind that findings have is theirs alone."""
    parts = [path.stem for path in (PACKAGE / "text" / lang).glob("*.yml")]
    kinds = {(part, kind) for part in made for kind, _ in made[part]}
    kinds |= {(part, kind) for part in parts for kind in ("headline", "warn")}
    unused = [
        f"{lang}/{part}.yml: {kind}.{name}"
        for part, kind in sorted(kinds)
        for name in sentences(lang, part).get(kind, {})
        if (kind, name) not in made[part]
    ]
    assert unused == []


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_short_form_is_that_of_a_finding_and_no_longer_than_a_title(made, lang):
    for part in made:
        path = PACKAGE / "text" / lang / f"{part}.yml"
        if not path.exists():
            continue
        whole = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        for kind, under in whole.get("short", {}).items():
            for name, said in under.items():
                takes = values_in(said)
                assert takes <= made[part].get((kind, name), set()), f"{part}.short.{kind}.{name}"
                words = re.sub(r"\{[^}]*\}", "x", said).split()
                assert len(words) <= 15, f"{part}.short.{kind}.{name} has {len(words)} words"


def test_every_key_figure_of_a_family_is_called_and_explained():
    """Its name is written where the figure is made; a table of names is a tuple in a loop."""
    missing = []
    for path in sorted(PACKAGE.glob("*/in_short.py")):
        part = path.parent.name
        for call in (node for node in nodes(path) if called(node, "KeyFigure")):
            name = call.args[0]
            if not isinstance(name, ast.Constant):
                continue
            for lang in text.LANGUAGES:
                for key in (f"value.number.{name.value}", f"glossary.{name.value}"):
                    if not text.has(f"{part}.{key}", lang):
                        missing.append(f"{lang}/{part}.yml: {key}")
    assert missing == []
