"""``salesanalysis list``: the notebooks there are, with their parameters."""

from pathlib import Path

from salesanalysis.cli.terminal import aligned, printable

HELP = "the notebooks with their parameters"

DESCRIPTION = """\
Lists the notebooks of the working directory's notebooks/, and those of the
package: title, and each parameter with its type, default and comment.
"""

EPILOG = None


def add_arguments(command) -> None:
    """It takes none."""


def run(arguments) -> int:
    """Print the list; the exit code."""
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
    return 0
