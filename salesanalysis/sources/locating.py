"""Where an input is, and what it is."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, nearest
from salesanalysis.masking import masked_url
from salesanalysis.sources.content import ENDINGS, content_of, kind_of_ending

#: Where an input lies: a file or a pattern of files, several of them, or a database.
Source = str | Path | Sequence[str | Path]

POSTGRES = ("postgres", "postgresql")
DATABASES = ("duckdb", "sqlite", *POSTGRES)

_SUFFIXES = tuple(suffix for known in ENDINGS.values() for suffix in known)


@dataclass(frozen=True)
class Located:
    """An input that is there: its kind, how it is shown, and its files or its URL."""

    kind: str
    shown: str
    paths: tuple[Path, ...] = ()
    url: str = ""


def locate(source: Source) -> Located:
    """Where ``source`` is: a path, a pattern of paths, a list of either, or a URL.

    Raises
    ------
    SalesAnalysisError
        It is nothing of the kind, is not there, or holds files that are no one table.
    """
    if isinstance(source, (list, tuple)) and source:
        return _of_list([locate(one) for one in source])
    if not isinstance(source, (str, Path)):
        raise SalesAnalysisError(
            f"`source` is {type(source).__name__}; expected a path, a list of paths or a database"
            " URL."
        )
    text = str(source)
    if "://" in text:
        return _of_url(text)
    path = Path(text)
    if any(sign in text for sign in "*?[") and not path.exists():
        return _of_pattern(text)
    if not path.exists():
        raise SalesAnalysisError(_no_file(path))
    if path.is_dir():
        raise SalesAnalysisError(_is_folder(path))
    return Located(_kind(path), text, (path,))


def _of_list(found: list[Located]) -> Located:
    paths = tuple(path for one in found for path in one.paths)
    shown = found[0].shown if len(found) == 1 else f"{found[0].shown} and {len(found) - 1} more"
    return Located(
        _kind_of_all({one.kind for one in found}, paths, "a list of others"), shown, paths
    )


def _of_url(text: str) -> Located:
    scheme = text.split("://", 1)[0].lower()
    if scheme not in DATABASES:
        raise SalesAnalysisError(
            f"`source` begins with `{scheme}://`; expected one of"
            f" {', '.join(f'{known}://' for known in DATABASES)}."
        )
    return Located(scheme, masked_url(text), url=text)


def _of_pattern(text: str) -> Located:
    paths = tuple(Path(name) for name in sorted(glob.glob(text)))
    if not paths:
        raise SalesAnalysisError(f"`source` is the pattern `{text}`, which no file matches.")
    kinds = {_kind(one) for one in paths}
    return Located(_kind_of_all(kinds, paths, f"the pattern `{text}`"), text, paths)


def _is_folder(path: Path) -> str:
    inside = sorted(p.name for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
    listed = f" It holds {', '.join(inside[:5])}." if inside else ""
    pattern = path / f"*{Path(inside[0]).suffix if inside else '.csv'}"
    return (
        f"`source` is `{path}`, a directory; expected a file, or a pattern such as"
        f" `{pattern}`.{listed}"
    )


def _kind_of_all(kinds: set[str], paths: tuple[Path, ...], shown: str) -> str:
    """The kind of files that are to be read as one table."""
    if not paths or (len(paths) > 1 and kinds not in ({"text"}, {"parquet"})):
        raise SalesAnalysisError(
            f"`source` is {shown}; only CSV files, or only Parquet files, can be read many at a"
            f" time.{_odd_one(paths)}"
        )
    for path in paths:
        if paths.count(path) > 1:
            raise SalesAnalysisError(f"`source` lists `{path}` {paths.count(path)} times.")
    return kinds.pop()


def _odd_one(paths: tuple[Path, ...]) -> str:
    """The first of some files that is something else than its ending says, for an error."""
    for path in paths:
        if notes := content_of(path).notes:
            return f" `{path}` is {notes[0].values['what'].said('en')}."
    return ""


def _kind(path: Path) -> str:
    """What a file is, by its bytes; its ending must be one that can be read all the same."""
    suffix = path.suffix.lower()
    if kind_of_ending(suffix):
        return content_of(path).kind
    databases = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}
    hint = f" For a database write `{databases[suffix]}:///{path}`." if suffix in databases else ""
    raise SalesAnalysisError(
        f"`source` is `{path}`; its ending `{suffix}` is none of {', '.join(_SUFFIXES)}.{hint}"
    )


def _no_file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"`source` is `{path}`, but there is no directory `{folder}`."
    close = nearest(path.name, [other.name for other in folder.iterdir()])
    hint = f" Nearest: {', '.join(close)}." if close else ""
    return f"`source` is `{path}`, where there is no file.{hint}"
