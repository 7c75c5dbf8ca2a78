"""How long open deals have been in their stage, against the deals that went on to win."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.funnel.groups import (
    each_once,
    groups,
    require_columns,
    split_columns,
    split_table,
)
from salesanalysis.known import LEAST_CLOSED, KnownFunnel, frame_of, number, weights
from salesanalysis.stats import kaplan_meier, survival_quantile, wilson

#: With fewer winners than this in a stage, the slowest tenth of them is one deal or two: no norm.
LEAST_WINNERS = 20

_ENTRY_COLUMNS = ["stage", "position", "skipped", "stage_days", "left"]
_ENTRY_COLUMNS += ["outcome", "amount"]


def ageing(
    entries: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    winners_by: Sequence[str] | str = (),
    percentile: float = 0.9,
    least_winners: int = LEAST_WINNERS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Days of the open deals in the stage they are in, against the deals that went on to win.

    The yardstick is how long the deals that were won had stayed in the same stage, all visits
    together. An open deal past the limit (their 90th percentile) is not lost, but most deals that
    were won had left the stage by then. Winners known so far are the faster ones where the company
    has been watched for only a few cycles; then the limit is too strict.

    Parameters
    ----------
    entries : DataFrame, one row per deal × stage reached
        As from :func:`salesanalysis.reduce.funnel.stage_entries`, counted (``weight``) or not. An
        open deal counts in the stage it is in; a winner in every stage it entered.
    by : str or list of str
        Columns to split the open deals by.
    winners_by : str or list of str
        Columns within which winners are compared, where cycles differ by nature (a product line);
        without it the winners of the whole company are the norm, for every group of ``by``.
    percentile : float
        Share of the winners that had left the stage by ``limit_days``.
    least_winners : int
        With fewer winners than this there is no limit.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group × stage that any deal entered, in the order of ``by`` and the process:

        - ``by, winners_by, stage, position``,
        - ``open`` (deals there now), ``undated`` (of these, days not known), ``median_days`` (of
          the open deals),
        - ``winners`` (n of the norm), ``winner_median_days, winner_p75_days, limit_days,
          limit_low, limit_high`` (interval of the limit),
        - ``n`` (open deals with known days), ``k`` (of these, longer than the limit), ``rate,
          rate_low, rate_high`` (Wilson),
        - ``amount`` and ``stuck_amount`` (known amounts of the open deals and of those past the
          limit), ``without_amount`` (open deals whose amount is not known),
        - ``refused``: ``few_winners`` where there is no limit, else missing.

        Days are in days; a limit that the winners do not settle is infinite above.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or ``percentile`` is not between 0 and 1.

    References
    ----------
    Interval of a percentile: Brookmeyer, R., Crowley, J. (1982), Biometrics 38, 29–41. Wilson,
    E. B. (1927), JASA 22, 209–212. Sales-system source, §7.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": list("abcd"), "stage": "offer", "position": 0, "skipped": False,
    ...     "stage_days": [3.0, 5.0, 4.0, 9.0], "left": [True, True, False, False],
    ...     "outcome": ["won", "won", "open", "open"], "amount": [1.0, 1.0, 10.0, 20.0]})
    >>> table = ageing(entries, least_winners=2)
    >>> table[["stage", "open", "winners", "limit_days", "n", "k", "rate", "stuck_amount"]]
       stage  open  winners  limit_days  n  k  rate  stuck_amount
    0  offer     2        2         5.0  2  1   0.5          20.0
    """
    by = split_columns(entries, by)
    winners_by = split_columns(entries, winners_by)
    splits = list(dict.fromkeys([*by, *winners_by]))
    entered = _entered(entries)
    norms = _norms(entered, winners_by, percentile, least_winners, level)
    here = _is_here(entered)
    rows = []
    for group, part in groups(entered, [*splits, "position"]):
        still = part[here[part.index]]
        norm = norms[_key(group, winners_by)]
        weight, dated = weights(still), still["stage_days"].notna()
        row = {"stage": part["stage"].iloc[0], "open": int(weight.sum())}
        row["undated"] = number(~dated, weight)
        row["median_days"] = _median(still.loc[dated, "stage_days"], weight[dated])
        row |= norm.summary()
        over = still["stage_days"] > norm.limit_days
        known = not np.isnan(norm.limit_days)
        row["n"], row["k"] = number(dated, weight), number(over, weight)
        if known:
            low, high = wilson(row["k"], row["n"], level=level)
            row["rate"] = row["k"] / row["n"] if row["n"] else np.nan
            row |= {"rate_low": float(low), "rate_high": float(high)}
        else:
            row["k"] = np.nan
        amount = still["amount"] * weight
        row["amount"] = amount.sum()
        row["stuck_amount"] = amount[over].sum() if known else np.nan
        row["without_amount"] = number(amount.isna(), weight)
        row["refused"] = None if known else "few_winners"
        rows.append(group | row)
    columns = [*splits, "stage", "position", "open", "undated", "median_days", "winners"]
    columns += ["winner_median_days", "winner_p75_days", "limit_days", "limit_low", "limit_high"]
    columns += ["n", "k", "rate", "rate_low", "rate_high", "amount", "stuck_amount"]
    table = split_table(rows, [*columns, "without_amount", "refused"])
    return table.astype({"k": "Int64", "refused": "str"})


def stuck(
    known: KnownFunnel,
    *,
    by: Sequence[str] | str = (),
    winners_by: Sequence[str] | str = (),
    percentile: float = 0.9,
    least_winners: int = LEAST_WINNERS,
    level: float = 0.95,
) -> pd.DataFrame:
    """The open deals to look at: longer in their stage than most winners, or older than any closed.

    Parameters
    ----------
    known : KnownFunnel
        With ``entries`` and ``deals``, one row per deal × stage and per deal: it lists single
        deals, so they may not be counted. A deal that ``entries`` does not mention can still be
        older than any that closed.
    by : str or list of str
        Columns of the deals to carry along, such as the owner.
    winners_by, percentile, least_winners, level
        As for :func:`ageing`; ``winners_by`` must be in both frames.

    Returns
    -------
    DataFrame
        One row per stuck deal, most ``amount_days`` first; deals without an amount come last, the
        longest overdue first:

        - ``opportunity_id, by, stage, stage_days, limit_days`` (the winners' percentile),
        - ``over_limit``: longer in the stage than the limit; ``zombie``: older than any deal of the
          table was when it closed (however it closed),
        - ``n`` winners of that stage, of which ``k`` had stayed at least as long, ``rate, rate_low,
          rate_high`` (Wilson),
        - ``age_days``, ``excess_days``: over the stage's limit or over the oldest age of a closed
          deal, whichever is more; ``amount``; ``amount_days`` = amount × excess days.

        A deal in a stage without enough winners can only be listed as a zombie, and there are no
        zombies where fewer than ``least_winners`` deals have closed.

    Raises
    ------
    SalesAnalysisError
        A column is not there, a deal is listed twice, or ``percentile`` is not between 0 and 1.

    References
    ----------
    As for :func:`ageing`.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": list("abcd"), "stage": "offer", "position": 0, "skipped": False,
    ...     "stage_days": [3.0, 5.0, 4.0, 9.0], "left": [True, True, False, False],
    ...     "outcome": ["won", "won", "open", "open"], "amount": [1.0, 1.0, 10.0, 20.0]})
    >>> deals = entries[["opportunity_id", "outcome", "amount"]].assign(
    ...     age_days=[30.0, 50.0, 40.0, 51.0])
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals, entries=entries)
    >>> table = stuck(known, least_winners=2)
    >>> table[["opportunity_id", "limit_days", "k", "n", "excess_days", "amount_days", "zombie"]]
      opportunity_id  limit_days  k  n  excess_days  amount_days  zombie
    0              d         5.0  0  2          4.0         80.0    True
    """
    entries = frame_of(known, "entries", ["opportunity_id"])
    deals = frame_of(known, "deals", ["opportunity_id", "outcome", "amount", "age_days"])
    winners_by = split_columns(entries, winners_by)
    by = split_columns(deals, [*split_columns(deals, by), *winners_by])
    columns = ["opportunity_id", *by, "stage", "stage_days", "limit_days", "over_limit", "zombie"]
    columns += ["n", "k", "rate", "rate_low", "rate_high", "age_days", "excess_days", "amount"]
    columns = each_once([*columns, "amount_days"])
    twice = deals.loc[deals["opportunity_id"].duplicated(), "opportunity_id"].unique()
    if len(twice):
        raise SalesAnalysisError(
            f"`known.deals` lists {', '.join(map(str, twice[:5]))} more than once; expected one row"
            " per deal."
        )
    entered = _entered(entries)
    norms = _norms(entered, winners_by, percentile, least_winners, level)
    here = entered.loc[_is_here(entered), ["opportunity_id", "stage", "position", "stage_days"]]
    still = deals.loc[deals["outcome"] == OPEN, ["opportunity_id", *by, "amount", "age_days"]]
    table = still.merge(here, on="opportunity_id", how="left", validate="one_to_one")

    table["limit_days"], table["n"], table["k"] = np.nan, 0, 0
    for group, part in groups(table, [*winners_by, "position"]):
        norm = norms.get(_key(group, winners_by))
        if norm is not None:
            table.loc[part.index, "limit_days"] = norm.limit_days
            table.loc[part.index, "n"] = norm.n
            table.loc[part.index, "k"] = norm.stayed(part["stage_days"].to_numpy(float))
    oldest = oldest_closed_days(deals, least_winners)
    over_stage = table["stage_days"] - table["limit_days"]
    over_oldest = table["age_days"] - oldest
    table["over_limit"], table["zombie"] = over_stage > 0, outlived(table["age_days"], oldest)
    table["excess_days"] = np.fmax(over_stage, over_oldest.where(table["zombie"]))
    table["amount_days"] = table["amount"] * table["excess_days"]
    # Where the days in the stage are not known, nothing can be said about the winners beside them.
    table["n"] = table["n"].where(table["stage_days"].notna(), 0)
    low, high = wilson(table["k"], table["n"], level=level)
    table["rate"] = (table["k"] / table["n"].where(table["n"] > 0)).astype(float)
    table["rate_low"], table["rate_high"] = low, high

    table = table[table["over_limit"] | table["zombie"]]
    table = table.sort_values(
        ["amount_days", "excess_days", "opportunity_id"],
        ascending=[False, False, True],
        na_position="last",
        ignore_index=True,
    )
    return table[columns]


def can_be_stuck(entries: pd.DataFrame, *, least_winners: int = LEAST_WINNERS) -> bool:
    """Whether any stage has as many winners as it takes to call open deals stuck.

    Parameters
    ----------
    entries, least_winners
        As for :func:`ageing`.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": list("abc"), "stage": "offer", "position": 0, "skipped": False,
    ...     "stage_days": [3.0, 5.0, 9.0], "left": [True, True, False],
    ...     "outcome": ["won", "lost", "open"], "amount": 1.0})
    >>> can_be_stuck(entries, least_winners=1), can_be_stuck(entries, least_winners=2)
    (True, False)
    """
    entered = _entered(entries)
    won = entered[(entered["outcome"] == WON) & entered["stage_days"].notna()]
    winners = weights(won).groupby(won["position"]).sum()
    return bool((winners >= max(least_winners, 1)).any())


def open_by_age(known: KnownFunnel, stuck: pd.DataFrame) -> pd.DataFrame:
    """Each open deal by its age and amount, and whether it is stuck or older than any that closed.

    Parameters
    ----------
    known : KnownFunnel
        Its ``deals``, one row per deal: ``opportunity_id, outcome, age_days, amount``.
    stuck : DataFrame
        As from :func:`stuck`.

    Returns
    -------
    DataFrame
        One row per open deal, by its id: ``opportunity_id, age_days, amount``; ``state``: ``older``
        (than any deal was when it closed), ``over_limit`` (longer in its stage than the limit),
        ``within``; ``oldest_days``, the age of the oldest that closed, the same in each row
        (missing where too few have).

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": list("ab"), "outcome": "open",
    ...                       "age_days": [9.0, 400.0], "amount": [5.0, 8.0]})
    >>> known = KnownFunnel(as_of="2025-03-31", deals=deals)
    >>> stuck = pd.DataFrame({"opportunity_id": ["b"], "over_limit": True, "zombie": True})
    >>> open_by_age(known, stuck)
      opportunity_id  age_days  amount   state  oldest_days
    0              a       9.0     5.0  within          NaN
    1              b     400.0     8.0   older          NaN
    """
    columns = ["opportunity_id", "age_days", "amount"]
    deals = frame_of(known, "deals", ["outcome", *columns])
    require_columns(stuck, ["opportunity_id", "over_limit", "zombie"])
    older = set(stuck.loc[stuck["zombie"].astype(bool), "opportunity_id"])
    over = set(stuck.loc[stuck["over_limit"].astype(bool), "opportunity_id"])
    still = deals.loc[deals["outcome"] == OPEN, columns]
    table = still.sort_values("opportunity_id", ignore_index=True)
    ids = table["opportunity_id"]
    table["state"] = np.select([ids.isin(older), ids.isin(over)], ["older", "over_limit"], "within")
    table["state"] = table["state"].astype(object)
    return table.assign(oldest_days=oldest_closed_days(deals))


def oldest_closed_days(deals: pd.DataFrame, least_closed: int = LEAST_CLOSED) -> float:
    """The greatest age at which any deal closed; missing where fewer than so many have closed.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": ["won", "lost", "open"], "age_days": [10.0, 30.0, 99.0]})
    >>> oldest_closed_days(deals, least_closed=2)
    30.0
    """
    require_columns(deals, ["outcome", "age_days"])
    closed = deals.loc[deals["outcome"] != OPEN, "age_days"].dropna()
    return float(closed.max()) if len(closed) >= max(least_closed, 1) else np.nan


def outlived(age_days: pd.Series, oldest_days: float) -> pd.Series:
    """Which deals are older than the oldest that closed, in whole days.

    A day that has only a date stands for its beginning, the day of the report for its end: 138.99
    days without a closing are not more than 138 with one.

    Examples
    --------
    >>> outlived(pd.Series([138.99, 139.0, None]), 138.0).tolist()
    [False, True, False]
    """
    return np.floor(age_days) > np.floor(oldest_days)


def _median(days: pd.Series, weight: pd.Series) -> float:
    """The median of the days, each of which stands for so many equal ones."""
    order = np.argsort(days.to_numpy(float), kind="stable")
    upto = np.cumsum(weight.to_numpy()[order])
    if not len(upto) or not upto[-1]:
        return np.nan
    middle = np.searchsorted(upto, [(upto[-1] - 1) // 2, upto[-1] // 2], side="right")
    return days.to_numpy(float)[order][middle].mean()


class _Norm:
    """The days that the winners of one stage had stayed in it, and the limit they set."""

    def __init__(self, winners: pd.DataFrame, percentile: float, least_winners: int, level: float):
        winners = winners.sort_values("stage_days")
        weight = weights(winners).to_numpy()
        self.days = winners["stage_days"].to_numpy(float)
        self.before = np.append(0, np.cumsum(weight))
        self.n = int(self.before[-1])
        self.quantiles = [(np.nan,) * 3] * 3
        if self.n >= max(least_winners, 1):
            all_left = np.ones(len(weight), dtype=bool)
            curve = kaplan_meier(self.days, all_left, count=weight, level=level)
            self.quantiles = survival_quantile(curve, [0.5, 0.75, percentile])
        self.limit_days = self.quantiles[2][0]

    def stayed(self, days: np.ndarray) -> np.ndarray:
        """How many winners had stayed at least ``days``; none where ``days`` is missing."""
        longer = self.n - self.before[np.searchsorted(self.days, days, side="left")]
        return np.where(np.isnan(days), 0, longer)

    def summary(self) -> dict:
        (median, *_), (p75, *_), (limit, low, high) = self.quantiles
        return {"winners": self.n, "winner_median_days": median, "winner_p75_days": p75} | {
            "limit_days": limit,
            "limit_low": low,
            "limit_high": high,
        }


def _norms(entered, winners_by, percentile, least_winners, level) -> dict[tuple, _Norm]:
    """The norm of each group of winners × stage that any deal entered."""
    require_number("percentile", percentile, over=0, under=1)
    return {
        _key(group, winners_by): _Norm(
            part[(part["outcome"] == WON) & part["stage_days"].notna()],
            percentile,
            least_winners,
            level,
        )
        for group, part in groups(entered, [*winners_by, "position"])
    }


def _key(row: dict, winners_by: Sequence[str]) -> tuple:
    """What the norm of a row is found by; missing values are equal to each other here."""
    return tuple(None if pd.isna(row[name]) else row[name] for name in [*winners_by, "position"])


def _entered(entries: pd.DataFrame) -> pd.DataFrame:
    """The rows of stages that a deal was in itself: neither skipped nor the final ``won``."""
    require_columns(entries, _ENTRY_COLUMNS, counted=True)
    inside = (entries["stage"] != WON) & ~entries["skipped"].astype(bool)
    return entries[inside].reset_index(drop=True)


def _is_here(entered: pd.DataFrame) -> pd.Series:
    """Whether the deal is in this stage now."""
    not_left = entered["left"].astype("boolean").eq(False).fillna(False).astype(bool)
    return not_left & (entered["outcome"] == OPEN)
