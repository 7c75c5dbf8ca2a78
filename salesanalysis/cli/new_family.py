"""``salesanalysis new-family``: its argument, and what it says it wrote."""

HELP = "begin a family of functions and its report, in a checkout of the repository"

DESCRIPTION = """\
Writes the stub of a family into the repository: its functions, reductions, pictures, texts in
every language, notebook and tests, a small report of bookings that runs and passes all tests; and
names it where families are named. Then make it your own, file by file: ARCHITECTURE.md, "To add a
family".
"""

EPILOG = """\
example:
  salesanalysis new-family customers
"""


def add_arguments(command) -> None:
    """Add the argument of ``new-family`` to its parser."""
    command.add_argument("name", metavar="NAME", help="one word of lower-case letters")


def run(arguments) -> int:
    """Write the stub; the exit code."""
    from salesanalysis.reports.project.family import begin_family

    print("written:")
    for path in begin_family(arguments.name):
        print(f"  {path}")
    print(f"next:\n  salesanalysis run {arguments.name}\n  make test FAMILY={arguments.name}")
    return 0
