"""How fast a training is forgotten, by the curves that the tests support and by no other."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from salesanalysis.errors import require_columns
from salesanalysis.forgetting.bootstrap import Bootstrap
from salesanalysis.forgetting.calibration import MOST_OFF, calibration, log_losses
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.fitting import fit
from salesanalysis.forgetting.time_units import in_unit, require_unit
from salesanalysis.stats import require_level
from salesanalysis.summarised import Summarised

#: With fewer delays any two curves go through all of them.
LEAST_DELAYS = 3
#: The latest of one delay as a multiple of the earliest, and the tests that make it one.
_SAME_DELAY, _LEAST_SHARE = 1.4, 0.02
#: How often tests whose scores do not fall may be taken for some that do.
_FALSE_FALL = 0.001
#: Fewer do not tell how much learners differ.
_FEW_LEARNERS = 5
#: Why nothing can be quoted.
FEW_DELAYS, LEVEL, MISSED = "few_delays", "level", "missed"
_COLUMNS = ["model", "weight", "half_life_weeks", "half_life_low", "half_life_high"]
_COLUMNS += ["lost_share", "lost_low", "lost_high"]


@dataclass(frozen=True, eq=False, repr=False)
class SupportedCurves(Summarised):
    """What the supported curves say together; made by :func:`supported_curves`.

    All of it is relative to what was known at the end of the training: at time 0, or everything for
    a curve that has no value there.

    Attributes
    ----------
    curves : tuple of ForgettingCurve
        Those that the tests cannot tell apart, the best first, with their draws; none where
        ``refused`` is ``few_delays`` or ``level``.
    table : DataFrame
        One row for each: ``model, weight`` (Akaike weight), ``half_life_weeks`` (until half is
        gone) and ``lost_share``, each with ``_low, _high`` (of this curve alone).
    half_life_weeks, half_life_low, half_life_high : float
        Weeks until half of it is gone, by the best curve; the limits are those of all supported
        curves, weighed, so they hold the choice of the curve too. The upper one is infinite where
        curves fit that never fall so far.
    lost_share, lost_low, lost_high : float
        The share that is gone after ``lost_weeks``, likewise.
    lost_weeks, longest_weeks : float
        When that is, and the longest delay of any test: what is later is extrapolated.
    calibration : DataFrame
        As from :func:`calibration`, of the best curve.
    losses : tuple of float
        As from :func:`log_losses`.
    n, learners : int
        Tests and learners.
    level : float
        Confidence level.
    refused : str
        ``few_delays`` (fewer than three delays, or too few tests for any curve), ``level`` (no
        decline beyond chance, or one too small to matter), ``missed`` (the best curve misses what
        was seen, or foretells no better than a constant): then nothing is to be quoted, and nothing
        to be planned by it. Else empty.
    """

    curves: tuple[ForgettingCurve, ...] = field(repr=False)
    table: pd.DataFrame
    half_life_weeks: float
    half_life_low: float
    half_life_high: float
    lost_share: float
    lost_low: float
    lost_high: float
    lost_weeks: float
    longest_weeks: float
    calibration: pd.DataFrame = field(repr=False)
    losses: tuple[float, float]
    n: int
    learners: int
    level: float
    refused: str

    @property
    def curve(self) -> ForgettingCurve:
        """The best of them."""
        return self.curves[0]

    @property
    def model(self) -> str:
        """The name of the simplest of them, for groups of few tests; empty where none is quoted."""
        if self.refused:
            return ""
        return min(self.curves, key=lambda curve: curve.form.size).model

    @property
    def bounded(self) -> bool:
        """Whether there is a latest week by which half is gone."""
        return bool(np.isfinite(self.half_life_high))

    @property
    def extrapolates(self) -> bool:
        """Whether what is said lies beyond the longest delay of any test."""
        latest = self.half_life_weeks if self.bounded else self.half_life_low
        return max(self.lost_weeks, latest) > self.longest_weeks * (1 + 1e-9)

    def band(self, days: ArrayLike) -> pd.DataFrame:
        """The best curve with limits that hold all supported ones, as ``ForgettingCurve.band``.

        Without a curve it has no rows.
        """
        if not self.curves:
            columns = ["elapsed", "retention", "retention_low", "retention_high"]
            return pd.DataFrame(columns=columns, dtype=float)
        days = np.asarray(days, dtype=float)
        table = self.curve.in_unit("days").band(days)
        if len(self.curves) > 1:
            drawn = [_levels(curve.in_unit("days"), days) for curve in self.curves]
            low, high = _limits(drawn, self.table["weight"], self.level)
            table["retention_low"], table["retention_high"] = low, high
        return table

    def summary(self) -> pd.DataFrame:
        """Every number: ``name, value, unit``."""
        units = dict.fromkeys(("half_life_weeks", "half_life_low", "half_life_high"), "weeks")
        units |= dict.fromkeys(("lost_share", "lost_low", "lost_high"), "share")
        units |= dict.fromkeys(("lost_weeks", "longest_weeks"), "weeks")
        units |= {"n": "count", "learners": "count"}
        rows = [(name, float(getattr(self, name)), unit) for name, unit in units.items()]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


def supported_curves(
    tests: pd.DataFrame,
    models: pd.DataFrame,
    *,
    time_unit: str | None = None,
    lost_weeks: float = 13.0,
    level: float = 0.95,
    bootstrap: Bootstrap = Bootstrap(draws=499),
) -> SupportedCurves:
    """How fast it is forgotten by the curves that the tests cannot tell apart, and by no other.

    A curve that the comparison refutes has no part in it, however usual it is. Each supported curve
    is fitted to learners drawn anew; the limits are quantiles of all these curves, each counting as
    much as the tests speak for its kind (Akaike weight), so that a curve that was picked by chance
    does not look surer than it is.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``learner_id, elapsed`` (in ``time_unit``), ``retention, known``; ``guess`` where answers
        can be guessed. Before any refresher.
    models : DataFrame
        As from :func:`compare`, of these tests.
    time_unit : str
    lost_weeks : float
        After how many weeks to say what is lost.
    level : float
        Confidence level.
    bootstrap : Bootstrap

    Returns
    -------
    SupportedCurves
        Look at ``refused`` before you quote it.

    Raises
    ------
    SalesAnalysisError
        A column or the unit is missing.

    References
    ----------
    Buckland, S. T., Burnham, K. P., Augustin, N. H. (1997), Biometrics 53, 603–618, on intervals
    that hold the choice of the model; Burnham, K. P., Anderson, D. R. (2002), Model Selection and
    Multimodel Inference, 2nd ed., ch. 4.

    Examples
    --------
    >>> from salesanalysis.forgetting import compare
    >>> rng = np.random.default_rng(1)
    >>> tests = pd.DataFrame({"learner_id": np.repeat(np.arange(160), 6),
    ...                       "elapsed": np.tile([1.0, 7, 21, 42, 91, 182], 160)})
    >>> true = (1 + 0.15 * tests["elapsed"]) ** -0.4  # half is gone after 4.4 weeks
    >>> tests["retention"] = tests["known"] = rng.binomial(20, true) / 20
    >>> models = compare(tests, time_unit="days")
    >>> found = supported_curves(tests, models, time_unit="days")
    >>> found.table[["model", "half_life_weeks", "lost_share"]].round(2)
                 model  half_life_weeks  lost_share
    0       wickelgren             4.45        0.65
    1  wickelgren_free             4.30        0.65
    2       ebbinghaus             4.60        0.66
    """
    unit = require_unit(time_unit)
    require_level(level)
    require_columns(tests.columns, ["learner_id", "elapsed", "retention", "known"], "`tests`")
    needed = ["model", "rank", "same_as", "indistinguishable", "weight", "refused"]
    require_columns(models.columns, needed, "`models`")
    alike = models["indistinguishable"] & models["rank"].notna() & models["same_as"].isna()
    within = models[alike].sort_values("rank")
    settings = {"time_unit": unit, "likelihood": "least_squares", "level": level}
    settings |= {"interval": "bootstrap", "bootstrap": bootstrap}
    facts = {"lost_weeks": lost_weeks, "level": level, "n": int(tests["retention"].notna().sum())}
    facts |= {"learners": tests["learner_id"].nunique()}
    facts["longest_weeks"] = float(tests["elapsed"].max() * in_unit(1.0, unit, "weeks"))
    reason = _reason(tests, unit)
    if reason or within.empty:
        return _nothing(reason or FEW_DELAYS, facts)
    curves = tuple(fit(tests, model=name, **settings) for name in within["model"])
    weight = within["weight"].to_numpy(float)
    made = calibration(tests, curves[0])
    losses = log_losses(tests, curves[0])
    at = lost_weeks / in_unit(1.0, unit, "weeks")
    weeks = [_weeks(curve) for curve in curves]
    gone = [_gone(curve, at) for curve in curves]
    table = _table(curves, weight / weight.sum(), weeks, gone, level)
    low, high = _limits([one[1:][:, None] for one in weeks], table["weight"], level)
    lost_low, lost_high = _limits([one[1:][:, None] for one in gone], table["weight"], level)
    missed = bool(made["missed"].any()) or losses[0] >= losses[1]
    return SupportedCurves(
        curves=curves,
        table=table,
        half_life_weeks=float(weeks[0][0]),
        half_life_low=float(low[0]),
        half_life_high=float(high[0]),
        lost_share=float(gone[0][0]),
        lost_low=float(lost_low[0]),
        lost_high=float(lost_high[0]),
        calibration=made,
        losses=losses,
        refused=MISSED if missed else "",
        **facts,
    )


def _reason(tests: pd.DataFrame, unit: str) -> str:
    """Why no curve is looked at, if there is a reason."""
    tests = tests.dropna(subset=["elapsed", "known"])
    days = tests["elapsed"] * in_unit(1.0, unit, "days")
    if _delays(days.to_numpy(float)) < LEAST_DELAYS:
        return FEW_DELAYS
    return "" if _falls(tests) else LEVEL


def _delays(days: np.ndarray) -> int:
    """How many delays there are: those within a sixth of each other, or a day, are meant as one.

    One that few tests have is a straggler, not another delay. These are not the steps of a table,
    whose ends may cut the tests of one delay in two.
    """
    days, found = np.sort(days), 0
    least = _LEAST_SHARE * len(days)
    while len(days):
        among = int(np.searchsorted(days, days[0] * _SAME_DELAY + 1, side="right"))
        found += among >= least
        days = days[among:]
    return found


def _falls(tests: pd.DataFrame) -> bool:
    """Whether what is known falls with the logarithm of the delay, beyond chance and clearly.

    No curve is asked: one that starts at 1 by definition falls, whatever the tests say. Tests of a
    learner are alike, so the error is that between learners (of very few: between tests), with
    Student's quantile, for there may be few of them. A plan of a year hangs on the answer, so it is
    wrong once in a thousand level files; and a fall that a constant describes as well as a curve
    need be, over all delays, is none.
    """
    x = np.log1p(tests["elapsed"] / tests["elapsed"].mean())
    x = x - x.mean()
    square = float((x**2).sum())
    if not square > 0:
        return False
    slope = float((x * tests["known"]).sum()) / square
    residual = tests["known"] - tests["known"].mean() - slope * x
    single = x * residual
    sums = single.groupby(tests["learner_id"]).sum()
    sums = single if len(sums) < _FEW_LEARNERS else sums
    others = len(sums) - 1
    error = np.sqrt(float((sums**2).sum()) * len(sums) / others) / square
    fall = -slope * float(x.max() - x.min())
    return fall > MOST_OFF and -slope > stdtrit(others, 1 - _FALSE_FALL) * error


def _nothing(refused: str, facts: dict) -> SupportedCurves:
    """No curve at all."""
    names = ["half_life_weeks", "half_life_low", "half_life_high"]
    names += ["lost_share", "lost_low", "lost_high"]
    columns = ["elapsed", "tests", "learners", "retention", "retention_low", "retention_high"]
    return SupportedCurves(
        curves=(),
        table=pd.DataFrame(columns=_COLUMNS),
        calibration=pd.DataFrame(columns=[*columns, "predicted", "off", "missed"]),
        losses=(np.nan, np.nan),
        refused=refused,
        **dict.fromkeys(names, np.nan),
        **facts,
    )


def _table(curves, weight, weeks, gone, level) -> pd.DataFrame:
    """Each curve by itself."""
    rows = []
    for curve, share, half, lost in zip(curves, weight, weeks, gone, strict=True):
        row = {"model": curve.model, "weight": share}
        for name, values in (("half_life", half), ("lost", lost)):
            (low,), (high,) = _limits([values[1:][:, None]], [1.0], level)
            word = "half_life_weeks" if name == "half_life" else "lost_share"
            row |= {word: values[0], f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows, columns=_COLUMNS)


def _with_draws(curve: ForgettingCurve) -> np.ndarray:
    """Parameters × (the curve itself, then its draws)."""
    return np.column_stack([curve.place, curve.spread.params])


def _weeks(curve: ForgettingCurve) -> np.ndarray:
    """Weeks until half is gone, of the curve and of each draw."""
    return curve.form.half_life(curve.clock, _with_draws(curve)) * in_unit(
        1.0, curve.time_unit, "weeks"
    )


def _gone(curve: ForgettingCurve, at: float) -> np.ndarray:
    """The share gone at a time, of the curve and of each draw."""
    params = _with_draws(curve)
    start = np.minimum(curve.form.start(curve.clock, params), 1.0)
    return 1 - np.minimum(_known(curve, at, params), start) / start


def _levels(curve: ForgettingCurve, times: np.ndarray) -> np.ndarray:
    """Retention of each draw (rows) at each time."""
    params = curve.spread.params
    return np.column_stack([_known(curve, time, params) for time in times])


def _known(curve: ForgettingCurve, at: float, params: np.ndarray) -> np.ndarray:
    """Retention of many curves of one model at a time, within 0–1."""
    times = np.full(params.shape[1], at / curve.clock.unit)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = curve.form.retention(times, curve.clock, params)
    return np.clip(np.nan_to_num(values, nan=1.0), 0.0, 1.0)


def _limits(drawn, weight, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted quantiles of each column over the draws of all curves; infinite ones stay so."""
    sizes = [len(one) for one in drawn]
    each = np.repeat(np.asarray(weight, dtype=float) / sizes, sizes)
    values = np.concatenate(drawn)
    order = np.argsort(values, axis=0, kind="stable")
    passed = np.cumsum(each[order], axis=0) / each.sum()
    ordered = np.take_along_axis(values, order, axis=0)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        at = np.minimum((passed < tail - 1e-12).sum(axis=0), len(values) - 1)
        ends.append(ordered[at, np.arange(values.shape[1])])
    return ends[0], ends[1]
