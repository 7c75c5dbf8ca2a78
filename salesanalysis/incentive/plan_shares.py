"""What a number in a plan is a share of: a percentage that does not say it is not guessed at."""

from collections.abc import Mapping

from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Bonus, Cap, Draw, Floor, Rounding, Spif, Tier

#: A level up to this may be a share of the quota as well as an amount of money.
LARGEST_SHARE = 10

#: What is money, with what to write where a share of the target incentive is meant.
_TARGET = "; `share` is a share of the target incentive"
_MONEY = {
    (Tier, "pay"): _TARGET,
    (Bonus, "pay"): _TARGET,
    (Cap, "payout"): f"{_TARGET}, `rate` one of the sales, `attainment` a level",
    (Tier, "each"): "; `rate` is a share of the sales",
    (Spif, "pay"): "; `rate` is a share of the sales",
    (Spif, "at_least"): "",
    (Spif, "most"): "",
    (Draw, "amount"): "",
    (Rounding, "to"): "",
}
_MONEY_OF_PLAN = ("target_incentive", "minor_unit")


def is_percentage(value: object) -> bool:
    """Whether a number is written with the sign of per cent."""
    return isinstance(value, str) and value.strip().endswith(("%", "％"))


def levels_are(source: Mapping) -> str:
    """What a plan says its levels are: ``quota``, ``per cent`` of it, ``amount``, or nothing."""
    if "tiers_pct" in source:
        return "per cent"
    said = source.get("thresholds")
    return "" if said in (None, "", "null", "~") else str(said)


def unclear(kind: type, name: str, value: str, at: str, levels: str) -> str:
    """What is wrong with a percentage there, and what to write; nothing where it is clear of what.

    ``kind`` and ``name`` say the part of the plan, ``at`` its place, ``levels`` what
    :func:`levels_are` gives.
    """
    is_level = (kind, name) in {(Tier, "start"), (Tier, "end"), (Floor, "at"), (Bonus, "at")}
    if is_level or name in ("stretch", "attainment"):
        if at.startswith("spif"):
            return f"{value} is a share; the levels of a SPIF are numbers of sales, units or money"
        if levels == "quota":
            return ""
        if levels == "per cent" and kind is Tier:
            return f"{value}: levels of `tiers_pct` are per cent already; leave the sign out"
        if levels == "per cent":
            return ""
        return (
            f"{value} is a share, but the plan does not say of what; add `thresholds: quota` if it"
            " is of the quota, else write the amount of money"
        )
    if (kind, name) in _MONEY or name in _MONEY_OF_PLAN:
        return f"{value} is a share, but this is money{_MONEY.get((kind, name), '')}"
    return ""


def may_be_shares(plan: Plan) -> bool:
    """Whether all levels of a plan are so small that they may be shares of the quota.

    Numbers of units, which are paid for one by one, may well be small.
    """
    levels = [each.start for each in plan.tiers] + [each.end for each in plan.tiers]
    levels += [each.at for each in plan.bonuses] + [plan.stretch]
    levels += [plan.floor and plan.floor.at, plan.cap and plan.cap.attainment]
    largest = max(level for level in levels if level is not None)
    return 0 < largest <= LARGEST_SHARE and plan.promise != "each"
