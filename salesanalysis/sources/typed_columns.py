"""Our columns out of an input's, each read by one reading for all of its cells."""

from salesanalysis.sources import parse, units
from salesanalysis.sources.draft import Draft, understand
from salesanalysis.sources.faults import FATAL, zoned
from salesanalysis.sources.matching import Matched
from salesanalysis.sources.names import kept_column, says_per_cent
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import connection, execute, literal, new_name, quoted
from salesanalysis.sources.stated_units import Stated

#: The rule that a cell breaks which cannot be read as its column's kind.
_UNREADABLE = {
    "time": "not_a_date",
    "amount": "not_a_number",
    "number": "not_a_number",
    "count": "not_a_number",
    "share": "not_a_number",
    "flag": "not_a_flag",
}

#: How many shapes of one column are looked at; a column of dates in words has some hundreds.
_MOST_SHAPES = 5_000


def read_columns(money: Stated, ask: Request, found: Matched) -> Draft:
    """The input with our names and types, one row for each of its rows that ``keep`` names.

    Beside our columns: ``__row``, ``__fault``, a flag for each column where text could not be read,
    and their other columns under their own names.
    """
    raw = money.raw
    reading = _Reading(money, ask, found)
    # Text is read once and kept; a view costs nothing where the types are there already.
    kind, values = "TABLE" if raw.scratch else "VIEW", new_name("values")
    execute(f"CREATE {kind} {values} AS {reading.sql}")
    draft = Draft(
        table=connection().table(values),
        columns=reading.columns,
        how=dict(found.how),
        faults=reading.faults,
        stored=values if raw.scratch else "",
        unreadable=reading.unreadable,
        signs=frozenset(reading.signs),
    )
    if not any(fault.severity == FATAL for fault in draft.faults):
        understand(draft, ask, found, raw.headers)
    return draft


class _Reading:
    """SQL in three layers, each a query over the one before.

    The first has our columns as trimmed text, or already of their type. The second adds the parts
    of odd cells. The third has all columns read, by what the cells were counted to prove.
    """

    def __init__(self, money: Stated, ask: Request, found: Matched):
        self.raw, self.units, self.ask, self.found = money.raw, money.units, ask, found
        self.faults = list(money.faults)
        self.signs: set[str] = set(money.signs)
        self.unreadable: dict[tuple[str, str], str] = {}  # (rule, column) → name of its flag
        self.columns = [name for name in ask.table.names if name in found.positions]
        cleaned = self._cleaned()
        self.seen = self._counted(cleaned)
        taken = self._taken_apart(cleaned)
        for column in self._odd_columns():
            self.seen[column] = parse.Seen(self.seen[column].counts, self._sightings(column, taken))
        self.sql = self._values(taken)

    def _cell(self, column: str) -> str:
        return f"c{self.found.positions[column]}"

    def _type(self, column: str) -> str:
        return self.raw.types[self.found.positions[column]]

    def _is_text(self, column: str) -> bool:
        """Whether a column must be read from text, not merely cast."""
        kind, type_ = self.ask.table[column].kind, self._type(column)
        if self.ask.values.get(column):
            return True
        if kind == "time":
            return not type_.startswith(("TIMESTAMP", "DATE"))
        if kind == "flag":
            return type_ != "BOOLEAN"
        if kind in ("amount", "number"):
            return not (_is_integer(type_) or type_.startswith(("DECIMAL", "DOUBLE", "FLOAT")))
        return kind != "count" or not _is_integer(type_)

    def _cleaned(self) -> str:
        """Layer 1."""
        shown = []
        for column in self.columns:
            kind, cell, type_ = self.ask.table[column].kind, self._cell(column), self._type(column)
            if self._is_text(column):
                text = parse.as_text(cell, type_)
                value = parse.replaced(parse.clean(text, kind), self.ask.values.get(column, {}))
            elif kind == "time":
                value = f"CAST({cell} AS TIMESTAMP)"
                if type_ == "TIMESTAMP WITH TIME ZONE":
                    zone = self.ask.calendar.time_zone
                    value = f"CAST({cell} AT TIME ZONE {literal(zone)} AS TIMESTAMP)"
                    self.faults.append(zoned(column, self.raw.rows, zone))
            else:
                value = self._number(column) if kind in ("amount", "number") else cell
                value = f"CAST({value} AS BIGINT)" if kind == "count" else value
            shown.append(f"{value} AS {quoted(column)}")
        for flag, position in self.found.flags.items():
            text = parse.clean(parse.as_text(f"c{position}", self.raw.types[position]), "flag")
            read = parse.reading("flag", text, "", parse.Seen(), parse.Settings(flag)).sql
            shown.append(f"{read} AS __is_{flag}")
        for name, position in self.found.extras.items():
            is_text = self.raw.types[position] == "VARCHAR"
            cell = parse.marks_off(f"c{position}") if is_text else f"c{position}"
            shown.append(f"{cell} AS {quoted(name)}")
        return f"SELECT __row, __fault, {', '.join(shown)} FROM {self.raw.relation} {self._where()}"

    def _taken_apart(self, cleaned: str) -> str:
        """Layer 2."""
        parts = [
            f"{parse.parts(self.ask.table[column].kind, quoted(column))} AS {_parts(column)}"
            for column in self._odd_columns()
        ]
        return f"SELECT {', '.join(('*', *parts))} FROM ({cleaned})"

    def _odd_columns(self) -> list[str]:
        """The columns with cells that a plain cast cannot read, as has been counted."""
        return [column for column, seen in self.seen.items() if seen["odd"]]

    def _number(self, column: str) -> str:
        """A column of numbers, in units of money; some programs write "not a number" for none."""
        scale = self._unit(column).scale or 1.0
        number = f"CAST({self._cell(column)} AS DOUBLE)"
        return f"CASE WHEN NOT isnan({number}) THEN {number} * {scale!r} END"

    def _unit(self, column: str) -> units.Unit:
        return self.units.get(column, units.Unit())

    def _where(self) -> str:
        conditions = []
        for theirs, kept in self.ask.keep.items():
            name = kept_column(theirs, self.raw.headers, self.raw.printable)
            at = self.raw.headers.index(name)
            words = ", ".join(literal(word.strip()) for word in kept)
            text = parse.as_text(f"c{at}", self.raw.types[at])
            conditions.append(f"coalesce(trim({text}) IN ({words}), false)")
        if not conditions:
            return ""
        return f"WHERE __fault IS NOT NULL OR ({' AND '.join(conditions)})"

    def _header(self, column: str) -> str:
        return self.raw.headers[self.found.positions[column]]

    def _counted(self, cleaned: str) -> dict[str, parse.Seen]:
        """How many cells of each column are odd; most have none, and are spared the rest."""
        asked = {
            (column, name): sql
            for column in self.columns
            if self._is_text(column)
            for name, sql in parse.first_evidence(
                self.ask.table[column].kind, quoted(column)
            ).items()
        }
        if not asked:
            return {}
        answer = execute(
            f"SELECT {', '.join(asked.values())} FROM ({cleaned}) WHERE __fault IS NULL"
        )
        counts: dict[str, dict] = {}
        for (column, name), value in zip(asked, answer[0], strict=True):
            is_row = name.endswith("_row") and value is not None
            counts.setdefault(column, {})[name] = self.raw.place(value) if is_row else value
        return {column: parse.Seen(counted) for column, counted in counts.items()}

    def _sightings(self, column: str, taken: str) -> tuple[parse.Sighting, ...]:
        """The shapes of a column's cells and what they prove, those of most cells first."""
        kind, text, p = self.ask.table[column].kind, quoted(column), _parts(column)
        rows = execute(
            f"SELECT {parse.shape(kind, p)} AS shape,"
            f" {parse.proof(kind, text, p, self.raw.first_day)} AS proof,"
            f" count(*), min(__row), arg_min({text}, __row) FROM ({taken})"
            f" WHERE __fault IS NULL AND {text} IS NOT NULL GROUP BY ALL"
            f" ORDER BY count(*) DESC, min(__row) LIMIT {_MOST_SHAPES}"
        )
        return tuple(
            parse.Sighting(shape, proof or "", count, self.raw.place(row), cell)
            for shape, proof, count, row, cell in rows
        )

    def _values(self, taken: str) -> str:
        """Layer 3."""
        shown = []
        orders = self.ask.date_order
        for column in self.columns:
            kind, name = self.ask.table[column].kind, quoted(column)
            if not self._is_text(column) or column == "outcome":
                shown.append(name)
                continue
            settings = parse.Settings(
                column=column,
                date_order=orders.get(column, orders.get("")),
                unit=self._unit(column),
                per_cent=says_per_cent(self._header(column)),
                decimal_comma_likely=self.raw.decimal_comma_likely,
                with_numbers=self.found.positions[column] in self.raw.with_numbers,
                is_workbook=self.raw.is_workbook,
                first_day=self.raw.first_day,
                time_zone=self.ask.calendar.time_zone,
            )
            seen = self.seen.get(column, parse.Seen())
            read = parse.reading(kind, name, _parts(column), seen, settings)
            self.faults += read.faults
            self.signs |= set(read.signs)
            if kind in _UNREADABLE:
                flag = f"__unreadable_{column}"
                shown.append(f"({name} IS NOT NULL AND ({read.sql}) IS NULL) AS {quoted(flag)}")
                self.unreadable[_UNREADABLE[kind], column] = flag
            shown.append(f"{read.sql} AS {name}")
        shown += [f"__is_{flag}" for flag in self.found.flags]
        shown += [quoted(name) for name in self.found.extras]
        return f"SELECT __row, __fault, {', '.join(shown)} FROM ({taken})"


def _parts(column: str) -> str:
    """The SQL name of the parts of a column's odd cells."""
    return quoted(f"__parts_{column}")


def _is_integer(type_: str) -> bool:
    return type_.removeprefix("U") in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
