"""Streams with few bookings: their mean, with the spread of a compound Poisson process."""

from dataclasses import dataclass

import numpy as np

#: The squared coefficient of variation of amounts before any is seen, and for how many it counts.
PRIOR_SPREAD, PRIOR_WEIGHT = 1.0, 3.0


@dataclass(frozen=True)
class RareBookings:
    """What is known of a stream that is seldom booked.

    ``bookings`` in ``exposure`` periods, of ``mean_amount`` each, with ``amount_variance``; a sum
    of them is gamma-distributed, or normal where money went ``both_ways`` (cancellations).
    """

    bookings: float
    exposure: float
    mean_amount: float
    amount_variance: float
    both_ways: bool

    @property
    def mean(self) -> float:
        """What one period brings on average."""
        return self.bookings * self.mean_amount / self.exposure

    @property
    def variance(self) -> float:
        """Of one period: chance in the number, in the amounts, and not knowing the rate."""
        per_period, square = self.bookings / self.exposure, self.mean_amount**2
        chance = per_period * (square + self.amount_variance)
        return chance + square * self.bookings / self.exposure**2

    def draws(self, lengths: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """Possible amounts of periods of the given lengths, shape (periods, count).

        The rate is not known: it is drawn once for all periods, which rise and fall together.
        """
        if self.bookings <= 0:
            return np.zeros((len(lengths), count))
        rate = rng.gamma(self.bookings, 1 / self.exposure, count)
        number = rng.poisson(np.outer(lengths, rate))
        if self.both_ways:
            noise = np.sqrt(number * self.amount_variance) * rng.standard_normal(number.shape)
            return number * self.mean_amount + noise
        amounts = np.zeros(number.shape)
        some = number > 0
        scale = self.amount_variance / self.mean_amount
        amounts[some] = rng.standard_gamma(number[some] * self.mean_amount / scale)
        return amounts * scale


def rare_bookings(bookings: float, amount: float, squares: float, exposure: float) -> RareBookings:
    """What bookings seen in ``exposure`` periods say, from their number, sum and sum of squares.

    References
    ----------
    Klugman, S. A., Panjer, H. H., Willmot, G. E. (2012), Loss Models, 4th ed., ch. 9.

    Examples
    --------
    >>> seen = rare_bookings(bookings=4, amount=400.0, squares=40_000.0, exposure=8)
    >>> seen.mean, seen.amount_variance
    (50.0, 5000.0)
    """
    if bookings <= 0 or squares <= 0:
        return RareBookings(0.0, exposure, 0.0, 0.0, both_ways=False)
    mean = amount / bookings
    # Amounts of one sign have a sum whose square is at least the sum of their squares.
    both_ways = amount**2 < squares * (1 - 1e-9)
    usual = PRIOR_SPREAD * (squares / bookings if both_ways else mean**2)
    around = max(squares - amount * mean, 0.0)  # Σ(x − mean)²
    variance = (around + PRIOR_WEIGHT * usual) / (bookings - 1 + PRIOR_WEIGHT)
    return RareBookings(float(bookings), float(exposure), float(mean), float(variance), both_ways)
