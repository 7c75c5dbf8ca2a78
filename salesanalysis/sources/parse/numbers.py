"""Numbers and amounts: the digits by one decimal sign for the column, the words around them once.

``₹12 lakh``, ``(1.200,50 kr)``, ``CHF 1'200.-``: a column has few of the words and signs that can
stand before and after a number, so each pair of them, a shape, is understood here and becomes a
factor in SQL. The digits between them prove, cell by cell, which sign is the decimal one.
"""

import functools
import re
from dataclasses import dataclass

from salesanalysis.sources import currencies, units
from salesanalysis.sources.faults import Fault
from salesanalysis.sources.parse.sighted import Reading, Seen, Sighting, first, total
from salesanalysis.sources.parse.text import among, narrow
from salesanalysis.sources.session import literal

#: Numbers that nobody can mistake: not "1.234", which may be thousands.
SIMPLE = r"^-?(\d+([.]\d{1,2}|[.]\d{4,})?|0[.]\d+|\d{4,}[.]\d+)$"

_NUMBER = "[0-9](?:[0-9.,' ]*[0-9])?"
#: More digits than any amount has; a number of some hundred would be infinite.
_LONGEST = 60


def parts(text: str) -> str:
    """SQL: the digits of a cell, and what is left without them."""
    plain, number = f"lower({narrow(text)})", literal(_NUMBER)
    return (
        f"struct_pack(shape := regexp_replace({plain}, {number}, '0'),"
        f" n := regexp_extract({plain}, {number}))"
    )


def shape(p: str) -> str:
    """SQL: a cell with a 0 for its number."""
    return f"{p}.shape"


def proof(text: str, p: str, first_day: str) -> str:
    """SQL: what the digits of one cell prove of the decimal sign; empty for nothing."""

    def like(pattern: str) -> str:
        return f"regexp_matches({p}.n, {literal(f'^({pattern})$')})"

    either_comma, either_dot = r"[1-9]\d{0,2},\d{3}", r"[1-9]\d{0,2}[.]\d{3}"
    grouped = r"\d{1,3}([ ']\d{3})+"
    dotted = rf"\d*[.]\d+|\d{{1,3}}(,\d{{3}})+[.]\d+|\d{{1,3}}(,\d{{3}}){{2,}}|{grouped}[.]\d+"
    dotted += r"|\d{1,2}(,\d{2})+,\d{3}([.]\d+)?"  # as in India
    with_comma = (
        rf"(0|[1-9]\d*)?,\d+|\d{{1,3}}([.]\d{{3}})+,\d+|\d{{1,3}}([.]\d{{3}}){{2,}}|{grouped},\d+"
    )
    return (
        f"CASE WHEN {p} IS NULL THEN CASE WHEN contains({text}, '.') THEN 'dot' ELSE '' END"
        f" WHEN {like(either_comma)} THEN 'either_comma'"
        f" WHEN {like(either_dot)} THEN 'either_dot'"
        f" WHEN {like(dotted)} THEN 'dot' WHEN {like(with_comma)} THEN 'comma' ELSE '' END"
    )


@dataclass(frozen=True)
class Affix:
    """What the words and signs around a number say of it."""

    sign: int = 1
    unit: units.Unit = units.Unit()
    decimal: str = ""  # "dot" or "comma" where what stands beside the digits proves it
    fraction: bool = False  # whether the digits are those after a decimal sign, as in ".5"
    exponent: str = ""


@functools.lru_cache(maxsize=10_000)
def affix(shape: str) -> Affix | None:
    """A shape understood; None where it has a word or sign that is not known.

    Examples
    --------
    >>> affix("(₹0 lakh)").sign, affix("0,- kr").decimal, affix("0 apples")
    (-1, 'comma', None)
    """
    before, _, after = shape.partition("0")
    decimal = exponent = ""
    if found := re.match(r"e([-+]?\d{1,2})(?!\d)", after):
        exponent, after = found[1], after[found.end() :]
    if ending := re.match(r"(/[-=]|[.,]-{0,2})(?=$|[ )])", after):
        # "1.200,-" and "500/-" are whole amounts, "5." as well; "5-" is negative.
        decimal = _SIGNS.get(ending[1][0], "") if len(ending[1]) > 1 else ""
        after = after[ending.end() :]
    fraction = re.search(r"(?:^|[^\w.,])([.,])$", before)  # "$.50", but "Rs.500"
    if fraction:
        decimal, before = _SIGNS[fraction[1]], before[:-1]
    minus = before.count("-") + after.count("-")
    plus = before.count("+") + after.count("+")
    opened, closed = before.count("("), after.count(")")
    if minus + opened + plus > 1 or opened != closed or ")" in before or "(" in after:
        return None
    words = [re.sub(r"[-+()]", " ", side).strip() for side in (before, after)]
    if re.search(r"[a-z]{3}\.$", before) or re.search(r"[,\d]", "".join(words)):
        return None  # "USD.50" could be 50 or a half
    unit = units.read(" ".join(filter(None, words)), in_cell=True)
    sign = -1 if minus + opened else 1
    return None if unit is None else Affix(sign, unit, decimal, bool(fraction), exponent)


_SIGNS = {".": "dot", ",": "comma"}


def reading(
    kind: str,
    text: str,
    p: str,
    seen: Seen,
    *,
    column: str,
    unit: units.Unit,
    decimal_comma_likely: bool,
    with_numbers: bool,
) -> Reading:
    """How a column of numbers is read, in units of money where it is one of amounts."""
    scale = unit.scale or 1.0
    value = f"TRY_CAST({text} AS DOUBLE) * {scale!r}"
    if not seen["odd"]:
        return _of_kind(kind, Reading(value))
    affixes = _affixes(seen, unit)
    faults = _credits(seen, affixes, column)
    if kind != "amount":
        affixes = {shape_: said for shape_, said in affixes.items() if _of_a_number(shape_, said)}
    decimal, fault = _decimal_sign(seen, affixes, column, decimal_comma_likely, with_numbers)
    faults += [fault] if fault else []
    signs = tuple(sorted({a.unit.sign for a in affixes.values() if a.unit.sign}))
    if len(signs) > 1 and not currencies.possible(*signs):
        listed = ", ".join(map(currencies.shown, signs))
        faults.append(Fault("two_currencies", column, len(signs), listed))
    branches: dict[tuple, list[str]] = {}
    for shape_, said in affixes.items():
        branch = said.fraction, said.exponent, said.sign * (said.unit.scale or scale)
        branches.setdefault(branch, []).append(shape_)
    cases = "".join(
        f" WHEN {shape(p)} IN {among(shapes)}"
        f" THEN {_number(p, decimal, fraction, exponent)} * {factor!r}"
        for (fraction, exponent, factor), shapes in branches.items()
    )
    sql = f"CASE WHEN {p} IS NULL THEN {value}{cases} END"
    return _of_kind(kind, Reading(sql, faults, signs))


def _of_kind(kind: str, read: Reading) -> Reading:
    if kind != "count":
        return read
    whole = f"CASE WHEN ({read.sql}) = trunc({read.sql}) THEN ({read.sql}) END"
    return Reading(f"TRY_CAST({whole} AS BIGINT)", read.faults, read.signs)


def _number(p: str, decimal: str, fraction: bool, exponent: str) -> str:
    """SQL: the digits of a cell as a number, by the decimal sign of its column."""
    group = "," if decimal == "." else "."
    indian = r"|\d{1,2}(,\d{2})*,\d{3}" if decimal == "." else ""
    grouped = "|".join(rf"\d{{1,3}}([{sign}]\d{{3}})+" for sign in (group, " ", "'"))
    pattern = r"^\d+$" if fraction else rf"^(\d+|{grouped}{indian})([{decimal}]\d+)?$"
    marks = literal(group + " '")
    bare = f"replace(translate({p}.n, {marks}, ''), ',', '.')"
    bare = f"'.' || {bare}" if fraction else bare
    bare = f"{bare} || 'e{exponent}'" if exponent else bare
    sound = f"strlen({p}.n) <= {_LONGEST} AND regexp_matches({p}.n, {literal(pattern)})"
    return f"CASE WHEN {sound} THEN TRY_CAST({bare} AS DOUBLE) END"


def _affixes(seen: Seen, unit: units.Unit) -> dict[str, Affix]:
    """The shapes of the column that are understood; "Cr" is crore where the money is of India."""
    shapes = {sighting.shape for sighting in seen.sightings if sighting.shape}
    found = {shape_: said for shape_ in shapes if (said := affix(shape_))}
    signs = [unit.sign, *(said.unit.sign for said in found.values())]
    lakhs = any(said.unit.scale == 1e5 for said in found.values())
    if lakhs or any("INR" in currencies.codes(sign) for sign in signs if sign):
        for shape_ in shapes - set(found):
            said = affix(re.sub(r"(?<![a-z])cr\.?(?![a-z])", "crore", shape_))
            found |= {shape_: said} if said else {}
    return found


def _of_a_number(shape_: str, said: Affix) -> bool:
    """Whether a number that is no money is written so: "30m" may be minutes, "5 b" books."""
    return not said.unit.sign and not re.search("[a-z]", shape_)


def _credits(seen: Seen, known: dict[str, Affix], column: str) -> list[Fault]:
    """Cells that end in CR or DR: whether a credit is more or less depends on whose books."""
    marked = [
        sighting
        for sighting in seen.sightings
        if sighting.shape not in known and re.search(r"(?<![a-z])[cd]r\.?\)?$", sighting.shape)
    ]
    if not marked:
        return []
    values = {"line": first(marked).row}
    return [Fault("credit_or_debit", column, total(marked), first(marked).cell, values)]


def _decimal_sign(
    seen: Seen, affixes: dict[str, Affix], column: str, comma_likely: bool, with_numbers: bool
) -> tuple[str, Fault | None]:
    """The decimal sign that the column's own cells prove, and what there is to say about it."""
    proved = _by_proof(seen, affixes)
    dot, comma, either_dot, either_comma = (
        proved.get(name, []) for name in ("dot", "comma", "either_dot", "either_comma")
    )
    mixed = (dot, comma) if dot or comma else (either_dot, either_comma)
    if all(mixed):
        one, other = first(mixed[0]), first(mixed[1])
        values = {"other": other.cell, "line": one.row, "other_line": other.row}
        count = total(mixed[0]) + total(mixed[1])
        return ".", Fault("number_format_mixed", column, count, one.cell, values)
    if comma:
        return ",", None
    if dot or with_numbers:
        return ".", None
    either = either_comma or either_dot
    if not either:
        return ".", None
    sign = "," if comma_likely and not either_comma else "."
    rule = "thousands_assumed" if either_comma or comma_likely else "decimals_assumed"
    return sign, Fault(rule, column, total(either), first(either).cell)


def _by_proof(seen: Seen, affixes: dict[str, Affix]) -> dict[str, list[Sighting]]:
    """The cells by what they, or the words beside them, prove of the decimal sign."""
    proved: dict[str, list[Sighting]] = {}
    for sighting in seen.sightings:
        said = affixes.get(sighting.shape) if sighting.shape else Affix()
        if said:
            proved.setdefault(said.decimal or sighting.proof, []).append(sighting)
    return proved
