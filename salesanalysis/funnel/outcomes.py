"""Whole deals: how often they are won, and which are still open."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.bases import incidence
from salesanalysis.columns import CANCELLED, LOST, OPEN, WON
from salesanalysis.funnel.groups import (
    groups,
    require_columns,
    require_known,
    split_columns,
    split_table,
)
from salesanalysis.known import number, weights
from salesanalysis.stats import wilson

#: The split and the group that hold all deals.
ALL = "all"


def win_rate(
    deals: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    horizon_days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """How many deals are won: among those decided, and among all once the open ones are decided.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        ``outcome, age_days, amount`` and the columns of ``by``, as from
        :func:`salesanalysis.reduce.funnel.deals`, counted (``weight``) or not; ``entry_days`` where
        there is delayed entry.
    by : str or list of str
        Columns to split by. Missing values are a group of their own.
    horizon_days : float, optional
        Age at which ``final_rate`` is read; see :func:`conversion`.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group, in the order of ``by``: ``deals, won, lost, cancelled, open`` (counts),
        ``won_amount``; the share won of the *decided* deals ``n, k, rate, rate_low, rate_high``
        (Wilson); the share of *all* deals won by the age ``horizon_days``, with open ones as
        censored: ``final_n, final_k, final_rate, final_low, final_high`` (Aalen–Johansen; deals
        whose dates are missing do not count in it).

    Raises
    ------
    SalesAnalysisError
        A column is not there, or an outcome is not in the vocabulary.

    References
    ----------
    As for :func:`conversion`.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "won", "lost", "open"], "amount": [5.0, 7, 9, 3],
    ...                       "age_days": [10.0, 20, 30, 40], "region": ["N", "S", "N", "S"]})
    >>> win_rate(deals)[["deals", "open", "n", "k", "rate", "won_amount"]].round(3)
       deals  open  n  k   rate  won_amount
    0      4     1  3  2  0.667        12.0
    """
    by = split_columns(deals, by)
    require_columns(deals, ["outcome", "age_days", "amount"], counted=True)
    known = (WON, LOST, CANCELLED, OPEN)
    require_known(deals["outcome"], known)
    rows = []
    for group, part in groups(deals, by):
        weight = weights(part)
        counts = {name: number(part["outcome"] == name, weight) for name in known}
        deals, k = sum(counts.values()), counts[WON]
        n = deals - counts[OPEN]
        low, high = wilson(k, n, level=level)
        final = incidence(part, "age_days", _cause(part, WON), horizon_days, level)
        rows.append(
            group
            | {"deals": deals, **counts}
            | {"won_amount": (part["amount"] * weight)[part["outcome"] == WON].sum()}
            | {"n": n, "k": k, "rate": k / n if n else np.nan}
            | {"rate_low": float(low), "rate_high": float(high)}
            | {f"final_{name.removeprefix('rate_')}": value for name, value in final.items()}
        )
    columns = [*by, "deals", *known, "won_amount", "n", "k", "rate", "rate_low", "rate_high"]
    columns += ["final_n", "final_k", "final_rate", "final_low", "final_high"]
    table = split_table(rows, [*columns, "final_horizon_days"])
    return table.rename(columns={"final_horizon_days": "horizon_days"})


def win_rate_splits(
    deals: pd.DataFrame,
    *,
    splits: Sequence[str],
    horizon_days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """:func:`win_rate` of all deals and by each of several columns in turn, in one table.

    Parameters
    ----------
    deals, horizon_days, level
        As for :func:`win_rate`.
    splits : list of str
        The columns; each splits all the deals anew. May be empty.

    Returns
    -------
    DataFrame
        One row for all deals (``split`` and ``group`` are ``all``), then one per column × value:
        ``split`` (the column), ``group`` (the value), and the columns of :func:`win_rate`. Within a
        split the highest final rate comes first; groups whose rate the data do not tell come last.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost", "won"], "amount": 1.0, "age_days": 10.0,
    ...                       "region": ["N", "S", "S"], "source": ["web", "web", "fair"]})
    >>> win_rate_splits(deals, splits=["region", "source"])[["split", "group", "n", "k"]]
        split group  n  k
    0     all   all  3  2
    1  region     N  1  1
    2  region     S  2  1
    3  source  fair  1  1
    4  source   web  2  1
    """
    settings = {"horizon_days": horizon_days, "level": level}
    whole = win_rate(deals, **settings)
    whole.insert(0, "split", ALL)
    whole.insert(1, "group", ALL)
    tables = [whole]
    for column in split_columns(deals, splits):
        table = win_rate(deals, by=column, **settings)
        table = table.sort_values("final_rate", ascending=False, kind="stable")
        groups = table.pop(column).astype(object)
        table.insert(0, "split", column)
        table.insert(1, "group", groups)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def outcome_shares(
    deals: pd.DataFrame,
    *,
    horizons_days: Sequence[float] | float = (30, 90, 180, 365),
    by: Sequence[str] | str = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Which shares of all deals are won, lost and cancelled by given ages, open ones as censored.

    Of a group at a horizon the three shares and the share still open add up to 1, which shares
    that take each way out alone (1 − Kaplan–Meier) do not.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        As for :func:`win_rate`; with ``entry_days`` a deal counts from that age on.
    horizons_days : float or list of float
        Ages in days.
    by : str or list of str
        Columns to split by. Missing values are a group of their own.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group × horizon × ``won, lost, cancelled``: ``by, horizon_days, outcome``, ``n``
        (deals whose age is known), ``k`` (of these, seen to end so by then), ``rate, rate_low,
        rate_high`` (Aalen–Johansen; log(−log) limits). The rates are missing at a horizon that no
        deal has been watched for.

    Raises
    ------
    SalesAnalysisError
        A column is not there, an outcome is not in the vocabulary, or a horizon is negative.

    References
    ----------
    As for :func:`conversion`.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost", "open", "won"],
    ...                       "age_days": [10.0, 20.0, 25.0, 30.0]})
    >>> outcome_shares(deals, horizons_days=[15, 30])[["horizon_days", "outcome", "k", "rate"]]
       horizon_days    outcome  k  rate
    0          15.0        won  1  0.25
    1          15.0       lost  0  0.00
    2          15.0  cancelled  0  0.00
    3          30.0        won  2  0.75
    4          30.0       lost  1  0.25
    5          30.0  cancelled  0  0.00
    """
    by = split_columns(deals, by)
    require_columns(deals, ["outcome", "age_days"], counted=True)
    require_known(deals["outcome"], (WON, LOST, CANCELLED, OPEN))
    rows = [
        group
        | {"outcome": outcome}
        | incidence(part, "age_days", _cause(part, outcome), horizon, level)
        for group, part in groups(deals, by)
        for horizon in np.atleast_1d(horizons_days).tolist()
        for outcome in (WON, LOST, CANCELLED)
    ]
    columns = ["horizon_days", "outcome", "n", "k", "rate", "rate_low", "rate_high"]
    return split_table(rows, [*by, *columns])


def _cause(deals: pd.DataFrame, outcome: str) -> np.ndarray:
    """1 for the deals that ended so, 0 for open ones, 2 for those that ended otherwise."""
    return np.select([deals["outcome"] == outcome, deals["outcome"] == OPEN], [1, 0], 2)


def open_deals(deals: pd.DataFrame) -> pd.DataFrame:
    """The open deals by the stage they are in.

    Parameters
    ----------
    deals : DataFrame, one row per deal
        As from :func:`salesanalysis.reduce.funnel.deals`.

    Returns
    -------
    DataFrame
        One row per stage, most deals first: ``stage, deals, amount`` (sum of the known amounts),
        ``without_amount`` (deals whose amount is not known), ``median_age_days,
        oldest_age_days`` (since creation, of the deals whose creation date is known).

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["open", "open", "won"], "stage": ["offer", "offer", "x"],
    ...                       "amount": [10.0, None, 5.0], "age_days": [4.0, 8.0, 2.0]})
    >>> open_deals(deals)
       stage  deals  amount  without_amount  median_age_days  oldest_age_days
    0  offer      2    10.0               1              6.0              8.0
    """
    require_columns(deals, ["outcome", "stage", "amount", "age_days"])
    still = deals[deals["outcome"] == OPEN]
    table = still.groupby("stage", dropna=False, as_index=False).agg(
        deals=("outcome", "size"),
        amount=("amount", "sum"),
        without_amount=("amount", lambda amount: int(amount.isna().sum())),
        median_age_days=("age_days", "median"),
        oldest_age_days=("age_days", "max"),
    )
    return table.sort_values(["deals", "stage"], ascending=[False, True], ignore_index=True)
