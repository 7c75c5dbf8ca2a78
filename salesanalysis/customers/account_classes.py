"""Classes of accounts by four elements, and the old customers who are neglected for new ones."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, did_you_mean, require_columns, require_number

#: The elements of a class, each 0 to 1 in a column of its name with ``_score``.
ELEMENTS = ("value", "contribution", "order_chance", "funnel_position")
#: The classes, the best first.
CLASSES = ("A", "B", "C")
#: How much of a side of the matrix an account has.
STEPS = ("low", "middle", "high")


def account_classes(
    standing: pd.DataFrame,
    *,
    values: pd.DataFrame | None = None,
    chances: pd.DataFrame | None = None,
    weights: Mapping[str, float] | None = None,
    cuts: Sequence[float] = (0.2, 0.5),
    shift: float = 0.25,
) -> pd.DataFrame:
    """The class of each account by the weighted sum of four elements.

    - ``value`` of the customer, not of a deal: the share of the others who are worth less, by what
      is expected of him, or by the last year where nothing is expected.
    - ``contribution``: what is left of the last year's sales without all customers who brought more
      than he: 1 for the largest, 0 for who brought nothing.
    - ``order_chance``: that he orders, from his open deals or his own rhythm, whichever is higher.
    - ``funnel_position``: how far his furthest open deal is.

    An element that is known of nobody is left out; of one account it counts 0. Weights are a
    judgement, so every class is tried with each weight a little higher or lower: where it changes,
    it is not ``sure``.

    Parameters
    ----------
    standing : DataFrame
        As from :func:`salesanalysis.reduce.customers.standing`.
    values : DataFrame, optional
        As from :func:`customer_value`: its ``customers``. Where no value could be told of anybody,
        the last year stands for it.
    chances : DataFrame, optional
        As from :func:`return_chance`: its ``chances`` of a purchase within the horizon.
    weights : dict of element to number, optional
        Equal where not given; an element that is not named weighs nothing.
    cuts : two shares
        How large a share of the accounts class A is, and A and B together. Accounts of equal score
        are of one class, the better one.
    shift : float
        By how much of itself each weight is raised and lowered.

    Returns
    -------
    DataFrame, one row per account, the highest score first
        ``account_id, owner_id, account_class`` (A, B or C), ``score``, the four elements as
        ``value_score`` and so on, ``best_class, worst_class`` (over the tried weights), ``sure``,
        ``expected_amount`` (or the last year's), then the other columns of ``standing``.

    Raises
    ------
    SalesAnalysisError
        A column is not there, nothing is known, or an argument is outside its limits.

    Examples
    --------
    >>> known = pd.DataFrame({"account_id": list("abcd"), "owner_id": "R1",
    ...                       "amount_year": [90.0, 50.0, 50.0, 0.0],
    ...                       "chance": [0.9, 0.0, 0.8, 0.0], "funnel_share": [0.8, 0, 0.4, 0]})
    >>> found = account_classes(known, cuts=(0.25, 0.5))
    >>> found[["account_id", "account_class", "score", "value_score", "sure"]].round(2)
      account_id account_class  score  value_score  sure
    0          a             A   0.92         1.00  True
    1          c             B   0.51         0.33  True
    2          b             C   0.21         0.33  True
    3          d             C   0.00         0.00  True
    """
    columns = ["account_id", "owner_id", "amount_year", "chance", "funnel_share"]
    require_columns(standing.columns, columns, "`standing`")
    first, second = _checked_cuts(cuts)
    require_number("shift", shift, low=0, under=1)
    table = standing.sort_values("account_id", ignore_index=True)
    value = _of_accounts(table, values, "customer_value")
    known = table["amount_year"] if value.isna().all() else value
    returns = _of_accounts(table, chances, "return_chance")
    table = table.assign(expected_amount=known, chance=np.fmax(table["chance"], returns))
    scores = _scores(table)
    weight = _checked_weights(weights)
    told = [name for name in ELEMENTS if scores[name].notna().any() and weight[name] > 0]
    if len(table) and not told:
        raise SalesAnalysisError(
            "`standing` tells none of the elements that have a weight; expected purchases or deals"
            f" of the accounts, or other `weights` (known elements: {', '.join(ELEMENTS)})."
        )
    points = scores[told].fillna(0).to_numpy(float)
    base = np.array([weight[name] for name in told])
    turns = itertools.product((1 - shift, 1 + shift), repeat=len(told))
    tried = [_placed(points, base * np.array(turn), first, second) for turn in turns]
    place, score = _placed(points, base, first, second), _weighted(points, base)
    names = np.array(CLASSES)
    made = pd.DataFrame({"account_class": names[place], "score": score})
    made = made.join(scores.add_suffix("_score"))
    best, worst = np.minimum.reduce([place, *tried]), np.maximum.reduce([place, *tried])
    made = made.assign(best_class=names[best], worst_class=names[worst], sure=best == worst)
    head = table[["account_id", "owner_id"]].join(made).join(table["expected_amount"])
    rest = table.drop(columns=[*head.columns.intersection(table.columns)])
    order = head.sort_values(["score", "account_id"], ascending=[False, True]).index
    return head.join(rest).loc[order].reset_index(drop=True)


def _checked_weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    weights = dict.fromkeys(ELEMENTS, 1.0) if weights is None else dict(weights)
    for name, value in weights.items():
        if name not in ELEMENTS:
            raise SalesAnalysisError(
                f"`weights` names {name!r}; expected elements among {', '.join(ELEMENTS)}."
                + did_you_mean(name, ELEMENTS)
            )
        require_number(f"weights[{name!r}]", value, low=0)
    if not sum(weights.values()) > 0:
        raise SalesAnalysisError("`weights` are all 0; expected one that is more.")
    return dict.fromkeys(ELEMENTS, 0.0) | weights


def _checked_cuts(cuts: Sequence[float]) -> tuple[float, float]:
    if len(cuts) != 2 or not 0 < cuts[0] < cuts[1] < 1:
        raise SalesAnalysisError(
            f"`cuts` is {cuts!r}; expected two shares that rise, such as (0.2, 0.5): of class A,"
            " and of A and B together."
        )
    return cuts[0], cuts[1]


def _of_accounts(table: pd.DataFrame, given: pd.DataFrame | None, column: str) -> pd.Series:
    """What another table says of each account; missing where it says nothing."""
    if given is None:
        return pd.Series(np.nan, table.index)
    require_columns(given.columns, ["account_id", column], f"The table with `{column}`")
    if given["account_id"].duplicated().any():
        raise SalesAnalysisError(
            f"The table with `{column}` has an account twice; expected one row per account."
        )
    return table["account_id"].map(given.set_index("account_id")[column].astype(float))


def _scores(table: pd.DataFrame) -> pd.DataFrame:
    """The four elements of each account, 0 to 1; missing where they are not known."""
    value, sold = table["expected_amount"], table["amount_year"].clip(lower=0)
    below = (value.rank(method="min") - 1) / max(value.notna().sum() - 1, 1)
    # Sales of all who brought more; those who brought as much are no more.
    by_amount = sold.groupby(sold).sum().sort_index(ascending=False)
    more = sold.map(by_amount.cumsum() - by_amount)
    total = by_amount.sum()
    return pd.DataFrame(
        {
            "value": below,
            "contribution": 1 - more / total if total > 0 else np.nan,
            "order_chance": table["chance"],
            "funnel_position": table["funnel_share"],
        },
        index=table.index,
    ).astype(float)


def _weighted(points: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Scores, equal ones equal to the last digit."""
    return np.round(points @ (weight / weight.sum()), 9) if len(weight) else np.zeros(len(points))


def _placed(points: np.ndarray, weight: np.ndarray, first: float, second: float) -> np.ndarray:
    """The class of each account, 0 for the best: by the share of accounts with a higher score."""
    score = _weighted(points, weight)
    higher = (len(score) - np.searchsorted(np.sort(score), score, side="right")) / max(
        len(score), 1
    )
    return (higher >= first).astype(int) + (higher >= second)


def class_matrix(classes: pd.DataFrame) -> pd.DataFrame:
    """Accounts by what they are worth and by how near an order is, each in thirds of 0 to 1.

    Worth is the mean of the first two elements, nearness that of the others; an element that is
    known of nobody is left out.

    Parameters
    ----------
    classes : DataFrame
        As from :func:`account_classes`.

    Returns
    -------
    DataFrame, one row per worth × nearness, nine in all
        ``worth, nearness`` (low, middle, high), ``accounts, expected_amount`` (their sum),
        ``class_a, class_b, class_c``: how many of each class.

    Raises
    ------
    SalesAnalysisError
        A column is not there.

    Examples
    --------
    >>> known = pd.DataFrame({"account_class": ["A", "C"], "expected_amount": [9.0, 1.0],
    ...                       "value_score": [1.0, 0.0], "contribution_score": [1.0, 0.0],
    ...                       "order_chance_score": [0.9, 0.0], "funnel_position_score": 0.0})
    >>> class_matrix(known).query("accounts > 0")[["worth", "nearness", "accounts", "class_a"]]
       worth nearness  accounts  class_a
    0    low      low         1        0
    7   high   middle         1        1
    """
    scores = [f"{name}_score" for name in ELEMENTS]
    require_columns(classes.columns, ["account_class", "expected_amount", *scores], "`classes`")
    sides = {}
    for side, some in (("worth", scores[:2]), ("nearness", scores[2:])):
        mean = classes[some].dropna(axis=1, how="all").fillna(0).mean(axis=1).fillna(0)
        place = np.searchsorted([1 / 3, 2 / 3], mean, side="right")
        sides[side] = pd.Categorical.from_codes(place, STEPS)
    own = [classes["account_class"].eq(name).rename(f"class_{name.lower()}") for name in CLASSES]
    rows = pd.concat([classes["expected_amount"], *own], axis=1).assign(accounts=1, **sides)
    table = rows.groupby(list(sides), observed=False).sum().reset_index()
    columns = [*sides, "accounts", "expected_amount", "class_a", "class_b", "class_c"]
    return table.astype(dict.fromkeys(sides, "str"))[columns]


def neglected_accounts(
    classes: pd.DataFrame,
    *,
    old_days: int = 730,
    times: float = 3.0,
    least_days: int = 90,
    worth: Sequence[str] = ("A", "B"),
) -> pd.DataFrame:
    """Old customers of worth to whom nobody has talked for longer than is usual with them.

    Usual is the mean time from one contact to the next of the account itself; of one with fewer
    than two contacts the median of the others. It is a fact about the company and no forecast, so
    it has no false share. Where contacts are recorded with deals only, who had no deal is here.

    Parameters
    ----------
    classes : DataFrame
        As from :func:`account_classes`.
    old_days : int
        A customer is old when the tie is at least this long.
    times : float
        Neglected is who has not been talked to for more than so many times the usual.
    least_days : int
        Nobody is neglected sooner.
    worth : list of str
        The classes that are looked at.

    Returns
    -------
    DataFrame, one row per neglected account, the most money first
        ``account_id, kind`` (``neglected``), ``what`` (``contact_days``), ``value`` (days since the
        last contact; missing where there was none), ``normal`` (the usual days), ``distance``
        (value over normal), ``since`` (the last contact), ``amount_at_stake`` (what is expected of
        the customer), ``owner_id, account_class, tie_days``. None where no contact is known at all.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or an argument is outside its limits.

    Examples
    --------
    >>> known = pd.DataFrame({"account_id": list("ab"), "owner_id": "R1", "account_class": "A",
    ...                       "expected_amount": [9.0, 8.0], "tie_days": [900, 900],
    ...                       "contacts": [2, 5], "contact_days": [200, 20],
    ...                       "contact_gap_days": [50.0, 30.0],
    ...                       "last_contact_at": pd.to_datetime(["2024-09-12", "2025-03-11"])})
    >>> neglected_accounts(known)[["account_id", "value", "normal", "distance"]]
      account_id  value  normal  distance
    0          a  200.0    50.0       4.0
    """
    columns = ["account_id", "owner_id", "account_class", "expected_amount", "tie_days"]
    columns += ["contacts", "contact_days", "contact_gap_days", "last_contact_at"]
    require_columns(classes.columns, columns, "`classes`")
    require_number("old_days", old_days, low=1, whole=True)
    require_number("times", times, over=0)
    require_number("least_days", least_days, low=0, whole=True)
    days = classes["contact_days"].astype("Float64").astype(float)
    usual = classes["contact_gap_days"].astype(float)
    usual = usual.fillna(usual.median()).clip(lower=1)
    silent = (days > (usual * times).clip(lower=least_days)) | days.isna()
    old = (classes["tie_days"] >= old_days).fillna(False).astype(bool)
    is_told = classes["contacts"].notna()
    chosen = silent & old & is_told & classes["account_class"].isin(list(worth))
    found = classes.assign(
        kind="neglected", what="contact_days", value=days, normal=usual, distance=days / usual,
        since=classes["last_contact_at"], amount_at_stake=classes["expected_amount"],
    )[chosen]  # fmt: skip
    found = found.sort_values(["amount_at_stake", "account_id"], ascending=[False, True])
    columns = ["account_id", "kind", "what", "value", "normal", "distance", "since"]
    columns += ["amount_at_stake", "owner_id", "account_class", "tie_days"]
    return found[columns].reset_index(drop=True)
