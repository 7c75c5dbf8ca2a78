"""How attainment is spread: payee-periods by bin."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive.attainment_values import attainment_values
from salesanalysis.incentive.bunching_fit import bin_numbers


def attainment_bins(
    attainment: pd.DataFrame | ArrayLike,
    *,
    width: float = 0.05,
    threshold: float = 1.0,
    highest: float = 2.0,
) -> pd.DataFrame:
    """How many payee-periods end at each level of attainment.

    Payee-periods without attainment are left out; those below 0 (more returns than sales) and over
    ``highest`` count in the first and the last bin.

    Parameters
    ----------
    attainment : DataFrame or array-like
        As for :func:`~salesanalysis.incentive.bunching`.
    width : float
        Of a bin, in the unit of the attainment; bins begin at the threshold and go both ways, so
        that no bin holds both sides of it.
    threshold : float
        Where a bin begins.
    highest : float
        All above it is one bin.

    Returns
    -------
    DataFrame
        One row per bin, empty ones too: ``level_low, level_high, n, share``.

    Examples
    --------
    >>> attainment_bins([0.93, 0.99, 1.0, 1.02, 1.07], width=0.05)["n"].tolist()
    [1, 1, 2, 1]
    """
    if not width > 0 or not highest > threshold:
        raise SalesAnalysisError(
            f"`width` is {width!r} and `highest` {highest!r}; expected a width over 0 and a level"
            f" over the threshold {threshold:g}."
        )
    values = np.clip(attainment_values(attainment, threshold), 0, highest)
    # Bins of the counterfactual are centred on the threshold; these begin there.
    number = bin_numbers(values, threshold + width / 2, width)
    bins = np.arange(number.min(), number.max() + 1)
    low = threshold + bins * width
    n = np.bincount(number - bins[0])
    return pd.DataFrame({"level_low": low, "level_high": low + width, "n": n, "share": n / n.sum()})
