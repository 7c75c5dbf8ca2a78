"""What is left of a course that is taken again, against the first time."""

import numpy as np
import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, picked

#: The words of the column ``taken``: the first training of a learner in a skill, and later ones.
FIRST, AGAIN = "first", "again"


def trained_again(tests: pd.DataFrame) -> pd.DataFrame:
    """The tests of first and of later trainings before any other refresher, to be compared.

    Parameters
    ----------
    tests : DataFrame, one row per test
        ``training`` and ``refreshers``, as from
        :func:`salesanalysis.reduce.forgetting.scored_tests`.

    Returns
    -------
    DataFrame
        Those that nothing but trainings came before, with ``taken``: ``first`` or ``again``, a
        column to split by in :func:`half_life_splits` and :func:`difference_splits`. Without rows
        where no course was taken again.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    Examples
    --------
    >>> tests = pd.DataFrame({"training": [1, 1, 2, 2], "refreshers": [0, 1, 1, 2]})
    >>> trained_again(tests)
       training  refreshers  taken
    0         1           0  first
    2         2           1  again
    """
    require_columns(tests.columns, ["training", "refreshers"], "`tests`")
    alone = tests[tests["refreshers"] == tests["training"] - 1]
    taken = np.where(alone["training"] > 1, AGAIN, FIRST)
    return alone.assign(taken=taken)[(alone["training"] > 1).any() & (alone["training"] > 0)]


def retraining_findings(half_lives: pd.DataFrame, differences: pd.DataFrame) -> list[Finding]:
    """How long a course lasts the first time and when it is taken again.

    Parameters
    ----------
    half_lives, differences : DataFrame
        As from :func:`half_life_splits` and :func:`difference_splits` by ``taken``.

    Returns
    -------
    list of Finding
        ``again_differs`` or ``again_not_shown``, with the half-lives of both and the change;
        ``again_open`` where the tests of either do not tell; none where no course was taken again.
    """
    needed = ["split", "group", "learners", "half_life_weeks", "half_life_low", "half_life_high"]
    require_columns(half_lives.columns, needed, "`half_lives`")
    needed = ["split", "group", "ratio", "ratio_low", "ratio_high", "verdict"]
    require_columns(differences.columns, needed, "`differences`")
    each = half_lives[half_lives["split"] == "taken"].set_index("group")
    if AGAIN not in each.index or FIRST not in each.index:
        return []
    again, first = each.loc[AGAIN], each.loc[FIRST]
    pair = differences[(differences["split"] == "taken") & differences["verdict"].notna()]
    if pair.empty or pd.isna(again["half_life_weeks"]) or pd.isna(first["half_life_weeks"]):
        return [Finding("again", "again_open", {"learners": int(again["learners"])})]
    row = pair.iloc[0]
    ratio = picked(row, "ratio", "ratio_low", "ratio_high")
    if row["group"] == AGAIN:
        times = {"ratio": ratio["ratio"]}
        times |= {"ratio_low": ratio["ratio_low"], "ratio_high": ratio["ratio_high"]}
    else:
        times = {"ratio": 1 / ratio["ratio"]}
        times |= {"ratio_low": 1 / ratio["ratio_high"], "ratio_high": 1 / ratio["ratio_low"]}
    values = {"first_weeks": float(first["half_life_weeks"]), "learners": int(again["learners"])}
    values |= {"first_low": float(first["half_life_low"])}
    values |= {"first_high": float(first["half_life_high"])}
    values |= {"again_weeks": float(again["half_life_weeks"])}
    values |= {"again_low": float(again["half_life_low"])}
    values |= {"again_high": float(again["half_life_high"])}
    if row["verdict"] == "differ":
        return [Finding("again", "again_differs", values | times)]
    return [Finding("again", "again_not_shown", values | times)]
