"""``salesanalysis workshop``: its arguments, and the page it serves."""

from salesanalysis import text
from salesanalysis.cli.parameters import add_pairs, given_parameters

HELP = "the pictures with sliders, as a page for a room"

DESCRIPTION = """\
Serves the notebook `workshop` as a page on this machine, in English and Chinese: sliders for the
funnel, the forgetting curve, the incentive plan and the forecast, whose pictures follow. A button
saves a scenario as a file of parameters, from which `salesanalysis run --parameters FILE` makes
the report. Ctrl-C ends it.
"""

EPILOG = """\
examples:
  salesanalysis workshop
  salesanalysis workshop --lang zh --port 9000
  salesanalysis workshop -p opportunities=export.csv -p as_of=2026-03-31

Without data of your own it shows the sample, with one table of yours nothing of the sample; what
has no data has no tab. `salesanalysis list` shows the parameters.
"""


def add_arguments(command) -> None:
    """Add the arguments of ``workshop`` to its parser."""
    add_pairs(command)
    command.add_argument("--lang", choices=text.LANGUAGES, default="en", help="to begin with")
    command.add_argument("--port", metavar="N", type=int, default=8866, help="default: 8866")
    command.add_argument("--no-browser", action="store_true", help="open no browser")


def run(arguments) -> int:
    """Serve the page until it is stopped; the exit code."""
    from salesanalysis import workshop
    from salesanalysis.reports.job import find_notebook
    from salesanalysis.reports.parameters import declared, without_sample

    notebook = find_notebook("workshop")
    parameters = given_parameters(notebook, [*arguments.pairs, f"lang={arguments.lang}"])
    parameters |= without_sample(parameters, declared(notebook))
    workshop.serve(
        notebook,
        parameters,
        lang=arguments.lang,
        port=arguments.port,
        open_browser=not arguments.no_browser,
        started=lambda address: print(f"{address}  (Ctrl-C ends it)", flush=True),
    )
    return 0
