"""A plan of several components, each with its own rates, under what belongs to the payee."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from salesanalysis.incentive.contradictions import TOO_MANY_TIMES, ContradictionError, Found
from salesanalysis.incentive.money import exact
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Tier
from salesanalysis.periods import Calendar


@dataclass(frozen=True)
class Gate:
    """A component pays only where another one reaches this level of its own measure.

    ``at`` is as the thresholds of that other component are: a share of its quota, or an amount.
    What counts is what was measured, not whether the other one pays.
    """

    component: str
    at: Fraction

    def __post_init__(self):
        object.__setattr__(self, "at", exact(self.at))


@dataclass(frozen=True, eq=False)
class Component:
    """One measure of a plan (a product, a kind of sales, margin), with what it pays.

    Parameters
    ----------
    name : str
        As in the column ``component`` of the attainment table.
    plan : Plan
        Its tiers, floor, caps, bonuses and multipliers. Its target incentive is what falls to it of
        the payee's.
    weight : number, optional
        The share of the target incentive that this component is about.
    gate : Gate, optional
    """

    name: str
    plan: Plan
    weight: Fraction | None = None
    gate: Gate | None = None

    def __post_init__(self):
        if self.weight is not None:
            object.__setattr__(self, "weight", exact(self.weight))

    @property
    def waits(self) -> bool:
        """Whether what is due depends on earlier periods, so that a gate cannot close one alone."""
        trued_up = self.plan.measure.over != "period" and self.plan.measure.pays == "difference"
        banked = self.plan.cap is not None and self.plan.cap.banked
        return trued_up or banked


@dataclass(frozen=True, eq=False)
class ComponentPlan:
    """Several components that are paid together.

    Parameters
    ----------
    components : tuple of Component
    roof : Plan
        What belongs to the payee: target incentive, the cap on all components together, draw,
        SPIFs, clawback, holdback, currency. Its sales are what the components earn.

    Raises
    ------
    SalesAnalysisError
        The plan contradicts itself; every contradiction is listed with its place.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"target_incentive": 10_000, "components": [
    ...     {"name": "licences", "weight": "70%", "thresholds": "quota", "tiers": [[0, 1]],
    ...      "method": "retroactive"}]})
    Traceback (most recent call last):
    ...
    salesanalysis.errors.SalesAnalysisError: The plan cannot be read. `components[0].tiers[0]`: expected [from, to, rate], found [0, 1]
    """  # noqa: E501

    components: tuple[Component, ...]
    roof: Plan

    def __post_init__(self):
        if found := [*_names(self), *_weights(self), *_gates(self)]:
            raise ContradictionError(found)

    @property
    def name(self) -> str:
        """The plan's name."""
        return self.roof.name

    @property
    def currency(self) -> str | None:
        """The plan's currency."""
        return self.roof.currency

    @property
    def period(self) -> str | None:
        """What a row of the attainment table covers."""
        return self.roof.period

    @property
    def calendar(self) -> Calendar:
        """The company's calendar."""
        return self.roof.calendar

    @property
    def needs_quota(self) -> bool:
        """Whether payouts of any component cannot be told without a quota."""
        return any(each.plan.needs_quota for each in self.components)

    @property
    def weighted(self) -> bool:
        """Whether each component is about a share of the target incentive."""
        return self.components[0].weight is not None

    def gate_plan(self, gate: Gate) -> Plan:
        """A plan without money, whose only tier is reached where a gate is open."""
        of = self.named(gate.component).plan
        return Plan(
            tiers=(Tier(gate.at, rate=Fraction(0)),), thresholds=of.thresholds,
            measure=of.measure, ramp=of.ramp, minor_unit=of.minor_unit, calendar=of.calendar,
            negative=of.negative,
        )  # fmt: skip

    def named(self, name: str) -> Component:
        """The component of a name."""
        return next(each for each in self.components if each.name == name)

    def describe(self, lang: str = "en") -> str:
        """The plan in plain words, one rule a line, as :meth:`Plan.describe` has it."""
        from salesanalysis.incentive.wording import describe_components

        return describe_components(self, lang)


def roof(**given) -> Plan:
    """What belongs to the payee, as a plan whose sales are what the components earn."""
    return Plan(tiers=(Tier(Fraction(0), rate=Fraction(1)),), **given)


def _names(plan: ComponentPlan) -> Iterator[Found]:
    """Components are there, and each has a name of its own."""
    if not plan.components:
        yield "components", "there is none; expected at least one"
    names = [each.name for each in plan.components]
    for at, name in enumerate(names):
        if not name.strip():
            yield f"components[{at}].name", "is empty; expected its word in column `component`"
        elif name in names[:at]:
            yield f"components[{at}].name", f"there is already a component {name!r}"


def _weights(plan: ComponentPlan) -> Iterator[Found]:
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


def _gates(plan: ComponentPlan) -> Iterator[Found]:
    """A gate looks at another component, and no gates go round in a circle."""
    names = [each.name for each in plan.components]
    behind = {each.name: each.gate.component for each in plan.components if each.gate}
    for at, each in enumerate(plan.components):
        if each.gate is None:
            continue
        place, of = f"components[{at}].gate", each.gate.component
        if of not in names:
            known = ", ".join(names)
            yield f"{place}.component", f"there is no component {of!r}; the plan has {known}"
        elif of == each.name:
            what = "is the component itself; its own threshold is `floor: {at: …, cliff: yes}`"
            yield f"{place}.component", what
        elif each.name in (way := _way(behind, each.name)):
            yield (
                f"{place}.component",
                f"gates go round in a circle: {' → '.join([each.name, *way])}",
            )
        yield from _level(plan, each.gate, f"{place}.at")
        if each.waits:
            what = "closes single periods, but what this component pays depends on earlier ones"
            yield place, f"{what} (`measure`, or a banked `cap`)"


def _level(plan: ComponentPlan, gate: Gate, place: str) -> Iterator[Found]:
    of_quota = any(e.name == gate.component and e.plan.thresholds == "quota"
                   for e in plan.components)  # fmt: skip
    at = float(gate.at)
    if at <= 0:
        yield place, f"{at:g} is no level to be reached"
    elif of_quota and at >= TOO_MANY_TIMES:
        yield place, f"{at:g} is {at:g} times the quota; write {at / 100:g} or '{at:g}%'"


def _way(behind: dict[str, str], name: str) -> list[str]:
    """The components behind a gate, one after the other, up to the first met again."""
    way: list[str] = []
    while (name := behind.get(name, "")) and name not in way:
        way.append(name)
    return way


def without_debts(plan: Plan) -> Plan:
    """A component's plan: what is below zero is the payee's, and held under the roof."""
    return replace(plan, negative="zero" if plan.negative == "zero" else "take_back")
