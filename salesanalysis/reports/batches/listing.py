"""A ``reports.yml`` as it is written: its keys with their lines, and faults of its shape."""

from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, nearest

#: What a report may be given; ``defaults`` may give all of it but the first three to every report.
REPORT_KEYS = (
    *("notebook", "name", "for_each", "out", "lang", "formats", "parameters"),
    *("time_limit_seconds", "cell_limit_seconds", "memory_limit_mb", "retries"),
)
_DEFAULT_KEYS = REPORT_KEYS[3:]
_FILE_KEYS = ("reports", "defaults", "title", "out", "as_of", "period")

_TEXTS = ("name", "notebook", "out", "title", "as_of", "period")
_MAPPINGS = ("parameters", "for_each")
_LISTS = ("lang", "formats")
_NUMBERS = ("time_limit_seconds", "cell_limit_seconds", "memory_limit_mb")


@dataclass(frozen=True, eq=False)
class Entry:
    """A mapping of the file: what it holds, and the line of each key, ``()`` being its first."""

    content: dict
    lines: dict[tuple[str, ...], int]

    def line(self, where: tuple[str, ...] = ()) -> int:
        """The line of a key, or of the innermost one around it that is written."""
        while where not in self.lines:
            where = where[:-1]
        return self.lines[where]


@dataclass(frozen=True, eq=False)
class Listing:
    """The file: its own settings, the defaults, one entry per report, faults with their lines."""

    path: Path
    settings: Entry
    defaults: Entry
    reports: list[Entry]
    faults: list[tuple[int, str]] = field(default_factory=list)


def read(file) -> Listing:
    """The file with all faults of its shape.

    Raises
    ------
    SalesAnalysisError
        It is not there, or not YAML, or has no list of reports.
    """
    import yaml

    class WithoutDates(yaml.SafeLoader):
        """A date stays the text that it is: a notebook's parameters are JSON."""

    WithoutDates.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    path = Path(file)
    try:
        loader = WithoutDates(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SalesAnalysisError(f"There is no file `{path}`; give a reports.yml.") from None
    except (UnicodeDecodeError, yaml.YAMLError) as fault:
        raise SalesAnalysisError(f"`{path}` is not a YAML file: {fault}") from None
    try:
        root = loader.get_single_node()
        listed = _list_node(root, path)
        faults = list(_repeated_keys(root))
        file_entry = _entry(loader, root)
        entries = [_entry(loader, node) for node in listed.value]
    except yaml.YAMLError as fault:
        raise SalesAnalysisError(f"`{path}` is not YAML:\n{fault}") from None
    finally:
        loader.dispose()
    content = dict(file_entry.content)
    del content["reports"]
    lines = {where[1:]: at for where, at in file_entry.lines.items() if where[:1] == ("defaults",)}
    defaults = Entry(content.pop("defaults", {}), lines or {(): 1})
    settings = Entry(content, file_entry.lines)
    sound = []
    for entry, keys in (
        (settings, _FILE_KEYS),
        (defaults, _DEFAULT_KEYS),
        *((entry, REPORT_KEYS) for entry in entries),
    ):
        found = list(_faults_of(entry, keys))
        faults += [(entry.line(where), said) for where, said in found]
        # What else is wrong with it is to be told too, as far as it can be.
        wrong = {where[:1] for where, _ in found}
        whole = {key: value for key, value in _mapping(entry).items() if (str(key),) not in wrong}
        sound.append(Entry(whole, entry.lines))
    settings, defaults, *reports = sound
    reports = [entry for entry in reports if "notebook" in entry.content]
    return Listing(path, settings, defaults, reports, faults)


def _mapping(entry: Entry) -> dict:
    return entry.content if isinstance(entry.content, dict) else {}


def _list_node(root, path: Path):
    """The YAML node of the list under ``reports:``."""
    import yaml

    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "reports" and isinstance(value, yaml.SequenceNode) and value.value:
                return value
    raise SalesAnalysisError(f"`{path}` must hold `reports:` and under it a list of reports.")


def _entry(loader, node) -> Entry:
    """A node as plain values, with the line of every key."""
    import yaml

    lines = {(): node.start_mark.line + 1}

    def walk(where: tuple[str, ...], inside) -> None:
        if isinstance(inside, yaml.MappingNode):
            for key, value in inside.value:
                name = (*where, str(key.value))
                lines[name] = key.start_mark.line + 1
                walk(name, value)

    walk((), node)
    return Entry(loader.construct_object(node, deep=True), lines)


def _repeated_keys(node):
    """Keys that stand twice in one mapping: YAML would silently take the last."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"the key `{key.value}` stands here a second time"
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)


def _faults_of(entry: Entry, keys: tuple[str, ...]):
    """Where and what is wrong with the shape of a mapping."""
    content = entry.content
    if not isinstance(content, dict):
        yield (), f"expected keys such as `{keys[0]}`; got {content!r}"
        return
    for key, value in content.items():
        where = (str(key),)
        if key not in keys:
            close = nearest(str(key), keys)
            hint = f"; did you mean `{close[0]}`?" if close else f"; known: {', '.join(keys)}"
            yield where, f"unknown key `{key}`{hint}"
        elif key in _TEXTS and not isinstance(value, str):
            yield where, f"`{key}` must be text; got {value!r}{_quote_hint(value)}"
        elif key in _MAPPINGS and not isinstance(value, dict):
            yield where, f"`{key}` must be names and values; got {value!r}"
        elif key in _LISTS and not _is_texts(value):
            what = "a language" if key == "lang" else "a format"
            yield where, f"`{key}` must be {what} or a list of them; got {value!r}"
        elif key in _NUMBERS and (type(value) not in (int, float) or value <= 0):
            yield where, f"`{key}` must be a number above 0; got {value!r}"
        elif key == "retries" and (type(value) is not int or value < 0):
            yield where, f"`retries` must be a whole number, 0 or more; got {value!r}"
    if keys is REPORT_KEYS and "notebook" not in content:
        yield (), "`notebook` is missing: the name of a notebook in notebooks/, or a path"


def _is_texts(value) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(item, str) for item in values)


def _quote_hint(value) -> str:
    """`out: {region}` is a mapping to YAML, which surprises everybody once."""
    if isinstance(value, dict) and list(value.values()) == [None]:
        name = next(iter(value))
        return f'; put it in quotes: "{{{name}}}"'
    return ""
