"""How the recent past compares with the whole: the level of a rate, and how it wanders."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.age_hazards import AgeHazards, fit_age_hazards
from salesanalysis.forecast.risk_tables import LOST, WON, RiskTable

#: Hazards are fitted on so many past days at most; each serves for the windows up to the next.
_REFITS = 10


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

    The spread is learned from past windows, each against hazards fitted on what was known before
    it: misses of hazards that had seen the window are too small (80% intervals of 1,814 windows of
    32 companies held 76%, and hold 79%, for 1% of CRPS).

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
        The spread assumed before there are windows to learn it from, besides the uncertainty of
        the level itself: of few recent wins.

    References
    ----------
    Exponentially weighted observed/expected ratio with a gamma prior: Harvey, A. C., Fernandes, C.
    (1989), Journal of Business & Economic Statistics 7, 407–417.
    """
    observed = table.closings.sum(axis=2)
    expected = hazards.expected(table).sum(axis=2)
    age = table.end[-1] - (table.start + table.end) / 2
    weight = 0.5 ** (age / half_life_days)

    def level(way: int, expected: np.ndarray, until: int | None = None) -> float:
        w = weight[:until]
        w = w / w[-1] if len(w) else w  # at an earlier day its own past was the recent one
        o, e = w @ observed[way][:until], w @ expected[:until]
        return float((o + pseudo_events) / (e + pseudo_events))

    length = max(1, round(min(horizon_days, 28) / 7.6))  # stretches of the table in a window
    begins = np.arange(2 * length, len(table.start) - length + 1)
    misses = []
    for some in np.array_split(begins, min(_REFITS, len(begins))) if len(begins) else ():
        then = fit_age_hazards(table.until(some[0])).expected(table)[WON].sum(axis=1)
        for begin in some:
            window = slice(begin, begin + length)
            due = then[window].sum() * level(WON, then, begin)
            misses.append((observed[WON][window].sum(), due, begin))
    wins = weight @ observed[WON]
    unsure = prior_spread**2 + 1 / (wins + pseudo_events)
    return RecentLevel(
        level(WON, expected[WON]),
        level(LOST, expected[LOST]),
        shrunk_spread(misses, length, float(np.sqrt(unsure))),
        len(misses) // length,
    )


def shrunk_spread(misses: list, overlap: int, prior: float, *, windows: float = 4.0) -> float:
    """Standard deviation of log misses beyond chance, pulled to a prior by ``windows`` windows.

    ``misses`` are triples: what came, what had been forecast, and how much history was behind that
    forecast. By its square the window counts, for today's forecast has more behind it than most of
    the past ones. Neighbouring windows share days, so ``overlap`` of them count as one.
    """
    if not misses:
        return prior
    came, due, behind = np.array(misses, dtype=float).T
    beyond = np.minimum(np.log((came + 0.5) / (due + 0.5)) ** 2, 1.0) - 1 / (due + 0.5)
    weight = behind**2
    n = weight.sum() ** 2 / (weight**2).sum() / overlap
    mean = max(float(weight @ beyond / weight.sum()), 0.0)
    return float(np.sqrt((n * mean + windows * prior**2) / (n + windows)))
