"""Opinion leaders: customers whose word brings others, as a funnel of conditions."""

import functools
import operator
from dataclasses import dataclass

import pandas as pd

from salesanalysis.errors import require_columns, require_number


@dataclass(frozen=True, eq=False)
class OpinionLeaders:
    """Who leads opinion, and how many each condition leaves.

    Attributes
    ----------
    who : DataFrame, one row per account that fulfils all conditions
        As it was given; the most referred buyers first, then the most suggestions.
    conditions : DataFrame, one row per condition, in their order
        ``condition`` (``accounts``: all there are, ``loyalty``, ``suggestions``, ``referred``,
        ``registered``, ``bought``, ``city``), ``limit`` (what it asks for, as text), ``k`` (how
        many fulfil it by itself), ``k_so_far`` (it and all before it) and ``unknown``: of how many
        it cannot be told, which then do not fulfil it.
    """

    who: pd.DataFrame
    conditions: pd.DataFrame


def opinion_leaders(
    advocates: pd.DataFrame,
    *,
    city: str | None = None,
    level_over: float = 5,
    least_suggestions: int = 2,
    least_buyers: int = 1,
) -> OpinionLeaders:
    """Customers of a high loyalty level who suggest, and who brought somebody who bought.

    Parameters
    ----------
    advocates : DataFrame
        As from :func:`salesanalysis.reduce.customers.advocates`.
    city : str, optional
        The home city, in which an opinion leader lives; without one the city is no condition.
    level_over : float
        The loyalty level must be over this.
    least_suggestions : int
        How many suggestions there are at least.
    least_buyers : int
        How many of those referred registered and bought, at least.

    Returns
    -------
    OpinionLeaders

    Raises
    ------
    SalesAnalysisError
        A column is not there, or an argument is outside its limits.

    Examples
    --------
    >>> known = pd.DataFrame({"account_id": list("abc"), "loyalty_level": [6.0, 6.0, 5.0],
    ...                       "city": "Jinan", "suggestions": [2, 1, 4], "referred": 1,
    ...                       "registered": 1, "referred_buyers": 1})
    >>> found = opinion_leaders(known, city="Jinan")
    >>> found.who["account_id"].tolist()
    ['a']
    >>> found.conditions[["condition", "limit", "k", "k_so_far"]]
         condition  limit  k  k_so_far
    0     accounts         3         3
    1      loyalty    > 5  2         2
    2  suggestions    ≥ 2  2         1
    3     referred    ≥ 1  3         1
    4   registered    ≥ 1  3         1
    5       bought    ≥ 1  3         1
    6         city  Jinan  3         1
    """
    require_number("level_over", level_over)
    require_number("least_suggestions", least_suggestions, low=0, whole=True)
    require_number("least_buyers", least_buyers, low=0, whole=True)
    columns = ["account_id", "loyalty_level", "city", "suggestions", "referred", "registered"]
    require_columns(advocates.columns, [*columns, "referred_buyers"], "`advocates`")
    table = advocates.sort_values("account_id", ignore_index=True)
    least = {
        "suggestions": ("suggestions", least_suggestions),
        "referred": ("referred", least_buyers),
        "registered": ("registered", least_buyers),
        "bought": ("referred_buyers", least_buyers),
    }
    asked = [("loyalty", "loyalty_level", f"> {level_over:g}", lambda v: v > level_over)]
    asked += [
        (condition, name, f"≥ {limit}", functools.partial(operator.le, limit))
        for condition, (name, limit) in least.items()
        if limit  # at least 0 are what everybody has
    ]
    if city is not None:
        asked.append(("city", "city", city, lambda v: v == city))
    left = pd.Series(True, index=table.index)
    rows = [("accounts", "", len(table), len(table), 0)]
    for condition, name, limit, holds in asked:
        values = table[name]
        fulfilled = holds(values).fillna(False).astype(bool)
        left = left & fulfilled
        counts = int(fulfilled.sum()), int(left.sum()), int(values.isna().sum())
        rows.append((condition, limit, *counts))
    who = table[left].sort_values(
        ["referred_buyers", "suggestions", "account_id"], ascending=[False, False, True]
    )
    conditions = pd.DataFrame(rows, columns=["condition", "limit", "k", "k_so_far", "unknown"])
    return OpinionLeaders(who.reset_index(drop=True), conditions)
