"""What makes a plan of components unusable: weights, and what looks at other components."""

from collections.abc import Iterator
from fractions import Fraction

from salesanalysis.incentive.contradictions import TOO_MANY_TIMES, Found


def component_contradictions(plan) -> list[Found]:
    """Every contradiction between the components as (place, what is wrong and what to do)."""
    return [*_names(plan), *_weights(plan), *_filters(plan), *_looks(plan), *_override(plan)]


def _names(plan) -> Iterator[Found]:
    """Components are there, and each has a name of its own."""
    if not plan.components:
        yield "components", "there is none; expected at least one"
    names = [each.name for each in plan.components]
    for at, name in enumerate(names):
        if not name.strip():
            yield f"components[{at}].name", "is empty; expected its word in column `component`"
        elif name in names[:at]:
            yield f"components[{at}].name", f"there is already a component {name!r}"


def _override(plan) -> Iterator[Found]:
    """Components have no sales in common, of which a manager could have a share."""
    rule = plan.roof.override
    if rule is not None and rule.of == "sales":
        yield "override.of", "components have no sales in common; expected `payouts`"


def _weights(plan) -> Iterator[Found]:
    """Weights are given by all or by none, add up to 1, and have something to be shares of."""
    weights = [each.weight for each in plan.components]
    given = [weight for weight in weights if weight is not None]
    if not given:
        return
    for at, weight in enumerate(weights):
        place = f"components[{at}].weight"
        if weight is None:
            yield place, "is missing; give all components a weight, or none"
        elif not 0 < weight <= 1:
            yield place, f"{float(weight):g} is not a share between 0 and 1"
        elif not plan.components[at].plan.on_target:
            what = "is a share of the target incentive, of which this component pays nothing"
            yield place, f"{what}; leave it out, or let its tiers or bonuses pay a `share`"
    if len(given) == len(weights) and sum(given) != 1:
        last = f"components[{len(weights) - 1}].weight"
        yield last, f"the weights add up to {float(sum(given)) * 100:.10g}%; expected 100%"


def _filters(plan) -> Iterator[Found]:
    """A filter names the values that a column must have."""
    for at, each in enumerate(plan.components):
        for column, values in each.of.items():
            if not values:
                yield f"components[{at}].of.{column}", "names no value; leave it out to count all"


def _looks(plan) -> Iterator[Found]:
    """Gates and joint tables look at other components, and nothing goes round in a circle."""
    behind = {each.name: each.looks_at for each in plan.components}
    for at, each in enumerate(plan.components):
        here = f"components[{at}]"
        looks = [(f"{here}.{_gate_key(each, nth)}", gate.component, (gate.at,))
                 for nth, gate in enumerate(each.gates)]  # fmt: skip
        if each.across is not None:
            yield from _columns(each.across, f"{here}.across.at")
            looks.append((f"{here}.across", each.across.component, each.across.at))
        for place, of, levels in looks:
            yield from _other(each.name, of, behind, f"{place}.component")
            is_table = place.endswith("across")
            for level in levels[is_table and levels[0] == 0 :]:
                yield from _level(plan, of, level, f"{place}.at")
            if each.waits:
                what = "looks at single periods, but what this component pays depends on earlier"
                yield place, f"{what} ones (`measure`, `year` or a banked `cap`)"


def _gate_key(component, nth: int) -> str:
    """Where a gate stands: a single one has no number."""
    return "gate" if len(component.gates) == 1 else f"gate[{nth}]"


def _columns(across, place: str) -> Iterator[Found]:
    """The columns of a table rise."""
    for before, level in zip(across.at, across.at[1:], strict=False):
        if level <= before:
            yield place, f"{float(level):g} follows {float(before):g}; they must rise"


def _other(name: str, of: str, behind: dict[str, tuple[str, ...]], place: str) -> Iterator[Found]:
    """What is looked at is there, another one, and does not look back."""
    if of not in behind:
        yield place, f"there is no component {of!r}; the plan has {', '.join(behind)}"
    elif of == name:
        yield place, "is the component itself; its own threshold is `floor: {at: …, cliff: yes}`"
    elif way := _way(behind, of, name):
        yield place, f"gates go round in a circle: {' → '.join([name, *way])}"


def _way(behind: dict[str, tuple[str, ...]], first: str, last: str) -> list[str]:
    """The components that lead from one to another, both of them included; none if none do."""
    ways, seen = [[first]], {first}
    while ways:
        way = ways.pop(0)
        if way[-1] == last:
            return way
        for name in behind.get(way[-1], ()):
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _level(plan, of: str, level: Fraction, place: str) -> Iterator[Found]:
    of_quota = any(e.name == of and e.plan.thresholds == "quota" for e in plan.components)
    at = float(level)
    if at <= 0:
        yield place, f"{at:g} is no level to be reached"
    elif of_quota and at >= TOO_MANY_TIMES:
        yield place, f"{at:g} is {at:g} times the quota; write {at / 100:g} or '{at:g}%'"
