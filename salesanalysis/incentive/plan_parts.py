"""The parts that an incentive plan is made of: tiers, floor, caps, and every rule beside them."""

import math
from dataclasses import dataclass
from fractions import Fraction

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
    the commission to a share of the sales.
    """

    payout: Fraction | None = None
    share: Fraction | None = None
    attainment: Fraction | None = None
    rate: Fraction | None = None


@dataclass(frozen=True)
class Bonus:
    """Money for reaching a level, whatever the tiers pay."""

    at: Fraction
    pay: Fraction


@dataclass(frozen=True)
class Spif:
    """A short-term reward beside the plan: so much a sale, or a share of it, in a window of days.

    ``product`` limits it to one product, ``at_least`` to sales from that amount on.
    """

    name: str
    start: str
    end: str
    pay: Fraction | None = None
    rate: Fraction | None = None
    product: str | None = None
    at_least: Fraction | None = None


@dataclass(frozen=True)
class Step:
    """From which value of its measure on a multiplier is so much."""

    at: Fraction
    times: Fraction


@dataclass(frozen=True)
class Multiplier:
    """What a second measure makes of the commission: a gate, a quality factor, a table of rates.

    ``on`` is a column of the attainment table (margin, satisfaction, share of new customers). From
    each of the ``steps`` on commission is multiplied by its ``times``; below the first one it is
    nothing, so a single step is a gate. With ``tier`` (from 1) only that tier's pay is multiplied:
    an accelerator that hangs on a second goal, or, tier by tier, a table of rates by two measures.
    Bonuses are not multiplied; floor, caps and rounding come after. Where only sales are looked at
    (:func:`cost`, :func:`optimise`, :func:`marginal_reward`, :func:`payout_amounts`) all are 1.
    """

    on: str
    steps: tuple[Step, ...]
    tier: int | None = None

    def covers(self, tier: int) -> bool:
        """Whether it multiplies the pay of a tier, counted from 0."""
        return self.tier is None or self.tier == tier + 1

    @property
    def parts(self) -> int:
        """What the whole numbers of ``whole_steps`` are parts of."""
        return math.lcm(*(step.times.denominator for step in self.steps))

    @property
    def whole_steps(self) -> list[tuple[float, int]]:
        """From which value of the measure on, and how many ``parts`` it multiplies by."""
        return [(float(step.at), int(step.times * self.parts)) for step in self.steps]


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


_NUMBERS = {
    *(
        "start",
        "end",
        "rate",
        "times",
        "each",
        "pay",
        "share",
        "at",
        "payout",
        "attainment",
        "at_least",
    ),
    *("base_rate", "target_incentive", "stretch", "minor_unit", "amount", "to"),
}


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
