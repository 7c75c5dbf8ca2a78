"""Reading an input: `read` for the table, `check` for all there is to say about it."""

import contextlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from salesanalysis.errors import SalesAnalysisError, SetAsideWarning
from salesanalysis.sources.checked import Checked
from salesanalysis.sources.content import MARKUP, PACKED, WORKBOOKS
from salesanalysis.sources.faults import SET_ASIDE, FatalFaults
from salesanalysis.sources.locating import DATABASES, POSTGRES, Located, Source, locate
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.request import Described, Request

if TYPE_CHECKING:
    import ibis


def read(
    source: Source,
    *,
    table: str,
    columns: Mapping[str, str] | str | Path | None = None,
    **described: Unpack[Described],
) -> "ibis.Table":
    """Read an input as a table of the vocabulary: our names, our types, valid rows only.

    Rows that break a rule are left out; that is said once, in a warning. `check` tells which.

    Parameters
    ----------
    source : str, Path or list of them
        A CSV, TSV or TXT file (separated by comma, semicolon, tab or bar), a Parquet file, several
        of either (a pattern such as ``deals/*.csv``, a list), a workbook (.xlsx, .xlsm, .xls,
        .xlsb, .ods), a web page or XML file with a table, any of them packed alone (.gz, .zip), or
        a database (``duckdb:///path.db``, ``sqlite:///path.db``,
        ``postgres://user:password@host/name``; ``?table=`` or ``query`` says what of it). A file
        is what its bytes say, whatever its ending.
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
        The sheet of a workbook by its name or position (0 is the first); of a web page the table.
    query : str, optional
        The table of a database, or a SELECT.
    stages : sequence of str, optional
        The stages that a deal may be in; rows of any other are left out.
    outcomes_elsewhere : bool
        Whether a stage history beside it says what became of the deals: then a deal list need not.
    calendar : dict or salesanalysis.periods.Calendar, optional
        The company's: names of fiscal periods are those of its year, and moments with a time zone
        become what its clock shows.
    convert : bool
        Whether amounts of several currencies will be converted
        (:func:`salesanalysis.reduce.in_one_currency`), and so may stand in one table.

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
    ask = Request.of(table=table, columns=columns, **described)
    checked = _checked(source, ask).require()
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
    source: Source,
    *,
    table: str,
    columns: Mapping[str, str] | str | Path | None = None,
    **described: Unpack[Described],
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
    ask = Request.of(table=table, columns=columns, **described)
    return _checked(source, ask)


def _checked(source, ask: Request) -> Checked:
    located = locate(source)
    _no_idle_argument(located.kind, ask)
    if located.kind in POSTGRES:
        from salesanalysis.sources.remote import check_remote

        return check_remote(located, ask)
    if not located.paths:
        return _check_here(located, ask)
    from salesanalysis.sources import shared

    return shared.check_once(located.paths, ask, lambda: _check_here(located, ask))


def _check_here(located: Located, ask: Request) -> Checked:
    """The input loaded into the session and checked there."""
    from salesanalysis.sources import examine, parquet
    from salesanalysis.sources.loading import load
    from salesanalysis.sources.raw import Raw

    try:
        raw = load(located, ask)
        with parquet.whole() if located.kind == "parquet" else contextlib.nullcontext():
            return examine.examine(raw, ask)
    except FatalFaults as fatal:
        shown = located.shown
        raw = Raw("", (), (), shown, _fingerprint(located.paths), files=(shown,))
        columns_frame = examine.columns_frame((), ask, {}, Matched())
        return examine.refused(ask, raw, 0, fatal.faults, columns_frame)


def _fingerprint(paths: tuple[Path, ...]) -> str:
    """That of files that could not be read; of a database's answer there is none."""
    from salesanalysis.sources.encoding import scan
    from salesanalysis.sources.raw import together

    return together([scan(path).fingerprint for path in paths]) if paths else ""


def _no_idle_argument(kind: str, ask: Request) -> None:
    if ask.sheet is not None and kind not in (*WORKBOOKS, *MARKUP, *PACKED):
        raise SalesAnalysisError("`sheet` is given, but the source is no workbook.")
    if ask.query is not None and kind not in DATABASES:
        raise SalesAnalysisError("`query` is given, but the source is no database.")
    if ask.encoding is not None and kind not in ("text", *MARKUP, *PACKED):
        raise SalesAnalysisError("`encoding` is given, but the source is no text file.")
