"""Plans with components as plain data: what belongs to the payee, and each component's own keys."""

from collections.abc import Mapping
from typing import Any

from salesanalysis.errors import did_you_mean
from salesanalysis.incentive.components import (
    Across,
    Component,
    ComponentPlan,
    Gate,
    roof,
    without_debts,
)
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_file import (
    Source,
    is_none,
    keys,
    made,
    number,
    part,
    plan_of,
    year_of,
)
from salesanalysis.incentive.plan_shares import is_percentage
from salesanalysis.periods import Calendar

#: What belongs to the payee and is written beside `components`.
OF_PAYEE = ("name", "currency", "minor_unit", "period", "target_incentive", "cap", "draw", "spifs",
            "clawback", "holdback", "override", "negative", "rounding", "year")  # fmt: skip
#: What of it each component needs to know.
_HANDED_DOWN = ("currency", "minor_unit", "period", "negative", "rounding")
#: What a component says beside the words of a plan.
_OF_COMPONENT = ("name", "weight", "gate", "across", "of", "counts")
#: Where a tier or a bonus may promise a value for each column of a joint table.
_ROWS = ("tiers", "points", "tiers_pct", "tier_amounts", "bonuses")


def component_plan(source: Mapping, place: Source, calendar: Calendar) -> ComponentPlan:
    """A plan of several components from the keys of its source."""
    items = source["components"]
    for word in source:
        if word not in ("components", *OF_PAYEE, "spiffs"):
            raise place.error(str(word), _misplaced(word))
    own = keys({word: value for word, value in source.items() if word != "components"}, place)
    if own.get("cap") and (own["cap"].attainment, own["cap"].rate) != (None, None):
        what = "holds for all components; only `payout` and `share` can, the others belong to one"
        raise place.error("cap", what)
    if not is_none(source.get("year")):
        handed = {name: own[name] for name in _HANDED_DOWN if name in own}
        own["year"] = year_of(source["year"], place, handed)
        if own["year"].plan is not None:
            raise place.error("year.tiers", "belongs to a component; write its `year` there")
    over = made(roof, place, **own, calendar=calendar)
    if not isinstance(items, list | tuple):
        raise place.error("components", f"expected a list, found {items!r:.60}")
    handed = {name: own[name] for name in _HANDED_DOWN if name in own} | {"calendar": calendar}
    components = tuple(_component(item, at, place, handed) for at, item in enumerate(items))
    plan = made(ComponentPlan, place, components=components, roof=over)
    for at, item in enumerate(items):
        for word in ("gate", "across") if isinstance(item, Mapping) else ():
            _no_shares_of_money(plan, item.get(word), f"components[{at}].{word}", place)
    return plan


def _no_shares_of_money(plan: ComponentPlan, given: Any, here: str, place: Source) -> None:
    """Refuse a level in per cent of a component whose thresholds are amounts."""
    looks = given if isinstance(given, list | tuple) else [given]
    for nth, look in enumerate(looks):
        if not isinstance(look, Mapping):
            continue
        levels = look["at"] if isinstance(look["at"], list | tuple) else [look["at"]]
        of = str(look["component"])
        if any(map(is_percentage, levels)) and plan.named(of).plan.thresholds == "amount":
            one = f"{here}[{nth}]" if isinstance(given, list | tuple) else here
            raise place.error(f"{one}.at", f"the thresholds of {of!r} are amounts; write an amount")


def _component(item: Any, at: int, place: Source, handed: dict) -> Component:
    if isinstance(item, Component):
        return item
    here = f"components[{at}]"
    if not isinstance(item, Mapping):
        raise place.error(here, f"expected keys such as `name` and `tiers`, found {item!r:.60}")
    inside = place._replace(inside=here)
    for word in item:
        if word in OF_PAYEE and word not in ("name", "cap", "year"):
            raise inside.error(word, "belongs to the payee; write it once, beside `components`")
    if is_none(item.get("name")):
        raise place.error(here, "`name` is missing")
    own = {word: value for word, value in item.items() if word not in _OF_COMPONENT}
    handed = handed | {"name": str(item["name"])}
    across = _across(item.get("across"), own, inside, handed)
    plan = plan_of(own, inside, **handed) if across is None else across.plans[-1]
    if plan.year is not None and plan.year.debt != "carry":
        raise inside.error("year.debt", "belongs to the payee; write it beside `components`")
    weight, counts = item.get("weight"), item.get("counts")
    return Component(
        name=str(item["name"]),
        plan=without_debts(plan),
        weight=None if is_none(weight) else number("weight", weight, inside),
        gates=_gates(item.get("gate"), inside),
        across=across,
        of=_filter(item.get("of"), inside),
        counts=None if is_none(counts) else str(counts),
    )


def _gates(given: Any, inside: Source) -> tuple[Gate, ...]:
    if is_none(given):
        return ()
    several = isinstance(given, list | tuple)
    places = [f"gate[{nth}]" for nth in range(len(given))] if several else ["gate"]
    gates = []
    for one, here in zip(given if several else [given], places, strict=True):
        if not isinstance(one, Mapping):
            what = f"expected {{component: …, at: …}}, found {one!r:.60}"
            raise inside.error(here, what)
        gates.append(part(Gate, one, here, inside))
    return tuple(gates)


def _across(given: Any, own: dict, inside: Source, handed: dict) -> Across | None:
    """The columns of a joint table, each with the plan whose tiers promise what stands there."""
    if is_none(given):
        return None
    if not isinstance(given, Mapping) or set(given) != {"component", "at"}:
        what = f"expected {{component: …, at: [0, 80%, 100%]}}, found {given!r:.60}"
        raise inside.error("across", what)
    levels = given["at"] if isinstance(given["at"], list | tuple) else [given["at"]]
    if len(levels) < 2:
        raise inside.error("across.at", "a table has two columns or more; for one take a `gate`")
    at = tuple(number("across.at", level, inside) for level in levels)
    columns = [_column(own, nth, len(at), inside) for nth in range(len(at))]
    if columns[0] == own:
        what = "no tier promises a value for each of these columns, such as `share: [0, 50%, 100%]`"
        raise inside.error("across", what)
    plans = tuple(without_debts(plan_of(column, inside, **handed)) for column in columns)
    return Across(str(given["component"]), at, plans)


def _column(own: dict, nth: int, columns: int, inside: Source) -> dict:
    """The words of a component as they are for one column of its table."""
    return {word: [_cell(item, nth, columns, f"{word}[{at}]", inside)
                   for at, item in enumerate(value)]
            if word in _ROWS and isinstance(value, list | tuple) else value
            for word, value in own.items()}  # fmt: skip


def _cell(item: Any, nth: int, columns: int, here: str, inside: Source) -> Any:
    """A tier of which each list is the value in one column."""
    named = dict(item) if isinstance(item, Mapping) else None
    if named is None and not isinstance(item, list | tuple):
        return item
    picked = []
    for word, value in (named or dict(enumerate(item))).items():
        if isinstance(value, list | tuple):
            if len(value) != columns:
                place = here if named is None else f"{here}.{word}"
                what = f"holds {len(value)} values; the table has {columns} columns (`across.at`)"
                raise inside.error(place, what)
            value = value[nth]
        picked.append((word, value))
    return dict(picked) if named is not None else [value for _, value in picked]


def _filter(given: Any, inside: Source) -> dict[str, tuple[str, ...]]:
    """Which sales a component counts: the values that each column must have one of."""
    if is_none(given):
        return {}
    if not isinstance(given, Mapping):
        raise inside.error("of", f"expected {{product: [Nova, Orbit]}}, found {given!r:.60}")
    return {
        str(column): tuple(map(str, value if isinstance(value, list | tuple) else [value]))
        for column, value in given.items()
    }


def _misplaced(word: str) -> str:
    known = [field for field in Plan.__dataclass_fields__ if field not in OF_PAYEE]
    if word in {*known, "points", "tiers_pct", "tier_amounts", "true_up"}:
        return "belongs to a component; write it there, not beside `components`"
    words = ("components", *OF_PAYEE)
    return f"is not a word of a plan.{did_you_mean(word, words)} Known: {', '.join(words)}."
