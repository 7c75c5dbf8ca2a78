"""Tables of a report: what the reader sees in a cell, and a whole table as CSV."""

import csv
import re
from collections.abc import Mapping, Sequence

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError

#: A text that starts with one of these can run as a formula in a spreadsheet. The last four are
#: the full-width forms that some spreadsheets accept too.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")

_NUMERIC = ("count", "share", "amount", "days", "number", "p")

#: A longer text is cut in the page (with an ellipsis); the CSV file has it whole.
LONGEST_CELL = 300


#: Columns, and values of findings, that hold several ids with commas between them.
SEVERAL = ("look_at",)


def is_frame(value: object) -> bool:
    """Whether a value is a table."""
    import pandas as pd

    return isinstance(value, pd.DataFrame)


def with_names(frame, names: Mapping[str, Mapping[str, str]]):
    """A frame in which the values of some columns are shown by their names.

    The order of categories stays; what has no name keeps its id.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"owner_id": ["R1", "R2"], "n": [1, 2]})
    >>> with_names(frame, {"owner_id": {"R1": "Ann Bell"}})["owner_id"].tolist()
    ['Ann Bell', 'R2']
    >>> deals = pd.DataFrame({"look_at": ["O1, O2"]})
    >>> with_names(deals, {"look_at": {"O1": "Grand Dale"}})["look_at"].tolist()
    ['Grand Dale, O2']
    """
    import pandas as pd

    for column in [column for column in names if column in frame.columns]:
        values = frame[column]
        is_category = isinstance(values.dtype, pd.CategoricalDtype)
        ids = list(values.cat.categories) if is_category else sorted(set(values.dropna()), key=str)
        shown = {one: _name_of(one, column, names) or one for one in ids}
        shown = text.distinct_names(shown)
        renamed = (
            values.cat.rename_categories(shown)
            if is_category
            else values.astype(object).map(shown, na_action="ignore")
        )
        frame = frame.assign(**{column: renamed})
    return frame


def called(
    value: str,
    column: str,
    part: str | Sequence[str],
    lang: str,
    names: Mapping[str, Mapping[str, str]],
) -> str:
    """What a text is called: the name that the report was given for it, else the package's word.

    Examples
    --------
    >>> names = {"owner_id": {"R1": "Ann Bell"}}
    >>> called("R1", "owner_id", "funnel", "zh", names)
    'Ann Bell'
    >>> called("won", "outcome", "funnel", "zh", names)
    '赢单'
    """
    name = _name_of(value, column, names)
    return name or cell_words(value, column, text.column_kind(column)[0], part, lang)


def _name_of(value, column: str, names: Mapping[str, Mapping[str, str]]) -> str | None:
    """The name that the report was given for an id, of several ids their names."""
    known = names.get(column, {})
    if column in SEVERAL and known:
        return ", ".join(known.get(one, one) for one in value.split(", "))
    return known.get(value)


def require_flat(name: str, frame) -> None:
    """Refuse a frame of which the page or the file would lose something without a word."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise SalesAnalysisError(
            f"Table `{name}` must be a pandas DataFrame; got {type(frame).__name__}."
        )
    if any(label is not None for label in frame.index.names):
        raise SalesAnalysisError(
            f"Table `{name}` has the index {list(frame.index.names)}, which is not shown;"
            " call `reset_index()` first."
        )
    odd = [c for c in frame.columns if not isinstance(c, str)]
    if odd or frame.columns.has_duplicates:
        raise SalesAnalysisError(
            f"Table `{name}` must have text as column names, each once; got {list(frame.columns)}."
        )


def shown_table(frame, *, lang: str, part: str) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of a frame as the reader sees them, numbers formatted.

    Headings are ``<part>.column.<column>`` where that text exists, else those of the language's
    ``columns.csv``; texts are ``<part>.value.<column>.<value>`` where that exists.
    """
    kinds = [kind_of(frame, column) for column in frame.columns]
    heads = [heading_of(frame, column, part, lang) for column in frame.columns]
    body = [
        [
            shown_value(value, column, kind, decimals, part, lang)
            for value, column, (kind, decimals) in zip(row, frame.columns, kinds, strict=True)
        ]
        for row in frame.itertuples(index=False, name=None)
    ]
    return heads, body


def numeric_columns(frame) -> list[bool]:
    """Which columns of a frame hold numbers, to be set to the right."""
    return [kind_of(frame, column)[0] in _NUMERIC for column in frame.columns]


def heading_of(frame, column: str, part: str | Sequence[str], lang: str) -> str:
    """The heading of a column of a frame, which may bring its own (:func:`own_words`)."""
    own = own_words(frame).get(column)
    return own[0] if own else text.heading(part, column, lang)


def own_words(frame) -> dict[str, list[str]]:
    """Heading and unit of columns that the vocabulary need not know: those of another report."""
    return frame.attrs.get("columns", {})


def shown_value(
    value, column: str, kind: str, decimals: int | None, part: str | Sequence[str], lang: str
) -> str:
    """One value as the reader sees it."""
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return text.MISSING
    if isinstance(value, str) or kind == "column":
        shown = cell_words(value, column, kind, part, lang)
        return shown if len(shown) <= LONGEST_CELL else shown[:LONGEST_CELL] + "…"
    return text.format_value(value, kind, decimals, lang=lang)


def cell_words(value, column: str, kind: str, part: str | Sequence[str], lang: str) -> str:
    """A text as the reader sees it: the package's own words are in the reader's language."""
    if kind == "column":
        return text.heading(part, str(value), lang)
    name, _, what = str(value).partition("=")
    if kind == "setting" and text.has(f"quality.setting.{name}", lang):
        number = float(what) if re.fullmatch(r"[\d.]+", what) else what
        return text.sentence(f"quality.setting.{name}", lang, value=number)
    return text.word(part, column, value, lang)


def kind_of(frame, column: str) -> tuple[str, int | None]:
    """Kind and decimals of a column: the vocabulary's, else what its dtype suggests."""
    from pandas.api import types

    kind, decimals = text.column_kind(column)
    if kind:
        return kind, decimals
    if column in own_words(frame):
        return own_words(frame)[column][1], None
    dtype = frame[column].dtype
    if types.is_bool_dtype(dtype):
        return "flag", None
    if types.is_integer_dtype(dtype):
        return "count", None
    if types.is_float_dtype(dtype):
        return "number", None
    if types.is_datetime64_any_dtype(dtype):
        return "date", None
    return "text", None


def csv_file(frame) -> bytes:
    """A whole frame as CSV for spreadsheets: raw values, canonical column names.

    UTF-8 with a byte-order mark (Excel needs it), ``\\n`` at line ends, floats in full, dates as
    ISO 8601. A text that a spreadsheet would run as a formula gets a ``'`` before it; numbers
    never do.
    """
    from pandas.api import types

    safe = frame.copy(deep=False)
    for column in frame.columns:
        values = frame[column]
        if types.is_datetime64_any_dtype(values.dtype):
            whole_days = (values.dropna() == values.dropna().dt.normalize()).all()
            safe[column] = values.dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%S%z")
        elif not types.is_numeric_dtype(values.dtype):
            safe[column] = values.astype(object).map(_defused, na_action="ignore")
    safe.columns = [_defused(column) for column in frame.columns]
    # Python's CSV writer leaves a lone carriage return unquoted, where it would end the row.
    returns = any(_holds_carriage_return(safe.iloc[:, i]) for i in range(safe.shape[1]))
    content = safe.to_csv(
        index=False,
        lineterminator="\n",
        quoting=csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL,
    )
    return content.encode("utf-8-sig")


def _holds_carriage_return(values) -> bool:
    return any(isinstance(value, str) and "\r" in value for value in values)


def _defused(value):
    """A text that no spreadsheet runs as a formula; any other value unchanged."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value
