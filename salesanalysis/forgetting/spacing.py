"""The same number of refreshers, differently spaced: massed, equal, expanding, the best."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_choice, require_number
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.decay import Decay
from salesanalysis.forgetting.reinforcement import ReinforcementEffect
from salesanalysis.forgetting.schedules import (
    DAYS_A_WEEK,
    RefresherCost,
    Schedule,
    as_factor,
    checked,
    follow,
    gained,
    schedule,
)

#: Ways to place a given number of refreshers.
SPACINGS = ("none", "massed", "equal", "expanding", "optimal")
#: Shares known at which the search for the best common level begins and ends.
_LEAST_LEVEL, _TOLERANCE = 1e-9, 1e-12
#: Of the search for the best gaps: the least share of the horizon that a gap begins with, the step
#: of a logarithm that a slope is measured by, and the slope at which it rests.
_LEAST_GAP, _STEP, _FLAT = 1e-6, 1e-5, 1e-8


def spaced_schedule(
    curve: ForgettingCurve,
    *,
    spacing: str,
    refreshers: int = 0,
    horizon_weeks: float = 52.0,
    target: float = 0.8,
    effect: float | ReinforcementEffect = 1.0,
    restores: float = 1.0,
    full_effect_at: float | None = None,
    growth: float = 2.0,
    each: RefresherCost = RefresherCost(),
) -> Schedule:
    """A given number of refreshers, placed in one of the usual ways.

    - ``target``: as late as the target allows, and as many as that takes; see :func:`schedule`.
    - ``none``: no refresher at all.
    - ``massed``: all at once, right after the training.
    - ``equal``: the same time between training, refreshers and the end of the horizon.
    - ``expanding``: each time ``growth`` times as long as the one before.
    - ``optimal``: the most known on average over the horizon.

    A refresher lengthens only as far as something was forgotten before it: by the factor
    effectˣ, x = (restores − known before) / (restores − full_effect_at), at least 0 and at most 1.
    So massed refreshers bring nothing, which is the spacing effect at its plainest; with
    ``full_effect_at`` = ``restores`` each refresher lengthens by the whole factor, whenever it
    comes.

    With full effect the best schedule refreshes whenever what is known has fallen to one common
    level, which is also that at the horizon: the integral of what is known after each refresher is
    concave in the time given to it, so at the best the levels at the ends are equal. Where that
    level lies over ``full_effect_at`` (many refreshers), the best gaps are searched numerically.

    Parameters
    ----------
    curve : ForgettingCurve
        As for :func:`schedule`, as are ``horizon_weeks, effect, restores, each``.
    spacing : str
        One of the above.
    refreshers : int
        How many, from 0 to 100; not looked at for ``target``.
    target : float
        The share for :attr:`Schedule.under_target_share`; it moves the refreshers of ``target``.
    full_effect_at : float, optional
        Share known at or under which a refresher lengthens by the whole factor; the target where
        not given.
    growth : float
        How many times longer each gap of ``expanding`` is than the one before.

    Returns
    -------
    Schedule

    Raises
    ------
    SalesAnalysisError
        An argument is out of its limits.

    References
    ----------
    Spacing effect: Cepeda, N. J. and others (2006), Psychological Bulletin 132, 354–380; (2008),
    Psychological Science 19, 1095–1102. Expanding and equal spacing: Landauer, T. K., Bjork, R. A.
    (1978), in: Practical Aspects of Memory, 625–632.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> settings = {"refreshers": 3, "horizon_weeks": 26, "effect": 1.5}
    >>> best = spaced_schedule(source, spacing="optimal", **settings)
    >>> best.refreshers[["weeks", "retention_before"]].round(3)
       weeks  retention_before
    0    3.2             0.647
    1    8.0             0.647
    2   15.2             0.647
    >>> round(best.end_retention, 3)
    0.647
    """
    effect = as_factor(effect)
    facts = checked(target, horizon_weeks, restores, each)
    require_choice("spacing", spacing, ("target", *SPACINGS))
    if spacing == "target":
        return schedule(curve, effect=effect, **facts)
    require_number("refreshers", refreshers, low=0, high=100, whole=True)
    require_number("growth", growth, over=0)
    full = target if full_effect_at is None else full_effect_at
    require_number("full_effect_at", full, low=0, high=1)
    horizon = horizon_weeks * DAYS_A_WEEK
    n = 0 if spacing == "none" else int(refreshers)
    search = _Search(Decay.of(curve), n, horizon, effect, restores, full)
    gaps = {
        "none": search.equal,
        "massed": search.massed,
        "equal": search.equal,
        "expanding": lambda: search.expanding(growth),
        "optimal": search.best,
    }[spacing]()
    days = np.cumsum(gaps)[:n]
    return follow(curve, days, spacing=spacing, effect=effect, full_effect_at=full, **facts)


def compare_schedules(
    curve: ForgettingCurve,
    *,
    refreshers: int | None = None,
    horizon_weeks: float = 52.0,
    target: float = 0.8,
    effect: float | ReinforcementEffect = 1.0,
    restores: float = 1.0,
    full_effect_at: float | None = None,
    growth: float = 2.0,
    each: RefresherCost = RefresherCost(),
) -> pd.DataFrame:
    """The same number of refreshers, massed, equally spaced, expanding and at the best times.

    Parameters
    ----------
    refreshers : int, optional
        How many; as many as :func:`schedule` needs to keep the target where not given.
    curve, horizon_weeks, target, effect, restores, full_effect_at, growth, each
        As for :func:`spaced_schedule`.

    Returns
    -------
    DataFrame
        One row per way, in the order of :func:`spaced_schedule`: ``spacing, refreshers,
        mean_retention, min_retention, end_retention, under_target_share`` (of the time up to the
        horizon), ``first_weeks, last_weeks, person_hours, cost``.

    Raises
    ------
    SalesAnalysisError
        An argument is out of its limits.

    References
    ----------
    As for :func:`spaced_schedule`.

    Examples
    --------
    >>> from salesanalysis.forgetting import known_curve
    >>> source = known_curve("exponential", half_life=5.1, time_unit="weeks")
    >>> table = compare_schedules(source, refreshers=4, horizon_weeks=26, effect=1.5)
    >>> table[["spacing", "mean_retention", "min_retention", "under_target_share"]].round(3)
         spacing  mean_retention  min_retention  under_target_share
    0       none           0.275          0.029               0.937
    1     massed           0.275          0.029               0.937
    2      equal           0.841          0.493               0.300
    3  expanding           0.834          0.629               0.379
    4    optimal           0.877          0.765               0.167
    """
    settings = {"horizon_weeks": horizon_weeks, "target": target, "effect": effect}
    settings |= {"restores": restores, "each": each}
    if refreshers is None:
        refreshers = len(schedule(curve, **settings).refreshers)
    rows = []
    for spacing in SPACINGS:
        made = spaced_schedule(
            curve,
            spacing=spacing,
            refreshers=refreshers,
            full_effect_at=full_effect_at,
            growth=growth,
            **settings,
        )
        rows.append({"spacing": spacing} | made.summary().set_index("name")["value"].to_dict())
    columns = ["spacing", "refreshers", "mean_retention", "min_retention", "end_retention"]
    columns += ["under_target_share", "first_weeks", "last_weeks", "person_hours", "cost"]
    return pd.DataFrame(rows, columns=columns).astype({"refreshers": "int64"})


class _Search:
    """Gaps between the training, n refreshers and the horizon, in days: n + 1 of them."""

    def __init__(self, decay: Decay, n: int, horizon: float, effect, restores, full_effect_at):
        self.decay, self.n, self.horizon = decay, n, horizon
        self.effect, self.restores, self.full = effect, restores, full_effect_at
        self.top = np.append(decay.start, np.full(n, restores))

    def massed(self) -> np.ndarray:
        return np.append(np.zeros(self.n), self.horizon)

    def equal(self) -> np.ndarray:
        return np.full(self.n + 1, self.horizon / (self.n + 1))

    def expanding(self, growth: float) -> np.ndarray:
        gaps = growth ** np.arange(self.n + 1)
        return self.horizon * gaps / gaps.sum()

    def best(self) -> np.ndarray:
        """The gaps with the most known on average."""
        level, gaps = self._one_level()
        whole = self.full >= self.restores or (self.effect >= 1 and level <= self.full)
        if whole or self.effect == 1 or not self.n:
            return gaps  # with full effect; less effect cannot know more
        return self._searched([gaps, self.equal(), self.expanding(self.effect)])

    def known(self, gaps: np.ndarray) -> np.ndarray:
        """What is known on average with the gaps along the last axis."""
        lengthening, total = np.ones(gaps.shape[:-1]), 0.0
        for at, top in enumerate(self.top):
            slowed = gaps[..., at] / lengthening
            total = total + top * lengthening * self.decay.integral(slowed)
            before = top * self.decay.share(slowed)
            lengthening = lengthening * self.effect ** gained(before, self.restores, self.full)
        return total / self.horizon

    def _one_level(self) -> tuple[float, np.ndarray]:
        """The common level to refresh at, with full effect, and the gaps that lead to it."""
        from scipy.optimize import brentq

        slow = self.effect ** np.arange(self.n + 1)

        def gaps(level: float) -> np.ndarray:
            return slow * np.array([self.decay.delay(level / top) for top in self.top])

        def excess(level: float) -> float:
            return min(gaps(level).sum(), 2 * self.horizon) - self.horizon

        highest = float(self.top.max())
        if excess(_LEAST_LEVEL) <= 0:
            return _LEAST_LEVEL, self.equal()  # all is forgotten long before: nothing to choose
        level = brentq(excess, _LEAST_LEVEL, highest, xtol=_TOLERANCE)
        found = gaps(level)
        if not np.isfinite(found).all():
            return level, self.equal()  # never forgotten so far: nothing to choose
        return level, found * self.horizon / found.sum()

    def _searched(self, starts: list[np.ndarray]) -> np.ndarray:
        """The best gaps found from several starts, as logarithms: they cannot be under 0."""
        from scipy.optimize import minimize

        def gaps(logs: np.ndarray) -> np.ndarray:
            shares = np.exp(logs - logs.max(axis=-1, keepdims=True))
            return self.horizon * shares / shares.sum(axis=-1, keepdims=True)

        def lost(logs: np.ndarray) -> tuple[float, np.ndarray]:
            steps = _STEP * np.eye(len(logs))
            known = -self.known(gaps(logs + np.vstack([0 * logs, steps, -steps])))
            up, down = np.split(known[1:], 2)
            return known[0], (up - down) / (2 * _STEP)

        wishes = {"method": "BFGS", "jac": True, "options": {"gtol": _FLAT}}
        begin = np.log(np.maximum(sorted(starts, key=self.known)[-2:], _LEAST_GAP * self.horizon))
        found = [gaps(minimize(lost, logs, **wishes).x) for logs in begin]
        return max([*starts, *found], key=self.known)
