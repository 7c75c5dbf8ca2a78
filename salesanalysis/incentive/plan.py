"""An incentive plan as data: what is paid at which level of sales, and every rule beside it."""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.contradictions import contradictions
from salesanalysis.incentive.ladder import Ladder, compiled
from salesanalysis.incentive.money import exact, minor_unit_of
from salesanalysis.incentive.plan_parts import (
    Bonus,
    Cap,
    Clawback,
    Draw,
    Floor,
    Measure,
    Multiplier,
    Rounding,
    Spif,
    Tier,
    exact_numbers,
)

#: How the tiers pay; see :class:`Plan`.
METHODS = ("marginal", "retroactive", "interpolated", "curve")
#: What a tier can promise; all tiers of a plan promise the same kind.
PROMISES = ("rate", "times", "each", "pay", "share")


@dataclass(frozen=True, eq=False)
class Plan:
    """An incentive plan. Numbers may be given as numbers or text and are kept exactly.

    Parameters
    ----------
    tiers : tuple of Tier
        In rising order, without gaps.
    method : str
        - ``marginal``: each tier's promise for the part of the sales inside it (``pay``: for
          reaching it, added up),
        - ``retroactive``: the promise of the tier reached, for all sales,
        - ``interpolated``: each tier's promise in proportion to how much of it is filled, added up
          (a ``rate`` so found holds for all sales),
        - ``curve``: the promises are points, with straight lines between (a ``rate`` so found holds
          for all sales); nothing before the first point, the last one's value after it.
    thresholds : str
        ``amount`` (money) or ``quota`` (shares of it): of tiers, floor, stretch, bonuses, and the
        cap on attainment.
    at_boundary : str
        Sales exactly on a tier's threshold belong to the ``higher`` or the ``lower`` tier. Floor
        and bonuses are always reached at their level.
    base_rate, target_incentive : number, optional
        What ``times`` multiplies, and what ``share`` is of. A column ``target_incentive`` of the
        attainment table goes before the plan's.
    floor : Floor, optional
    stretch : number, optional
        The target over the floor; it says who is over it and changes no payout.
    cap : Cap, optional
    bonuses : tuple of Bonus
    multipliers : tuple of Multiplier
    spifs : tuple of Spif
    draw : Draw, optional
    clawback : Clawback, optional
    ramp : tuple of number
        Shares of the quota in a payee's first periods, such as (0.25, 0.5, 0.75).
    measure : Measure
    negative : str
        What becomes of earnings below zero (returns, clawbacks): ``carry`` holds them against later
        periods, ``take_back`` lets the payout be negative, ``zero`` forgives negative sales.
    rounding : Rounding
    name : str
    currency : str, optional
    minor_unit : number, optional
        The smallest amount of money; that of the currency where not given.
    period : str, optional
        What a row of the attainment table covers: ``month``, ``quarter`` or ``year``.

    Raises
    ------
    SalesAnalysisError
        The plan contradicts itself; every contradiction is listed with its place.

    Examples
    --------
    >>> plan = Plan(tiers=(Tier(0, rate=0.03), Tier(1, rate=0.05)), thresholds="quota")
    >>> plan.tiers[1].rate
    Fraction(1, 20)
    >>> plan.summary().head(3)
              name  value           unit
    0       tier_1   0.00          quota
    1  tier_1_rate   0.03  share_of_sales
    2       tier_2   1.00          quota
    """

    tiers: tuple[Tier, ...]
    method: str = "marginal"
    thresholds: str = "amount"
    at_boundary: str = "higher"
    base_rate: Fraction | None = None
    target_incentive: Fraction | None = None
    floor: Floor | None = None
    stretch: Fraction | None = None
    cap: Cap | None = None
    bonuses: tuple[Bonus, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    spifs: tuple[Spif, ...] = ()
    draw: Draw | None = None
    clawback: Clawback | None = None
    ramp: tuple[Fraction, ...] = ()
    measure: Measure = field(default_factory=Measure)
    negative: str = "carry"
    rounding: Rounding = field(default_factory=Rounding)
    name: str = ""
    currency: str | None = None
    minor_unit: Fraction | None = None
    period: str | None = None

    def __post_init__(self):
        steps = [step for multiplier in self.multipliers for step in multiplier.steps]
        for owner in (*self.tiers, *self.bonuses, *self.spifs, *steps):
            exact_numbers(owner)
        for owner in (self.floor, self.cap, self.draw, self.rounding):
            if owner is not None:
                exact_numbers(owner)
        exact_numbers(self)
        object.__setattr__(self, "ramp", tuple(exact(share) for share in self.ramp))
        if self.minor_unit is None:
            object.__setattr__(self, "minor_unit", minor_unit_of(self.currency))
        found = contradictions(self)
        if found:
            raise ContradictionError(found)

    @property
    def promise(self) -> str:
        """What the tiers promise: one of :data:`PROMISES`."""
        return next(name for name in PROMISES if getattr(self.tiers[0], name) is not None)

    @property
    def on_target(self) -> bool:
        """Whether payouts depend on the target incentive."""
        paced = self.promise == "times" and self.base_rate is None
        return paced or self.promise == "share" or bool(self.cap and self.cap.share is not None)

    @property
    def needs_quota(self) -> bool:
        """Whether payouts cannot be told without a quota."""
        paced = self.promise == "times" and self.base_rate is None
        return self.thresholds == "quota" or paced

    @cached_property
    def ladder(self) -> Ladder:
        """The tiers as whole numbers, for exact arithmetic in any engine."""
        return compiled(self)

    @property
    def rounding_unit(self) -> int:
        """How many minor units commission is rounded to."""
        return 1 if self.rounding.to is None else int(self.rounding.to / self.minor_unit)

    @property
    def multiplied_parts(self) -> int:
        """What the whole-number factors of all multipliers together are parts of."""
        return math.prod(multiplier.parts for multiplier in self.multipliers)

    @property
    def largest_factor(self) -> int:
        """The most that the multipliers make of a part of the commission, in whole numbers."""
        return math.prod(
            max(each.parts, *(whole for _, whole in each.whole_steps)) for each in self.multipliers
        )

    def fits(self, sales: int, quota: int, target: int) -> bool:
        """Whether amounts up to these, in minor units, can be paid in 64-bit arithmetic."""
        cap = self.cap.rate if self.cap else None
        return self.ladder.fits(
            sales, quota, target, unit=self.rounding_unit * self.multiplied_parts, rate_cap=cap,
            times=self.largest_factor,
        )  # fmt: skip

    def summary(self):
        """The numbers of the plan: ``name, value, unit``."""
        from salesanalysis.incentive.plan_numbers import plan_numbers

        return plan_numbers(self)

    def describe(self, lang: str = "en") -> str:
        """The plan in plain words, one rule a line, in English or Chinese.

        Parameters
        ----------
        lang : str
            ``en`` or ``zh``.

        Examples
        --------
        >>> plan = Plan(tiers=(Tier(0, rate=0.03), Tier(1, rate=0.05)), thresholds="quota")
        >>> print(plan.describe().splitlines()[1])
        From 0 % of quota to 100 % of quota: 3 % of the sales.
        """
        from salesanalysis.incentive.wording import describe

        return describe(self, lang)


class ContradictionError(SalesAnalysisError):
    """A plan that contradicts itself; ``found`` lists (place, what is wrong)."""

    def __init__(self, found: list[tuple[str, str]], where=lambda place: f"`{place}`"):
        self.found = found
        lines = "; ".join(f"{where(place)}: {what}" for place, what in found)
        super().__init__(f"The plan contradicts itself or cannot be used. {lines}.")
