"""Revenue of the made-up company outside its pipeline: bookings by stream, contracts, targets.

What customers order themselves (``inbound``), what dealers bring (``channel``), upgrades, and the
renewals of contracts never are deals of the pipeline. Besides, what the deal list said on earlier
days. Everything depends on the seed alone; the customers and sellers are those of the sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from salesanalysis.datasets import deals as d
from salesanalysis.datasets import model as m
from salesanalysis.datasets import parameters as p
from salesanalysis.errors import require_number


@dataclass(frozen=True)
class Stream:
    """A stream as it is: bookings in the first month, growth a month, amounts, seasonal factors."""

    stream: str
    bookings_a_month: float
    monthly_growth: float
    mean_amount: float
    log_sd: float  # of the amounts
    season: tuple[float, ...]  # January first


# fmt: off
STREAMS = (
    Stream("inbound", 14, 0.010, 4_200, 0.7,
           (0.90, 0.80, 1.05, 1.00, 1.00, 1.05, 0.90, 0.85, 1.10, 1.15, 1.20, 1.00)),
    Stream("channel", 8, 0.004, 9_500, 0.6,
           (0.75, 0.80, 1.30, 0.90, 0.95, 1.25, 0.80, 0.85, 1.25, 0.95, 1.00, 1.20)),
    # So few that they have no course: some months bring none.
    Stream("upgrade", 0.7, 0.0, 15_000, 0.5, (1.0,) * 12),
)
# fmt: on
RENEWAL = "renewal"
FIRST_MONTH, LAST_DAY = np.datetime64("2022-01", "M"), np.datetime64("2025-12-30", "D")
#: A month has so many moments at which a booking can come: nearly a Poisson number of them.
SLOTS = 200

#: Contracts run for a year; so many begin with each month, and so many ran from the start.
NEW_CONTRACTS_A_MONTH, FIRST_CONTRACTS = 3, 120
CONTRACT_PRODUCTS = ("Ember Software", "Fjord Service Plan")
RENEWAL_RATE, LAG_DAYS, LAG_SD, MOST_LAG_DAYS = 0.82, -6.0, 12.0, 40.0
CONTRACT_AMOUNT, CONTRACT_LOG_SD, PRICE_RISE = 6_000, 0.6, 0.03

#: Targets: what a stream brings on average, give or take; floor and stretch as shares of it.
AMBITION, FLOOR, STRETCH = (0.97, 1.12), 0.9, 1.2
TARGET_QUARTERS = tuple(f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))

#: The days at whose beginning earlier deal lists were taken, and of how many deals.
SNAPSHOT_DAYS = ("2025-10-01", "2025-11-01", "2025-11-16", "2025-12-01")
SNAPSHOT_DEALS, SNAPSHOT_MONTHS, SELLERS, ACCOUNTS = 2_000, 24, 24, 600


@dataclass(frozen=True, eq=False)
class RevenueTruth:
    """What is true of the revenue outside the pipeline.

    Attributes
    ----------
    streams : DataFrame, one row per stream × month
        ``stream, period, mean``: what the month brings on average, renewals excepted.
    renewal_rate : float
        Share of the contracts that are renewed.
    lag_days : float
        Mean days from the end of a contract to its renewal.
    """

    streams: pd.DataFrame
    renewal_rate: float
    lag_days: float


@dataclass(frozen=True, eq=False)
class Revenue:
    """The revenue outside the pipeline of the made-up company.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``bookings, contracts, stream_targets, snapshots``.
    truth : RevenueTruth
    """

    tables: dict[str, pd.DataFrame]
    truth: RevenueTruth


def revenue(*, seed: int = 7) -> Revenue:
    """Bookings, contracts, their targets and earlier deal lists of the sample, and the truth.

    Parameters
    ----------
    seed : int
        The same seed gives the same tables; 0 or more.

    Returns
    -------
    Revenue

    Examples
    --------
    >>> made = revenue(seed=1)
    >>> sorted(made.tables["bookings"]["stream"].unique())
    ['channel', 'inbound', 'renewal', 'upgrade']
    >>> made.truth.renewal_rate
    0.82
    """
    seed = require_number("seed", seed, low=0, high=2**63 - 1, whole=True)
    accounts = d.accounts(seed, SNAPSHOT_DEALS)
    luck = m.stream(seed, "bookings")
    contracts, renewed = _contracts(luck, accounts)
    parts = [_booked(stream, luck, accounts) for stream in STREAMS]
    booked = pd.concat([*parts, renewed], ignore_index=True)
    booked = booked.sort_values(["booked_at", "stream"], kind="stable", ignore_index=True)
    means = _monthly_means()
    return Revenue(
        {
            "bookings": booked,
            "contracts": contracts,
            "stream_targets": _targets(means, booked, luck),
            "snapshots": _snapshots(seed, accounts),
        },
        RevenueTruth(means, RENEWAL_RATE, LAG_DAYS),
    )


def revenue_tables(seed: int) -> dict[str, pd.DataFrame]:
    """The tables of :func:`revenue` for the sample company of this seed."""
    return revenue(seed=seed).tables


def _months() -> np.ndarray:
    return np.arange(FIRST_MONTH, LAST_DAY.astype("datetime64[M]") + 1)


def _workdays(month: np.datetime64) -> np.ndarray:
    """The working days of a month, as far as the data go."""
    days = np.arange(month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]"))
    return days[np.is_busday(days) & (days <= LAST_DAY)]


def _rate(stream: Stream, month: np.datetime64) -> float:
    """Bookings to be expected in a month."""
    since = int((month - FIRST_MONTH).astype(int))
    return (
        stream.bookings_a_month * (1 + stream.monthly_growth) ** since * stream.season[since % 12]
    )


def _normal(draw: Sequence[float] | np.ndarray) -> np.ndarray:
    return np.array([NormalDist().inv_cdf(min(max(u, 1e-9), 1 - 1e-9)) for u in draw])


def _amount(mean: float, log_sd: float, draw: np.ndarray) -> np.ndarray:
    """Log-normal amounts in whole tens."""
    amounts = mean * np.exp(log_sd * _normal(draw) - log_sd**2 / 2)
    return np.maximum(np.round(amounts, -1), 10.0)


def _who(draws: np.ndarray, accounts: d.Accounts) -> dict[str, np.ndarray]:
    """Customers, and the sellers and regions that they belong to."""
    account = (draws[0] * ACCOUNTS).astype(int)
    region = accounts.region[account].astype(int)
    rep = region + len(p.REGIONS) * (draws[1] * (SELLERS // len(p.REGIONS))).astype(int)
    return {
        "region": np.array([group.name for group in p.REGIONS])[region],
        "owner_id": np.array(m.owner_ids(SELLERS))[rep],
        "account_id": np.array([f"A{number + 1:08d}" for number in account]),
    }


def _booked(stream: Stream, luck: np.random.Generator, accounts: d.Accounts) -> pd.DataFrame:
    """All bookings of one stream."""
    parts = []
    for month in _months():
        draws = luck.random((6, SLOTS))
        draws = draws[:, draws[0] < _rate(stream, month) / SLOTS]
        days = _workdays(month)
        names = np.array([name for name, _, _ in d.PRODUCTS])
        product = d.choice(draws[4], [share for _, _, share in d.PRODUCTS])
        parts.append(
            pd.DataFrame(
                {
                    "booked_at": days[(draws[1] * len(days)).astype(int)],
                    "stream": stream.stream,
                    "amount": _amount(stream.mean_amount, stream.log_sd, draws[5]),
                    "currency": "USD",
                    "product": names[product],
                    **_who(draws[2:4], accounts),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _contracts(luck: np.random.Generator, accounts: d.Accounts) -> tuple:
    """All contracts, and the bookings of those that were renewed."""
    year = np.timedelta64(12, "M")
    starts = [month for month in _months() for _ in range(NEW_CONTRACTS_A_MONTH)]
    first = FIRST_MONTH - 12 + (luck.random(FIRST_CONTRACTS) * 12).astype(int)
    waiting = [(month, luck.random(6), None) for month in sorted([*first, *starts])]
    rows, booked = [], []
    while waiting:
        start, who, amount = waiting.pop(0)
        renews, lag = luck.random(2)
        ends = (start + year).astype("datetime64[D]") - 1
        place = _who(who[:2, None], accounts)
        if amount is None:
            amount = _amount(CONTRACT_AMOUNT, CONTRACT_LOG_SD, who[3:4])[0]
        days = np.clip(LAG_DAYS + LAG_SD * _normal([lag])[0], -MOST_LAG_DAYS, MOST_LAG_DAYS)
        renewed = np.busday_offset(ends + int(np.round(days)), 0, roll="forward")
        done = renews < RENEWAL_RATE and renewed <= LAST_DAY
        own = {name: values[0] for name, values in place.items()} | {
            "amount": amount,
            "currency": "USD",
            "product": CONTRACT_PRODUCTS[int(who[2] * len(CONTRACT_PRODUCTS))],
            "stream": RENEWAL,
        }
        rows.append(own | {"contract_id": f"C{len(rows) + 1:05d}", "ends_at": ends}
                    | {"renewed_at": renewed if done else np.datetime64("NaT")})  # fmt: skip
        if done:
            raised = max(float(np.round(amount * (1 + PRICE_RISE), -1)), 10.0)
            booked.append(own | {"booked_at": renewed})
            waiting.append(((ends + 1).astype("datetime64[M]"), who, raised))
    return pd.DataFrame(rows), pd.DataFrame(booked)


def _monthly_means() -> pd.DataFrame:
    """What each stream brings in each month on average."""
    rows = [
        {"stream": s.stream, "period": str(month), "mean": _rate(s, month) * s.mean_amount}
        for s in STREAMS
        for month in _months()
    ]
    return pd.DataFrame(rows)


def _targets(means: pd.DataFrame, booked: pd.DataFrame, luck) -> pd.DataFrame:
    """Target, floor and stretch by quarter × stream, in whole hundreds."""
    quarters = pd.PeriodIndex(means["period"], freq="Q").astype(str).str.replace("Q", "-Q")
    fair = means.assign(period=quarters).groupby(["stream", "period"])["mean"].sum()
    renewals = booked[booked["stream"] == RENEWAL]
    a_quarter = renewals.loc[renewals["booked_at"] >= "2024-01-01", "amount"].sum() / 8
    rows = []
    for period in TARGET_QUARTERS:
        for name in (*(stream.stream for stream in STREAMS), RENEWAL):
            ambition = AMBITION[0] + (AMBITION[1] - AMBITION[0]) * luck.random()
            expected = a_quarter if name == RENEWAL else fair[name, period]
            target = float(np.round(expected * ambition, -2))
            rows.append({"period": period, "stream": name, "target": target}
                        | {"floor": float(np.round(FLOOR * target, -2))}
                        | {"stretch": float(np.round(STRETCH * target, -2))})  # fmt: skip
    return pd.DataFrame(rows)


def _snapshots(seed: int, accounts: d.Accounts) -> pd.DataFrame:
    """The open deals as the deal list showed them on earlier days."""
    model = m.build(seed=seed, months=SNAPSHOT_MONTHS, reps=SELLERS, skill_sd=0.35, null=False,
                    exceptions=None, quarter_end=3.0)  # fmt: skip
    parts = []
    for day in SNAPSHOT_DAYS:
        taken = pd.Timestamp(day)
        seen = d.draw_block(model, accounts, 0, known_at=taken).head(SNAPSHOT_DEALS)
        created = m.date_of(seen.created_minute // p.DAY_MINUTES)
        is_open = (created < taken.to_datetime64()) & (seen.closed_minute == d.NEVER)
        parts.append(
            pd.DataFrame(
                {
                    # The evening before: nothing of the day itself was known.
                    "taken_at": taken - pd.Timedelta(days=1),
                    "opportunity_id": [f"O{number + 1:08d}" for number in seen.number[is_open]],
                    "stage": np.array(p.STAGE_NAMES)[seen.stage[is_open]],
                    "amount": seen.amount[is_open],
                    "expected_close_at": seen.expected_date[is_open],
                    "probability": seen.probability[is_open],
                    "owner_call": np.array(d.CALLS)[seen.call[is_open]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
