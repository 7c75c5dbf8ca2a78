"""The parameters of a notebook: read without running it, checked before it runs.

The cell tagged ``parameters`` holds one parameter per line: a plain type, a literal, a comment::

    by: list = ["region"]  # columns to split by
"""

import ast
import io
import json
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.masking import mask_secrets
from salesanalysis.reports import project

#: The types that papermill can inspect and that a command line and a YAML file can give.
TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}

#: Where the made-up company lies that a notebook shows by default: its tables, and its plan.
_SAMPLE, _MADE_UP = "data/sample/", "data/"

_LONGEST_SHOWN = 200

#: Parameters that hold values of columns: in a file they stay the text that is written there.
_WORDS = ("only",)

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: name, name of its type, default, comment, line in its cell."""

    name: str
    type: str
    default: object
    comment: str
    line: int


def read_cells(notebook: Path) -> list[dict]:
    """The cells of a notebook file, each with its whole source as one text under ``source``."""
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        cells = content["cells"]
        return [
            {
                "type": cell["cell_type"],
                "source": "".join(cell["source"]),
                "tags": cell.get("metadata", {}).get("tags", []),
            }
            for cell in cells
        ]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as fault:
        raise SalesAnalysisError(
            f"`{notebook}` is not a Jupyter notebook of format 4: {type(fault).__name__} {fault}."
            " Save it again with JupyterLab."
        ) from None


def declared(notebook: Path) -> list[Parameter]:
    """The parameters that a notebook declares, in their order; none if it has no such cell.

    Raises
    ------
    SalesAnalysisError
        A line of the cell is not ``name: type = literal``; every such line is listed.
    """
    cells = [cell for cell in read_cells(notebook) if "parameters" in cell["tags"]]
    if not cells:
        return []
    if len(cells) > 1:
        raise SalesAnalysisError(
            f"`{notebook}` has {len(cells)} cells tagged `parameters`; expected one."
        )
    source = cells[0]["source"]
    try:
        statements = ast.parse(source).body
    except SyntaxError as fault:
        raise SalesAnalysisError(
            f"The `parameters` cell of `{notebook}` is not Python:"
            f" line {fault.lineno}, {fault.msg}."
        ) from None
    comments = _comments(source)
    found, faults = [], []
    for statement in statements:
        try:
            found.append(_parameter(statement, comments))
        except ValueError as fault:
            first = source.splitlines()[statement.lineno - 1]
            faults.append(f"line {statement.lineno}, `{first.strip()}`: {fault}")
    if faults:
        raise SalesAnalysisError(
            f"The `parameters` cell of `{notebook}` must hold one `name: type = literal` a line,"
            f" with a type out of {', '.join(TYPES)}:\n" + "\n".join(faults)
        )
    return found


def _parameter(statement: ast.stmt, comments: dict[int, str]) -> Parameter:
    """One statement of the cell as a parameter; a ValueError says what is wrong with it."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        raise ValueError("it is not an annotated assignment")
    annotation = ast.unparse(statement.annotation)
    if annotation not in TYPES:
        raise ValueError(f"`{annotation}` is not a plain type")
    if statement.value is None:
        raise ValueError("it has no default")
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        raise ValueError("its default is not a literal") from None
    parameter = Parameter(
        name=statement.target.id,
        type=annotation,
        default=default,
        comment=comments.get(statement.end_lineno, ""),
        line=statement.lineno,
    )
    try:
        check(default, parameter)
    except SalesAnalysisError:
        raise ValueError(f"its default is not a {annotation}") from None
    return parameter


def _comments(source: str) -> dict[int, str]:
    """The comment on each line, found by the tokenizer: a ``#`` inside a string is none."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def check(value, parameter: Parameter):
    """``value`` as the parameter's type: a whole number may stand for a float, nothing else.

    A word of a YAML file is what the parameter expects.

    Examples
    --------
    >>> check(3, Parameter("level", "float", 0.95, "", 1))
    3.0
    >>> no = lined_yaml.Written("NO")
    >>> check(no, Parameter("region", "str", "", "", 1))
    'NO'
    """
    meant_as_text = parameter.type == "str" or parameter.name in _WORDS
    value = lined_yaml.as_text(value) if meant_as_text else lined_yaml.as_data(value)
    if parameter.type == "float" and type(value) is int:
        return float(value)
    # `type() is`, because True is an int to isinstance.
    if type(value) is not TYPES[parameter.type]:
        raise SalesAnalysisError(
            f"Parameter `{parameter.name}` must be {parameter.type}, such as"
            f" {parameter.default!r}; got {shortened(value)} ({type(value).__name__})."
        )
    if parameter.type in ("list", "dict"):
        try:
            json.dumps(value)
        except (TypeError, ValueError) as fault:
            raise SalesAnalysisError(
                f"Parameter `{parameter.name}` must hold what JSON can: {fault}."
            ) from None
    return value


def shortened(value) -> str:
    """A value as a message shows it: what somebody else has written may be of any length."""
    said = repr(value)
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]} …"


def parse(text: str, parameter: Parameter):
    """The text after ``-p name=`` as the parameter's type; lists and dicts as JSON.

    Examples
    --------
    >>> parse('["region"]', Parameter("by", "list", [], "", 1))
    ['region']
    """
    if parameter.type == "str":
        return text
    try:
        if parameter.type == "bool":
            return _TRUTH[text.strip().lower()]
        if parameter.type in ("int", "float"):
            return TYPES[parameter.type](text)
        value = json.loads(text)
    except (KeyError, ValueError):
        expected = {
            "bool": "true or false",
            "int": "a whole number",
            "float": "a number",
            "list": 'a JSON list such as ["a", "b"]',
            "dict": 'a JSON object such as {"a": 1}',
        }[parameter.type]
        raise SalesAnalysisError(
            f"Parameter `{parameter.name}` must be {expected}; got {shortened(text)}."
        ) from None
    return check(value, parameter)


def read_file(file, notebook: Path) -> dict:
    """The parameters of a YAML file, ``name: value``, of the types that the notebook declares.

    Raises
    ------
    SalesAnalysisError
        It is not YAML, or every fault in it with its line.
    """
    path = Path(file)
    written, faults = lined_yaml.read(path)
    given = written.content
    if not isinstance(given, dict) or not given:
        raise SalesAnalysisError(
            f"`{path}` must hold parameters of `{notebook}`, a line `name: value` each."
        )
    known = {parameter.name: parameter for parameter in declared(notebook)}
    values = {}
    for name, value in given.items():
        try:
            require_known([name], known.values(), notebook)
            values[name] = check(value, known[name])
        except SalesAnalysisError as fault:
            faults.append((written.line((str(name),)), str(fault)))
    refuse(path, faults)
    return values


def refuse(path: Path, faults: list[tuple[int, str]]) -> None:
    """Raise all faults of a file, each with its line, if there are any; no password is told."""
    if faults:
        lines = [f"{path}:{line}: {said}" for line, said in sorted(faults)]
        told = [f"`{path}` has {len(lines)} fault(s); nothing was run:", *lines]
        raise SalesAnalysisError(mask_secrets("\n".join(told)))


def without_sample(given: dict, parameters: Iterable[Parameter]) -> dict:
    """What is to be given besides, where a table is not the sample's: ``""`` for all of the sample.

    Tables of two companies make no report. Nor does the day of the sample serve for another's.

    Raises
    ------
    SalesAnalysisError
        ``as_of`` is not among what is given; or nothing of one's own is, and the sample is not in
        the working directory.

    Examples
    --------
    >>> deals, orders = (
    ...     Parameter(name, "str", f"data/sample/{name}.csv", "", 1) for name in ("deals", "orders")
    ... )
    >>> without_sample({"deals": "export.csv"}, [deals, orders])
    {'orders': ''}
    """
    of_sample = [p for p in parameters if str(p.default).startswith(_SAMPLE)]
    if all(_SAMPLE in str(given.get(p.name) or _SAMPLE) for p in of_sample):
        shown = [p.default for p in of_sample if given.get(p.name, p.default) == p.default]
        missing = [path for path in shown if not Path(path).exists()]
        if missing:
            raise SalesAnalysisError(
                f"No data of your own are given, and the sample is not here (no `{missing[0]}`)."
                f" Name a table of your own, `{of_sample[0].name}` for one, and `as_of`. Or try the"
                f" sample: {project.how_to_start()}"
            )
        return {}
    rest = [p for p in parameters if p.name not in given]
    if any(p.name == "as_of" for p in rest):
        raise SalesAnalysisError(
            "Parameter `as_of` is not given. With data of your own say up to which day they are"
            " complete, such as 2025-12-31: what was still open then depends on it."
        )
    return {p.name: "" for p in rest if str(p.default).startswith(_MADE_UP)}


def require_known(names, parameters: Iterable[Parameter], notebook: Path) -> None:
    """Refuse names that the notebook does not declare, with the nearest that it does."""
    known = [parameter.name for parameter in parameters]
    unknown = [name for name in names if name not in known]
    if not unknown:
        return
    lines = []
    for name in unknown:
        close = nearest(str(name), known)
        lines.append(f"`{name}`" + (f" (did you mean `{close[0]}`?)" if close else ""))
    raise SalesAnalysisError(
        f"`{notebook}` has no parameter {', '.join(lines)}. It has: {', '.join(known) or 'none'}."
    )
