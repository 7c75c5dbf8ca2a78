"""From an input as it is to valid rows with our names and types, and all that is wrong with it."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd

from salesanalysis.columns import KINDS
from salesanalysis.sources import no_records
from salesanalysis.sources.checked import LISTED_CASES, Checked
from salesanalysis.sources.draft import Draft
from salesanalysis.sources.faults import FATAL, RULES, FatalFaults, Fault
from salesanalysis.sources.matching import Matched, match, missing_columns
from salesanalysis.sources.other_shape import other_shape
from salesanalysis.sources.raw import Raw, row_file, row_line
from salesanalysis.sources.request import Request
from salesanalysis.sources.session import connection, drop, execute, new_name, quoted
from salesanalysis.sources.set_aside import SetAside, taken_along
from salesanalysis.sources.stated_units import Stated, stated
from salesanalysis.sources.unused import unused_columns
from salesanalysis.sources.verdict import Verdict, any_of, broken_rules, is_record, judge

#: How much of a cell is quoted.
_LONGEST_EXAMPLE = 120
#: How many names of a header are listed.
_LISTED_NAMES = 40


@dataclass(frozen=True)
class Sifted:
    """The rows of an input after the rules: those that can be used, and what becomes of others."""

    valid: object
    cases: dict[tuple[str, str], list[tuple]] = field(default_factory=dict)  # (rule, column) → rows
    unused: int = 0
    aside: SetAside = SetAside()
    left_out: object = None


def examine(raw: Raw, ask: Request) -> Checked:
    """The input checked as the table that was asked for."""
    from salesanalysis.sources.shape import shaped

    again = raw.reload and (lambda: examine(raw.reload(), ask))
    if again and no_records.has_sparse(raw):
        # Empty lines were passed over, and what stands below them may be no record.
        drop(raw.relation, *raw.scratch)
        return again()
    try:
        raw, ask, made = shaped(raw, ask)
    except FatalFaults as fatal:
        found = match(raw.headers, ask)
        frame = columns_frame(raw.headers, ask, found.how, found)
        return refused(ask, raw, raw.rows, [*raw.notes, *fatal.faults], frame)
    return _examined(raw, ask, again, made)


def _examined(
    raw: Raw,
    ask: Request,
    again: Callable[[], Checked] | None,
    made: tuple[str, ...],
) -> Checked:
    """An input with a row for each thing, checked; ``again`` does it over with exact lines."""
    from salesanalysis.sources.typed_columns import read_columns

    found = match(raw.headers, ask)
    found.how.update(dict.fromkeys(made, "derived"))
    fatal = header_faults(raw.headers, found, ask)
    money = Stated(raw) if fatal else stated(raw, ask, found)
    raw = money.raw
    rows = raw.rows
    if not rows:
        fatal.append(Fault("no_rows"))
    if fatal or any(note.severity == FATAL for note in raw.notes):
        frame = columns_frame(raw.headers, ask, found.how, found)
        return refused(ask, raw, rows, [*raw.notes, *fatal], frame)
    raw = raw if made else no_records.mark(raw, ask, found)
    draft = read_columns(replace(money, raw=raw), ask, found)
    if again and any("line" in fault.values for fault in draft.faults):
        drop(draft.stored, raw.relation, *raw.scratch)
        return again()
    if any(fault.severity == FATAL for fault in draft.faults):
        frame = columns_frame(raw.headers, ask, draft.how, found)
        return refused(ask, raw, rows, [*raw.notes, *draft.faults], frame, draft.words)
    draft.faults += [*found.notes, *unused_columns(raw, ask, found, draft)]
    return _result(raw, ask, found, draft, rows, again)


def _result(raw: Raw, ask, found: Matched, draft: Draft, rows: int, again) -> Checked:
    """What was asked for, once the rules have been applied."""
    con = connection()
    relation = new_name(ask.table.name)
    kind = "TABLE" if raw.scratch else "VIEW"
    execute(f"CREATE {kind} {relation} AS {con.compile(draft.table)}")
    drop(draft.stored)
    typed = con.table(relation)
    shown = [*draft.columns, *found.extras]
    verdict = judge(typed, ask, draft.unreadable, _duplicates(relation, raw, ask), shown)
    if verdict.counts and again:
        drop(relation, raw.relation, *raw.scratch)
        return again()
    if not verdict.counts and raw.scratch:
        drop(raw.relation, *raw.scratch)  # no row's original values will be asked for
    draft.faults = [*raw.notes, *draft.faults]
    sifted = _sifted(typed, raw, ask, found, verdict) if verdict.counts else Sifted(typed)
    frame = columns_frame(raw.headers, ask, draft.how, found)
    return concluded(raw, ask, draft, verdict, sifted, rows, shown, frame)


def _sifted(typed, raw: Raw, ask: Request, found: Matched, verdict: Verdict) -> Sifted:
    """The rows that can be used, and what there is to know about the others."""
    faulty = _faulty(typed, verdict.flags)
    source = connection().table(raw.relation)
    cases = {key: _cases(faulty, source, key, found, ask) for key in verdict.counts}
    if not verdict.unused:
        return Sifted(typed, cases)
    broken = {key: faulty[_flag_name(*key)] for key in verdict.unused}
    chosen = faulty.filter(any_of(broken.values()))
    valid = typed.anti_join(chosen, "__row")
    rest = typed.semi_join(chosen, "__row")
    cells = [f"c{i}" for i in range(len(raw.headers))]
    ruled = chosen.select("__row", rules=broken_rules(broken))
    return Sifted(
        valid,
        cases,
        unused=chosen.count().to_pyarrow().as_py(),
        aside=taken_along(valid, rest.filter(is_record(rest)), ask.table),
        left_out=ruled.join(source, "__row").select("__row", "rules", *cells),
    )


def concluded(
    raw: Raw,
    ask: Request,
    draft: Draft,
    verdict: Verdict,
    sifted: Sifted,
    rows: int,
    shown: list[str],
    columns: pd.DataFrame,
) -> Checked:
    """A result with its frames, from what was counted and listed."""
    faults, cases = [*draft.faults], sifted.cases
    for (rule, column), count in verdict.counts.items():
        row, _, value = cases[rule, column][0]
        place = None if row is None else raw.place(row)
        faults.append(Fault(rule, column, count, value, {"line": place}))
    used = verdict.rows - sifted.unused
    if not used:
        faults.append(Fault("no_valid_rows", count=rows))
    columns["filled"] = [verdict.filled.get(name, math.nan) for name in columns["column"]]
    faults = _in_order(faults)
    return Checked(
        table_name=ask.table.name,
        source=raw.printable,
        fingerprint=raw.fingerprint,
        rows=rows,
        rows_used=used,
        rows_set_aside=sifted.unused - verdict.left_out,
        rows_left_out=verdict.left_out,
        rows_not_kept=rows - verdict.rows,
        table=_with_kinds(sifted.valid, ask, shown) if used else None,
        columns=columns,
        words=_words_frame(draft.words),
        faults=_faults_frame(faults),
        cases=_cases_frame(
            (
                rule,
                RULES[rule],
                raw.files[row_file(row or 0)],
                None if row is None else row_line(row),
                key,
                column,
                value,
            )
            for (rule, column), listed in cases.items()
            for row, key, value in listed
        ),
        set_aside=sifted.aside,
        _faults=tuple(faults),
        _raw=raw,
        _left_out=sifted.left_out,
    )


def _with_kinds(table, ask: Request, shown: list[str]):
    """The columns shown, ours with exactly the types of the vocabulary."""
    kinds = {column.name: KINDS[column.kind] for column in ask.table.columns}
    return table.select(
        **{name: table[name].cast(kinds[name]) if name in kinds else table[name] for name in shown}
    )


def refused(
    ask, raw: Raw, rows: int, faults: list[Fault], columns: pd.DataFrame, words=()
) -> Checked:
    """A result without a table."""
    faults = _in_order(faults)
    return Checked(
        table_name=ask.table.name,
        source=raw.printable,
        fingerprint=raw.fingerprint,
        rows=rows,
        rows_used=0,
        rows_set_aside=0,
        rows_left_out=0,
        rows_not_kept=0,
        table=None,
        columns=columns,
        words=_words_frame(words),
        faults=_faults_frame(faults),
        cases=_cases_frame(
            (
                f.rule,
                f.severity,
                place.file or f.file or raw.files[0],
                place.line,
                "",
                f.column,
                f.example,
            )
            for f in faults
            if (place := f.values.get("line"))
        ),
        _faults=tuple(faults),
        _raw=raw,
    )


def header_faults(headers: tuple[str, ...], found: Matched, ask) -> list[Fault]:
    """What is wrong with the names of the columns."""
    faults = []
    for name in dict.fromkeys(headers):
        if (times := headers.count(name)) > 1:
            faults.append(Fault("column_twice", count=times, example=name))
    missing = missing_columns(headers, found, ask)
    listed = ", ".join(f"`{name}`" for name in headers[:_LISTED_NAMES])
    listed += ", …" if len(headers) > _LISTED_NAMES else ""
    data = [name for name in headers if re.fullmatch(r"[-+]?\d[\d.,:/ -]*", name)]
    if data and len(missing) == len(ask.table.required):
        return [*faults, Fault("no_header", example=data[0], values={"headers": listed})]
    faults += found.faults
    if told := other_shape(headers, [fault.column for fault in missing], ask):
        return [*faults, told]
    return faults + [replace(f, values={**f.values, "headers": listed}) for f in missing]


def _duplicates(relation: str, raw: Raw, ask: Request) -> dict:
    """Flags of the rows whose key is not their own.

    Rows that agree in every cell are one row written twice: the first of them stays. Of rows that
    differ nobody can say which is right, so all of them are left out.
    """
    if not ask.table.key or ask.table.repeated:
        return {}
    names = [quoted(name) for name in ask.table.key_in(connection().table(relation).columns)]
    key = names[0] if len(names) == 1 else f"row({', '.join(names)})"
    there = "".join(f" AND {name} IS NOT NULL" for name in names)
    sound = f"FROM {relation} WHERE __fault IS NULL{there}"
    twice = f"SELECT {key} {sound} GROUP BY {key} HAVING count(*) > 1"
    if not execute(f"SELECT count(*) FROM ({twice})")[0][0]:
        return {}
    cells = ", ".join(f"r.c{i}" for i in range(len(raw.headers)))
    name = new_name("duplicates")
    execute(
        f"CREATE TABLE {name} AS"
        f" WITH twins AS (SELECT t.__row, t.key, CAST(row({cells}) AS VARCHAR) AS cells"
        f" FROM (SELECT __row, {key} AS key {sound}) t JOIN {raw.relation} r USING (__row)"
        f" WHERE t.key IN ({twice})),"
        " ranked AS (SELECT *, row_number() OVER (PARTITION BY key ORDER BY __row) AS place,"
        " min(cells) OVER (PARTITION BY key) = max(cells) OVER (PARTITION BY key) AS same"
        " FROM twins)"
        " SELECT __row, CASE WHEN same THEN 'duplicate_row' ELSE 'duplicate_key' END AS rule"
        " FROM ranked WHERE NOT same OR place > 1"
    )
    twins, typed = connection().table(name), connection().table(relation)
    return {
        (rule, ask.table.key[0]): typed["__row"].isin(twins.filter(twins.rule == rule)["__row"])
        for rule in ("duplicate_key", "duplicate_row")
    }


def _flag_name(rule: str, column: str) -> str:
    return f"{rule}|{column}"


def _faulty(typed, flags: dict):
    """A table of the session: the rows that break any rule, with a flag for each."""
    named = {_flag_name(*key): flag for key, flag in flags.items()}
    chosen = typed.select("__row", **named)
    chosen = chosen.filter(any_of(chosen[name] for name in named))
    name = new_name("faulty")
    execute(f"CREATE TABLE {name} AS {connection().compile(chosen)}")
    return connection().table(name)


def named_by(cells):
    """A row's key in one text, as a reader knows the row by it."""
    import ibis

    if not cells:
        return ibis.literal("")
    texts = [cell.cast("string").fill_null("–") for cell in cells]
    return ibis.literal(" · ").join(texts).left(_LONGEST_EXAMPLE)


def _cases(faulty, source, key: tuple[str, str], found, ask) -> list[tuple[int, str, str]]:
    """Row, key and original value of the first rows that break a rule."""
    import ibis

    at = found.positions.get(key[1])
    rows = faulty.filter(faulty[_flag_name(*key)]).select("__row")
    rows = rows.order_by("__row").limit(LISTED_CASES).join(source, "__row")
    if at is not None:
        value = rows[f"c{at}"].cast("string")
    elif key[1]:
        value = ibis.literal("")
    else:
        cells = [rows[name].cast("string") for name in source.columns if name[0] == "c"]
        value = ibis.literal(" | ").join([cell.fill_null("") for cell in cells])
        value = value.re_replace(r"( \| )+$", "")
    naming = [
        rows[f"c{found.positions[name]}"] for name in ask.table.naming if name in found.positions
    ]
    shown = {"key": named_by(naming), "value": value.fill_null("").left(_LONGEST_EXAMPLE)}
    listed = rows.select("__row", **shown).order_by("__row").to_pyarrow().to_pylist()
    return [(row["__row"], row["key"], row["value"]) for row in listed]


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Faults in the order of the data-quality page: the worst first, then as `RULES` has them."""
    order = list(RULES)
    return sorted(faults, key=lambda fault: order.index(fault.rule))


def _faults_frame(faults: list[Fault]) -> pd.DataFrame:
    rows = [(f.rule, f.severity, f.column, f.count, f.example) for f in faults]
    return pd.DataFrame(rows, columns=["rule", "severity", "column", "count", "example"])


def _words_frame(words) -> pd.DataFrame:
    """Each word for an outcome, what it was taken for, and how many rows have it."""
    return pd.DataFrame(words, columns=["word", "outcome", "rows"])


def _cases_frame(rows) -> pd.DataFrame:
    names = ["rule", "severity", "file", "line", "key", "column", "value"]
    order = list(RULES)
    rows = sorted(rows, key=lambda row: (order.index(row[0]), row[5], row[2], row[3]))
    return pd.DataFrame(rows, columns=names)


def columns_frame(headers, ask, how: dict[str, str], found: Matched) -> pd.DataFrame:
    """Each column of ours, then each of theirs that was kept."""
    rows = [
        (
            name,
            headers[found.positions[name]] if name in found.positions else "",
            how.get(name, "missing"),
        )
        for name in ask.table.names
    ]
    rows += [(name, headers[i], "kept") for name, i in found.extras.items()]
    frame = pd.DataFrame(rows, columns=["column", "theirs", "how"])
    return frame.assign(filled=math.nan)
