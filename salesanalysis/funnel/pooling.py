"""Win rates of many groups, each pooled towards the others as far as they are alike.

The raw rate of a seller with three deals is 0, 33, 67 or 100 per cent: the extremes of every
ranking are the smallest groups. Here the true rates of the groups are taken to come from one beta
distribution, whose mean and spread are learnt from all the groups together: a group with few deals
is drawn towards the mean, one with many keeps its own rate.
"""

from collections.abc import Sequence

import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import groups, require_columns, split_columns, split_table
from salesanalysis.stats.pooling import pooled_rates


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
        As for :func:`salesanalysis.stats.pooled_rates`.

    Returns
    -------
    DataFrame
        One row per group, in the order of ``by``: ``by``, then the columns of
        :func:`salesanalysis.stats.pooled_rates`. A group with open deals only has ``n`` 0, and the
        rate that the other groups let expect.

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
        of :func:`salesanalysis.stats.pooled_rates`. Within a split the highest pooled rate comes
        first.

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
