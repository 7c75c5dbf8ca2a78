"""What a room decided, as a file of parameters that makes a report."""

from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError

#: The first line of every file: only such a file is ever overwritten.
HEAD = "# A scenario of salesanalysis workshop. Make the report from it:\n"

#: So many letters of its name a file has.
_MOST_LETTERS = 60


@dataclass(frozen=True)
class Scenario:
    """A report and its parameters, among them ``scenario``, the name.

    ``files`` are texts by a word that says what they are; where a parameter's value is that word,
    the saved one has the file's path instead.
    """

    report: str
    parameters: dict
    files: dict[str, str] = field(default_factory=dict)


def save(scenario: Scenario, folder: Path) -> Path:
    """Write a scenario into a folder, named after it; an earlier one of that name is replaced.

    Raises
    ------
    SalesAnalysisError
        A file of that name is there that no workshop has written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{scenario.report}-{_as_file_name(scenario.parameters['scenario'])}"
    places = {word: folder / f"{stem}.{word}.yml" for word in scenario.files}
    for word, content in scenario.files.items():
        _write(places[word], content)
    parameters = {
        name: places[value].as_posix() if isinstance(value, str) and value in places else value
        for name, value in scenario.parameters.items()
    }
    path = folder / f"{stem}.yml"
    command = f"#   {command_of(scenario.report, path)}\n"
    _write(path, command + lined_yaml.dumped(parameters))
    return path


def command_of(report: str, path: Path) -> str:
    """The command that makes the report of a saved scenario."""
    return f"salesanalysis run {report} --parameters {path.as_posix()}"


def _as_file_name(name: str) -> str:
    """A name with only letters and digits, joined by hyphens: no shell needs it in quotes.

    Examples
    --------
    >>> _as_file_name("T 79 → 84%, C 19 → 14 days")
    'T-79-84-C-19-14-days'
    """
    words = "".join(sign if sign.isalnum() else " " for sign in name).split()
    return "-".join(words)[:_MOST_LETTERS].strip("-") or "scenario"


def _write(path: Path, content: str) -> None:
    if path.exists() and not path.read_text(encoding="utf-8").startswith(HEAD):
        raise SalesAnalysisError(
            f"`{path.as_posix()}` is there already, and no workshop wrote it; rename it first."
        )
    path.write_text(HEAD + content, encoding="utf-8", newline="\n")
