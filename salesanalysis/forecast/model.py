"""The pipeline model: all that is learned from the deals known on one day."""

from dataclasses import dataclass, replace

import numpy as np

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.forecast.age_hazards import AgeHazards, fit_age_hazards
from salesanalysis.forecast.amount_bands import AmountBands, fit_amount_bands
from salesanalysis.forecast.arrivals import Arrivals, recent_arrivals
from salesanalysis.forecast.chances import daily_hazards, new_deal_chances, win_chances, won_by_day
from salesanalysis.forecast.deal_arrays import FROM_DEAL_LIST, DealArrays
from salesanalysis.forecast.horizons import Horizon
from salesanalysis.forecast.landmark import LandmarkTable, landmark_table
from salesanalysis.forecast.recent_level import RecentLevel, recent_level
from salesanalysis.forecast.recorded_since import recording_start
from salesanalysis.forecast.risk_tables import RiskTable, risk_table

#: New deals are taken to be like those of so many days, or like the last so many deals.
_RECENT_DAYS, _RECENT_DEALS = 90, 20
#: A chance is as sure as if this many deals had been counted, before any has been followed …
_LEAST_TRUST = 2.0
#: … and as so many more, where enough closings are behind the hazards by age that it borrows from.
_BORROWED_TRUST = 10.0
#: If all wins to come were of deals older than any that could be seen, their number would be as
#: uncertain as this (standard deviation of the logarithm).
_UNSEEN_SPREAD = 1.5
#: Wins from which on the ratio of won to known amounts is used.
_LEAST_RATIO = 10


@dataclass(frozen=True, eq=False)
class PipelineModel:
    """What was learned.

    Attributes
    ----------
    known : DealArrays
    observed_from : int
        Day from which closings were recorded.
    table, hazards, level, bands, arrivals, landmarks
        See their classes.
    chances : ndarray, deals open × periods
        Of each open deal, in the order of ``known.open``.
    group : ndarray of int, deals open
        Which deals share their chances.
    trust : ndarray, deals open
        So many past deals are behind a chance.
    recent : ndarray of int
        Positions of the deals that new ones are taken to be like.
    wins_per_arrival : ndarray, recent deals × periods
    amount_ratio : float
        Amount won ÷ amount known before, of all wins together.
    pool : ndarray
        Amounts of won deals, else of all deals; empty where no deal has one.
    unseen : float
        Share of the wins to come that are expected of deals older than any that could be seen
        closing yet: the history is shorter than the sales cycle.
    """

    known: DealArrays
    observed_from: int
    table: RiskTable
    hazards: AgeHazards
    level: RecentLevel
    bands: AmountBands
    arrivals: Arrivals
    landmarks: LandmarkTable
    chances: np.ndarray
    group: np.ndarray
    trust: np.ndarray
    recent: np.ndarray
    wins_per_arrival: np.ndarray
    amount_ratio: float
    pool: np.ndarray
    unseen: float

    @property
    def open_amounts(self) -> np.ndarray:
        """What each open deal would be won for; missing where its amount is not known."""
        return self.known.amount[self.known.open] * self.amount_ratio

    @property
    def open_bands(self) -> np.ndarray:
        """The amount band of each open deal."""
        return self.bands.band(self.known.amount)[self.known.open]

    @property
    def closings(self) -> int:
        """Deals that closed since closings were recorded."""
        return int(self.table.closings.sum())

    @property
    def oldest_closing(self) -> float:
        """The greatest age in days at which a deal closed; missing before any has."""
        ages = np.flatnonzero(self.table.closings.sum(axis=(0, 1)))
        return float(ages[-1]) if len(ages) else np.nan

    @property
    def zombies(self) -> np.ndarray:
        """Which open deals are older than any deal was when it closed.

        None is where the history is too short for older deals to be seen closing.
        """
        age = self.known.as_of - self.known.created[self.known.open]
        if np.isfinite(self.hazards.seen_to):
            return np.zeros(len(age), dtype=bool)
        return age > np.nan_to_num(self.oldest_closing, nan=np.inf)

    @property
    def evidence(self) -> np.ndarray:
        """So many past deals and closings are behind the chance of each open deal."""
        return np.minimum(self.trust, self.closings)


@dataclass(frozen=True)
class PipelineSettings:
    """How much of the past counts in the forecast of a pipeline, and how.

    Parameters
    ----------
    half_life_days : float
        The recent level: after so many days a day weighs half.
    pull_events : float
        Pseudo-closings by which a group of past deals is pulled to the hazards by age.
    landmarks : int
        On about so many past days are the deals open then followed.
    singles : int
        So many deals with the most variance are drawn one by one; the rest is summed up.
    prior_spread : float
        How far the wins of a coming period lie from the recent level, as far as the past is too
        short to say it (standard deviation of the logarithm).

    Examples
    --------
    >>> PipelineSettings(singles=0).landmarks
    60
    """

    half_life_days: float = 21.0
    pull_events: float = 2.0
    landmarks: int = 60
    singles: int = 2000
    prior_spread: float = 0.08


def fit_pipeline(
    known: DealArrays,
    ahead: Horizon,
    *,
    observed_from: int | None,
    settings: PipelineSettings,
) -> PipelineModel:
    """Everything that the forecast of ``ahead`` needs, from the deals known."""
    if not len(known.created):
        raise SalesAnalysisError(
            "No deal is known with a date of creation by `as_of`; expected at least one."
        )
    start = recording_start(known) if observed_from is None else observed_from
    start = int(np.clip(start, known.created.min(), known.as_of))
    table = risk_table(known, start)
    hazards = fit_age_hazards(table)
    learned = {"half_life_days": settings.half_life_days, "prior_spread": settings.prior_spread}
    level = recent_level(table, hazards, ahead.days, **learned)
    bands = fit_amount_bands(known, hazards, start)
    arrivals = recent_arrivals(known, start, ahead.days)
    past = landmark_table(known, hazards, start, ahead.days, landmarks=settings.landmarks)
    by_group = win_chances(
        past, known, hazards, level, bands, ahead.bounds, pull_events=settings.pull_events
    )
    still = known.open
    band = bands.band(known.amount)
    chances = by_group[band[still], past.group_now]
    closings = table.closings.sum()
    borrowed = _LEAST_TRUST + _BORROWED_TRUST * closings / (closings + _BORROWED_TRUST)
    recent = _recent(known, start)
    new = new_deal_chances(known, hazards, level, bands, ahead.bounds)[band[recent]]
    ratio, pool = _amounts(known)
    new_wins = arrivals.per_day * new.sum(axis=1).mean()
    unseen = 0.0
    if np.isfinite(hazards.seen_to):
        daily = daily_hazards(past, known, hazards, level, pull_events=settings.pull_events)
        won = won_by_day(daily, bands)[band[still], past.group_now]
        older = _unseen(won, known.as_of - known.created[still], hazards.seen_to)
        unseen = older / (chances.sum() + new_wins)
    spread = level.spread**2 + (_UNSEEN_SPREAD * unseen) ** 2
    spread += np.log1p(hazards.calendar_variance(known.as_of + np.arange(1, ahead.days + 1)))
    return PipelineModel(
        known=known,
        observed_from=start,
        table=table,
        hazards=hazards,
        level=replace(level, spread=float(np.sqrt(spread))),
        bands=bands,
        arrivals=arrivals,
        landmarks=past,
        chances=chances,
        group=band[still] * by_group.shape[1] + past.group_now,
        trust=past.followed[past.group_now] + borrowed,
        recent=recent,
        wins_per_arrival=new,
        amount_ratio=ratio,
        pool=pool,
        unseen=unseen,
    )


def _unseen(won: np.ndarray, age: np.ndarray, seen_to: float) -> float:
    """Wins expected of open deals at ages at which none could be seen closing yet.

    ``won`` are their chances to be won on each day from tomorrow on.
    """
    ages = age[:, None] + np.arange(1, won.shape[1] + 1)
    return float(won[ages > seen_to].sum())


def _recent(known: DealArrays, observed_from: int) -> np.ndarray:
    """The deals that new ones are taken to be like."""
    since = max(known.as_of - _RECENT_DAYS + 1, observed_from)
    recent = np.flatnonzero(known.created >= since)
    if len(recent) < _RECENT_DEALS:
        order = np.argsort(known.created, kind="stable")
        recent = np.sort(order[-_RECENT_DEALS:])
    return recent


def _amounts(known: DealArrays) -> tuple[float, np.ndarray]:
    """The ratio of won to known amounts, and the amounts that stand for unknown ones."""
    both = known.won & (known.amount > 0) & (known.won_amount > 0)
    both &= known.amount_from != FROM_DEAL_LIST  # there the one is the other
    ratio = 1.0
    if both.sum() >= _LEAST_RATIO:
        ratio = float(known.won_amount[both].sum() / known.amount[both].sum())
    won = known.won_amount[known.won_amount > 0]
    seen = known.amount[known.amount > 0] * ratio
    pool = won if len(won) else seen
    return ratio, np.sort(pool)
