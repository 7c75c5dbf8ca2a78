"""Which of their columns is which of ours."""

import functools
import math
from dataclasses import dataclass, field

from salesanalysis import columns as vocabulary
from salesanalysis.errors import nearest
from salesanalysis.sources import units
from salesanalysis.sources.aliases import ALIASES, OUTCOME_FLAGS
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.names import plain, same_name, without_record
from salesanalysis.sources.request import Request

#: Kinds of columns whose values a unit changes.
_COUNTED = ("amount", "number", "count")
#: So many of their columns are compared with ours for a guess at what is meant.
_COMPARED = 200


@dataclass(frozen=True)
class Matched:
    """Position of their column for each of ours, how it was found, and what was not."""

    positions: dict[str, int] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)  # "won", "closed": they tell an outcome
    extras: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # theirs, as it was compared
    notes: list[Fault] = field(default_factory=list)

    def take(self, ours: str, position: int, how: str, name: str) -> None:
        """Note which of theirs is one of ours."""
        self.positions[ours], self.how[ours], self.names[ours] = position, how, name


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


def match(headers: tuple[str, ...], ask: Request) -> Matched:
    """Their columns matched with ours: those given, those of our names, those known by name."""
    found = Matched()
    _take_given(found, headers, ask)
    _take_same(found, headers, ask)
    _take_known(found, headers, ask)
    taken = set(found.positions.values())
    if ask.table.name == "opportunities":
        found.flags.update(_flags(headers, taken))
    found.extras.update(_extras(headers, taken, ask.table))
    return found


def _take_given(found: Matched, headers, ask: Request) -> None:
    """What the user said of columns, to the letter or as names are compared."""
    for ours, theirs in ask.columns.items():
        at = [i for i, name in enumerate(headers) if name == theirs.strip()]
        at = at or [i for i, name in enumerate(headers) if plain(name) == plain(theirs)]
        if len(at) == 1:
            found.take(ours, at[0], "given", plain(headers[at[0]]))
        else:
            near = ", ".join(nearest(theirs, headers)) or ", ".join(headers)
            fault = Fault("column_not_found", ours, example=theirs, values={"near": near})
            found.faults.append(fault)


def _take_same(found: Matched, headers, ask: Request) -> None:
    """Columns that have our name."""
    for i, name in enumerate(headers):
        own = name in ask.table.names and name not in ask.columns
        if own and i not in found.positions.values():
            found.take(name, i, "same", plain(name))


def _take_known(found: Matched, headers, ask: Request) -> None:
    """Columns that have a name which is known to mean one of ours; doubts where several have."""
    known, unclear = _by_name(headers, ask.table.name, set(found.positions.values()))
    for column in ask.table.names:
        ranked = known.get(column, [])
        if column in found.positions or column in ask.columns or not ranked:
            continue
        best = [one for one in ranked if one[0] == ranked[0][0]]
        if len(best) > 1:
            listed = ", ".join(f"`{headers[i]}`" for _, i, _ in best)
            found.faults.append(Fault("ambiguous_column", column, example=listed))
            continue
        _, position, name = best[0]
        found.take(column, position, "alias", name)
        found.notes.extend(_others(column, ranked, headers, ask.table))
    settled = {*found.positions, *ask.columns, *(fault.column for fault in found.faults)}
    for column, i in unclear.items():
        if column not in settled:
            found.faults.append(Fault("unit_unknown", column, example=headers[i]))


def _flags(headers, taken: set[int]) -> dict[str, int]:
    """The columns of a list of deals that say whether one is won, and whether it is closed."""
    flags = {}
    short = without_record(headers, "opportunities")
    for flag, known_names in OUTCOME_FLAGS.items():
        at = [i for i, name in enumerate(short) if same_name(name, known_names)]
        if len(at) == 1 and at[0] not in taken:
            flags[flag] = at[0]
    return flags


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


def missing_columns(headers: tuple[str, ...], found: Matched, ask: Request) -> list[Fault]:
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
