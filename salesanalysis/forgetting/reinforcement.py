"""How much longer a refresher makes knowledge last, from tests before and after refreshers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.stats import require_level
from salesanalysis.summarised import Summarised

#: Half-lives (as shares of the longest time seen) and factors that the search starts from.
_STARTS = [(share, factor) for share in (0.05, 0.2, 0.8, 3.0) for factor in (0.7, 1.0, 1.5, 2.5)]
_ROUNDS, _TOLERANCE = 100, 1e-10
#: Beyond this condition number of the scaled information, the data do not tell the parameters.
_MOST_CONDITION = 1e10
#: Levels known are kept inside these limits; the factor and a half-life inside e^±these.
_LEAST_KNOWN, _MOST_KNOWN = 1e-4, 1.0
_FACTOR_LIMIT, _HALF_LIFE_LIMIT = 5.0, 25.0
#: With fewer learners tested after a refresher than this the spread between learners is not known.
LEAST_LEARNERS = 10


@dataclass(frozen=True, eq=False, repr=False)
class ReinforcementEffect(Summarised):
    """What refreshers do, as fitted by :func:`reinforcement_effect`.

    Attributes
    ----------
    factor, factor_low, factor_high : float
        How many times longer each refresher makes things last; missing where ``refused``.
    p_value : float
        Of the test that the factor is 1.
    half_life, half_life_low, half_life_high : float
        Before any refresher, in ``time_unit``; with ``by`` the geometric mean over the tests.
    half_lives : DataFrame
        One row per group of ``by`` (or one): ``by, tests, half_life, half_life_low,
        half_life_high``; missing where the tests of the group set no limit.
    start, restored : float
        Share known right after the training and right after a refresher.
    tests, learners, refreshed_tests, refreshed_learners : int
        What it was fitted to; of these, after a refresher.
    time_unit : str
    level : float
    refused : str
        ``few_learners`` (fewer than ten tested after a refresher, or without one), ``at_bound``
        (the data set no limit), ``not_identified``; empty where the factor can be used.
    """

    factor: float
    factor_low: float
    factor_high: float
    p_value: float
    half_life: float
    half_life_low: float
    half_life_high: float
    half_lives: pd.DataFrame = field(repr=False)
    start: float
    restored: float
    tests: int
    learners: int
    refreshed_tests: int
    refreshed_learners: int
    time_unit: str
    level: float
    refused: str = field(default="")

    def row(self) -> pd.DataFrame:
        """The fit as one row of a table, its columns the names of :meth:`summary`."""
        values = self.summary().set_index("name")["value"]
        return pd.DataFrame([values.to_dict()])

    @property
    def planned(self) -> dict[str, float]:
        """``effect`` and ``restores`` for a schedule: as fitted, 1 where the data do not tell."""
        if self.refused:
            return {"effect": 1.0, "restores": 1.0}
        return {"effect": self.factor, "restores": self.restored}

    def planned_for(self, target: float) -> dict[str, float]:
        """``planned``, but as if nothing were known where refreshers bring back no more than
        ``target``, which no plan could keep then; :func:`effect_caveats` says so."""
        if self.planned["restores"] <= target:
            return {"effect": 1.0, "restores": 1.0}
        return self.planned

    def summary(self) -> pd.DataFrame:
        """The fit in numbers: ``name, value, unit``."""
        units = dict.fromkeys(("start", "restored"), "share") | {"p_value": "p"}
        units |= dict.fromkeys(("half_life", "half_life_low", "half_life_high"), self.time_unit)
        units |= dict.fromkeys(("factor", "factor_low", "factor_high"), "ratio")
        counts = ("tests", "learners", "refreshed_tests", "refreshed_learners")
        units |= dict.fromkeys(counts, "count")
        names = ["factor", "factor_low", "factor_high", "p_value", "half_life", "half_life_low"]
        names += ["half_life_high", "start", "restored", *counts]
        rows = [(name, float(getattr(self, name)), units[name]) for name in names]
        return pd.DataFrame(rows, columns=["name", "value", "unit"])


def reinforcement_effect(
    tests: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    time_unit: str = "days",
    guess: float | None = None,
    level: float = 0.95,
) -> ReinforcementEffect:
    """How many times longer each refresher makes knowledge last, with its uncertainty.

    The share known at a test is a × 2^(−t / (half-life × factorⁱ)) after i refreshers, where t, the
    column ``since_refreshed``, is the time since the last of them (or since the training), and a is
    one level after the training and another after a refresher. Learners who were never refreshed,
    and tests before the first refresher, tell the half-life; tests after a refresher tell the
    factor. With ``by``
    each group has a half-life of its own and the factor is common: where groups differ this is
    needed, since a mixture of half-lives makes the factor come out too small.

    It is fitted by least squares, or to counts by binomial likelihood. As tests of one learner are
    alike, the intervals come from the spread between learners (cluster-robust), on the log scale.
    Only where it was left to chance who is refreshed is the factor the effect of refreshing.

    Parameters
    ----------
    tests : DataFrame, one row per learner × skill × test
        ``learner_id``, ``since_refreshed`` (in ``time_unit``), ``refreshers`` (how many so far),
        and ``k, n`` or ``retention`` (0–1), as from
        :func:`salesanalysis.reduce.forgetting.scored_tests`. Counts are used where both are there.
        A column ``guess`` (chance of a right answer by guessing) is used. Rows with a missing value
        do not count.
    by : str or list of str
        Columns of groups that forget at different speed, such as the skill and the method.
    time_unit : str
        The unit of ``since_refreshed``.
    guess : float, optional
        The chance of a right answer by guessing of all tests, instead of the column.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    ReinforcementEffect

    Raises
    ------
    SalesAnalysisError
        A column is missing, a value is out of its limits, or there is no usable row.

    References
    ----------
    Variance: Liang, K.-Y., Zeger, S. L. (1986), Biometrika 73, 13–22, with the factor
    G / (G − 1) and G − 1 degrees of freedom for G learners (Cameron, A. C., Miller, D. L. (2015),
    Journal of Human Resources 50, 317–372).

    Examples
    --------
    Twenty learners, each refreshed on day 30, which doubles a half-life of 30 days:

    >>> rng = np.random.default_rng(1)
    >>> rows = [(f"L{i}", since, after, rng.binomial(50, 2 ** (-since / (30 * 2**after))) / 50)
    ...         for i in range(20) for since, after in [(10, 0), (25, 0), (20, 1), (60, 1)]]
    >>> names = ["learner_id", "since_refreshed", "refreshers", "retention"]
    >>> tests = pd.DataFrame(rows, columns=names)
    >>> effect = reinforcement_effect(tests)
    >>> round(effect.factor, 1), effect.factor_low < 2 < effect.factor_high
    (2.2, True)
    """
    require_level(level)
    by = as_list(by)
    data = _Data.of(tests, by, guess)
    counts = data.counts() | {"time_unit": time_unit, "level": level}
    if min(data.learners_after(True), data.learners_after(False)) < LEAST_LEARNERS:
        return _refused("few_learners", data, counts)
    theta = min((data.fitted(start) for start in data.starts()), key=data.misfit)
    if abs(theta[2]) >= _FACTOR_LIMIT:
        return _refused("at_bound", data, counts)
    covariance = data.covariance(theta)
    if covariance is None:
        return _refused("not_identified", data, counts)

    from scipy.special import stdtr, stdtrit

    # The factor, the mean of the log half-lives, and each of them, as combinations of θ.
    groups = len(data.names)
    wanted = np.zeros((2 + groups, len(theta)))
    wanted[0, 2] = 1
    wanted[1, 3:] = data.names["tests"] / data.names["tests"].sum()
    wanted[2:, 3:] = np.eye(groups)
    error = np.sqrt(np.einsum("ij,jk,ik->i", wanted, covariance, wanted))
    degrees = data.learners - 1
    log = wanted @ theta
    reach = stdtrit(degrees, 0.5 + level / 2) * error
    middle, low, high = np.exp(log), np.exp(log - reach), np.exp(np.minimum(log + reach, 700))
    known = np.abs(theta[3:]) < _HALF_LIFE_LIMIT
    each = {"half_life": middle[2:], "half_life_low": low[2:], "half_life_high": high[2:]}
    mean = {"half_life": middle[1], "half_life_low": low[1], "half_life_high": high[1]}
    return ReinforcementEffect(
        factor=float(middle[0]),
        factor_low=float(low[0]),
        factor_high=float(high[0]),
        p_value=float(2 * stdtr(degrees, -abs(log[0]) / error[0])),
        **{name: float(value) if known.all() else np.nan for name, value in mean.items()},
        half_lives=data.names.assign(**{n: np.where(known, v, np.nan) for n, v in each.items()}),
        start=float(theta[0]),
        restored=float(theta[1]),
        **counts,
    )


def _refused(reason: str, data: "_Data", counts: dict) -> ReinforcementEffect:
    limits = ["half_life", "half_life_low", "half_life_high"]
    numbers = ["factor", "factor_low", "factor_high", "p_value", "start", "restored", *limits]
    return ReinforcementEffect(
        **dict.fromkeys(numbers, np.nan),
        half_lives=data.names.assign(**dict.fromkeys(limits, np.nan)),
        refused=reason,
        **counts,
    )


class _Data:
    """The tests as arrays, and the model: θ = start, restored, log factor, log half-lives."""

    def __init__(self, numbers: np.ndarray, guess, learner, groups, binomial: bool):
        self.since_refreshed, self.refreshers = numbers[:, 0], numbers[:, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.right = numbers[:, 2] / numbers[:, 3] if binomial else numbers[:, 2]
        self.weight = numbers[:, 3] if binomial else np.ones(len(numbers))
        self.guess, self.binomial = guess, binomial
        self.after = self.refreshers > 0
        distinct, self.learner = np.unique(learner, return_inverse=True)
        self.learners = len(distinct)
        self.group, self.names = groups
        self._check()

    @classmethod
    def of(cls, tests: pd.DataFrame, by: list[str], guess: float | None) -> "_Data":
        needed = ["learner_id", "since_refreshed", "refreshers", *by]
        require_columns(tests.columns, needed, "`tests`")
        counts = ["k", "n"]
        binomial = set(counts) <= set(tests.columns) and tests[counts].notna().all(axis=None)
        if not binomial:
            require_columns(tests.columns, ["retention"], "`tests`")
        values = ["since_refreshed", "refreshers", *(counts if binomial else ["retention"])]
        frame = tests.dropna(subset=["learner_id", *values])
        if guess is None and "guess" in frame:
            guess = frame["guess"].fillna(0.0).to_numpy(dtype=float)
        guess = np.broadcast_to(0.0 if guess is None else guess, len(frame)).astype(float)
        learner = frame["learner_id"].astype(str).to_numpy()
        numbers = frame[values].to_numpy(dtype=float)
        return cls(numbers, guess, learner, _groups(frame, by), bool(binomial))

    def _check(self) -> None:
        fine = {
            "since_refreshed": self.since_refreshed >= 0,
            "refreshers": (self.refreshers >= 0) & (self.refreshers % 1 == 0),
            "k` / `n" if self.binomial else "retention": (self.right >= 0) & (self.right <= 1),
            "guess": (self.guess >= 0) & (self.guess < 1),
        }
        for name, good in fine.items():
            if not good.all():
                raise SalesAnalysisError(
                    f"`tests`: `{name}` is out of its limits in {(~good).sum()} row(s), first in"
                    f" the usable row {good.argmin() + 1}. Expected: times and numbers of"
                    " refreshers of at least 0, shares from 0 to 1, a `guess` below 1."
                )

    def counts(self) -> dict:
        return {
            "tests": len(self.since_refreshed),
            "learners": self.learners,
            "refreshed_tests": int(self.after.sum()),
            "refreshed_learners": self.learners_after(True),
        }

    def learners_after(self, refreshed: bool) -> int:
        """How many learners have a test after a refresher, or without one."""
        return len(np.unique(self.learner[self.after == refreshed]))

    def starts(self) -> list[np.ndarray]:
        longest = max(float(self.since_refreshed.max()), 1e-9)
        groups = np.ones(len(self.names))
        return [
            np.concatenate([[0.9, 0.9, np.log(factor)], np.log(share * longest) * groups])
            for share, factor in _STARTS
        ]

    def predicted(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The expected share of right answers, and its derivative by θ."""
        level = np.where(self.after, theta[1], theta[0])
        periods = self.since_refreshed / np.exp(theta[3 + self.group] + self.refreshers * theta[2])
        left = 2.0**-periods
        slope = level * left * periods * np.log(2)
        by_theta = np.zeros((len(slope), len(theta)))
        by_theta[:, 0], by_theta[:, 1] = left * ~self.after, left * self.after
        by_theta[:, 2] = slope * self.refreshers
        by_theta[np.arange(len(slope)), 3 + self.group] = slope
        known = 1 - self.guess
        return self.guess + known * level * left, known[:, None] * by_theta

    def misfit(self, theta: np.ndarray) -> float:
        """Sum of squares, or the deviance of counts up to a constant."""
        expected, _ = self.predicted(theta)
        if not self.binomial:
            return float(((self.right - expected) ** 2).sum())
        expected = np.clip(expected, 1e-12, 1 - 1e-12)
        fit = self.right * np.log(expected) + (1 - self.right) * np.log1p(-expected)
        return float(-2 * (self.weight * fit).sum())

    def _weights(self, expected: np.ndarray) -> np.ndarray:
        if not self.binomial:
            return self.weight
        return self.weight / np.maximum(expected * (1 - expected), 1e-9)

    def fitted(self, theta: np.ndarray) -> np.ndarray:
        """The best θ from a start: Fisher scoring, steps damped until they improve the fit."""
        now, damping = self.misfit(theta), 1e-3
        for _ in range(_ROUNDS):
            expected, slope = self.predicted(theta)
            weights = self._weights(expected)
            gradient = slope.T @ (weights * (self.right - expected))
            information = slope.T @ (slope * weights[:, None])
            scale = np.maximum(np.diag(information), 1e-12)
            step = np.linalg.solve(information + damping * np.diag(scale), gradient)
            tried = self._inside(theta + step)
            then = self.misfit(tried)
            if then > now:
                damping *= 10
                if damping > 1e12:
                    break
                continue
            damping = max(damping / 10, 1e-12)
            done = now - then <= _TOLERANCE * max(abs(now), 1e-12) and damping < 1e-6
            theta, now = tried, then
            if done:
                break
        return theta

    def _inside(self, theta: np.ndarray) -> np.ndarray:
        return np.clip(theta, *_limits(len(theta)))

    def covariance(self, theta: np.ndarray) -> np.ndarray | None:
        """Of θ by the spread between learners; None where the data do not tell θ."""
        expected, slope = self.predicted(theta)
        weights = self._weights(expected)
        # What lies at its limit is not estimated: it takes no part in the uncertainty.
        low, high = _limits(len(theta))
        free = (theta > low) & (theta < high)
        slope = slope[:, free]
        information = slope.T @ (slope * weights[:, None])
        scale = np.sqrt(np.diag(information))
        if not (scale > 0).all():
            return None
        if np.linalg.cond(information / np.outer(scale, scale)) > _MOST_CONDITION:
            return None
        scores = np.zeros((self.learners, slope.shape[1]))
        np.add.at(scores, self.learner, slope * (weights * (self.right - expected))[:, None])
        inverse = np.linalg.inv(information)
        spread = inverse @ (scores.T @ scores) @ inverse * self.learners / (self.learners - 1)
        whole = np.zeros((len(theta), len(theta)))
        whole[np.ix_(free, free)] = spread
        return whole


def _limits(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest value of each of θ."""
    logs = np.append(_FACTOR_LIMIT, np.full(size - 3, _HALF_LIFE_LIMIT))
    return np.append([_LEAST_KNOWN] * 2, -logs), np.append([_MOST_KNOWN] * 2, logs)


def _groups(frame: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """The group number of each row, and one row per group: ``by, tests``."""
    if frame.empty:
        return np.zeros(0, dtype=int), pd.DataFrame({name: [] for name in [*by, "tests"]})
    if not by:
        return np.zeros(len(frame), dtype=int), pd.DataFrame({"tests": [len(frame)]})
    grouped = frame.groupby(by, dropna=False, sort=True)
    return grouped.ngroup().to_numpy(), grouped.size().rename("tests").reset_index()
