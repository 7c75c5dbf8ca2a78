"""How sure a ranking is."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.stats.shares import require_level

#: The columns of a ranking.
RANKS = ("rank", "rank_low", "rank_high", "best", "worst")


def posterior_ranks(draws: ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """The rank of each thing, and how sure it is, from joint draws of their values.

    Parameters
    ----------
    draws : array of float, draws × things
        Of the true value of each thing, such as the rate of each group.
    level : float
        Of the limits of the ranks.

    Returns
    -------
    DataFrame
        One row per thing: ``rank, rank_low, rank_high`` (median of its rank and its limits; 1 is
        the highest value), ``best, worst`` (probability of having the highest, the lowest value).

    References
    ----------
    Goldstein, H., Spiegelhalter, D. J. (1996), Journal of the Royal Statistical Society A 159,
    385–443, sec. 4.2.

    Examples
    --------
    >>> posterior_ranks([[0.3, 0.1], [0.2, 0.4], [0.5, 0.1], [0.6, 0.2]], level=0.5)
       rank  rank_low  rank_high  best  worst
    0   1.0       1.0        1.0  0.75   0.25
    1   2.0       1.0        2.0  0.25   0.75
    """
    draws, tail = np.asarray(draws, dtype=float), (1 - require_level(level)) / 2
    rank = (-draws).argsort(axis=1).argsort(axis=1) + 1
    limits = np.quantile(rank, [0.5, tail, 1 - tail], axis=0, method="inverted_cdf").astype(float)
    best, worst = (rank == 1).mean(axis=0), (rank == draws.shape[1]).mean(axis=0)
    return pd.DataFrame(dict(zip(RANKS, [*limits, best, worst], strict=True)))
