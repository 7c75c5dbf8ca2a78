"""A plan in plain words, as a table for a report."""

import pandas as pd

from salesanalysis.incentive.plan import Plan


def plan_rules(plan: Plan, *, lang: str = "en") -> pd.DataFrame:
    """The rules of a plan in words, one a row.

    Parameters
    ----------
    plan : Plan
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.

    Returns
    -------
    DataFrame
        ``plan_rule``: the lines of :meth:`Plan.describe`.

    Examples
    --------
    >>> from salesanalysis.incentive import read_plan
    >>> plan_rules(read_plan({"tiers": [[0, None, 0.1]]}), lang="zh").columns.tolist()
    ['plan_rule']
    """
    return pd.DataFrame({"plan_rule": plan.describe(lang).splitlines()})
