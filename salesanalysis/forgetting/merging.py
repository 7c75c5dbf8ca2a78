"""Many distinct times taken together, where a search or an interval need not tell them apart."""

from dataclasses import replace

import numpy as np

from salesanalysis.forgetting.likelihoods import Counts, Intervals, LeastSquares


def merged(data, most: int):
    """The same data with at most ``most`` distinct times, neighbours put together by their mean.

    The squared errors lose what scores at one time differ from their mean, which no curve changes.
    """
    if isinstance(data, Intervals) or len(data.times) <= most:
        return data
    distinct, at = np.unique(data.times[:, 0], return_inverse=True)
    groups = min(most, len(distinct))
    bins = (np.arange(len(distinct)) * groups // len(distinct))[at]
    if isinstance(data, Counts):
        n = np.bincount(bins, weights=data.n[:, 0])
        k = np.bincount(bins, weights=data.k[:, 0])
        times = np.bincount(bins, weights=data.n[:, 0] * data.times[:, 0]) / n
        return replace(data, times=times[:, None], k=k[:, None], n=n[:, None])
    return _mean_scores(data, bins)


def _mean_scores(data: LeastSquares, bins) -> LeastSquares:
    weight = np.bincount(bins, weights=data.weight[:, 0])
    score = np.bincount(bins, weights=(data.weight * data.score)[:, 0]) / weight
    times = np.bincount(bins, weights=(data.weight * data.times)[:, 0]) / weight
    return replace(data, times=times[:, None], score=score[:, None], weight=weight[:, None])
