"""Win rates of many groups, each pooled towards the others as far as they are alike.

The raw rate of a seller with three deals is 0, 33, 67 or 100 per cent: the extremes of every
ranking are the smallest groups. Here the true rates of the groups are taken to come from one beta
distribution, whose mean and spread are learnt from all the groups together: a group with few deals
is drawn towards the mean, one with many keeps its own rate.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import groups, require_columns, split_columns, split_table
from salesanalysis.funnel.spread import Spread
from salesanalysis.stats import require_level, wilson

#: The spread between fewer groups than this cannot be told from the groups themselves.
LEAST_GROUPS = 3


def pooled_win_rate(
    deals: pd.DataFrame,
    *,
    by: Sequence[str] | str,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Win rate of the decided deals by group, raw and pooled, and how sure their ranking is.

    Open deals do not count here. Where groups differ much in how many of theirs are still open,
    compare the final rates of :func:`salesanalysis.funnel.win_rate` and the log-rank rows of
    :func:`salesanalysis.funnel.group_test` as well.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        ``outcome`` and the columns of ``by``, as from :func:`salesanalysis.reduce.funnel.deals`.
    by : str or list of str
        Columns that make the groups. Missing values are a group of their own.
    level, draws, seed
        As for :func:`pooled_rates`.

    Returns
    -------
    DataFrame
        One row per group, in the order of ``by``: ``by``, then the columns of
        :func:`pooled_rates`. A group with open deals only has ``n`` 0, and the rate that the other
        groups let expect.

    Raises
    ------
    SalesAnalysisError
        A column is not there or ``by`` is empty.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost"] * 40 + ["won"] * 2,
    ...                       "owner_id": ["a"] * 30 + ["b"] * 50 + ["c"] * 2})
    >>> pooled_win_rate(deals, by="owner_id")[["owner_id", "n", "rate", "pooled_rate"]].round(2)
      owner_id   n  rate  pooled_rate
    0        a  30   0.5         0.51
    1        b  50   0.5         0.51
    2        c   2   1.0         0.61
    """
    return pooled_rates(decided_counts(deals, by), level=level, draws=draws, seed=seed)


def pooled_win_rate_splits(
    deals: pd.DataFrame,
    *,
    splits: Sequence[str],
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """:func:`pooled_win_rate` by each of several columns in turn, in one table.

    Parameters
    ----------
    deals, level, draws, seed
        As for :func:`pooled_win_rate`.
    splits : list of str
        The columns; each splits all the deals anew.

    Returns
    -------
    DataFrame
        One row per column × value: ``split`` (the column), ``group`` (the value), then the columns
        of :func:`pooled_rates`. Within a split the highest pooled rate comes first.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost"] * 6, "team": list("aabbcc") * 2})
    >>> pooled_win_rate_splits(deals, splits=["team"])[["split", "group", "n", "k"]]
      split group  n  k
    0  team     a  4  2
    1  team     b  4  2
    2  team     c  4  2
    """
    tables = []
    for column in split_columns(deals, splits):
        table = pooled_win_rate(deals, by=column, level=level, draws=draws, seed=seed)
        # Rounded, so that rates which differ by rounding alone keep the order of their names.
        order = table["pooled_rate"].round(12).sort_values(ascending=False, kind="stable").index
        table = table.loc[order]
        values = table.pop(column).astype(object)
        table.insert(0, "split", column)
        table.insert(1, "group", values)
        tables.append(table)
    if not tables:
        raise SalesAnalysisError("`splits` is empty; expected the columns to split the deals by.")
    return pd.concat(tables, ignore_index=True)


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
    names += ["rank", "rank_low", "rank_high", "best", "worst"]
    if (n > 0).sum() < LEAST_GROUPS:
        return out.assign(**dict.fromkeys(names, np.nan), refused="few_groups")
    spread = Spread.fit(n, k)
    # Drawn in the order of the values, so that chance does not depend on that of the rows.
    values = table.groupby(list(table.columns), dropna=False, observed=True)
    order = np.argsort(values.ngroup().to_numpy(), kind="stable")
    ranks = spread.ranks(n[order], k[order], level, draws, seed)[np.argsort(order)]
    out[names] = np.column_stack([spread.group_rates(n, k, level), ranks])
    return out.assign(refused=pd.Series(None, index=out.index, dtype="str"))


def decided_counts(deals: pd.DataFrame, by: Sequence[str] | str) -> pd.DataFrame:
    """One row per group: ``by``, decided deals ``n`` and won ones ``k``.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "open", "lost"], "team": ["a", "a", "b"]})
    >>> decided_counts(deals, "team")
      team  n  k
    0    a  1  1
    1    b  1  0
    """
    by = split_columns(deals, by)
    require_columns(deals, ["outcome"])
    if not by:
        raise SalesAnalysisError("`by` is empty; expected the columns that make the groups.")
    rows = [
        group
        | {"n": int((part["outcome"] != OPEN).sum()), "k": int((part["outcome"] == WON).sum())}
        for group, part in groups(deals, by)
    ]
    return split_table(rows, [*by, "n", "k"])


def _checked_counts(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    require_columns(table, ["n", "k"])
    n, k = table["n"].to_numpy(dtype=float), table["k"].to_numpy(dtype=float)
    wrong = ~((0 <= k) & (k <= n) & (n % 1 == 0) & (k % 1 == 0))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise SalesAnalysisError(
            f"`k` must be whole and lie between 0 and `n`; row {at} has k = {k[at]:g} and"
            f" n = {n[at]:g}."
        )
    return n, k
