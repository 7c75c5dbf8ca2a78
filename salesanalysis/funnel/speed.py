"""Pipeline velocity: how much money flows out of the funnel in a day."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import groups, split_columns, split_table
from salesanalysis.funnel.open_age import oldest_closed_days, outlived
from salesanalysis.known import KnownFunnel, frame_of
from salesanalysis.stats import wilson, z_value

#: Days of the month that a velocity per month is given for.
MONTH_DAYS = 30

#: With fewer wins than this, a mean amount and its interval rest on single deals.
LEAST_WINS = 10


def velocity(
    known: KnownFunnel,
    *,
    period_days: float = 365,
    by: Sequence[str] | str = (),
    least_wins: int = LEAST_WINS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pipeline velocity = open deals × win rate × mean won amount ÷ mean cycle length.

    The win rate, the mean amount and the cycle are those of the deals that *closed* in the period:
    while as many deals come in as go out, the share of closings that are wins is the win rate of
    all deals, also where winners and losers take different times. The open deals are those of
    the day; that they are worth as much as those that closed is an assumption of the formula,
    and a doubtful one for zombies (older than any deal that ever closed). So the money that was
    really won in the period comes first, then the velocity without them, then that of all.

    Parameters
    ----------
    known : KnownFunnel
        With its ``deals``: ``outcome, amount, age_days, created_at, closed_at`` and the columns of
        ``by``.
    period_days : float
        Length of the period that ends with the day; shorter where the data, or the recording of
        closings (``observed_from``), begin later.
    by : str or list of str
        Columns to split by.
    least_wins : int
        With fewer wins in the period than this there is no velocity.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        One row per group, in the order of ``by``:

        - ``period_days`` used; ``won_month_amount``: what was really won in it, per 30 days,
        - ``live_month_amount, live_low, live_high``: the velocity per 30 days without the zombies,
          with its interval,
        - ``open`` deals and how many of them are ``zombies``,
        - win rate: ``n`` closed in the period, ``k`` of them won, ``rate, rate_low, rate_high``
          (Wilson),
        - mean amount of the won ones: ``amount_n`` (amount known), ``mean_amount,
          mean_amount_low, mean_amount_high``,
        - mean days from creation to closing of the won ones: ``cycle_n`` (days known),
          ``cycle_days, cycle_low, cycle_high``,
        - ``day_amount`` and, with its interval, ``month_amount, month_low, month_high``: the
          velocity of all open deals in money per day and per 30 days,
        - ``undated``: decided deals without a closing date, which cannot be put into a period,
        - ``refused``: why there is no velocity (``few_wins``, ``no_amount``, ``no_cycle``), else
          missing.

        The interval takes the number of open deals as known and the rest as estimated: delta
        method on the log scale, with the covariance of rate, amount and cycle.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or ``period_days`` is not positive.

    References
    ----------
    Sales-system source, §3. Little, J. D. C. (1961), Operations Research 9, 383–387, for what flows
    out of a queue in equilibrium.

    Examples
    --------
    >>> closed = pd.to_datetime(["2025-03-01"] * 4 + [None] * 2)
    >>> deals = pd.DataFrame({
    ...     "outcome": ["won", "won", "lost", "lost", "open", "open"],
    ...     "amount": [90.0, 110, 50, 50, 70, 70], "age_days": [40.0, 60, 30, 30, 90, 90],
    ...     "created_at": pd.Timestamp("2025-01-01"), "closed_at": closed})
    >>> table = velocity(KnownFunnel(as_of="2025-03-31", deals=deals), least_wins=2)
    >>> table[["open", "rate", "mean_amount", "cycle_days", "day_amount", "month_amount"]]
       open  rate  mean_amount  cycle_days  day_amount  month_amount
    0     2   0.5        100.0        50.0         2.0          60.0
    """
    needed = ["outcome", "amount", "age_days", "created_at", "closed_at"]
    deals, end = frame_of(known, "deals", needed), known.as_of
    by = split_columns(deals, by)
    if not period_days > 0:
        raise SalesAnalysisError(f"`period_days` is {period_days!r}; expected a length over 0.")
    first = deals[["created_at", "closed_at"]].min().min()
    begin = end - pd.Timedelta(days=period_days)
    if known.observed_from is not None and first is not pd.NaT:
        first = max(first, known.observed_from)
    if first is not pd.NaT and first > begin:
        begin, period_days = first, (end - first) / pd.Timedelta(days=1)
    oldest = oldest_closed_days(deals)
    z = z_value(level)
    rows = []
    for group, part in groups(deals, by):
        still = part["outcome"] == OPEN
        closed = part[~still & (part["closed_at"] >= begin)]
        row = {
            "period_days": float(period_days),
            "open": int(still.sum()),
            "zombies": int(outlived(part.loc[still, "age_days"], oldest).sum()),
            "undated": int((~still & part["closed_at"].isna()).sum()),
        }
        won = closed.loc[closed["outcome"] == WON, "amount"].sum()
        row["won_month_amount"] = MONTH_DAYS * won / period_days
        rows.append(group | row | _factors(closed, level) | _flow(closed, row, least_wins, z))
    columns = [*by, "period_days", "won_month_amount", "live_month_amount", "live_low", "live_high"]
    columns += ["open", "zombies", "n", "k", "rate", "rate_low", "rate_high"]
    columns += ["amount_n", "mean_amount", "mean_amount_low", "mean_amount_high"]
    columns += ["cycle_n", "cycle_days", "cycle_low", "cycle_high"]
    columns += ["day_amount", "month_amount", "month_low", "month_high"]
    columns += ["undated", "refused"]
    return split_table(rows, columns).astype({"refused": "str"})


def _factors(closed: pd.DataFrame, level: float) -> dict:
    """Win rate, mean amount and mean cycle of the deals that closed, each with n and interval."""
    z = z_value(level)
    won = closed[closed["outcome"] == WON]
    n, k = len(closed), len(won)
    low, high = wilson(k, n, level=level)
    factors = {"n": n, "k": k, "rate": k / n if n else np.nan}
    factors |= {"rate_low": float(low), "rate_high": float(high)}
    for values, count, mean, prefix in (
        (won["amount"].dropna(), "amount_n", "mean_amount", "mean_amount"),
        (won["age_days"].dropna(), "cycle_n", "cycle_days", "cycle"),
    ):
        centre = values.mean()
        # With one value, or a mean of 0, there is no interval on the log scale: both limits missing
        error = values.std() / (centre * np.sqrt(len(values))) if centre > 0 else np.nan
        factors |= {count: len(values), mean: centre}
        factors |= {f"{prefix}_low": centre * np.exp(-z * error)}
        factors |= {f"{prefix}_high": centre * np.exp(z * error)}
    return factors


def _flow(closed: pd.DataFrame, row: dict, least_wins: int, z: float) -> dict:
    """The velocity of a group with its interval, or why there is none."""
    won = (closed["outcome"] == WON).to_numpy()
    amount = closed["amount"].where(won).to_numpy(float)
    cycle = closed["age_days"].where(won).to_numpy(float)
    n, k = len(closed), int(won.sum())
    least = max(least_wins, 1)
    if k < least:
        return {"refused": "few_wins"}
    if np.isfinite(amount).sum() < least or np.nansum(amount) <= 0:
        return {"refused": "no_amount"}
    if np.isfinite(cycle).sum() < least or np.nansum(cycle) <= 0:
        return {"refused": "no_cycle"}
    rate, mean_amount, cycle_days = k / n, np.nanmean(amount), np.nanmean(cycle)
    per_deal = rate * mean_amount / cycle_days
    # Influence of each closed deal on the logarithm of rate × amount ÷ cycle.
    influence = (won - rate) / rate
    influence += _relative_influence(amount, mean_amount) - _relative_influence(cycle, cycle_days)
    error = np.sqrt((influence**2).sum() / (n * max(n - 1, 1)))
    day = row["open"] * per_deal
    low, high = np.exp(-z * error), np.exp(z * error)
    live, month = MONTH_DAYS * (row["open"] - row["zombies"]) * per_deal, MONTH_DAYS * day
    return {
        "live_month_amount": live,
        "live_low": live * low,
        "live_high": live * high,
        "day_amount": day,
        "month_amount": month,
        "month_low": month * low,
        "month_high": month * high,
        "refused": None,
    }


def _relative_influence(values: np.ndarray, mean: float) -> np.ndarray:
    """Influence of each deal on the log of a mean over those whose value is known."""
    known = np.isfinite(values)
    return np.where(known, (values - mean) / (mean * known.mean()), 0.0)
