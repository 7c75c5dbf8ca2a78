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
    over = plan.override.share if plan.override else None
    rows += [("override", over, f"share_of_{plan.override.of}" if plan.override else "")]
    rows += [(f"ramp_{at}", share, "quota") for at, share in enumerate(plan.ramp, start=1)]
    rows += _numbers_of_year(plan.year)
    known = [(name, float(value), unit) for name, value, unit in rows if value is not None]
    return pd.DataFrame(known, columns=["name", "value", "unit"])


def _numbers_of_year(year) -> list[tuple]:
    """What is settled at the end of the year."""
    if year is None:
        return []
    cap = year.cap
    rows = [("year_cap_payout", cap.payout if cap else None, "amount"),
            ("year_cap_share", cap.share if cap else None, "share_of_target")]  # fmt: skip
    if year.plan is not None:
        own = plan_numbers(year.plan).assign(name=lambda t: "year_" + t["name"])
        rows += own[own["name"] != "year_target_incentive"].itertuples(index=False, name=None)
    return rows


def component_numbers(plan) -> pd.DataFrame:
    """``component, name, value, unit`` of a plan with components; the payee's numbers come last."""
    tables = []
    for each in plan.components:
        own = [("weight", float(each.weight), "share_of_target")] if each.weight is not None else []
        for nth, gate in enumerate(each.gates, start=1):
            own.append((f"gate_{nth}", float(gate.at), _level_of(plan, gate.component)))
        plans = [each.plan]
        if each.across is not None:
            unit = _level_of(plan, each.across.component)
            levels = enumerate(each.across.at, start=1)
            own += [(f"column_{nth}", float(level), unit) for nth, level in levels]
            plans = each.across.plans
        tables.append(pd.DataFrame(own, columns=["name", "value", "unit"]).assign(of=each.name))
        several = len(plans) > 1
        for nth, one in enumerate(plans, start=1):
            numbers = plan_numbers(one).assign(of=each.name)
            if several:
                numbers["name"] = f"column_{nth}_" + numbers["name"]
            tables.append(numbers)
    roof = plan_numbers(plan.roof)
    # The one tier of the roof only adds up what the components earn.
    tables.append(roof[~roof["name"].str.startswith("tier_")].assign(of=None))
    table = pd.concat([each for each in tables if len(each)], ignore_index=True)
    table.insert(0, "component", table.pop("of").astype(object))
    return table


def _level_of(plan, name: str) -> str:
    """What the levels of a component are shares of, or money."""
    return "quota" if plan.named(name).plan.thresholds == "quota" else "amount"
