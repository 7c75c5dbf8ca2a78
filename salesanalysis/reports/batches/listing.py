"""A ``reports.yml`` as it is written, with the faults of its shape."""

from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.lined_yaml import Lined, Where
from salesanalysis.reports import project

#: What a report may be given; ``defaults`` may give all of it but the first four to every report.
REPORT_KEYS = (
    *("notebook", "name", "for_each", "after", "out", "lang", "formats", "template", "parameters"),
    *("time_limit_seconds", "cell_limit_seconds", "memory_limit_mb", "retries"),
)
_DEFAULT_KEYS = REPORT_KEYS[4:]
_FILE_KEYS = ("reports", "defaults", "title", "out", "as_of", "period", "calendar")

_TEXTS = ("name", "notebook", "out", "title", "as_of", "period", "template")
_MAPPINGS = ("parameters", "for_each", "calendar")
_LISTS = {"lang": "a language", "formats": "a format", "after": "the name of a report"}
_NUMBERS = ("time_limit_seconds", "cell_limit_seconds", "memory_limit_mb")
_DATA = (*_NUMBERS, "retries")


@dataclass(frozen=True, eq=False)
class Listing:
    """The file: its own settings, the defaults, one entry per report, faults with their lines."""

    path: Path
    settings: Lined
    defaults: Lined
    reports: list[Lined]
    faults: list[tuple[int, str]] = field(default_factory=list)


def read(file) -> Listing:
    """The file with all faults of its shape.

    Raises
    ------
    SalesAnalysisError
        It is not there, or not YAML, or has no list of reports.
    """
    path = Path(file)
    if not path.exists():
        raise SalesAnalysisError(f"There is no file `{path}`. {project.how_to_start()}")
    whole, faults = lined_yaml.read(path)
    content = dict(whole.content) if isinstance(whole.content, dict) else {}
    listed = content.pop("reports", None)
    if not isinstance(listed, list) or not listed:
        raise SalesAnalysisError(f"`{path}` must hold `reports:` and under it a list of reports.")
    given = content.pop("defaults", None) is not None
    defaults = whole.at("defaults") if given else Lined({}, {(): 1})
    sound = []
    for entry, keys in (
        (Lined(content, whole.lines), _FILE_KEYS),
        (defaults, _DEFAULT_KEYS),
        *((whole.at("reports", number), REPORT_KEYS) for number in range(len(listed))),
    ):
        entry, beyond = _expected(entry)
        found = [*_faults_of(entry, keys), *beyond]
        faults += [(entry.line(where), said) for where, said in found]
        # What else is wrong with it is to be told too, as far as it can be.
        wrong = {where[:1] for where, _ in found}
        kept = entry.content if isinstance(entry.content, dict) else {}
        kept = {key: value for key, value in kept.items() if (str(key),) not in wrong}
        sound.append(Lined(kept, entry.lines))
    settings, defaults, *reports = sound
    reports = [entry for entry in reports if "notebook" in entry.content]
    return Listing(path, settings, defaults, reports, faults)


def _expected(entry: Lined) -> tuple[Lined, list[tuple[Where, str]]]:
    """An entry with its words read as what its keys expect, and the numbers that are none.

    What parameters and ``for_each`` hold is only known where a notebook's parameter takes it.
    """
    if not isinstance(entry.content, dict):
        return entry, []
    content, faults = {}, []
    for key, value in entry.content.items():
        try:
            read = lined_yaml.as_data if key in _DATA else lined_yaml.as_text
            content[key] = value if key in _MAPPINGS else read(value)
        except SalesAnalysisError as fault:
            faults.append(((key,), str(fault)))
    return Lined(content, entry.lines), faults


def _faults_of(entry: Lined, keys: tuple[str, ...]):
    """Where and what is wrong with the shape of a mapping."""
    content = entry.content
    if not isinstance(content, dict):
        yield (), f"expected keys such as `{keys[0]}`; got {content!r}"
        return
    for key, value in content.items():
        if said := _fault_of(key, value, keys):
            yield (str(key),), said
    if keys is REPORT_KEYS and "notebook" not in content:
        yield (), "`notebook` is missing: the name of a notebook in notebooks/, or a path"


def _fault_of(key, value, keys: tuple[str, ...]) -> str:
    """What is wrong with one key and its value; empty for nothing."""
    if key not in keys:
        close = nearest(str(key), keys)
        hint = f"; did you mean `{close[0]}`?" if close else f"; known: {', '.join(keys)}"
        return f"unknown key `{key}`{hint}"
    if key in _TEXTS and not isinstance(value, str):
        return f"`{key}` must be text; got {value!r}{_quote_hint(value)}"
    if key in _MAPPINGS and not isinstance(value, dict):
        return f"`{key}` must be names and values; got {value!r}"
    if key in _LISTS and not _is_texts(value):
        return f"`{key}` must be {_LISTS[key]} or a list of them; got {value!r}"
    if key in _NUMBERS and (type(value) not in (int, float) or value <= 0):
        return f"`{key}` must be a number above 0; got {value!r}"
    if key == "retries" and (type(value) is not int or value < 0):
        return f"`retries` must be a whole number, 0 or more; got {value!r}"
    return ""


def _is_texts(value) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(item, str) for item in values)


def _quote_hint(value) -> str:
    """`out: {region}` is a mapping to YAML, which surprises everybody once."""
    if isinstance(value, dict) and list(value.values()) == [None]:
        name = next(iter(value))
        return f'; put it in quotes: "{{{name}}}"'
    return ""
