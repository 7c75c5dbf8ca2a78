"""What a user asked of an input."""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from salesanalysis import columns as vocabulary
from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.periods import calendar as read_calendar
from salesanalysis.sources import mapping_file

DATE_ORDERS = ("dmy", "mdy", "ymd")


class Described(TypedDict, total=False):
    """What may be said of an input: the arguments of ``read`` besides its table and columns."""

    values: Mapping[str, Mapping[str, str]] | None
    keep: Mapping[str, object] | None
    date_order: str | Mapping[str, str] | None
    encoding: str | None
    sheet: str | int | None
    query: str | None
    stages: Sequence[str] | None
    outcomes_elsewhere: bool
    calendar: Mapping[str, object] | Calendar | None
    convert: bool


@dataclass(frozen=True)
class Request:
    """What the user asked of an input, checked as far as can be done without the input."""

    table: vocabulary.Table
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    keep: dict[str, list[str]] = field(default_factory=dict)
    date_order: dict[str, str] = field(default_factory=dict)  # "" is every other column
    encoding: str | None = None
    sheet: str | int | None = None
    query: str | None = None
    stages: tuple[str, ...] | None = None
    outcomes_elsewhere: bool = False
    calendar: Calendar = PLAIN
    convert: bool = False

    @classmethod
    def of(cls, *, table, columns=None, **given) -> "Request":
        """The arguments of ``read``; what a mapping file says fills those not given."""
        ours = vocabulary.table(table)
        for name in given:
            if name not in Described.__annotations__:
                known = ("table", "columns", *Described.__annotations__)
                raise TypeError(f"There is no argument `{name}`.{did_you_mean(name, known)}")
        stages = given.pop("stages", None)
        calendar = read_calendar(given.pop("calendar", None))
        if isinstance(columns, (str, Path)):
            said = mapping_file.said_of(Path(columns), ours.name)
            columns = said.pop("columns", None)
            given = said | {name: value for name, value in given.items() if value is not None}
        columns = _dict("columns", columns)
        _known_columns("columns", columns, ours)
        values = _dict("values", given.get("values"))
        _known_columns("values", values, ours)
        if isinstance(stages, str):
            raise SalesAnalysisError(f"`stages` is the text {stages!r}; expected a list of stages.")
        return cls(
            table=ours,
            columns={name: str(theirs) for name, theirs in columns.items()},
            values={name: _words(name, words) for name, words in values.items()},
            keep={str(t): _listed(kept) for t, kept in _dict("keep", given.get("keep")).items()},
            date_order=_date_orders(given.get("date_order"), ours),
            encoding=_encoding(given.get("encoding")),
            sheet=given.get("sheet"),
            query=given.get("query"),
            stages=None if stages is None else tuple(str(stage) for stage in stages),
            outcomes_elsewhere=bool(given.get("outcomes_elsewhere")),
            calendar=calendar,
            convert=bool(given.get("convert")),
        )


def _listed(kept) -> list[str]:
    return [str(value) for value in (kept if isinstance(kept, (list, tuple, set)) else [kept])]


def _dict(argument: str, given) -> Mapping:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise SalesAnalysisError(
            f"`{argument}` is {given!r}; expected a dict, our column → theirs"
            f"{' (or the path of a mapping file)' if argument == 'columns' else ''}."
        )
    return given


def _known_columns(argument: str, names, ours: vocabulary.Table) -> None:
    for name in names:
        if name not in ours.names:
            raise SalesAnalysisError(
                f"`{argument}` names `{name}`, which is no column of `{ours.name}`."
                f"{did_you_mean(name, ours.names)} Its columns: {', '.join(ours.names)}."
            )


def _words(column: str, words) -> dict[str, str]:
    """Their words → ours for one column; an outcome's words must be ours."""
    if not isinstance(words, Mapping):
        raise SalesAnalysisError(
            f"`values` of `{column}` is {words!r}; expected their word → ours."
        )
    words = {str(theirs).strip(): str(ours) for theirs, ours in words.items()}
    for word in words.values():
        if column == "outcome" and word not in vocabulary.OUTCOMES:
            raise SalesAnalysisError(
                f"`values` of `outcome` gives {word!r}; expected one of"
                f" {', '.join(vocabulary.OUTCOMES)}."
            )
    return words


def _date_orders(given, ours: vocabulary.Table) -> dict[str, str]:
    orders = given if isinstance(given, Mapping) else {"": given} if given else {}
    _known_columns("date_order", (name for name in orders if name), ours)
    for order in orders.values():
        if order not in DATE_ORDERS:
            raise SalesAnalysisError(
                f"`date_order` is {order!r}; expected one of {', '.join(DATE_ORDERS)}"
                " (dmy: day, month, year)."
            )
    return orders


def _encoding(name) -> str | None:
    """The name of a text encoding that Python knows; some of its codecs are of another kind."""
    if name is None:
        return None
    try:
        known = codecs.lookup(str(name)).name
        "".encode(known)
    except LookupError:
        raise SalesAnalysisError(
            f"`encoding` is {name!r}, which is no encoding of text; expected a name such as utf-8,"
            " gb18030 (GBK), big5, cp1252 (Windows, Western Europe), cp1250, cp1251 or shift_jis."
        ) from None
    return known
