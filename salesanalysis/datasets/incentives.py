"""An incentive programme of the made-up company: quotas, sales, payouts, and how payees respond.

The company's own sellers and its dealers sell accessories beside the pipeline. Under the plan in
:data:`PLAN` nothing is paid below the quota (the floor), 3% of the sales up to it, 5% of the
excess up to the stretch target, 1% of what is over that. Payees respond as :class:`Habits` says,
and the truth says who did what. All that is drawn depends on the seed alone.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import exp
from statistics import NormalDist

import numpy as np
import pandas as pd

from salesanalysis.datasets import model as m
from salesanalysis.datasets import tables
from salesanalysis.datasets.parameters import REGIONS
from salesanalysis.errors import require_number

FLOOR, STRETCH = 1.0, 1.3
#: From which share of the quota on which rate is paid for the part over it.
PLAN = ((Fraction(0), Fraction(3, 100)), (Fraction(1), Fraction(1, 20)))
PLAN += ((Fraction(13, 10), Fraction(1, 100)),)
SELLERS, DEALERS = 24, 56
PERIODS = tuple(f"{2022 + n // 4}-Q{n % 4 + 1}" for n in range(3, 15))
AS_OF = np.datetime64("2025-12-31")
#: Logarithm of what payees are worth before any response, as a share of the quota: mean, spread
#: between payees, spread of a payee's quarters.
PAYEE_LEVEL, PAYEE_SD, QUARTER_SD = 0.06, 0.14, 0.08
QUOTAS, GROWTH = (40_000, 160_000), 0.015
#: Chance of a sale on a working day, and spread of the logarithm of its amount.
SALE_CHANCE, SALE_SD = 0.35, 0.45
#: Days after the quarter's end: when a payout is earned, and when it is promised at the latest.
EARNED_AFTER, PROMISED_AFTER = 5, 35
#: Median days from earned to paid; one team is slow. Spread of the logarithm.
PAID_DAYS, SLOW_TEAM, SLOW_DAYS, PAID_SD = 21, "Dealers West", 44, 0.4
UNDERPAID, UNDERPAID_SHARE = 0.02, 0.9


@dataclass(frozen=True)
class Habits:
    """How payees respond; all zero is no response.

    Attributes
    ----------
    elasticity : float
        Of sales with respect to what the next sale is worth: the plan's rate and ``beside``.
    beside : float
        What a sale is worth beside the plan, as a share of its amount.
    stretch_slack : float
        Who stops at the stretch ends up to this share of the quota over it.
    kept_back : float
        Share of what was not sold at the stretch that is sold a quarter later.
    push_reach, push_share : float
        Who would end so little below the floor pushes up to it, this share of them; one in four
        lands exactly on it.
    pulled_share : float
        Share of the push that is missing a quarter later.
    hurry, lull : float
        How much more is sold in a quarter's last week, and less in its first.
    hopeless_times, give_up_share, slowed : float
        Who must sell so many times as fast as so far, after two thirds of the quarter, gives up in
        this share of the cases, and sells so much less in the rest.
    """

    elasticity: float = 0.12
    beside: float = 0.01
    stretch_slack: float = 0.02
    kept_back: float = 0.9
    push_reach: float = 0.1
    push_share: float = 0.7
    pulled_share: float = 0.6
    hurry: float = 1.2
    lull: float = 0.5
    hopeless_times: float = 2.0
    give_up_share: float = 0.7
    slowed: float = 0.4

    @property
    def stretch_factor(self) -> float:
        """How much more would be sold over the stretch if the rate did not fall there."""
        below, above = (float(PLAN[at][1]) + self.beside for at in (1, 2))
        return (below / above) ** self.elasticity


#: A company in which nobody responds to anything.
NO_HABITS = Habits(0.0, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class IncentiveTruth:
    """What is true of the programme.

    Attributes
    ----------
    habits : Habits
    payees : DataFrame
        One row per payee: ``payee_id, team, region, usual`` (median attainment without responses).
    responses : DataFrame
        One row per payee × period: ``payee_id, period, potential`` (attainment without responses),
        ``gave_up, pushed, stopped, held_back`` (sales not made at the stretch, money).
    """

    habits: Habits
    payees: pd.DataFrame
    responses: pd.DataFrame


@dataclass(frozen=True, eq=False)
class IncentiveProgramme:
    """Tables ``attainment``, ``payouts`` and ``sales``, and the truth behind them."""

    tables: dict[str, pd.DataFrame]
    truth: IncentiveTruth


def incentive_programme(
    *, seed: int = 7, payees: int = SELLERS + DEALERS, null: bool = False
) -> IncentiveProgramme:
    """Twelve quarters of quotas, sales and payouts, and the truth behind them.

    Parameters
    ----------
    seed : int
        The same seed and arguments give the same tables; 0 or more.
    payees : int
        From 1 to 99,999: the first 24 are the company's sellers ``R001`` …, the others its dealers
        ``D001`` …. The first ones of a larger number are those of a smaller one.
    null : bool
        Whether nobody responds to thresholds or to a quarter's end: what an analysis finds then
        is chance.

    Returns
    -------
    IncentiveProgramme

    Raises
    ------
    SalesAnalysisError
        ``seed`` or ``payees`` is out of its limits.

    Examples
    --------
    >>> made = incentive_programme(seed=1, payees=40)
    >>> made.tables["attainment"][["payee_id", "period", "quota", "sales"]].head(2)
      payee_id   period    quota     sales
    0     R001  2022-Q4  60100.0  56113.29
    1     R001  2023-Q1  61000.0  61904.00
    >>> made.truth.responses[["gave_up", "pushed", "stopped"]].sum().gt(0).tolist()
    [True, True, True]
    """
    seed = require_number("seed", seed, low=0, high=2**63 - 1, whole=True)
    payees = require_number("payees", payees, low=1, high=99_999, whole=True)
    habits = NO_HABITS if null else Habits()
    people = [_Payee(seed, number, habits) for number in range(payees)]
    for payee in people:
        payee.sell()
    of_all = {
        name: pd.DataFrame([row for payee in people for row in getattr(payee, name)])
        for name in ("attainment", "payouts", "sales", "responses")
    }
    responses = of_all.pop("responses")
    who = pd.DataFrame([payee.truth() for payee in people])
    return IncentiveProgramme(of_all, IncentiveTruth(habits, who, responses))


def incentive_tables(seed: int) -> dict[str, pd.DataFrame]:
    """The tables of :func:`incentive_programme` for the sample company of this seed."""
    return incentive_programme(seed=seed).tables


class _Payee:
    """One payee: who it is, and its rows quarter by quarter."""

    def __init__(self, seed: int, number: int, habits: Habits):
        # A stream for each payee: a larger programme begins with the payees of a smaller one.
        self.luck = m.stream(seed, "incentives", number + 1)
        self.habits = habits
        own = number < SELLERS
        region = number % len(REGIONS)
        self.region = REGIONS[region].name
        self.payee_id = f"R{number + 1:03d}" if own else f"D{number + 1 - SELLERS:03d}"
        self.team = tables.team_names(SELLERS)[number] if own else f"Dealers {self.region}"
        size, level = self.luck.random(2)
        self.quota = QUOTAS[0] * (QUOTAS[1] / QUOTAS[0]) ** size
        self.usual = exp(PAYEE_LEVEL + PAYEE_SD * _normal(level))
        self.attainment, self.payouts, self.sales, self.responses = [], [], [], []

    def sell(self) -> None:
        """All quarters, each with what the one before left behind."""
        carried = 0.0
        for n, period in enumerate(PERIODS):
            quota = round(self.quota * (1 + GROWTH) ** n, -2)
            quarter = _Quarter(period, quota, self.luck, self.habits)
            carried = quarter.sell(self.usual, carried)
            self._record(quarter)

    def _record(self, quarter: "_Quarter") -> None:
        key = {"payee_id": self.payee_id, "period": quarter.period}
        where = {"currency": tables.CURRENCY, "team": self.team, "region": self.region}
        sold = int(quarter.cents.sum())
        self.attainment.append(key | {"quota": quarter.quota, "sales": sold / 100} | where)
        self.sales += [
            {"payee_id": self.payee_id, "sold_at": day, "amount": int(cents) / 100}
            | {"currency": tables.CURRENCY}
            for day, cents in zip(quarter.days, quarter.cents, strict=True)
        ]
        self.payouts.append(key | self._payout(quarter, sold) | where)
        self.payouts[-1].pop("region")
        self.responses.append(key | quarter.response)

    def _payout(self, quarter: "_Quarter", sold: int) -> dict:
        late, short = self.luck.random(2)
        cents = earned_cents(sold, round(100 * quarter.quota))
        usual = SLOW_DAYS if self.team == SLOW_TEAM else PAID_DAYS
        day = quarter.end + EARNED_AFTER
        paid_at = day + int(round(usual * exp(PAID_SD * _normal(late))))
        is_paid = cents > 0 and paid_at < AS_OF
        paid = int(cents * UNDERPAID_SHARE) if short < UNDERPAID else cents
        return {
            "earned": cents / 100,
            "earned_at": day,
            "promised_at": quarter.end + PROMISED_AFTER,
            "paid": paid / 100 if is_paid else (0.0 if not cents else np.nan),
            "paid_at": paid_at if is_paid else np.datetime64("NaT"),
        }

    def truth(self) -> dict:
        return {"payee_id": self.payee_id, "team": self.team, "region": self.region} | {
            "usual": self.usual
        }


def earned_cents(sold: int, quota: int) -> int:
    """What :data:`PLAN` pays, in cents, rounded half up: nothing below the quota."""
    if sold < quota:
        return 0
    earned = Fraction(0)
    for at, (start, rate) in enumerate(PLAN):
        end = PLAN[at + 1][0] * quota if at + 1 < len(PLAN) else Fraction(sold)
        earned += rate * max(min(Fraction(sold), end) - start * quota, Fraction(0))
    return int(earned + Fraction(1, 2))


class _Quarter:
    """One payee's quarter: sales as they would come, then what the payee makes of them."""

    def __init__(self, period: str, quota: float, luck: np.random.Generator, habits: Habits):
        self.period, self.quota, self.luck, self.habits = period, quota, luck, habits
        year, quarter = int(period[:4]), int(period[-1])
        month = np.datetime64(f"{year}-{3 * quarter - 2:02d}", "M")
        self.start = month.astype("datetime64[D]")
        self.end = (month + 3).astype("datetime64[D]")
        self.response: dict = {}
        self.days = self.cents = np.empty(0)

    def sell(self, usual: float, carried: float) -> float:
        """Sales of the quarter; returns the money that is carried into the next one."""
        worth = usual * exp(QUARTER_SD * _normal(self.luck.random()))
        days, amounts = self._natural(max(worth * self.quota + carried, 0.1 * self.quota))
        potential = amounts.sum() / self.quota
        gave_up = self._gives_up(days, amounts)
        share = amounts.sum() / self.quota
        pushed, lands = self._pushes(share)
        stopped, ends = self._stops(share)
        carried = held = 0.0
        if pushed:
            extra = (lands - share) * self.quota
            days = np.append(days, self._late_day())
            amounts = np.append(amounts, extra)
            carried = -self.habits.pulled_share * extra
        elif ends < share:
            held = (share - ends) * self.quota if stopped else 0.0
            amounts = amounts * (ends / share)
            carried = self.habits.kept_back * held
        total = round(100 * self.quota * (lands if pushed else ends))
        order = np.argsort(days, kind="stable")
        self.days, self.cents = days[order], _cents(amounts[order], total)
        self.response = {"potential": potential, "gave_up": gave_up, "pushed": pushed}
        self.response |= {"stopped": stopped, "held_back": held}
        return carried

    def _natural(self, money: float) -> tuple[np.ndarray, np.ndarray]:
        """Sales as they would come, about so much: more at the end, fewer at the start."""
        days = np.arange(self.start, self.end)
        days = days[np.is_busday(days)]
        weight = np.ones(len(days))
        weight[days >= self.end - 7] += self.habits.hurry
        weight[days < self.start + 7] -= self.habits.lull
        weight *= len(days) / weight.sum()
        comes, size = self.luck.random((2, len(days)))
        # A day brings a sale or none; in the last week the sales are larger rather than more.
        sold = comes < SALE_CHANCE * np.minimum(weight, 1)
        sold[np.argmin(comes)] = True
        mean = money / (SALE_CHANCE * len(days)) * np.maximum(weight, 1)
        spread = [exp(SALE_SD * _normal(u) - SALE_SD**2 / 2) for u in size]
        return days[sold], (mean * spread)[sold]

    def _gives_up(self, days: np.ndarray, amounts: np.ndarray) -> bool:
        """Slow down if the floor is out of reach after two thirds of the quarter."""
        passed = np.busday_count(self.start, days) / np.busday_count(self.start, self.end)
        late = passed >= 2 / 3
        so_far = amounts[~late].sum() / self.quota
        needed = (FLOOR - so_far) * 3 / (so_far * 1.5) if so_far > 0 else np.inf
        draw = self.luck.random()
        if needed < self.habits.hopeless_times or draw >= self.habits.give_up_share:
            return False
        amounts[late] *= 1 - self.habits.slowed
        return True

    def _pushes(self, share: float) -> tuple[bool, float]:
        """Whether the payee pushes up to the floor, and where it lands."""
        draw, exactly, over = self.luck.random(3)
        near = FLOOR - self.habits.push_reach <= share < FLOOR
        lands = FLOOR if exactly < 0.25 else FLOOR + 0.02 * over
        return bool(near and draw < self.habits.push_share), lands

    def _stops(self, share: float) -> tuple[bool, float]:
        """Whether the payee stops at the stretch, and where the quarter ends."""
        slack = self.habits.stretch_slack * self.luck.random()
        if share <= STRETCH or self.habits.stretch_factor == 1:
            return False, share
        if share < STRETCH * self.habits.stretch_factor:
            return True, min(share, STRETCH + slack)
        return False, share / self.habits.stretch_factor

    def _late_day(self) -> np.datetime64:
        days = np.arange(self.end - 7, self.end)
        days = days[np.is_busday(days)]
        return days[int(self.luck.random() * len(days))]


def _normal(draw: float) -> float:
    """A standard normal number from a uniform one."""
    return NormalDist().inv_cdf(min(max(draw, 1e-9), 1 - 1e-9))


def _cents(amounts: np.ndarray, total: int) -> np.ndarray:
    """Whole cents in proportion to the amounts that add up to the total."""
    steps = np.floor(np.cumsum(amounts) / amounts.sum() * total + 1e-6).astype(np.int64)
    steps[-1] = total
    return np.diff(steps, prepend=0)
