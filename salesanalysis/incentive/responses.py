"""How sales answer when thresholds move: not at all, by a constant elasticity, or by reachability.

All three start from the sales seen under the present plan and say what they would be under another.
None of them is known to be true: that is why a choice of thresholds shows all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.bunching_result import Bunching
from salesanalysis.incentive.commission import payout_amounts
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.plan_bunching import strongest_pile

RESPONSES = ("none", "elastic", "reachable")
#: A step by which the slope of a payout is measured, as a share of the quota.
_STEP = 1e-3
#: How wide a cell of payee-periods is that answer alike, as a share of the quota.
_CELL = 2.5e-4
#: Payee-periods that are computed at once: so few that they stay in the cache of a processor.
_BLOCK = 1 << 12


@dataclass(frozen=True)
class Response:
    """An assumption about how sales answer.

    Parameters
    ----------
    kind : str
        - ``none``: sales stay as they are.
        - ``elastic``: each payee sells what is best for the payee, where the last sale costs more
          effort the more is sold; ``elasticity`` is that of sales with respect to what the next
          sale is worth: the plan's reward and ``beside``.
        - ``reachable``: effort is highest where a target is likely but not certain: sales rise by
          ``lift`` where its probability is a half, and by nothing where it is 0 or 1 (the mean of
          floor and stretch).
    elasticity, lift : float
        0 or more.
    beside : float
        What a sale is worth to the payee beside the plan (the salary is kept, a career made), as a
        share of its amount. Without it nobody would sell anything below a cliff.
    farthest : float
        With an elasticity: a jump of the payout that lies more than this share over the sales seen
        draws nobody. Else it would draw payees from very far; how far it does, bunching says.
    """

    kind: str = "none"
    elasticity: float = 0.0
    lift: float = 0.0
    beside: float = 0.01
    farthest: float = 0.1

    @property
    def meant(self) -> "Response":
        """The same without what its kind takes no notice of."""
        elastic, lifted = self.kind == "elastic", self.kind == "reachable"
        return replace(
            self,
            elasticity=self.elasticity if elastic else 0.0,
            lift=self.lift if lifted else 0.0,
        )

    def __post_init__(self):
        if self.kind not in RESPONSES:
            raise SalesAnalysisError(
                f"`kind` of a response is {self.kind!r}; expected one of {', '.join(RESPONSES)}."
            )
        for name in ("elasticity", "lift", "beside", "farthest"):
            if not getattr(self, name) >= 0:
                raise SalesAnalysisError(
                    f"`{name}` is {getattr(self, name)!r}; expected a number, 0 or more."
                )


#: Where the data say nothing of how payees respond.
USUAL_ELASTICITY, USUAL_FARTHEST = 0.1, 0.1


def implied_response(
    piles: Sequence[Bunching],
    *,
    behaviour: str = "elastic",
    elasticity: float = 0.0,
    lift: float = 0.1,
    beside: float = 0.01,
) -> Response:
    """The response that piles at the thresholds imply, as far as they show one.

    Parameters
    ----------
    piles : list of Bunching
        As from :func:`plan_bunching`. Where most payees stop says the elasticity, if ``elasticity``
        is 0; where most push up says how far they go.
    behaviour : str
        The kind of the response.
    elasticity, lift, beside : float
        As of :class:`Response`.

    Returns
    -------
    Response
        With an elasticity of 0.1 and a farthest way of 0.1 where no pile is shown.
    """
    if not elasticity:
        stop = strongest_pile(piles, pull="stop")
        known = stop is not None and np.isfinite(stop.elasticity)
        elasticity = stop.elasticity if known else USUAL_ELASTICITY
    up = strongest_pile(piles, pull="up")
    farthest = USUAL_FARTHEST if up is None else up.response_share
    return Response(behaviour, elasticity, lift, beside, farthest)


@dataclass(frozen=True, eq=False)
class Seen:
    """Sales seen under the present plan, and what each payee is usually worth."""

    current: Plan
    sales: np.ndarray
    quota: np.ndarray
    usual_log: np.ndarray  # mean log attainment of the payee
    spread_log: float  # of single periods around it

    @classmethod
    def of(cls, table: pd.DataFrame, current: Plan) -> "Seen":
        """From one row per payee × period with ``payee_id, quota, sales, share``."""
        # Sales of nothing have no logarithm: a hundredth of the quota stands for them.
        log = np.log(np.maximum(table["share"].to_numpy(), 0.01))
        frame = pd.DataFrame({"payee_id": table["payee_id"].to_numpy(), "log": log})
        own = frame.groupby("payee_id")["log"]
        mean, count = own.transform("mean").to_numpy(), own.transform("size").to_numpy()
        free = len(log) - own.ngroups
        within = np.sqrt(((log - mean) ** 2).sum() / free) if free > 0 else log.std()
        means, sizes = own.mean().to_numpy(), own.size().to_numpy()
        between = max(means.var(ddof=1) - (within**2 / sizes).mean(), 0.0) if len(means) > 1 else 0
        weight = between / (between + within**2 / count) if between else np.zeros(len(log))
        usual = weight * mean + (1 - weight) * log.mean()
        sales, quota = (table[name].to_numpy(dtype=float) for name in ("sales", "quota"))
        return cls(current, sales, quota, usual, float(max(within, 1e-6)))

    @cached_property
    def usual_places(self) -> tuple[np.ndarray, np.ndarray]:
        """What payees usually sell (log), each once, and which of these is whose.

        As shares of the quota where the thresholds are, else in money.
        """
        amounts = self.current.thresholds == "amount"
        usual = self.usual_log + np.log(self.quota) if amounts else self.usual_log
        return np.unique(usual, return_inverse=True)

    @cached_property
    def pull(self) -> np.ndarray:
        """How much the targets of the present plan pull."""
        return pull(self, self.current)

    @cached_property
    def reward(self) -> np.ndarray:
        """What the next sale brings under the present plan, as a share of it."""
        return _slope(self.current, self.sales, self.quota)


def answered(seen: Seen, plan: Plan, response: Response) -> np.ndarray:
    """Sales under a plan, where those seen were made under the present one.

    Under an elasticity the present plan too has an answer other than the sales seen: who is seen
    just under a threshold would have done better to reach it. Plans are compared by such answers.
    """
    if response.kind == "none":
        return seen.sales
    if response.kind == "reachable":
        lifts = [1 + response.lift * each for each in (pull(seen, plan), seen.pull)]
        return seen.sales * lifts[0] / lifts[1]
    if not response.elasticity:
        return seen.sales
    return _best_for_payee(seen, plan, response)


def pull(seen: Seen, plan: Plan) -> np.ndarray:
    """4 p (1 − p) of the probability p to reach a target: 1 at a half, the mean of the targets."""
    from scipy.special import ndtr

    usual, which = seen.usual_places
    chances = [ndtr((usual - np.log(level)) / seen.spread_log) for level in _targets(plan)]
    return np.mean([4 * p * (1 - p) for p in chances], axis=0)[which]


def _targets(plan: Plan) -> list[float]:
    """Floor and stretch, as far as the plan has them."""
    levels = [] if plan.floor is None else [float(plan.floor.at)]
    if plan.stretch is not None:
        levels.append(float(plan.stretch))
    if not levels:
        named = f"the plan {plan.name!r}" if plan.name else "the plan"
        raise SalesAnalysisError(
            f"`behaviour` is reachable, which asks how likely a floor or a stretch is, and {named}"
            " has neither. Give the plan one of them, or let `behaviour` be elastic or none."
        )
    return levels


def _best_for_payee(seen: Seen, plan: Plan, response: Response) -> np.ndarray:
    """The sales that leave the payee best off: payout and what else a sale is worth, less effort.

    Effort is such that the sales seen were right for the reward seen. The best is at a threshold,
    or where effort and reward of the next sale balance: few levels, and all are compared.
    """
    e, beside = response.elasticity, response.beside
    worth_seen = beside + seen.reward
    if not (worth_seen > 0).all():
        raise SalesAnalysisError(
            "Some sales are worth nothing to the payee under the present plan, so no effort fits"
            " them: give `beside` of the response a value over 0."
        )
    rates, jumps, which = _around_levels(plan, seen.quota)
    inner = _power(beside + rates, e)
    best = np.empty_like(seen.sales)
    for first in range(0, len(best), _BLOCK):
        rows = slice(first, first + _BLOCK)
        sales, quota, worth, at = seen.sales[rows], seen.quota[rows], worth_seen[rows], which[rows]
        levels = _levels(plan, quota)
        choices = np.vstack([sales, levels, inner[:, at] * (sales / _power(worth, e))])
        choices = np.maximum(choices, 0)
        start = np.maximum(sales, 1e-9)
        with np.errstate(over="ignore"):  # of payees who sell next to nothing
            effort = worth * start / (1 + 1 / e) * _power(choices / start, 1 + 1 / e)
        gain = paid(plan, choices, quota) + beside * choices - effort
        # A jump too far over the sales seen draws nobody to it, nor to what lies beyond.
        away = jumps[:, at] & (levels > sales * (1 + response.farthest))
        far = np.where(away, levels, np.inf).min(axis=0)
        gain[choices >= far * (1 - 1e-9)] = -np.inf
        gain[0] = np.where(sales > 0, gain[0], np.inf)  # who sells nothing stays there
        best[rows] = np.take_along_axis(choices, gain.argmax(axis=0)[None], axis=0)[0]
    return best


def _power(base: np.ndarray, exponent: float) -> np.ndarray:
    """Powers of numbers from 0 on, by the functions that are fast on arrays."""
    with np.errstate(divide="ignore"):
        return np.exp(exponent * np.log(base))


def _around_levels(plan: Plan, quota: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a further sale brings (nothing, before the first level, after each), and the jumps.

    Levels × quotas, and the quota of each payee-period: what lies at the levels hangs on the quota
    alone, and on nothing where the plan pays twice as much for twice the sales on twice the quota.
    """
    if is_proportional(plan):
        quotas, which = np.ones(1), np.zeros(len(quota), dtype=np.int64)
    else:
        quotas, which = np.unique(quota, return_inverse=True)
    levels = _levels(plan, quotas)

    before = levels.min(axis=0, keepdims=True) * 0.5
    sales = np.vstack([before, levels * (1 + _STEP), levels * (1 - 3 * _STEP)])
    slopes = _slope(plan, sales, quotas)
    up_to, short_of = np.split(slopes, [len(levels) + 1])
    rates, usual = np.vstack([np.zeros_like(quotas), up_to]), up_to[1:] + short_of
    low, high = paid(plan, np.stack([levels * (1 - _STEP), levels * (1 + _STEP)]), quotas)
    jumps = high - low > 1.5 * _STEP * levels * (usual + 1e-3)
    return rates, jumps, which


def is_proportional(plan: Plan) -> bool:
    """Whether the plan pays twice as much for twice the sales on twice the quota."""
    cap = plan.cap
    in_money = plan.bonuses or (cap and (cap.payout is not None or cap.share is not None))
    promises_share = plan.promise == "rate" or plan.base_rate is not None
    return bool(plan.thresholds == "quota" and promises_share and not in_money)


def _levels(plan: Plan, quota: np.ndarray) -> np.ndarray:
    """Levels × quotas in money at which the payout may bend or jump."""
    found = {float(tier.start) for tier in plan.tiers if tier.start > 0}
    found |= {float(bonus.at) for bonus in plan.bonuses}
    if plan.floor is not None:
        found.add(float(plan.floor.at))
    if plan.cap is not None and plan.cap.attainment is not None:
        found.add(float(plan.cap.attainment))
    unit = quota if plan.thresholds == "quota" else np.ones_like(quota)
    levels = [level * unit for level in sorted(found)]
    levels += [float(share) * quota for share in plan.attainments if share]
    return np.array(levels or [unit])


def paid(plan: Plan, sales: np.ndarray, quota: np.ndarray) -> np.ndarray:
    """Payouts in money; sales at a threshold but for the noise of floats are at it."""
    return payout_amounts(sales * (1 + 1e-12), plan=plan, quota=quota, exact=False)


def _slope(plan: Plan, sales: np.ndarray, quota: np.ndarray) -> np.ndarray:
    """Reward of the next sale, measured over a short way up; a jump is not a slope."""
    step = _STEP * quota
    here, there, far = paid(plan, np.stack([sales, sales + step / 2, sales + step]), quota)
    first, second = (there - here) / (step / 2), (far - there) / (step / 2)
    return np.maximum(np.minimum(first, second), 0.0)


@dataclass(frozen=True, eq=False)
class Cells:
    """Payee-periods of nearly the same attainment taken together, since the best for them is one.

    A cell is a four-thousandth of the quota wide, none reaches over a threshold of the present
    plan, and each stands for its mean, so that the sales of all stay what they are. ``which`` is
    the cell of each payee-period, ``times`` what turns the cell's sales into its own (the quota,
    where quotas of any size are alike), ``weight`` their sum.
    """

    seen: Seen
    which: np.ndarray
    times: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, seen: Seen, *, by_share: bool) -> "Cells":
        """The cells of payee-periods; ``by_share`` where quotas of any size are alike."""
        share = seen.sales / seen.quota
        levels = _levels(seen.current, seen.quota) / seen.quota
        over = (share * (1 + 1e-12) >= levels).sum(axis=0)
        place = np.floor(share / _CELL + 1e-9) + over + (share > 0)
        quota = np.zeros(len(share)) if by_share else seen.quota
        _, which = np.unique(np.stack([quota, place]), axis=1, return_inverse=True)
        times = seen.quota if by_share else np.ones(len(share))
        weight = np.bincount(which, weights=times)
        sales = np.bincount(which, weights=seen.sales) / weight
        quota = np.bincount(which, weights=seen.quota) / weight
        none = np.zeros(len(weight))
        return cls(Seen(seen.current, sales, quota, none, seen.spread_log), which, times, weight)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """What belongs to each payee-period, from what belongs to each cell."""
        return values[self.which] * self.times
