"""Plans with components as plain data: what belongs to the payee, and each component's own keys."""

from collections.abc import Mapping
from typing import Any

from salesanalysis.errors import did_you_mean
from salesanalysis.incentive.components import Component, ComponentPlan, Gate, roof, without_debts
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_file import Source, is_none, keys, made, number, part, plan_of
from salesanalysis.incentive.plan_shares import is_percentage
from salesanalysis.periods import Calendar

#: What belongs to the payee and is written beside `components`.
OF_PAYEE = ("name", "currency", "minor_unit", "period", "target_incentive", "cap", "draw", "spifs",
            "clawback", "holdback", "negative", "rounding")  # fmt: skip
#: What of it each component needs to know.
_HANDED_DOWN = ("currency", "minor_unit", "period", "negative", "rounding")
#: What a component says beside the words of a plan.
_OF_COMPONENT = ("name", "weight", "gate")


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
    over = made(roof, place, **own, calendar=calendar)
    if not isinstance(items, list | tuple):
        raise place.error("components", f"expected a list, found {items!r:.60}")
    handed = {name: own[name] for name in _HANDED_DOWN if name in own} | {"calendar": calendar}
    components = tuple(_component(item, at, place, handed) for at, item in enumerate(items))
    plan = made(ComponentPlan, place, components=components, roof=over)
    for at, (item, each) in enumerate(zip(items, components, strict=True)):
        if each.gate and isinstance(item, Mapping) and is_percentage(item["gate"].get("at")):
            if plan.named(each.gate.component).plan.thresholds == "amount":
                what = f"the thresholds of {each.gate.component!r} are amounts; write an amount"
                raise place.error(f"components[{at}].gate.at", what)
    return plan


def _component(item: Any, at: int, place: Source, handed: dict) -> Component:
    if isinstance(item, Component):
        return item
    here = f"components[{at}]"
    if not isinstance(item, Mapping):
        raise place.error(here, f"expected keys such as `name` and `tiers`, found {item!r:.60}")
    inside = place._replace(inside=here)
    for word in item:
        if word in OF_PAYEE and word not in ("name", "cap"):
            raise inside.error(word, "belongs to the payee; write it once, beside `components`")
    if is_none(item.get("name")):
        raise place.error(here, "`name` is missing")
    own = {word: value for word, value in item.items() if word not in _OF_COMPONENT}
    plan: Plan = plan_of(own, inside, **handed, name=str(item["name"]))
    weight = item.get("weight")
    return Component(
        name=str(item["name"]),
        plan=without_debts(plan),
        weight=None if is_none(weight) else number("weight", weight, inside),
        gate=_gate(item.get("gate"), inside),
    )


def _gate(given: Any, inside: Source) -> Gate | None:
    if is_none(given) or isinstance(given, Gate):
        return given or None
    if not isinstance(given, Mapping):
        what = f"expected {{component: …, at: …}}, found {given!r:.60}"
        raise inside.error("gate", what)
    return part(Gate, given, "gate", inside)


def _misplaced(word: str) -> str:
    known = [field for field in Plan.__dataclass_fields__ if field not in OF_PAYEE]
    if word in {*known, "points", "tiers_pct", "tier_amounts", "true_up"}:
        return "belongs to a component; write it there, not beside `components`"
    words = ("components", *OF_PAYEE)
    return f"is not a word of a plan.{did_you_mean(word, words)} Known: {', '.join(words)}."
