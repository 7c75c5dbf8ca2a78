"""Payout and marginal reward at every level of sales: where cliffs and dead zones are."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.any_plan import AnyPlan, single_plan
from salesanalysis.incentive.commission import Levels, earned
from salesanalysis.incentive.money import Number, exact, from_minor
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_parts import Rounding

#: Money is looked at this much finer than the minor unit, to see past rounding.
_FINER = 10**9
#: Slopes are measured over this many of the finer units (a thousandth of a minor unit).
_STEP = 10**6


def marginal_reward(
    plan: AnyPlan,
    levels: Sequence[Number] | np.ndarray | None = None,
    *,
    quota: Number | None = None,
    target_incentive: Number | None = None,
    points: int = 121,
) -> pd.DataFrame:
    """Payout, and what the next unit of sales brings, at every level of sales.

    Tiers, floor, caps and bonuses of one period, not rounded. Every threshold of the plan is a row,
    whether among the levels or not, because that is where cliffs are.

    Parameters
    ----------
    plan : Plan, or what :func:`read_plan` takes
    levels : array-like of number, optional
        Sales in money. Without, ``points`` levels from 0 to half as much again as the highest
        threshold (or the stretch target, or the quota).
    quota, target_incentive : number, optional
        In money. Where the plan needs a quota and none is given, it is 100, or the floor where
        thresholds are amounts.
    points : int
        How many levels where none are given.

    Returns
    -------
    DataFrame
        One row per level, rising:

        - ``level`` (sales, money), ``attainment`` (of the quota; missing without one),
        - ``payout`` (money), ``payout_before, payout_after`` (just under and just over the level),
          ``payout_rate`` (of the sales; missing at 0),
        - ``marginal`` (money for the next unit of money sold),
        - ``jump`` (money gained, or lost, by stepping over this very level),
        - ``zone``: ``cliff`` (jump up), ``drop`` (jump down), ``dead`` (the next unit brings
          nothing), else ``normal``,
        - ``threshold``: whether the plan names this level.

    Raises
    ------
    SalesAnalysisError
        A level is negative or not a number, or a target incentive or a quota is needed.

    References
    ----------
    Kink (marginal) and notch (jump): Kleven, H. J. (2016), Bunching, Annual Review of Economics 8,
    435–464.

    Examples
    --------
    >>> plan = {"thresholds": "amount", "tiers": [[0, 100, 0.03], [100, None, 0.05]],
    ...         "floor": {"at": 100, "cliff": True}}
    >>> marginal_reward(plan, [50, 100, 120])[["level", "payout", "marginal", "jump", "zone"]]
       level  payout  marginal  jump    zone
    0    0.0     0.0      0.00   0.0    dead
    1   50.0     0.0      0.00   0.0    dead
    2  100.0     3.0      0.05   3.0   cliff
    3  120.0     4.0      0.05   0.0  normal
    """
    plan = single_plan(plan, wanted="marginal_reward")
    if plan.on_target and target_incentive is None and plan.target_incentive is None:
        raise SalesAnalysisError("`target_incentive` is needed: the plan pays shares of it.")
    whole = _quota(plan) if quota is None else exact(quota)
    named = _named_levels(plan, whole)
    try:
        wanted = {exact(level) for level in (_spread(named, whole, points, plan, levels))}
    except ValueError as fault:
        raise SalesAnalysisError(f"`levels`: {fault}.") from None
    if any(level < 0 for level in wanted):
        raise SalesAnalysisError(
            f"`levels` holds {float(min(wanted)):g}; expected sales from 0 on."
        )
    rows = sorted(wanted | named)
    target = target_incentive if target_incentive is not None else plan.target_incentive
    paid = _fine_payouts(plan, rows, whole, None if target is None else exact(target))
    left, here, right, further = (paid[at] for at in (-1, 0, 1, 2))
    slope = (further - right) / _STEP
    slope_before = (left - paid[-2]) / _STEP
    jump = right - left - _STEP * (slope + slope_before)
    jump = np.where((np.abs(jump) < 10 * _FINER**0.5) | _first(rows), 0.0, jump)
    before, after = left + _STEP * slope_before, right - _STEP * slope
    before = np.where(jump == 0, here, before)
    after = np.where(jump == 0, here, after)
    unit = plan.minor_unit / _FINER
    level = np.array([float(row) for row in rows])
    payout = from_minor(here, unit)
    table = pd.DataFrame({"level": level})
    table["attainment"] = level / float(whole) if whole else np.nan
    table["payout"] = payout
    table["payout_before"], table["payout_after"] = (
        from_minor(before, unit),
        from_minor(after, unit),
    )
    table["payout_rate"] = np.divide(
        payout, level, out=np.full(len(level), np.nan), where=level > 0
    )
    table["marginal"] = slope.round(6)
    table["jump"] = from_minor(jump, unit).round(6)
    kinds = [table["jump"] > 0, table["jump"] < 0, table["marginal"] == 0]
    table["zone"] = np.select(kinds, ["cliff", "drop", "dead"], "normal")
    table["threshold"] = [row in named for row in rows]
    return table


def middle_payee(plan: AnyPlan, attainment: pd.DataFrame) -> dict[str, float]:
    """The quota and the target incentive in the middle of all, as far as the plan looks at them.

    Parameters
    ----------
    plan : Plan, or what :func:`read_plan` takes
    attainment : DataFrame, one row per payee and period
        Where it has them, with ``quota`` and ``target_incentive``.

    Returns
    -------
    dict of str to float
        Medians, as :func:`marginal_reward` takes them; without what the plan does not need or the
        table does not have. A target incentive of the table comes before that of the plan.

    Examples
    --------
    >>> paid = pd.DataFrame({"quota": [100.0, 200.0, 400.0], "target_incentive": [9.0, 8.0, None]})
    >>> middle_payee({"thresholds": "quota", "tiers": [[0, None, 0.03]]}, paid)
    {'quota': 200.0}
    >>> middle_payee({"thresholds": "quota", "tiers": [{"from": 0, "share": "100%"}]}, paid)
    {'quota': 200.0, 'target_incentive': 8.5}
    """
    plan = single_plan(plan, wanted="middle_payee")
    wanted = ["quota"] * (plan.thresholds == "quota") + ["target_incentive"] * plan.on_target
    there = [name for name in wanted if name in attainment and attainment[name].notna().any()]
    return {name: float(attainment[name].median()) for name in there}


def _quota(plan: Plan) -> Fraction | None:
    """The quota where none is given."""
    if not plan.needs_quota:
        return None
    if plan.thresholds == "amount" and plan.floor is None:
        raise SalesAnalysisError("`quota` is needed: the plan looks at shares of it.")
    return Fraction(100) if plan.thresholds == "quota" else plan.floor.at


def _first(rows) -> np.ndarray:
    return np.array([row == 0 for row in rows])


def _named_levels(plan: Plan, whole: Fraction | None) -> set[Fraction]:
    """Every level that the plan names, in money."""
    levels = [tier.start for tier in plan.tiers] + [bonus.at for bonus in plan.bonuses]
    levels += [plan.tiers[-1].end, plan.stretch]
    levels += [plan.floor.at if plan.floor else None, plan.cap.attainment if plan.cap else None]
    scale = whole if plan.thresholds == "quota" else 1
    named = {Fraction(0)} | {level * scale for level in levels if level is not None}
    return named | {share * whole for share in plan.attainments}


def _spread(named, whole, points: int, plan: Plan, levels) -> list:
    if levels is not None:
        return list(np.asarray(levels).ravel().tolist())
    top = max([*named, whole or 0]) * Fraction(3, 2) or Fraction(100)
    step = top / max(points - 1, 1)
    # On whole minor units, so that a level is an amount that somebody can sell.
    unit = plan.minor_unit
    return [round(step * at / unit) * unit for at in range(points)]


def _fine_payouts(plan: Plan, rows, whole, target) -> dict[int, np.ndarray]:
    """Payouts at each level and one or two small steps beside it, in the finer unit."""
    fine = replace(plan, minor_unit=plan.minor_unit / _FINER, rounding=Rounding())
    at = np.array([int(row / fine.minor_unit) for row in rows], dtype=object)
    steep = fine.ladder
    quota = int(whole / fine.minor_unit) if steep.needs_quota else 1
    target = int(target / fine.minor_unit) if fine.on_target else 1
    return {
        step: earned(
            fine, Levels(np.maximum(at + step * _STEP, 0), quota, target), steps=False
        ).due.astype(float)
        for step in (-2, -1, 0, 1, 2)
    }
