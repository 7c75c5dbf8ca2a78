"""The values of a column of the data, for a report on each of them."""

from salesanalysis.errors import SalesAnalysisError, require_columns

_KEYS = ("file", "table", "column", "mapping")


def read(name: str, asked, *, fill=lambda text: text) -> list[str]:
    """Every value that a column has, in order; rows without one get no report of their own.

    Parameters
    ----------
    name : str
        The word of ``for_each``, for messages; also the column where none is named.
    asked : dict
        ``file`` (a file, pattern or URL), ``table`` (what its rows are), ``column``, and where the
        names are not known a ``mapping`` file.
    fill : callable
        Puts in the words in braces.

    Raises
    ------
    SalesAnalysisError
        The request is not of this shape, the file cannot be read, or it has no such column or no
        value in it.
    """
    if not isinstance(asked, dict):
        raise SalesAnalysisError(
            f"`{name}` must be a list of values, or where to find them, such as"
            " {file: data/sample/reps.csv, table: reps, column: region}"
        )
    unknown = [key for key in asked if key not in _KEYS]
    missing = [key for key in ("file", "table") if key not in asked]
    if unknown or missing or not all(isinstance(value, str) for value in asked.values()):
        raise SalesAnalysisError(
            f"`{name}` must have the texts `file`, `table` and where wanted `column`, `mapping`;"
            f" got {asked!r}"
        )
    from salesanalysis import sources

    checked = sources.check(
        fill(asked["file"]), table=asked["table"], columns=asked.get("mapping")
    ).require()
    column = asked.get("column", name)
    require_columns(checked.table.columns, [column], f"`{asked['file']}`")
    values = checked.table.select(column).distinct().to_pyarrow().column(0).to_pylist()
    found = sorted({str(value) for value in values if value is not None and str(value).strip()})
    if not found:
        raise SalesAnalysisError(f"column `{column}` of `{asked['file']}` has no value")
    return found
