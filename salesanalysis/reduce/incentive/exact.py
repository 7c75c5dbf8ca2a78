"""Whole-number arithmetic as Ibis expressions: the same to the cent on every engine."""

import functools
import operator

import ibis

from salesanalysis.errors import SalesAnalysisError

#: A measure this near to a step, relative to it, is on it: the noise of floats.
_SAME = 1e-9


def to_minor(amount, plan):
    """Money as whole minor units."""
    unit = plan.minor_unit
    scaled = amount.cast("float64") * unit.denominator / unit.numerator
    return scaled.round().cast("int64")


def from_minor(minor, plan):
    """Minor units as money."""
    unit = plan.minor_unit
    return minor.cast("float64") * unit.numerator / unit.denominator


def rounded(numerator, denominator, method: str):
    """``numerator / denominator`` (positive) as a whole number, exactly, by the stated rule."""
    size = numerator.abs()
    rest = size % denominator
    # Engines divide whole numbers as floats: of an exact multiple the nearest whole is exact.
    whole = ((size - rest).cast("float64") / denominator).round().cast("int64")
    twice = rest * 2
    more = {
        "half_up": twice >= denominator,
        "half_down": twice > denominator,
        "half_even": (twice > denominator) | ((twice == denominator) & (whole % 2 == 1)),
        "up": rest > 0,
        "down": ibis.literal(False),
    }[method]
    whole = whole + more.cast("int64")
    return ibis.ifelse(numerator < 0, -whole, whole)


def counted(ladder, sales, quota):
    """The sales that count, in 1/``scale`` of a minor unit."""
    x = sales * ladder.scale
    if not ladder.negatives:
        x = ibis.greatest(x, 0)
    return x if ladder.cap is None else ibis.least(x, ladder.level(ladder.cap, quota))


def worths(ladder, x, quota) -> list:
    """What each tier adds, in 1/(``unit`` · ``whole``)."""
    parts = []
    whole = ladder.whole(quota)
    ends = [*ladder.levels[1:], None]
    each = zip(ladder.levels, ends, ladder.own_slopes, ladder.own_jumps, strict=True)
    for level, end, slope, jump in each:
        above = ibis.greatest(x - ladder.level(level, quota), 0) if level else x
        if end is not None:
            above = ibis.least(above, ladder.level(end, quota) - ladder.level(level, quota))
        part = above * slope
        if jump:
            hit = _reaches(ladder, x, level, quota)
            if end is not None and not ladder.jumps_add_up:
                hit = hit & ~_reaches(ladder, x, end, quota)
            part = part + ibis.ifelse(hit, whole * jump, 0)
        parts.append(part)
    return parts


def _reaches(ladder, x, level: int, quota):
    if level == 0 and ladder.times_sales:
        return ibis.literal(True)
    threshold = ladder.level(level, quota)
    return x >= threshold if ladder.higher else x > threshold


def of_what(ladder, x, quota, target):
    """What worth is multiplied by, and divided by."""
    times, over = 1, ladder.unit * ladder.whole(quota)
    if ladder.times_sales:
        times, over = x, over * ladder.scale
    if ladder.times_target:
        times = target if isinstance(times, int) else times * target
    if ladder.over_quota:
        over = over * quota
    return times, over


def tiered(plan, rows, quota, target, *, before=None):
    """What counts of each row, its rounded commission, and whether a cap on the rate took off."""
    measured = rows.m_measured
    ladder = plan.ladder
    x = counted(ladder, measured, quota)
    parts = worths(ladder, x, quota)
    if before is not None and ladder.on_top:
        gone = worths(ladder, counted(ladder, before, quota), quota)
        parts = [part - less for part, less in zip(parts, gone, strict=True)]
    own = measured if before is None else measured - before
    paid = x
    if before is not None:
        paid = (own if ladder.negatives else ibis.greatest(own, 0)) * ladder.scale
    parts = [part * factor for part, factor in zip(parts, _factors(plan, rows), strict=True)]
    times, over = of_what(ladder, paid, quota, target)
    over = over * plan.multiplied_parts
    unit, method = plan.rounding_unit, plan.rounding.method

    def whole(part):
        return rounded(part * times, over * unit, method) * unit

    total = functools.reduce(operator.add, parts)
    pay = functools.reduce(operator.add, map(whole, parts))
    if plan.rounding.at == "total":
        pay = whole(total)
    cap = plan.cap.rate if plan.cap else None
    over_rate = ibis.literal(False)
    if cap is not None:
        most = ibis.greatest(own, 0) * cap.numerator
        limit = rounded(most, cap.denominator * unit, method) * unit
        over_rate = total * times * cap.denominator > most * over
        pay = ibis.ifelse(over_rate, limit, pay)
    if ladder.cliff:
        pay = ibis.ifelse(x < ladder.level(ladder.floor, quota), 0, pay)
    return x, pay, over_rate


def measure(rows, multiplier):
    """The measure of a multiplier; missing where it is no number."""
    value = rows[multiplier.on]
    value = value.cast("float64") if value.type().is_numeric() else value.try_cast("float64")
    return ibis.ifelse(value.isnan(), None, value)


def _factors(plan, rows) -> list:
    """What the multipliers make of each tier, in whole numbers."""
    found = [ibis.literal(1, type="int64")] * len(plan.tiers)
    for multiplier in plan.multipliers:
        steps = multiplier.whole_steps
        value = measure(rows, multiplier)
        factor = ibis.cases(
            *((value >= at - abs(at) * _SAME, whole) for at, whole in reversed(steps)), else_=0
        )
        found = [
            each * (factor if multiplier.covers(tier) else multiplier.parts)
            for tier, each in enumerate(found)
        ]
    return found


def bonus(ladder, x, quota):
    """The bonuses reached, in minor units."""
    paid = ibis.literal(0, type="int64")
    for level, amount in ladder.bonuses:
        paid = paid + ibis.ifelse(x >= ladder.level(level, quota), amount, 0)
    return paid


def payout_limit(plan, target):
    """The cap on payout in minor units, or nothing."""
    cap = plan.cap
    limits = []
    if cap is not None and cap.payout is not None:
        limits.append(ibis.literal(int(cap.payout / plan.minor_unit), type="int64"))
    if cap is not None and cap.share is not None:
        top = target * cap.share.numerator
        limits.append(rounded(top, cap.share.denominator, "down"))
    return ibis.least(*limits) if limits else None


def require_room(plan, largest: dict[str, int]) -> None:
    """Refuse amounts whose products would not fit the engine's 64 bits."""
    if not plan.fits(largest["sales"], largest["quota"], largest["target"]):
        raise SalesAnalysisError(
            f"`table` holds amounts (sales up to {largest['sales']:,} minor units) whose products"
            " with this plan's rates do not fit the engine's 64 bits."
            " `salesanalysis.incentive.payout` takes them, in memory."
        )
