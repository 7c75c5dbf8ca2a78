"""Payees who stop just over a threshold, and what they kept back for the next period."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_number
from salesanalysis.incentive.attainment_values import payee_periods, snapped
from salesanalysis.incentive.evidence import (
    Evidence,
    effect_row,
    line_of,
    line_terms,
    payee_sums,
    redrawn,
)
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.stats import require_level, wilson

#: Why payees can lie just over a threshold, or sell more afterwards, without holding sales back.
OTHER_EXPLANATIONS = ("pushed_up", "set_by_history", "timing_of_orders")
#: With fewer payee-periods than this on a side there is no comparison.
LEAST = 10


def sandbagging(
    attainment: pd.DataFrame,
    *,
    threshold: float = 1.0,
    width: float = 0.05,
    neighbours: int = 2,
    least: int = LEAST,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    calendar: Calendar = PLAIN,
) -> Evidence:
    """Whether payees stop just over a threshold, and bring in what they held back a period later.

    Those who end within ``width`` over the threshold should be as many, per width, as their
    neighbours, who end a little below or a little further on. In the next period they should sell
    what is to be expected from what is usual for them and from this period. Payee-periods without
    a quota are left out; a next period counts if a third one says what is usual.

    Parameters
    ----------
    attainment : DataFrame, one row per payee × period
        ``payee_id, period, quota, sales``; periods as ``2025-Q1``, ``2025-01``, ``2025``.
    threshold : float
        As a share of the quota: where the reward of the next sale falls.
    width : float
        How much over the threshold is just over it, as a share of the quota.
    neighbours : int
        How many widths on either side are compared with.
    least : int
        With fewer payee-periods on a side than this there is no comparison.
    draws, level, seed
        Of the bootstrap over payees.
    calendar : salesanalysis.periods.Calendar
        The company's.

    Returns
    -------
    Evidence
        Measure ``stopped_just_over``: ``n`` payee-periods, ``observed`` and ``expected`` share of
        them that lies just over the threshold, ``effect`` the difference. Measure
        ``next_period``: ``n`` payee-periods just over it with a next one; ``observed`` and
        ``expected`` attainment of the next period, ``effect`` the difference. ``cases``: one row
        per payee: ``payee_id, n`` (periods), ``k`` (of these, stopped just over), ``rate,
        rate_low, rate_high, next_period`` (mean attainment after a stop); most stops first.

    Raises
    ------
    SalesAnalysisError
        A column is missing, a payee has a period twice, or a width is not over 0.

    References
    ----------
    Oyer, P. (1998), Quarterly Journal of Economics 113, 149–185 (holding back and pulling forward);
    Weitzman, M. L. (1980), Bell Journal of Economics 11, 302–308 (targets that follow results).
    Sales-system source, §4.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> potential = rng.uniform(0.8, 1.6, (60, 8))
    >>> sold = np.minimum(potential, 1.2)
    >>> sold[:, 1:] += 0.7 * (potential - sold)[:, :-1]
    >>> names = [f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
    >>> rows = pd.DataFrame({"payee_id": np.repeat([f"p{i:02}" for i in range(60)], 8),
    ...                      "period": names * 60, "quota": 100.0, "sales": 100 * sold.ravel()})
    >>> found = sandbagging(rows, threshold=1.2)
    >>> found.effects[["measure", "verdict"]].to_dict("list")["verdict"]
    ['shown', 'shown']
    """
    require_level(level)
    require_number("width", width, over=0)
    require_number("neighbours", neighbours, low=1, whole=True)
    table = payee_periods(attainment)
    share = snapped(table["share"].to_numpy(), threshold)
    over = (share >= threshold) & (share < threshold + width)
    reach = neighbours * width
    beside = ((share >= threshold - reach) & (share < threshold)) | (
        (share >= threshold + width) & (share < threshold + width + reach)
    )
    later = _Next(table, over, calendar)
    payee = table["payee_id"]
    effects = [
        _stops(over, beside, neighbours, payee, least, draws, level, seed),
        later.row(payee, least, draws, level, seed),
    ]
    return Evidence(
        name="sandbagging",
        effects=pd.DataFrame(effects),
        cases=_payees(payee, over, later.after, later.over, level),
        other_explanations=OTHER_EXPLANATIONS,
        threshold=threshold,
    )


def following_period(period: pd.Series, calendar: Calendar = PLAIN) -> pd.Series:
    """The name of the period after each; of one that is only numbered the next number."""
    return period.map({name: _next_name(name, calendar) for name in period.unique()})


def _next_name(period: str, calendar: Calendar) -> str:
    if period.isdigit() and not calendar.is_named(period):
        return str(int(period) + 1)
    return calendar.label_of(calendar.bounds_of(period)[1], calendar.unit_of(period))


def _next_and_usual(table: pd.DataFrame, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Attainment of the next period, and the usual one; missing where there is none.

    Usual is the mean of all other periods: neither this one, which chose the payee, nor the next.
    """
    keyed = table.set_index(["payee_id", "period"])["share"]
    next_period = following_period(table["period"], calendar)
    wanted = pd.MultiIndex.from_arrays([table["payee_id"], next_period])
    after = keyed.reindex(wanted).to_numpy()
    own = table.groupby("payee_id")["share"]
    others = own.transform("size").to_numpy() - 2
    rest = own.transform("sum").to_numpy() - table["share"].to_numpy() - after
    return after, np.divide(rest, others, out=np.full(len(table), np.nan), where=others > 0)


def _stops(over, beside, neighbours, payee, least, draws, level, seed) -> dict:
    def excess(total: np.ndarray) -> float:
        stopped, near, n = total
        return (stopped - near / (2 * neighbours)) / n

    n = len(over)
    enough = beside.sum() >= least
    observed, expected = (each.mean() if n else np.nan for each in (over, beside))
    expected /= 2 * neighbours
    sums = payee_sums(payee, over, beside, np.ones(n))
    drawn = redrawn(sums, draws, seed, excess) if enough else []
    return effect_row("stopped_just_over", n, observed, expected, observed - expected, drawn, level)


class _Next:
    """The next period's attainment: linear in the usual one and in this one's, and a step more."""

    def __init__(self, table: pd.DataFrame, over: np.ndarray, calendar: Calendar):
        after, usual = _next_and_usual(table, calendar)
        self.known = ~(np.isnan(after) | np.isnan(usual))
        self.over = over & self.known
        self.after = np.where(self.known, after, 0.0)
        design = np.column_stack([np.ones(len(table)), usual, table["share"], self.over])
        self.terms = line_terms(np.where(self.known[:, None], design, 0.0), self.after)

    def row(self, payee, least, draws, level, seed) -> dict:
        """The effect with its interval."""
        n = int(self.over.sum())
        if min(n, self.known.sum() - n) < least:
            return effect_row("next_period", n, np.nan, np.nan, np.nan, [], level)

        def step(total: np.ndarray) -> float:
            return line_of(total, 4)[3]

        sums = payee_sums(payee, self.terms)
        effect, observed = step(sums.sum(axis=0)), self.after[self.over].mean()
        drawn = redrawn(sums, draws, seed, step)
        return effect_row("next_period", n, observed, observed - effect, effect, drawn, level)


def _payees(payee: pd.Series, over, after, known, level: float) -> pd.DataFrame:
    rows = pd.DataFrame({"payee_id": payee, "over": over, "after": np.where(known, after, np.nan)})
    table = rows.groupby("payee_id").agg(
        n=("over", "size"), k=("over", "sum"), next_period=("after", "mean")
    )
    table = table.reset_index()
    table["rate"] = table["k"] / table["n"]
    table["rate_low"], table["rate_high"] = wilson(table["k"], table["n"], level=level)
    table = table.sort_values(["k", "rate", "payee_id"], ascending=[False, False, True])
    columns = ["payee_id", "n", "k", "rate", "rate_low", "rate_high", "next_period"]
    return table[columns].reset_index(drop=True)
