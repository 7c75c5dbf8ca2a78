"""Whether the density of attainment jumps at a threshold, and whether the data could show it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.errors import SalesAnalysisError, require_choice, require_number
from salesanalysis.incentive import local_density as local
from salesanalysis.incentive.attainment_values import attainment_values
from salesanalysis.incentive.density_bandwidth import LEAST_LOCAL, bandwidths
from salesanalysis.stats import require_level, z_value
from salesanalysis.summarised import Summarised

CHOICES = ("combined", "each", "difference", "sum")
FITS = ("unrestricted", "restricted")
ERRORS = ("jackknife", "plugin")

#: Of the power: rows drawn in all, and samples at least.
_DRAWN_ROWS, _LEAST_DRAWS = 1_000_000, 10


@dataclass(frozen=True, eq=False, repr=False)
class DensityTest(Summarised):
    """A test for a jump of the density at a threshold, as from :func:`density_test`.

    Attributes
    ----------
    threshold : float
        In the unit of the attainment; ``bandwidth_left`` and ``bandwidth_right`` too.
    n_left, n_right, used_left, used_right : int
        Payee-periods below and at or above the threshold, and those within the bandwidths.
    density_left, density_right, jump : float
        Bias-corrected densities per unit of attainment, and right less left.
    jump_error, jump_low, jump_high : float
        Standard error and interval of the jump.
    statistic, p_value : float
        Jump over its error, and its two-sided p value.
    power : float
        How often the test would find a jump if a share ``moved`` of the payees within ``reach``
        (as a share of the threshold) below it had been pulled just over it.
    verdict : str
        ``jumps``, ``no_jump`` (no evidence, though the test had the power to find one) or
        ``cannot_tell`` (no evidence, and it had not; or too few payees on one side to test).
    """

    threshold: float
    bandwidth_left: float
    bandwidth_right: float
    n_left: int
    n_right: int
    used_left: int
    used_right: int
    density_left: float
    density_right: float
    jump: float
    jump_error: float
    jump_low: float
    jump_high: float
    statistic: float
    p_value: float
    power: float
    moved: float
    reach: float
    verdict: str

    @property
    def ratio(self) -> float:
        """Density just over the threshold ÷ just under it; missing where that is not over 0."""
        return self.density_right / self.density_left if self.density_left > 0 else np.nan

    def summary(self) -> pd.DataFrame:
        """One row per number: ``name, value, unit``."""
        rows = [
            ("threshold", self.threshold, "level"),
            ("n_left", self.n_left, "payee-periods"),
            ("n_right", self.n_right, "payee-periods"),
            ("bandwidth_left", self.bandwidth_left, "level"),
            ("bandwidth_right", self.bandwidth_right, "level"),
            ("density_left", self.density_left, "per level"),
            ("density_right", self.density_right, "per level"),
            ("jump", self.jump, "per level"),
            ("jump_error", self.jump_error, "per level"),
            ("statistic", self.statistic, "standard errors"),
            ("p_value", self.p_value, "probability"),
            ("power", self.power, "probability"),
        ]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


@dataclass(frozen=True)
class DensitySettings:
    """How the densities on both sides of a threshold are estimated.

    Parameters
    ----------
    degree : int
        Of the polynomial that the bandwidth is best for; the test uses one more.
    bandwidth : float or (float, float), optional
        On the left and the right, in the unit of the attainment; of least mean squared error where
        not given.
    choice : str
        Whose error is made least: ``each`` density's, that of their ``difference`` or ``sum``, or
        ``combined``: the median of the three (restricted: the lesser of the last two).
    kernel : str
        ``triangular``, ``uniform`` or ``epanechnikov``.
    fit : str
        ``unrestricted``, or ``restricted``: all but the density itself is the same on both sides.
    standard_error : str
        ``jackknife`` or ``plugin``.
    mass_points : bool
        Whether repeated values count as one place.

    Examples
    --------
    >>> DensitySettings(kernel="uniform").degree
    2
    """

    degree: int = 2
    bandwidth: float | Sequence[float] | None = None
    choice: str = "combined"
    kernel: str = "triangular"
    fit: str = "unrestricted"
    standard_error: str = "jackknife"
    mass_points: bool = True

    def __post_init__(self):
        require_choice("choice", self.choice, CHOICES)
        require_choice("kernel", self.kernel, local.KERNELS)
        require_choice("fit", self.fit, FITS)
        require_choice("standard_error", self.standard_error, ERRORS)
        require_number("degree", self.degree, low=1, high=5, whole=True)
        _pair(self.bandwidth)

    def test(self, values: np.ndarray, threshold: float) -> dict[str, float]:
        """Densities, jump and its error; missing where a side has too few values."""
        least = LEAST_LOCAL + self.degree + 2
        below = values < threshold
        names = ("left", "right", "density_left", "density_right", "jump", "error")
        if min(below.sum(), (~below).sum()) < least:
            return dict.fromkeys(names, np.nan)
        ranked = local.rank(values, threshold, ties=self.mass_points)
        shape = {"kernel": self.kernel, "restricted": self.fit == "restricted"}
        shape["plug_in"] = self.standard_error == "plugin"
        left, right = _pair(self.bandwidth) or bandwidths(
            ranked, degree=self.degree, choice=self.choice, **shape
        )
        sides = local.densities(ranked, left, right, degree=self.degree + 1, **shape)
        error = float(np.sqrt(sides.variance[2]))
        return dict(zip(names, (left, right, *map(float, sides.value[:3]), error), strict=True))


def _pair(bandwidth) -> tuple[float, float] | None:
    if bandwidth is None:
        return None
    pair = np.atleast_1d(np.asarray(bandwidth, dtype=float))
    if len(pair) > 2 or not (pair > 0).all():
        raise SalesAnalysisError(
            f"`bandwidth` is {bandwidth!r}; expected a number over 0, or one for each side."
        )
    return float(pair[0]), float(pair[-1])


def density_test(
    attainment: pd.DataFrame | ArrayLike,
    threshold: float = 1.0,
    *,
    settings: DensitySettings = DensitySettings(),
    moved: float = 0.1,
    reach: float = 0.1,
    least_power: float = 0.8,
    draws: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> DensityTest:
    """Test for a jump of the density of attainment at a threshold, with the power of the test.

    A payee at the threshold counts above it. The polynomial has one degree more than the one that
    the bandwidth is best for, so that the remaining bias does not distort the test. "No jump" is
    concluded only where the test would probably have found one. Payees *exactly* at one level count
    as one place, unless the settings say otherwise: a pile exactly on the threshold is for
    :func:`~salesanalysis.incentive.bunching`, not for this test.

    Parameters
    ----------
    attainment : DataFrame or array-like
        As for :func:`~salesanalysis.incentive.bunching`. Missing values are left out.
    threshold : float
        In the unit of the attainment.
    settings : DensitySettings
        How the densities are estimated.
    moved, reach : float
        The alternative whose power is stated: this share of the payees within ``reach`` of the
        threshold below it (as a share of it) is pulled up to within a fifth of that above it.
    least_power : float
        With less power, no evidence means nothing.
    draws : int
        Of the simulation of the power, from the data smoothed; 0 for none. They say how large the
        statistic is on average, and the power follows from its being normal around that; so that of
        many rows fewer samples do, 10 where there are 100,000.
    level, seed
        Confidence level (the test is at its complement) and seed of the draws.

    Returns
    -------
    DensityTest

    Raises
    ------
    SalesAnalysisError
        There is no attainment, or an argument is not among its choices.

    References
    ----------
    Cattaneo, M. D., Jansson, M., Ma, X. (2020), Journal of the American Statistical Association
    115, 1449–1455 (the test; with its defaults it equals their package rddensity). McCrary, J.
    (2008), Journal of Econometrics 142, 698–714 (the question).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> attainment = rng.normal(1, 0.2, 3000)
    >>> pulled = (attainment > 0.9) & (attainment < 1) & (rng.random(3000) < 0.2)
    >>> attainment[pulled] = rng.uniform(1, 1.02, pulled.sum())
    >>> found = density_test(attainment, 1.0, draws=20)
    >>> found.verdict, round(found.ratio, 1)
    ('jumps', 2.6)
    >>> density_test(attainment[:200], 1.3, draws=20).verdict
    'cannot_tell'
    """
    require_level(level)
    values = attainment_values(attainment, threshold)
    n_left, n_right = int((values < threshold).sum()), int((values >= threshold).sum())
    point = settings.test(values, threshold)
    z = z_value(level)
    jump, error = point["jump"], point["error"]
    power = _power(values, threshold, settings, (moved, reach), draws, z, seed)
    power = power if np.isfinite(jump) else np.nan
    statistic = jump / error
    if abs(statistic) > z:
        verdict = "jumps"
    else:
        verdict = "no_jump" if power >= least_power else "cannot_tell"
    return DensityTest(
        threshold=float(threshold),
        bandwidth_left=point["left"],
        bandwidth_right=point["right"],
        n_left=n_left,
        n_right=n_right,
        used_left=int(((values < threshold) & (values >= threshold - point["left"])).sum()),
        used_right=int(((values >= threshold) & (values <= threshold + point["right"])).sum()),
        density_left=point["density_left"],
        density_right=point["density_right"],
        jump=jump,
        jump_error=error,
        jump_low=jump - z * error,
        jump_high=jump + z * error,
        statistic=statistic,
        p_value=_two_sided(statistic),
        power=power,
        moved=moved,
        reach=reach,
        verdict=verdict,
    )


def _two_sided(statistic: float) -> float:
    return 2 * _normal_below(-abs(statistic)) if np.isfinite(statistic) else np.nan


def _power(
    values, threshold: float, settings: DensitySettings, pull: tuple[float, float], draws, z, seed
) -> float:
    """How often a pull over the threshold is found, in samples from the smoothed data."""
    moved, reach = pull
    if not 0 < moved <= 1 or not 0 < reach < 1:
        raise SalesAnalysisError(
            f"`moved` is {moved!r} and `reach` {reach!r}; expected shares between 0 and 1."
        )
    if not draws:
        return np.nan
    rng = np.random.default_rng(seed)
    n = len(values)
    quartiles = np.quantile(values, [0.25, 0.75])
    spread = min(values.std(), (quartiles[1] - quartiles[0]) / 1.349 or np.inf)
    smooth = 0.9 * spread * n**-0.2  # Silverman's rule: wide enough to wash a jump out
    near = reach * abs(threshold)
    statistics = []
    for _ in range(min(draws, max(_LEAST_DRAWS, _DRAWN_ROWS // n))):
        sample = rng.choice(values, n) + rng.normal(0, smooth, n)
        pulled = (sample >= threshold - near) & (sample < threshold) & (rng.random(n) < moved)
        sample[pulled] = threshold + rng.uniform(0, near / 5, pulled.sum())
        point = settings.test(sample, threshold)
        statistics.append(point["jump"] / point["error"])
    told = np.isfinite(statistics)
    if not told.any():
        return 0.0
    mean = float(np.mean(np.asarray(statistics)[told]))
    # A sample with too few payees on one side finds nothing.
    return float(told.mean()) * (_normal_below(mean - z) + _normal_below(-mean - z))


def _normal_below(z: float) -> float:
    from math import erfc, sqrt

    return erfc(-z / sqrt(2)) / 2
