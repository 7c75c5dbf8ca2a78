"""Our columns out of an input's, each read by one reading for all of its cells."""

from salesanalysis.sources import mapping, parse
from salesanalysis.sources.faults import FATAL, Fault
from salesanalysis.sources.meaning import Draft, possible, understand
from salesanalysis.sources.raw import Raw, row_line
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
        unreadable=reading.unreadable,
        signs=frozenset(reading.signs),
    )
    if not any(fault.severity == FATAL for fault in draft.faults):
        understand(draft, ask, found, raw.headers)
    return draft


class _Reading:
    """SQL in two layers.

    The first has our columns as trimmed text (or already of their type), and the parts of each. The
    second has them read by what the first one's cells prove.
    """

    def __init__(self, raw: Raw, ask: mapping.Request, found: mapping.Mapping):
        self.raw, self.ask, self.found = raw, ask, found
        self.faults: list[Fault] = []
        self.signs: set[str] = set()
        self.unreadable: dict[tuple[str, str], str] = {}  # (rule, column) → name of its flag
        self.columns = [name for name in ask.table.names if name in found.positions]
        cleaned = self._cleaned()
        self.sql = self._values(cleaned, self._evidence(cleaned))

    def _cell(self, column: str) -> str:
        return f"c{self.found.positions[column]}"

    def _type(self, column: str) -> str:
        return self.raw.types[self.found.positions[column]]

    def _is_text(self, column: str) -> bool:
        """Whether a column must be read from text, not merely cast."""
        kind, type_ = self.ask.table[column].kind, self._type(column)
        if self.ask.values.get(column):
            return True
        typed = {
            "time": type_.startswith(("TIMESTAMP", "DATE")),
            "flag": type_ == "BOOLEAN",
            "share": False,
        }
        number = type_.startswith(("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT")) or "INT" in type_
        return not typed.get(kind, number if kind in ("amount", "number", "count") else False)

    def _cleaned(self) -> str:
        """Layer 1."""
        shown, parted = [], []
        for column in self.columns:
            kind, cell, type_ = self.ask.table[column].kind, self._cell(column), self._type(column)
            if self._is_text(column):
                text = parse.as_text(cell, type_)
                value = parse.replaced(parse.clean(text, kind), self.ask.values.get(column, {}))
                parts = parse.parts(kind, quoted(column))
                if parts:
                    parted.append(f"{parts} AS {quoted(column + '__parts')}")
            elif kind == "time":
                zone = " AT TIME ZONE 'UTC'" if type_ == "TIMESTAMP WITH TIME ZONE" else ""
                value = f"CAST({cell}{zone} AS TIMESTAMP)"
            else:
                scale = mapping.scale(self._header(column)) if kind == "amount" else 1.0
                if scale != 1.0:
                    values = {"scale": scale}
                    self.faults.append(
                        Fault("unit_in_header", column, self.raw.rows, values=values)
                    )
                type_ = {"amount": "DOUBLE", "number": "DOUBLE", "count": "BIGINT"}.get(
                    kind, "BOOLEAN"
                )
                factor = f" * {scale!r}" if scale != 1.0 else ""
                value = f"CAST({cell} AS {type_}){factor}"
            shown.append(f"{value} AS {quoted(column)}")
        for flag, position in self.found.flags.items():
            text = parse.clean(parse.as_text(f"c{position}", self.raw.types[position]), "flag")
            read = parse.reading("flag", text, "", {}, column=flag).sql
            shown.append(f"{read} AS __is_{flag}")
        for name, position in self.found.extras.items():
            shown.append(f"c{position} AS {quoted(name)}")
        first = (
            f"SELECT __row, __fault, {', '.join(shown)} FROM {self.raw.relation} {self._where()}"
        )
        return f"SELECT *, {', '.join(parted)} FROM ({first})" if parted else first

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

    def _evidence(self, cleaned: str) -> dict[str, dict]:
        """What the cells of each column prove, counted in one query."""
        asked, proofs = {}, []
        for column in self.columns:
            if self._is_text(column):
                kind, text = self.ask.table[column].kind, quoted(column)
                p, proved = quoted(column + "__parts"), quoted(column + "__proof")
                if proof := parse.proof(kind, text, p):
                    proofs.append(f"{proof} AS {proved}")
                for name, sql in parse.evidence(kind, text, p, proved).items():
                    asked[column, name] = sql
        if not asked:
            return {}
        shown = ", ".join(("*", *proofs))
        counted = execute(
            f"SELECT {', '.join(asked.values())} FROM (SELECT {shown} FROM ({cleaned}))"
            " WHERE __fault IS NULL"
        )
        evidence: dict[str, dict] = {}
        for (column, name), value in zip(asked, counted[0], strict=True):
            place = name.endswith("_row") and value is not None
            evidence.setdefault(column, {})[name] = row_line(value) if place else value
        return evidence

    def _values(self, cleaned: str, evidence: dict[str, dict]) -> str:
        """Layer 2."""
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
                quoted(column + "__parts"),
                evidence.get(column, {}),
                column=column,
                date_order=orders.get(column, orders.get("")),
                scale=mapping.scale(self._header(column)) if kind == "amount" else 1.0,
                per_cent=mapping.unit(self._header(column)) == "%",
                decimal_comma_likely=self.raw.decimal_comma_likely,
                with_numbers=self.found.positions[column] in self.raw.with_numbers,
                is_workbook=self.raw.is_workbook,
            )
            self.faults += read.faults
            if kind in _UNREADABLE:
                flag = f"__unreadable_{column}"
                shown.append(f"({name} IS NOT NULL AND ({read.sql}) IS NULL) AS {quoted(flag)}")
                self.unreadable[_UNREADABLE[kind], column] = flag
            shown.append(f"{read.sql} AS {name}")
            self._currency_signs(column, evidence.get(column, {}))
        shown += [f"__is_{flag}" for flag in self.found.flags]
        shown += [quoted(name) for name in self.found.extras]
        return f"SELECT __row, __fault, {', '.join(shown)} FROM ({cleaned})"

    def _currency_signs(self, column: str, seen: dict) -> None:
        signs = sorted(seen.get("currencies") or ())
        self.signs |= set(signs)
        if signs and not possible(*signs):
            self.faults.append(Fault("two_currencies", column, len(signs), ", ".join(signs)))
