"""Curves of many learners, each pooled towards the others as far as they are alike.

Averaging the scores of people before fitting gives the curve of nobody: a mean of exponentials is
no exponential, and falls more slowly in the end than that of a typical learner. Fitting each
learner alone gives wild half-lives from few scores. Here the log half-lives of the learners are
taken to be normal, with a mean and a spread learnt from all of them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.forgetting.curve import ForgettingCurve, known_curve
from salesanalysis.forgetting.mixture import LearnerRows, Mixture
from salesanalysis.forgetting.observations import observe
from salesanalysis.forgetting.time_units import require_unit
from salesanalysis.stats import require_level
from salesanalysis.summarised import Summarised

#: The models whose shape is set by the half-life alone.
POOLED_MODELS = ("exponential", "hyperbolic")
#: The spread between fewer learners than this cannot be told from the learners themselves.
LEAST_LEARNERS = 5


@dataclass(frozen=True, eq=False, repr=False)
class PooledCurves(Summarised):
    """The half-lives of many learners, and of the learners as a whole; made by :func:`pooled`.

    Attributes
    ----------
    model, time_unit : str
    table : DataFrame
        One row per learner, in the order of ``by``: ``by, n`` (scores, or answers), ``half_life,
        half_life_low, half_life_high`` (median and equal-tailed limits of what is known of the
        learner, in ``time_unit``), ``own_weight`` (how far the learner's own scores count, 0–1).
    half_life, half_life_low, half_life_high : float
        Of the typical learner: half of all learners forget faster.
    log_sd, log_sd_low, log_sd_high : float
        Standard deviation of the logarithm of the half-life between learners.
    start : float
        Mean retention at time 0; ``start_sd`` between learners (0 where it is held common).
    error_sd : float
        Standard deviation of a score about its learner's curve; missing for counts.
    learners, missing : int
        Learners with any score; rows left out because a value is missing.
    level : float
    """

    model: str
    time_unit: str
    table: pd.DataFrame = field(repr=False)
    half_life: float
    half_life_low: float
    half_life_high: float
    log_sd: float
    log_sd_low: float
    log_sd_high: float
    start: float
    start_sd: float
    error_sd: float
    learners: int
    missing: int
    level: float
    mixture: Mixture = field(repr=False)

    @property
    def typical(self) -> ForgettingCurve:
        """The curve of the learner with the median half-life."""
        return known_curve(
            self.model, half_life=self.half_life, start=self.start, time_unit=self.time_unit
        )

    def retention(self, t: ArrayLike) -> pd.DataFrame:
        """Retention of the typical learner, and the mean over all learners, at each time.

        The mean is what an average of scores tends to. It lies over the typical learner's curve
        late, because it is kept up by the few who forget slowly.

        Returns
        -------
        DataFrame
            One row per time: ``elapsed, typical, mean``.
        """
        t = np.atleast_1d(np.asarray(t, dtype=float)).ravel()
        mean = np.minimum(self.start * self.mixture.mean_shape(t), 1.0)
        return pd.DataFrame({"elapsed": t, "typical": self.typical.retention(t), "mean": mean})

    def summary(self) -> pd.DataFrame:
        """Every number of the learners as a whole: ``name, value, unit``."""
        half = ("half_life", "half_life_low", "half_life_high")
        rest = ("log_sd", "log_sd_low", "log_sd_high", "start", "start_sd", "error_sd")
        rows = [(name, getattr(self, name), self.time_unit) for name in half]
        rows += [(name, getattr(self, name), "") for name in rest]
        rows += [(name, getattr(self, name), "count") for name in ("learners", "missing")]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])

    def findings(self, t: float) -> list[Finding]:
        """What averaging the learners first would say of time ``t``, against the typical one."""
        row = self.retention(t).iloc[0]
        values = {"elapsed": float(t), "learners": self.learners, "half_life": self.half_life}
        values |= {"typical": float(row["typical"]), "mean": float(row["mean"])}
        return [Finding("typical", "pooled", values)]


def pooled(
    scores: pd.DataFrame,
    *,
    by: Sequence[str] | str = "learner_id",
    model: str = "exponential",
    time_unit: str | None = None,
    likelihood: str | None = None,
    guess: float | None = None,
    start: float | None = None,
    level: float = 0.95,
) -> PooledCurves:
    """Half-lives of learners by partial pooling: those with few scores lean on the others.

    The log half-life of a learner is normal with mean μ and standard deviation τ over the
    learners. What all scores together say about μ and τ is averaged over, not replaced by one best
    value; a learner whose scores fit any half-life, or rise, or are all zero, takes part like any
    other.

    Parameters
    ----------
    scores : DataFrame, one row per score
        As for :func:`fit`, with the columns of ``by``.
    by : str or list of str
        What makes a learner: ``learner_id``, or learner and skill.
    model : str
        ``exponential`` or ``hyperbolic``.
    time_unit, guess
        As for :func:`fit`.
    likelihood : str, optional
        ``least_squares`` or ``binomial``; where not given, the first that the columns allow.
    start : float, optional
        Retention at time 0, the same for all learners, held fixed. Where not given it is estimated:
        a mean and a spread between learners for scores, one common value for counts.
    level : float
        Level of the credible limits.

    Returns
    -------
    PooledCurves

    Raises
    ------
    SalesAnalysisError
        As for :func:`fit`; or there are fewer than five learners.

    Notes
    -----
    The prior is flat on μ and on τ. The error, and the start where it is estimated, are at their
    best values; with few learners the limits are a little short for that.

    References
    ----------
    Estes, W. K. (1956), Psychological Bulletin 53, 134–140, and Anderson, R. B., Tweney, R. D.
    (1997), Memory & Cognition 25, 724–730, on averaging. Efron, B., Morris, C. (1975), JASA 70,
    311–319. Gelman, A. (2006), Bayesian Analysis 1, 515–534, on the prior of τ.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> half_life = np.exp(np.log(5.1) + rng.normal(size=200))
    >>> scores = pd.DataFrame({"learner_id": np.repeat(np.arange(200), 4),
    ...                        "elapsed": np.tile([1.0, 3.0, 8.0, 13.0], 200), "n": 20})
    >>> share = 2 ** (-scores["elapsed"] / half_life[scores["learner_id"]])
    >>> scores["k"] = rng.binomial(20, share)
    >>> curves = pooled(scores, time_unit="weeks", start=1.0)
    >>> round(curves.half_life, 1), round(curves.log_sd, 1)
    (4.8, 0.9)
    >>> curves.retention([13]).round(2)
       elapsed  typical  mean
    0     13.0     0.16  0.23
    """
    unit = require_unit(time_unit)
    require_level(level)
    if model not in POOLED_MODELS:
        raise SalesAnalysisError(
            f"`model` is {model!r}; curves can be pooled whose shape the half-life alone sets:"
            f" {', '.join(POOLED_MODELS)}."
        )
    if start is not None and not 0 < start <= 1:
        raise SalesAnalysisError(
            f"`start` is {start!r}; expected the retention at time 0, over 0 and at most 1."
        )
    by = as_list(by)
    require_columns(scores.columns, by, "`scores`")
    if not by:
        raise SalesAnalysisError("`by` is empty; expected the columns that make a learner.")
    seen = observe(scores, likelihood, guess)
    if seen.likelihood == "interval":
        raise SalesAnalysisError("Loss times cannot be pooled by learner: each has only one.")
    used = scores.iloc[seen.rows.row]
    grouped = used.groupby(by, dropna=False, sort=True, observed=True)
    learner = grouped.ngroup().to_numpy()
    learners = int(learner.max(initial=-1)) + 1
    if learners < LEAST_LEARNERS:
        raise SalesAnalysisError(
            f"`scores` has {learners} learners; expected at least {LEAST_LEARNERS} to tell their"
            " spread. Use `fit_each`."
        )
    elapsed = used["elapsed"].to_numpy(dtype=float)
    counts, rows = seen.likelihood == "binomial", seen.rows
    rows = LearnerRows(learner, elapsed, rows.first, rows.second, rows.guess, counts)
    mixture = Mixture.fit(rows, model, start)
    own = mixture.learner_half_lives(rows, level)
    keys = used[by].iloc[np.unique(learner, return_index=True)[1]]
    table = pd.concat([keys.reset_index(drop=True), own], axis=1)
    return PooledCurves(
        model=model,
        time_unit=unit,
        table=table,
        learners=learners,
        missing=seen.missing,
        level=level,
        mixture=mixture,
        **mixture.population(level),
    )
