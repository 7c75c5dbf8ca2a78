"""The tiers of a plan as whole numbers, and what they are worth: exact, for arrays of any size.

With x the sales (in 1/``scale`` of a minor unit) and T_i the threshold of tier i, every way to pay
is one formula::

    worth = Σ slope_i · max(x − T_i, 0) + Σ jump_i · whole · [x reaches T_i]
    pay   = worth / (unit · whole) · what the promise is a share of

``slope`` is what each further unit of x brings, ``jump`` what reaching T_i brings; ``whole`` is
what the slope refers to (a minor unit, or the row's quota); a promise is a share of nothing
(money), of the sales, or of the target incentive. The same code runs on int64, on floats and, where
products could exceed int64, on Python's unbounded integers.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

#: Promises for each unit of sales; the others are for reaching a level.
_OF_SALES = ("rate", "times", "each")


@dataclass(frozen=True)
class Ladder:
    """The compiled tiers of a plan.

    Levels (``levels, floor, cap, bonuses``) are multiples of the row's quota over ``scale`` if
    ``of_quota``, else minor units. ``slopes`` and ``jumps`` are the changes at each level,
    ``own_slopes`` and ``own_jumps`` what each tier brings by itself. ``needs_quota``: a row without
    a quota cannot be paid. ``bonuses`` are level, money and share of the target incentive, these
    in 1/``bonus_parts`` (of a minor unit).
    """

    scale: int
    of_quota: bool
    levels: tuple[int, ...]
    unit: int
    slopes: tuple[int, ...]
    jumps: tuple[int, ...]
    own_slopes: tuple[int, ...]
    own_jumps: tuple[int, ...]
    jumps_add_up: bool
    per_quota: bool
    times_sales: bool
    times_target: bool
    over_quota: bool
    higher: bool
    negatives: bool
    floor: int | None
    cliff: bool
    cap: int | None
    bonuses: tuple[tuple[int, int, int], ...]
    bonus_parts: int
    needs_quota: bool

    @property
    def on_top(self) -> bool:
        """Whether a row's own sales can be paid as what they add to those before."""
        return self.jumps_add_up and not self.times_sales

    def level(self, level: int, quota):
        """A level for each row, in the unit of x."""
        return level * quota if self.of_quota else level

    def whole(self, quota):
        """What the slopes refer to, in the unit of x."""
        if not any(self.own_slopes):
            return 1
        return self.scale * quota if self.per_quota else self.scale

    def largest(self, sales: int, quota: int, target: int, *, unit: int, rate_cap, times) -> int:
        """The largest product for values up to these.

        ``unit`` is what divisors are multiplied by (minor units that payouts are rounded to, what
        factors are parts of), ``times`` what commission is, ``rate_cap`` the cap on the rate or
        nothing.
        """
        x, quota = self.scale * sales, max(quota, 1)
        levels = [*self.levels, *(level for level, _, _ in self.bonuses), self.floor, self.cap]
        far = self.level(max(level for level in levels if level is not None), quota)
        whole = self.whole(quota)
        # Tiers do not overlap, so all together bring at most the steepest slope for all of x.
        jumps = sum(self.own_jumps) if self.jumps_add_up else max(self.own_jumps)
        worth = max(map(abs, self.own_slopes)) * x + jumps * whole
        factor = (x if self.times_sales else 1) * (target if self.times_target else 1)
        below = self.unit * whole * (quota if self.over_quota else 1)
        below *= self.scale if self.times_sales else 1
        above, below = worth * max(factor, 1) * times, below * unit
        if rate_cap is not None:
            above *= rate_cap.denominator
            below *= rate_cap.numerator * max(sales, 1)
        return 2 * max(above, below, far, x)


def compiled(plan) -> Ladder:
    """The tiers of a plan as whole numbers."""
    of_quota = plan.thresholds == "quota"
    money = 1 / plan.minor_unit
    step = Fraction(1) if of_quota else money  # levels as shares, or in minor units
    starts = [tier.start * step for tier in plan.tiers]
    ends = _ends(plan, starts, step)
    slopes, jumps = _slopes_and_jumps(plan, _promised(plan, money), starts, ends)
    limit = _limit(plan, None if plan.method == "curve" else ends[-1], step)
    floor = None if plan.floor is None else plan.floor.at * step
    levels = [*starts, *(bonus.at * step for bonus in plan.bonuses), floor, limit]
    scale = _common(levels)
    unit = _common([*slopes, *jumps])
    own_slopes, own_jumps = _whole(slopes, unit), _whole(jumps, unit)
    whole_floor, whole_cap = _whole([floor, limit], scale)
    parts = _common([each.share for each in plan.bonuses])
    of_sales = plan.promise in _OF_SALES
    marginal_sales = of_sales and plan.method == "marginal"
    paced = plan.promise == "times" and plan.base_rate is None
    return Ladder(
        scale=scale,
        of_quota=of_quota,
        levels=_whole(starts, scale),
        unit=unit,
        slopes=_changes(own_slopes),
        jumps=_changes(own_jumps) if plan.method == "retroactive" else own_jumps,
        own_slopes=own_slopes,
        own_jumps=own_jumps,
        jumps_add_up=plan.method != "retroactive",
        per_quota=of_quota and not marginal_sales,
        times_sales=of_sales and not marginal_sales,
        times_target=plan.promise == "share" or paced,
        over_quota=paced,
        higher=plan.at_boundary == "higher",
        negatives=plan.negative != "zero" and of_sales and starts[0] == 0,
        floor=whole_floor,
        cliff=plan.floor is not None and plan.floor.cliff,
        cap=whole_cap,
        bonuses=_bonuses(plan, step * scale, money, parts),
        bonus_parts=parts,
        needs_quota=of_quota or paced or bool(plan.attainments),
    )


def _ends(plan, starts: list[Fraction], step: Fraction) -> list[Fraction | None]:
    """Where each tier ends: where the next begins, if it does not say."""
    said = [None if tier.end is None else tier.end * step for tier in plan.tiers]
    after = [*starts[1:], None]
    return [next_ if end is None else end for end, next_ in zip(said, after, strict=True)]


def _limit(plan, last_end: Fraction | None, step: Fraction) -> Fraction | None:
    """Beyond it sales do not count: the cap on attainment, or the end of the last tier."""
    cap = None if plan.cap is None else plan.cap.attainment
    limits = [None if cap is None else cap * step, last_end]
    return min((level for level in limits if level is not None), default=None)


def _common(values: list[Fraction | None]) -> int:
    """The least whole number that makes all of them whole."""
    return math.lcm(*(value.denominator for value in values if value is not None))


def _whole(values: list[Fraction | None], times: int) -> tuple:
    """Values as whole numbers of a smaller unit; what is not there stays so."""
    return tuple(None if value is None else int(value * times) for value in values)


def _bonuses(plan, to_level: Fraction, money: Fraction, parts: int) -> tuple:
    """Level, money and share of each bonus."""
    return tuple(
        (
            int(each.at * to_level),
            int((each.pay or 0) * money * parts),
            int((each.share or 0) * parts),
        )
        for each in plan.bonuses
    )


def _promised(plan, money: Fraction) -> list[Fraction]:
    """What each tier promises: shares, or minor units."""
    values = [getattr(tier, plan.promise) for tier in plan.tiers]
    if plan.promise == "times" and plan.base_rate is not None:
        return [value * plan.base_rate for value in values]
    return [value * money for value in values] if plan.promise == "pay" else values


def _slopes_and_jumps(plan, promised, starts, ends) -> tuple[list, list]:
    """Of each tier: what a further unit inside it brings, and what reaching it brings."""
    nothing = [Fraction(0)] * len(promised)
    if plan.method == "marginal" and plan.promise in _OF_SALES:
        return promised, nothing
    if plan.method in ("marginal", "retroactive"):
        return nothing, promised
    if plan.method == "interpolated":
        widths = [end - start for start, end in zip(starts, ends, strict=True)]
        return [value / width for value, width in zip(promised, widths, strict=True)], nothing
    rises = [
        (promised[at + 1] - promised[at]) / (starts[at + 1] - starts[at])
        for at in range(len(promised) - 1)
    ]
    return [*rises, Fraction(0)], [promised[0], *nothing[1:]]


def _changes(values) -> tuple:
    return tuple(value - before for value, before in zip(values, [0, *values[:-1]], strict=True))


def counted(ladder: Ladder, sales, quota):
    """The sales that count, in 1/``scale`` of a minor unit: x of the formula."""
    x = sales * ladder.scale if ladder.scale != 1 else sales
    if not ladder.negatives:
        x = np.maximum(x, 0)
    return x if ladder.cap is None else np.minimum(x, ladder.level(ladder.cap, quota))


def reaches(ladder: Ladder, x, level: int, quota):
    """Which rows reach the threshold of a tier, by the rule for sales exactly on it."""
    if level == 0 and ladder.times_sales:
        return True  # the first tier holds for returns as well
    threshold = ladder.level(level, quota)
    return x >= threshold if ladder.higher else x > threshold


def tiers_reached(ladder: Ladder, x, quota) -> np.ndarray:
    """The number of the tier reached, from 1; 0 below the first."""
    reached = np.zeros(np.shape(x), dtype=np.int64)
    for level in ladder.levels:
        threshold = ladder.level(level, quota)
        # Nobody is below a first tier that begins at 0.
        above = x >= threshold if ladder.higher or not level else x > threshold
        reached += above
    return reached


def worth(ladder: Ladder, x, quota):
    """The sum over the tiers, in 1/(``unit`` · ``whole``)."""
    total = np.zeros_like(x)
    whole = ladder.whole(quota)
    for level, slope, jump in zip(ladder.levels, ladder.slopes, ladder.jumps, strict=True):
        if slope:
            # At 0 there is nothing to cut off: negative sales pay back at the first rate. In place,
            # because memory is what this costs.
            part = x - ladder.level(level, quota) if level else x * slope
            if level:
                np.maximum(part, 0, out=part)
                part *= slope
            total += part
        if jump:
            total = total + jump * whole * reaches(ladder, x, level, quota)
    return total


def worth_of_tiers(ladder: Ladder, x, quota) -> list:
    """What each tier adds to :func:`worth`, in the same unit."""
    parts = []
    whole = ladder.whole(quota)
    ends = [*ladder.levels[1:], None]
    each = zip(ladder.levels, ends, ladder.own_slopes, ladder.own_jumps, strict=True)
    for level, end, slope, jump in each:
        above = np.maximum(x - ladder.level(level, quota), 0) if level else x
        if end is not None:
            above = np.minimum(above, ladder.level(end, quota) - ladder.level(level, quota))
        hit = reaches(ladder, x, level, quota)
        if end is not None and not ladder.jumps_add_up:
            hit = hit & ~reaches(ladder, x, end, quota)
        parts.append(slope * above + jump * whole * hit)
    return parts


def of_what(ladder: Ladder, x, quota, target):
    """What the promise is a share of: what worth is multiplied by, and divided by."""
    times, over = 1, ladder.unit * ladder.whole(quota)
    if ladder.times_sales:
        times, over = x, over * ladder.scale
    if ladder.times_target:
        times = times * target
    if ladder.over_quota:
        over = over * quota
    return times, over


def below_floor(ladder: Ladder, x, quota):
    """Which rows miss a floor that is a cliff; exactly at it is reached."""
    return x < ladder.level(ladder.floor, quota)


def bonus_pay(ladder: Ladder, x, quota, target) -> np.ndarray:
    """The bonuses reached, in 1/``bonus_parts``; exactly at the level is reached."""
    pay = np.zeros(np.shape(x), dtype=np.int64)
    for level, money, share in ladder.bonuses:
        pay = pay + (money + share * target) * (x >= ladder.level(level, quota))
    return pay
