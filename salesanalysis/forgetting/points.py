"""What was observed at each delay, to be shown beside a fitted curve."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.stats import require_level

#: Ends of the steps of the delay, in days: each about one and a half times the one before.
STEPS = (2.0, 4.0, 10.0, 17.0, 28.0, 45.0, 70.0, 105.0, 160.0, 240.0, 365.0)


def retention_points(
    tests: pd.DataFrame,
    *,
    by: Sequence[str] | str = (),
    steps: Sequence[float] = STEPS,
    level: float = 0.95,
) -> pd.DataFrame:
    """The mean share known at each step of the delay, as it was observed.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``learner_id, elapsed`` and ``known`` (corrected for guessing), as from
        :func:`salesanalysis.reduce.forgetting.scored_tests`.
    by : str or list of str
        Columns to split by.
    steps : list of float
        Ends of the steps of the delay, ascending, in the unit of ``elapsed``; what is later falls
        into one more step.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per group × step that has tests: ``by, elapsed`` (mean), ``tests, learners,
        retention, retention_low, retention_high``. The limits are those of a mean over learners
        (Student's t; each learner's tests of the step count together); missing for a single one.

    Raises
    ------
    SalesAnalysisError
        A column is missing or ``steps`` do not ascend.

    Examples
    --------
    >>> tests = pd.DataFrame({"learner_id": list("abab"), "elapsed": [1, 1, 30, 32],
    ...                       "known": [1.0, 0.9, 0.5, 0.6]})
    >>> retention_points(tests)[["elapsed", "tests", "retention"]]
       elapsed  tests  retention
    0      1.0      2       0.95
    1     31.0      2       0.55
    """
    from scipy.special import stdtrit

    require_level(level)
    by = as_list(by)
    require_columns(tests.columns, ["learner_id", "elapsed", "known", *by], "`tests`")
    if (np.diff(steps) <= 0).any():
        raise SalesAnalysisError(f"`steps` is {list(steps)}; expected times in ascending order.")
    frame = tests.assign(step=step_of(tests["elapsed"], steps)).dropna(subset=["elapsed", "known"])
    keys = [*by, "step"]
    # One number per learner and step: several tests of one person are not several people.
    each = as_list([*keys, "learner_id"])
    people = frame.groupby(each, dropna=False)["known"].mean().reset_index()
    spread = people.groupby(keys, dropna=False)["known"].agg(["mean", "std", "size"])
    times = frame.groupby(keys, dropna=False)["elapsed"].agg(elapsed="mean", tests="size")
    table = times.join(spread).reset_index()
    degrees = np.maximum(table["size"] - 1, 1)
    half = stdtrit(degrees, 0.5 + level / 2) * table["std"] / np.sqrt(table["size"])
    table["retention_low"] = (table["mean"] - half).clip(0, 1)
    table["retention_high"] = (table["mean"] + half).clip(0, 1)
    table = table.rename(columns={"mean": "retention", "size": "learners"})
    columns = [*by, "elapsed", "tests", "learners", "retention", "retention_low", "retention_high"]
    return table[columns]


def step_of(elapsed: ArrayLike, steps: Sequence[float] = STEPS) -> np.ndarray:
    """The number of the step that each delay falls into.

    Examples
    --------
    >>> step_of([1, 30, 1000]).tolist()
    [0, 5, 11]
    """
    return np.searchsorted(np.asarray(steps, dtype=float), np.asarray(elapsed, dtype=float))
