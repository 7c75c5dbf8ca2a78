"""``salesanalysis sample``: a made-up company as files."""

from pathlib import Path

from salesanalysis.cli.terminal import ProgressBar

HELP = "write a made-up company to try things on"

DESCRIPTION = """\
Writes the tables of a made-up company: the same seed gives the same bytes.
They are complete up to 2025-12-31, which a report of them is told as `as_of`.
"""

EPILOG = """\
examples:
  salesanalysis sample --out data/sample
  salesanalysis sample --out data/mine --seed 1 --deals 100000
  salesanalysis run funnel -p opportunities=data/mine/opportunities.csv \\
    -p stage_history=data/mine/stage_history.csv -p as_of=2025-12-31
"""


def add_arguments(command) -> None:
    """Declare the arguments of the command."""
    command.add_argument("--out", metavar="DIR", required=True, help="where the files go")
    command.add_argument(
        "--seed", metavar="N", type=int, help="which company; default: that of the sample"
    )
    command.add_argument(
        "--deals", metavar="N", type=int, help="how large a company; default: as the sample"
    )
    command.add_argument("--format", choices=("csv", "parquet"), default="csv")


def run(arguments) -> int:
    """Write the files; the exit code."""
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
    return 0
