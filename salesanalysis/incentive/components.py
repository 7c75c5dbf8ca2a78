"""A plan of several components, each with its own rates, under what belongs to the payee."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from salesanalysis.incentive.component_contradictions import component_contradictions
from salesanalysis.incentive.contradictions import ContradictionError
from salesanalysis.incentive.money import exact
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Tier
from salesanalysis.periods import Calendar

if TYPE_CHECKING:
    import pandas as pd


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
class Across:
    """The columns of a joint table: what the tiers promise depends on another component's level.

    From each level ``at`` of that component on (as its thresholds are) the promises are those of
    the plan in the same place of ``plans``; below the first one nothing is paid.
    """

    component: str
    at: tuple[Fraction, ...]
    plans: tuple[Plan, ...]

    def __post_init__(self):
        object.__setattr__(self, "at", tuple(map(exact, self.at)))


@dataclass(frozen=True, eq=False)
class Component:
    """One measure of a plan (a product, a kind of sales, margin), with what it pays.

    Parameters
    ----------
    name : str
        As in the column ``component`` of the attainment table.
    plan : Plan
        Its tiers, floor, caps, bonuses and multipliers. Its target incentive is what falls to it of
        the payee's. Of a joint table the plan of the last column.
    weight : number, optional
        The share of the target incentive that this component is about.
    gates : tuple of Gate
        All of them must be reached.
    across : Across, optional
        The columns of a joint table, of which the tiers are the rows.
    of : mapping of column to values
        Which of the single sales it counts: those with one of the values in each of the columns.
    counts : str, optional
        What of them is added up: ``amount``, another column, or ``sales``, their number. Without
        ``of`` and ``counts`` its sales are those of the attainment table.
    """

    name: str
    plan: Plan
    weight: Fraction | None = None
    gates: tuple[Gate, ...] = ()
    across: Across | None = None
    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: str | None = None

    def __post_init__(self):
        if self.weight is not None:
            object.__setattr__(self, "weight", exact(self.weight))

    @property
    def counts_sales(self) -> bool:
        """Whether its sales are summed from single ones."""
        return bool(self.of) or self.counts is not None

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The components of which the level decides what this one pays."""
        across = (self.across.component,) if self.across else ()
        return tuple(dict.fromkeys([*(gate.component for gate in self.gates), *across]))

    @property
    def waits(self) -> bool:
        """Whether what is due depends on earlier periods, so that a gate cannot close one alone."""
        trued_up = self.plan.measure.over != "period" and self.plan.measure.pays == "difference"
        banked = self.plan.cap is not None and self.plan.cap.banked
        return trued_up or banked or self.plan.year is not None


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
        if found := component_contradictions(self):
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

    @property
    def counts_sales(self) -> bool:
        """Whether the sales of any component are summed from single ones."""
        return any(each.counts_sales for each in self.components)

    def looks(self, component: Component) -> Iterator[tuple[str, Plan]]:
        """What a component looks at of others: each gate, then the columns of its table.

        As the other's name and a plan without money, whose tiers are reached where the levels are.
        """
        for gate in component.gates:
            yield gate.component, self._levels_of(gate.component, (gate.at,))
        if component.across is not None:
            yield (
                component.across.component,
                self._levels_of(component.across.component, component.across.at),
            )

    def _levels_of(self, name: str, levels: tuple[Fraction, ...]) -> Plan:
        of = self.named(name).plan
        return Plan(
            tiers=tuple(Tier(level, rate=Fraction(0)) for level in levels),
            thresholds=of.thresholds, measure=of.measure, ramp=of.ramp, minor_unit=of.minor_unit,
            calendar=of.calendar, negative=of.negative,
        )  # fmt: skip

    def named(self, name: str) -> Component:
        """The component of a name."""
        return next(each for each in self.components if each.name == name)

    def summary(self) -> "pd.DataFrame":
        """The numbers of the plan: ``component, name, value, unit``; the payee's have none.

        Examples
        --------
        >>> from salesanalysis.incentive import read_plan
        >>> plan = read_plan({"components": [{"name": "new", "tiers": [[0, None, "10%"]]}],
        ...                   "draw": 500})
        >>> plan.summary()
          component         name  value            unit
        0       new       tier_1    0.0          amount
        1       new  tier_1_rate    0.1  share_of_sales
        2      None         draw  500.0          amount
        """
        from salesanalysis.incentive.plan_numbers import component_numbers

        return component_numbers(self)

    def describe(self, lang: str = "en") -> str:
        """The plan in plain words, one rule a line, as :meth:`Plan.describe` has it."""
        from salesanalysis.incentive.wording import describe_components

        return describe_components(self, lang)


def roof(**given) -> Plan:
    """What belongs to the payee, as a plan whose sales are what the components earn."""
    return Plan(tiers=(Tier(Fraction(0), rate=Fraction(1)),), **given)


def without_debts(plan: Plan) -> Plan:
    """A component's plan: what is below zero is the payee's, and held under the roof."""
    return replace(plan, negative="zero" if plan.negative == "zero" else "take_back")
