"""Small Ibis expressions that the reductions share; the same result on every engine."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import ibis
import pandas as pd

from salesanalysis import errors
from salesanalysis.periods import MONTHS, PLAIN, Calendar, moments

#: A table as it may be given, and the tables of a report by their names.
AnyTable = ibis.Table | pd.DataFrame
Tables = Mapping[str, AnyTable]

_DAY_SECONDS = 86_400


def as_ibis(table: AnyTable) -> ibis.Table:
    """A DataFrame as an Ibis table, its dates without zone; an Ibis table as it is."""
    if not isinstance(table, pd.DataFrame):
        return table
    # Engines read fewer ways of writing a date, do not mind its zone, and refuse what is finer
    # than microseconds.
    dates = {
        name: moments(table[name])
        for name, kind in table.dtypes.items()
        if str(kind).startswith("datetime64[ns")
        or (pd.api.types.is_string_dtype(kind) and (name == "at" or str(name).endswith("_at")))
    }
    return ibis.memtable(table.assign(**dates))


def require_columns(table: AnyTable, names: Sequence[str], argument: str) -> None:
    """Refuse an argument's table that lacks one of the columns, naming the nearest."""
    errors.require_columns(table.columns, names, f"`{argument}`")


def moment(point: pd.Timestamp):
    """A point in time as a literal of the engine."""
    return ibis.literal(point.to_pydatetime(), type="timestamp")


def day(moment):
    """The day of a moment: closing dates often have no time of day, stage entries do."""
    return moment.truncate("D")


def period_name(at, unit: str, calendar: Calendar = PLAIN):
    """The name of the period that each moment lies in; see :meth:`Calendar.label_of`."""
    if unit == "week" or calendar.weeks:
        return _looked_up(at, unit, calendar)
    fiscal = calendar.is_fiscal and unit != "month"
    begin, later = 0, 0
    if fiscal:
        begin, later = calendar.first_month - 1, int(calendar.named_by == "end")
    months = at.year().cast("int64") * 12 + at.month().cast("int64") - 1 - begin
    year, month = months // 12 + later, months % 12
    name = year.cast("string")
    if fiscal:
        short = (year % 100).cast("string").lpad(2, "0")
        name = "FY" + ibis.ifelse(year.between(2000, 2099), short, name)
    if unit == "year":
        return name
    number = (month // MONTHS[unit] + 1).cast("string")
    if unit == "month":
        return name + "-" + number.lpad(2, "0")
    return name + {"quarter": "-Q", "half": "-H"}[unit] + number


def _looked_up(at, unit: str, calendar: Calendar):
    """The same for periods that no arithmetic on months finds: each begins where one ends."""
    ends = to_pandas(at.as_table().agg(first=at.min(), last=at.max())).iloc[0]
    if pd.isna(ends["first"]):
        return ibis.null("string")
    names = [calendar.label_of(ends["first"], unit)]
    while calendar.bounds_of(names[-1])[1] <= ends["last"]:
        names.append(calendar.label_of(calendar.bounds_of(names[-1])[1], unit))
    # In ascending order: the first end that lies behind a moment is that of its period.
    return ibis.cases(*((at < moment(calendar.bounds_of(name)[1]), name) for name in names))


def days_between(start, end):
    """Whole and part days from ``start`` to ``end``; missing where a date is or they contradict.

    A closing date without a time of day may lie some hours before the last entry of that day,
    which is no contradiction but 0 days.
    """
    days = (end.epoch_seconds() - start.epoch_seconds()).cast("float64") / _DAY_SECONDS
    return ibis.cases((days >= 0, days), (day(start) == day(end), 0.0))


def days_apart(one, other):
    """Whole and part days between two moments, whichever is the earlier; missing where one is."""
    return ibis.coalesce(days_between(one, other), days_between(other, one))


def to_pandas(expression: ibis.Table, *, as_categories: Sequence[str] = ()) -> pd.DataFrame:
    """The table as a DataFrame with the same types on every engine.

    Timestamps are without zone, in microseconds; whole numbers and flags keep their type
    where some are missing.
    The columns ``as_categories`` come as categories, in alphabetical order.
    """
    import ibis.expr.operations as ops
    import pyarrow as pa

    # What Ibis takes for a float can be a decimal to PostgreSQL, such as 0.0; a cast that says so
    # must be made by hand, for Ibis leaves out those that change nothing to it.
    kinds = {name: kind for name, kind in expression.schema().items() if kind.is_floating()}
    floats = {name: ops.Cast(expression[name], kind).to_expr() for name, kind in kinds.items()}
    table = expression.mutate(**floats).to_pyarrow()

    def column(name: str):
        values = table[name]
        if name in as_categories:
            return values.dictionary_encode()
        # In one piece: what is done with text in many pieces is done for each of them.
        return values.combine_chunks() if pa.types.is_string(values.type) else values

    with ThreadPoolExecutor() as pool:
        columns = list(pool.map(column, table.column_names))
    table = pa.table(columns, names=table.column_names)
    nullable = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}
    missing = {field.type for field in table.schema if table[field.name].null_count}
    mapped = {kind: dtype for kind, dtype in nullable.items() if kind in missing}
    frame = table.to_pandas(types_mapper=mapped.get)
    for column in frame.select_dtypes(["datetime", "datetimetz"]):
        if frame[column].dtype != "datetime64[us]":
            frame[column] = moments(frame[column])
    for name in as_categories:
        values = frame[name].cat
        frame[name] = values.reorder_categories(values.categories.astype("str").sort_values())
    return frame
