"""YAML that people write: its words as they stand there, and the line of every key and value.

What a word without quotes is depends on what is expected where it stands: ``NO`` is a country
among the values of a column, ``010`` an identifier, and ``12`` a number where a number is wanted.
So all of them stay the text that was written (:class:`Written`) until :func:`meant` is asked.

A file is read event by event, and given up at the first thing that no honest file has: it ends
within a second, whatever it holds.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError

#: Where something stands: the keys and, in lists, the numbers that lead to it.
Where = tuple[str | int, ...]

#: Far beyond any file that a person writes: bytes, levels, and values with all aliases followed.
MOST_BYTES, DEEPEST, MOST_VALUES = 500_000, 32, 100_000

#: As in YAML 1.2, but that a number does not begin with a needless 0: that is an identifier.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_FLAGS = {word: word.lower() == "true" for name in ("true", "false")
          for word in (name, name.capitalize(), name.upper())}  # fmt: skip
_NOTHING = ("", "~", "null", "Null", "NULL")
_LONGEST_NUMBER = 40

#: What YAML may not hold; the parsers do not say in which line it is.
_NOT_IN_TEXT = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # nor a lone half of one
)
_TEXT_TAGS = ("tag:yaml.org,2002:str", "!")


class Written(str):
    """A word of a file without quotes: text, until something else is expected in its place."""

    __slots__ = ()


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
    """A file, as :func:`parse` has it.

    Raises
    ------
    SalesAnalysisError
        It cannot be read, or is not YAML: where not.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise SalesAnalysisError(f"There is no file `{path}`.") from None
    if len(raw) > MOST_BYTES:
        raise _too_large(str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        said = "this is not text in UTF-8; save the file as such"
        raise _at(str(path), line, said) from None
    return parse(text, str(path))


def parse(text: str, name: str) -> tuple[Lined, list[tuple[int, str]]]:
    """A text with words as they are written, and the keys in it that stand twice, with lines.

    Keys are texts, what has no value is None, a text without quotes is :class:`Written`.

    Parameters
    ----------
    text : str
    name : str
        What it is called in messages, such as the path of its file.

    Raises
    ------
    SalesAnalysisError
        It is not YAML, or such as nobody writes: too large, too deep, aliases that never end.

    Examples
    --------
    >>> whole, repeated = parse("keep: {Country: [NO, 010, 2025-01-31]}", "mapping.yml")
    >>> whole.content
    {'keep': {'Country': ['NO', '010', '2025-01-31']}}
    """
    import yaml

    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise _too_large(name)
    if odd := _NOT_IN_TEXT.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise _at(name, line, f"this is not YAML: it holds {odd[0]!r}")
    # The parser in C takes a twentieth of the time; it may be missing.
    parser = getattr(yaml, "CLoader", yaml.Loader)
    reader = _Reader(name, yaml.parse(text, Loader=parser))
    try:
        return reader.document(), reader.repeated
    except yaml.MarkedYAMLError as fault:
        said = ", ".join(part for part in (fault.context, fault.problem) if part)
        mark = fault.problem_mark or fault.context_mark
        raise _at(name, mark.line + 1, f"this is not YAML: {said}") from None


def _at(name: str, line: int, said: str) -> SalesAnalysisError:
    return SalesAnalysisError(f"{name}:{line}: {said}.")


def _too_large(name: str) -> SalesAnalysisError:
    return SalesAnalysisError(
        f"`{name}` is larger than {MOST_BYTES:,} bytes, which no file of settings is; is it the"
        " right one?"
    )


@dataclass(frozen=True, eq=False)
class _Node:
    """A value with its line; ``size`` and ``depth`` count what aliases repeat each time."""

    line: int
    value: object  # a text, None, a list of nodes, or a dict: key → line of the key and node
    size: int = 1
    depth: int = 0


class _Reader:
    """Puts the events of a parser together, as far as they are those of a file of settings."""

    def __init__(self, name: str, events: Iterator):
        self._name, self._events = name, events
        self._anchors: dict[str, _Node | None] = {}  # None: it is only being read
        self.repeated: list[tuple[int, str]] = []

    def document(self) -> Lined:
        next(self._events)  # the beginning of the stream
        if _kind(next(self._events)) == "StreamEnd":
            return Lined(None, {(): 1})
        root = self._node(next(self._events), 0)
        next(self._events)
        if _kind(more := next(self._events)) != "StreamEnd":
            raise self._refused(more, "a second document begins; expected one in a file")
        lines: dict[Where, int] = {}
        return Lined(_content(root, (), lines), lines)

    def _refused(self, event, what: str) -> SalesAnalysisError:
        return _at(self._name, event.start_mark.line + 1, what)

    def _node(self, event, level: int) -> _Node:
        """The value that begins with an event."""
        kind = _kind(event)
        if kind == "Alias":
            return self._again(event)
        if event.tag and event.tag not in _TEXT_TAGS:
            raise self._refused(event, f"`{event.tag:.60}` is not known; expected plain values")
        if level > DEEPEST:
            raise self._refused(event, "nested too deep")
        if event.anchor:
            self._anchors[event.anchor] = None
        if kind == "Scalar":
            node = _Node(event.start_mark.line + 1, _text(event))
        else:
            children = self._list(level) if kind == "SequenceStart" else self._dict(event, level)
            nodes = children if isinstance(children, list) else [n for _, n in children.values()]
            size = 1 + sum(node.size for node in nodes)
            depth = 1 + max((node.depth for node in nodes), default=0)
            if size > MOST_VALUES:
                raise self._refused(event, f"more than {MOST_VALUES:,} values, aliases followed")
            if depth > DEEPEST:
                raise self._refused(event, "nested too deep")
            node = _Node(event.start_mark.line + 1, children, size, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _again(self, event) -> _Node:
        """What an alias stands for."""
        if event.anchor not in self._anchors:
            raise self._refused(event, f"`*{event.anchor:.60}` stands for nothing above")
        node = self._anchors[event.anchor]
        if node is None:
            raise self._refused(event, f"`*{event.anchor:.60}` is nested in itself")
        return node

    def _list(self, level: int) -> list[_Node]:
        nodes = []
        while _kind(event := next(self._events)) != "SequenceEnd":
            nodes.append(self._node(event, level + 1))
        return nodes

    def _dict(self, begun, level: int) -> dict[str, tuple[int, _Node]]:
        """The keys of a mapping; of one that stands twice the last, and a fault."""
        nodes: dict[str, tuple[int, _Node]] = {}
        while _kind(event := next(self._events)) != "MappingEnd":
            key = self._node(event, level + 1)
            line = event.start_mark.line + 1
            if isinstance(key.value, list | dict):
                raise self._refused(event, "a list or mapping is no key")
            name = event.value if _kind(event) == "Scalar" else str(key.value)
            if name == "<<":
                raise self._refused(event, "`<<` is not known here; write the keys themselves")
            if name in nodes:
                self.repeated.append((line, f"the key `{name:.60}` stands here a second time"))
            nodes[name] = line, self._node(next(self._events), level + 1)
        return nodes


def _kind(event) -> str:
    return type(event).__name__.removesuffix("Event")


def _text(event) -> str | None:
    """A value as it is written: in quotes a text, without them a word, or nothing."""
    plain = event.style in (None, "") and event.implicit[0]
    if not plain:
        return event.value
    return None if event.value in _NOTHING else Written(event.value)


def _content(node: _Node, where: Where, lines: dict[Where, int]) -> object:
    """A node as plain data; notes the line of each place."""
    lines.setdefault(where, node.line)
    if isinstance(node.value, list):
        return [_content(item, (*where, at), lines) for at, item in enumerate(node.value)]
    if isinstance(node.value, dict):
        content = {}
        for name, (line, item) in node.value.items():
            lines[*where, name] = line
            content[name] = _content(item, (*where, name), lines)
        return content
    return node.value


def as_text(content):
    """Data of a file where texts are meant: all words as they are written.

    Examples
    --------
    >>> as_text({"Country": [Written("NO"), None]})
    {'Country': ['NO', None]}
    """
    if isinstance(content, dict):
        return {key: as_text(item) for key, item in content.items()}
    if isinstance(content, list):
        return [as_text(item) for item in content]
    return str(content) if isinstance(content, Written) else content


def as_data(content):
    """Data of a file where numbers and flags may be meant: as YAML 1.2 reads words without quotes.

    Only ``true`` and ``false`` are flags, only decimal numbers without a needless 0 are numbers.

    Raises
    ------
    SalesAnalysisError
        A number has more digits than anything that is counted.

    Examples
    --------
    >>> as_data([Written(word) for word in ("true", "12", "1.50", "NO", "010", "1_000", "1:30")])
    [True, 12, 1.5, 'NO', '010', '1_000', '1:30']
    """
    if isinstance(content, dict):
        return {key: as_data(item) for key, item in content.items()}
    if isinstance(content, list):
        return [as_data(item) for item in content]
    if not isinstance(content, Written):
        return content
    if content in _FLAGS:
        return _FLAGS[content]
    whole = _WHOLE.fullmatch(content)
    if not whole and not _NUMBER.fullmatch(content):
        return str(content)
    number = math.inf
    if len(content) <= _LONGEST_NUMBER:
        number = int(content) if whole else float(content)
    if math.isinf(number):
        raise SalesAnalysisError(
            f"{content[:20]} … is too large or too long for a number; put it in quotes if it is a"
            " text."
        )
    return number


def dumped(data) -> str:
    """Plain data as a text that :func:`parse` and :func:`as_data` read as the same data."""
    import yaml

    class Dumper(yaml.SafeDumper):
        # Its lists too are copied: PyYAML's own readers and writers share them.
        yaml_implicit_resolvers = {
            first: list(known) for first, known in yaml.SafeDumper.yaml_implicit_resolvers.items()
        }

    # What its older YAML takes for a text and ours for a number, such as 1e3, gets quotes.
    Dumper.add_implicit_resolver("tag:salesanalysis,number", _NUMBER, list("-+.0123456789"))
    Dumper.ignore_aliases = lambda self, data: True
    return yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False)
