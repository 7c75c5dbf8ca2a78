"""Shares and their intervals."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError

#: A share nearer to 1 than this is 1: the rest is rounding.
ROUNDING = 1e-12


def require_level(level: float) -> float:
    """``level`` itself where it is a confidence level between 0 and 1, else an error."""
    if not 0 < level < 1:
        raise SalesAnalysisError(
            f"`level` is {level!r}; expected a confidence level between 0 and 1, such as 0.95."
        )
    return level


def z_value(level: float) -> float:
    """Two-sided normal quantile of a confidence level: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + require_level(level) / 2)


def wilson(k: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson score interval of a share ``k / n``: honest for small ``n``, never outside 0–1.

    Parameters
    ----------
    k, n : array-like of the same shape
        Successes and trials. Where ``n`` is 0 the interval is missing.
    level : float
        Confidence level.

    Returns
    -------
    low, high : numpy arrays

    Raises
    ------
    SalesAnalysisError
        A ``k`` is negative or greater than its ``n``.

    References
    ----------
    Wilson, E. B. (1927), JASA 22, 209–212; Newcombe, R. G. (1998), Statistics in Medicine 17,
    857–872, method 3.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> float(low.round(4)), float(high.round(4))
    (0.2553, 0.3662)
    """
    k = np.asarray(k, dtype=float)
    n = np.asarray(n, dtype=float)
    if np.any((k < 0) | (k > n)):
        raise SalesAnalysisError("`k` must lie between 0 and `n`: successes among the trials.")
    z = z_value(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = np.where(k == 0, np.where(n > 0, 0.0, np.nan), centre - half)
    high = np.where((k == n) & (n > 0), 1.0, centre + half)
    return low, high


def share_limits(share: ArrayLike, error: ArrayLike, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits of a share from its standard error, on the log(−log) scale: never outside 0–1."""
    share, error = np.asarray(share, dtype=float), np.asarray(error, dtype=float)
    rest = 1 - share
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = z * error / (rest * np.abs(np.log(rest)))
        low, high = 1 - rest ** np.exp(-spread), 1 - rest ** np.exp(spread)
    degenerate = (share <= 0) | (rest <= ROUNDING)
    return np.where(degenerate, share, low), np.where(degenerate, share, high)
