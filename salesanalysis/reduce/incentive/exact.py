"""Whole-number arithmetic as Ibis expressions: the same to the cent on every engine."""

import functools
import math
import operator

import ibis

from salesanalysis.errors import SalesAnalysisError

#: Floats hold whole numbers exactly up to here.
_LARGEST_AMOUNT = 2**53
#: Amounts in so many parts fit 64 bits.
_LARGEST_PARTS = 2**9
#: A decimal of 38 digits holds everything below.
_LARGEST_DECIMAL = 10**37


def to_minor(amount, plan):
    """Money as whole minor units."""
    unit = plan.minor_unit
    scaled = _times(amount.cast("float64"), unit.denominator)
    scaled = scaled if unit.numerator == 1 else scaled / unit.numerator
    return scaled.round().cast("int64")


def from_minor(minor, plan):
    """Minor units as money."""
    unit = plan.minor_unit
    return _times(minor.cast("float64"), unit.numerator) / unit.denominator


def rounded(numerator, denominator, method: str):
    """``numerator / denominator`` (positive) as a whole number, exactly, by the stated rule."""
    if isinstance(denominator, int) and denominator == 1:
        return numerator.cast("int64")
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
    # Not by a condition, within which an engine would compute every part of it anew.
    return whole * numerator.sign().cast("int64")


def counted(ladder, sales, quota):
    """The sales that count, in 1/``scale`` of a minor unit."""
    x = _times(sales, ladder.scale)
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
            above = ibis.least(above, ladder.level(end - level, quota))
        part = _times(above, slope)
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


def tiers_reached(ladder, rows):
    """The number of the tier that is reached, from 1; 0 below the first."""
    quota = ibis.ifelse(rows.no_quota, 1, rows.m_quota)
    x = counted(ladder, rows.m_measured, quota)
    above = []
    for level in ladder.levels:
        threshold = ladder.level(level, quota)
        # Nobody is below a first tier that begins at 0.
        above.append(x >= threshold if ladder.higher or not level else x > threshold)
    return functools.reduce(operator.add, (one.cast("int64") for one in above))


def split(whole, weights) -> list:
    """Whole numbers split by weights into parts that add up: the largest remainders first."""
    parts_of = math.lcm(*(weight.denominator for weight in weights))
    shares = [int(weight * parts_of) for weight in weights]
    if parts_of > _LARGEST_PARTS:
        whole = whole.cast("decimal(38, 0)")
    rests = [whole * share % parts_of for share in shares]
    parts = [
        ((whole * share - rest).cast("float64") / parts_of).round().cast("int64")
        for share, rest in zip(shares, rests, strict=True)
    ]
    left = whole.cast("int64") - functools.reduce(operator.add, parts)
    made = []
    for at, (part, own) in enumerate(zip(parts, rests, strict=True)):
        before = [
            ((rest >= own) if other < at else (rest > own)).cast("int64")
            for other, rest in enumerate(rests)
            if other != at
        ]
        rank = functools.reduce(operator.add, before, ibis.literal(0, type="int64"))
        made.append(part + (rank < left).cast("int64"))
    return made


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
    """The rows with what counts, their rounded commission, and where a cap on the rate took off."""
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
    times, over = of_what(ladder, paid, quota, target)
    for each, factor, parts_of in _factors(plan, rows, x, quota):
        parts = [
            part * (factor if each.covers(tier) else parts_of) for tier, part in enumerate(parts)
        ]
        over = over * parts_of
    unit, method = plan.rounding_unit, plan.rounding.method

    def whole(part):
        return rounded(part * times, over * unit, method) * unit

    # As a column of its own, which an engine computes once however often it is looked at.
    rows = rows.mutate(x=x, worth=_times(functools.reduce(operator.add, parts), times))
    if plan.rounding.at == "total":
        pay = rounded(rows.worth, over * unit, method) * unit
    else:
        pay = functools.reduce(operator.add, map(whole, parts))
    cap = plan.cap.rate if plan.cap else None
    over_rate = ibis.literal(False)
    if cap is not None:
        most = ibis.greatest(own, 0) * cap.numerator
        limit = rounded(most, cap.denominator * unit, method) * unit
        over_rate = rows.worth * cap.denominator > most * over
        pay = ibis.ifelse(over_rate, limit, pay)
    if ladder.cliff:
        pay = ibis.ifelse(x < ladder.level(ladder.floor, quota), 0, pay)
    return rows, pay, over_rate


def _times(value, factor):
    """A product, which an engine need not compute where it is one by itself."""
    return value if isinstance(factor, int) and factor == 1 else value * factor


def measure(rows, multiplier):
    """The column that a multiplier looks at; missing where it is no number."""
    value = rows[multiplier.on]
    value = value.cast("float64") if value.type().is_numeric() else value.try_cast("float64")
    return ibis.ifelse(value.isnan(), None, value)


def _measured(rows, multiplier):
    """The same in whole parts, as far as it makes a difference."""
    value = measure(rows, multiplier).clip(*multiplier.limits)
    return (value * multiplier.MEASURED_TO).round().cast("int64")


def _factors(plan, rows, x, quota) -> list[tuple]:
    """Of each multiplier itself, its factor in whole numbers, and what that is parts of."""
    found = []
    for each in plan.multipliers:
        measured, of = ibis.greatest(x, 0), quota * plan.ladder.scale
        if not each.on_attainment:
            measured, of = _measured(rows, each), each.MEASURED_TO
        found.append((each, each.factor(measured, of, ibis.ifelse), each.over(of)))
    return found


def bonus(plan, rows, quota, target, *, before=None):
    """The bonuses reached, in minor units, and multiplied where the plan says so."""
    ladder, unit = plan.ladder, plan.rounding_unit
    paid = _reached_bonuses(ladder, rows.x, quota, target)
    if before is not None:  # a level is reached once
        start = counted(ladder, before, quota)
        paid = paid - _reached_bonuses(ladder, start, quota, target)
    subject = [each for each in _factors(plan, rows, rows.x, quota) if each[0].bonuses]
    over = math.prod((parts_of for _, _, parts_of in subject), start=ladder.bonus_parts)
    if not subject and ladder.bonus_parts == 1:
        return paid
    paid = math.prod((factor for _, factor, _ in subject), start=paid.cast(rows.x.type()))
    return rounded(paid, over * unit, plan.rounding.method) * unit


def _reached_bonuses(ladder, x, quota, target):
    paid = ibis.literal(0, type="int64")
    for level, money, share in ladder.bonuses:
        reached = x >= ladder.level(level, quota)
        paid = paid + ibis.ifelse(reached, money + share * target, 0)
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


def widened(rows, plan, largest: dict[str, int]):
    """The rows with amounts of 38 digits where products with them do not fit 64 bits.

    That costs time, but no plan or amount that a business has needs more.
    """
    amounts = largest["sales"], largest["quota"], largest["target"]
    if plan.fits(*amounts):
        return rows
    if max(amounts) > _LARGEST_AMOUNT or not plan.fits(*amounts, most=_LARGEST_DECIMAL):
        raise SalesAnalysisError(
            f"`table` holds amounts (sales up to {largest['sales']:,} minor units) whose products"
            " with this plan's rates do not fit 38 digits. Check the unit of the columns."
        )
    names = ("m_sales", "m_quota", "m_target")
    return rows.mutate(**{name: rows[name].cast("decimal(38, 0)") for name in names})
