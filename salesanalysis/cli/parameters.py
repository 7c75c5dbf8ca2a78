"""``-p NAME=VALUE`` on the command line: the parameters of a notebook."""

from pathlib import Path

from salesanalysis.errors import SalesAnalysisError


def add_pairs(command) -> None:
    """Add ``-p`` to the parser of a command that runs a notebook."""
    command.add_argument(
        "-p",
        metavar="NAME=VALUE",
        dest="pairs",
        action="append",
        default=[],
        help="a parameter of the notebook; may be repeated",
    )


def given_parameters(notebook: Path, pairs: list[str]) -> dict:
    """The ``-p name=value`` of the command line, as the types that the notebook declares."""
    from salesanalysis.reports import parameters as params

    texts = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SalesAnalysisError(f"`-p {pair}` has no `=`; expected -p name=value.")
        if name in texts:
            raise SalesAnalysisError(f"`-p {name}` is given twice; expected once.")
        texts[name] = value
    known = params.declared(notebook)
    params.require_known(texts, known, notebook)
    by_name = {parameter.name: parameter for parameter in known}
    return {name: params.parse(value, by_name[name]) for name, value in texts.items()}


def given_in_all(notebook: Path, arguments) -> dict:
    """What the file of ``--parameters`` holds; ``--lang`` and each ``-p`` go before it."""
    from salesanalysis.reports.parameters import read_file

    path = arguments.parameters
    in_file = read_file(path, notebook) if path else {}
    if arguments.lang:
        in_file.pop("lang", None)
    return in_file | given_parameters(notebook, arguments.pairs)
