"""The daily chance that an open deal is won or lost, by its age and the part of the quarter."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.risk_tables import (
    LARGE_PARTS,
    LOST,
    MONTH_ENDS_ALIKE,
    QUARTER_PARTS,
    WON,
    RiskTable,
    quarter_parts,
)
from salesanalysis.periods import Calendar

#: What is thought of deals before any has closed: this share is won, after so many days, and this
#: many closings outweigh the thought.
PRIOR_WIN_SHARE, PRIOR_CYCLE_DAYS, PRIOR_CLOSINGS = 0.3, 90.0, 1.0

#: A group of ages has at least so many closings, and there are at most so many groups.
_LEAST_CLOSINGS, _MOST_GROUPS = 25, 40
#: Pseudo-events that pull a group of ages to the pace of all ages.
_PULL = 0.5
#: No chance per day is greater.
_MOST = 0.95
#: Pseudo-closings that carry the last hazard on past the oldest closing.
_TAIL_PULL = 1.0
#: Where so many closings were due and none came, later ones are out of the question (95%).
_CLEARLY_DUE = 3.0
#: Where the six parts of the quarter are so far from their closings it is not chance (χ², 95%).
_CLEARLY_APART = 12.6
#: The power of age by which hazards go lies about 0 (no change with age), with this standard
#: deviation: the Weibull shapes of durations, 1 more, lie between 0.5 and 2, rarely beyond.
_POWER_SPREAD = 0.5


@dataclass(frozen=True, eq=False)
class AgeHazards:
    """Cause-specific hazards by age.

    Attributes
    ----------
    daily : ndarray, won or lost × ages
        Chance per day at each age, as the quarter is on average, as far as deals are old.
    by_part : ndarray, won or lost × parts of a quarter × ages
        By how much the part of the quarter multiplies it.
    part_variance : ndarray, parts of a quarter with the ends of its first two months as one
        How unsure the multiplier of the wins is (its variance ÷ its square), where the part had to
        be brought back to its closings.
    calendar : Calendar
        Which says what part of its quarter a day lies in.
    seen_to : float
        The greatest age about which something is known: that of the oldest closing where closings
        reach to the end of what could be seen, endless where it is known that none come later.
    rise : float
        The power of age by which hazards go on past the last age; 0 where they stay as they are.
    """

    daily: np.ndarray
    by_part: np.ndarray
    part_variance: np.ndarray
    calendar: Calendar
    seen_to: float
    rise: float

    def multiplier(self, days, ages) -> np.ndarray:
        """The multiplier of the part of the quarter: won, lost, for days and ages of one shape."""
        ages = np.minimum(ages, self.daily.shape[1] - 1)
        return self.by_part[:, quarter_parts(self.calendar, days), ages]

    def at(self, ages) -> np.ndarray:
        """The daily hazards of an average part of a quarter, won or lost first."""
        last = self.daily.shape[1] - 1
        further = (np.maximum(ages, last) + 0.5) / (last + 0.5)
        return np.minimum(self.daily[:, np.minimum(ages, last)] * further**self.rise, _MOST)

    def expected(self, table: RiskTable) -> np.ndarray:
        """Closings that they would give in each cell of a table: won or lost × stretches × ages."""
        return table.exposure * self.daily[:, None] * self.by_part[:, table.quarter_part]

    def calendar_variance(self, days: np.ndarray) -> float:
        """Relative variance of the wins of some days that comes of not knowing the multipliers."""
        part = quarter_parts(self.calendar, days)
        pace = self.by_part[WON].mean(axis=1)
        wins = np.bincount(MONTH_ENDS_ALIKE[part], pace[part], len(self.part_variance))
        return float((wins / wins.sum()) ** 2 @ self.part_variance)


def fit_age_hazards(
    table: RiskTable,
    *,
    calendar_events: float = 10.0,
    month_variance: float = 0.1,
) -> AgeHazards:
    """Hazards by age and part of the quarter.

    Ages are put into groups with equally many closings. Past the greatest age at which a deal
    closed the last hazard goes on, and sinks towards 0 with every deal that stays open there: where
    many did, they are known not to close; where the history is too short for any to get so old,
    nothing is known, and a hazard of 0 would be a claim. There it goes on rising or falling with
    age as it has so far: else a company whose deals take longer than its history is forecast
    a third too low.

    Parts of the quarter differ where companies sell by the quarter; elsewhere a difference is
    chance. So the multipliers are shrunk to 1: by ``calendar_events`` pseudo-events at least, and
    by more (up to no multiplier at all) where they differ no more than single ones do anyway.
    Shrinking each age by itself leaves too little of a difference that all ages share, so each part
    is brought back to its closings in the end, where it is clearly off them; few ends of quarters
    leave it unsure by how much. Ages differ by months and the last two weeks; the last week of
    months and of the quarter is one for all ages, and only where it is clear.

    Parameters
    ----------
    table : RiskTable
    calendar_events : float
        The least number of pseudo-events that pull a multiplier to 1.
    month_variance : float
        Squared coefficient of variation of a month's closings (or a part's) beyond Poisson.

    References
    ----------
    Cause-specific hazards: Prentice, R. L. et al. (1978), Biometrics 34, 541–554. Shrinkage by the
    estimated spread: Clayton, D., Kaldor, J. (1987), Biometrics 43, 671–681.
    """
    closings = table.closings.sum(axis=1)
    age_group = _groups(closings.sum(axis=0), _LEAST_CLOSINGS, _MOST_GROUPS, table.ages)
    season_group = _groups(closings.sum(axis=0), 60, 6, table.ages, tail=False)
    by_part = np.ones((2, QUARTER_PARTS, table.ages))
    part_variance = np.zeros((2, MONTH_ENDS_ALIKE.max() + 1))
    for _ in range(3):  # hazards and multipliers settle together
        exposure = (table.exposure * by_part[:, table.quarter_part]).sum(axis=1)
        daily = _daily(closings, exposure, age_group)
        for way in (WON, LOST):
            by_part[way], part_variance[way] = _multipliers(
                table, daily[way], table.closings[way], season_group,
                calendar_events, month_variance,
            )  # fmt: skip
    seen_to, rise = _seen_to(closings, exposure, daily), 0.0
    if np.isfinite(seen_to):
        at_risk = exposure.mean(axis=0)
        rise = _power_of_age(closings.sum(axis=0), at_risk)
        daily = _risen(daily, rise, closings.sum(axis=0), at_risk, age_group)
    return AgeHazards(daily, by_part, part_variance[WON], table.calendar, seen_to, rise)


def _groups(
    closings: np.ndarray, least: int, most: int, ages: int, *, tail: bool = True
) -> np.ndarray:
    """The group of each age: equally many closings in each, and one for ages past the last."""
    closed_at = np.repeat(np.arange(ages), closings.astype(int))
    count = max(1, min(most, len(closed_at) // least))
    cuts = [int(closed_at[len(closed_at) * k // count]) for k in range(1, count)]
    if tail:
        cuts.append(int(closed_at[-1]) + 1 if len(closed_at) else ages)
    edges = np.unique([0, *cuts])
    return np.searchsorted(edges, np.arange(ages), side="right") - 1


def _by_group(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The values of the last axis added up by group."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(group) > 0]))
    return np.add.reduceat(values, starts, axis=-1)


def _daily(closings: np.ndarray, exposure: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Closings per deal-day in each group of ages, pulled a little to the pace of all others."""
    grouped, at_risk = _by_group(closings, group), _by_group(exposure, group)
    share = np.array([[PRIOR_WIN_SHARE], [1 - PRIOR_WIN_SHARE]])
    # Of the others: what a group has seen itself must not count twice.
    others = grouped.sum(axis=1, keepdims=True) - grouped
    other_days = at_risk.sum(axis=1, keepdims=True) - at_risk
    pace = (others + PRIOR_CLOSINGS * share) / (other_days + PRIOR_CLOSINGS * PRIOR_CYCLE_DAYS)
    daily = np.minimum((grouped + _PULL) / (at_risk + _PULL / pace), _MOST)
    if grouped.shape[1] > 1 and not grouped[:, -1].any():
        daily[:, -1] = _TAIL_PULL / (at_risk[:, -1] + _TAIL_PULL / daily[:, -2])
    return daily[:, group]


def _seen_to(closings: np.ndarray, exposure: np.ndarray, daily: np.ndarray) -> float:
    """The age of the oldest closing, endless where later ones would have been seen."""
    closed_at = np.flatnonzero(closings.sum(axis=0))
    if not len(closed_at):
        return np.inf
    last = closed_at[-1]
    due = exposure[:, last + 1 :].sum(axis=1) @ daily[:, last]
    return np.inf if due >= _CLEARLY_DUE else float(last)


def _risen(
    daily: np.ndarray, rise: float, closings: np.ndarray, exposure: np.ndarray, group: np.ndarray
) -> np.ndarray:
    """Hazards that go as a power of age from the last group of ages with closings on.

    The group keeps the closings it had: only where in it they fall, and what follows, changes.
    """
    with_age = (np.arange(len(closings)) + 0.5) ** rise
    last = group[np.flatnonzero(closings)[-1]]
    own = group == last
    usual = exposure[own] @ with_age[own] / exposure[own].sum()
    return np.minimum(daily * np.where(group >= last, with_age / usual, 1.0), _MOST)


def _power_of_age(closings: np.ndarray, exposure: np.ndarray) -> float:
    """The power of age that the hazard has gone by: the most likely one, pulled to 0."""
    logs = np.log(np.arange(len(closings)) + 0.5)
    powers = np.linspace(-2, 2, 81)
    due = np.exp(powers[:, None] * logs) @ exposure
    likely = powers * (closings @ logs) - closings.sum() * np.log(due)
    return float(powers[np.argmax(likely - (powers / _POWER_SPREAD) ** 2 / 2)])


def _multipliers(
    table: RiskTable,
    daily: np.ndarray,
    closings: np.ndarray,
    group: np.ndarray,
    least_pull: float,
    month_variance: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Observed ÷ expected closings by part × age, shrunk to 1, and how unsure each part is."""
    units, unit = np.unique(table.month * QUARTER_PARTS + table.quarter_part, return_inverse=True)
    part = units % QUARTER_PARTS
    observed = np.zeros((len(units), group[-1] + 1))
    expected = np.zeros_like(observed)
    np.add.at(observed, unit, _by_group(closings, group))
    np.add.at(expected, unit, _by_group(table.exposure * daily, group))
    seen = np.unique(part[expected.sum(axis=1) > 5])
    if len(seen) < 2:
        return np.ones((QUARTER_PARTS, table.ages)), np.zeros(MONTH_ENDS_ALIKE.max() + 1)

    def summed_up(observed: np.ndarray, expected: np.ndarray, parts: np.ndarray) -> np.ndarray:
        """Observed and expected of each of the parts (× age group)."""
        # A month with many closings says little more than one with few: months vary by themselves.
        worth = 1 / (1 + expected * month_variance)
        summed = np.zeros((2, parts.max() + 1, observed.shape[1]))
        np.add.at(summed[0], parts[part], observed * worth)
        np.add.at(summed[1], parts[part], expected * worth)
        return summed

    o, e = summed_up(observed, expected, LARGE_PARTS)
    pull = max(least_pull, _pull(o, e))
    by_age = ((o + pull) / (e + pull))[LARGE_PARTS]
    left = (expected * by_age[part]).sum(axis=1, keepdims=True)
    o, e = summed_up(observed.sum(axis=1, keepdims=True), left, MONTH_ENDS_ALIKE)
    if ((o - e) ** 2 / np.maximum(e, 0.5)).sum() < _CLEARLY_APART:
        return by_age[:, group], np.zeros(len(o))
    pull = _pull(o, e)
    back = ((o + pull) / (e + pull))[MONTH_ENDS_ALIKE]
    return (by_age * back)[:, group], 1 / (o + pull)[:, 0]


def _pull(observed: np.ndarray, expected: np.ndarray) -> float:
    """Pseudo-events that pull ratios to 1: few where they differ much, beyond chance."""
    some = expected > 0.5
    beyond = ((observed - expected)[some] ** 2 - expected[some]).sum()
    spread = beyond / max((expected[some] ** 2).sum(), 1e-12)
    return 1 / max(spread, 1e-9)
