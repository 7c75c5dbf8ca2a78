"""The chance of something from measured features: logistic regression, and how well it ranks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError

#: Steps after which no further one changes anything.
_MOST_STEPS, _CLOSE = 60, 1e-9


@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted logistic regression.

    Attributes
    ----------
    intercept : float
        Log odds where every feature has its mean.
    slopes, means, spreads : numpy arrays
        Of each feature: change of the log odds for one ``spread`` from its ``mean``.
    """

    intercept: float
    slopes: np.ndarray
    means: np.ndarray
    spreads: np.ndarray

    def chance(self, features: ArrayLike) -> np.ndarray:
        """The chance of each row of features."""
        scaled = (np.asarray(features, dtype=float) - self.means) / self.spreads
        return _share(self.intercept + scaled @ self.slopes)


def fit_logistic(features: ArrayLike, happened: ArrayLike, *, ridge: float = 1.0) -> Logistic:
    """Fit the chance that something happened, its slopes shrunk a little towards none.

    Parameters
    ----------
    features : array-like, one row per case, one column per feature
    happened : array-like of bool
    ridge : float
        Penalty on the squared slopes of the scaled features; keeps them finite where a feature
        parts the cases perfectly.

    Returns
    -------
    Logistic

    Raises
    ------
    SalesAnalysisError
        All cases ended alike: no chance can be learnt from them.

    Examples
    --------
    >>> fit = fit_logistic([[0.0], [1.0], [2.0], [3.0]], [False, True, False, True])
    >>> fit.chance([[0.0], [3.0]]).round(2)
    array([0.35, 0.65])
    """
    rows, ended = np.asarray(features, dtype=float), np.asarray(happened, dtype=float)
    if not 0 < ended.sum() < len(ended):
        raise SalesAnalysisError(
            f"All {len(ended)} cases ended alike; expected some that did and some that did not."
        )
    means, spreads = rows.mean(axis=0), rows.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    design = np.column_stack([np.ones(len(rows)), (rows - means) / spreads])
    penalty = np.diag([0.0] + [ridge] * rows.shape[1])
    slopes = np.zeros(design.shape[1])
    slopes[0] = np.log(ended.mean() / (1 - ended.mean()))
    for _ in range(_MOST_STEPS):
        share = _share(design @ slopes)
        curvature = (design * (share * (1 - share))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, design.T @ (ended - share) - penalty @ slopes)
        slopes = slopes + step
        if np.abs(step).max() < _CLOSE:
            break
    return Logistic(float(slopes[0]), slopes[1:], means, spreads)


def ranked_right(chance: ArrayLike, happened: ArrayLike) -> float:
    """How often one that happened had the higher chance than one that did not (AUC); ties half.

    Missing where all ended alike.

    Examples
    --------
    >>> ranked_right([0.9, 0.4, 0.4, 0.1], [True, True, False, False])
    0.875
    """
    chance, ended = np.asarray(chance, dtype=float), np.asarray(happened, dtype=bool)
    n, others = int(ended.sum()), int((~ended).sum())
    if not n or not others:
        return float("nan")
    _, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]
    return float((rank[ended].sum() - n * (n + 1) / 2) / (n * others))


def _share(odds: np.ndarray) -> np.ndarray:
    """The share of some log odds, without overflow."""
    return 0.5 * (1 + np.tanh(odds / 2))
