"""Bunching at a plan's own thresholds: what kind each is, and how to look."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from salesanalysis.incentive.attainment_values import attainment_values
from salesanalysis.incentive.bunching_estimate import bunching
from salesanalysis.incentive.bunching_fit import NoEstimate
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.bunching_settings import BunchingSettings
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_thresholds import plan_thresholds


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


def plan_bunching(
    attainment: pd.DataFrame,
    *,
    plan: Plan,
    reach: float = 0.1,
    beside: float = 0.01,
    settings: BunchingSettings = BunchingSettings(bin_width=0.02),
    least: int = 100,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> list[Bunching]:
    """Bunching at each threshold of a plan that gives reason to stop or to push up to it.

    Where the payout jumps up, payees from below are expected just over it (a notch); where it
    falls, or the next sale brings less from there on, payees from above are expected to stop there
    (a notch, a kink), and at a kink how many says how elastic they are. Where the next sale only
    brings more nobody has reason to be just there, and nothing is looked for.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``quota`` and ``sales``; see :func:`relative_attainment`.
    plan : Plan
    reach : float
        How far below a jump payees may come from, as a share of the quota.
    beside : float
        What a sale is worth beside the plan, as a share of its amount (see :class:`Response`).
    settings : BunchingSettings
        As for :func:`bunching`, ``bin_width`` as a share of the quota; what the kind of the
        threshold calls for is set here.
    least : int
        With fewer payee-periods than this around a threshold there is no estimate, but the reason.
    draws, level, seed
        As for :func:`bunching`.

    Returns
    -------
    list of Bunching
        By level; empty where the plan has no such threshold (:func:`plan_thresholds`).

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
    >>> found = plan_bunching(pd.DataFrame({"quota": 1.0, "sales": sales}), plan=plan)
    >>> [(pile.threshold, pile.kind, pile.pull, pile.verdict) for pile in found]
    [(1.0, 'notch', 'up', 'bunching'), (1.3, 'kink', 'stop', 'not_shown')]
    """
    found, thresholds = [], plan_thresholds(plan)
    for row in thresholds[thresholds["pull"].isin(["up", "stop"])].itertuples():
        at, width = row.level, settings.width(row.level)
        near = int((np.abs(attainment_values(attainment, at) - at) < 20 * width).sum())
        if near < least:
            found.append(_refused(at, row.pull, width, near, "few_near"))
            continue
        others = thresholds["level"][thresholds["level"] != at].to_numpy()
        looked = _looked_for(row, others, reach, beside, settings)
        try:
            pile = bunching(attainment, at, **looked, draws=draws, level=level, seed=seed)
        except NoEstimate:
            pile = _refused(at, row.pull, width, near, "uneven")
        found.append(pile)
    return found


def strongest_pile(piles: Sequence[Bunching], *, pull: str) -> Bunching | None:
    """The pile with the most payee-periods in excess, of those that are shown; else None.

    Parameters
    ----------
    piles : list of Bunching
        As from :func:`plan_bunching`.
    pull : str
        ``up``, of payees who push up to a threshold, or ``stop``, of those who stop there.
    """
    shown = [pile for pile in piles if pile.pull == pull and pile.verdict == "bunching"]
    return max(shown, key=lambda pile: pile.B, default=None)


def _looked_for(row, others, reach: float, beside: float, settings: BunchingSettings) -> dict:
    """The kind of threshold, and the settings and rates that the reward there calls for."""
    at, width = row.level, settings.width(row.level)
    settings = replace(settings, excluded_right=1)
    if row.pull == "up":
        # The window ends before the next threshold, which has a response of its own.
        room = min(((other - at) / width for other in others if other > at), default=21.0)
        settings = replace(
            settings,
            bins_right=int(np.clip(int(room) - 1, 4, 20)),
            degree=min(settings.degree, 3),
            excluded_left=max(int(round(reach / width)), 1),
        )
        return {"kind": "notch", "missing": "below", "settings": settings}
    beside_it = [other for other in others if 2 * width < abs(other - at) < 19 * width]
    settings = replace(settings, other_thresholds=_apart(beside_it, at, width))
    if row.jump < 0:
        return {"kind": "notch", "settings": replace(settings, excluded_right=None)}
    settings = replace(settings, parametric=True, correct="shift")
    return {"rates": (row.below + beside, row.above + beside), "settings": settings}


def _apart(levels: Sequence[float], at: float, width: float) -> tuple[float, ...]:
    """The levels, one for each bin."""
    by_bin = {int(np.floor((level - at) / width + 0.5)): level for level in levels}
    return tuple(by_bin.values())


def _refused(at: float, pull: str, width: float, near: int, why: str) -> Bunching:
    """No estimate, and why."""
    bins = ["bin", "level", "level_low", "level_high", "count", "counterfactual", "excess", "role"]
    names = ("B", "b", "response", "response_share", "response_adjusted", "elasticity")
    names += ("missing_mass", "dominated_to", "stuck_share")
    return Bunching(
        kind="", missing="below" if pull == "up" else "", threshold=float(at), bin_width=width,
        excluded_left=0, excluded_right=0, payees=near, left_out=0, **dict.fromkeys(names, np.nan),
        counterfactual=pd.DataFrame(columns=bins),
        intervals=pd.DataFrame(columns=["name", "value", "error", "low", "high"]), refused=why,
    )  # fmt: skip
