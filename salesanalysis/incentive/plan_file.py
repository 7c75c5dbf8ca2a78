"""Plans as text or plain data: every fault is named with its place, and with its line in a file."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import NamedTuple

from salesanalysis import lined_yaml
from salesanalysis.errors import SalesAnalysisError, did_you_mean
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
    Rounding,
    Spif,
    Step,
    Tier,
)
from salesanalysis.incentive.plan_shares import is_percentage, levels_are, may_be_shares, unclear
from salesanalysis.periods import PLAIN, Calendar

#: Parts of a plan that hold one thing, and what a single value there means.
_SECTIONS = {
    "floor": (Floor, "at"),
    "cap": (Cap, "payout"),
    "draw": (Draw, "amount"),
    "clawback": (Clawback, "within_days"),
    "holdback": (Holdback, "share"),
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
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class _Source(NamedTuple):
    """Where a plan comes from: the file's name and the line of each place, as far as known."""

    file: str
    lines: Mapping[str, int]
    levels: str = ""  # what the levels of the plan are, as from :func:`levels_are`

    def where(self, place: str) -> str:
        """A place in words: its key, and the line of it or of what it stands in."""
        known = place
        while known and known not in self.lines:
            known = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", known)
        line = f"line {self.lines[known]}, " if known in self.lines else ""
        return (f"{self.file}, " if self.file else "") + f"{line}`{place}`"

    def error(self, place: str, what: str) -> SalesAnalysisError:
        return SalesAnalysisError(f"The plan cannot be read. {self.where(place)}: {what}")


#: A plan, or what :func:`read_plan` makes one of.
AnyPlan = Plan | Mapping[str, object] | str


def read_plan(source: AnyPlan, *, file: str = "", calendar: Calendar = PLAIN) -> Plan:
    """A plan from the text of a YAML file, from plain data, or as it is.

    ::

        name: Dealers 2025
        thresholds: quota          # or amount
        method: marginal           # or retroactive, interpolated, curve
        at_boundary: higher        # or lower: sales exactly on a threshold
        tiers:
          - {from: 0, to: 1, rate: 3 %}
          - {from: 1, rate: 5 %}
        floor: {at: 1, cliff: no}
        stretch: 1.2
        cap: {payout: 100000, attainment: 2, rate: 10%, banked: no}
        bonuses: [{at: 1, pay: 5000}, {at: 1.2, share: 10 %}]
        multipliers:               # by columns of the attainment table, or attainment itself
          - {on: margin, steps: [[0, 0.8], [0.3, 1], [0.4, 1.2]]}
          - {on: satisfaction, steps: [[0.9, 1]], bonuses: yes}      # a gate for all
          - {on: new_customers, steps: [[0, 1], [5, 1.5]], tier: 2}
          - {on: attainment, points: [[0.8, 0.5], [1, 1], [1.5, 2]]}      # lines between
        draw: {amount: 2000, recoverable: yes, periods: 6}
        clawback: {within_days: 180, prorated: yes}
        holdback: {share: 50 %}
        ramp: [0.25, 0.5, 0.75]
        measure: {over: year, quota: sum, pays: difference}
        negative: carry            # or take_back, zero
        rounding: {method: half_up, to: 0.01, at: total}
        spifs:
          - {name: Spring, start: 2025-03-01, end: 2025-03-31, pay: 100, most: 2000}
          - {name: Nova, start: 2025-03-01, end: 2025-05-31, product: Nova, counts: units,
             tiers: [[1, 50], [6, 80]]}                   # 50 each, 80 from the sixth on

    Only ``tiers`` (or ``points``, for a curve) are needed. The words are those of :class:`Plan`.

    Parameters
    ----------
    source : str, mapping or Plan
        Text of a YAML file, or the same as a dict. A level written as a percentage needs
        ``thresholds: quota``; where no level is over 10 the plan must say its ``thresholds``. A tier may be ``[from, to, rate]``;
        ``tiers_pct`` are such rows with per cent of the quota, ``tier_amounts`` such rows with
        money instead of rates, paid in proportion. ``true_up: year`` is ``measure: {over: year}``.
    file : str
        Its name, for messages.
    calendar : salesanalysis.periods.Calendar
        The company's; a plan that is one already keeps its own.

    Returns
    -------
    Plan

    Raises
    ------
    SalesAnalysisError
        Not YAML, a word that is not known, or a plan that contradicts itself; with line and key.

    Examples
    --------
    >>> plan = read_plan('''
    ... thresholds: quota
    ... tiers:
    ...   - {from: 0, to: 1, rate: 3 %}
    ...   - {from: 1, rate: 5 %}
    ... ''')
    >>> plan.tiers[1].rate
    Fraction(1, 20)
    >>> read_plan("tiers:\\n- [0, 1000, 3]", file="dealers.yml")
    Traceback (most recent call last):
    ...
    salesanalysis.incentive.contradictions.ContradictionError: The plan contradicts itself or cannot be used.
    dealers.yml, line 2, `tiers[0].rate`: a rate of 3 is over 1; write 0.05 or '5%' for five per cent.
    """  # noqa: E501
    if isinstance(source, Plan):
        return source
    lines: dict[str, int] = {}
    if isinstance(source, str):
        source = _parse(source, file, lines)
    place = _Source(file, lines)
    if not isinstance(source, Mapping):
        what = f"expected keys such as `tiers`, found {source!r:.60}."
        if str(source).endswith((".yml", ".yaml")):
            what += " Give the text of the file, not its name: sources.plan_text reads it."
        raise place.error("plan", what)
    place = place._replace(levels=levels_are(source))
    given = _given(source, place)
    try:
        plan = Plan(**given, calendar=calendar)
    except ContradictionError as found:
        raise ContradictionError(found.found, place.where) from None
    if not place.levels and may_be_shares(plan):
        what = (
            "is not said, and levels so small may be shares of the quota as well as money. Write"
            " `thresholds: quota` or `thresholds: amount`"
        )
        raise place.error("thresholds", what)
    return plan


def _parse(text: str, file: str, lines: dict[str, int]) -> object:
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


def _given(source: Mapping, place: _Source) -> dict:
    """The arguments of a plan from the keys of its source."""
    # The calendar is the company's, not the plan's.
    known = [field.name for field in fields(Plan) if field.name != "calendar"]
    given: dict = {}
    for word, value in source.items():
        name = _ALSO.get(word, word)
        if name not in [*known, "points"]:
            raise place.error(str(word), _unknown(word, [*known, "points", *_ALSO]))
        if name in given or (name == "points" and "tiers" in given):
            raise place.error(word, "is said twice under two names")
        if _is_none(value):
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
    if "tiers" not in given:
        raise place.error("tiers", "there is none; expected a list such as [{from: 0, rate: 3 %}]")
    return given | _implied(source, given)


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


def _list(kind, row: tuple[str, ...], word: str, value, place: _Source) -> tuple:
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
        made.append(_part(kind, item, here, place))
    return tuple(made)


def _section(kind, single: str, word: str, value, place: _Source):
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        value = {single: value}
    return _part(kind, value, word, place)


def _part(kind, item: Mapping, here: str, place: _Source):
    """One part of the plan from its keys."""
    names = [field.name for field in fields(kind)]
    words = _TIER_WORDS if kind is Tier else {}
    given = {}
    for word, value in item.items():
        name = words.get(word, word)
        if name not in names:
            raise place.error(f"{here}.{word}", _unknown(word, [*names, *words]))
        if not _is_none(value):
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
    Spif: {"name", "start", "end", "product", "counts", "method"},
    Measure: {"quota", "pays"},
    Rounding: {"method", "at"},
}


def _value(name: str, value, at: str, place: _Source, kind=Plan):
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


def _numbers(at: str, values, place: _Source) -> list:
    if not isinstance(values, list | tuple):
        values = [values]
    made = []
    for value in values:
        try:
            made.append(exact(value))
        except (ValueError, ZeroDivisionError, TypeError):
            raise place.error(at, f"expected a number, found {value!r:.60}") from None
    return made


def _is_none(value) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ("", "null", "~"))


def _unknown(word, known) -> str:
    return f"is not a word of a plan.{did_you_mean(word, known)} Known: {', '.join(known)}."
