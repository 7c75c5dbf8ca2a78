"""How far two groups differ: shares and means, with limits that need no equal variances."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.stats.shares import require_level, wilson


def share_difference(
    k: ArrayLike, n: ArrayLike, other_k: ArrayLike, other_n: ArrayLike, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the difference of two independent shares, ``k / n`` less ``other_k / other_n``.

    Parameters
    ----------
    k, n, other_k, other_n : array-like of the same shape
        Successes and trials of both. Where there are no trials the limits are missing.
    level : float
        Confidence level.

    Returns
    -------
    low, high : numpy arrays

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873–890, method 10.

    Examples
    --------
    >>> low, high = share_difference(56, 70, 48, 80)
    >>> float(low.round(4)), float(high.round(4))
    (0.0524, 0.3339)
    """
    (low, high), (other_low, other_high) = (
        wilson(k, n, level=level),
        wilson(other_k, other_n, level=level),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(k, float) / np.asarray(n, float)
        other = np.asarray(other_k, float) / np.asarray(other_n, float)
    below = np.hypot(share - low, other_high - other)
    above = np.hypot(high - share, other - other_low)
    return share - other - below, share - other + above


def sum_of_means(
    samples: Sequence[pd.Series], *, level: float = 0.95
) -> tuple[float, float, float]:
    """The sum of the means of independent samples, with t limits that need no equal variances.

    Of one sample that is its mean; with the second one negated, the difference of two means.

    Parameters
    ----------
    samples : list of Series
        Without missing values.
    level : float
        Confidence level.

    Returns
    -------
    value, low, high : float
        No limits where a sample has fewer than two values.

    References
    ----------
    Welch, B. L. (1947), Biometrika 34, 28–35.

    Examples
    --------
    >>> one, other = pd.Series([20.0, 22.0, 19.0, 23.0]), pd.Series([18.0, 17.0, 20.0])
    >>> [round(limit, 2) for limit in sum_of_means([one, -other])]
    [2.67, -0.62, 5.96]
    """
    from scipy.special import stdtrit

    require_level(level)
    value = float(sum(sample.mean() for sample in samples))
    if min(len(sample) for sample in samples) < 2:
        return value, np.nan, np.nan
    errors = np.array([sample.var() / len(sample) for sample in samples])
    sizes = np.array([len(sample) - 1 for sample in samples])
    degrees = errors.sum() ** 2 / max((errors**2 / sizes).sum(), 1e-300)
    width = 0.0
    if errors.sum() > 0:
        width = float(stdtrit(degrees, (1 + level) / 2) * np.sqrt(errors.sum()))
    return value, value - width, value + width
