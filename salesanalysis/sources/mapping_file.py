"""The file in which a user says which of their columns, words and rows are meant."""

from collections.abc import Iterator
from pathlib import Path

from salesanalysis import columns as vocabulary
from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, did_you_mean

#: What a mapping file may say of a table.
OPTIONS = ("columns", "values", "keep", "only", "date_order", "encoding", "sheet", "query")


def said_of(path: Path, table: str) -> dict:
    """What the mapping file says of one table; all its words are text, as they are written."""
    content, said = _read(path)
    if not any(isinstance(value, dict) for value in said.values()):
        return {"columns": said}
    _require_known(said, path)
    part = dict(said.get(table) or {})
    if "sheet" in part:  # a number without quotes is its position
        part["sheet"] = lined_yaml.as_data(content[table]["sheet"])
    if "only" in part:  # another word for it
        if "keep" in part:
            raise SalesAnalysisError(
                f"Mapping file `{path}` says `keep` and `only` of `{table}`, which mean the same:"
                " expected one of them."
            )
        part["keep"] = part.pop("only")
    return part


def _read(path: Path) -> tuple[dict, dict]:
    """The file's content, and the same with all its words as text."""
    if not path.is_file():
        raise SalesAnalysisError(f"`columns` is the path `{path}`, where there is no mapping file.")
    written, repeated = lined_yaml.read(path)
    said = lined_yaml.as_text(written.content)
    if not isinstance(said, dict):
        raise SalesAnalysisError(
            f"Mapping file `{path}` holds no names; expected our column: theirs."
        )
    for line, fault in repeated:
        raise SalesAnalysisError(f"{path}:{line}: {fault}.")
    for where in _without_value(said):
        # A table or an option of which nothing is said is as good as not there.
        if len(where) > 2 or not any(isinstance(value, dict) for value in said.values()):
            raise SalesAnalysisError(
                f"{path}:{written.line(where)}: `{where[-1]}` has no value; write '' for an empty"
                " cell, and a word such as null in quotes."
            )
    return written.content, said


def _require_known(said: dict, path: Path) -> None:
    """Refuse a file that names a table or an option that nobody knows."""
    for name, part in said.items():
        vocabulary.table(name)
        for option in part if isinstance(part, dict) else [] if part is None else [part]:
            if option not in OPTIONS:
                raise SalesAnalysisError(
                    f"Mapping file `{path}` says `{option}` of `{name}`."
                    f"{did_you_mean(option, OPTIONS)} Expected: {', '.join(OPTIONS)}."
                )


def _without_value(content, where: lined_yaml.Where = ()) -> Iterator[lined_yaml.Where]:
    """The places where a key or an item of a list has nothing behind it."""
    inside = content.items() if isinstance(content, dict) else enumerate(content)
    for step, item in inside:
        if item is None:
            yield (*where, step)
        elif isinstance(item, dict | list):
            yield from _without_value(item, (*where, step))
