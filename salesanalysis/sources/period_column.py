"""The column of periods of a table, read as reports name them; the same on every engine."""

import itertools
import re

from salesanalysis.periods import Calendar
from salesanalysis.sources.faults import FATAL, Fault
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.names import plain
from salesanalysis.sources.period_names import is_fiscal, name_of, read_names, unit_of_header
from salesanalysis.sources.request import Request

#: The flag of a period whose name is not known.
UNKNOWN_PERIOD = "__unreadable_period"
#: Before the name of a column: its words as they were, where its values are made of them.
SAID = "__said_"
#: A column with more names than this holds no periods.
MOST_NAMES = 2_000
#: Tables whose reports know half-years, and periods that are only numbered.
_OF_PLANS = ("attainment", "payouts")
#: Tables whose periods may hold one another: what is a total of others is told by its money.
_OF_HIERARCHIES = ("targets", "stream_targets")
#: A column that holds the year beside names without one, as names are compared.
_YEAR = ("year", "calendaryear", "fiscalyear", "年度", "年份", "年", "jahr", "annee", "ano")
#: How many names a message lists.
_LISTED = 6


def understand_periods(draft, ask: Request, found: Matched, headers) -> None:
    """The names of ``period`` as reports know them; a flag where they name no period."""
    import ibis

    texts, key = _texts(draft.table, found, ask.calendar)
    if texts is None:
        draft.table = draft.table.mutate(**{UNKNOWN_PERIOD: draft.table.period.notnull()})
        draft.unreadable["not_a_period", "period"] = UNKNOWN_PERIOD
        return
    given = found.how.get("period") == "given"
    header = "" if given else headers[found.positions["period"]]
    of_plans = ask.table.name in _OF_PLANS
    written = {name: _with_year(*name, unit_of_header(header)) for name in texts}
    told = {"header": header, "halves": of_plans, "own": given}
    read = read_names(sorted(set(written.values())), calendar=ask.calendar, **told)
    for doubt in read.doubts:
        draft.faults.append(_doubtful(doubt, ask.table.name))
    if any(fault.severity == FATAL for fault in draft.faults):
        return
    names = {_key(*name): read.names.get(text) for name, text in written.items()}
    if of_plans:
        names |= _numbered(texts)
    known = {key: name for key, name in names.items() if name}
    changed = {
        text: read.names[text] for text in written.values() if read.names.get(text, text) != text
    }
    if changed:
        unit = read.dates
        example, ours = next(iter(changed.items()))
        rule = "period_of_dates" if unit else "period_names"
        values = {"ours": ours, "unit": unit}
        draft.faults.append(Fault(rule, "period", len(changed), example, values))
    table = draft.table
    period = key.substitute(known, else_=ibis.null("string")) if known else ibis.null("string")
    unknown = table.period.notnull() & period.isnull()
    read_as = {"period": period.cast("string"), UNKNOWN_PERIOD: unknown}
    draft.table = table.mutate(**read_as, **{f"{SAID}period": table.period})
    draft.unreadable["not_a_period", "period"] = UNKNOWN_PERIOD
    if ask.table.name not in _OF_HIERARCHIES:
        _check_units(draft, ask.calendar)


def _texts(table, found: Matched, calendar: Calendar):
    """The different names, each with its year where a column of its own has it; and their key."""
    import ibis

    year = [name for name in found.extras if plain(name) in _YEAR]
    beside = table[year[0]].cast("string") if len(year) == 1 else ibis.null("string")
    if calendar.is_fiscal and len(year) == 1 and is_fiscal(year[0]):
        beside = "FY" + beside
    sound = table.filter(table["__fault"].isnull() & table.period.notnull())
    pairs = sound.select("period", year=beside)
    rows = pairs.distinct().limit(MOST_NAMES + 1).to_pyarrow().to_pylist()
    if len(rows) > MOST_NAMES:
        return None, None
    key = table.period + "\x1f" + beside.fill_null("")
    return sorted((row["period"], row["year"] or "") for row in rows), key


def _numbered(texts: list[tuple[str, str]]) -> dict[str, str]:
    """Numbered periods need no calendar, unless they begin again every year."""
    return {_key(p, y): p for p, y in texts if not y and re.fullmatch(r"\d{1,3}", p)}


def _key(period: str, year: str) -> str:
    return f"{period}\x1f{year}"


def _with_year(period: str, year: str, unit: str) -> str:
    """A name with the year of the column beside it, where it has none itself."""
    year = re.sub(r"\.0$", "", year.strip())
    if not year:
        return period
    if re.fullmatch(r"\d{1,2}(\.0)?", period) and unit in ("month", "quarter"):
        number = int(float(period))
        return f"{year}-Q{number}" if unit == "quarter" else f"{year}-{number:02}"
    name = name_of(period)
    if name is None or name.year is not None:
        return period
    chinese = re.search("[\u4e00-\u9fff]", period)
    return f"{year}年{period}" if chinese else f"{period} {year}"


def _doubtful(doubt, table: str) -> Fault:
    listed = ", ".join(f"`{name}`" for name in doubt.names[:_LISTED])
    values = {"names": listed, "table": table}
    return Fault(doubt.rule, "period", len(doubt.names), doubt.names[0], values)


def _check_units(draft, calendar: Calendar) -> None:
    """Say where periods of several units stand in one column; refuse where they count twice."""
    table = draft.table
    groups = [name for name in _GROUPS if name in draft.columns]
    sound = table.filter(table["__fault"].isnull() & table.period.notnull())
    units = sorted({_unit(row["period"], calendar) for row in _rows(sound, ["period"])} - {""})
    if len(units) < 2:
        return
    rows = sorted(_rows(sound, [*groups, "period"]), key=_begin(groups, calendar))
    for row in itertools.pairwise(rows):
        one, other = row
        if all(one[name] == other[name] for name in groups) and _overlap(one, other, calendar):
            values = {"other": other["period"], "units": ", ".join(units)}
            fault = Fault("periods_overlap", "period", len(units), one["period"], values)
            draft.faults.append(fault)
            return
    draft.faults.append(Fault("periods_mixed", "period", len(units), ", ".join(units)))


#: What targets and results are of, beside their period.
_GROUPS = ("payee_id", "owner_id", "region", "product", "stream", "team")


def _rows(table, columns: list[str]) -> list[dict]:
    return table.select(*columns).distinct().to_pyarrow().to_pylist()


def _unit(period: str, calendar: Calendar) -> str:
    """The unit of a name of the calendar; empty for half-years and numbers."""
    unit = calendar.unit_of(period) if calendar.is_named(period) else ""
    return "" if unit == "half" else unit


def _begin(groups: list[str], calendar: Calendar):
    def key(row):
        named = _unit(row["period"], calendar)
        begins = calendar.bounds_of(row["period"]) if named else ()
        # The longer of two that begin together comes first.
        place = (begins[0].value, -begins[1].value) if begins else (0, 0)
        return [str(row[name]) for name in groups], place

    return key


def _overlap(one: dict, other: dict, calendar: Calendar) -> bool:
    names = one["period"], other["period"]
    if not all(_unit(name, calendar) for name in names):
        return False
    (start, end), (begin, after) = map(calendar.bounds_of, names)
    return bool(max(start, begin) < min(end, after))
