"""The numbers of a plan as a tidy table."""

import pandas as pd


def plan_numbers(plan) -> pd.DataFrame:
    """``name, value, unit`` of every number of a plan, in the order of its rules."""
    level = "quota" if plan.thresholds == "quota" else "amount"
    units = {
        "rate": "share_of_sales",
        "times": "times_base_rate",
        "pay": "amount",
        "each": "amount",
    }
    rows = []
    for at, tier in enumerate(plan.tiers, start=1):
        rows.append((f"tier_{at}", tier.start, level))
        value = getattr(tier, plan.promise)
        rows.append(
            (f"tier_{at}_{plan.promise}", value, units.get(plan.promise, "share_of_target"))
        )
    rows += [("base_rate", plan.base_rate, "share_of_sales")]
    rows += [("target_incentive", plan.target_incentive, "amount")]
    rows += [("floor", plan.floor.at if plan.floor else None, level)]
    rows += [("stretch", plan.stretch, level)]
    cap = plan.cap
    for name, unit in (("payout", "amount"), ("share", "share_of_target"), ("attainment", level),
                       ("rate", "share_of_sales")):  # fmt: skip
        rows.append((f"cap_{name}", getattr(cap, name) if cap else None, unit))
    for at, bonus in enumerate(plan.bonuses, start=1):
        rows += [(f"bonus_{at}_at", bonus.at, level), (f"bonus_{at}", bonus.pay, "amount")]
        rows += [(f"bonus_{at}_share", bonus.share, "share_of_target")]
    for at, multiplier in enumerate(plan.multipliers, start=1):
        kind, steps = (
            ("step", multiplier.steps) if multiplier.steps else ("point", multiplier.points)
        )
        for number, step in enumerate(steps, start=1):
            name = f"multiplier_{at}_{kind}_{number}"
            rows += [(f"{name}_at", step.at, multiplier.on), (name, step.times, "times")]
    rows += [("draw", plan.draw.amount if plan.draw else None, "amount")]
    held = plan.holdback.share if plan.holdback else None
    rows += [("holdback", held, "share_of_commission")]
    rows += [(f"ramp_{at}", share, "quota") for at, share in enumerate(plan.ramp, start=1)]
    known = [(name, float(value), unit) for name, value, unit in rows if value is not None]
    return pd.DataFrame(known, columns=["name", "value", "unit"])
