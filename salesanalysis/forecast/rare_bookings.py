"""Streams with few bookings: their mean, with the spread of a compound Poisson process."""

from dataclasses import dataclass

import numpy as np

#: The squared coefficient of variation of amounts before any is seen, and for how many it counts.
PRIOR_SPREAD, PRIOR_WEIGHT = 1.0, 3.0


@dataclass(frozen=True)
class RareBookings:
    """What is known of a stream that is seldom booked.

    ``bookings`` in ``exposure`` periods, of ``mean_amount`` each, whose squared coefficient of
    variation is ``spread`` (drawn to 1 where few were seen).
    """

    bookings: float
    exposure: float
    mean_amount: float
    spread: float

    @property
    def mean(self) -> float:
        """What one period brings on average."""
        return self.bookings * self.mean_amount / self.exposure

    @property
    def variance(self) -> float:
        """Of one period: chance in the number, in the amounts, and not knowing the rate."""
        per_period = self.bookings / self.exposure
        chance = per_period * (1 + self.spread)
        return self.mean_amount**2 * (chance + self.bookings / self.exposure**2)

    def draws(self, lengths: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """Possible amounts of periods of the given lengths, shape (periods, count).

        The rate is not known: it is drawn once for all periods, which rise and fall together.
        """
        if self.bookings <= 0:
            return np.zeros((len(lengths), count))
        rate = rng.gamma(self.bookings, 1 / self.exposure, count)
        number = rng.poisson(np.outer(lengths, rate))
        amounts = np.zeros(number.shape)
        some = number > 0
        # The sum of so many gamma-distributed amounts is gamma-distributed itself.
        amounts[some] = rng.standard_gamma(number[some] / self.spread)
        return amounts * self.mean_amount * self.spread


def rare_bookings(bookings: float, amount: float, squares: float, exposure: float) -> RareBookings:
    """What bookings seen in ``exposure`` periods say, from their number, sum and sum of squares.

    References
    ----------
    Klugman, S. A., Panjer, H. H., Willmot, G. E. (2012), Loss Models, 4th ed., ch. 9.

    Examples
    --------
    >>> seen = rare_bookings(bookings=4, amount=400.0, squares=40_000.0, exposure=8)
    >>> seen.mean, seen.spread
    (50.0, 0.5)
    """
    if bookings <= 0:
        return RareBookings(0.0, exposure, 0.0, PRIOR_SPREAD)
    mean = amount / bookings
    around = max(squares / mean**2 - bookings, 0.0)  # Σ(x − mean)² / mean²
    spread = (around + PRIOR_WEIGHT * PRIOR_SPREAD) / (bookings - 1 + PRIOR_WEIGHT)
    return RareBookings(float(bookings), float(exposure), float(mean), float(spread))
