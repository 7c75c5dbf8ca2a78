"""The daily chance that an open deal is won or lost, by its age and the month of the quarter."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.risk_tables import LOST, WON, RiskTable
from salesanalysis.periods import Calendar

#: What is thought of deals before any has closed: this share is won, after so many days, and this
#: many closings outweigh the thought.
PRIOR_WIN_SHARE, PRIOR_CYCLE_DAYS, PRIOR_CLOSINGS = 0.3, 90.0, 1.0

#: A group of ages has at least so many closings, and there are at most so many groups.
_LEAST_CLOSINGS, _MOST_GROUPS = 25, 40
#: Pseudo-events that pull a group of ages to the pace of all ages.
_PULL = 0.5


@dataclass(frozen=True, eq=False)
class AgeHazards:
    """Cause-specific hazards by age.

    Attributes
    ----------
    daily : ndarray, won or lost × ages
        Chance per day at each age in an average month; the last age stands for all older ones.
    by_month : ndarray, won or lost × 3 × ages
        By how much the month of the quarter multiplies it.
    calendar : Calendar
        Which says what month of its quarter a day lies in.
    """

    daily: np.ndarray
    by_month: np.ndarray
    calendar: Calendar

    def multiplier(self, days, ages) -> np.ndarray:
        """The month's multiplier, won or lost first, for days and ages of one shape."""
        ages = np.minimum(ages, self.daily.shape[1] - 1)
        return self.by_month[:, self.calendar.months_of(days)[0] % 3, ages]

    def at(self, ages) -> np.ndarray:
        """The daily hazards of an average month, won or lost first."""
        return self.daily[:, np.minimum(ages, self.daily.shape[1] - 1)]

    def expected(self, table: RiskTable) -> np.ndarray:
        """Closings that they would give in each cell of a table: won or lost × stretches × ages."""
        return table.exposure * self.daily[:, None] * self.by_month[:, table.quarter_month]


def fit_age_hazards(
    table: RiskTable,
    *,
    calendar_events: float = 10.0,
    month_variance: float = 0.1,
) -> AgeHazards:
    """Hazards by age and month of the quarter.

    Ages are put into groups with equally many closings. Past the greatest age at which a deal
    closed the hazard sinks towards 0 with every deal that stays open there.

    Months of the quarter differ where companies sell by the quarter; elsewhere a difference is
    chance. So the multipliers are shrunk to 1: by ``calendar_events`` pseudo-events at least, and
    by more (up to no multiplier at all) where they differ no more than single months do anyway.

    Parameters
    ----------
    table : RiskTable
    calendar_events : float
        The least number of pseudo-events that pull a multiplier to 1.
    month_variance : float
        Squared coefficient of variation of a month's closings beyond Poisson.

    References
    ----------
    Cause-specific hazards: Prentice, R. L. et al. (1978), Biometrics 34, 541–554. Shrinkage by the
    estimated spread: Clayton, D., Kaldor, J. (1987), Biometrics 43, 671–681.
    """
    closings = table.closings.sum(axis=1)
    age_group = _groups(closings.sum(axis=0), _LEAST_CLOSINGS, _MOST_GROUPS, table.ages)
    season_group = _groups(closings.sum(axis=0), 60, 6, table.ages, tail=False)
    by_month = np.ones((2, 3, table.ages))
    for _ in range(3):  # hazards and multipliers settle together
        exposure = (table.exposure * by_month[:, table.quarter_month]).sum(axis=1)
        daily = _daily(closings, exposure, age_group)
        by_month = np.stack(
            [
                _multipliers(
                    table, daily[way], table.closings[way], season_group,
                    calendar_events, month_variance,
                )
                for way in (WON, LOST)
            ]
        )  # fmt: skip
    return AgeHazards(daily, by_month, table.calendar)


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
    return np.minimum((grouped + _PULL) / (at_risk + _PULL / pace), 0.95)[:, group]


def _multipliers(
    table: RiskTable,
    daily: np.ndarray,
    closings: np.ndarray,
    group: np.ndarray,
    least_pull: float,
    month_variance: float,
) -> np.ndarray:
    """Observed to expected closings by month of the quarter × age, shrunk to 1."""
    months, month = np.unique(table.month, return_inverse=True)
    observed = np.zeros((len(months), group[-1] + 1))
    expected = np.zeros_like(observed)
    np.add.at(observed, month, _by_group(closings, group))
    np.add.at(expected, month, _by_group(table.exposure * daily, group))
    seen = np.unique(months[expected.sum(axis=1) > 5] % 3)
    if len(seen) < 2:
        return np.ones((3, table.ages))
    # A month with many closings says little more than one with few: months vary by themselves.
    worth = 1 / (1 + expected * month_variance)
    o, e = np.zeros((3, group[-1] + 1)), np.zeros((3, group[-1] + 1))
    np.add.at(o, months % 3, observed * worth)
    np.add.at(e, months % 3, expected * worth)
    some = e > 0.5
    spread = ((o - e)[some] ** 2 - e[some]).sum() / max((e[some] ** 2).sum(), 1e-12)
    pull = max(least_pull, 1 / max(spread, 1e-9))
    return ((o + pull) / (e + pull))[:, group]
