"""Plans as text or plain data: every fault is named with its place, and with its line in a file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import NamedTuple, TypeVar

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, did_you_mean
from salesanalysis.incentive.components import Gate
from salesanalysis.incentive.contradictions import ContradictionError
from salesanalysis.incentive.money import exact
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import (
    Bonus,
    Cap,
    Clawback,
    Draw,
    Floor,
    Holdback,
    Measure,
    Multiplier,
    Override,
    Rounding,
    Spif,
    Step,
    Tier,
)
from salesanalysis.incentive.plan_shares import is_percentage, levels_are, may_be_shares, unclear
from salesanalysis.incentive.year_part import Year

Made = TypeVar("Made")

#: Parts of a plan that hold one thing, and what a single value there means.
_SECTIONS = {
    "floor": (Floor, "at"),
    "cap": (Cap, "payout"),
    "draw": (Draw, "amount"),
    "clawback": (Clawback, "within_days"),
    "holdback": (Holdback, "share"),
    "override": (Override, "share"),
    "measure": (Measure, "over"),
    "rounding": (Rounding, "method"),
}
#: Lists in a plan or in a part of it: what they hold, and what the values of a short row are.
_LISTS = {
    (Plan, "tiers"): (Tier, ("from", "to", "rate")),
    (Plan, "tier_amounts"): (Tier, ("from", "to", "pay")),
    (Plan, "points"): (Tier, ("at", "rate")),
    (Plan, "bonuses"): (Bonus, ("at", "pay")),
    (Plan, "multipliers"): (Multiplier, ("on", "steps")),
    (Plan, "spifs"): (Spif, ("name", "start", "end", "pay")),
    (Multiplier, "steps"): (Step, ("at", "times")),
    (Multiplier, "points"): (Step, ("at", "times")),
    (Spif, "tiers"): (Tier, ("from", "each")),
}
#: Other names for what a plan file may say.
_ALSO = {"spiffs": "spifs", "true_up": "measure", "tiers_pct": "tiers", "tier_amounts": "tiers"}
#: What a tier calls its ends in a file.
_TIER_WORDS = {"from": "start", "to": "end", "at": "start"}
_WHOLE = {"periods", "within_days", "over", "tier"}
#: What the year's own tiers need to know of the plan, and what is not said of them.
_OF_YEAR = ("currency", "minor_unit", "ramp", "negative", "target_incentive", "rounding")
_NOT_OF_YEAR = ("year", "measure", "true_up", "ramp", "draw", "spifs", "spiffs", "clawback",
                "holdback", "override", "negative", "currency", "minor_unit", "period",
                "target_incentive", "name")  # fmt: skip
_RULES_OF_YEAR = ("pays", "debt", "bank")
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class Source(NamedTuple):
    """Where a plan comes from: the file's name and the line of each place, as far as known."""

    file: str
    lines: Mapping[str, int]
    levels: str = ""  # what the levels of the plan are, as from :func:`levels_are`
    inside: str = ""  # the part of the file that places are in, such as `components[0]`

    def where(self, place: str) -> str:
        """A place in words: its key, and the line of it or of what it stands in."""
        place = f"{self.inside}.{place}" if self.inside else place
        known = place
        while known and known not in self.lines:
            known = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", known)
        line = f"line {self.lines[known]}, " if known in self.lines else ""
        return (f"{self.file}, " if self.file else "") + f"{line}`{place}`"

    def error(self, place: str, what: str) -> SalesAnalysisError:
        return SalesAnalysisError(f"The plan cannot be read. {self.where(place)}: {what}")


def plan_of(source: Mapping, place: Source, **also) -> Plan:
    """A plan from the keys of its source, and what else is known of it."""
    place = place._replace(levels=levels_are(source))
    given = keys(source, place)
    if "tiers" not in given:
        raise place.error("tiers", "there is none; expected a list such as [{from: 0, rate: 3 %}]")
    given |= _implied(source, given)
    if not is_none(source.get("year")):
        handed = {name: given[name] for name in _OF_YEAR if name in given}
        given["year"] = year_of(source["year"], place, {**also, **handed})
    plan = made(Plan, place, **(also | given))
    if not place.levels and may_be_shares(plan):
        what = (
            "is not said, and levels so small may be shares of the quota as well as money. Write"
            " `thresholds: quota` or `thresholds: amount`"
        )
        raise place.error("thresholds", what)
    return plan


def year_of(source, place: Source, handed: dict) -> Year:
    """What a plan settles at the end of the year; its own tiers have words as any plan."""
    if isinstance(source, Year):
        return source
    inside = place._replace(inside=f"{place.inside}.year".lstrip("."))
    if not isinstance(source, Mapping):
        raise place.error("year", f"expected keys such as `tiers` or `cap`, found {source!r:.60}")
    for word in source:
        if word in _NOT_OF_YEAR:
            raise inside.error(word, "belongs to the plan; write it beside `year`")
    given: dict = {word: str(source[word]) for word in _RULES_OF_YEAR if word in source}
    own = {word: value for word, value in source.items() if word not in _RULES_OF_YEAR}
    limit, own["cap"] = _caps_of_year(own.get("cap"), inside)
    given["cap"] = limit
    if any(word in own for word in ("tiers", "points", "tiers_pct", "tier_amounts")):
        given["plan"] = plan_of(own, inside, **handed, measure=Measure(over="year"))
    elif lost := [word for word, value in own.items() if not is_none(value)]:
        raise inside.error(lost[0], "is about the year's own `tiers`, of which there is none")
    return made(Year, inside, **given)


def _caps_of_year(given, inside: Source) -> tuple[Cap | None, Cap | None]:
    """The limit of all that a year pays, and the caps of its own tiers, from one section."""
    if is_none(given):
        return None, None
    cap = _section(Cap, "payout", "cap", given, inside)
    limit = replace(cap, attainment=None, rate=None)
    of_tiers = Cap(attainment=cap.attainment, rate=cap.rate)
    nothing = Cap()
    return (None if limit == nothing else limit), (None if of_tiers == nothing else of_tiers)


def made(kind: Callable[..., Made], place: Source, **given) -> Made:
    """A plan or a part of it; what contradicts itself is told with its line."""
    try:
        return kind(**given)
    except ContradictionError as found:
        raise ContradictionError(found.found, place.where) from None


def parse(text: str, file: str, lines: dict[str, int]) -> object:
    """YAML as plain data, all values as text; notes the line of every place."""
    written, repeated = lined_yaml.parse(text, file or "plan")
    for where, line in written.lines.items():
        lines[_place(where)] = line
    for line, fault in repeated:
        raise SalesAnalysisError(f"The plan cannot be read. {file or 'plan'}:{line}: {fault}.")
    content = lined_yaml.as_text(written.content)
    return {} if content is None else content


def _place(where: lined_yaml.Where) -> str:
    """A place as messages name it: ``tiers[0].rate``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return "".join(steps).lstrip(".")


def keys(source: Mapping, place: Source) -> dict:
    """The arguments of a plan that the keys of its source give."""
    # The calendar is the company's, not the plan's.
    known = [field.name for field in fields(Plan) if field.name != "calendar"]
    given: dict = {}
    for word, value in source.items():
        name = _ALSO.get(word, word)
        if name not in [*known, "points"]:
            raise place.error(str(word), _unknown(word, [*known, "points", *_ALSO]))
        if name == "year":
            continue
        if name in given or (name == "points" and "tiers" in given):
            raise place.error(word, "is said twice under two names")
        if is_none(value):
            continue
        if (Plan, name) in _LISTS:
            parts = _LISTS.get((Plan, word), _LISTS[Plan, name])
            given["tiers" if name == "points" else name] = _list(*parts, word, value, place)
        elif name in _SECTIONS:
            given[name] = _section(*_SECTIONS[name], word, value, place)
        elif name == "ramp":
            given[name] = tuple(_numbers(word, value, place))
        else:
            given[name] = _value(name, value, word, place)
    return given


def _implied(source: Mapping, given: dict) -> dict:
    """What the short forms of tiers say by their names."""
    if "points" in source:
        return {"method": "curve"}
    if "tiers_pct" in source:
        scaled = [
            replace(tier, start=tier.start / 100, end=None if tier.end is None else tier.end / 100)
            for tier in given["tiers"]
        ]
        return {"thresholds": "quota", "tiers": tuple(scaled)}
    if "tier_amounts" in source:
        return {"method": given.get("method", "interpolated")}
    return {}


def _list(kind, row: tuple[str, ...], word: str, value, place: Source) -> tuple:
    if not isinstance(value, list | tuple):
        raise place.error(word, f"expected a list, found {value!r:.60}")
    made = []
    for at, item in enumerate(value):
        here = f"{word}[{at}]"
        if isinstance(item, Tier | Bonus | Multiplier | Spif | Step):
            made.append(item)
            continue
        if isinstance(item, list | tuple):
            if len(item) != len(row):
                raise place.error(here, f"expected [{', '.join(row)}], found {list(item)!s:.60}")
            item = dict(zip(row, item, strict=True))
        if not isinstance(item, Mapping):
            raise place.error(here, f"expected keys such as `{row[0]}`, found {item!r:.60}")
        made.append(part(kind, item, here, place))
    return tuple(made)


def _section(kind, single: str, word: str, value, place: Source):
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        value = {single: value}
    return part(kind, value, word, place)


def part(kind, item: Mapping, here: str, place: Source):
    """One part of the plan from its keys."""
    names = [field.name for field in fields(kind)]
    words = _TIER_WORDS if kind is Tier else {}
    given = {}
    for word, value in item.items():
        name = words.get(word, word)
        if name not in names:
            raise place.error(f"{here}.{word}", _unknown(word, [*names, *words]))
        if not is_none(value):
            given[name] = _value(name, value, f"{here}.{word}", place, kind)
    try:
        return kind(**given)
    except TypeError:
        required = [f.name for f in fields(kind) if f.name not in given][:1]
        shown = {"start": "from"}.get(required[0], required[0]) if kind is Tier else required[0]
        raise place.error(here, f"`{shown}` is missing") from None


#: Values that are text, by the part they stand in; all others are numbers.
_TEXT = {
    Plan: {"name", "method", "thresholds", "at_boundary", "negative", "currency", "period"},
    Multiplier: {"on"},
    Gate: {"component"},
    Spif: {"name", "start", "end", "product", "counts", "method"},
    Measure: {"quota", "pays"},
    Override: {"of", "levels"},
    Rounding: {"method", "at"},
}


def _value(name: str, value, at: str, place: Source, kind=Plan):
    """A value as the kind that its name asks for."""
    if name in _TEXT.get(kind, ()):
        return str(value)
    if (kind, name) in _LISTS:
        return _list(*_LISTS[kind, name], at, value, place)
    if name in ("cliff", "banked", "recoverable", "prorated", "bonuses"):
        said = str(value).strip().lower()
        if said not in _YES | _NO:
            raise place.error(at, f"expected yes or no, found {value!r:.60}")
        return said in _YES
    if name == "over" and not str(value).strip().isdigit():
        return str(value)
    if is_percentage(value) and (what := unclear(kind, name, value, at, place.levels)):
        raise place.error(at, what)
    (number,) = _numbers(at, [value], place)
    if name in _WHOLE:
        if number.denominator != 1:
            raise place.error(at, f"expected a whole number, found {value!r:.60}")
        return int(number)
    return number


def _numbers(at: str, values, place: Source) -> list:
    if not isinstance(values, list | tuple):
        values = [values]
    made = []
    for value in values:
        try:
            made.append(exact(value))
        except (ValueError, ZeroDivisionError, TypeError):
            raise place.error(at, f"expected a number, found {value!r:.60}") from None
    return made


def number(at: str, value, place: Source) -> Fraction:
    """A number where one is expected."""
    return _numbers(at, [value], place)[0]


def is_none(value) -> bool:
    """Whether nothing is said there."""
    return value is None or (isinstance(value, str) and value.strip() in ("", "null", "~"))


def _unknown(word, known) -> str:
    return f"is not a word of a plan.{did_you_mean(word, known)} Known: {', '.join(known)}."
