"""The thresholds that a plan has: where they are, and what payees have reason to do there."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.commission import payout_amounts
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.plan import Plan

#: Slopes and jumps of a payout are measured over this share of the level.
_STEP = 1e-3
#: A reward that changes by less than this, as a share of the sales, does not change.
_SAME = 1e-7


def target_levels(plan: Plan | ComponentPlan) -> pd.Series:
    """The floor and the stretch of a plan, as far as it has them.

    As shares of the quota; where thresholds are amounts, of what stands for it
    (:func:`relative_attainment`).

    Examples
    --------
    >>> from salesanalysis.incentive import floor_stretch, read_plan
    >>> target_levels(floor_stretch(floor=1_000_000, stretch=1_300_000)).to_dict()
    {'floor': 1.0, 'stretch': 1.3}
    >>> target_levels(read_plan({"tiers": [[0, None, 0.1]]})).empty
    True
    """
    if isinstance(plan, ComponentPlan):
        return pd.Series(dtype=float)
    unit = _unit(plan)
    found = {"floor": plan.floor and plan.floor.at, "stretch": plan.stretch}
    levels = {name: float(at / unit) for name, at in found.items() if at is not None}
    return pd.Series(levels, dtype=float)


def plan_thresholds(plan: Plan | ComponentPlan) -> pd.DataFrame:
    """Every level that a plan names, and what the payout gives reason to do there.

    None of a plan with components, each of which has its own (ask of ``component.plan``).
    Levels of tiers, floor, stretch, bonuses, multipliers on attainment, and the cap on attainment.
    Where a cap is an amount of money, it binds at no one level, and is left out.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        One row per level, rising: ``level`` (as a share of the quota, or of what stands for it),
        ``part`` (``floor``, ``stretch``, ``bonus``, ``cap``, ``multiplier`` or ``tier``), ``pull``:
        ``up`` (the payout jumps up), ``stop`` (it falls, or the next sale brings less from there
        on), ``gain`` (the next sale brings more from there on) or ``none``; ``jump, below, above``:
        the jump and what the next sale brings on either side, as shares of it.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"thresholds": "quota", "bonuses": [[1, 500]],
    ...                   "tiers": [[0, 0.8, "2%"], [0.8, 1.2, "4%"], [1.2, None, "1%"]]})
    >>> plan_thresholds(plan)[["level", "part", "pull"]].to_dict("list")
    {'level': [0.8, 1.0, 1.2], 'part': ['tier', 'bonus', 'tier'], 'pull': ['gain', 'up', 'stop']}
    """
    rows = []
    named = {} if isinstance(plan, ComponentPlan) else _named(plan)
    for level, part in sorted(named.items()):
        unit = _unit(plan)
        share = float(level / unit)
        jump, below, above = reward(plan, share)
        if jump > _SAME:
            pull = "up"
        elif jump < -_SAME or above < below - _SAME:
            pull = "stop"
        else:
            pull = "gain" if above > below + _SAME else "none"
        rows.append((share, part, pull, jump, below, above))
    return pd.DataFrame(rows, columns=["level", "part", "pull", "jump", "below", "above"])


def _named(plan: Plan) -> dict[Fraction, str]:
    """The levels over 0 that a plan names, each with the part of the plan that says most."""
    parts = [("floor", plan.floor and plan.floor.at), ("stretch", plan.stretch)]
    parts += [("bonus", bonus.at) for bonus in plan.bonuses]
    parts += [("cap", plan.cap and plan.cap.attainment)]
    if plan.thresholds == "quota":
        parts += [("multiplier", at) for at in plan.attainments]
    parts += [("tier", tier.start) for tier in plan.tiers]
    named: dict[Fraction, str] = {}
    for part, level in parts:
        if level:
            named.setdefault(level, part)
    return named


def _unit(plan: Plan) -> Fraction:
    """What levels are divided by to be shares."""
    return Fraction(1) if _needs_quota(plan) else _stands_for_quota(plan)


def _stands_for_quota(plan: Plan) -> Fraction | None:
    """The amount that stands for the quota: the floor, else the stretch, else the first level."""
    if plan.floor is not None:
        return plan.floor.at
    return plan.stretch if plan.stretch is not None else min(_named(plan), default=None)


def relative_attainment(attainment: pd.DataFrame, *, plan: Plan | ComponentPlan) -> pd.DataFrame:
    """Attainment whose ``quota`` is what :func:`plan_thresholds` are shares of.

    For a plan whose thresholds are amounts that is its floor (without one, its stretch, or its
    first threshold), the same for all; else the table stays as it is, in the order of the rows
    given. So does that of a plan with components.
    """
    if _needs_quota(plan):
        require_columns(attainment, ["quota"], "`attainment`")
        return attainment
    if isinstance(plan, ComponentPlan):
        return attainment
    return attainment.assign(quota=float(_stands_for_quota(plan)))


class HasColumns(Protocol):
    """A table of whichever library."""

    @property
    def columns(self) -> Iterable[str]: ...


def has_quotas(attainment: HasColumns, *, plan: Plan | ComponentPlan) -> bool:
    """Whether the payees have quotas, where the plan is about shares of them.

    Parameters
    ----------
    attainment : DataFrame or Ibis table
    plan : Plan
    """
    return not _needs_quota(plan) or "quota" in attainment.columns


def require_quotas(attainment: HasColumns, *, plan: Plan | ComponentPlan) -> None:
    """Refuse an attainment table without the quotas that the plan is about.

    Raises
    ------
    SalesAnalysisError
        The thresholds are shares of a quota, and there is no such column.
    """
    if not has_quotas(attainment, plan=plan):
        raise SalesAnalysisError(
            "`attainment` has no column `quota`, and the thresholds of the plan are shares of it."
            " Export the quotas, say by `mapping` which column they are, or take a plan whose"
            " `thresholds` are amounts."
        )


def _needs_quota(plan: Plan | ComponentPlan) -> bool:
    if isinstance(plan, ComponentPlan):
        return plan.needs_quota
    return plan.thresholds == "quota" or _stands_for_quota(plan) is None


def reward(plan: Plan, level: float) -> tuple[float, float, float]:
    """Jump of the payout at a level, as a share of the sales, and its slopes below and above."""
    whole = 1e6 if _needs_quota(plan) else float(_unit(plan))
    sales = whole * level * (1 + _STEP * np.arange(-2, 3))
    # Where the target incentive is each payee's own, a tenth of the quota shows where it jumps.
    own = {"target_incentive": whole / 10} if plan.target_incentive is None else {}
    paid = payout_amounts(sales, plan=plan, quota=whole, exact=False, **own)
    step = sales[1] - sales[0]
    below, above = (paid[1] - paid[0]) / step, (paid[4] - paid[3]) / step
    jump = (paid[3] - paid[1] - (below + above) * step) / sales[2]
    return (float(jump) if abs(jump) > _SAME else 0.0), float(below), float(above)
