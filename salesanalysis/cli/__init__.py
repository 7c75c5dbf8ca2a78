"""The command line: ``salesanalysis init | list | check | run | batch | workshop | sample | …``.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import argparse
import os
import sys

from salesanalysis import __version__
from salesanalysis.cli import (
    batches,
    checks,
    completion,
    init,
    listing,
    new_family,
    one_report,
    sample,
    workshop,
)
from salesanalysis.cli.terminal import Terminated, any_console, complain, terminable
from salesanalysis.errors import SalesAnalysisError

#: Exit codes, as ``--help`` documents them.
OK, FAILED, REFUSED, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

#: The environment variable that asks for the traceback of an error nobody has foreseen.
DEBUG = "SALESANALYSIS_DEBUG"

#: Each command and its module: what help says of it, its arguments, and what it does.
_COMMANDS = {
    "list": listing,
    "run": one_report,
    "check": checks,
    "batch": batches,
    "workshop": workshop,
    "init": init,
    "completion": completion,
    "sample": sample,
    "new-family": new_family,
}

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


def parser() -> argparse.ArgumentParser:
    """What the command line takes; ``commands`` are the parsers of its commands by name."""
    whole = _plain_parser(
        argparse.ArgumentParser, prog="salesanalysis", description=_DESCRIPTION, epilog=_EPILOG
    )
    whole.add_argument("--version", action="version", version=f"salesanalysis {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        texts = {"description": module.DESCRIPTION, "epilog": module.EPILOG}
        command = _plain_parser(commands.add_parser, name, help=module.HELP, **texts)
        module.add_arguments(command)
        command.set_defaults(command=module.run)
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
