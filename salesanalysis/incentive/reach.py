"""Which payees can reach floor and stretch: a target is a peach that one reaches by jumping."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.attainment_values import attainment_shares, snapped
from salesanalysis.stats import require_level, wilson


def reachability(
    attainment: pd.DataFrame,
    *,
    floor: float | None = None,
    stretch: float | None = None,
    draws: ArrayLike | None = None,
    by: Sequence[str] | str = ("payee_id",),
    easy: float = 0.9,
    hopeless: float = 0.1,
    least_periods: int = 4,
    level: float = 0.95,
) -> pd.DataFrame:
    """How likely floor and stretch are reached, and what they are then: too easy, a jump, too hard.

    From history, the rate is the share of the periods in which the level was reached. From draws of
    a forecast it is the share of the draws. Payee-periods without a quota are left out. A verdict
    is *sure* when the interval does not reach into the verdict on the other side; few periods
    rarely make it so.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        The columns of ``by``, ``quota`` and ``sales``; with ``draws`` the sales are not needed.
    floor, stretch : float, optional
        As shares of the quota, as from :func:`target_levels`; a target that there is not is not
        looked at.
    draws : array-like, rows of ``attainment`` × draws, optional
        Sales that a forecast draws for each payee-period.
    by : str or list of str
        Columns to split by; the payee where not given. ``[]`` is everybody together.
    easy, hopeless : float
        From which rate on a target is too easy, and up to which it is out of reach.
    least_periods : int
        With fewer payee-periods than this the verdict is ``unknown``; not used with draws.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group × goal (``floor``, ``stretch``), in the order of ``by``: ``by, goal,
        goal_level, n`` (payee-periods), ``k`` (of these, that reached it; expected with draws),
        ``rate, rate_low, rate_high`` (Wilson; with draws the spread of the group's share over the
        draws, missing for a single payee-period), ``verdict, sure``.

    Raises
    ------
    SalesAnalysisError
        A column is missing, the draws do not fit the rows, or the levels are not in order.

    References
    ----------
    Wilson, E. B. (1927), JASA 22, 209–212. Locke, E. A., Latham, G. P. (1990), A Theory of Goal
    Setting and Task Performance, ch. 2. Sales-system source, §14.

    Examples
    --------
    >>> rows = {"payee_id": list("aaaabbbbc"), "quota": 100.0,
    ...         "sales": [90, 110, 120, 95, 60, 70, 80, 75, 140]}
    >>> table = reachability(pd.DataFrame(rows), floor=1, stretch=1.3)
    >>> table[["payee_id", "goal", "n", "k", "rate", "verdict"]]
      payee_id     goal  n    k  rate       verdict
    0        a    floor  4  2.0   0.5          jump
    1        a  stretch  4  0.0   0.0  out_of_reach
    2        b    floor  4  0.0   0.0  out_of_reach
    3        b  stretch  4  0.0   0.0  out_of_reach
    4        c    floor  1  1.0   1.0       unknown
    5        c  stretch  1  1.0   1.0       unknown
    """
    require_level(level)
    by = as_list(by)
    goals = {"floor": floor, "stretch": stretch}
    goals = {name: at for name, at in goals.items() if at is not None}
    levels = list(goals.values())
    if levels != sorted(levels) or min(levels, default=1) <= 0:
        raise SalesAnalysisError(
            f"`floor` is {floor!r} and `stretch` {stretch!r}; expected shares of the quota, the"
            " stretch not under the floor."
        )
    if not 0 <= hopeless < easy <= 1:
        raise SalesAnalysisError(
            f"`hopeless` is {hopeless!r} and `easy` {easy!r}; expected rates in that order."
        )
    needed = [*by, "quota", *([] if draws is not None else ["sales"])]
    require_columns(attainment, needed, "`attainment`")
    table = attainment.reset_index(drop=True)
    shares = _shares(table, draws)
    known = ~np.isnan(shares).any(axis=1)
    table, shares = table[known].reset_index(drop=True), shares[known]
    reached = {name: snapped(shares, at) >= at for name, at in goals.items()}
    rows = []
    groups = table.groupby(by, sort=True, dropna=False).indices if by else {(): table.index}
    for key, at in groups.items():
        group = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        for target, goal_level in goals.items():
            hit = reached[target][np.asarray(at)]
            row = group | {"goal": target, "goal_level": goal_level, "n": len(hit)}
            rows.append(row | _rate(hit, draws is not None, level))
    columns = [*by, "goal", "goal_level", "n", "k", "rate", "rate_low", "rate_high"]
    result = pd.DataFrame(rows, columns=columns)
    few = (result["n"] < least_periods) & (draws is None)
    too_easy, out = result["rate"] >= easy, result["rate"] <= hopeless
    result["verdict"] = np.select(
        [few, too_easy, out], ["unknown", "too_easy", "out_of_reach"], default="jump"
    )
    not_out, not_easy = result["rate_low"] > hopeless, result["rate_high"] < easy
    result["sure"] = np.select([few, too_easy, out], [False, not_out, not_easy], not_out & not_easy)
    return result


def _shares(table: pd.DataFrame, draws) -> np.ndarray:
    """Attainment, one column from history or one for each draw."""
    if draws is None:
        return attainment_shares(table).to_numpy()[:, None]
    draws = np.asarray(draws, dtype=float)
    if draws.ndim != 2 or len(draws) != len(table):
        raise SalesAnalysisError(
            f"`draws` is of the shape {draws.shape}; expected one row for each of the"
            f" {len(table)} rows of `attainment`."
        )
    quota = table["quota"].astype(float).to_numpy()
    return draws / np.where(quota > 0, quota, np.nan)[:, None]


def _rate(hit: np.ndarray, drawn: bool, level: float) -> dict[str, float]:
    n, k = len(hit), float(hit.mean(axis=1).sum())
    if not drawn:
        low, high = wilson(k, n, level=level)
    elif n > 1:
        low, high = np.quantile(hit.mean(axis=0), [(1 - level) / 2, (1 + level) / 2])
    else:
        low = high = np.nan
    return {"k": k, "rate": k / n, "rate_low": float(low), "rate_high": float(high)}
