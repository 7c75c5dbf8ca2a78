"""What a year settles over its periods: the part of a plan, and what makes it unusable."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from salesanalysis.incentive.contradictions import Found
from salesanalysis.incentive.plan_parts import Cap, exact_numbers

if TYPE_CHECKING:
    from salesanalysis.incentive.plan import Plan

#: What becomes of the year's own tiers, of debts and of banks.
PAYS = ("difference", "more", "beside")
DEBTS = ("carry", "repay", "forgive")
BANKS = ("carry", "pay", "lose")


@dataclass(frozen=True, eq=False)
class Year:
    """What is settled in a payee's row of the year's last period, for all periods of the year.

    Parameters
    ----------
    plan : Plan, optional
        The year's own tiers, on the sales of the whole year against the sum of its quotas.
    pays : str
        What they pay at the year's end: the ``difference`` to what the periods have brought
        (either way), only what is ``more`` than that, or all of it ``beside``.
    cap : Cap, optional
        ``payout`` (money) or ``share`` (of the year's target incentive): the most that commission
        and bonuses of the year come to, from its first period on.
    debt : str
        What is left to be repaid at the year's end, from draws or earnings below zero: goes on to
        the next year (``carry``), is taken off the last payout (``repay``, also below zero), or is
        let go (``forgive``).
    bank : str
        What a banked cap still keeps at the year's end: goes on (``carry``), is paid then
        (``pay``), or is lost (``lose``).
    """

    plan: "Plan | None" = None
    pays: str = "difference"
    cap: Cap | None = None
    debt: str = "carry"
    bank: str = "carry"

    def __post_init__(self):
        if self.cap is not None:
            exact_numbers(self.cap)

    @property
    def share(self) -> Fraction | None:
        """The most of the year's target incentive that is paid."""
        return self.cap.share if self.cap else None


def year_contradictions(plan) -> Iterator[Found]:
    """What a plan says of its year and cannot mean."""
    year = plan.year
    if year is None:
        return
    words = {"pays": (year.pays, PAYS), "debt": (year.debt, DEBTS), "bank": (year.bank, BANKS)}
    for name, (value, allowed) in words.items():
        if value not in allowed:
            yield f"year.{name}", f"{value!r}; expected one of {', '.join(allowed)}"
    yield from _nothing_to_settle(plan, year)
    over = plan.measure.over != "period" and plan.measure.pays == "difference"
    if over and (year.plan or year.cap):
        place = "year.tiers" if year.plan else "year.cap"
        what = "`measure` settles what is due from period to period itself"
        yield place, f"{what}; leave one of them out, or let it pay the `period`"
    yield from _cap(plan, year.cap)


def _nothing_to_settle(plan, year: Year) -> Iterator[Found]:
    """A year settles something that is there."""
    if year.plan is None and year.cap is None and (year.debt, year.bank) == ("carry", "carry"):
        yield "year", "settles nothing; expected `tiers`, `cap`, `debt` or `bank`"
    if plan.period == "year":
        yield "year", "settles shorter periods, but `period` is a year"
    if year.bank != "carry" and not (plan.cap and plan.cap.banks_money):
        yield "year.bank", "there is no `cap` on payout or share that is `banked`"
    if year.debt != "carry" and plan.draw is not None and not plan.draw.recoverable:
        yield "year.debt", "the draw need not be paid back, so that there is no debt to end"


def _cap(plan, cap: Cap | None) -> Iterator[Found]:
    """A limit of the year is possible, and not under that of a period."""
    if cap is None:
        return
    for name in ("payout", "share"):
        limit, own = getattr(cap, name), getattr(plan.cap, name) if plan.cap else None
        if limit is None:
            continue
        if limit < 0:
            yield f"year.cap.{name}", f"{float(limit):g} is negative"
        elif name == "payout" and (limit / plan.minor_unit).denominator != 1:
            yield f"year.cap.{name}", f"{float(limit):g} is not a whole number of minor units"
        elif name == "payout" and own is not None and limit < own:
            yield (
                f"year.cap.{name}",
                f"{float(limit):g} is under the cap on a period, {float(own):g}",
            )
    if cap.banked:
        yield "year.cap.banked", "what is over the year's limit is lost; only a period's is kept"
