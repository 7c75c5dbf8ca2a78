"""How the recent past compares with the whole: the level of a rate, and how it wanders."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.age_hazards import AgeHazards
from salesanalysis.forecast.risk_tables import LOST, WON, RiskTable


@dataclass(frozen=True, eq=False)
class RecentLevel:
    """Recent closings against those expected by age and calendar.

    Attributes
    ----------
    won, lost : float
        Recent observed ÷ expected, shrunk to 1.
    spread : float
        How far the wins of a coming period lie from that level beyond chance, as the standard
        deviation of their logarithm.
    windows : int
        Past windows that the spread was learned from.
    """

    won: float
    lost: float
    spread: float
    windows: int


def recent_level(
    table: RiskTable,
    hazards: AgeHazards,
    horizon_days: int,
    *,
    half_life_days: float = 21.0,
    pseudo_events: float = 20.0,
    prior_spread: float = 0.08,
) -> RecentLevel:
    """Recent wins and losses against the long-run hazards, older days weighing less and less.

    Parameters
    ----------
    table : RiskTable
    hazards : AgeHazards
    horizon_days : int
        How far ahead is forecast; the spread is measured over windows of that length, at most 28
        days.
    half_life_days : float
        After so many days a day weighs half.
    pseudo_events : float
        Events that pull the level to 1.
    prior_spread : float
        The spread assumed before there are windows to learn it from.

    References
    ----------
    Exponentially weighted observed/expected ratio with a gamma prior: Harvey, A. C., Fernandes, C.
    (1989), Journal of Business & Economic Statistics 7, 407–417.
    """
    observed = table.closings.sum(axis=2)
    expected = hazards.expected(table).sum(axis=2)
    age = table.end[-1] - (table.start + table.end) / 2
    weight = 0.5 ** (age / half_life_days)

    def level(way: int, until: int | None = None) -> float:
        w = weight[:until]
        w = w / w[-1] if len(w) else w  # at an earlier day its own past was the recent one
        o, e = w @ observed[way][:until], w @ expected[way][:until]
        return float((o + pseudo_events) / (e + pseudo_events))

    length = max(1, round(min(horizon_days, 28) / 7.6))  # stretches of the table in a window
    misses = []
    for begin in range(2 * length, len(table.start) - length + 1):
        window = slice(begin, begin + length)
        o, e = observed[WON][window].sum(), expected[WON][window].sum() * level(WON, begin)
        misses.append((np.log((o + 0.5) / (e + 0.5)), 1 / (e + 0.5)))
    spread = shrunk_spread(misses, length, prior_spread)
    return RecentLevel(level(WON), level(LOST), spread, len(misses) // length)


def shrunk_spread(misses: list, overlap: int, prior: float, *, windows: float = 4.0) -> float:
    """Standard deviation of log misses beyond chance, pulled to a prior by ``windows`` windows.

    ``misses`` are pairs of log(observed ÷ forecast) and its variance by chance alone; neighbouring
    ones share days, so ``overlap`` of them count as one.
    """
    if not misses:
        return prior
    miss, chance = np.array(misses).T
    beyond = max(float(np.mean(np.minimum(miss**2, 1.0) - chance)), 0.0)
    n = len(misses) / overlap
    return float(np.sqrt((n * beyond + windows * prior**2) / (n + windows)))
