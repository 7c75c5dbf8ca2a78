"""The command line: ``salesanalysis init | list | check | run | batch | workshop | sample | …``.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import argparse
import os
import sys
from pathlib import Path

from salesanalysis import __version__, text
from salesanalysis.cli import batches, checks, completion, init, workshop
from salesanalysis.cli.parameters import add_pairs, given_in_all
from salesanalysis.cli.terminal import (
    ProgressBar,
    Terminated,
    aligned,
    any_console,
    complain,
    printable,
    terminable,
)
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.formats import FORMATS, PAGE

#: Exit codes, as ``--help`` documents them.
OK, FAILED, REFUSED, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

#: The environment variable that asks for the traceback of an error nobody has foreseen.
DEBUG = "SALESANALYSIS_DEBUG"

_DESCRIPTION = """\
Sales analysis: from a CRM export to a report, checked on the way.

All paths, those in parameters too, are relative to the working directory. Notebooks are called by
path, or by name: from its folder notebooks/, or else from the package.
"""

_EPILOG = """\
examples:
  salesanalysis init sales --sample
  salesanalysis list
  salesanalysis check export.csv --table opportunities
  salesanalysis run funnel -p opportunities=export.csv -p as_of=2025-12-31 --lang zh
  salesanalysis batch reports.yml
  salesanalysis workshop --lang zh
  salesanalysis sample --out data/mine --seed 1 --deals 100000 --format parquet

exit codes:
  0    done; for check: clean
  1    a report failed; for check: rows would be set aside
  2    refused: wrong arguments or input, or the disk did not allow it; for check: a fatal fault;
       also an error that nobody has foreseen, which SALESANALYSIS_DEBUG=1 shows in full
  130  interrupted (143 by SIGTERM): what was finished is whole, the rest as it was before

salesanalysis COMMAND --help says more on one command.
"""


def _formats() -> str:
    """What ``--format`` takes, a line each."""
    width = max(map(len, FORMATS))
    lines = (f"  {name:{width}}  {format.file}: {format.what}" for name, format in FORMATS.items())
    return "\n".join(lines)


_RUN = f"""\
Runs one notebook and writes its report into a folder: {FORMATS[PAGE].file} (one file, nothing else
needed to read it), notebook.ipynb, tables/, figures/, run.json (what it was made from) and
timing.json.

A run that fails leaves the previous report as it is; the half-run notebook lies in DIR.failed.
Without tables of your own the sample is shown; with one, nothing of the sample is used.
"""

_SAMPLE_EXAMPLES = """\
examples:
  salesanalysis sample --out data/sample
  salesanalysis sample --out data/mine --seed 1 --deals 100000
  salesanalysis run funnel -p opportunities=data/mine/opportunities.csv \\
    -p stage_history=data/mine/stage_history.csv -p as_of=2025-12-31
"""

_RUN_EXAMPLES = f"""\
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


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Examples
    --------
    >>> main(["run", "nothing-of-that-name"])
    2
    """
    any_console()
    arguments = parser().parse_args(argv)
    try:
        with terminable():
            code = arguments.command(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader, `head` for one, has seen enough; Python must not complain when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (SalesAnalysisError, OSError) as fault:
        complain(fault)
        return _code_of(fault)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        complain(_unforeseen(error, arguments))
        return REFUSED
    except KeyboardInterrupt as stop:
        complain("interrupted; what was finished is whole, the rest is as it was before")
        return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def _unforeseen(error: Exception, arguments) -> str:
    """One line on an error that nobody has foreseen: at what, of which kind, how to see more."""
    subject = next(
        (
            given
            for name in ("file", "notebook", "out")
            if (given := getattr(arguments, name, None))
        ),
        None,
    )
    at = f"`{subject}`: " if subject else ""
    said = (str(error).splitlines() or [""])[0][:200]
    what = "not enough memory" if _is_memory(error) else f"unexpected {type(error).__name__}"
    return f"{at}{what}{': ' if said else ''}{said} (set {DEBUG}=1 to see where it happened)"


def _is_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException"


def _code_of(fault: Exception) -> int:
    from salesanalysis.reports import ReportFailed

    return FAILED if isinstance(fault, ReportFailed) else REFUSED


# --- commands ----------------------------------------------------------------------------------


def _list(arguments) -> int:
    from salesanalysis.reports import project
    from salesanalysis.reports.parameters import declared, read_cells

    for notebook in project.notebooks().values():
        lines = [line for cell in read_cells(notebook) for line in cell["source"].splitlines()]
        title = next((line.lstrip("# ") for line in lines if line.startswith("# ")), "")
        print(printable(f"{notebook.stem}  {title}".rstrip()))
        rows = [(p.name, p.type, repr(p.default), p.comment) for p in declared(notebook)]
        for line in aligned(rows):
            print(f"  {line}")
    if not (Path(project.MARK).is_file() or project.NOTEBOOKS.is_dir()):
        print(f"\nThese are the package's. {project.how_to_start()}")
    return OK


def _run(arguments) -> int:
    from salesanalysis import reports
    from salesanalysis.reports.folders import as_typed
    from salesanalysis.reports.request import find_notebook

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
    return OK


def _sample(arguments) -> int:
    from salesanalysis import datasets
    from salesanalysis.reports.folders import as_typed

    bar = ProgressBar()
    asked = {"seed": arguments.seed, "deals": arguments.deals}
    with bar:
        paths = datasets.write(
            arguments.out,
            **{name: value for name, value in asked.items() if value is not None},
            format=arguments.format,
            progress=lambda done, count: bar.show("sample", done, count, "deals"),
        )
    for path in paths:
        print(as_typed(Path(path)))
    return OK


# --- arguments ---------------------------------------------------------------------------------


#: Commands with a module of their own.
_MODULES = {
    "check": checks,
    "batch": batches,
    "workshop": workshop,
    "init": init,
    "completion": completion,
}


def parser() -> argparse.ArgumentParser:
    """What the command line takes; ``commands`` are the parsers of its commands by name."""
    whole = _plain_parser(
        argparse.ArgumentParser, prog="salesanalysis", description=_DESCRIPTION, epilog=_EPILOG
    )
    whole.add_argument("--version", action="version", version=f"salesanalysis {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)

    command = _plain_parser(
        commands.add_parser,
        "list",
        help="the notebooks with their parameters",
        description="Lists the notebooks of the working directory's notebooks/, and those of the\n"
        "package: title, and each parameter with its type, default and comment.",
    )
    command.set_defaults(command=_list)

    command = _plain_parser(
        commands.add_parser,
        "run",
        help="make one report",
        description=_RUN,
        epilog=_RUN_EXAMPLES,
    )
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
    command.set_defaults(command=_run)

    for name, module in _MODULES.items():
        command = _plain_parser(
            commands.add_parser,
            name,
            help=module.HELP,
            description=module.DESCRIPTION,
            epilog=module.EPILOG,
        )
        module.add_arguments(command)
        command.set_defaults(command=module.run)

    command = _plain_parser(
        commands.add_parser,
        "sample",
        help="write a made-up company to try things on",
        description="Writes the tables of a made-up company: the same seed gives the same bytes.\n"
        "They are complete up to 2025-12-31, which a report of them is told as `as_of`.",
        epilog=_SAMPLE_EXAMPLES,
    )
    command.add_argument("--out", metavar="DIR", required=True, help="where the files go")
    command.add_argument(
        "--seed", metavar="N", type=int, help="which company; default: that of the sample"
    )
    command.add_argument(
        "--deals", metavar="N", type=int, help="how large a company; default: as the sample"
    )
    command.add_argument("--format", choices=("csv", "parquet"), default="csv")
    command.set_defaults(command=_sample)
    whole.commands = commands.choices
    return whole


def _plain_parser(make, *names, **options):
    """A parser that prints its texts as they are written, and takes no abbreviated options."""
    return make(
        *names,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        **options,
    )
