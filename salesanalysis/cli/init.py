"""``salesanalysis init``: its arguments, and what it says it wrote."""

import os
import shlex
from pathlib import Path

from salesanalysis import text
from salesanalysis.cli.terminal import aligned, printable

HELP = "begin a project of your own in a folder"

DESCRIPTION = """\
Writes what a project begins with into a folder: the notebooks, reports.yml, a mapping file to fill
in, incentive plans, and a README.md that says what to do. Nothing that is there is written over.

Commands work without it too: a notebook that is not in the working directory's notebooks/ is the
package's.
"""

EPILOG = """\
examples:
  salesanalysis init sales
  salesanalysis init sales --sample
  salesanalysis init . --lang zh
"""

#: What the files are for, by how their paths begin; the first that fits.
_PURPOSES = {
    "README.md": "what to do here: read it first",
    "reports.yml": "which reports are made, from which files",
    "mapping.yml": "which of your columns is which of ours",
    "notebooks/": "the reports themselves, to change",
    "data/README.md": "every table and column",
    "data/plans/": "incentive plans, to begin your own from",
    "data/sample/": "a made-up company",
    "docs/": "reports on a schedule, exploring in JupyterLab",
}


def add_arguments(command) -> None:
    """Add the arguments of ``init`` to its parser."""
    command.add_argument("folder", metavar="FOLDER", help="where; made if it is missing")
    command.add_argument("--sample", action="store_true", help="with the data of a made-up company")
    command.add_argument(
        "--lang", choices=text.LANGUAGES, default="en", help="of README.md and mapping.yml"
    )


def run(arguments) -> int:
    """Write the project; the exit code."""
    from salesanalysis import datasets
    from salesanalysis.reports import project

    sample = datasets.write if arguments.sample else None
    names = project.start(arguments.folder, lang=arguments.lang, sample=sample)
    folder = Path(arguments.folder)
    print(printable(f"written into {folder}:"))
    for line in aligned(_summary(names)):
        print(f"  {line}")
    print("next:")
    if folder.resolve() != Path.cwd():
        print(printable(f"  cd {_as_typed(folder)}"))
    if sample:
        print("  salesanalysis batch reports.yml")
    else:
        print("  salesanalysis check YOUR_EXPORT.csv --table opportunities")
    return 0


def _summary(names: list[str]) -> list[tuple[str, str, str]]:
    """The files as a table: what, how many, what for."""
    rows = []
    for start, purpose in _PURPOSES.items():
        count = sum(name.startswith(start) for name in names)
        if count:
            rows.append((start, f"{count} files" if start.endswith("/") else "", purpose))
    return rows


def _as_typed(folder: Path) -> str:
    """A folder as a shell takes it, with a blank in its name too."""
    return shlex.quote(str(folder)) if os.name == "posix" else f'"{folder}"'
