"""Segments of customers by what they look at most, and whose favourite has changed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns, require_number
from salesanalysis.stats import benjamini_hochberg

_COUNTED = ("account_id", "category", "n")
#: The segment of customers whose favourite categories are too small to stand alone.
OTHERS = "others"
#: A shuffle test ends when so many shuffles came out at least as strong: its p is known then.
_ENOUGH = 20
#: Up to so many looks numpy shuffles them one by one, which is faster.
_FEW_LOOKS = 200


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments, and what they were made of.

    Attributes
    ----------
    table : DataFrame, one row per segment
        ``segment`` (its name for joining), ``category`` (missing where it is of several),
        ``band_low, band_high`` (its price bands; missing where no price is known, or where it is
        of several categories), ``accounts, share, n`` (looks), ``cells``: how many cells it holds.
        The largest category comes first, in it the cheapest band, the others last.
    cells : DataFrame, one row per category × price band
        ``category, price_band, accounts, segment`` and ``merged``: whether the cell was too small
        to stand alone. Cells without a customer are here too.
    members : DataFrame, one row per account
        ``account_id, category, price_band, segment, n`` (its looks) and ``tied``: whether another
        category was looked at as often; then the first in the alphabet is taken.
    """

    table: pd.DataFrame
    cells: pd.DataFrame
    members: pd.DataFrame


def segments(
    view_counts: pd.DataFrame, *, price_bands: int = 3, least: int | None = None
) -> Segments:
    """Customers by the category that they look at most and the price band within it.

    A segment with fewer than ``least`` customers is merged, the smallest first, with the smaller of
    its neighbours in the same category (one without a known price with the smallest of all). A
    category that is too small as a whole goes to the others; where these are still too few, the
    next smallest category joins them. So no segment is smaller than ``least`` unless all customers
    are.

    Parameters
    ----------
    view_counts : DataFrame
        As from :func:`salesanalysis.reduce.customers.view_counts`. Both periods count.
    price_bands : int
        How many bands each category was cut into there.
    least : int, optional
        How many customers a segment holds at least. Without it a hundredth of them, and ten.

    Returns
    -------
    Segments

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a band lies outside ``price_bands``.

    Examples
    --------
    >>> counts = pd.DataFrame({"account_id": list("abcde"), "category": "lamp", "n": 3,
    ...                        "price_band": [1, 1, 2, 3, 3]})
    >>> found = segments(counts, least=2)
    >>> found.table[["segment", "accounts", "cells"]]
          segment  accounts  cells
    0  lamp · 1–2         3      2
    1    lamp · 3         2      1
    >>> found.cells[["price_band", "accounts", "segment", "merged"]]
       price_band  accounts     segment  merged
    0           1         2  lamp · 1–2   False
    1           2         1  lamp · 1–2    True
    2           3         2    lamp · 3   False
    """
    require_columns(view_counts.columns, [*_COUNTED, "price_band"], "`view_counts`")
    require_number("price_bands", price_bands, low=1, whole=True)
    bands = view_counts["price_band"].astype("Int64")
    if ((bands < 1) | (bands > price_bands)).any():
        raise SalesAnalysisError(
            f"`price_band` of `view_counts` goes from {bands.min()} to {bands.max()}; expected"
            f" bands from 1 to {price_bands} (`price_bands`). Give the number of bands that they"
            " were made with."
        )
    members = _favourites(view_counts.assign(price_band=bands.fillna(0).astype(int)))
    least = max(10, -(-len(members) // 100)) if least is None else least
    require_number("least", least, low=1, whole=True)
    cells = _cells(members, price_bands)
    cells["segment"] = _merged(cells, least)
    members = members.merge(
        cells[["category", "price_band", "segment"]], on=["category", "price_band"]
    )
    cells["merged"] = cells["accounts"] < least
    known = {"price_band": lambda t: t["price_band"].astype("Int64").replace(0, pd.NA)}
    columns = ["account_id", "category", "price_band", "segment", "n", "tied"]
    members = members.sort_values("account_id").reset_index(drop=True)[columns]
    return Segments(_table(cells, members), cells.assign(**known), members.assign(**known))


def _most(counts: pd.DataFrame, name: str) -> pd.DataFrame:
    """The value of a column that each account has most of; the first of several."""
    sums = counts.groupby(["account_id", name], as_index=False, observed=True)["n"].sum()
    first = sums.sort_values(["account_id", "n", name], ascending=[True, False, True])
    most = first.drop_duplicates("account_id").reset_index(drop=True)
    highest = sums.groupby("account_id")["n"].transform("max") == sums["n"]
    tops = sums[highest].groupby("account_id").size()
    return most.assign(tied=most["account_id"].map(tops).to_numpy() > 1)


def _favourites(counts: pd.DataFrame) -> pd.DataFrame:
    """Category and band that each account looks at most; the band is 0 where none is known."""
    members = _most(counts, "category")
    inside = counts.merge(members[["account_id", "category"]], on=["account_id", "category"])
    # A known band counts, however many looks have none.
    priced = _most(inside[inside["price_band"] > 0], "price_band").set_index("account_id")
    bands = members["account_id"].map(priced["price_band"]).fillna(0).astype(int)
    looks = members["account_id"].map(counts.groupby("account_id")["n"].sum())
    return members.assign(price_band=bands, n=looks.astype("int64"))


def _cells(members: pd.DataFrame, price_bands: int) -> pd.DataFrame:
    """How many accounts each category × band holds; 0 is a band only where it is somebody's."""
    counts = members.groupby(["category", "price_band"], observed=True).size().rename("accounts")
    every = pd.MultiIndex.from_product(
        [sorted(members["category"].unique()), range(1, price_bands + 1)],
        names=["category", "price_band"],
    )
    return counts.reindex(every.union(counts.index), fill_value=0).sort_index().reset_index()


def _merged(cells: pd.DataFrame, least: int) -> list[str]:
    """The name of the segment of each cell."""
    keys = list(zip(cells["category"], cells["price_band"], strict=True))
    size = dict(zip(keys, cells["accounts"], strict=True))
    whole = cells.groupby("category", observed=True)["accounts"].sum()
    order = whole.sort_index().sort_values(kind="stable")
    few = int((order < least).sum())
    while few and order.iloc[:few].sum() < least and few < len(order):
        few += 1
    # A single category has no others to go to.
    others = set(order.index[:few]) if few > 1 else set()
    names = {}
    for category in set(order.index) - others:
        bands = {b: n for (c, b), n in size.items() if c == category}
        for group in _grouped(bands, least):
            names |= {(category, b): _name(category, group, bands) for b in group}
    return [names.get(key, OTHERS) for key in keys]


def _grouped(sizes: dict[int, int], least: int) -> list[list[int]]:
    """The bands of a category, merged until each group has enough; 0 is a price not known."""
    groups = [[band] for band in sorted(sizes) if band]

    def held(group: list[int]) -> int:
        return sum(sizes[band] for band in group)

    while len(groups) > 1 and held(smallest := min(groups, key=held)) < least:
        at = groups.index(smallest)
        near = [other for other in (at - 1, at + 1) if 0 <= other < len(groups)]
        left = min(at, other := min(near, key=lambda place: held(groups[place])))
        groups[left : left + 2] = [sorted(smallest + groups[other])]
    if 0 in sizes:
        smallest = min(groups, key=held)
        if min(held([0]), held(smallest)) < least:
            smallest.insert(0, 0)
        else:
            groups.append([0])
    return groups


def _name(category: str, group: list[int], bands: dict[int, int]) -> str:
    """A category as it is where all its bands are one segment, else with these."""
    known = [band for band in group if band]
    if len(group) == len(bands) and category != OTHERS:
        return str(category)
    ends = list(dict.fromkeys([str(known[0]), str(known[-1])])) if known else ["?"]
    return f"{category} · {'–'.join(ends)}"


def _table(cells: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The segments with their sizes, the largest category first."""
    known = cells["price_band"].astype("Int64").where(cells["price_band"] > 0)
    by = cells.assign(known=known).groupby("segment", sort=False, observed=True)
    table = by.agg(
        category=("category", "first"),
        band_low=("known", "min"),
        band_high=("known", "max"),
        accounts=("accounts", "sum"),
        cells=("accounts", "size"),
        of=("category", "nunique"),
    ).reset_index()
    several = table.pop("of") > 1
    table["n"] = table["segment"].map(members.groupby("segment")["n"].sum()).astype("int64")
    table["share"] = table["accounts"] / max(len(members), 1)
    table.loc[several, "category"] = None
    table.loc[several, ["band_low", "band_high"]] = pd.NA
    largest = table["category"].map(table.groupby("category")["accounts"].sum()).fillna(-1)
    table = table.assign(largest=largest, place=table["band_low"].fillna(99))
    table = table.sort_values(["largest", "category", "place"], ascending=[False, True, True])
    columns = ["segment", "category", "band_low", "band_high", "accounts", "share", "n", "cells"]
    return table.reset_index(drop=True)[columns]


def favourite_changes(
    view_counts: pd.DataFrame, *, false_share: float = 0.1, draws: int = 9_999, seed: int = 0
) -> pd.DataFrame:
    """Whose favourite category has changed beyond chance: a purchase decision in the making.

    Most changes of a favourite are chance: of 20 looks before and 10 after, four in ten customers
    who changed nothing have another one. So the looks of a customer are shuffled between the two
    periods, which keeps how many there are of each category and in each period, and asked how often
    the new favourite then gains as much on the old one. Of all customers with looks in both
    periods, those are marked of whom at most ``false_share`` are expected to be chance.

    Parameters
    ----------
    view_counts : DataFrame
        As from :func:`salesanalysis.reduce.customers.view_counts`; best with ``once_a_day``, since
        looks of one sitting are no independent evidence.
    false_share : float
        Of those marked, the share that may be chance (Benjamini–Hochberg).
    draws : int
        Shuffles of a customer at most; fewer where it is clear sooner that it may be chance.
    seed : int
        Of the shuffles. What it gives a customer depends on the own looks alone.

    Returns
    -------
    DataFrame, one row per account with looks in both periods, sorted by ``p_value, account_id``
        ``account_id, old_category, new_category`` (most looks before and after; of several the
        first in the alphabet), ``before_n, after_n`` (looks), ``share_gain`` (what the new one
        gained on the old, in share of looks), ``p_value`` (missing where the favourite is the
        same), ``q_value`` (the share of chance in the list down to this row) and ``vip``: whether
        it is marked.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or an argument is outside its limits.

    References
    ----------
    Besag, J., Clifford, P. (1991), Biometrika 78, 301–304 (when shuffling may stop). Benjamini, Y.,
    Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57, 289–300.

    Examples
    --------
    >>> counts = pd.DataFrame({"account_id": list("aabb"), "category": ["lamp", "sofa"] * 2,
    ...                        "period": ["before", "after"] * 2, "n": [20, 9, 2, 1]})
    >>> favourite_changes(counts)[["account_id", "new_category", "p_value", "vip"]].round(4)
      account_id new_category  p_value    vip
    0          a         sofa   0.0001   True
    1          b         sofa   0.3704  False
    """
    require_columns(view_counts.columns, [*_COUNTED, "period"], "`view_counts`")
    require_number("false_share", false_share, over=0, under=1)
    require_number("draws", draws, low=99, whole=True)
    counts = view_counts.groupby(["period", "account_id", "category"], observed=True)["n"].sum()
    before, after = (_of_period(counts, period) for period in ("before", "after"))
    accounts = before.index.intersection(after.index).sort_values()
    categories = before.columns.union(after.columns)
    before, after = (
        side.reindex(index=accounts, columns=categories, fill_value=0) for side in (before, after)
    )
    old, new = before.to_numpy("int64"), after.to_numpy("int64")
    first, last = (side.argmax(axis=1) if side.size else [] for side in (old, new))
    p_value = np.full(len(accounts), np.nan)
    for row in np.flatnonzero(np.not_equal(first, last)):
        p_value[row] = _chance_of_gain(old[row], new[row], draws, seed)
    table = pd.DataFrame(
        {
            "account_id": accounts,
            "old_category": categories[first],
            "new_category": categories[last],
            "before_n": old.sum(axis=1),
            "after_n": new.sum(axis=1),
            "share_gain": _gain(old, new),
            "p_value": p_value,
            # Who kept the favourite was looked at too: left out, the list would be too long.
            "q_value": benjamini_hochberg(np.nan_to_num(p_value, nan=1.0)),
        }
    )
    table["vip"] = table["p_value"].notna() & (table["q_value"] <= false_share)
    return table.sort_values(["p_value", "account_id"], ignore_index=True)


def _of_period(counts: pd.Series, period: str) -> pd.DataFrame:
    """Looks by account and category of one period."""
    own = counts[(counts > 0) & (counts.index.get_level_values("period") == period)].reset_index()
    return own.pivot_table("n", "account_id", "category", "sum", fill_value=0, observed=True)


def _gain(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """What the favourite of each row after gained, in share of looks, on the one before."""
    if not before.size:
        return np.zeros(len(before))
    rows = np.arange(len(before))
    old, new = before.argmax(axis=1), after.argmax(axis=1)
    gained = (after[rows, new] - after[rows, old]) / after.sum(axis=1)
    return gained + (before[rows, old] - before[rows, new]) / before.sum(axis=1)


def _chance_of_gain(before: np.ndarray, after: np.ndarray, draws: int, seed: int) -> float:
    """How often looks that are shuffled between the periods gain as much: the p value."""
    seen = _gain(before[None], after[None])[0] - 1e-12
    used = (both := before + after) > 0
    both, looks = both[used], int(before.sum())
    # By the own looks alone, whoever else is in the table.
    random = np.random.default_rng([seed, *before[used], *after[used]])
    method = "count" if both.sum() <= _FEW_LOOKS else "marginals"
    strong, drawn, size = 0, 0, 99
    while drawn < draws:
        size = min(size, draws - drawn)
        shuffled = random.multivariate_hypergeometric(both, looks, size=size, method=method)
        reached = strong + np.cumsum(_gain(shuffled, both - shuffled) >= seen)
        if reached[-1] >= _ENOUGH:
            return _ENOUGH / (drawn + int(np.argmax(reached >= _ENOUGH)) + 1)
        strong, drawn, size = int(reached[-1]), drawn + size, size * 10
    return (strong + 1) / (drawn + 1)
