"""A first look at what is asked: knowledge by question or topic."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding
from salesanalysis.forgetting.points import retention_points

#: An item that fewer learners answered is listed, but not called the least known.
LEAST_LEARNERS = 10


def known_by_item(tests: pd.DataFrame) -> pd.DataFrame:
    """What is known of each question or topic, the least known first.

    Parameters
    ----------
    tests : DataFrame, one row per test and item
        ``learner_id, item, elapsed, known``; rows without an item do not count.

    Returns
    -------
    DataFrame
        One row per item: ``item, elapsed`` (mean delay), ``tests, learners, retention,
        retention_low, retention_high``, as from :func:`retention_points`. Items that were asked at
        other delays differ by that too.

    Raises
    ------
    SalesAnalysisError
        A column is missing.

    Examples
    --------
    >>> tests = pd.DataFrame({"learner_id": list("abab"), "elapsed": 30.0,
    ...                       "item": ["price", "price", "rival", "rival"],
    ...                       "known": [1.0, 0.9, 0.2, 0.4]})
    >>> known_by_item(tests)[["item", "learners", "retention"]]
        item  learners  retention
    0  rival         2       0.30
    1  price         2       0.95
    """
    require_columns(tests.columns, ["learner_id", "item", "elapsed", "known"], "`tests`")
    asked = tests.dropna(subset=["item"])
    table = retention_points(asked, by="item", steps=[float("inf")])
    return table.sort_values(["retention", "item"], ignore_index=True, kind="stable")


def item_findings(table: pd.DataFrame) -> list[Finding]:
    """Which item is known least.

    Parameters
    ----------
    table : DataFrame
        As from :func:`known_by_item`.

    Returns
    -------
    list of Finding
        ``least_known`` where its limits lie under the mean of all, else ``items_alike``; none with
        fewer than two items that enough learners answered.

    Examples
    --------
    >>> table = pd.DataFrame({"item": ["rival", "price"], "learners": 20, "retention": [0.3, 0.9],
    ...                       "retention_low": [0.2, 0.8], "retention_high": [0.4, 0.95]})
    >>> [finding.name for finding in item_findings(table)]
    ['least_known']
    """
    needed = ["item", "learners", "retention", "retention_low", "retention_high"]
    require_columns(table.columns, needed, "`table`")
    table = table[table["learners"] >= LEAST_LEARNERS].sort_values("retention")
    if len(table) < 2:
        return []
    least, mean = table.iloc[0], float(table["retention"].mean())
    if not least["retention_high"] < mean:
        return [Finding("item", "items_alike", {"items": len(table)})]
    values = {"item": least["item"], "items": len(table), "mean": mean}
    values |= {"known": float(least["retention"]), "known_low": float(least["retention_low"])}
    values |= {"known_high": float(least["retention_high"])}
    return [Finding("item", "least_known", values)]
