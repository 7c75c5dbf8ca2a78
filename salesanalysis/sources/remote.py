"""PostgreSQL: the rows stay where they are, and so does the work; nothing is written there.

Columns must have their types: text is not parsed over there, because what is read must be the same
whatever the engine. A text column where a date or number is needed is a fault that asks for a cast.
"""

import atexit
import functools
import hashlib
import os
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.sources.change_log import field_column, kept_field
from salesanalysis.sources.checked import LISTED_CASES, Checked
from salesanalysis.sources.database import no_table, parts_of, wanted_of
from salesanalysis.sources.draft import Draft, understand
from salesanalysis.sources.examine import (
    Sifted,
    columns_frame,
    concluded,
    header_faults,
    named_by,
    refused,
)
from salesanalysis.sources.faults import FATAL, FatalFaults, Fault, zoned
from salesanalysis.sources.locating import Located
from salesanalysis.sources.matching import Matched, match
from salesanalysis.sources.names import kept_column, says_per_cent
from salesanalysis.sources.parse.shares import per_cents
from salesanalysis.sources.period_column import SAID
from salesanalysis.sources.raw import Raw
from salesanalysis.sources.request import Request
from salesanalysis.sources.rules import whole_key
from salesanalysis.sources.sandbox import said_of
from salesanalysis.sources.set_aside import taken_along
from salesanalysis.sources.shape import wide_of
from salesanalysis.sources.stated_units import of_column
from salesanalysis.sources.unused import unused_columns
from salesanalysis.sources.verdict import Verdict, any_of, broken_rules, judge
from salesanalysis.sources.zones import by_clock

#: The SQL type that a column of each kind needs, for the message.
_WANTED = {
    "time": "timestamp",
    "amount": "numeric",
    "number": "numeric",
    "share": "numeric",
    "count": "bigint",
    "flag": "boolean",
    "id": "text",
}


def check_remote(located: Located, ask: Request) -> Checked:
    """The answer of a PostgreSQL server, checked where it is."""
    url, printable = located.url, located.shown
    relation, answer = _answer(url, printable, ask)
    headers = tuple(answer.columns)
    found = match(headers, ask)
    raw = Raw("", headers, (), printable, _fingerprint(answer, relation), files=(printable,))
    rows = answer.count().to_pyarrow().as_py()
    try:
        note, ask = _narrowed(answer, ask)
        faults = header_faults(headers, found, ask)
        if wide := wide_of(headers, ask):
            named = ", ".join(f"`{headers[i]}`" for i in wide.labels)
            faults.append(Fault("wide_in_database", wide.name, len(wide.labels), named))
    except FatalFaults as fatal:
        note, faults = None, fatal.faults
    if not rows:
        faults.append(Fault("no_rows"))
    if faults:
        return refused(ask, raw, rows, faults, columns_frame(headers, ask, found.how, found))
    draft = _typed(_kept(answer, printable, ask), ask, found, headers)
    draft.faults += [note] if note else []
    if not any(fault.severity == FATAL for fault in draft.faults):
        understand(draft, ask, found, headers)
    frame = columns_frame(headers, ask, draft.how, found)
    if any(fault.severity == FATAL for fault in draft.faults):
        return refused(ask, raw, rows, draft.faults, frame, draft.words)
    typed, shown = draft.table, [*draft.columns, *found.extras]
    draft.faults += [*found.notes, *unused_columns(raw, ask, found, draft)]
    verdict = judge(typed, ask, draft.unreadable, _duplicates(typed, ask), shown)
    raw = Raw("", tuple(shown), (), printable, raw.fingerprint, files=(printable,))
    sifted = _sifted(typed, ask, verdict, shown)
    return concluded(raw, ask, draft, verdict, sifted, rows, shown, frame)


def _sifted(typed, ask: Request, verdict: Verdict, shown: list[str]) -> Sifted:
    """The rows that can be used, and what there is to know about the others."""
    cases = {key: _cases(typed, ask, key, flag) for key, flag in verdict.flags.items()}
    if not verdict.unused:
        return Sifted(typed, cases)
    broken = {key: verdict.flags[key] for key in verdict.unused}
    faulty = any_of(broken.values())
    valid, rest = typed.filter(~faulty), typed.filter(faulty)
    ruled = typed.mutate(rules=broken_rules(broken)).filter(faulty)
    return Sifted(
        valid,
        cases,
        unused=rest.count().to_pyarrow().as_py(),
        aside=taken_along(valid, rest, ask.table),
        left_out=ruled.select("__row", "rules", *shown),
    )


def _connection(url: str):
    """One connection for each server, so that its tables can be joined; it cannot write."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    options.pop("table", None)
    read_only = "-c default_transaction_read_only=on -c TimeZone=UTC"
    options["options"] = f"{options.get('options', '')} {read_only}".strip()
    query = urlencode(options).replace("+", "%20")
    return _opened(urlunsplit(("postgres", parts.netloc, parts.path, query, "")), os.getpid())


@functools.cache
def _opened(url: str, process: int):
    import ibis

    connection = ibis.connect(url)

    def close() -> None:
        if os.getpid() == process:
            connection.disconnect()

    atexit.register(close)
    return connection


def _answer(url: str, printable: str, ask: Request):
    """What was asked for: its SQL, and as an Ibis table."""
    wanted = wanted_of(url, printable, ask)
    try:
        import psycopg
    except ImportError:
        raise SalesAnalysisError(
            "Reading PostgreSQL needs psycopg: pip install 'salesanalysis[postgres]'."
        ) from None
    try:
        connection = _connection(url)
    except (psycopg.Error, ValueError) as error:
        said = _without_secrets(said_of(error), url, printable)
        raise SalesAnalysisError(f"`{printable}` cannot be reached: {said}") from None
    if wanted.table:
        *schema, name = wanted.table.split(".")
        place = schema[0] if schema else None
        tables = connection.list_tables(database=place)
        if name not in tables:
            full = [f"{place}.{table}" if place else table for table in tables]
            raise no_table(wanted.table, printable, full)
        answer = connection.table(name, database=place)
        return connection.compile(answer), answer
    query = f"({wanted.query}\n)"
    try:
        # Prepared, so that the server itself takes it for one statement and refuses several. Ibis
        # would make a view to learn the types, which a connection that cannot write refuses.
        cursor = connection.con.execute(f"SELECT * FROM {query} AS answer LIMIT 0", prepare=True)
        types = {column.name: _ibis_type(column.type_display) for column in cursor.description}
    except psycopg.Error as error:
        connection.con.rollback()
        raise SalesAnalysisError(f"`query` failed in `{printable}`: {said_of(error)}") from None
    return wanted.query, connection.sql(wanted.query, schema=types)


def _without_secrets(said: str, url: str, printable: str) -> str:
    """A message of the driver without what of the URL is masked, escaped or not."""
    parts = parts_of(url, printable)
    secrets = [parts.password or "", *(v for k, v in parse_qsl(parts.query) if k != "table")]
    for secret in {*secrets, *map(unquote, secrets)} - {""}:
        said = said.replace(secret, "***")
    return said


def _ibis_type(name: str):
    from ibis.backends.sql.datatypes import PostgresType

    return PostgresType.from_string(name)


def _fingerprint(answer, relation: str) -> str:
    """Over column names and rows, whatever their order: MD5 of each row's text, summed."""
    number = "('x' || substr(md5(CAST(answer AS text)), 1, 15))::bit(60)::bigint"
    cursor = answer.get_backend().raw_sql(
        f"SELECT count(*), sum({number}) FROM ({relation}\n) AS answer"
    )
    canonical = "\x1f".join((*answer.columns, *map(str, cursor.fetchone())))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _narrowed(answer, ask: Request) -> tuple[Fault | None, Request]:
    """Of a log of changes, the rows of the stage."""
    at = field_column(tuple(answer.columns), ask)
    if at is None:
        return None, ask
    name = answer.columns[at]
    counted = answer.group_by(field=answer[name].cast("string").strip()).agg(n=answer.count())
    rows = counted.filter(counted.field.notnull()).order_by("field").limit(1000).to_pyarrow()
    counts = {row["field"]: row["n"] for row in rows.to_pylist()}
    note, keep = kept_field(name, counts, ask)
    return note, replace(ask, keep=keep)


def _kept(answer, printable: str, ask: Request):
    """The rows that ``keep`` names."""
    for theirs, words in ask.keep.items():
        name = kept_column(theirs, answer.columns, printable)
        answer = answer.filter(answer[name].cast("string").strip().isin(words))
    return answer


def _typed(answer, ask: Request, found: Matched, headers) -> Draft:
    """Our columns with our types."""
    import ibis

    draft = Draft(answer, [n for n in ask.table.names if n in found.positions], dict(found.how))
    columns = {"__row": ibis.null("int64"), "__fault": ibis.null("string")}
    signs: set[str] = set()
    for name in draft.columns:
        kind, theirs = ask.table[name].kind, headers[found.positions[name]]
        value = _value(answer[theirs], kind, ask.values.get(name, {}), ask.calendar.time_zone)
        if value is None:
            values = {"wanted": _WANTED[kind]}
            draft.faults.append(Fault("not_typed", name, 1, str(answer[theirs].type()), values))
            continue
        if kind == "amount":
            unit = of_column(theirs, name, draft.faults)
            value = value * unit.scale if unit.scale else value
            signs |= {unit.sign} if unit.sign else set()
        if kind == "share":
            value = _share(value, name, theirs, draft)
        if kind == "time" and getattr(answer[theirs].type(), "timezone", None):
            count = answer[theirs].count().to_pyarrow().as_py()
            draft.faults.append(zoned(name, count, ask.calendar.time_zone))
        columns[name] = value
    for flag, position in found.flags.items():
        if (value := _value(answer[headers[position]], "flag", {})) is not None:
            columns[f"__is_{flag}"] = value
    for name, position in found.extras.items():
        columns[name] = answer[headers[position]]
    draft.table, draft.signs = answer.select(**columns), frozenset(signs)
    return draft


def _value(cell, kind: str, words: dict[str, str], time_zone: str = "UTC"):
    """A column as its kind; None where that would take parsing."""
    type_ = cell.type()
    if words or kind in ("id", "text", "period"):
        is_text = kind in ("text", "period") or (kind == "id" and not type_.is_floating())
        return _in_our_words(cell, words) if is_text else None
    if kind == "time" and (type_.is_timestamp() or type_.is_date()):
        return by_clock(cell, time_zone).cast("timestamp")
    if kind in ("amount", "number", "share") and type_.is_numeric():
        return cell.cast("float64")
    if kind == "count" and type_.is_integer():
        return cell.cast("int64")
    return cell if kind == "flag" and type_.is_boolean() else None


def _in_our_words(cell, words: dict[str, str]):
    """A column as text, their words for values replaced by ours."""
    import ibis

    text = cell.cast("string").strip().nullif("")
    cases = [(text.lower() == t.lower(), ours) for t, ours in words.items() if t != "*"]
    other = ibis.literal(words["*"]) if "*" in words else text
    return ibis.cases(*cases, else_=other) if cases else other


def _share(value, name: str, theirs: str, draft: Draft):
    """A share, from per cents where header and values say so."""
    counts = {
        "fractions": ((value > 0) & (value < 1)).sum(),
        "ones": (value == 1).sum(),
        "over_one": (value > 1).sum(),
    }
    counted = draft.table.aggregate(**counts).to_pyarrow().to_pylist()[0]
    per_cent, fault = per_cents(counted, name, says_per_cent(theirs))
    draft.faults += [fault] if fault else []
    return value / 100 if per_cent else value


def _duplicates(typed, ask: Request) -> dict:
    """Flags of the rows whose key is not their own; a copy cannot be told from its first here."""
    if not ask.table.key or ask.table.repeated:
        return {}
    key = whole_key(typed, ask.table.key_in(typed.columns))
    counted = typed.group_by(key=key).agg(n=lambda t: t.count())
    return {("duplicate_key", ask.table.key[0]): key.isin(counted.filter(counted.n > 1).key)}


def _cases(typed, ask: Request, key: tuple[str, str], flag) -> list[tuple[None, str, str]]:
    """Key and value of the first rows that break a rule, in the order of the table's key."""
    rows = typed.filter(flag)
    order = dict.fromkeys((*ask.table.key, key[1]))
    rows = rows.order_by(list(order)).limit(LISTED_CASES)
    naming = [rows[name] for name in ask.table.naming if name in rows.columns]
    shown = f"{SAID}{key[1]}" if f"{SAID}{key[1]}" in rows.columns else key[1]
    values = rows.select(
        key=named_by(naming), value=rows[shown].cast("string").fill_null("")
    ).to_pyarrow()
    return [(None, row["key"], row["value"]) for row in values.to_pylist()]
