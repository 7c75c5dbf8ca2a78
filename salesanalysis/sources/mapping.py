"""Which of their columns is which of ours."""

import codecs
import functools
import math
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import columns as vocabulary
from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, did_you_mean, nearest
from salesanalysis.sources import units
from salesanalysis.sources.aliases import ALIASES, OUTCOME_FLAGS, RECORDS
from salesanalysis.sources.aliases.traditional import simplified
from salesanalysis.sources.faults import Fault

DATE_ORDERS = ("dmy", "mdy", "ymd")

#: Kinds of columns whose values a unit changes.
_COUNTED = ("amount", "number", "count")
#: So many of their columns are compared with ours for a guess at what is meant.
_COMPARED = 200

#: What a mapping file may say of a table.
OPTIONS = ("columns", "values", "keep", "only", "date_order", "encoding", "sheet", "query")


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


def request(*, table, columns, stages, **given) -> Request:
    """The arguments of ``read``, checked; what a mapping file says fills those not given."""
    ours = vocabulary.table(table)
    if isinstance(columns, (str, Path)):
        said = _mapping_file(Path(columns), ours.name)
        columns = said.pop("columns", None)
        given = {k: said.get(k) if v is None else v for k, v in given.items()}
    columns = _dict("columns", columns)
    _known_columns("columns", columns, ours)
    values = _dict("values", given["values"])
    _known_columns("values", values, ours)
    if isinstance(stages, str):
        raise SalesAnalysisError(f"`stages` is the text {stages!r}; expected a list of stages.")
    return Request(
        table=ours,
        columns={name: str(theirs) for name, theirs in columns.items()},
        values={name: _words(name, words) for name, words in values.items()},
        keep={
            str(theirs): [
                str(v) for v in (kept if isinstance(kept, (list, tuple, set)) else [kept])
            ]
            for theirs, kept in _dict("keep", given["keep"]).items()
        },
        date_order=_date_orders(given["date_order"], ours),
        encoding=_encoding(given["encoding"]),
        sheet=given["sheet"],
        query=given["query"],
        stages=None if stages is None else tuple(str(stage) for stage in stages),
    )


def _dict(argument: str, given) -> dict:
    if given is None:
        return {}
    if not isinstance(given, dict):
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
    if not isinstance(words, dict):
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
    orders = given if isinstance(given, dict) else {"": given} if given else {}
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


def _mapping_file(path: Path, table: str) -> dict:
    """What the mapping file says of one table; all its words are text, as they are written."""
    if not path.is_file():
        raise SalesAnalysisError(f"`columns` is the path `{path}`, where there is no mapping file.")
    written, repeated = lined_yaml.read(path)
    said = lined_yaml.as_text(written.content)
    if not isinstance(said, dict):
        raise SalesAnalysisError(
            f"Mapping file `{path}` holds no names; expected our column: theirs."
        )
    for line, fault in repeated:
        raise SalesAnalysisError(f"{path}:{line}: {fault}.")
    for where in _without_value(said):
        # A table or an option of which nothing is said is as good as not there.
        if len(where) > 2 or not any(isinstance(value, dict) for value in said.values()):
            raise SalesAnalysisError(
                f"{path}:{written.line(where)}: `{where[-1]}` has no value; write '' for an empty"
                " cell, and a word such as null in quotes."
            )
    if not any(isinstance(value, dict) for value in said.values()):
        return {"columns": said}
    for name, part in said.items():
        vocabulary.table(name)
        for option in part if isinstance(part, dict) else [] if part is None else [part]:
            if option not in OPTIONS:
                raise SalesAnalysisError(
                    f"Mapping file `{path}` says `{option}` of `{name}`."
                    f"{did_you_mean(option, OPTIONS)} Expected: {', '.join(OPTIONS)}."
                )
    part = dict(said.get(table) or {})
    if "sheet" in part:  # a number without quotes is its position
        part["sheet"] = lined_yaml.as_data(written.content[table]["sheet"])
    if "only" in part:  # another word for it
        if "keep" in part:
            raise SalesAnalysisError(
                f"Mapping file `{path}` says `keep` and `only` of `{table}`, which mean the same:"
                " expected one of them."
            )
        part["keep"] = part.pop("only")
    return part


def _without_value(content, where: lined_yaml.Where = ()) -> Iterator[lined_yaml.Where]:
    """The places where a key or an item of a list has nothing behind it."""
    inside = content.items() if isinstance(content, dict) else enumerate(content)
    for step, item in inside:
        if item is None:
            yield (*where, step)
        elif isinstance(item, dict | list):
            yield from _without_value(item, (*where, step))


def folded(text: str) -> str:
    """A text without case, width and accents, its traditional Chinese characters simplified.

    Nor with signs that show nothing, such as a soft hyphen or a mark of byte order.

    Examples
    --------
    >>> folded("Date de Clôture"), folded("ＩＤ"), folded("商機編號")
    ('date de cloture', 'id', '商机编号')
    """
    apart = unicodedata.normalize("NFKD", text)
    shown = "".join(sign for sign in apart if unicodedata.category(sign) != "Cf")
    whole = unicodedata.normalize("NFKC", re.sub("[\u0300-\u036f]", "", shown))
    return simplified(whole.casefold()).strip()


@functools.lru_cache(maxsize=1 << 16)
def plain(name: str) -> str:
    """A name as it is compared: folded, without blanks, signs and a bracketed unit at its end.

    Examples
    --------
    >>> plain("Probability (%)"), plain("Close_Date"), plain("总金额（元）"), plain("Title*")
    ('probability', 'closedate', '总金额', 'title')
    """
    return re.sub(r"[\s_\-.'’*?]+|[:]$", "", units.without_bracket(folded(name)))


def says_per_cent(name: str) -> bool:
    """Whether a column's name says that its values are per cents.

    Examples
    --------
    >>> says_per_cent("Probability (%)"), says_per_cent("Win rate %"), says_per_cent("Share")
    (True, True, False)
    """
    unit = units.of_header(name).unit
    return unit is not None and unit.per_cent


def same_name(theirs: str, names: str) -> bool:
    """Whether ``theirs`` is one of the names in a tier of :mod:`aliases`."""
    return plain(theirs) in _compared(names)


@functools.cache
def _compared(names: str) -> frozenset[str]:
    return frozenset(plain(name) for name in names.split(";"))


def kept_column(theirs: str, headers, printable: str) -> str:
    """The input's own name of the column that ``keep`` names."""
    found = [name for name in headers if name == theirs]
    found = found or [name for name in headers if plain(name) == plain(theirs)]
    if len(found) == 1:
        return found[0]
    close = ", ".join(nearest(theirs, headers)) or ", ".join(headers)
    raise SalesAnalysisError(
        f"`keep` names the column `{theirs}`, which `{printable}` does not have once."
        f" Nearest: {close}."
    )


@dataclass(frozen=True)
class Mapping:
    """Position of their column for each of ours, how it was found, and what was not."""

    positions: dict[str, int]
    how: dict[str, str]
    flags: dict[str, int]  # "won" and "closed": columns that tell an outcome
    extras: dict[str, int]
    faults: list[Fault]
    names: dict[str, str] = field(default_factory=dict)  # theirs, as it was compared
    notes: list[Fault] = field(default_factory=list)


@functools.cache
def _known(table: str) -> dict[str, tuple[str, float]]:
    """Each known name as it is compared → our column, and its tier; infinite for a last resort."""
    known = {}
    for column in vocabulary.table(table).names:
        listed = ALIASES.get(table, {}).get(column, "").split("|")
        tiers = [[plain(name) for name in tier.split(";") if name.strip()] for tier in listed]
        if not any(plain(column) in tier for tier in tiers):
            tiers = [[plain(column)], *tiers]
        weak = tiers.index([]) if [] in tiers else len(tiers)
        for rank, tier in enumerate(tiers):
            known |= {name: (column, rank if rank < weak else math.inf) for name in tier}
    return known


def without_record(headers, table: str) -> list[str]:
    """The headers without what a system or a tool has put before them.

    That is the word for the record with a sign after it, or what all headers begin with.

    Examples
    --------
    >>> without_record(["Deal - Value", "properties.amount", "Owner"], "opportunities")
    ['Value', 'amount', 'Owner']
    >>> without_record(["crm.id", "crm.stage", "crm.value"], "opportunities")
    ['id', 'stage', 'value']
    """
    headers = list(headers)
    begin = os.path.commonprefix(headers) if len(headers) > 2 else ""
    begin = (re.match(r".*(?:[_.:/|>–—]| - )\s*", begin) or [""])[0]
    words = [re.escape(word.strip()) for word in RECORDS.get(table, "").split(";")]
    record = re.compile(rf"(?:{'|'.join(words)})\s*(?:[-–—:._/>|]+)\s*(?=\S)", re.IGNORECASE)
    bare = []
    for name in headers:
        name = name[len(begin) :].strip() or name
        while words != [""] and (found := record.match(unicodedata.normalize("NFKC", name))):
            name = unicodedata.normalize("NFKC", name)[found.end() :]
        bare.append(name)
    return bare


def match(headers: tuple[str, ...], ask: Request) -> Mapping:
    """Their columns matched with ours."""
    positions, how, faults = {}, {}, []
    for ours, theirs in ask.columns.items():
        found = [i for i, name in enumerate(headers) if name == theirs.strip()]
        found = found or [i for i, name in enumerate(headers) if plain(name) == plain(theirs)]
        if len(found) == 1:
            positions[ours], how[ours] = found[0], "given"
        else:
            guesses = ", ".join(nearest(theirs, headers)) or ", ".join(headers)
            faults.append(Fault("column_not_found", ours, example=theirs, values={"near": guesses}))
    for i, name in enumerate(headers):
        if name in ask.table.names and name not in ask.columns and i not in positions.values():
            positions[name], how[name] = i, "same"
    names = {column: plain(headers[i]) for column, i in positions.items()}
    notes = []
    known, unclear = _by_name(headers, ask.table.name, set(positions.values()))
    for column in ask.table.names:
        ranked = known.get(column, [])
        if column in positions or column in ask.columns or not ranked:
            continue
        best = [one for one in ranked if one[0] == ranked[0][0]]
        if len(best) > 1:
            listed = ", ".join(f"`{headers[i]}`" for _, i, _ in best)
            faults.append(Fault("ambiguous_column", column, example=listed))
            continue
        _, positions[column], names[column] = best[0]
        how[column] = "alias"
        notes += _others(column, ranked, headers, ask.table)
    for column, i in unclear.items():
        if column not in (*positions, *ask.columns, *(fault.column for fault in faults)):
            faults.append(Fault("unit_unknown", column, example=headers[i]))
    taken = set(positions.values())
    flags = {}
    if ask.table.name == "opportunities":
        short = without_record(headers, ask.table.name)
        for flag, known_names in OUTCOME_FLAGS.items():
            found = [i for i, name in enumerate(short) if same_name(name, known_names)]
            flags |= {flag: found[0]} if len(found) == 1 and found[0] not in taken else {}
    extras = _extras(headers, taken, ask.table)
    return Mapping(positions, how, flags, extras, faults, names, notes)


def _by_name(headers, table: str, taken: set[int]) -> tuple[dict[str, list[tuple]], dict[str, int]]:
    """For each of ours, those of theirs known by name: (rank, position, name), best first.

    Beside them, for each of ours that is money, one of theirs whose unit is not known: passed
    over, the money would be missing without a word.
    """
    known, found, unclear = _known(table), {}, {}
    bare = without_record(headers, table)
    for i, header in enumerate(headers):
        if i in taken:
            continue
        # The unit of an amount changes its size: in a unit not known it is matched by no alias.
        readable = units.read(units.bracket(header)) is not None
        for place, name in enumerate((header, bare[i])):
            # A system that shows an amount twice says of one that it is in one currency.
            converted = units.bracket(name).casefold() == "converted"
            key = plain(name) + ("converted" if converted else "")
            key = key if key in known else plain(name)
            if key in known:
                column, tier = known[key]
                if readable or vocabulary.table(table)[column].kind not in _COUNTED:
                    found.setdefault(column, []).append(((tier, place), i, key))
                    break
            split = units.of_header(name)
            column, tier = known.get(plain(split.stem), ("", 0))
            kind = vocabulary.table(table)[column].kind if column else ""
            if split.unit is None and kind == "amount":
                unclear.setdefault(column, i)
            elif split.said and split.unit and split.unit.per_cent == (kind == "share"):
                if kind in ("amount", "share"):
                    rank = tier, place + 2  # after a name without a unit
                    found.setdefault(column, []).append((rank, i, plain(split.stem)))
                    break
    return {column: sorted(ranked) for column, ranked in found.items()}, unclear


def _others(column: str, ranked: list[tuple], headers, table: vocabulary.Table) -> list[Fault]:
    """A note on columns of money or time that could have been meant as well."""
    others = [i for (tier, _), i, _ in ranked[1:] if tier < math.inf]
    if not others or table[column].kind not in ("amount", "time"):
        return []
    listed = ", ".join(f"`{headers[i]}`" for i in others)
    values = {"others": listed, "other": headers[others[0]], "table": table.name}
    return [Fault("other_column", column, len(others), headers[ranked[0][1]], values)]


def _extras(headers, taken: set[int], table: vocabulary.Table) -> dict[str, int]:
    """Their other columns under their own names, changed only where two names would be one.

    Names that begin with two underscores are those of this package's own helping columns.
    """
    used = {name.casefold() for name in table.names}
    extras = {}
    for i, name in enumerate(headers):
        if i in taken:
            continue
        own = f"theirs{name}" if name.startswith("__") else name
        while own.casefold() in used:
            own += "_theirs"
        used.add(own.casefold())
        extras[own] = i
    return extras


def missing(headers: tuple[str, ...], found: Mapping, ask: Request) -> list[Fault]:
    """A fault for each required column that nothing was found for."""
    from salesanalysis.sources.shape import wide_of

    faults = []
    named = {fault.column for fault in found.faults}
    wide = wide_of(headers, ask)
    made = (wide.name, wide.value, *(["opportunity_id"] if wide.key else [])) if wide else ()
    for column in ask.table.required:
        if column not in found.positions and column not in (*named, *made):
            known = _known(ask.table.name).items()
            words = [column, *(name for name, (ours, _) in known if ours == column)]
            close = [name for word in words for name in nearest(word, headers[:_COMPARED], 1)]
            guesses = ", ".join(f"`{name}`" for name in dict.fromkeys(close)) or "–"
            faults.append(Fault("missing_column", column, values={"near": guesses}))
    return faults
