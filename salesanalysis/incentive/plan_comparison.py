"""Plans beside each other on the same payees: what each would sell, cost and leave."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.any_plan import single_plan
from salesanalysis.incentive.attainment_values import payee_periods
from salesanalysis.incentive.plan import Plan
from salesanalysis.incentive.responses import Response, Seen
from salesanalysis.incentive.threshold_trials import Trial, floor_of, stretch_of


def plan_outcomes(
    plans: Mapping[str, Plan],
    attainment: pd.DataFrame,
    *,
    current: Plan,
    behaviour: str | Response = "none",
    margin_rate: float = 0.3,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """What plans would sell, cost and leave a period, on the payee-periods seen.

    How payees answer to another plan is an assumption, not a finding. Payee-periods without a
    quota are left out. Only differences between plans mean something: the sales seen are taken as
    those of the present plan, whatever made them.

    Parameters
    ----------
    plans : mapping of name to Plan
        The plans to compare; the present one is not among them unless named.
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``.
    current : Plan
        The plan under which the sales were made.
    behaviour : str or Response
        ``none``, or a :class:`Response`.
    margin_rate : float
        Margin of a sale before the payout, as a share of its amount.
    draws, level, seed
        Of the bootstrap over payees.

    Returns
    -------
    DataFrame
        One row per plan, in the order given: ``plan``; ``sales, cost, margin`` (money a period of
        all payees: payouts are the cost, margin is what is left after them); ``cost_rate``
        (payouts ÷ sales); ``under_floor, between, over_stretch`` (shares of the payee-periods;
        missing where the plan lacks the threshold); ``gain, gain_low, gain_high`` (margin over that
        of the present plan; the interval is that of other payees like these, not of other
        assumptions, and missing where there are fewer than two payees).

    Raises
    ------
    SalesAnalysisError
        There is no plan, or no row with a quota.

    References
    ----------
    Sales-system source, §4.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> def plan(rate):
    ...     return read_plan({"thresholds": "quota", "floor": 1, "stretch": 1.2,
    ...                       "tiers": [[0, 1, 0.03], [1, None, rate]]})
    >>> rows = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "quota": 1000.0,
    ...                      "sales": [900.0, 1300.0]})
    >>> table = plan_outcomes({"now": plan(0.05), "more": plan(0.10)}, rows, current=plan(0.05))
    >>> table[["plan", "sales", "cost", "margin", "under_floor", "gain", "gain_low", "gain_high"]]
       plan   sales  cost  margin  under_floor  gain  gain_low  gain_high
    0   now  2200.0  72.0   588.0          0.5   0.0       0.0        0.0
    1  more  2200.0  87.0   573.0          0.5 -15.0     -30.0        0.0
    """
    if not plans:
        raise SalesAnalysisError(
            "`plans` is empty; expected a name and a Plan for each to compare."
        )
    for plan in (current, *plans.values()):
        single_plan(plan, wanted="plan_outcomes")
    table = payee_periods(attainment)
    if table.empty:
        raise SalesAnalysisError("`attainment` has no row with a quota over 0.")
    response = behaviour if isinstance(behaviour, Response) else Response(str(behaviour))
    trial = Trial(table, Seen.of(table, current), margin_rate, None, 0.0)
    rows = []
    results = trial.run([*plans.values(), current], response)
    for at, (name, plan) in enumerate(plans.items()):
        floor, stretch = floor_of(plan), stretch_of(plan)
        row = trial.outcome(results[at], floor, stretch, plan.thresholds)
        unknown = {
            "under_floor": np.isnan(floor),
            "between": np.isnan(floor) or np.isnan(stretch),
            "over_stretch": np.isnan(stretch),
        }
        row |= {k: np.nan for k, no in unknown.items() if no}
        gain = trial.gain([results[at], results[-1]], 0, draws, level, seed)
        del gain["won_share"]  # there is only one to win
        rows.append({"plan": name} | row | gain)
    return pd.DataFrame(rows)
