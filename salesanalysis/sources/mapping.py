"""Which of their columns is which of ours."""

import codecs
import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

from salesanalysis import columns as vocabulary
from salesanalysis.errors import SalesAnalysisError, did_you_mean, nearest
from salesanalysis.sources import units
from salesanalysis.sources.aliases import ALIASES, OUTCOME_FLAGS
from salesanalysis.sources.faults import Fault

DATE_ORDERS = ("dmy", "mdy", "ymd")

#: What a mapping file may say of a table.
OPTIONS = ("columns", "values", "keep", "date_order", "encoding", "sheet", "query")


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
    """What the mapping file says of one table."""
    import yaml

    if not path.is_file():
        raise SalesAnalysisError(f"`columns` is the path `{path}`, where there is no mapping file.")
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SalesAnalysisError(f"Mapping file `{path}` is not YAML in UTF-8: {error}.") from None
    if not isinstance(said, dict):
        raise SalesAnalysisError(
            f"Mapping file `{path}` holds no names; expected our column: theirs."
        )
    if not any(isinstance(value, dict) for value in said.values()):
        return {"columns": said}
    for name, part in said.items():
        vocabulary.table(str(name))
        for option in part if isinstance(part, dict) else [part]:
            if option not in OPTIONS:
                raise SalesAnalysisError(
                    f"Mapping file `{path}` says `{option}` of `{name}`."
                    f"{did_you_mean(option, OPTIONS)} Expected: {', '.join(OPTIONS)}."
                )
    return dict(said.get(table, {}))


@functools.lru_cache(maxsize=50_000)
def plain(name: str) -> str:
    """A name as it is compared: no case, width, blanks, underscores, hyphens, dots, bracketed unit.

    Examples
    --------
    >>> plain("Probability (%)"), plain("Close_Date"), plain("总金额（元）")
    ('probability', 'closedate', '总金额')
    """
    return re.sub(r"[\s_\-.]+", "", units.without_bracket(name).casefold())


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
    return plain(theirs) in {plain(name) for name in names.split(";")}


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


def match(headers: tuple[str, ...], ask: Request) -> Mapping:
    """Their columns matched with ours."""
    positions, how, faults = {}, {}, []
    # The unit of an amount changes its size: a column in a unit not known is matched by no alias.
    readable = [i for i, name in enumerate(headers) if units.read(units.bracket(name)) is not None]
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
    for column in ask.table.names:
        if column in positions or column in ask.columns:
            continue
        tiers = [f"{column}", *ALIASES.get(ask.table.name, {}).get(column, "").split("|")]
        for tier in tiers:
            free = (i for i in readable if i not in positions.values())
            found = [i for i in free if tier.strip() and same_name(headers[i], tier)]
            if len(found) > 1:
                names = ", ".join(f"`{headers[i]}`" for i in found)
                faults.append(Fault("ambiguous_column", column, example=names))
            elif found:
                positions[column], how[column] = found[0], "alias"
            if found:
                break
        else:
            _by_unit(headers, column, tiers, ask, positions, how, faults)
    taken = set(positions.values())
    flags = {}
    if ask.table.name == "opportunities":
        for flag, names in OUTCOME_FLAGS.items():
            found = [i for i, name in enumerate(headers) if same_name(name, names)]
            flags |= {flag: found[0]} if len(found) == 1 and found[0] not in taken else {}
    return Mapping(positions, how, flags, _extras(headers, taken, ask.table), faults)


def _by_unit(headers, column, tiers, ask, positions, how, faults) -> None:
    """A column of money or shares whose name has its unit without brackets, or an unknown one.

    The latter is asked about: passed over, its money would be missing without a word.
    """
    kind = ask.table[column].kind
    if kind not in ("amount", "share"):
        return
    free = [name for i, name in enumerate(headers) if i not in positions.values()]
    split = {name: units.of_header(name) for name in free}
    for known in (True, False):
        for tier in filter(str.strip, tiers):
            found = [name for name in free if _names_unit(split[name], kind, known)]
            found = [name for name in found if same_name(split[name].stem, tier)]
            if len(found) > 1 and known:
                names = ", ".join(f"`{name}`" for name in found)
                faults.append(Fault("ambiguous_column", column, example=names))
            elif found and known:
                positions[column], how[column] = headers.index(found[0]), "alias"
            elif found and kind == "amount":
                faults.append(Fault("unit_unknown", column, example=found[0]))
            if found:
                return


def _names_unit(header: units.Header, kind: str, known: bool) -> bool:
    if header.unit is None or not known:
        return header.unit is None and not known
    return header.unit.per_cent == (kind == "share") and not header.unit.says_nothing


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
    faults = []
    named = {fault.column for fault in found.faults}
    for column in ask.table.required:
        if column not in found.positions and column not in named:
            names = re.split("[|;]", ALIASES.get(ask.table.name, {}).get(column, ""))
            words = [column, *(name.strip() for name in names)]
            close = [name for word in words for name in nearest(word, headers, 1)]
            guesses = ", ".join(f"`{name}`" for name in dict.fromkeys(close)) or "–"
            faults.append(Fault("missing_column", column, values={"near": guesses}))
    return faults
