"""Inputs of another shape than one row for each thing: read as rows, or narrowed to the right ones.

A list with a column for each stage or period is read as rows, one for each filled cell of those
columns; a log of changes is narrowed to those of the stage.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from salesanalysis.columns import TABLES
from salesanalysis.sources import no_records, parse
from salesanalysis.sources.aliases import ALIASES
from salesanalysis.sources.change_log import narrowed
from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.folding import folded
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import plain, without_record
from salesanalysis.sources.period_names import Name, is_fiscal, name_of, read_names
from salesanalysis.sources.raw import FILE_STRIDE, Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.score_cells import score_place, with_maxima
from salesanalysis.sources.session import execute, literal, new_name

#: Headers that hold when a stage was entered; the last is the least certain.
_ENTERED = (
    r"hs[_ ]v2[_ ]date[_ ]entered[_ ](?P<s>.+)",
    r"(?:hs[_ ])?date[_ ]+entered[_ ]+(?P<s>.+)",
    r"(?:entered|entry into)[_ ]+(?P<s>.+?)(?:[_ ]+(?:on|at|date|time))?",
    r"(?P<s>.+?)[_ ]+(?:entered|entry)[_ ]+(?:on|at|date|time)",
    r"进入(?P<s>.+?)(?:阶段)?的?(?:时间|日期)",
    r"(?P<s>.+?)(?:阶段)?进入(?:时间|日期)",
)
_QUOTES = "\"'“”„«»「」"
#: Not a stage of its own.
_NO_STAGES = ("stage", "currentstage", "current stage", "阶段", "当前阶段", "当前")
#: Units of periods, the finest first.
_UNITS = ("week", "month", "quarter", "year")
#: A column that holds the year of periods that stand in headers without one.
_YEAR = ("year", "calendaryear", "年度", "年份", "年", "jahr", "annee", "ano")
#: A day in the header of a column of scores.
_DAY = r"(?<!\d)(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)"
#: How many values or columns a message lists.
_LISTED = 8


@dataclass(frozen=True)
class Wide:
    """Columns whose headers are values: what each says, and the two columns that come of them."""

    labels: dict[int, str]  # position → the stage or period
    name: str  # our column of those labels
    value: str  # our column of their cells
    left: tuple[str, ...] = ()  # other headers that say the like, and are not read
    key: str = ""  # the header that is the deal's, where only a list of deals calls it so


def wide_of(headers: tuple[str, ...], ask: Request) -> Wide | None:
    """The columns of a table that must be read as rows; nothing for a table as it should be."""
    table = ask.table.name
    if table == "stage_history" and not {"stage", "entered_at"} & set(ask.columns):
        return _stages_of(headers, ask)
    if table in ("targets", "stream_targets") and not {"period", "target"} & set(ask.columns):
        return _periods_of(headers, ask)
    return None


def _stages_of(headers: tuple[str, ...], ask: Request) -> Wide | None:
    found: dict[str, tuple[int, int]] = {}
    bare = without_record(headers, "stage_history")
    for i, header in enumerate(bare):
        for rank, way in enumerate(_ENTERED):
            if named := re.fullmatch(way, header.strip(), re.IGNORECASE):
                stage = named["s"].strip().strip(_QUOTES).strip()
                if plain(stage) not in map(plain, _NO_STAGES):
                    found[stage] = min(found.get(stage, (rank, i)), (rank, i))
                break
    if len(found) < 2:
        return None
    labels = {i: stage for stage, (_, i) in found.items()}
    key = ""
    if "opportunity_id" not in match(headers, ask).positions:
        # A list of deals may call its key `id`, which would be the row's own in a history.
        deals = Request(TABLES["opportunities"])
        at = match(headers, deals).positions.get("opportunity_id")
        key = "" if at is None else headers[at]
    return Wide(dict(sorted(labels.items())), "stage", "entered_at", key=key)


def _periods_of(headers: tuple[str, ...], ask: Request) -> Wide | None:
    if "target" in match(headers, ask).positions:
        return None
    named = _named_periods(headers, ask)
    dated = {i: name for i, name in named.items() if name.year is not None}
    without = {i: name for i, name in named.items() if name.year is None}
    if len(dated) < 2 and len(without) < 2:
        fiscal = [] if ask.calendar.is_fiscal else list(filter(is_fiscal, headers))
        if len(fiscal) > 1:
            raise FatalFaults(Fault("fiscal_columns", "period", len(fiscal), _listed(fiscal)))
        return None
    if len(dated) < 2 and sum(plain(header) in _YEAR for header in headers) != 1:
        listed = _listed([headers[i] for i in without])
        raise FatalFaults(Fault("periods_without_year", "period", len(without), listed))
    chosen = dated if len(dated) > 1 else without
    unit = min({name.unit for name in chosen.values()}, key=_UNITS.index)
    labels = {i: _label(name) for i, name in chosen.items() if name.unit == unit}
    left = tuple(headers[i] for i in named if i not in labels)
    return Wide(labels, "period", "target", left)


def _named_periods(headers: tuple[str, ...], ask: Request) -> dict[int, Name]:
    """The headers that name a period, perhaps with a word for the target beside it."""
    words = "|".join(
        sorted((re.escape(folded(n)) for n in _names_of("target", ask)), key=len)[::-1]
    )
    named: dict[int, Name] = {}
    for i, header in enumerate(headers):
        bare = re.sub(rf"^(?:{words})\b[\s:_-]*|[\s:_-]*(?:{words})$", "", folded(header))
        name = name_of(header, ask.calendar) or name_of(bare, ask.calendar)
        if name and name.unit in _UNITS:
            named[i] = name
    # A spreadsheet makes dates of headers such as Jan-25.
    dates = [header for header in headers if name_of(header, ask.calendar) is None]
    days = read_names(dates, calendar=ask.calendar).names
    return named | {
        i: name_of(days[header], ask.calendar) for i, header in enumerate(headers) if header in days
    }


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_LISTED])


def _names_of(column: str, ask: Request) -> list[str]:
    names = re.split("[|;]", ALIASES[ask.table.name][column])
    return [column, *(name.strip() for name in names if name.strip())]


def _label(name: Name) -> str:
    if name.year is not None:
        sign = {"quarter": "-Q", "half": "-H", "week": "-W", "month": "-P" if name.fiscal else "-"}
        number = f"{name.number:02}" if name.unit in ("week", "month") else name.number
        numbered = "" if name.unit == "year" else f"{sign[name.unit]}{number}"
        return f"{'FY' * name.fiscal}{name.year}{numbered}"
    return f"Q{name.number}" if name.unit == "quarter" else f"{name.number}月"


def shaped(raw: Raw, ask: Request) -> tuple[Raw, Request, tuple[str, ...]]:
    """The input with a row for each thing, what is asked of it then, and the columns made for it.

    Where any are made, rows that are no records have been marked before: nobody could tell them
    once a row of the file has become several.
    """
    if ask.table.name == "scores":
        return _scores(raw, ask)
    wide = wide_of(raw.headers, ask)
    if wide:
        kinds = dict.fromkeys(wide.labels, ask.table[wide.value].kind)
        raw = no_records.mark(raw, ask, match(raw.headers, ask), kinds)
        return *_long(raw, ask, wide), (wide.name, wide.value)
    if ask.table.name == "stage_history":
        return *narrowed(raw, ask), ()
    return raw, ask, ()


def _scores(raw: Raw, ask: Request) -> tuple[Raw, Request, tuple[str, ...]]:
    """A list of tests with a row for each, and the maximum that its scores state."""
    wide, made = _dates_of(raw.headers, ask), ()
    if wide:
        kinds = dict.fromkeys(wide.labels, ask.table[wide.value].kind)
        raw = no_records.mark(raw, ask, match(raw.headers, ask), kinds)
        raw, ask = _long(raw, ask, wide)
        made = (wide.name, wide.value)
    raw, ask, more = with_maxima(raw, ask)
    return raw, ask, (*made, *more)


def _dates_of(headers: tuple[str, ...], ask: Request) -> Wide | None:
    """A column for each day of a test, named by it."""
    there = match(headers, ask).positions
    if {"score", "k", "tested_at"} & set(there) or {"score", "tested_at"} & set(ask.columns):
        return None
    labels = {i: day[1] for i, header in enumerate(headers) if (day := re.search(_DAY, header))}
    if len(labels) > 1:
        return Wide(labels, "tested_at", "score")
    if score_place(headers, ask) is None:
        _refuse_numbered([h for i, h in enumerate(headers) if i not in there.values()])
    return None


def _refuse_numbered(headers: list[str]) -> None:
    """Columns that are alike but for a number (`Day 7`, `Test 2`) do not say when a test was."""
    alike: dict[str, list[str]] = {}
    for header in headers:
        if re.search(r"\d", header):
            alike.setdefault(re.sub(r"\d+", "0", plain(header)), []).append(header)
    numbered = max(alike.values(), key=len, default=[])
    if len(numbered) > 1:
        raise FatalFaults(
            Fault("tests_without_day", "tested_at", len(numbered), _listed(numbered[:2]))
        )


def _long(raw: Raw, ask: Request, wide: Wide) -> tuple[Raw, Request]:
    """A row for each filled cell of the wide columns, numbered as its line in a turn of its own."""
    others = [i for i in range(len(raw.headers)) if i not in wide.labels]
    types = {raw.types[i] for i in wide.labels}
    same = types.pop() if len(types) == 1 else ""
    kind = ask.table[wide.value].kind
    view = new_name("long")
    rows = _long_rows(raw, wide, others, kind, bool(same))
    execute(f"CREATE VIEW {view} AS {' UNION ALL '.join(rows)}")
    names = [raw.headers[i] for i in others]
    label, value = _free(wide.name, names), _free(wide.value, names)
    shown = _listed([raw.headers[i] for i in list(wide.labels)[:2]])
    values = {"value": wide.value, "rows": execute(f"SELECT count(*) FROM {view}")[0][0]}
    notes = [Fault("wide_columns", wide.name, len(wide.labels), shown, values)]
    if wide.left:
        notes.append(Fault("wide_columns_left", wide.name, len(wide.left), _listed(wide.left)))
    places = {old: new for new, old in enumerate(others)}
    moved = {i: places.get(i, len(others) + 1) for i in range(len(raw.headers))}
    long = replace(
        raw,
        relation=view,
        headers=(*names, label, value),
        types=(*(raw.types[i] for i in others), "VARCHAR", same or "VARCHAR"),
        files=raw.files * len(wide.labels),
        notes=(*raw.notes, *notes),
        with_numbers=frozenset(moved[i] for i in raw.with_numbers),
        scratch=(raw.relation, *raw.scratch) if raw.scratch else (),
    )
    made = {wide.name: label, wide.value: value}
    made |= {"opportunity_id": wide.key} if wide.key else {}
    return long, replace(ask, columns={**ask.columns, **made})


def _long_rows(raw: Raw, wide: Wide, others: list[int], kind: str, as_is: bool) -> Iterator[str]:
    """SQL: the rows of each wide column; a row that is broken comes with the first of them."""
    for turn, (i, label) in enumerate(wide.labels.items()):
        text = parse.as_text(f"c{i}", raw.types[i])
        cells = [f"c{old} AS c{new}" for new, old in enumerate(others)]
        cells.append(f"{literal(label)} AS c{len(others)}")
        cells.append(f"{f'c{i}' if as_is else text} AS c{len(others) + 1}")
        number = f"__row + {turn * len(raw.files) * FILE_STRIDE} AS __row"
        broken = " OR __fault IS NOT NULL" if turn == 0 else " AND __fault IS NULL"
        yield (
            f"SELECT {number}, __fault, {', '.join(cells)} FROM {raw.relation}"
            f" WHERE {parse.clean(text, kind)} IS NOT NULL{broken}"
        )


def _free(name: str, taken: list[str]) -> str:
    """A header that no other column has."""
    while plain(name) in map(plain, taken):
        name += "_of_columns"
    return name
