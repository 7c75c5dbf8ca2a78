"""YAML files that people write: what they hold, with the line of every key, so faults have one."""

from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.provenance import mask_secrets

#: Where something stands: the keys and, in lists, the numbers that lead to it.
Where = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Lined:
    """What stands at one place of a file, and the line of each place below; ``()`` is its own."""

    content: object
    lines: dict[Where, int]

    def line(self, where: Where = ()) -> int:
        """The line of a place, or of the innermost one around it that is written."""
        while where not in self.lines:
            where = where[:-1]
        return self.lines[where]

    def at(self, *where: str | int) -> "Lined":
        """What stands at a place inside."""
        content = self.content
        for step in where:
            content = content[step]
        deep = len(where)
        below = {place[deep:]: line for place, line in self.lines.items() if place[:deep] == where}
        return Lined(content, below)


def read(path: Path) -> tuple[Lined, list[tuple[int, str]]]:
    """A file, and the keys in it that stand twice, of which YAML would silently take the last.

    A date stays the text that it is: the parameters of a notebook are JSON.

    Raises
    ------
    SalesAnalysisError
        It cannot be read, or is not YAML: where not.
    """
    import yaml

    class WithoutDates(yaml.SafeLoader):
        yaml_implicit_resolvers = {
            first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        loader = WithoutDates(path.read_text(encoding="utf-8-sig"))
        root = loader.get_single_node()
        if root is None:
            return Lined(None, {(): 1}), []
        lines, repeated = {}, []
        _walk(root, (), lines, repeated)
        return Lined(loader.construct_document(root), lines), repeated
    except FileNotFoundError:
        raise SalesAnalysisError(f"There is no file `{path}`.") from None
    except UnicodeDecodeError:
        raise SalesAnalysisError(f"`{path}` is not text in UTF-8; save it as such.") from None
    except yaml.reader.ReaderError as fault:
        raise SalesAnalysisError(f"`{path}` is not YAML: it holds {fault.character!r}.") from None
    except yaml.MarkedYAMLError as fault:
        said = ", ".join(part for part in (fault.context, fault.problem) if part)
        line = fault.problem_mark.line + 1
        raise SalesAnalysisError(f"`{path}` is not YAML:\n{path}:{line}: {said}.") from None
    except RecursionError:
        raise SalesAnalysisError(f"`{path}` is nested too deep, or in itself.") from None


def refuse(path: Path, faults: list[tuple[int, str]]) -> None:
    """Raise all faults of a file, each with its line, if there are any; no password is told."""
    if faults:
        lines = [f"{path}:{line}: {said}" for line, said in sorted(faults)]
        told = [f"`{path}` has {len(lines)} fault(s); nothing was run:", *lines]
        raise SalesAnalysisError(mask_secrets("\n".join(told)))


def _walk(node, where: Where, lines: dict[Where, int], repeated: list[tuple[int, str]]) -> None:
    """Note the line of a node and of all below it, and the keys that stand twice."""
    lines.setdefault(where, node.start_mark.line + 1)
    if node.id == "sequence":
        for number, item in enumerate(node.value):
            _walk(item, (*where, number), lines, repeated)
    elif node.id == "mapping":
        seen = set()
        for key, value in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in seen:
                repeated.append((line, f"the key `{name}` stands here a second time"))
            seen.add(name)
            lines[*where, name] = line
            _walk(value, (*where, name), lines, repeated)
