"""One test for each seller × stage, of conversion and ageing together, and the watch list.

A weakness at a stage shows in what is lost there, in how long it takes, or in both. Each place is
tested once, by the largest of three: conversion, ageing, and their sum, which finds what is a
little of both. Few tests and one direction leave small companies the most power.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from salesanalysis.errors import require_columns, whose_column
from salesanalysis.funnel.against_team import AGEING, ALL_STAGES, CONVERSION
from salesanalysis.stats import benjamini_hochberg

#: Nodes of the integral over the corner that the sum cuts off.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_ROOT = np.sqrt(2)
#: Where the inverse is looked up.
_GRID = np.linspace(-4, 12, 1601)


def most_of_three(z: np.ndarray) -> np.ndarray:
    """How likely the largest of two standard normal values and their sum ÷ √2 is over ``z``.

    Examples
    --------
    >>> most_of_three(np.array([0.0, 2.0, 3.0])).round(4)
    array([0.75  , 0.0532, 0.0036])
    """
    z = np.asarray(z, dtype=float)
    # One is over z, or both are under it: then the sum is over √2 z in a corner of that square.
    alone = ndtr(-z) * (1 + ndtr(np.minimum(z, (_ROOT - 1) * z)))
    low, high = (_ROOT - 1) * np.maximum(z, 0.0), np.maximum(z, 0.0)
    x = (low + high)[..., None] / 2 + (high - low)[..., None] / 2 * _NODES
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    corner = (density * ndtr(x - _ROOT * z[..., None]) * _WEIGHTS).sum(axis=-1)
    return alone + corner * (high - low) / 2


def judged_places(table: pd.DataFrame, by: str, false_discovery: float) -> pd.DataFrame:
    """The rows of conversion and ageing at single stages, each place tested once a direction.

    Parameters
    ----------
    table : DataFrame
        Rows of the exceptions: ``by, measure, stage, position, z, log_ratio, freedom``.
    by : str
        Whose.
    false_discovery : float

    Returns
    -------
    DataFrame
        Of the rows tested, with their index: ``p_value, q_value``: of the place in the direction of
        the row, for the row that departs more; the other row is looked at alone where the place is
        found, at a level for as many as are found (Benjamini, Y., Bogomolov, M. (2014), Journal of
        the Royal Statistical Society B 76, 297–318). ``together``: the place is found, none of its
        rows alone is. ``t_needed``: how far a row must depart for the worse to be found.
    """
    single = table["measure"].isin([CONVERSION, AGEING]) & (table["stage"] != ALL_STAGES)
    rows = table[single & np.isfinite(table["z"].to_numpy(float))]
    place = rows.groupby([by, "position"], observed=True).ngroup().to_numpy()
    ageing = (rows["measure"] == AGEING).to_numpy().astype(int)
    z = np.full((place.max(initial=-1) + 1, 2), np.nan)
    z[place, ageing] = rows["z"]
    pair = np.isfinite(z).all(axis=1)
    columns = {name: np.full(len(rows), np.nan) for name in ("p_value", "q_value", "t_needed")}
    together = np.zeros(len(rows), dtype=bool)
    for sign in (-1, 1):
        towards = sign * z
        alone, both = np.fmax(*towards.T), towards.sum(axis=1) / _ROOT
        most = np.where(pair, np.fmax(alone, both), alone)
        p_value = np.where(pair, most_of_three(most), ndtr(-most))
        q_value = benjamini_hochberg(p_value)
        found = (q_value <= false_discovery).sum()
        own = ndtr(-towards[place, ageing])
        own_q = np.maximum(q_value[place], np.minimum(own * len(z) / max(found, 1), 1.0))
        leads = np.where(towards[:, 0] == alone, 0, 1)[place] == ageing
        here = (rows["log_ratio"].to_numpy(float) < 0) == (sign < 0)
        columns["p_value"][here] = np.where(leads, p_value[place], own)[here]
        columns["q_value"][here] = np.where(leads, q_value[place], own_q)[here]
        together |= here & leads & (own_q > false_discovery)
        if sign < 0:
            needed = _needed(q_value, pair, false_discovery)[place]
            freedom = rows["freedom"].to_numpy(float)
            columns["t_needed"] = -stdtrit(freedom, ndtr(-needed))
    return pd.DataFrame(columns | {"together": together}, index=rows.index)


def _needed(q_value: np.ndarray, pair: np.ndarray, false_discovery: float) -> np.ndarray:
    """The z value by which one more place would be found beside those there are."""
    n = len(q_value)
    if not n:
        return np.empty(0)
    p_value = false_discovery * min((q_value <= false_discovery).sum() + 1, n) / n
    of_three = np.interp(-np.log(p_value), -np.log(most_of_three(_GRID)), _GRID)
    return np.where(pair, of_three, -ndtri(p_value))


def watch_list(exceptions: pd.DataFrame, *, most: int = 5) -> pd.DataFrame:
    """The sellers × stages that depart most for the worse, found or not, the most money first.

    Not exceptions: most of them are chance. In 80 made-up companies of 2,000 deals and 24 sellers
    with three weaknesses each, the first five held 67% of these, and 40% of the lines were one.

    Parameters
    ----------
    exceptions : DataFrame
        As from :func:`salesanalysis.funnel.exceptions`.
    most : int
        How many lines.

    Returns
    -------
    DataFrame
        ``rank``, whose, ``stage, measure`` (the one that departs more), ``n, own_value, team_value,
        p_value``, ``at_stake`` (what hangs on the seller's deals now open in the stage; missing
        without chances), ``verdict``: some may be exceptions too.

    Examples
    --------
    >>> table = pd.DataFrame({"owner_id": list("abc"), "stage": "offer", "measure": "ageing",
    ...     "direction": ["worse", "worse", "better"], "n": 9, "own_value": 30.0,
    ...     "team_value": 20.0, "p_value": [0.2, 0.1, 0.01],
    ...     "at_stake": [50.0, 40.0, 90.0], "verdict": "normal"})
    >>> watch_list(table)[["rank", "owner_id", "at_stake"]]
       rank owner_id  at_stake
    0     1        a      50.0
    1     2        b      40.0
    """
    shown = ["stage", "measure", "n", "own_value", "team_value", "p_value"]
    needed = [*shown, "direction", "at_stake", "verdict"]
    by = whose_column(exceptions, needed, "`exceptions`")
    require_columns(exceptions.columns, needed, "`exceptions`")
    single = exceptions[exceptions["stage"] != ALL_STAGES]
    money = single.groupby([by, "stage"], observed=True)["at_stake"].max().rename("at_stake")
    worse = single[(single["direction"] == "worse") & single["p_value"].notna()]
    worse = worse.sort_values(["p_value", by, "stage"]).drop_duplicates([by, "stage"]).head(most)
    table = worse.drop(columns="at_stake").join(money, on=[by, "stage"])
    table = table.sort_values(["at_stake", "p_value", by], ascending=[False, True, True])
    table = table.assign(rank=range(1, len(table) + 1))
    return table[["rank", by, *shown, "at_stake", "verdict"]].reset_index(drop=True)
