"""Who came back to be tested: what the scores of those who did not would have changed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding, picked
from salesanalysis.stats import require_level, sum_of_means, wilson

#: With a larger share than this gone, the scores of the others say little about all.
MANY_GONE = 0.2


def attrition(
    scores: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    learner: Sequence[str] | str = ("learner_id",),
    level: float = 0.95,
) -> pd.DataFrame:
    """From each test to the next: how many did not come back, and how those had scored.

    Those who have forgotten stay away more often, so the scores of those who come back fall less
    than knowledge does, or not at all. A learner's tests are numbered by their time. Leave out
    learners whose next test is not due yet: they would count as gone.

    Parameters
    ----------
    scores : DataFrame, one row per score
        ``learner_id, elapsed`` and ``retention`` (0–1), or ``k`` and ``n``; the columns of ``by``.
    by : str or list of str
        Columns to split by.
    learner : str or list of str
        Columns that make a learner: with several skills each, learner and skill.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group × test that was not the last:

        - ``by, test`` (1 is the first), ``elapsed`` (median), ``next_elapsed``,
        - ``n`` learners, ``k`` of them without a further test, ``rate, rate_low, rate_high``
          (Wilson),
        - ``stayed, left``: mean score at this test of those who came back and those who did not;
          ``gap, gap_low, gap_high``: stayed − left (Welch),
        - ``change, change_low, change_high``: mean change of those who came back until their next
          test,
        - ``next_mean``: of those who came back; ``next_worst, next_best``: of all, had those who
          left lost everything, or nothing.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a learner has two scores at one time.

    References
    ----------
    Bounds: Manski, C. F. (1990), American Economic Review 80 (2), 319–323. Welch, B. L. (1947),
    Biometrika 34, 28–35. Wilson, E. B. (1927), JASA 22, 209–212.

    Examples
    --------
    >>> scores = pd.DataFrame({"learner_id": list("abcdabc"), "elapsed": [0] * 4 + [12] * 3,
    ...                        "retention": [0.9, 0.8, 0.8, 0.4, 0.9, 0.8, 0.7]})
    >>> table = attrition(scores)
    >>> table[["test", "n", "k", "stayed", "left", "change", "next_worst", "next_best"]].round(2)
       test  n  k  stayed  left  change  next_worst  next_best
    0     1  4  1    0.83   0.4   -0.03         0.6        0.7
    """
    require_level(level)
    by = as_list(by)
    learner = as_list(learner)
    frame = _with_share(scores)
    require_columns(frame.columns, [*by, *learner, "elapsed", "retention"], "`scores`")
    frame = frame.dropna(subset=[*learner, "elapsed", "retention"])
    frame = frame[[*dict.fromkeys([*by, *learner]), "elapsed", "retention"]]
    frame = frame.sort_values("elapsed", kind="stable")
    own = [*by, *(name for name in learner if name not in by)]
    twice = frame.duplicated([*own, "elapsed"])
    if twice.any():
        example = frame.loc[twice, learner[0]].iloc[0]
        raise SalesAnalysisError(
            f"`scores` has {int(twice.sum())} scores of a learner at a time that has one already"
            f" (learner {example}); expected one. With several skills each, give"
            " `learner=['learner_id', 'skill']`."
        )
    tests = frame.groupby(own, dropna=False, observed=True)
    frame = frame.assign(
        test=tests.cumcount() + 1,
        next_elapsed=tests["elapsed"].shift(-1),
        next_score=tests["retention"].shift(-1),
    )
    rows = []
    groups = frame.groupby(by, dropna=False, sort=True, observed=True) if by else [((), frame)]
    for key, part in groups:
        for test in sorted(part["test"].unique())[:-1]:
            here = part[part["test"] == test]
            row = dict(zip(by, key, strict=True)) | {"test": test}
            rows.append(row | _row(here, level))
    columns = [*by, "test", "elapsed", "next_elapsed", "n", "k", "rate", "rate_low", "rate_high"]
    columns += ["stayed", "left", "gap", "gap_low", "gap_high"]
    columns += ["change", "change_low", "change_high", "next_mean", "next_worst", "next_best"]
    return pd.DataFrame(rows, columns=columns)


def attrition_findings(table: pd.DataFrame) -> list[Finding]:
    """What the drop-outs do to the curve.

    Parameters
    ----------
    table : DataFrame
        As from :func:`attrition`, of one group.

    Returns
    -------
    list of Finding
        The first that applies, with the values of the row it is true of:

        ``survivors_only``
            Many are gone, and those who came back show no decline: the data cannot say that
            nothing was forgotten.
        ``weaker_left``
            Those who left had scored lower, beyond chance: the curve of the others is too high.
        ``many_left``
            More than a fifth are gone.
        ``few_left``
            None of these.

    Examples
    --------
    >>> scores = pd.DataFrame({"learner_id": list("abcdabc"), "elapsed": [0] * 4 + [12] * 3,
    ...                        "retention": [0.9, 0.8, 0.8, 0.4, 0.9, 0.8, 0.7]})
    >>> [finding.name for finding in attrition_findings(attrition(scores))]
    ['survivors_only']
    """
    needed = ["test", "n", "k", "rate", "stayed", "left", "gap_low", "change_high"]
    require_columns(table.columns, [*needed, "next_worst", "next_mean", "next_best"])
    table = table.sort_values("test")
    if table.empty:
        return [Finding("attrition", "few_left", {"n": 0, "k": 0, "rate": np.nan})]
    many = table["rate"] > MANY_GONE
    flat = ~(table["change_high"] < 0)
    weaker = table["gap_low"] > 0
    if (many & flat).any():
        row = table[many & flat].iloc[0]
        values = picked(row, "test", "rate", "next_worst", "next_mean")
        return [Finding("attrition", "survivors_only", values)]
    if weaker.any():
        values = picked(table[weaker].iloc[0], "test", "left", "stayed")
        return [Finding("attrition", "weaker_left", values)]
    if many.any():
        values = picked(table[many].iloc[0], "test", "rate", "next_worst", "next_best")
        return [Finding("attrition", "many_left", values)]
    values = picked(table.loc[table["rate"].idxmax()], "n", "k", "rate")
    return [Finding("attrition", "few_left", values)]


def _with_share(scores: pd.DataFrame) -> pd.DataFrame:
    if "retention" not in scores.columns and {"k", "n"} <= set(scores.columns):
        return scores.assign(retention=scores["k"] / scores["n"].where(scores["n"] > 0))
    return scores


def _row(here: pd.DataFrame, level: float) -> dict:
    gone = here["next_elapsed"].isna()
    stayed, left = here.loc[~gone, "retention"], here.loc[gone, "retention"]
    back = here[~gone]
    n, k = len(here), int(gone.sum())
    low, high = wilson(k, n, level=level)
    row = {"elapsed": here["elapsed"].median(), "next_elapsed": back["next_elapsed"].median()}
    row |= {"n": n, "k": k, "rate": k / n, "rate_low": float(low), "rate_high": float(high)}
    row |= {"stayed": stayed.mean(), "left": left.mean()}
    row |= _mean_with_limits("gap", [stayed, -left], level)
    row |= _mean_with_limits("change", [back["next_score"] - back["retention"]], level)
    kept = back["next_score"].sum()
    row["next_mean"] = back["next_score"].mean()
    return row | {"next_worst": kept / n, "next_best": (kept + left.sum()) / n}


def _mean_with_limits(name: str, samples: list[pd.Series], level: float) -> dict:
    """The sum of the samples' means, with t limits; none where a sample has fewer than two."""
    value, lowest, highest = sum_of_means(samples, level=level)
    return {name: value, f"{name}_low": lowest, f"{name}_high": highest}
