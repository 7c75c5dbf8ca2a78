"""The rules of a table applied to all of its rows, in the engine that holds them."""

from dataclasses import dataclass

from salesanalysis.sources.faults import LEFT_OUT, RULES, SET_ASIDE
from salesanalysis.sources.request import Request
from salesanalysis.sources.rules import rules

#: Rules that a row breaks as a line of its file, before any column is read.
IN_THE_LINE = ("wrong_field_count", "broken_quotes", "too_long")
#: Rules of rows that are no records, likewise.
NO_RECORD = tuple(rule for rule, severity in RULES.items() if severity == LEFT_OUT)
#: Rules about a cell that is not there; a cell that could not be read is there.
_ABSENCE = ("missing_key", "missing_value", "closed_without_outcome", "closed_without_date")


@dataclass(frozen=True)
class Verdict:
    """How many rows break which rule: (rule, column) → count, and the flag that says so."""

    rows: int
    filled: dict[str, float]
    counts: dict[tuple[str, str], int]
    flags: dict[tuple[str, str], object]

    @property
    def unused(self) -> list[tuple[str, str]]:
        """The rules for which a row is not used: those broken, and those of no record."""
        return [key for key in self.counts if RULES[key[0]] in (SET_ASIDE, LEFT_OUT)]

    @property
    def left_out(self) -> int:
        """How many rows are no records; such a row is nothing else."""
        return sum(count for (rule, _), count in self.counts.items() if rule in NO_RECORD)


def judge(typed, ask: Request, unreadable: dict, duplicates: dict, shown: list[str]) -> Verdict:
    """Apply every rule to all rows, in one query.

    Parameters
    ----------
    typed : ibis.Table
        Rows with our names and types, ``__fault`` and the flags of ``unreadable``.
    ask : Request
        What was asked for.
    unreadable : dict
        (rule, column) → name of the flag that reading has made.
    duplicates : dict
        (rule, column) → expression, for keys that are not unique.
    shown : list of str
        The columns whose filled share is counted.
    """
    sound = typed["__fault"].isnull()
    of_sound = {**_flags(typed, ask, unreadable), **duplicates}
    of_line = {(rule, ""): typed["__fault"] == rule for rule in (*IN_THE_LINE, *NO_RECORD)}
    sums = [flag.sum(where=sound) for flag in of_sound.values()]
    sums += [flag.sum() for flag in of_line.values()]
    totals = {f"n{i}": total for i, total in enumerate(sums)}
    record = is_record(typed)
    filled = {f"f{i}": typed[name].count(where=record) for i, name in enumerate(shown)}
    numbers = {"rows": typed.count(), "records": record.sum()}
    counted = typed.aggregate(**numbers, **totals, **filled).to_pyarrow().to_pylist()[0]
    rows, records = counted["rows"], counted["records"]
    flags = {**of_sound, **of_line}
    counts = {key: counted[f"n{i}"] for i, key in enumerate(flags) if counted[f"n{i}"]}
    broken = {key: flags[key].fill_null(False) for key in counts}
    return Verdict(
        rows=rows,
        filled={n: counted[f"f{i}"] / records if records else 0.0 for i, n in enumerate(shown)},
        counts=counts,
        flags={key: flag & sound if key in of_sound else flag for key, flag in broken.items()},
    )


def _flags(typed, ask: Request, unreadable: dict) -> dict:
    """(rule, column) → expression, true where the rule is broken."""
    flags = {key: typed[flag] for key, flag in unreadable.items()}
    unread = {column: flag for (_, column), flag in unreadable.items()}
    for rule in rules(ask.table.name, ask.stages):
        if not {rule.column, *rule.needs} <= set(typed.columns):
            continue
        broken = rule.broken(typed)
        if rule.name in _ABSENCE and rule.column in unread:
            broken = broken & ~typed[unread[rule.column]]
        key = rule.name, rule.column
        flags[key] = flags[key] | broken if key in flags else broken
    return flags


def is_record(typed) -> object:
    """Whether a row is a record, sound or not."""
    return typed["__fault"].isnull() | typed["__fault"].notin(NO_RECORD)


def any_of(flags) -> object:
    """Whether one of the flags is set."""
    found = None
    for flag in flags:
        found = flag if found is None else found | flag
    return found


def broken_rules(flags: dict) -> object:
    """The names of the rules that a row breaks, separated by commas."""
    import ibis

    said = ibis.literal("")
    for rule in dict.fromkeys(rule for rule, _ in flags):
        broken = any_of(flag for (name, _), flag in flags.items() if name == rule)
        said = said + ibis.ifelse(broken, f"{rule}, ", "")
    return said.re_replace(", $", "")
