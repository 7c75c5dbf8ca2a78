"""What a plan will cost: the distribution of payout under uncertain sales, plans on equal draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.any_plan import AnyPlan, single_plan
from salesanalysis.incentive.commission import float_payouts
from salesanalysis.incentive.futures import Futures, futures
from salesanalysis.incentive.plan import Plan
from salesanalysis.stats import require_level, z_value
from salesanalysis.summarised import Summarised


@dataclass(frozen=True, eq=False, repr=False)
class Cost(Summarised):
    """What one plan costs in one period, over many possible futures.

    ``totals_amount`` are the payouts of each future, ``sales_amount`` their sales; ``payees`` has
    one row per payee (``payee_id, quota, sales, payout, payout_rate``: means over the futures).
    Shares are of payees × futures; missing where the plan has no floor, or no stretch target.
    """

    plan: Plan
    totals_amount: np.ndarray
    sales_amount: np.ndarray
    payees: pd.DataFrame
    under_floor_share: float
    between_share: float
    over_stretch_share: float
    level: float

    @property
    def draws(self) -> int:
        """How many futures."""
        return len(self.totals_amount)

    @property
    def cost_amount(self) -> float:
        """Expected payout: the mean over the futures."""
        return float(self.totals_amount.mean())

    @property
    def error_amount(self) -> float:
        """Standard error of the expected payout, from the number of futures."""
        if self.draws < 2:
            return np.nan
        return float(self.totals_amount.std(ddof=1) / np.sqrt(self.draws))

    @property
    def cost_rate(self) -> float:
        """Expected payout ÷ expected sales."""
        sales = float(self.sales_amount.mean())
        return self.cost_amount / sales if sales else np.nan

    @cached_property
    def limits_amount(self) -> np.ndarray:
        """Payout that is undercut, and exceeded, in (1 − level) ÷ 2 of the futures."""
        tail = (1 - self.level) / 2
        return np.quantile(self.totals_amount, [tail, 1 - tail])

    def distribution(self, *, bins: int = 40) -> pd.DataFrame:
        """How many futures lie in each range of cost.

        Parameters
        ----------
        bins : int
            Ranges of equal width, from the least to the greatest total.

        Returns
        -------
        DataFrame
            One row per range: ``from_amount, to_amount, draws, share`` and ``inside`` (whether its
            middle lies between the limits).
        """
        counts, edges = np.histogram(self.totals_amount, bins=bins)
        low, high = self.limits_amount
        middle = (edges[1:] + edges[:-1]) / 2
        return pd.DataFrame(
            {
                "from_amount": edges[:-1],
                "to_amount": edges[1:],
                "draws": counts,
                "share": counts / self.draws,
                "inside": (middle >= low) & (middle <= high),
            }
        )

    def summary(self) -> pd.DataFrame:
        """``name, value, unit``."""
        low, high = self.limits_amount
        rows = [
            ("cost", self.cost_amount, "amount"),
            ("cost_error", self.error_amount, "amount"),
            ("cost_low", low, "amount"),
            ("cost_high", high, "amount"),
            ("sales", float(self.sales_amount.mean()), "amount"),
            ("cost_rate", self.cost_rate, "share"),
            ("under_floor", self.under_floor_share, "share"),
            ("between", self.between_share, "share"),
            ("over_stretch", self.over_stretch_share, "share"),
            ("payees", len(self.payees), "count"),
            ("draws", self.draws, "count"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


def cost(
    plan: AnyPlan,
    sales: pd.DataFrame | ArrayLike,
    *,
    quota: ArrayLike | None = None,
    target_incentive: ArrayLike | None = None,
    distribution: str = "lognormal",
    correlation: float = 0.0,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.8,
) -> Cost:
    """What a plan will cost, from draws of future sales or from their distribution.

    Tiers, floor, caps and bonuses of one period, in floats; draws and true-ups move money between
    periods and are left out.

    Parameters
    ----------
    plan : Plan, or what :func:`read_plan` takes
    sales : array, or DataFrame
        One of

        - an array of draws × payees (or of draws, for one payee), in money, as a forecast gives it,
        - a DataFrame, one row per draw × payee: ``draw, payee_id, sales`` and ``quota``,
        - a DataFrame, one row per payee: ``payee_id, mean, sd`` of the sales and ``quota``, from
          which the draws are made,
        - the attainment table (``payee_id, period, quota, sales``): draws are made in which each
          payee attains what was attained in one of the payee's periods, at the last quota. So
          piles at thresholds come again; of fewer than four periods, one of anybody's is drawn.
    quota, target_incentive : number or array, one per payee, optional
        In money; a column of ``sales`` goes before.
    distribution : str
        ``lognormal`` or ``normal``, of draws that are made here, with that mean and sd.
    correlation : float
        0–1, between payees (of the logarithms of their sales, if lognormal): a common market makes
        the cost less certain, not higher.
    draws, seed : int
        Of draws that are made here. The same seed makes the same sales for every plan.
    level : float
        Share of the futures between the limits.

    Returns
    -------
    Cost

    Raises
    ------
    SalesAnalysisError
        Sales are missing or of the wrong shape, or a quota or target incentive is needed.

    References
    ----------
    Standard error of a simulated mean: Glasserman, P. (2003), Monte Carlo Methods in Financial
    Engineering, ch. 1.

    Examples
    --------
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1, 0.03], [1, None, 0.05]], "floor": 1,
    ...         "stretch": 1.2}
    >>> found = cost(plan, [[90.0, 110.0], [120.0, 130.0]], quota=100)
    >>> found.totals_amount.round(2), found.under_floor_share
    (array([6.2, 8.5]), 0.25)
    """
    made = {"distribution": distribution, "correlation": correlation, "draws": draws, "seed": seed}
    plans = {"plan": single_plan(plan, wanted="cost")}
    return _costs(plans, futures(sales, **made), quota, target_incentive, level)["plan"]


def compare_costs(
    plans: Mapping[str, AnyPlan],
    sales: pd.DataFrame | ArrayLike,
    *,
    quota: ArrayLike | None = None,
    target_incentive: ArrayLike | None = None,
    distribution: str = "lognormal",
    correlation: float = 0.0,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.8,
) -> pd.DataFrame:
    """What several plans cost on the same draws of future sales, and how they differ.

    On equal draws the difference is far better known than either cost.

    Parameters
    ----------
    plans : dict of name to Plan
        The first is the one that the others are compared with.
    sales, quota, target_incentive, distribution, correlation, draws, seed, level
        As for :func:`cost`.

    Returns
    -------
    DataFrame
        One row per plan: ``plan, cost, cost_low, cost_high, cost_rate, under_floor, between,
        over_stretch``, ``difference`` (to the first plan) with ``difference_low,
        difference_high`` (95% interval of its mean, from the number of draws) and
        ``dearer`` (share of the futures in which it costs more).

    Raises
    ------
    SalesAnalysisError
        As for :func:`cost`.

    References
    ----------
    Common random numbers: Glasserman, P., Yao, D. D. (1992), Management Science 38, 884–908.

    Examples
    --------
    >>> plans = {"flat": {"tiers": [[0, None, 0.03]]}, "more": {"tiers": [[0, None, 0.04]]}}
    >>> table = compare_costs(plans, [[100.0], [200.0]])
    >>> table[["plan", "cost", "difference", "dearer"]].round(2)
       plan  cost  difference  dearer
    0  flat   4.5         0.0     0.0
    1  more   6.0         1.5     1.0
    """
    if not plans:
        raise SalesAnalysisError("`plans` is empty; expected a dict of names to plans.")
    plans = {name: single_plan(plan, wanted="compare_costs") for name, plan in plans.items()}
    made = {"distribution": distribution, "correlation": correlation, "draws": draws, "seed": seed}
    found = _costs(plans, futures(sales, **made), quota, target_incentive, level)
    first = next(iter(found.values()))
    rows = []
    for name, each in found.items():
        apart = each.totals_amount - first.totals_amount
        error = apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
        half = z_value(0.95) * error
        values = each.summary().set_index("name")["value"]
        names = ["cost", "cost_low", "cost_high", "cost_rate", "under_floor", "between"]
        rows.append(
            {"plan": name}
            | {key: values[key] for key in [*names, "over_stretch"]}
            | {
                "difference": apart.mean(),
                "difference_low": apart.mean() - half,
                "difference_high": apart.mean() + half,
                "dearer": float((apart > 0).mean()),
            }
        )
    return pd.DataFrame(rows)


def _costs(plans, future: Futures, quota, target, level: float) -> dict[str, Cost]:
    """The cost of each plan, all on the same futures."""
    require_level(level)
    payees = future.payees
    quotas = _per_payee(payees, "quota", quota)
    totals = {name: np.empty(future.draws) for name in plans}
    by_payee = {name: np.zeros(len(payees)) for name in plans}
    counts = {name: np.zeros(2) for name in plans}
    sold, sold_by_payee = np.empty(future.draws), np.zeros(len(payees))
    needs = {name: _needs(plan, quotas, payees, target) for name, plan in plans.items()}
    for rows, block in future.blocks():
        sold[rows] = block.sum(axis=1)
        sold_by_payee += block.sum(axis=0)
        for name, plan in plans.items():
            paid = float_payouts(plan, block, *needs[name])
            totals[name][rows] = paid.sum(axis=1)
            by_payee[name] += paid.sum(axis=0)
            counts[name] += _positions(plan, block, quotas)
    found = {}
    for name, plan in plans.items():
        under, over = (float(k) / (future.draws * len(payees)) for k in counts[name])
        table = payees[["payee_id"]].assign(quota=np.nan if quotas is None else quotas)
        table["sales"] = sold_by_payee / future.draws
        table["payout"] = by_payee[name] / future.draws
        with np.errstate(divide="ignore", invalid="ignore"):
            table["payout_rate"] = table["payout"] / table["sales"]
        between = 1 - under - (0.0 if plan.stretch is None else over)
        found[name] = Cost(plan, totals[name], sold, table, under, between, over, level)
    return found


def _positions(plan: Plan, block, quotas) -> np.ndarray:
    """How many are under the floor, how many reach the stretch; missing where there is none."""
    found = np.full(2, np.nan)
    scale = quotas if plan.thresholds == "quota" else 1.0
    if plan.floor is not None:
        found[0] = np.count_nonzero(block < float(plan.floor.at) * scale)
    if plan.stretch is not None:
        found[1] = np.count_nonzero(block >= float(plan.stretch) * scale)
    return found


def _needs(plan: Plan, quotas, payees: pd.DataFrame, target):
    """Quota and target incentive as the payouts of a plan need them."""
    if plan.ladder.needs_quota and quotas is None:
        raise SalesAnalysisError("`quota` is needed: the plan looks at shares of it.")
    own = None if plan.target_incentive is None else float(plan.target_incentive)
    targets = _per_payee(payees, "target_incentive", own if target is None else target)
    if plan.on_target and targets is None:
        raise SalesAnalysisError("`target_incentive` is needed: the plan pays shares of it.")
    return quotas, targets


def _per_payee(payees: pd.DataFrame, name: str, given):
    if name in payees.columns:
        given = payees[name].to_numpy(float)
    if given is None:
        return None
    values = np.broadcast_to(np.asarray(given, dtype=float), (len(payees),))
    if not (values > 0).all():
        bad = payees["payee_id"].to_numpy()[~(values > 0)]
        raise SalesAnalysisError(
            f"`{name}` is missing, zero or negative for {', '.join(map(str, bad[:5]))};"
            " leave these payees out, or give them one."
        )
    return values
