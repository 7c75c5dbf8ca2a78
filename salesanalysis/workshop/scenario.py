"""What a room decided, as a file of parameters that makes a report."""

from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError

#: The first line of every file: only such a file is ever overwritten.
HEAD = "# A scenario of salesanalysis workshop. Make the report from it:\n"


@dataclass(frozen=True)
class Scenario:
    """A report and its parameters; ``files`` are texts by name that the parameters refer to.

    Where a parameter's value is the name of one of ``files``, the saved one has its path instead.
    """

    report: str
    parameters: dict
    files: dict[str, str] = field(default_factory=dict)


def save(scenario: Scenario, folder: Path) -> Path:
    """Write a scenario into a folder as ``<report>.yml``; an earlier one is replaced.

    Raises
    ------
    SalesAnalysisError
        A file of that name is there that no workshop has written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = {name: (folder / name).as_posix() for name in scenario.files}
    for name, content in scenario.files.items():
        _write(folder / name, content)
    parameters = {
        name: places.get(value, value) if isinstance(value, str) else value
        for name, value in scenario.parameters.items()
    }
    path = folder / f"{scenario.report}.yml"
    command = f"#   salesanalysis run {scenario.report} --parameters {path.as_posix()}\n"
    said = lined_yaml.dumped(parameters)
    _write(path, command + said)
    return path


def _write(path: Path, content: str) -> None:
    if path.exists() and not path.read_text(encoding="utf-8").startswith(HEAD):
        raise SalesAnalysisError(
            f"`{path.as_posix()}` is there already, and no workshop wrote it; rename it first."
        )
    path.write_text(HEAD + content, encoding="utf-8", newline="\n")
