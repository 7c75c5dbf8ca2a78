"""Rates of many groups, each pooled towards the others as far as they are alike."""

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.stats.ranks import RANKS
from salesanalysis.stats.shares import require_level, wilson
from salesanalysis.stats.spread import Spread

#: The spread between fewer groups than this cannot be told from the groups themselves.
LEAST_GROUPS = 3


def pooled_rates(
    table: pd.DataFrame, *, level: float = 0.95, draws: int = 4000, seed: int = 0
) -> pd.DataFrame:
    """Rates ``k / n`` of several groups by partial pooling: the hierarchical beta-binomial model.

    ``k`` of a group is binomial with the group's own rate; the rates of the groups are drawn from
    one beta distribution with mean μ and precision M = α + β. Not one best (μ, M) is used, as in
    plain empirical Bayes, which makes the intervals too short where there are few groups: the
    posterior is averaged over a grid of them (full Bayes). The prior is uniform on μ and on
    1/√(1 + M), which is the between-group standard deviation as a share of the greatest that a
    rate of this mean can have.

    Parameters
    ----------
    table : DataFrame, one row per group
        Whole numbers ``n`` and ``k``, 0 ≤ k ≤ n, and any columns that name the group.
    level : float
        Level of the Wilson and of the credible intervals.
    draws : int
        Joint draws from the posterior for the ranks; the probabilities are exact to about
        ±1/√draws.
    seed : int
        Of the draws. The rates and their limits do not depend on it.

    Returns
    -------
    DataFrame
        The columns of ``table``, in the order of the rows given, with, for each group:

        - ``rate, rate_low, rate_high``: raw (Wilson),
        - ``pooled_rate, pooled_low, pooled_high``: posterior mean and equal-tailed credible limits,
        - ``own_weight``: posterior mean of n / (n + M), how far the group's own data count,
        - ``rank, rank_low, rank_high``: median of the posterior rank (1 is the highest rate) and
          its limits; ``best, worst``: probability of having the highest and the lowest true rate,
        - ``refused``: ``few_groups`` where fewer than three groups have any ``n``: then there is
          no pooling, and the columns above except the raw ones are missing.

    Raises
    ------
    SalesAnalysisError
        ``n`` or ``k`` is not there, missing, negative or contradictory.

    References
    ----------
    Gelman, A., and others (2013), Bayesian Data Analysis, 3rd edition, sec. 5.3 (its prior
    (α + β)^(−5/2) is uniform on μ and 1/√M, the same where M is not small). Efron, B., Morris, C.
    (1975), JASA 70, 311–319.

    Examples
    --------
    >>> table = pd.DataFrame({"owner_id": list("abc"), "n": [300, 100, 3], "k": [90, 40, 3]})
    >>> pooled_rates(table)[["owner_id", "rate", "pooled_rate", "own_weight"]].round(2)
      owner_id  rate  pooled_rate  own_weight
    0        a   0.3         0.31        0.92
    1        b   0.4         0.40        0.85
    2        c   1.0         0.64        0.37
    """
    require_level(level)
    n, k = _checked_counts(table)
    low, high = wilson(k, n, level=level)
    out = table.copy()
    out["rate"] = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
    out["rate_low"], out["rate_high"] = low, high
    names = ["pooled_rate", "pooled_low", "pooled_high", "own_weight"]
    names += RANKS
    if (n > 0).sum() < LEAST_GROUPS:
        return out.assign(**dict.fromkeys(names, np.nan), refused="few_groups")
    spread = Spread.fit(n, k)
    # Drawn in the order of the values, so that chance does not depend on that of the rows.
    values = table.groupby(list(table.columns), dropna=False, observed=True)
    order = np.argsort(values.ngroup().to_numpy(), kind="stable")
    ranks = spread.ranks(n[order], k[order], level, draws, seed)[np.argsort(order)]
    out[names] = np.column_stack([spread.group_rates(n, k, level), ranks])
    return out.assign(refused=pd.Series(None, index=out.index, dtype="str"))


def _checked_counts(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    require_columns(table.columns, ["n", "k"])
    n, k = table["n"].to_numpy(dtype=float), table["k"].to_numpy(dtype=float)
    wrong = ~((0 <= k) & (k <= n) & (n % 1 == 0) & (k % 1 == 0))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise SalesAnalysisError(
            f"`k` must be whole and lie between 0 and `n`; row {at} has k = {k[at]:g} and"
            f" n = {n[at]:g}."
        )
    return n, k
