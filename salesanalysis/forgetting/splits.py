"""Half-lives group by group and their differences, for each of several splits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import as_list
from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.forgetting.bootstrap import Bootstrap
from salesanalysis.forgetting.curve import ForgettingCurve
from salesanalysis.forgetting.differences import COLUMNS, difference
from salesanalysis.forgetting.fitting import fit
from salesanalysis.forgetting.time_units import in_unit, require_unit


def half_life_splits(
    tests: pd.DataFrame,
    *,
    splits: Sequence[str] | str,
    model: str = "exponential",
    time_unit: str | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap = Bootstrap(draws=299),
) -> pd.DataFrame:
    """The half-life of each group of each split, with an interval that knows who took which test.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``learner_id, elapsed, retention``, ``guess`` where answers can be guessed, and the columns
        of ``splits``.
    splits : str or list of str
        Columns to split by, one at a time.
    model, time_unit, level, bootstrap
        As for :func:`fit`; learners are drawn anew, so that tests of one learner stay together.

    Returns
    -------
    DataFrame
        One row per split × group, in their order: ``split, group, tests, learners,
        half_life_weeks, half_life_low, half_life_high`` (weeks), ``status`` (as for a
        :class:`ForgettingCurve`; ``no_fit`` where the group cannot be fitted at all). Where the
        status is not ``ok`` there is no half-life to quote.

    Raises
    ------
    SalesAnalysisError
        A column or the unit is missing.

    References
    ----------
    As for :func:`fit`.

    Examples
    --------
    >>> days = [1, 7, 30, 90] * 6
    >>> tests = pd.DataFrame({"learner_id": [f"L{i // 4}" for i in range(24)], "elapsed": days,
    ...                       "method": ["online"] * 12 + ["coaching"] * 12})
    >>> half_life = np.repeat([30, 60], 12) * np.repeat([0.9, 1.0, 1.1] * 2, 4)
    >>> tests["retention"] = 2 ** (-tests["elapsed"] / half_life)
    >>> table = half_life_splits(tests, splits="method", time_unit="days")
    >>> table[["split", "group", "learners", "half_life_weeks"]].round(1)
        split     group  learners  half_life_weeks
    0  method  coaching         3              8.5
    1  method    online         3              4.3
    """
    splits = as_list(splits)
    unit = require_unit(time_unit)
    require_columns(tests.columns, ["learner_id", "elapsed", "retention", *splits], "`tests`")
    settings = {"model": model, "time_unit": unit, "likelihood": "least_squares"}
    settings |= {"interval": "bootstrap", "level": level, "bootstrap": bootstrap}
    weeks = in_unit(1.0, unit, "weeks")
    rows = []
    for split in splits:
        for group, part in tests.groupby(split, dropna=False, sort=True):
            row = {"split": split, "group": group, "tests": len(part)}
            row["learners"] = part["learner_id"].nunique()
            rows.append(row | _half_life(part, settings, weeks))
    columns = ["split", "group", "tests", "learners", "half_life_weeks", "half_life_low"]
    return pd.DataFrame(rows, columns=[*columns, "half_life_high", "status"])


def difference_splits(
    tests: pd.DataFrame,
    *,
    splits: Sequence[str] | str,
    model: str = "exponential",
    time_unit: str | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap = Bootstrap(draws=299),
) -> pd.DataFrame:
    """The differences in half-life between the groups of each split, pair by pair.

    Parameters
    ----------
    tests, splits, model, time_unit, level, bootstrap
        As for :func:`half_life_splits`.

    Returns
    -------
    DataFrame
        ``split``, then the columns of :func:`difference`: one row per split × pair of groups. A
        split with fewer than two groups has none. P values are adjusted within each split.

    Raises
    ------
    SalesAnalysisError
        As for :func:`difference`.

    References
    ----------
    As for :func:`difference`.

    Examples
    --------
    >>> days = [1, 7, 30, 90] * 6
    >>> tests = pd.DataFrame({"learner_id": [f"L{i // 4}" for i in range(24)], "elapsed": days,
    ...                       "method": ["online"] * 12 + ["coaching"] * 12})
    >>> half_life = np.repeat([30, 60], 12) * np.repeat([0.9, 1.0, 1.1] * 2, 4)
    >>> tests["retention"] = 2 ** (-tests["elapsed"] / half_life)
    >>> table = difference_splits(tests, splits=["method"], time_unit="days")
    >>> table[["split", "group", "reference", "ratio", "verdict"]].round(2)
        split   group reference  ratio    verdict
    0  method  online  coaching    0.5  not_shown
    """
    splits = as_list(splits)
    require_columns(tests.columns, ["elapsed", "retention", *splits], "`tests`")
    wishes = {"model": model, "time_unit": time_unit, "likelihood": "least_squares"}
    wishes |= {"level": level, "bootstrap": bootstrap}
    tables = []
    # Without a curve of all tests there is nothing to hold the groups against.
    told = fit(tests, model=model, time_unit=time_unit, likelihood="least_squares", interval="none")
    for split in splits if told.has_curve else ():
        if len(tests[split].dropna().unique()) > 1:
            table = difference(tests, by=split, **wishes)
            table.insert(0, "split", split)
            tables.append(table)
    if not tables:
        return pd.DataFrame(columns=["split", *COLUMNS])
    return pd.concat(tables, ignore_index=True)


def usable_curves(
    tests: pd.DataFrame,
    *,
    by: str,
    model: str = "exponential",
    time_unit: str | None = None,
) -> dict[object, ForgettingCurve]:
    """The curve of each group that has one to be quoted, as :func:`ksa_gaps` takes them by skill.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``elapsed, retention``, ``guess`` where answers can be guessed, and the column ``by``.
    by : str
        The column of the groups.
    model, time_unit
        As for :func:`fit`.

    Returns
    -------
    dict of group to ForgettingCurve
        Without intervals. Groups whose tests do not settle a curve are not in it; see
        :func:`half_life_splits` for why.

    Raises
    ------
    SalesAnalysisError
        A column or the unit is missing.

    Examples
    --------
    >>> tests = pd.DataFrame({"skill": ["care"] * 4 + ["closing"], "elapsed": [1, 7, 30, 90, 1],
    ...                       "retention": [0.95, 0.8, 0.5, 0.1, 0.9]})
    >>> list(usable_curves(tests, by="skill", time_unit="days"))
    ['care']
    """
    unit = require_unit(time_unit)
    require_columns(tests.columns, ["elapsed", "retention", by], "`tests`")
    settings = {"model": model, "time_unit": unit, "likelihood": "least_squares"}
    found = {}
    for group, part in tests.groupby(by, sort=True):
        try:
            curve = fit(part, interval="none", **settings)
        except SalesAnalysisError:
            continue  # no curve at all, which is what its absence says
        if curve.identifiable:
            found[group] = curve
    return found


def _half_life(part: pd.DataFrame, settings: dict, weeks: float) -> dict:
    """The half-life of one group, in weeks, or why there is none."""
    names = ("half_life", "half_life_low", "half_life_high")
    try:
        curve = fit(part, **settings)
    except SalesAnalysisError:
        return {"status": "no_fit"}  # such as a single time: the group is listed, not dropped
    values = [getattr(curve, name) * weeks if curve.identifiable else np.nan for name in names]
    return dict(zip(("half_life_weeks", *names[1:]), values, strict=True)) | {
        "status": curve.status
    }
