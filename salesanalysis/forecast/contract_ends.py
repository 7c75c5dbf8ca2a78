"""Renewals, from the contracts that end and from how many were renewed before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forecast.draws import Drawn, Draws
from salesanalysis.known import KnownForecast, frame_of
from salesanalysis.periods import moments
from salesanalysis.stats import wilson

#: What contracts that end are still to bring.
CONTRACTS = "contracts"
#: What must be known of each.
CONTRACT_COLUMNS = ("contract_id", "ends_at", "amount")
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False, repr=False)
class RenewalForecast(Drawn):
    """What the contracts that end will bring.

    Attributes
    ----------
    draws : Draws
        Cells ``stream, part`` (``contracts``), the roll-ups and ``period``.
    contracts : DataFrame, one row per contract that may still be renewed × period
        ``contract_id, ends_at, amount``, the roll-ups, ``period, probability, expected_amount``.
    renewed : DataFrame, one row
        The contracts decided so far: ``n, k, rate, rate_low, rate_high`` (Wilson),
        ``median_lag_days`` (from the end to the renewal, negative before it), ``waiting`` (ended,
        still within the days of grace).
    """

    contracts: pd.DataFrame
    renewed: pd.DataFrame


def renewals(
    known: KnownForecast,
    *,
    periods_ahead: Sequence[str] | str,
    by: Sequence[str] | str = (),
    stream: str = "renewal",
    grace_days: float = 60,
    prior_rate: float = 0.8,
    prior_weight: float = 5.0,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> RenewalForecast:
    """Forecast renewals from the dates on which contracts end.

    A contract is renewed with a probability learnt from those that ended more than ``grace_days``
    ago, and so many days before or after its end as those were. One that ended since is undecided:
    it counts neither as renewed nor as lost, and may still come, the less likely the later it gets.
    The rate is the same for all, and uncertain: it is drawn once for all contracts.

    Parameters
    ----------
    known : KnownForecast
        Its ``contracts``: ``contract_id, ends_at, amount``; ``renewed_at`` (missing where not
        renewed, or not yet). Renewals dated after its day count as not known.
    periods_ahead : str or list of str
        The periods to forecast, such as ``["2025-11", "2025-12"]``; of one that has begun, what is
        left of it.
    by : str or list of str
        Columns to split by, such as ``region``.
    stream : str
        The name of the stream in the forecast.
    grace_days : float
        Days after its end from which on a contract without renewal is lost.
    prior_rate, prior_weight : float
        The share renewed before any contract ended, and for how many contracts it counts.
    draws, seed : int
        How many draws, and where their random numbers start.
    level : float
        Confidence level of the rate's interval.

    Returns
    -------
    RenewalForecast

    Raises
    ------
    SalesAnalysisError
        A column is not there, a contract stands there twice, or has no amount or no end.

    References
    ----------
    Beta-binomial model: Gelman, A., and others (2013), Bayesian Data Analysis, 3rd ed., sec. 2.4.
    Sales-system source, §7.

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "contract_id": list("abcd"), "amount": 100.0,
    ...     "ends_at": pd.to_datetime(["2025-03-31", "2025-04-30", "2025-05-31", "2025-11-20"]),
    ...     "renewed_at": pd.to_datetime(["2025-03-31", "2025-04-25", None, None])})
    >>> known = KnownForecast(as_of="2025-10-31", contracts=contracts)
    >>> found = renewals(known, periods_ahead=["2025-11"])
    >>> found.renewed[["n", "k", "waiting"]].iloc[0].tolist()
    [3, 2, 0]
    >>> found.contracts[["contract_id", "period", "probability"]].round(2)
      contract_id   period  probability
    0           d  2025-11         0.75
    """
    by = as_list(by)
    contracts, now = frame_of(known, "contracts"), known.as_of
    table = _checked(contracts, by, now)
    # Contracts of one time of ending, renewed or not: early renewals alone would tell a fairy tale.
    ended = table["ends_at"] < now - grace_days * _DAY
    decided = table[ended]
    n, k = len(decided), int(decided["renewed_at"].notna().sum())
    lags = _lags(decided)
    waiting = table[~ended & table["renewed_at"].isna()].reset_index(drop=True)

    low, high = wilson(k, n, level=level)
    row = {"n": n, "k": k, "rate": k / n if n else np.nan, "rate_low": float(low)}
    row |= {"rate_high": float(high), "median_lag_days": float(np.median(lags))}
    row |= {"waiting": int((waiting["ends_at"] <= now).sum())}

    rng = np.random.default_rng(seed)
    lost, won = prior_weight * (1 - prior_rate) + n - k, prior_weight * prior_rate + k
    rate = rng.beta(won, lost, draws)
    ahead = as_list(periods_ahead)
    bounds = [known.calendar.bounds_of(name) for name in ahead]
    within = _chances(waiting["ends_at"], lags, now, bounds)
    before = _share_before(waiting["ends_at"], lags, now)
    likely = within * (won / (won + lost) / _not_yet(won / (won + lost), before))[:, None]
    return RenewalForecast(
        _drawn(waiting, by, stream, ahead, within, before, rate, rng),
        _by_contract(waiting, by, ahead, likely),
        pd.DataFrame([row]),
    )


def _checked(contracts: pd.DataFrame, by: list[str], now: pd.Timestamp) -> pd.DataFrame:
    """The contracts as known ``now``: sorted, renewals dated later forgotten."""
    require_columns(contracts.columns, [*CONTRACT_COLUMNS, *by], "`contracts`")
    twice = contracts.loc[contracts["contract_id"].duplicated(), "contract_id"].unique()
    if len(twice):
        raise SalesAnalysisError(
            f"`contracts` lists {', '.join(map(str, twice[:5]))} more than once; expected one row"
            " per contract: a renewed one ends anew under another `contract_id`."
        )
    lacking = contracts[contracts["ends_at"].isna() | contracts["amount"].isna()]
    if len(lacking):
        raise SalesAnalysisError(
            f"`contracts` has {len(lacking)} rows without `ends_at` or `amount`, such as contract"
            f" {', '.join(map(str, lacking['contract_id'].head(3)))}: complete them, or leave them"
            " out and count them first."
        )
    renewed = pd.Series(pd.NaT, contracts.index, dtype="datetime64[us]")
    if "renewed_at" in contracts:
        renewed = moments(contracts["renewed_at"])
    table = contracts.assign(
        renewed_at=renewed.where(renewed <= now), ends_at=moments(contracts["ends_at"])
    )
    return table.sort_values(["ends_at", "contract_id"], ignore_index=True)


def _lags(decided: pd.DataFrame) -> np.ndarray:
    """Days from the end of a contract to its renewal; 0 where none was renewed so far."""
    days = (decided["renewed_at"] - decided["ends_at"]).dropna() / _DAY
    return np.sort(days.to_numpy(float)) if len(days) else np.zeros(1)


def _share_before(ends_at: pd.Series, lags: np.ndarray, moment: pd.Timestamp) -> np.ndarray:
    """The share of renewals that would have come up to ``moment``, for each contract."""
    days = ((moment - ends_at) / _DAY).to_numpy(float)
    return np.searchsorted(lags, days, side="right") / len(lags)


def _chances(
    ends_at: pd.Series,
    lags: np.ndarray,
    now: pd.Timestamp,
    ahead: list[tuple[pd.Timestamp, pd.Timestamp]],
) -> np.ndarray:
    """The share of renewals that would fall into each period after ``now``, contract × period."""
    columns = []
    for start, end in ahead:
        last = end - pd.Timedelta(microseconds=1)
        until = _share_before(ends_at, lags, max(last, now))
        columns.append(until - _share_before(ends_at, lags, max(start - 1e-6 * _DAY, now)))
    return np.array(columns).T.reshape(len(ends_at), len(ahead))


def _not_yet(rate, before) -> np.ndarray:
    """Probability not to be renewed so far."""
    return np.maximum(1 - rate * before, 1e-12)


def _drawn(waiting, by, stream, ahead, within, before, rate, rng) -> Draws:
    """Cells of group × period: the amounts of the contracts that are renewed in each draw."""
    group = np.zeros(len(waiting), dtype=int)
    labels = pd.DataFrame(index=[0])
    if by and len(waiting):
        grouped = waiting.groupby(by, dropna=False)
        group, labels = grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)
    values = np.zeros((len(labels), len(ahead), len(rate)))
    for row in np.flatnonzero(within.sum(axis=1) > 0):
        chances = np.multiply.outer(within[row], rate / _not_yet(rate, before[row]))
        until = np.cumsum(chances, axis=0)
        chosen = rng.random(len(rate))
        hit = (chosen >= until - chances) & (chosen < until)
        values[group[row]] += waiting["amount"].iloc[row] * hit
    cells = labels.loc[labels.index.repeat(len(ahead))].reset_index(drop=True)
    cells = cells.assign(period=np.tile(np.array(ahead, dtype=object), len(labels)))
    cells = cells.assign(stream=stream, part=CONTRACTS)
    return Draws(cells[["stream", "part", *labels.columns, "period"]], np.concatenate(values))


def _by_contract(waiting, by, ahead, probability) -> pd.DataFrame:
    """One row per contract × period."""
    columns = list(dict.fromkeys(["contract_id", "ends_at", "amount", *by]))
    table = waiting[columns].loc[waiting.index.repeat(len(ahead))].reset_index(drop=True)
    table["period"] = np.tile(np.array(ahead, dtype=object), len(waiting))
    table["probability"] = probability.ravel()
    return table.assign(expected_amount=table["probability"] * table["amount"])
