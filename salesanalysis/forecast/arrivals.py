"""Deals that are still to come: at which pace."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.deal_arrays import DealArrays
from salesanalysis.forecast.recent_level import shrunk_spread


@dataclass(frozen=True, eq=False)
class Arrivals:
    """New deals per day: the recent level, and how sure it is.

    Attributes
    ----------
    per_day : float
    deals, days : float
        What it rests on, weighted by recency.
    spread : float
        Standard deviation of the logarithm of a coming period's level around it.
    """

    per_day: float
    deals: float
    days: float
    spread: float


def recent_arrivals(
    known: DealArrays,
    observed_from: int,
    horizon_days: int,
    *,
    half_life_days: float = 56.0,
    prior_deals: float = 0.5,
    prior_spread: float = 0.15,
) -> Arrivals:
    """New deals per day since closings were recorded, older days weighing less.

    Deals created before are not counted: of these only the ones that stayed open may be listed.
    Half a deal is added (Jeffreys' prior for a Poisson rate), so that the forecast of a list
    without new deals is small but neither nothing nor certain.
    """
    days = np.arange(observed_from, known.as_of + 1)
    count = np.bincount(
        known.created[known.created >= observed_from] - observed_from, minlength=len(days)
    ).astype(float)
    weight = 0.5 ** ((known.as_of - days) / half_life_days)
    deals, watched = float(weight @ count), float(weight.sum())
    so_far_deals = _decayed(count, half_life_days)
    so_far_days = _decayed(np.ones(len(days)), half_life_days)
    length = int(min(horizon_days, 28))
    total = np.concatenate([[0.0], np.cumsum(count)])
    misses = []
    for begin in range(2 * length, len(days) - length + 1, 7):
        level = (so_far_deals[begin - 1] + prior_deals) / so_far_days[begin - 1]
        came, due = total[begin + length] - total[begin], level * length
        misses.append((came, due, begin))
    return Arrivals(
        per_day=(deals + prior_deals) / watched,
        deals=deals,
        days=watched,
        spread=shrunk_spread(misses, max(1, length // 7), prior_spread),
    )


def _decayed(values: np.ndarray, half_life: float) -> np.ndarray:
    """The sum up to each day, older days weighing less."""
    keep, total, sums = 0.5 ** (1 / half_life), 0.0, np.empty(len(values))
    for day, value in enumerate(values):
        total = total * keep + value
        sums[day] = total
    return sums
