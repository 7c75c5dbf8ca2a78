"""The daily chance that an open deal is won or lost, by its age and the part of the quarter."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.risk_tables import LOST, QUARTER_PARTS, WON, RiskTable, quarter_parts
from salesanalysis.periods import Calendar

#: What is thought of deals before any has closed: this share is won, after so many days, and this
#: many closings outweigh the thought.
PRIOR_WIN_SHARE, PRIOR_CYCLE_DAYS, PRIOR_CLOSINGS = 0.3, 90.0, 1.0

#: A group of ages has at least so many closings, and there are at most so many groups.
_LEAST_CLOSINGS, _MOST_GROUPS = 25, 40
#: Pseudo-events that pull a group of ages to the pace of all ages.
_PULL = 0.5
#: Pseudo-closings that carry the last hazard on past the oldest closing.
_TAIL_PULL = 1.0
#: Where so many closings were due and none came, later ones are out of the question (95%).
_CLEARLY_DUE = 3.0


@dataclass(frozen=True, eq=False)
class AgeHazards:
    """Cause-specific hazards by age.

    Attributes
    ----------
    daily : ndarray, won or lost × ages
        Chance per day at each age, as the quarter is on average; the last age stands for all
        older ones.
    by_part : ndarray, won or lost × parts of a quarter × ages
        By how much the part of the quarter multiplies it: its months, and its last two weeks.
    calendar : Calendar
        Which says what part of its quarter a day lies in.
    seen_to : float
        The greatest age about which something is known: that of the oldest closing where closings
        reach to the end of what could be seen, endless where it is known that none come later.
    """

    daily: np.ndarray
    by_part: np.ndarray
    calendar: Calendar
    seen_to: float

    def multiplier(self, days, ages) -> np.ndarray:
        """The multiplier of the part of the quarter: won, lost, for days and ages of one shape."""
        ages = np.minimum(ages, self.daily.shape[1] - 1)
        return self.by_part[:, quarter_parts(self.calendar, days), ages]

    def at(self, ages) -> np.ndarray:
        """The daily hazards of an average part of a quarter, won or lost first."""
        return self.daily[:, np.minimum(ages, self.daily.shape[1] - 1)]

    def expected(self, table: RiskTable) -> np.ndarray:
        """Closings that they would give in each cell of a table: won or lost × stretches × ages."""
        return table.exposure * self.daily[:, None] * self.by_part[:, table.quarter_part]


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
    nothing is known, and a hazard of 0 would be a claim.

    Parts of the quarter differ where companies sell by the quarter; elsewhere a difference is
    chance. So the multipliers are shrunk to 1: by ``calendar_events`` pseudo-events at least, and
    by more (up to no multiplier at all) where they differ no more than single ones do anyway.

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
    for _ in range(3):  # hazards and multipliers settle together
        exposure = (table.exposure * by_part[:, table.quarter_part]).sum(axis=1)
        daily = _daily(closings, exposure, age_group)
        by_part = np.stack(
            [
                _multipliers(
                    table, daily[way], table.closings[way], season_group,
                    calendar_events, month_variance,
                )
                for way in (WON, LOST)
            ]
        )  # fmt: skip
    return AgeHazards(daily, by_part, table.calendar, _seen_to(closings, exposure, daily))


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
    daily = np.minimum((grouped + _PULL) / (at_risk + _PULL / pace), 0.95)
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


def _multipliers(
    table: RiskTable,
    daily: np.ndarray,
    closings: np.ndarray,
    group: np.ndarray,
    least_pull: float,
    month_variance: float,
) -> np.ndarray:
    """Observed to expected closings by part of the quarter × age, shrunk to 1."""
    units, unit = np.unique(table.month * QUARTER_PARTS + table.quarter_part, return_inverse=True)
    part = units % QUARTER_PARTS
    observed = np.zeros((len(units), group[-1] + 1))
    expected = np.zeros_like(observed)
    np.add.at(observed, unit, _by_group(closings, group))
    np.add.at(expected, unit, _by_group(table.exposure * daily, group))
    seen = np.unique(part[expected.sum(axis=1) > 5])
    if len(seen) < 2:
        return np.ones((QUARTER_PARTS, table.ages))
    # A month with many closings says little more than one with few: months vary by themselves.
    worth = 1 / (1 + expected * month_variance)
    o, e = np.zeros((2, QUARTER_PARTS, group[-1] + 1))
    np.add.at(o, part, observed * worth)
    np.add.at(e, part, expected * worth)
    some = e > 0.5
    spread = ((o - e)[some] ** 2 - e[some]).sum() / max((e[some] ** 2).sum(), 1e-12)
    pull = max(least_pull, 1 / max(spread, 1e-9))
    return ((o + pull) / (e + pull))[:, group]
