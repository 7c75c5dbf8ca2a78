"""Whether large deals are won as often as small ones."""

from dataclasses import dataclass

import numpy as np

from salesanalysis.forecast.age_hazards import AgeHazards
from salesanalysis.forecast.deal_arrays import DealArrays
from salesanalysis.forecast.risk_tables import WON


@dataclass(frozen=True, eq=False)
class AmountBands:
    """How much more or less often deals are won, by the size of their amount.

    Attributes
    ----------
    edges : ndarray
        Greatest amount of each band but the last.
    win_factor : ndarray
        Multiplier of the hazard of winning, one per band.
    """

    edges: np.ndarray
    win_factor: np.ndarray

    def band(self, amounts: np.ndarray) -> np.ndarray:
        """The band of each amount; the middle one where it is not known."""
        middle = len(self.win_factor) // 2
        return np.where(np.isnan(amounts), middle, np.searchsorted(self.edges, amounts))


def fit_amount_bands(
    known: DealArrays,
    hazards: AgeHazards,
    observed_from: int,
    *,
    bands: int = 5,
    pseudo_wins: float = 10.0,
) -> AmountBands:
    """Wins by size of the deal against those expected by age, shrunk to 1 by the estimated spread.

    A forecast of money needs it: where large deals are won more rarely, the sum of equal
    probabilities times amounts is too high.
    """
    watched = (known.closed >= observed_from) & ~np.isnan(known.amount)
    amount = known.amount[watched]
    quantiles = np.arange(1, bands) / bands
    edges = np.unique(np.quantile(amount, quantiles)) if len(amount) else np.empty(0)
    edges = edges[edges < amount.max(initial=-np.inf)]
    band = np.searchsorted(edges, amount)
    created, last = known.created[watched], known.last_day[watched]
    first_age = np.maximum(observed_from - created, 0)
    up_to = np.concatenate([[0.0], np.cumsum(hazards.daily[WON])])
    at_risk = up_to[last - created + 1] - up_to[first_age]
    wins = np.bincount(band[known.won[watched]], minlength=len(edges) + 1).astype(float)
    expected = np.bincount(band, at_risk, minlength=len(edges) + 1).astype(float)
    expected *= wins.sum() / max(expected.sum(), 1e-12)
    spread = ((wins - expected) ** 2 - wins).sum() / max((expected**2).sum(), 1e-12)
    pull = max(pseudo_wins, 1 / max(spread, 1e-9))
    return AmountBands(edges, (wins + pull) / (expected + pull))
