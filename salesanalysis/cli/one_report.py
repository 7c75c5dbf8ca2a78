"""``salesanalysis run``: its arguments, and what it says of the report it made."""

from salesanalysis import text
from salesanalysis.cli.parameters import add_pairs, given_in_all
from salesanalysis.cli.terminal import ProgressBar, printable
from salesanalysis.formats import FORMATS, PAGE

HELP = "make one report"


def _formats() -> str:
    """What ``--format`` takes, a line each."""
    width = max(map(len, FORMATS))
    lines = (f"  {name:{width}}  {format.file}: {format.what}" for name, format in FORMATS.items())
    return "\n".join(lines)


DESCRIPTION = f"""\
Runs one notebook and writes its report into a folder: {FORMATS[PAGE].file} (one file, nothing else
needed to read it), notebook.ipynb, tables/, figures/, run.json (what it was made from) and
timing.json.

A run that fails leaves the previous report as it is; the half-run notebook lies in DIR.failed.
Without tables of your own the sample is shown; with one, nothing of the sample is used.
"""

EPILOG = f"""\
formats:
{_formats()}

examples:
  salesanalysis run funnel
  salesanalysis run funnel -p opportunities=export.csv -p as_of=2025-12-31
  salesanalysis run notebooks/funnel.ipynb -p 'splits=["region", "team"]' --lang zh --out out/march
  salesanalysis run funnel --parameters scenario.yml -p as_of=2026-03-31 --template house.pptx

values: text as it is, numbers, true or false; lists and mappings as JSON.
`salesanalysis list` shows the parameters of every notebook.
"""


def add_arguments(command) -> None:
    """Declare the arguments of the command."""
    command.add_argument("notebook", metavar="NOTEBOOK", help="its name, or its path")
    add_pairs(command)
    command.add_argument(
        "--parameters", metavar="FILE", help="YAML with a line NAME: VALUE each; -p goes before it"
    )
    command.add_argument("--out", metavar="DIR", help="default: out/NOTEBOOK/LANG")
    command.add_argument("--lang", choices=text.LANGUAGES, help="the reader's language")
    command.add_argument(
        "--cell-timeout", metavar="SECONDS", type=float, help="give up on a cell after that long"
    )
    command.add_argument(
        "--time-limit", metavar="SECONDS", type=float, help="give up on the report after that long"
    )
    command.add_argument(
        "--memory-limit", metavar="MB", type=float, help="give up on it when it takes that much"
    )
    command.add_argument(
        "--format",
        metavar="NAME",
        dest="formats",
        action="append",
        default=[],
        help="write this format too; may be repeated",
    )
    command.add_argument(
        "--template", metavar="FILE", help="your own PowerPoint file, whose look the pptx takes"
    )


def run(arguments) -> int:
    """Make the report; the exit code."""
    from salesanalysis import reports
    from salesanalysis.reports.folders import as_typed
    from salesanalysis.reports.job import find_notebook

    bar = ProgressBar()
    notebook = find_notebook(arguments.notebook)
    with bar:
        made = reports.run(
            notebook,
            parameters=given_in_all(notebook, arguments),
            out=arguments.out,
            lang=arguments.lang,
            progress=lambda *step: bar.show(notebook.stem, *step),
            cell_timeout=arguments.cell_timeout,
            time_limit=arguments.time_limit,
            memory_limit_mb=arguments.memory_limit,
            formats=arguments.formats,
            template=arguments.template,
        )
    for said in made.headlines:
        print(printable(f"- {said}"))
    for said in made.warnings:
        print(printable(f"! {said}"))
    print(as_typed(made.page))
    return 0
