"""An incentive plan as data: what is paid at which level of sales, and every rule beside it."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from salesanalysis.incentive.contradictions import PROMISES, ContradictionError, contradictions
from salesanalysis.incentive.ladder import Ladder, compiled
from salesanalysis.incentive.money import LARGEST, exact, minor_unit_of
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
    Tier,
    exact_numbers,
)
from salesanalysis.incentive.year_part import Year, year_contradictions
from salesanalysis.periods import PLAIN, Calendar


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
    holdback : Holdback, optional
    override : Override, optional
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
    year : Year, optional
        What is settled at the end of the year over its periods.
    calendar : salesanalysis.periods.Calendar
        The company's: it says where quarters and years begin, over which a measure can run.

    Raises
    ------
    SalesAnalysisError
        The plan contradicts itself; every contradiction is listed with its place.

    Notes
    -----
    A plan is about one amount of sales a row. What it does not say, and what to do instead:

    - several measures or kinds of sales with rates of their own (revenue and margin, new and
      renewal, products): a :class:`ComponentPlan`, in a file ``components``. Measures weighed in
      *one* attainment: a column ``attainment``, without a quota,
    - sales that count in part (windfalls, products at half credit): other amounts, before they are
      added up. The most for a single deal: :func:`payout_amounts` of the deals, with a cap,
    - bonuses, caps and draws for a part of a period: shares of the target incentive are prorated,
      money is not (a column ``draw`` goes before the plan's),
    - the better of two plans, contests and rankings among payees: not computed.

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
    holdback: Holdback | None = None
    override: Override | None = None
    ramp: tuple[Fraction, ...] = ()
    measure: Measure = field(default_factory=Measure)
    negative: str = "carry"
    rounding: Rounding = field(default_factory=Rounding)
    name: str = ""
    currency: str | None = None
    minor_unit: Fraction | None = None
    period: str | None = None
    calendar: Calendar = PLAIN
    year: Year | None = None

    def __post_init__(self):
        steps = [step for each in self.multipliers for step in (*each.steps, *each.points)]
        spif_tiers = [tier for spif in self.spifs for tier in spif.tiers]
        for owner in (*self.tiers, *self.bonuses, *self.spifs, *spif_tiers, *steps):
            exact_numbers(owner)
        for owner in (self.floor, self.cap, self.draw, self.holdback, self.override, self.rounding):
            if owner is not None:
                exact_numbers(owner)
        exact_numbers(self)
        object.__setattr__(self, "ramp", tuple(exact(share) for share in self.ramp))
        if self.minor_unit is None:
            object.__setattr__(self, "minor_unit", minor_unit_of(self.currency))
        found = contradictions(self) or list(year_contradictions(self))
        if found:
            raise ContradictionError(found)

    @property
    def promise(self) -> str:
        """What the tiers promise: one of the words of a :class:`Tier`."""
        return next(name for name in PROMISES if getattr(self.tiers[0], name) is not None)

    @property
    def on_target(self) -> bool:
        """Whether payouts depend on the target incentive."""
        paced = self.promise == "times" and self.base_rate is None
        shares = [
            self.cap.share if self.cap else None,
            self.year.share if self.year else None,
            *(each.share for each in self.bonuses),
        ]
        return paced or self.promise == "share" or any(share is not None for share in shares)

    @property
    def needs_quota(self) -> bool:
        """Whether payouts cannot be told without a quota."""
        return self.ladder.needs_quota

    @property
    def attainments(self) -> list[Fraction]:
        """The shares of the quota at which a multiplier begins or bends."""
        paced = [each for each in self.multipliers if each.on_attainment]
        return sorted({step.at for each in paced for step in (*each.steps, *each.points)})

    @cached_property
    def ladder(self) -> Ladder:
        """The tiers as whole numbers, for exact arithmetic in any engine."""
        return compiled(self)

    @property
    def rounding_unit(self) -> int:
        """How many minor units commission is rounded to."""
        return 1 if self.rounding.to is None else int(self.rounding.to / self.minor_unit)

    def fits(self, sales: int, quota: int, target: int, *, most: int = LARGEST) -> bool:
        """Whether no number is over ``most`` where amounts up to these, in minor units, are paid.

        Without ``most``: whether that can be done in 64-bit arithmetic.
        """
        cap = self.cap.rate if self.cap else None
        scale, unit, times = self.ladder.scale, self.rounding_unit, 1
        for each in self.multipliers:
            measure, of = scale * sales, scale * max(quota, 1)
            if not each.on_attainment:
                of = each.MEASURED_TO
                measure = int(max(map(abs, each.limits)) * of)
            if each.compared(measure, of) > most:
                return False
            times, unit = times * each.largest(measure, of), unit * each.over(of)
        bonus = sum(money + share * target for _, money, share in self.ladder.bonuses)
        of_cap = self.cap.share.numerator * target if self.cap and self.cap.share else 0
        if max(2 * times * bonus, of_cap) > most:
            return False
        also = {"unit": unit, "rate_cap": cap, "times": times}
        return self.ladder.largest(sales, quota, target, **also) < most

    def spif_plan(self, spif: Spif) -> "Plan":
        """The tiers of a SPIF as a plan whose sales are what the SPIF counts."""
        # The sixth sale begins where five are counted; its tier is reached with the sixth.
        begun = int(spif.method == "marginal" and spif.tiers[0].each is not None)
        return Plan(
            tiers=tuple(replace(tier, start=tier.start - begun) for tier in spif.tiers),
            method=spif.method, minor_unit=self.minor_unit, rounding=self.rounding,
        )  # fmt: skip

    def summary(self):
        """The numbers of the plan: ``name, value, unit``."""
        from salesanalysis.incentive.plan_numbers import plan_numbers

        return plan_numbers(self)

    def describe(self, lang: str = "en") -> str:
        """The plan in plain words, one rule a line.

        Parameters
        ----------
        lang : str
            One of :data:`salesanalysis.text.LANGUAGES`.

        Examples
        --------
        >>> plan = Plan(tiers=(Tier(0, rate=0.03), Tier(1, rate=0.05)), thresholds="quota")
        >>> print(plan.describe().splitlines()[1])
        From 0% of quota to 100% of quota: 3% of the sales.
        """
        from salesanalysis.incentive.wording import describe

        return describe(self, lang)
