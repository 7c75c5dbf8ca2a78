"""The scores that a fit takes: read, checked, and asked about where they cannot be right."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_choice, require_columns
from salesanalysis.forgetting.likelihoods import Counts, Intervals, LeastSquares, log_ways
from salesanalysis.forgetting.merging import neighbours

LIKELIHOODS = ("least_squares", "binomial", "interval")
_COLUMNS = {
    "least_squares": ("elapsed", "retention"),
    "binomial": ("elapsed", "k", "n"),
    "interval": ("known_until", "lost_by"),
}
#: A score that is over its maximum by less than this is so by rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Observations:
    """Checked data in the user's unit of time, the same times of counts put together.

    Attributes
    ----------
    likelihood : str
    data : LeastSquares, Counts or Intervals
        One column, sorted by time.
    size : int
        What AIC counts as observations: scores, answers or learners.
    missing : int
        Rows left out because a value is missing.
    rows : Rows
        What each row that was used adds.
    """

    likelihood: str
    data: LeastSquares | Counts | Intervals | None
    size: int
    missing: int
    rows: "Rows"

    @property
    def log_ways(self) -> float:
        """The part of the log likelihood of counts that no curve changes."""
        if self.likelihood != "binomial":
            return 0.0
        return float(log_ways(self.rows.first, self.rows.second).sum())

    @property
    def times(self) -> np.ndarray:
        """The distinct times that anything was observed at, sorted."""
        if self.data is None:
            return np.empty(0)
        if self.likelihood == "interval":
            both = np.concatenate([self.data.known[:, 0], self.data.lost[:, 0]])
            return np.unique(both[np.isfinite(both)])
        return np.unique(self.data.times)


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that were used.

    ``row`` is their place in the table, ``time`` their time (of intervals, the number of their pair
    of times among the distinct ones), ``guess`` the share right by guessing; ``first`` and
    ``second`` are score and 1, right and asked, or for intervals the number of learners twice.
    """

    row: np.ndarray
    time: np.ndarray
    guess: np.ndarray
    first: np.ndarray
    second: np.ndarray


def require_likelihood(likelihood, scores) -> str:
    """The likelihood asked for, or the one that the columns of the table call for."""
    if not isinstance(scores, pd.DataFrame):
        raise SalesAnalysisError(
            f"`scores` is a {type(scores).__name__}; expected a DataFrame with one row per score."
        )
    if likelihood is None:
        columns = set(scores.columns)
        for name in LIKELIHOODS:
            if set(_COLUMNS[name]) <= columns:
                return name
        raise SalesAnalysisError(
            "`scores` has neither `elapsed` and `retention`, nor `elapsed`, `k` and `n`, nor"
            f" `known_until` and `lost_by`. Columns: {', '.join(map(str, scores.columns))}."
        )
    require_choice("likelihood", likelihood, LIKELIHOODS)
    return likelihood


def guesses(scores: pd.DataFrame, guess) -> np.ndarray:
    """The share right by guessing of each row: the same for all, or the column ``guess``.

    Examples
    --------
    >>> guesses(pd.DataFrame({"guess": [0.25, None]}), None)
    array([0.25, 0.  ])
    """
    if guess is None and "guess" in scores.columns:
        each = np.nan_to_num(numbers(scores["guess"]))
    else:
        number = isinstance(guess, int | float | np.number)
        each = np.full(len(scores), 0.0 if guess is None else guess if number else np.nan)
    wrong = ~((each >= 0) & (each < 1))
    if wrong.any():
        came = repr(guess) if guess is not None else f"{each[wrong][0]:g} in some row"
        raise SalesAnalysisError(
            f"`guess` is {came}; expected the share of right answers by guessing alone, at least 0"
            " and under 1: 0.25 with four choices. Where it differs, give it as a column `guess`."
        )
    return each


def observe(scores: pd.DataFrame, likelihood, guess, *, positive: str = "") -> Observations:
    """The scores as arrays, or an error that says what cannot be right about them.

    ``positive`` names the model whose times must be over 0.
    """
    likelihood = require_likelihood(likelihood, scores)
    guess = guesses(scores, guess)
    frame = with_retention(scores, likelihood)
    columns = list(_COLUMNS[likelihood])
    require_columns(frame.columns, columns, "`scores`")
    if likelihood == "interval" and "count" in frame.columns:
        columns.append("count")
    values = pd.DataFrame({name: numbers(frame[name]) for name in columns}, index=frame.index)
    there = values.notna().all(axis=1).to_numpy()
    kept = values[there]
    if kept.empty:
        nothing = Rows(np.empty(0, dtype=int), *[np.empty(0)] * 4)
        return Observations(likelihood, None, 0, len(frame), nothing)
    if likelihood != "interval":
        _check_times(kept["elapsed"], positive)
    check = {"least_squares": _scores, "binomial": _counts, "interval": _intervals}
    guess = guess[there]
    data, time, first, second = check[likelihood](kept, guess)
    rows = Rows(np.flatnonzero(there), time, guess, first, second)
    size = int(round(second.sum()))
    return Observations(likelihood, data, size, int((~there).sum()), rows)


def numbers(column: pd.Series) -> np.ndarray:
    """A column as numbers, missing ones as NaN, or an error that quotes what is none.

    Examples
    --------
    >>> numbers(pd.Series([1, None, "2.5"]))
    array([1. , nan, 2.5])
    """
    if column.dtype.kind in "mM":
        raise SalesAnalysisError(
            f"`{column.name}` holds times; expected a number in the unit of the fit, such as"
            " `durations / pd.Timedelta(days=1)` for days."
        )
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    text = np.isnan(values) & column.notna().to_numpy()
    if text.any():
        quoted = ", ".join(repr(value) for value in column[text].head(3))
        raise SalesAnalysisError(
            f"`{column.name}` must be numbers; {int(text.sum())} of {len(column)} are not"
            f" ({quoted})."
        )
    return values


def with_retention(scores: pd.DataFrame, likelihood: str) -> pd.DataFrame:
    """``retention`` as ``k / n`` where only the counts are there and scores are asked for."""
    has = set(scores.columns)
    if likelihood == "least_squares" and "retention" not in has and {"k", "n"} <= has:
        return scores.assign(retention=scores["k"] / scores["n"].where(scores["n"] > 0))
    return scores


def _check_times(elapsed: pd.Series, positive: str) -> None:
    wrong = ~np.isfinite(elapsed) | (elapsed < 0)
    if wrong.any():
        raise SalesAnalysisError(
            f"`elapsed` must be a time since the training, at least 0; {_rows(elapsed, wrong)}."
            " A test before the training says nothing about forgetting: leave it out and count it."
        )
    zero = elapsed == 0
    if positive and zero.any():
        raise SalesAnalysisError(
            f"`elapsed` must be over 0 for the model {positive!r}, which has no value at time 0;"
            f" {_rows(elapsed, zero)}. Leave these rows out, give the true delay, or fit a model"
            " that starts at 0: exponential, hyperbolic, wickelgren."
        )


def _scores(kept: pd.DataFrame, guess: np.ndarray) -> tuple:
    check_maximum(kept["retention"])
    elapsed, retention = kept["elapsed"].to_numpy(), kept["retention"].to_numpy()
    order = np.argsort(elapsed, kind="stable")
    arrays = elapsed[order][:, None], retention[order][:, None]
    data = LeastSquares(*arrays, np.ones_like(arrays[0]), one_or_each(guess[order][:, None]))
    return data, elapsed, retention, np.ones_like(retention)


def one_or_each(guess: np.ndarray) -> np.ndarray | float:
    """One number where all are the same, which is faster to compute with."""
    return float(guess.flat[0]) if np.ptp(guess) == 0 else guess


def check_maximum(retention: pd.Series) -> None:
    """Refuse scores over 1, and ask whether they are per cent, or only some of them are."""
    over = retention > 1 + ROUNDING
    if over.any():
        asked = ""
        # A score of 1.02 is over the maximum; one of 84 is more likely per cent.
        if 2 < retention.max() <= 100:
            within = (retention > 0) & ~over
            asked = (
                f" Are these percentages mixed with shares ({int(over.sum())} rows over 1,"
                f" {int(within.sum())} over 0 and up to 1)? Then say which are which."
                if within.any()
                else " Are they percentages? Then divide by 100."
            )
        raise SalesAnalysisError(
            "`retention` must be a share of the maximum score, at most 1;"
            f" {_rows(retention, over)}.{asked}"
        )
    under = ~(retention >= -1)
    if under.any():
        raise SalesAnalysisError(
            "`retention` must be a share; savings, and scores corrected for guessing, can lie"
            f" under 0, but not under -1; {_rows(retention, under)}."
        )


def _counts(kept: pd.DataFrame, guess: np.ndarray) -> tuple:
    k, n = kept["k"], kept["n"]
    wrong = ~((k >= 0) & (k <= n) & (n > 0) & (k % 1 == 0) & (n % 1 == 0))
    if wrong.any():
        raise SalesAnalysisError(
            "`k` (right) and `n` (asked) must be whole numbers with 0 <= k <= n and n > 0;"
            f" `k`: {_rows(k, wrong)}; `n`: {_rows(n, wrong)}."
        )
    elapsed = kept["elapsed"].to_numpy()
    cell = neighbours(elapsed, guess, len(elapsed))
    first = np.unique(cell, return_index=True)[1]
    right, asked = (np.bincount(cell, weights=counts)[:, None] for counts in (k, n))
    data = Counts(elapsed[first][:, None], right, asked, one_or_each(guess[first][:, None]))
    return data, elapsed, k.to_numpy(), n.to_numpy()


def _intervals(kept: pd.DataFrame, guess: np.ndarray) -> tuple:
    if guess.any():
        raise SalesAnalysisError(
            "`guess` does not apply to the likelihood 'interval': a lucky guess hides a loss. Fit"
            " the counts with the likelihood 'binomial' instead."
        )
    known, lost = kept["known_until"], kept["lost_by"]
    wrong = ~((known >= 0) & (known < lost) & np.isfinite(known))
    if wrong.any():
        raise SalesAnalysisError(
            "`known_until` must be at least 0 and before `lost_by` (infinite where the loss was"
            f" not seen); `known_until`: {_rows(known, wrong)}; `lost_by`: {_rows(lost, wrong)}."
        )
    count = kept.get("count", pd.Series(1.0, index=kept.index)).to_numpy()
    ends = kept[["known_until", "lost_by"]].to_numpy()
    pairs, cell = np.unique(ends, axis=0, return_inverse=True)
    cell = cell.ravel()
    each = np.bincount(cell, weights=count)
    return Intervals(pairs[:, :1], pairs[:, 1:], each[:, None]), cell, count, count


def _rows(column: pd.Series, wrong: pd.Series) -> str:
    """The first bad rows, quoted."""
    bad = column[wrong]
    quoted = ", ".join(f"row {index}: {value:g}" for index, value in bad.head(3).items())
    return f"{int(wrong.sum())} of {len(column)} are not ({quoted})"
