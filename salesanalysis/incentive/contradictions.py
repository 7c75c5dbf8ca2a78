"""What makes a plan unusable: gaps, overlaps, falling thresholds, rates over 1, caps under floors.

Every check gives the place in the plan (``tiers[1].rate``), which the reader of plan files turns
into a line.
"""

from collections.abc import Iterator
from fractions import Fraction

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.money import ROUNDINGS

#: What a tier can promise; all tiers of a plan promise the same kind.
PROMISES = ("rate", "times", "each", "pay", "share")

Found = tuple[str, str]

#: A threshold of so many times the quota was meant as per cent.
TOO_MANY_TIMES = 20


class ContradictionError(SalesAnalysisError):
    """A plan that contradicts itself; ``found`` lists (place, what is wrong)."""

    def __init__(self, found: list[tuple[str, str]], where=lambda place: f"`{place}`"):
        self.found = found
        lines = "; ".join(f"{where(place)}: {what}" for place, what in found)
        super().__init__(f"The plan contradicts itself or cannot be used. {lines}.")


def contradictions(plan) -> list[Found]:
    """Every contradiction of a plan as (place, what is wrong and what to do)."""
    words = list(_words(plan))
    if words:  # the other checks would stumble over them
        return words
    tiers = [*_promises(plan), *_order(plan), *_bonuses(plan)]
    if tiers:
        return tiers
    money = list(_money(plan))
    spifs = [] if money else _spifs(plan)
    limits = [*_floor_and_stretch(plan), *_caps(plan), *_caps_out_of_order(plan)]
    multipliers = [found for at in range(len(plan.multipliers)) for found in _multiplier(plan, at)]
    return [*limits, *multipliers, *money, *spifs, *_over_time(plan)]


def _words(plan) -> Iterator[Found]:
    """Words that must be one of a list."""
    known = {
        "method": (plan.method, ("marginal", "retroactive", "interpolated", "curve")),
        "thresholds": (plan.thresholds, ("amount", "quota")),
        "at_boundary": (plan.at_boundary, ("higher", "lower")),
        "negative": (plan.negative, ("carry", "take_back", "zero")),
        "rounding.method": (plan.rounding.method, ROUNDINGS),
        "rounding.at": (plan.rounding.at, ("total", "tier")),
        "measure.quota": (plan.measure.quota, ("sum", "whole")),
        "measure.pays": (plan.measure.pays, ("difference", "period")),
        "period": (plan.period, (None, "month", "quarter", "year")),
    }
    for place, (value, allowed) in known.items():
        if value not in allowed:
            yield place, f"{value!r}; expected one of {', '.join(map(str, filter(None, allowed)))}"
    over = plan.measure.over
    whole = isinstance(over, int) and not isinstance(over, bool)
    if not (over in ("period", "quarter", "year") or (whole and over >= 1)):
        yield "measure.over", f"{over!r}; expected period, quarter, year or a number of periods"
    elif whole and plan.measure.pays == "difference" and over > 1:
        yield (
            "measure.pays",
            "a rolling measure has nothing to be a difference to; expected `period`",
        )
    if not plan.tiers:
        yield "tiers", "there is none; expected at least one, such as {from: 0, rate: 0.03}"


def _promises(plan) -> Iterator[Found]:
    """What the tiers promise: one thing, all the same, and possible."""
    kinds = []
    for at, tier in enumerate(plan.tiers):
        given = [name for name in PROMISES if getattr(tier, name) is not None]
        kinds.append(given)
        if len(given) != 1:
            said = " and ".join(given) or "nothing"
            yield f"tiers[{at}]", f"promises {said}; expected one of {', '.join(PROMISES)}"
        elif given != kinds[0] and len(kinds[0]) == 1:
            yield (
                f"tiers[{at}].{given[0]}",
                f"`{given[0]}` beside tiers with `{kinds[0][0]}`; all tiers promise the same kind",
            )
        else:
            yield from _size(plan, f"tiers[{at}].{given[0]}", given[0], getattr(tier, given[0]))


def _size(plan, place: str, kind: str, value: Fraction) -> Iterator[Found]:
    if value < 0:
        yield place, f"{float(value):g} is negative"
    rate = value * plan.base_rate if kind == "times" and plan.base_rate is not None else value
    if kind == "rate" and rate > 1:
        yield place, f"a rate of {float(value):g} is over 1; write 0.05 or '5%' for five per cent"
    if kind == "times" and plan.base_rate is not None and rate > 1:
        yield place, f"{float(value):g} times the base rate is a rate of {float(rate):g}, over 1"


def _order(plan) -> Iterator[Found]:
    """Thresholds rise, without gap or overlap."""
    last = None
    for at, tier in enumerate(plan.tiers):
        place = f"tiers[{at}].from"
        if tier.start < 0:
            yield place, f"the threshold {_n(tier.start)} is negative"
        if plan.thresholds == "quota" and tier.start >= TOO_MANY_TIMES:
            yield (
                place,
                f"{_n(tier.start)} is {_n(tier.start)} times the quota; write"
                f" {_n(tier.start / 100)} or '{_n(tier.start)}%' for {_n(tier.start)} per cent",
            )
        if last is not None and tier.start <= last.start:
            yield place, f"thresholds must rise, but {_n(tier.start)} follows {_n(last.start)}"
        elif last is not None and last.end is not None and tier.start != last.end:
            kind = "gap" if tier.start > last.end else "overlap"
            yield (
                place,
                f"{kind}: the tier before ends at {_n(last.end)}, this one begins at"
                f" {_n(tier.start)}",
            )
        if tier.end is not None and tier.end <= tier.start:
            yield f"tiers[{at}].to", f"{_n(tier.end)} is not over its beginning {_n(tier.start)}"
        last = tier
    if plan.method == "interpolated" and last.end is None:
        yield (
            f"tiers[{len(plan.tiers) - 1}].to",
            "the last tier has no end, so there is nothing to be in proportion to",
        )
    if plan.method == "curve" and len(plan.tiers) < 2:
        yield "points", "a curve needs two points or more"


def _bonuses(plan) -> Iterator[Found]:
    """Each bonus at a level of its own, and of one kind."""
    levels = [bonus.at for bonus in plan.bonuses]
    for at, bonus in enumerate(plan.bonuses):
        if bonus.at in levels[:at]:
            yield f"bonuses[{at}].at", f"there is already a bonus at {_n(bonus.at)}"
        if bonus.at < 0:
            yield f"bonuses[{at}].at", f"{_n(bonus.at)} is negative"
        if (bonus.pay is None) == (bonus.share is None):
            yield (
                f"bonuses[{at}]",
                "expected `pay` (money) or `share` (of the target incentive), one of them",
            )
        elif bonus.share is not None and bonus.share < 0:
            yield f"bonuses[{at}].share", f"{_n(bonus.share)} is negative"


def _floor_and_stretch(plan) -> Iterator[Found]:
    floor = plan.floor
    if floor is not None and floor.at < 0:
        yield "floor.at", f"{_n(floor.at)} is negative"
    if plan.stretch is not None and floor is not None and plan.stretch <= floor.at:
        yield "stretch", f"{_n(plan.stretch)} is not over the floor, {_n(floor.at)}"


def _caps(plan) -> Iterator[Found]:
    """Caps that are possible by themselves, with a surplus where one is to be kept."""
    cap = plan.cap
    if cap is None:
        return
    for name in ("payout", "share", "attainment", "rate"):
        if getattr(cap, name) is not None and getattr(cap, name) < 0:
            yield f"cap.{name}", f"{_n(getattr(cap, name))} is negative"
    if cap.rate is not None and cap.rate > 1:
        yield "cap.rate", f"a rate of {_n(cap.rate)} is over 1"
    if cap.banked and not (cap.banks_money or cap.banks_sales):
        yield "cap.banked", "there is no cap on payout, share or attainment whose surplus to keep"
    if cap.banked and plan.measure.over != "period":
        yield "cap.banked", "a surplus is kept from period to period, but `measure` adds them up"


def _caps_out_of_order(plan) -> Iterator[Found]:
    """Caps under the floor, under a tier or under a bonus, which nobody could reach."""
    floor, cap = plan.floor, plan.cap
    if cap is None:
        return
    if cap.attainment is not None:
        if floor is not None and cap.attainment < floor.at:
            yield "cap.attainment", f"{_n(cap.attainment)} is under the floor, {_n(floor.at)}"
        top = plan.tiers[-1].start
        if cap.attainment <= top and top > 0:
            yield (
                "cap.attainment",
                f"{_n(cap.attainment)} is not over the last threshold, {_n(top)}: nobody could"
                " reach that tier",
            )
        for at, bonus in enumerate(plan.bonuses):
            if bonus.at > cap.attainment:
                yield f"bonuses[{at}].at", f"over the cap on attainment, {_n(cap.attainment)}"
    if cap.payout is not None and floor is not None and plan.thresholds == "amount":
        at_floor = _least_at_floor(plan)
        if at_floor is not None and cap.payout < at_floor:
            yield "cap.payout", f"{_n(cap.payout)} is under what the floor pays, {_n(at_floor)}"


def _multiplier(plan, at: int) -> Iterator[Found]:
    """A multiplier rises along its measure, and belongs to a tier that is there."""
    multiplier, place = plan.multipliers[at], f"multipliers[{at}]"
    given = [name for name in ("steps", "points") if getattr(multiplier, name)]
    if len(given) != 1:
        yield (
            f"{place}.steps",
            "none or both are there; expected `steps` (such as [0.9, 1]) or `points` (with"
            " straight lines between), one of them",
        )
        return
    yield from _steps(multiplier, f"{place}.{given[0]}", given[0])
    if multiplier.bonuses and (multiplier.tier is not None or not plan.bonuses):
        why = "the plan has none" if not plan.bonuses else "they belong to no tier"
        yield f"{place}.bonuses", f"multiplies bonuses, but {why}"
    if multiplier.tier is not None and not 1 <= multiplier.tier <= len(plan.tiers):
        tiers = f"the plan has tiers 1 to {len(plan.tiers)}"
        yield f"{place}.tier", f"{multiplier.tier}; {tiers}"


def _steps(multiplier, place: str, kind: str) -> Iterator[Found]:
    """The steps of a multiplier, or the points of its line."""
    steps = getattr(multiplier, kind)
    if kind == "points" and len(steps) < 2:
        yield place, "a line needs two points or more"
    for number, step in enumerate(steps):
        if number and step.at <= steps[number - 1].at:
            before = _n(steps[number - 1].at)
            yield f"{place}[{number}]", f"{_n(step.at)} follows {before}; they must rise"
        if step.times < 0:
            yield f"{place}[{number}]", f"{_n(step.times)} times is negative"
        if multiplier.on_attainment and step.at < 0:
            yield f"{place}[{number}]", f"an attainment of {_n(step.at)} is negative"


def _spifs(plan) -> Iterator[Found]:
    """SPIFs pay in one way, in days that follow each other, in tiers that a plan could have."""
    for at, spif in enumerate(plan.spifs):
        place = f"spifs[{at}]"
        if [spif.pay is not None, spif.rate is not None, bool(spif.tiers)].count(True) != 1:
            yield (
                place,
                "expected `pay` (money a sale), `rate` (share of it) or `tiers`, one of them",
            )
        if spif.rate is not None and not 0 <= spif.rate <= 1:
            yield f"{place}.rate", f"{_n(spif.rate)} is not a rate between 0 and 1"
        for name in ("pay", "most"):
            yield from _amount(plan, f"{place}.{name}", getattr(spif, name))
        if str(spif.end) < str(spif.start):
            yield f"{place}.end", f"{spif.end} is before its start, {spif.start}"
        if spif.tiers:
            yield from _spif_tiers(plan, spif, place)


def _spif_tiers(plan, spif, place: str) -> Iterator[Found]:
    """What the tiers of a SPIF may be, beyond what the tiers of a plan may."""
    wrong = []
    for name, known in (
        ("counts", ("sales", "units", "amount")),
        ("method", ("marginal", "retroactive")),
    ):
        value = getattr(spif, name)
        if value not in known:
            wrong += [(f"{place}.{name}", f"{value!r}; expected one of {', '.join(known)}")]
    promises = ("rate", "pay") if spif.counts == "amount" else ("each", "pay")
    for at, tier in enumerate(spif.tiers):
        here = f"{place}.tiers[{at}]"
        if tier.end is not None:
            wrong += [(f"{here}.to", "a tier of a SPIF ends where the next begins")]
        if spif.counts != "amount" and tier.start < 1:
            wrong += [(f"{here}.from", f"{_n(tier.start)}; {spif.counts} are counted from 1")]
        if all(getattr(tier, name) is None for name in promises):
            wrong += [(here, f"where {spif.counts} are counted, expected {' or '.join(promises)}")]
    yield from wrong
    if not wrong:
        try:
            plan.spif_plan(spif)
        except ContradictionError as found:
            yield from ((f"{place}.{inner}", what) for inner, what in found.found)


def _least_at_floor(plan) -> Fraction | None:
    """What the tiers pay at the floor, where that follows from the plan alone."""
    if plan.promise != "rate" or plan.method not in ("marginal", "retroactive"):
        return None
    level = plan.floor.at
    if plan.method == "retroactive":
        higher = plan.at_boundary == "higher"
        reached = [t for t in plan.tiers if t.start < level or (higher and t.start == level)]
        return reached[-1].rate * level if reached else Fraction(0)
    ends = [*(tier.start for tier in plan.tiers[1:]), level]
    widths = [
        max(min(end, level) - tier.start, Fraction(0))
        for tier, end in zip(plan.tiers, ends, strict=True)
    ]
    return sum(
        (tier.rate * width for tier, width in zip(plan.tiers, widths, strict=True)), Fraction(0)
    )


def _money(plan) -> Iterator[Found]:
    """Amounts are whole minor units."""
    unit = plan.minor_unit
    if unit <= 0:
        yield "minor_unit", f"{_n(unit)} is not over 0"
        return
    if plan.rounding.to is not None and (
        plan.rounding.to <= 0 or (plan.rounding.to / unit).denominator != 1
    ):
        yield (
            "rounding.to",
            f"{_n(plan.rounding.to)} is not a multiple of the minor unit, {_n(unit)}",
        )
    for place, amount in _amounts(plan).items():
        yield from _amount(plan, place, amount)
    if plan.base_rate is not None and not 0 < plan.base_rate <= 1:
        yield "base_rate", f"{_n(plan.base_rate)} is not a rate between 0 and 1"


def _amounts(plan) -> dict[str, Fraction | None]:
    """Each place of a plan where money stands; thresholds where they are money."""
    amounts = {
        "cap.payout": plan.cap.payout if plan.cap else None,
        "draw.amount": plan.draw.amount if plan.draw else None,
        "target_incentive": plan.target_incentive,
        **{f"bonuses[{at}].pay": bonus.pay for at, bonus in enumerate(plan.bonuses)},
    }
    if plan.thresholds == "amount":
        amounts |= {f"tiers[{at}].from": tier.start for at, tier in enumerate(plan.tiers)}
        amounts |= {f"tiers[{at}].to": tier.end for at, tier in enumerate(plan.tiers)}
        amounts |= {f"bonuses[{at}].at": bonus.at for at, bonus in enumerate(plan.bonuses)}
        amounts["floor.at"] = plan.floor.at if plan.floor else None
        amounts["cap.attainment"] = plan.cap.attainment if plan.cap else None
    return amounts


def _amount(plan, place: str, amount: Fraction | None) -> Iterator[Found]:
    if amount is not None and amount < 0:
        yield place, f"{_n(amount)} is negative"
    elif amount is not None and (amount / plan.minor_unit).denominator != 1:
        yield place, f"{_n(amount)} is not a whole number of minor units of {_n(plan.minor_unit)}"


def _over_time(plan) -> Iterator[Found]:
    """Draws, ramps, clawbacks, holdbacks."""
    draw = plan.draw
    if draw is not None and draw.periods is not None and draw.periods < 1:
        yield "draw.periods", f"{draw.periods}; expected 1 or more"
    if draw is not None and plan.cap and plan.cap.payout is not None:
        if draw.amount > plan.cap.payout:
            yield "draw.amount", f"{_n(draw.amount)} is over the cap on payout"
    for at, share in enumerate(plan.ramp):
        if not 0 < share <= 1:
            yield f"ramp[{at}]", f"{_n(share)} is not a share of the quota between 0 and 1"
        elif at and share < plan.ramp[at - 1]:
            yield f"ramp[{at}]", f"a ramp rises, but {_n(share)} follows {_n(plan.ramp[at - 1])}"
    if plan.holdback is not None and not 0 < plan.holdback.share <= 1:
        share = _n(plan.holdback.share)
        yield "holdback.share", f"{share} is not a share of the commission between 0 and 1"
    yield from _override(plan.override)
    if plan.clawback is not None and plan.clawback.within_days < 1:
        yield "clawback.within_days", f"{plan.clawback.within_days}; expected 1 or more"


def _override(rule) -> Iterator[Found]:
    """Of what managers are paid a share, and how far down."""
    if rule is None:
        return
    if not 0 < rule.share <= 1:
        yield "override.share", f"{_n(rule.share)} is not a share between 0 and 1"
    for name, known in (("of", ("sales", "payouts")), ("levels", ("direct", "all"))):
        if getattr(rule, name) not in known:
            what = f"{getattr(rule, name)!r}; expected one of {', '.join(known)}"
            yield f"override.{name}", what


def _n(number: Fraction) -> str:
    return f"{float(number):,.10g}"
