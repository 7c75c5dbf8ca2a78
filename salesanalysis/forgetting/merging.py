"""Scores at one time, or at neighbouring ones, taken together where they need not be told apart."""

from dataclasses import replace

import numpy as np

from salesanalysis.forgetting.likelihoods import Counts, Intervals, LeastSquares


def neighbours(times, guess, most: int) -> np.ndarray:
    """The number of each row's cell, by time: rows at one time whose answers are guessed alike.

    Beyond ``most`` distinct times, rows at neighbouring times.

    Examples
    --------
    >>> neighbours(np.array([1.0, 1.0, 7.0]), np.array([0.0, 0.25, 0.0]), 10)
    array([0, 1, 2])
    """
    distinct, cell = np.unique(times, return_inverse=True)
    if len(distinct) > most:
        cell = cell * most // len(distinct)
    if np.ptp(guess) == 0:
        return cell
    return np.unique(np.column_stack([cell, guess]), axis=0, return_inverse=True)[1].ravel()


def merged(data, most: int):
    """The same data with at most ``most`` distinct times, where there are more."""
    if isinstance(data, Intervals) or len(data.times) <= most:
        return data
    return gathered(data, most)


def gathered(data: LeastSquares | Counts, most: int):
    """The same data with one row for each cell of :func:`neighbours`, at their mean time.

    The squared errors lose what scores of one cell differ from their mean, which no curve changes.
    """
    guess = np.broadcast_to(data.guess, data.times.shape)
    cell = neighbours(data.times[:, 0], guess, most)
    name = "n" if isinstance(data, Counts) else "weight"
    weight = getattr(data, name)

    def added(values) -> np.ndarray:
        return np.bincount(cell, weights=values[:, 0])[:, None]

    whole = added(weight)
    rows = {name: whole, "times": added(weight * data.times) / whole}
    if np.ndim(data.guess):
        rows["guess"] = guess[np.unique(cell, return_index=True)[1]]
    if isinstance(data, Counts):
        return replace(data, k=added(data.k), **rows)
    return replace(data, score=added(weight * data.score) / whole, **rows)
