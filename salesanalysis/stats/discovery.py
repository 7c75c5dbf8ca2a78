"""Many tests at once: how many of what they find is false."""

import numpy as np


def benjamini_hochberg(p_value: np.ndarray) -> np.ndarray:
    """q values: the least false-discovery rate at which each test would count as a discovery.

    Missing p values are not tests and keep a missing q value.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57, 289–300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, np.nan])).round(3)
    array([0.03, 0.04, 0.04,  nan])
    """
    q_value = np.full(len(p_value), np.nan)
    tested = np.flatnonzero(np.isfinite(p_value))
    order = tested[np.argsort(p_value[tested], kind="stable")]
    adjusted = p_value[order] * len(order) / np.arange(1, len(order) + 1)
    q_value[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1.0)
    return q_value
