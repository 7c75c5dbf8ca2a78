"""Bunching at a plan's own floor and stretch: what kind of threshold each is, and how to look."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns
from salesanalysis.incentive.attainment_values import attainment_values
from salesanalysis.incentive.bunching_estimate import bunching
from salesanalysis.incentive.bunching_fit import NoEstimate
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.bunching_settings import BunchingSettings
from salesanalysis.incentive.commission import payout_amounts
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.presets import STRETCH_OVER_FLOOR

TARGETS = ("floor", "stretch")
#: Slopes and jumps of a payout are measured over this share of the level.
_STEP = 1e-3


def target_levels(plan: Plan) -> pd.Series:
    """Floor and stretch of a plan as shares of the quota, or of the floor if they are amounts.

    A plan without a floor has it at the quota; one without a stretch has it a fifth over the floor.

    Examples
    --------
    >>> from salesanalysis.incentive import floor_stretch
    >>> target_levels(floor_stretch(floor=1_000_000, stretch=1_300_000)).to_dict()
    {'floor': 1.0, 'stretch': 1.3}
    """
    floor = float(plan.floor.at) if plan.floor is not None else None
    stretch = float(plan.stretch) if plan.stretch is not None else None
    unit = (floor or stretch or 1.0) if plan.thresholds == "amount" else 1.0
    low = 1.0 if floor is None else floor / unit
    high = low * (1 + STRETCH_OVER_FLOOR[0]) if stretch is None else stretch / unit
    return pd.Series({"floor": low, "stretch": high})


def relative_attainment(attainment: pd.DataFrame, *, plan: Plan) -> pd.DataFrame:
    """Attainment whose ``quota`` is what :func:`target_levels` are shares of.

    For a plan whose thresholds are amounts that is its floor (without one, its stretch), the same
    for all; else the table stays as it is, in the order of the rows given.
    """
    at = plan.floor.at if plan.floor is not None else plan.stretch
    if _needs_quota(plan):
        require_columns(attainment, ["quota"], "`attainment`")
        return attainment
    return attainment.assign(quota=float(at))


class HasColumns(Protocol):
    """A table of whichever library."""

    @property
    def columns(self) -> Iterable[str]: ...


def has_quotas(attainment: HasColumns, *, plan: Plan) -> bool:
    """Whether the payees have quotas, where the plan is about shares of them.

    Parameters
    ----------
    attainment : DataFrame or Ibis table
    plan : Plan
    """
    return not _needs_quota(plan) or "quota" in attainment.columns


def require_quotas(attainment: HasColumns, *, plan: Plan) -> None:
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


def _needs_quota(plan: Plan) -> bool:
    at = plan.floor.at if plan.floor is not None else plan.stretch
    return plan.thresholds == "quota" or at is None


def bunching_table(found: Sequence[Bunching]) -> pd.DataFrame:
    """Estimates under each other: one row each.

    Parameters
    ----------
    found : list of Bunching

    Returns
    -------
    DataFrame
        ``level, kind, n`` (payee-periods in the window), ``bin_width, excess, excess_low,
        excess_high`` (payee-periods), ``b`` (in bin widths), ``response_share, elasticity,
        elasticity_low, elasticity_high, missing_mass, verdict, refused``.

    Examples
    --------
    >>> bunching_table([]).empty
    True
    """
    columns = ["level", "kind", "n", "bin_width", "excess", "excess_low", "excess_high", "b"]
    columns += ["response_share", "elasticity", "elasticity_low", "elasticity_high"]
    columns += ["missing_mass", "verdict", "refused"]
    rows = []
    for one in found:
        known = not one.intervals.empty
        limits = [one.interval(name) if known else (np.nan,) * 2 for name in ("B", "elasticity")]
        rows.append(
            (one.threshold, one.kind, one.payees, one.bin_width, one.B, *limits[0], one.b)
            + (one.response_share, one.elasticity, *limits[1], one.missing_mass)
            + (one.verdict, one.refused)
        )
    return pd.DataFrame(rows, columns=columns)


def target_bunching(
    attainment: pd.DataFrame,
    *,
    plan: Plan,
    target: str,
    reach: float = 0.1,
    beside: float = 0.01,
    settings: BunchingSettings = BunchingSettings(bin_width=0.02),
    least: int = 100,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Bunching:
    """Bunching at a plan's floor or stretch, looked for as the plan's payout says.

    Where the payout jumps up, payees from below are expected just over it (a notch); elsewhere
    payees from above are expected to stop there (a kink), and where the reward of the next sale
    falls, how many says how elastic they are.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``quota`` and ``sales``; see :func:`relative_attainment`.
    plan : Plan
    target : str
        ``floor`` or ``stretch``.
    reach : float
        How far below a notch payees may come from, as a share of the quota.
    beside : float
        What a sale is worth beside the plan, as a share of its amount (see :class:`Response`).
    settings : BunchingSettings
        As for :func:`bunching`, ``bin_width`` as a share of the quota; what the kind of the
        threshold calls for is set here.
    least : int
        With fewer payee-periods than this around the threshold there is no estimate, but the
        reason.
    draws, level, seed
        As for :func:`bunching`.

    Returns
    -------
    Bunching

    References
    ----------
    As of :func:`bunching`.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"thresholds": "quota", "floor": {"at": 1, "cliff": True}, "stretch": 1.3,
    ...                   "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]]})
    >>> sales = np.random.default_rng(0).normal(1, 0.25, 4000)
    >>> sales[(sales > 0.95) & (sales < 1)] = 1.0
    >>> found = target_bunching(pd.DataFrame({"quota": 1.0, "sales": sales}), plan=plan,
    ...                         target="floor")
    >>> found.kind, found.missing, found.verdict
    ('notch', 'below', 'bunching')
    """
    require_choice("target", target, TARGETS)
    levels = target_levels(plan)
    at, other = levels[target], levels["stretch" if target == "floor" else "floor"]
    jump, below, above = _reward(plan, at)
    shares, width = attainment_values(attainment, at), settings.width(at)
    near = int((np.abs(shares - at) < 20 * width).sum())
    if near < least:
        return _refused(at, width, near, f"{near} payee-periods around the threshold")
    looked = _looked_for(at, other, (jump, below, above), reach, beside, settings)
    try:
        return bunching(attainment, at, **looked, draws=draws, level=level, seed=seed)
    except NoEstimate:
        why = f"{near} payee-periods around the threshold, too unevenly spread"
        return _refused(at, width, near, why)


def _looked_for(at, other, reward, reach: float, beside: float, settings: BunchingSettings) -> dict:
    """The kind of threshold, and the settings and rates that the reward there calls for."""
    jump, below, above = reward
    width = settings.width(at)
    settings = replace(settings, excluded_right=1)
    if jump > 0:
        # The window ends before the other threshold, which has a response of its own.
        room = int((other - at) / width) - 1 if other > at else 20
        settings = replace(
            settings,
            bins_right=int(np.clip(room, 4, 20)),
            degree=min(settings.degree, 3),
            excluded_left=max(int(round(reach / width)), 1),
        )
        return {"kind": "notch", "missing": "below", "settings": settings}
    beyond = 2 * width < abs(other - at) < 19 * width
    settings = replace(settings, other_thresholds=(other,) if beyond else ())
    if above < below:
        settings = replace(settings, parametric=True, correct="shift")
        return {"rates": (below + beside, above + beside), "settings": settings}
    return {"settings": settings}


def _refused(at: float, width: float, near: int, why: str) -> Bunching:
    """No estimate, and why."""
    bins = ["bin", "level", "level_low", "level_high", "count", "counterfactual", "excess", "role"]
    names = ("B", "b", "response", "response_share", "response_adjusted", "elasticity")
    names += ("missing_mass", "dominated_to", "stuck_share")
    return Bunching(
        kind="", missing="", threshold=float(at), bin_width=width, excluded_left=0,
        excluded_right=0, payees=near, left_out=0, **dict.fromkeys(names, np.nan),
        counterfactual=pd.DataFrame(columns=bins),
        intervals=pd.DataFrame(columns=["name", "value", "error", "low", "high"]), refused=why,
    )  # fmt: skip


def _reward(plan: Plan, level: float) -> tuple[float, float, float]:
    """Jump of the payout at a level, as a share of the sales, and its slopes below and above."""
    whole = 1e6
    if plan.thresholds == "amount":
        if plan.floor is None and plan.stretch is None:
            return 0.0, 0.0, 0.0  # nothing of the plan is at this level
        whole = float(plan.stretch if plan.floor is None else plan.floor.at)
    sales = whole * level * (1 + _STEP * np.arange(-2, 3))
    paid = payout_amounts(sales, plan=plan, quota=whole, exact=False)
    step = sales[1] - sales[0]
    below, above = (paid[1] - paid[0]) / step, (paid[4] - paid[3]) / step
    jump = (paid[3] - paid[1] - (below + above) * step) / sales[2]
    return (float(jump) if jump > 1e-6 else 0.0), float(below), float(above)
