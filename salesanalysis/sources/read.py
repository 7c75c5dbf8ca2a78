"""Reading an input: `read` for the table, `check` for all there is to say about it."""

import glob
import warnings
from pathlib import Path

from salesanalysis.errors import SalesAnalysisError, SetAsideWarning, nearest
from salesanalysis.sources import mapping
from salesanalysis.sources.checked import Checked
from salesanalysis.sources.faults import SET_ASIDE, FatalFaults

_TEXT = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_PARQUET = (".parquet", ".pq")
_SCHEMES = ("duckdb", "sqlite", "postgres", "postgresql")


def read(
    source,
    *,
    table: str,
    columns=None,
    values=None,
    keep=None,
    date_order=None,
    encoding=None,
    sheet=None,
    query=None,
    stages=None,
):
    """Read an input as a table of the vocabulary: our names, our types, valid rows only.

    Rows that break a rule are left out; that is said once, in a warning. `check` tells which.

    Parameters
    ----------
    source : str, Path or list of them
        A CSV, TSV or TXT file (separated by comma, semicolon, tab or bar), a Parquet file, several
        of either (a pattern such as ``deals/*.csv``, a list), an Excel workbook (.xlsx, .xlsm,
        .xls), or a database (``duckdb:///path.db``, ``sqlite:///path.db``,
        ``postgres://user:password@host/name``; ``?table=`` or ``query`` says what of it).
    table : str
        The table of the vocabulary, such as ``opportunities``.
    columns : dict, str or Path, optional
        Our column → theirs, for those whose names are not known to this package; or the path of a
        YAML file that says that, and any other argument below, for each table.
    values : dict, optional
        Our column → their word → ours, such as ``{"outcome": {"Signed": "won"}}``. The word ``*``
        stands for every other one, a missing one included.
    keep : dict, optional
        Their column → the value or values of the rows that are meant; other rows are not read.
    date_order : str or dict, optional
        ``dmy``, ``mdy`` or ``ymd`` for dates that do not show their order; or that by our column.
    encoding : str, optional
        That of text which is neither UTF-8, nor UTF-16 with its mark, nor GB18030 (GBK), such as
        ``cp1252`` or ``big5``. Text that proves to be UTF-8 is read as such all the same.
    sheet : str or int, optional
        The sheet of a workbook by its name or position (0 is the first).
    query : str, optional
        The table of a database, or a SELECT.
    stages : sequence of str, optional
        The stages that a deal may be in; rows of any other are left out.

    Returns
    -------
    ibis.Table
        One row per thing that the table is about: of a list with a column for each stage or
        period, one for each filled cell of those. Columns that the input lacks are absent; columns
        that the vocabulary lacks are kept under their own names.

    Raises
    ------
    SalesAnalysisError
        An argument is wrong, or a fault is fatal; the message lists every fatal fault.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> lines = "Opportunity ID,Stage,Amount", "A1,Closed Won,12.50"
    >>> _ = (folder / "deals.csv").write_text("\\n".join(lines))
    >>> read(folder / "deals.csv", table="opportunities").to_pandas()
      opportunity_id       stage  amount outcome
    0             A1  Closed Won    12.5     won
    """
    checked = check(
        source,
        table=table,
        columns=columns,
        values=values,
        keep=keep,
        date_order=date_order,
        encoding=encoding,
        sheet=sheet,
        query=query,
        stages=stages,
    ).require()
    if checked.rows_set_aside:
        told = " ".join(checked.messages(severity=SET_ASIDE))
        counted = f"{checked.rows_set_aside:,} of {checked.rows:,} rows set aside"
        warnings.warn(
            f"`{checked.source}`: {counted}: {told}",
            SetAsideWarning,
            stacklevel=2,
        )
    return checked.table


def check(
    source,
    *,
    table: str,
    columns=None,
    values=None,
    keep=None,
    date_order=None,
    encoding=None,
    sheet=None,
    query=None,
    stages=None,
) -> Checked:
    """Check an input against a table of the vocabulary; the arguments are those of `read`.

    Faults of the data never raise: they are in the result, whatever their number.

    Returns
    -------
    Checked
        The valid rows, the columns found, the faults and where they are.

    Raises
    ------
    SalesAnalysisError
        An argument is wrong: no such file, table, column or sheet; a database that is down.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> lines = "id,stage,amount", "A1,Won,5", "A2,Lost,x", ",Won,7"
    >>> _ = (folder / "deals.csv").write_text("\\n".join(lines))
    >>> found = check(folder / "deals.csv", table="opportunities")
    >>> found.rows, found.rows_used, found.rows_set_aside
    (3, 1, 2)
    >>> found.cases[["rule", "line", "column", "value"]]
               rule  line          column value
    0   missing_key     4  opportunity_id
    1  not_a_number     3          amount     x
    """
    ask = mapping.request(
        table=table,
        columns=columns,
        values=values,
        keep=keep,
        date_order=date_order,
        encoding=encoding,
        sheet=sheet,
        query=query,
        stages=stages,
    )
    kind, paths, printable = _located(source)
    _no_idle_argument(kind, ask)
    if kind in ("postgres", "postgresql"):
        from salesanalysis.sources.remote import check_remote

        return check_remote(paths, ask)
    if isinstance(paths, list):
        from salesanalysis.sources import shared

        return shared.check_once(paths, ask, lambda: _check_here(kind, paths, printable, ask))
    return _check_here(kind, paths, printable, ask)


def _check_here(kind: str, paths, printable: str, ask: mapping.Request) -> Checked:
    """The input loaded into the session and checked there."""
    from salesanalysis.sources import examine
    from salesanalysis.sources.raw import Raw

    try:
        raw = _load(kind, paths, printable, ask)
    except FatalFaults as fatal:
        raw = Raw("", (), (), printable, _fingerprint(paths), files=(printable,))
        nothing = mapping.Mapping({}, {}, {}, {}, [])
        columns_frame = examine.columns_frame((), ask, {}, nothing)
        return examine.refused(ask, raw, 0, fatal.faults, columns_frame)
    return examine.examine(raw, ask)


def _fingerprint(paths) -> str:
    """That of files that could not be read; of a database's answer there is none."""
    from salesanalysis.sources.encoding import scan
    from salesanalysis.sources.raw import together

    return together([scan(path).fingerprint for path in paths]) if isinstance(paths, list) else ""


def _load(kind: str, paths, printable: str, ask: mapping.Request):
    """The input in the session, before any of our names."""
    if kind == "text" and len(paths) > 1:
        from salesanalysis.sources import csvfiles

        return csvfiles.load(paths, printable, ask)
    if kind == "text":
        from salesanalysis.sources import csvfile

        return csvfile.load(paths[0], printable, ask)
    if kind == "workbook":
        from salesanalysis.sources import workbook

        return workbook.load(paths[0], printable, ask)
    if kind == "parquet":
        from salesanalysis.sources import parquet

        return parquet.load(paths, printable)
    from salesanalysis.sources import database

    return database.load(paths, printable, ask)


def _no_idle_argument(kind: str, ask: mapping.Request) -> None:
    if ask.sheet is not None and kind != "workbook":
        raise SalesAnalysisError("`sheet` is given, but the source is no workbook.")
    if ask.query is not None and kind not in _SCHEMES:
        raise SalesAnalysisError("`query` is given, but the source is no database.")
    if ask.encoding is not None and kind != "text":
        raise SalesAnalysisError("`encoding` is given, but the source is no text file.")


def _located(source) -> tuple[str, object, str]:
    """Kind of a source, where it is, and how it is shown."""
    if isinstance(source, (list, tuple)) and source:
        found = [_located(one) for one in source]
        paths = [path for _, some, _ in found if isinstance(some, list) for path in some]
        shown = found[0][2] if len(found) == 1 else f"{found[0][2]} and {len(found) - 1} more"
        kinds = {kind for kind, _, _ in found}
        return _kind_of_all(kinds, paths, "a list of others"), paths, shown
    if not isinstance(source, (str, Path)):
        raise SalesAnalysisError(
            f"`source` is {type(source).__name__}; expected a path, a list of paths or a database"
            " URL."
        )
    text = str(source)
    if "://" in text:
        from salesanalysis.sources.database import masked

        scheme = text.split("://", 1)[0].lower()
        if scheme not in _SCHEMES:
            raise SalesAnalysisError(
                f"`source` begins with `{scheme}://`; expected one of"
                f" {', '.join(f'{known}://' for known in _SCHEMES)}."
            )
        return scheme, text, masked(text)
    path = Path(text)
    if any(sign in text for sign in "*?[") and not path.exists():
        paths = [Path(name) for name in sorted(glob.glob(text))]
        if not paths:
            raise SalesAnalysisError(f"`source` is the pattern `{text}`, which no file matches.")
        kinds = {_kind(one) for one in paths}
        return _kind_of_all(kinds, paths, f"the pattern `{text}`"), paths, text
    if not path.exists():
        raise SalesAnalysisError(_no_file(path))
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
        listed = f" It holds {', '.join(inside[:5])}." if inside else ""
        pattern = path / f"*{Path(inside[0]).suffix if inside else '.csv'}"
        raise SalesAnalysisError(
            f"`source` is `{text}`, a directory; expected a file, or a pattern such as"
            f" `{pattern}`.{listed}"
        )
    return _kind(path), [path], text


def _kind_of_all(kinds: set[str], paths: list[Path], shown: str) -> str:
    """The kind of files that are to be read as one table."""
    if not paths or (len(paths) > 1 and kinds not in ({"text"}, {"parquet"})):
        raise SalesAnalysisError(
            f"`source` is {shown}; only CSV files, or only Parquet files, can be read many at a"
            " time."
        )
    for path in paths:
        if paths.count(path) > 1:
            raise SalesAnalysisError(f"`source` lists `{path}` {paths.count(path)} times.")
    return kinds.pop()


_SUFFIXES = (*_TEXT, *_WORKBOOKS, *_PARQUET)


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    for kind, suffixes in (("text", _TEXT), ("workbook", _WORKBOOKS), ("parquet", _PARQUET)):
        if suffix in suffixes:
            return kind
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
