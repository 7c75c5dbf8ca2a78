"""What is normal among sellers: how far they naturally lie apart, and who stands out from that.

Each seller × stage has a *log ratio* to the rest of the team and its standard error. Sellers are
not all alike, so with enough deals every one of them differs "significantly" from the team. An
exception is more than that: it stands out from the natural spread between sellers.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

#: Standardised distances beyond this count as if they were this far: outliers do not make the norm.
HUBER_LIMIT = 1.5
#: With fewer sellers than this nobody can tell how far sellers naturally lie apart.
LEAST_SELLERS = 5
#: A seller's level over all stages needs so many testable ones.
LEAST_STAGES = 3


def natural_spread(distance, variance, *, share=1.0) -> float:
    """Variance between sellers over and above sampling, not swayed by a few exceptions.

    Solves mean(min(d² / (variance + share × spread), c²)) = its expectation for normal data:
    Huber's "proposal 2" for the scale, with known sampling variances.

    Parameters
    ----------
    distance : array of float
        How far each lies from what is expected of it; missing ones do not count.
    variance : array of float
        Sampling variance of each distance.
    share : array of float
        How much of the spread enters each distance; 1 where it is all of it.

    Returns
    -------
    float
        0 where the distances are no larger than sampling explains.

    References
    ----------
    Huber, P. J. (1981), Robust Statistics, sec. 6.4. Use for funnel plots of institutions:
    Spiegelhalter, D. J. (2005), Statistics in Medicine 24, 1185–1202.

    Examples
    --------
    >>> import numpy as np
    >>> natural_spread(np.array([0.1, -0.2, 0.1]), np.ones(3))
    0.0
    """
    known = np.isfinite(distance) & np.isfinite(variance)
    square, variance = distance[known] ** 2, variance[known]
    share = np.broadcast_to(share, known.shape)[known]
    if not len(square):
        return 0.0
    normal, c = NormalDist(), HUBER_LIMIT
    expected = (2 * normal.cdf(c) - 1) - 2 * c * normal.pdf(c) + 2 * c**2 * (1 - normal.cdf(c))

    def too_narrow(spread: float) -> bool:
        return bool(np.minimum(square / (variance + share * spread), c**2).mean() > expected)

    if not too_narrow(0.0):
        return 0.0
    low, high = 0.0, float((square / share).max()) + 1.0
    while too_narrow(high):
        high *= 4
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if too_narrow(middle) else (low, middle)
    return high


def stand_out(
    log_ratio: np.ndarray, error: np.ndarray, *, spread: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z value of each seller × stage: its distance from what is normal for this seller there.

    The model: log ratio = that of the median seller + the seller's own level + a departure at the
    stage + sampling error. What is normal at a stage is the seller's level as the *other* stages
    show it, drawn towards the median seller by as much as that is uncertain; its variance adds
    the natural spread of both parts.

    Parameters
    ----------
    log_ratio, error : arrays, seller × stage
        Missing where not testable.
    spread : bool
        False: no natural spread, so any difference from the team stands out.

    Returns
    -------
    z, unit, freedom : arrays, seller × stage
        A departure of ``unit``, as a log ratio, is as unlikely as a t value of 1 with so many
        degrees of freedom (infinite: as a z value).

    Examples
    --------
    >>> import numpy as np
    >>> z, unit, freedom = stand_out(np.array([[0.0, -1.0]]), np.array([[0.5, 0.5]]), spread=False)
    >>> z
    array([[ 0., -2.]])
    """
    variance = error**2
    if not spread or len(log_ratio) < LEAST_SELLERS:
        return log_ratio / error, error, np.full(error.shape, np.inf)
    log_ratio = _from_middle(log_ratio)
    between_stages = _spread_between_stages(log_ratio, variance)
    level, level_variance = _level(log_ratio, variance + between_stages, leave_out=False)
    between_sellers = natural_spread(level[:, 0], level_variance[:, 0])
    others, others_variance = _level(log_ratio, variance + between_stages, leave_out=True)
    # Where a seller has no other stage, its level is not known but for the team's.
    trust = between_sellers / (between_sellers + others_variance)
    trust = np.where(np.isfinite(others_variance), trust, 0.0)
    normal = trust * np.where(np.isfinite(others), others, 0.0)
    unit = np.sqrt(variance + between_stages + between_sellers * (1 - trust))
    # The spread between departures comes from all sellers × stages; where a seller has no other
    # stage, the spread between sellers stands in for it, and comes from few.
    alone = ~np.isfinite(others_variance)
    freedom = np.where(alone, len(log_ratio) - 1, np.inf)
    z = (log_ratio - normal) / unit
    return np.where(alone, _from_t(z, len(log_ratio) - 1), z), unit, freedom


def level_stands_out(
    log_ratio, error, *, spread: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level of each seller over all stages but its most extreme one: log ratio, error, z value.

    Without its most extreme stage, so that one weak stage is not told twice, as a weak stage and
    as a weak seller. Missing for a seller with fewer than three testable stages.
    """
    variance = error**2
    spread = spread and len(log_ratio) >= LEAST_SELLERS
    between_stages = _spread_between_stages(_from_middle(log_ratio), variance) if spread else 0.0
    total = variance + between_stages
    extreme = np.where(np.isfinite(log_ratio), np.abs(log_ratio) / np.sqrt(total), -1).argmax(1)
    kept = log_ratio.copy()
    kept[np.arange(len(kept)), extreme] = np.nan
    level, level_variance = _level(kept, total, leave_out=False)
    enough = np.isfinite(log_ratio).sum(axis=1) >= LEAST_STAGES
    level = np.where(enough, level[:, 0], np.nan)
    level_variance = np.where(enough, level_variance[:, 0], np.nan)
    if not spread:
        return level, np.sqrt(level_variance), level / np.sqrt(level_variance)
    distance = _from_middle(level)
    between_sellers = natural_spread(distance, level_variance)
    t = distance / np.sqrt(level_variance + between_sellers)
    return level, np.sqrt(level_variance), _from_t(t, len(log_ratio) - 1)


def _from_t(t: np.ndarray, freedom: int) -> np.ndarray:
    """The z values as unlikely as these t values: a spread told from few sellers is uncertain."""
    return -np.sign(t) * ndtri(stdtr(freedom, -np.abs(t)))


def two_sided(z: np.ndarray) -> np.ndarray:
    """p values of z values."""
    return 2 * ndtr(-np.abs(z))


def t_to_be_found(q_value: np.ndarray, freedom: ArrayLike, false_discovery: float) -> np.ndarray:
    """The t value that one more row would need to be a discovery beside those there are.

    Missing where nothing is tested.

    Examples
    --------
    >>> q_value = np.array([0.5, 0.8, np.nan])  # two tests: one more needs p <= 0.1 / 2
    >>> t_to_be_found(q_value, np.array([np.inf, 9.0, np.inf]), 0.1).round(3)
    array([1.96 , 2.262, 1.96 ])
    """
    tested = np.isfinite(q_value).sum()
    place = min((q_value <= false_discovery).sum() + 1, tested)
    return -stdtrit(freedom, false_discovery * place / tested / 2 if tested else np.nan)


def _from_middle(log_ratio: np.ndarray) -> np.ndarray:
    """Distance from the median seller of each stage.

    In a small team one exceptional seller moves the rest of the team that all the others are
    compared with, but hardly the median.
    """
    known = np.isfinite(log_ratio).any(axis=0)
    return log_ratio - np.nanmedian(np.where(known, log_ratio, 0.0), axis=0)


def _spread_between_stages(log_ratio, variance) -> float:
    """Variance of the departures of sellers at single stages from their own level."""
    weight = np.where(np.isfinite(log_ratio), 1 / variance, 0.0)
    others = weight.sum(axis=1, keepdims=True) - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = ((weight * np.nan_to_num(log_ratio)).sum(axis=1, keepdims=True)
                - weight * np.nan_to_num(log_ratio)) / others  # fmt: skip
        squares = ((weight**2).sum(axis=1, keepdims=True) - weight**2) / others**2
        distance_variance = variance + 1 / others
    # A seller with one testable stage has no level of its own: the natural spread is then all in
    # the spread between sellers.
    distance = np.where(others > 0, log_ratio - mean, np.nan)
    return natural_spread(distance, distance_variance, share=np.where(others > 0, 1 + squares, 1))


def _level(log_ratio, variance, *, leave_out: bool) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean over a seller's stages and its variance; ``leave_out`` each stage itself."""
    weight = np.where(np.isfinite(log_ratio), 1 / variance, 0.0)
    weighted = weight * np.nan_to_num(log_ratio)
    total, total_weight = weighted.sum(axis=1, keepdims=True), weight.sum(axis=1, keepdims=True)
    if leave_out:
        total, total_weight = total - weighted, total_weight - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        # Differences of sums leave rounding where nothing is left.
        nothing = total_weight <= 1e-12
        return np.where(nothing, np.nan, total / total_weight), np.where(
            nothing, np.nan, 1 / total_weight
        )
