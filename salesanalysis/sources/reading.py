"""Our columns out of an input's, each read by one reading for all of its cells."""

from salesanalysis.sources import mapping, parse
from salesanalysis.sources.faults import FATAL, Fault
from salesanalysis.sources.meaning import Draft, possible, understand
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.session import connection, execute, literal, new_name, quoted

#: The rule that a cell breaks which cannot be read as its column's kind.
_UNREADABLE = {
    "time": "not_a_date",
    "amount": "not_a_number",
    "number": "not_a_number",
    "count": "not_a_number",
    "share": "not_a_number",
    "flag": "not_a_flag",
}


def read_columns(raw: Raw, ask: mapping.Request, found: mapping.Mapping) -> Draft:
    """The input with our names and types, one row for each of its rows that ``keep`` names.

    Beside our columns: ``__row``, ``__fault``, a flag for each column where text could not be read,
    and their other columns under their own names.
    """
    reading = _Reading(raw, ask, found)
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

    def __init__(self, raw: Raw, ask: mapping.Request, found: mapping.Mapping):
        self.raw, self.ask, self.found = raw, ask, found
        self.faults: list[Fault] = []
        self.signs: set[str] = set()
        self.unreadable: dict[tuple[str, str], str] = {}  # (rule, column) → name of its flag
        self.columns = [name for name in ask.table.names if name in found.positions]
        cleaned = self._cleaned()
        self.evidence: dict[str, dict] = {}
        self._count_first(cleaned)
        taken = self._taken_apart(cleaned)
        self._count_odd(taken)
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
                zone = " AT TIME ZONE 'UTC'" if type_ == "TIMESTAMP WITH TIME ZONE" else ""
                value = f"CAST({cell}{zone} AS TIMESTAMP)"
            else:
                value = self._number(column) if kind in ("amount", "number") else cell
                value = f"CAST({value} AS BIGINT)" if kind == "count" else value
            shown.append(f"{value} AS {quoted(column)}")
        for flag, position in self.found.flags.items():
            text = parse.clean(parse.as_text(f"c{position}", self.raw.types[position]), "flag")
            read = parse.reading("flag", text, "", {}, column=flag).sql
            shown.append(f"{read} AS __is_{flag}")
        for name, position in self.found.extras.items():
            shown.append(f"c{position} AS {quoted(name)}")
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
        return [column for column, seen in self.evidence.items() if seen.get("odd")]

    def _number(self, column: str) -> str:
        """A column of numbers, in units of money; some programs write "not a number" for none."""
        scale = (
            mapping.scale(self._header(column)) if self.ask.table[column].kind == "amount" else 1
        )
        if scale != 1:
            said = {"scale": scale}
            self.faults.append(Fault("unit_in_header", column, self.raw.rows, values=said))
        number = f"CAST({self._cell(column)} AS DOUBLE)"
        return f"CASE WHEN NOT isnan({number}) THEN {number} * {float(scale)!r} END"

    def _where(self) -> str:
        conditions = []
        for theirs, kept in self.ask.keep.items():
            name = mapping.kept_column(theirs, self.raw.headers, self.raw.printable)
            at = self.raw.headers.index(name)
            words = ", ".join(literal(word.strip()) for word in kept)
            text = parse.as_text(f"c{at}", self.raw.types[at])
            conditions.append(f"coalesce(trim({text}) IN ({words}), false)")
        if not conditions:
            return ""
        return f"WHERE __fault IS NOT NULL OR ({' AND '.join(conditions)})"

    def _header(self, column: str) -> str:
        return self.raw.headers[self.found.positions[column]]

    def _count_first(self, cleaned: str) -> None:
        """Which columns have odd cells; most have none, and are spared the rest."""
        asked = {
            (column, name): sql
            for column in self.columns
            if self._is_text(column)
            for name, sql in parse.first_evidence(
                self.ask.table[column].kind, quoted(column)
            ).items()
        }
        self._count(asked, cleaned)

    def _count_odd(self, taken: str) -> None:
        """What the odd cells of each column prove."""
        asked, proofs = {}, []
        for column in self._odd_columns():
            kind, text, p = self.ask.table[column].kind, quoted(column), _parts(column)
            proved = quoted(f"__proof_{column}")
            proofs.append(f"{parse.proof(kind, text, p)} AS {proved}")
            for name, sql in parse.evidence(kind, text, p, proved).items():
                asked[column, name] = sql
        self._count(asked, f"SELECT {', '.join(('*', *proofs))} FROM ({taken})")

    def _count(self, asked: dict[tuple[str, str], str], layer: str) -> None:
        """Put the answers of one query into the evidence."""
        if not asked:
            return
        counted = execute(
            f"SELECT {', '.join(asked.values())} FROM ({layer}) WHERE __fault IS NULL"
        )
        for (column, name), value in zip(asked, counted[0], strict=True):
            is_row = name.endswith("_row") and value is not None
            self.evidence.setdefault(column, {})[name] = self.raw.place(value) if is_row else value

    def _values(self, taken: str) -> str:
        """Layer 3."""
        shown = []
        orders = self.ask.date_order
        for column in self.columns:
            kind, name = self.ask.table[column].kind, quoted(column)
            if not self._is_text(column) or column == "outcome":
                shown.append(name)
                continue
            read = parse.reading(
                kind,
                name,
                _parts(column),
                self.evidence.get(column, {}),
                column=column,
                date_order=orders.get(column, orders.get("")),
                scale=mapping.scale(self._header(column)) if kind == "amount" else 1.0,
                per_cent=mapping.unit(self._header(column)) == "%",
                decimal_comma_likely=self.raw.decimal_comma_likely,
                with_numbers=self.found.positions[column] in self.raw.with_numbers,
                is_workbook=self.raw.is_workbook,
                first_day=self.raw.first_day,
            )
            self.faults += read.faults
            if kind in _UNREADABLE:
                flag = f"__unreadable_{column}"
                shown.append(f"({name} IS NOT NULL AND ({read.sql}) IS NULL) AS {quoted(flag)}")
                self.unreadable[_UNREADABLE[kind], column] = flag
            shown.append(f"{read.sql} AS {name}")
            self._currency_signs(column)
        shown += [f"__is_{flag}" for flag in self.found.flags]
        shown += [quoted(name) for name in self.found.extras]
        return f"SELECT __row, __fault, {', '.join(shown)} FROM ({taken})"

    def _currency_signs(self, column: str) -> None:
        signs = sorted(self.evidence.get(column, {}).get("currencies") or ())
        self.signs |= set(signs)
        if signs and not possible(*signs):
            self.faults.append(Fault("two_currencies", column, len(signs), ", ".join(signs)))


def _parts(column: str) -> str:
    """The SQL name of the parts of a column's odd cells."""
    return quoted(f"__parts_{column}")


def _is_integer(type_: str) -> bool:
    return type_.removeprefix("U") in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
