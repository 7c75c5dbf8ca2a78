"""Where to set floor and stretch: the pair of most margin at a cost limit, and how sure that is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.incentive.any_plan import single_plan
from salesanalysis.incentive.attainment_values import payee_periods
from salesanalysis.incentive.components import ComponentPlan
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.responses import Response, Seen
from salesanalysis.incentive.threshold_trials import Trial, floor_of, moved, stretch_of
from salesanalysis.summarised import Summarised

#: Floors, as multiples of the present one, and ratios of stretch to floor that are tried.
FLOORS = tuple(round(0.7 + 0.05 * step, 2) for step in range(11))
RATIOS = tuple(round(1.1 + 0.05 * step, 2) for step in range(11))


@dataclass(frozen=True, eq=False, repr=False)
class ThresholdChoice(Summarised):
    """Floor and stretch of most margin at a cost limit, as from :func:`optimise`.

    Attributes
    ----------
    floor, stretch : float
        In the unit of the plan's thresholds; missing where no pair keeps the limits.
    unit : float
        What they are divided by to be read as shares: 1 where they are shares of the quota, the
        present floor where they are amounts.
    margin, cost, cost_rate : float
        Money per period of all payees: margin after payouts, payouts; payouts ÷ sales.
    gain, gain_low, gain_high : float
        Margin over that of the present thresholds, and its interval over payees drawn again. It is
        the gain *if the assumption holds*; ``sensitivity`` says what if not.
    won_share : float
        In which share of those draws this very pair was the best.
    stretch_matters : bool
        Whether the stretch changes anything under this assumption; if not, the one that is shown
        is the least one tried.
    at_edge : bool
        Whether the pair is at the edge of what was tried: the best may lie further on.
    response : Response
        The assumption.
    grid : DataFrame
        One row per pair: ``floor_at, stretch_at, stretch_ratio, sales, cost, cost_rate, margin,
        under_floor, between, over_stretch`` (shares of the payee-periods), ``allowed``
        (within both limits), ``on_frontier, chosen, present``.
    sensitivity : DataFrame
        One row per assumption: ``behaviour, elasticity, lift, floor_at, stretch_at, margin,
        cost_rate``
        of the best pair under it; ``chosen_margin, chosen_cost_rate, chosen_allowed`` of the pair
        chosen here; ``regret`` (margin lost by it, where it keeps the limits);
        ``present_margin``.
    rule : DataFrame
        One row per assumption × ratio of the source's rule, the floor where it is: ``behaviour,
        elasticity, lift, floor_at, stretch_at, base_rate, excess_rate, margin, cost_rate,
        chosen_margin``.
    binds : tuple of str
        The limits without which another pair would leave more margin: ``cost_limit``,
        ``keep_payout``.
    cost_limit, keep_payout : float
        The limits, infinite and 0 where there are none.
    verdict : str
        ``better``, ``not_shown`` (the interval of the gain holds 0), ``at_edge`` (the pair is at
        the edge of what was tried, so no pair is recommended), or ``over_limit`` (no pair keeps the
        limits).
    """

    floor: float
    stretch: float
    unit: float
    margin: float
    cost: float
    cost_rate: float
    gain: float
    gain_low: float
    gain_high: float
    won_share: float
    stretch_matters: bool
    at_edge: bool
    response: Response
    grid: pd.DataFrame
    sensitivity: pd.DataFrame
    rule: pd.DataFrame
    binds: tuple[str, ...]
    cost_limit: float
    keep_payout: float
    verdict: str

    @property
    def frontier(self) -> pd.DataFrame:
        """The pairs than which no other has more margin at the same cost or less, by cost."""
        rows = self.grid[self.grid["on_frontier"]]
        return rows.sort_values("cost", kind="stable").reset_index(drop=True)

    def best_pairs(self, most: int = 10) -> pd.DataFrame:
        """The pairs within the limits, most margin first, after the present one."""
        tried = self.grid[self.grid["allowed"] & ~self.grid["present"]]
        order = tried.sort_values("margin", ascending=False, kind="stable").head(most)
        return pd.concat([self.grid[self.grid["present"]], order], ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """One row per number: ``name, value, unit``."""
        rows = [
            ("floor", self.floor, "level"),
            ("stretch", self.stretch, "level"),
            ("margin", self.margin, "money per period"),
            ("cost", self.cost, "money per period"),
            ("cost_rate", self.cost_rate, "share of sales"),
            ("gain", self.gain, "money per period"),
            ("gain_low", self.gain_low, "money per period"),
            ("gain_high", self.gain_high, "money per period"),
            ("won_share", self.won_share, "share"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


@dataclass(frozen=True)
class ThresholdSettings:
    """Which pairs of floor and stretch are tried, and under which assumptions.

    Parameters
    ----------
    keep_payout : float
        The least that payouts may be, as a share of the present ones. No assumption here says that
        payees leave where less is paid, so without it the thresholds move out of their reach.
    elasticity, lift, farthest : float
        Of the behaviour where it is given by its name (see :class:`Response`), and of the
        assumptions tried beside it.
    least_statements, least_payees : int
        With fewer payee-periods or payees than these no pair is looked for.
    floors : sequence of float, optional
        To try, in the unit of the plan's thresholds; 0.7 to 1.2 of the present one where not given.
    ratios : sequence of float
        Stretch over floor.
    assumptions : sequence of Response, optional
        For the sensitivity; none, half, once and twice the elasticity, and the lift, where not
        given.

    Examples
    --------
    >>> ThresholdSettings(floors=(1.0,)).ratios[0]
    1.1
    """

    keep_payout: float = 0.0
    elasticity: float = 0.1
    lift: float = 0.1
    farthest: float = 0.1
    least_statements: int = 100
    least_payees: int = 20
    floors: Sequence[float] | None = None
    ratios: Sequence[float] = RATIOS
    assumptions: Sequence[Response] | None = None

    def response(self, behaviour: str | Response) -> Response:
        """What is assumed of the payees."""
        if isinstance(behaviour, Response):
            return behaviour
        strength = {"elasticity": self.elasticity, "lift": self.lift, "farthest": self.farthest}
        return Response(str(behaviour), **strength)

    def others(self, response: Response, current: Plan) -> list[Response]:
        """The assumptions for the sensitivity; reachability needs a target that is there now."""
        if self.assumptions is not None:
            return list(self.assumptions)
        targets = np.isfinite([floor_of(current), stretch_of(current)]).any()
        also = {"beside": response.beside, "farthest": response.farthest}
        elastic = response.elasticity if response.kind == "elastic" else self.elasticity
        lift = response.lift if response.kind == "reachable" else self.lift
        return [
            Response("none", **also),
            *(Response("elastic", elasticity=elastic * k, **also) for k in (0.5, 1, 2)),
            *(Response("reachable", lift=lift * k, **also) for k in (1, 2) if targets),
        ]

    def pairs(self, current: Plan) -> list[tuple[float, float]]:
        """The pairs of floor and stretch to be tried."""
        floors = self.floors
        if floors is None:
            present = floor_of(current) if np.isfinite(floor_of(current)) else 1.0
            floors = [round(present * share, 9) for share in FLOORS]
        return [(floor, round(floor * ratio, 9)) for floor in floors for ratio in self.ratios]


def optimise(
    plan: Plan | Callable[..., Plan],
    attainment: pd.DataFrame,
    *,
    margin_rate: float = 0.3,
    cost_limit: float | None = None,
    behaviour: str | Response = "none",
    current: Plan | None = None,
    settings: ThresholdSettings = ThresholdSettings(),
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> ThresholdChoice:
    """The floor and stretch of most margin at a cost limit, under a stated answer of the payees.

    Every pair of a grid is tried on the payee-periods seen: what they would sell under it, what
    that pays, what is left. The answer of the payees is an assumption, so the result holds the best
    pair under each other assumption too, and what the chosen pair would lose there. Payee-periods
    without a quota are left out. Only differences between plans mean something: the sales seen
    are taken as those of the present plan, whatever made them.

    Parameters
    ----------
    plan : Plan, or callable
        The present plan, whose floor and stretch are moved and whose tiers move with them; or a
        function of ``floor=`` and ``stretch=`` that makes a plan (then give ``current``).
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``.
    margin_rate : float
        Margin of a sale before the payout, as a share of its amount.
    cost_limit : float, optional
        The most that payouts may be, as a share of the sales; none where not given.
    behaviour : str or Response
        ``none``, ``elastic`` (constant elasticity, as estimated by
        :func:`~salesanalysis.incentive.bunching`), ``reachable`` (more where a target is as
        likely as not), or a :class:`Response`.
    current : Plan, optional
        The plan under which the sales were made, where ``plan`` is a function.
    settings : ThresholdSettings
        What is tried, and how strong the assumptions are.
    draws, level, seed
        Of the bootstrap over payees.

    Returns
    -------
    ThresholdChoice

    Raises
    ------
    SalesAnalysisError
        The plan has no floor or no stretch, there is no present plan, or there are too few
        statements or payees (:func:`too_few_to_choose`).

    References
    ----------
    Kleven, H. J. (2016), Annual Review of Economics 8, 435–464 (isoelastic effort). Atkinson,
    J. W. (1957), Psychological Review 64, 359–372 (effort where success is as likely as not).
    Joseph, K., Kalwani, M. U. (1998), Industrial Marketing Management 27, 147–163 (quotas).
    Sales-system source, §4, §14.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan = read_plan({"thresholds": "quota", "floor": 1, "stretch": 1.3,
    ...                   "tiers": [[0, 1, 0.03], [1, None, 0.05]]})
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"payee_id": np.repeat(np.arange(50), 4).astype(str),
    ...     "period": ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"] * 50, "quota": 1000.0,
    ...     "sales": 1000 * rng.lognormal(0, 0.25, 200)})
    >>> choice = optimise(plan, rows, cost_limit=0.031)
    >>> choice.floor, choice.stretch_matters, choice.verdict
    (1.2, False, 'at_edge')
    >>> choice.sensitivity[["behaviour", "elasticity", "floor_at"]].head(3)
      behaviour  elasticity  floor_at
    0      none        0.00      1.20
    1   elastic        0.05      1.15
    2   elastic        0.10      1.15
    """
    family, current = _family(plan, current)
    table = payee_periods(attainment)
    if table.empty:
        raise SalesAnalysisError("`attainment` has no row with a quota over 0.")
    if few := too_few_to_choose(table, settings):
        raise SalesAnalysisError(
            "{statements:,} statements of {payees:,} payees are too few to choose thresholds by;"
            " {least_statements:,} of {least_payees:,} are needed (`least_statements` and"
            " `least_payees` of the settings).".format(**few[0].values)
        )
    seen = Seen.of(table, current)
    response = settings.response(behaviour)
    tried, pairs = settings.others(response, current), settings.pairs(current)
    plans = [family(floor=floor, stretch=stretch) for floor, stretch in pairs]
    trial = Trial(table, seen, margin_rate, cost_limit, settings.keep_payout)
    results = trial.run([*plans, current], response)
    grid = trial.grid(results, [*pairs, (floor_of(current), stretch_of(current))])
    best = trial.best(results)
    gain = trial.gain(results, best, draws, level, seed)
    sensitivity = trial.sensitivity(tried, plans, pairs, best, known={response.meant: results})
    grid["chosen"] = grid.index == best
    at_edge = best is not None and _at_edge(pairs, best, _matters(grid))
    return ThresholdChoice(
        floor=np.nan if best is None else pairs[best][0],
        stretch=np.nan if best is None else pairs[best][1],
        unit=floor_of(current) if current.thresholds == "amount" else 1.0,
        **{name: _of(grid, best, name) for name in ("margin", "cost", "cost_rate")},
        **gain,
        stretch_matters=_matters(grid),
        at_edge=at_edge,
        response=response,
        grid=grid,
        sensitivity=sensitivity,
        rule=trial.rule(tried, sensitivity["chosen_margin"], floor_of(current)),
        binds=trial.binding(results, best),
        cost_limit=trial.limit,
        keep_payout=trial.keep,
        verdict=_verdict(best, gain, at_edge),
    )


def _family(plan, current) -> tuple[Callable[..., Plan], Plan]:
    """How a plan is made from floor and stretch, and the present one."""
    for one in (plan, current):
        if isinstance(one, ComponentPlan):
            single_plan(one, wanted="optimise")
    if isinstance(plan, Plan):
        if plan.floor is None or plan.stretch is None:
            raise SalesAnalysisError(
                "`plan` needs a floor and a stretch to be moved; give them, or a function of"
                " `floor=` and `stretch=` that makes a plan."
            )
        return (lambda *, floor, stretch: moved(plan, floor=floor, stretch=stretch)), (
            current or plan
        )
    if not callable(plan):
        raise SalesAnalysisError(
            f"`plan` is {plan!r}; expected a Plan, or a function of `floor=` and `stretch=`."
        )
    if current is None:
        raise SalesAnalysisError(
            "`current` is needed: sales are seen under a plan, and only changes of it can be told."
        )
    return plan, current


def _matters(grid: pd.DataFrame) -> bool:
    """Whether pairs of the same floor differ by their stretch."""
    tried = grid[~grid["present"]].groupby("floor_at")["margin"]
    spread = tried.max() - tried.min()
    return bool((spread > 1e-9 * grid["margin"].abs().max()).any())


def _at_edge(pairs, best: int, stretch_matters: bool) -> bool:
    """Whether floor or stretch is the first or last of several that were tried."""
    floors = sorted({floor for floor, _ in pairs})
    stretches = sorted(stretch for floor, stretch in pairs if floor == pairs[best][0])
    edge = len(floors) > 1 and pairs[best][0] in (floors[0], floors[-1])
    far = len(stretches) > 1 and pairs[best][1] in (stretches[0], stretches[-1])
    return bool(edge or (stretch_matters and far))


def _of(grid: pd.DataFrame, at: int | None, name: str) -> float:
    return np.nan if at is None else float(grid[name].iloc[at])


def _verdict(best: int | None, gain: dict[str, float], at_edge: bool) -> str:
    if best is None:
        return "over_limit"
    if gain["gain_low"] > 0:
        return "at_edge" if at_edge else "better"
    return "not_shown"


def too_few_to_choose(
    attainment: pd.DataFrame, settings: ThresholdSettings = ThresholdSettings()
) -> list[Finding]:
    """Whether there are too few statements or payees to choose thresholds by, as a finding.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``; rows without a quota do not count.
    settings : ThresholdSettings
        Its ``least_statements`` and ``least_payees``.

    Returns
    -------
    list of Finding
        ``too_few``, or nothing where :func:`optimise` can look.

    Examples
    --------
    >>> rows = pd.DataFrame({"payee_id": ["a"], "period": "2025", "quota": 1.0, "sales": 2.0})
    >>> [found.values["statements"] for found in too_few_to_choose(rows)]
    [1]
    """
    table = payee_periods(attainment)
    seen = {"statements": len(table), "payees": table["payee_id"].nunique()}
    least = {
        "least_statements": settings.least_statements,
        "least_payees": settings.least_payees,
    }
    if len(table) >= least["least_statements"] and seen["payees"] >= least["least_payees"]:
        return []
    return [Finding("headline", "too_few", seen | least)]
