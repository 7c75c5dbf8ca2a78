"""The parts that an incentive plan is made of: tiers, floor, caps, and every rule beside them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.money import exact


@dataclass(frozen=True)
class Tier:
    """One tier: from which level on, up to which, and what it promises.

    Parameters
    ----------
    start : number
        Threshold, in money or as a share of the quota (``Plan.thresholds``).
    end : number, optional
        Where the tier ends; without, where the next begins.
    rate : number, optional
        Share of the sales, 0–1.
    times : number, optional
        Multiple of the plan's ``base_rate`` (an accelerator above 1, a decelerator below); without
        a ``base_rate``, of the target incentive ÷ quota.
    each : number, optional
        Money for each unit sold, where ``sales`` and ``quota`` are units.
    pay : number, optional
        Money.
    share : number, optional
        Share of the target incentive.
    """

    start: Fraction
    end: Fraction | None = None
    rate: Fraction | None = None
    times: Fraction | None = None
    each: Fraction | None = None
    pay: Fraction | None = None
    share: Fraction | None = None


@dataclass(frozen=True)
class Floor:
    """The level that must be met; with a ``cliff`` nothing at all is paid below it."""

    at: Fraction
    cliff: bool = False


@dataclass(frozen=True)
class Cap:
    """Limits: most money, most of the target incentive, most attainment that counts, highest rate.

    ``payout`` and ``share`` (of the target incentive) limit commission and bonuses of one row, in
    a true-up what is due to date;
    ``attainment`` is the level (as the thresholds) beyond which sales do not count; ``rate`` limits
    the commission to a share of the sales. What is over a limit is lost, or where it is ``banked``
    kept for later: money over ``payout`` or ``share`` is paid in the next periods that leave room
    for it, sales over ``attainment`` count in the next period. Where single periods are looked at
    (:func:`cost`, :func:`optimise`, :func:`marginal_reward`) what is banked is as good as lost.
    """

    payout: Fraction | None = None
    share: Fraction | None = None
    attainment: Fraction | None = None
    rate: Fraction | None = None
    banked: bool = False

    @property
    def banks_money(self) -> bool:
        """Whether what is over a cap on payout is paid later."""
        return self.banked and (self.payout is not None or self.share is not None)

    @property
    def banks_sales(self) -> bool:
        """Whether sales over the cap on attainment count in the next period."""
        return self.banked and self.attainment is not None


@dataclass(frozen=True)
class Bonus:
    """Money, or a share of the target incentive, for reaching a level, whatever the tiers pay."""

    at: Fraction
    pay: Fraction | None = None
    share: Fraction | None = None


@dataclass(frozen=True)
class Spif:
    """A short-term reward beside the plan: so much a sale, or a share of it, in a window of days.

    ``product`` limits it to one product, ``at_least`` to sales from that amount on, ``most`` to so
    much money a payee. With ``tiers`` it depends on how much the payee has sold in the window:
    ``counts`` says of what (``sales``, ``units`` of a column of that name, or ``amount``), and each
    tier what is paid from there on: ``each`` from that one on, ``rate`` of the amount over it, or
    ``pay`` once it is reached. ``method`` is as for a plan: ``marginal``, or ``retroactive`` where
    the tier reached holds for all.
    """

    name: str
    start: str
    end: str
    pay: Fraction | None = None
    rate: Fraction | None = None
    product: str | None = None
    at_least: Fraction | None = None
    most: Fraction | None = None
    tiers: tuple[Tier, ...] = ()
    counts: str = "sales"
    method: str = "marginal"


@dataclass(frozen=True)
class Step:
    """At which value of its measure a multiplier is so much."""

    at: Fraction
    times: Fraction


@dataclass(frozen=True)
class Multiplier:
    """What a measure makes of the commission: a gate, a quality factor, an accelerator in a line.

    ``on`` is a column of the attainment table (margin, satisfaction, share of new customers), or
    ``attainment``: that of the row as the plan counts it. With ``steps`` commission is multiplied
    from each of them on by its ``times``, so a single step is a gate; with ``points`` the factor
    rises or falls in straight lines from point to point, and stays as it is after the last. Below
    the first one it is nothing. With ``tier`` (from 1) only that tier's pay is multiplied: an
    accelerator that hangs on a second goal, or, tier by tier, a table of rates by two measures.
    Bonuses are multiplied only with ``bonuses``; floor, caps and rounding come after. Columns count
    to nine decimals. Where only sales are looked at (:func:`cost`, :func:`optimise`,
    :func:`marginal_reward`, :func:`payout_amounts`) multipliers on columns are 1.
    """

    on: str
    steps: tuple[Step, ...] = ()
    tier: int | None = None
    points: tuple[Step, ...] = ()
    bonuses: bool = False
    #: Columns count in so many parts of one.
    MEASURED_TO: ClassVar[int] = 10**9

    def covers(self, tier: int) -> bool:
        """Whether it multiplies the pay of a tier, counted from 0."""
        return self.tier is None or self.tier == tier + 1

    @property
    def on_attainment(self) -> bool:
        """Whether it looks at what was sold, not at a column."""
        return self.on == "attainment"

    @cached_property
    def _pieces(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """From which value on the factor is which line: its height at 0, and its slope."""
        if self.steps:
            return [(step.at, step.times, Fraction(0)) for step in self.steps]
        pieces = []
        for one, other in pairwise(self.points):
            slope = (other.times - one.times) / (other.at - one.at)
            pieces.append((one.at, one.times - slope * one.at, slope))
        last = self.points[-1]
        return [*pieces, (last.at, last.times, Fraction(0))]

    def over(self, of: Any) -> Any:
        """What :meth:`factor` is parts of, for measures in parts of ``of``."""
        parts = math.lcm(*(n.denominator for _, *line in self._pieces for n in line))
        return parts * of if self.points else parts

    def factor(self, measure: Any, of: Any, where: Callable[[Any, Any, Any], Any]) -> Any:
        """The factor in whole numbers, for whole measures in parts of ``of``.

        ``where`` chooses by a condition: numpy's for arrays, an engine's for its columns.
        """
        factor, (scale, width) = 0, (self.over(1), of if self.points else 1)
        for at, height, slope in self._pieces:
            line = int(height * scale) * width
            line = line + measure * int(slope * scale) if slope else line
            factor = where(measure * at.denominator >= of * at.numerator, line, factor)
        return factor

    def largest(self, measure: int, of: int) -> int:
        """The largest number that :meth:`factor` and :meth:`over` give, for measures up to this."""
        scale, width = self.over(1), of if self.points else 1
        lines = [
            abs(int(height * scale)) * width + abs(int(slope * scale)) * measure
            for _, height, slope in self._pieces
        ]
        return max(self.over(of), *lines)

    def compared(self, measure: int, of: int) -> int:
        """The largest number that :meth:`factor` compares, for measures up to this."""
        return max(
            max(measure * at.denominator, of * abs(at.numerator)) for at, _, _ in self._pieces
        )

    @property
    def limits(self) -> tuple[float, float]:
        """Values of the measure beyond which nothing changes."""
        steps = self.steps or self.points
        return float(steps[0].at) - 1, float(steps[-1].at)


@dataclass(frozen=True)
class Draw:
    """A guaranteed amount a period; if ``recoverable``, what was advanced is a debt.

    ``periods`` limits it to the payee's first so many periods. A column ``draw`` of the attainment
    table goes before ``amount``.
    """

    amount: Fraction
    recoverable: bool = True
    periods: int | None = None


@dataclass(frozen=True)
class Clawback:
    """When a sale is undone within ``within_days``, what was paid for it is taken back.

    All of it, or if ``prorated`` the share of the days that were not served.
    """

    within_days: int
    prorated: bool = False


@dataclass(frozen=True)
class Holdback:
    """The share of commission that is paid only as the customer pays; see :func:`holdback`."""

    share: Fraction


@dataclass(frozen=True)
class Override:
    """The share of a team's sales or payouts that its manager is paid; see :func:`overrides`.

    ``of``: ``sales``, or ``payouts`` (what the members earn before draws). ``levels``: ``direct``,
    those who report to the manager; or ``all``, everybody below.
    """

    share: Fraction
    of: str = "sales"
    levels: str = "direct"


@dataclass(frozen=True)
class Measure:
    """Over what sales are measured, and what a period then pays.

    ``over``: ``period``, ``quarter`` or ``year`` to date, or the last so many periods (a number).
    ``quota``: ``sum`` of the periods' quotas (and target incentives), or ``whole`` where each row
    holds that of the whole span. ``pays``: the ``difference`` to what was due before (a true-up),
    or the ``period``'s own sales at the level that the measure has reached: on top of those before
    in ``marginal`` tiers. A bonus is paid in the period that reaches it.
    """

    over: str | int = "period"
    quota: str = "sum"
    pays: str = "difference"


@dataclass(frozen=True)
class Rounding:
    """How commission is rounded, to which unit of money, and whether per tier or in total."""

    method: str = "half_up"
    to: Fraction | None = None
    at: str = "total"


_NUMBERS = set(
    "start end rate times each pay share at payout attainment at_least most base_rate"
    " target_incentive stretch minor_unit amount to".split()
)


def exact_numbers(owner) -> None:
    """Turn the numbers of a part of the plan into fractions, in place of construction."""
    for name in _NUMBERS & owner.__dataclass_fields__.keys():
        value = getattr(owner, name)
        # The days of a SPIF are text, and so is the step at which is rounded.
        if value is None or (isinstance(owner, Spif) and name in ("start", "end")):
            continue
        if isinstance(owner, Rounding) and name == "at":
            continue
        try:
            object.__setattr__(owner, name, exact(value))
        except (ValueError, ZeroDivisionError):
            raise SalesAnalysisError(
                f"`{name}` of {type(owner).__name__.lower()} is {value!r}; expected a number."
            ) from None
