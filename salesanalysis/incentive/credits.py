"""Who gets credit for a sale: splits that add up to the cent, and overlays beside them."""

from fractions import Fraction

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.money import (
    exact,
    from_minor,
    minor_unit_of,
    rounded,
    to_minor,
)
from salesanalysis.stats import ADDS_UP_WITHIN, largest_remainder


def credit(
    sales: pd.DataFrame, splits: pd.DataFrame, *, currency: str | None = None
) -> pd.DataFrame:
    """Each sale divided among those who made it, without a cent lost or found.

    The shares of one sale must add up to 1. An overlay (a specialist, a manager) gets credit
    beside that, which does not diminish the others'.

    Parameters
    ----------
    sales : DataFrame, one row per sale
        ``sale_id, amount`` in money, and whatever else is to be carried along.
    splits : DataFrame, one row per sale × payee
        ``sale_id, payee_id, share`` (0–1), and ``overlay`` (flag) where there are any. Shares
        given as text or Decimal are exact: three thirds as ``"1/3"``.
    currency : str, optional
        Its minor unit counts; a hundredth without.

    Returns
    -------
    DataFrame
        One row per sale × payee, in the order of the rows given: ``sale_id, payee_id, share,
        overlay, amount`` (the credit) ``, sale_amount`` and the other columns of ``sales``.
        The amounts of a sale's splits, overlays apart, add up to it exactly: parts are rounded
        down, and the cents left go to the largest remainders (of equal ones to the first).
        A sale that nobody has credit for has one row without ``payee_id``.

    Raises
    ------
    SalesAnalysisError
        Shares of a sale do not add up to 1, or a split is of no sale.

    References
    ----------
    Largest remainder: Hamilton's method; Balinski, M. L., Young, H. P. (1982), Fair Representation.

    Examples
    --------
    >>> sales = pd.DataFrame({"sale_id": ["s"], "amount": [100.0]})
    >>> splits = pd.DataFrame({"sale_id": "s", "payee_id": list("abcx"), "overlay": [0, 0, 0, 1],
    ...                        "share": ["1/3", "1/3", "1/3", "1"]})
    >>> credit(sales, splits)["amount"].tolist()
    [33.34, 33.33, 33.33, 100.0]
    """
    require_columns(sales.columns, ["sale_id", "amount"], "`sales`")
    require_columns(splits.columns, ["sale_id", "payee_id", "share"], "`splits`")
    if sales["sale_id"].duplicated().any():
        twice = sales.loc[sales["sale_id"].duplicated(), "sale_id"].iloc[0]
        raise SalesAnalysisError(f"`sales` holds {twice} twice; expected one row per sale.")
    lost = sorted(set(splits["sale_id"]) - set(sales["sale_id"]))
    if lost:
        raise SalesAnalysisError(
            f"`splits` has {len(lost)} sales that `sales` has not: {', '.join(map(str, lost[:5]))}."
        )
    unit = minor_unit_of(currency)
    minor, _ = to_minor(sales["amount"].to_numpy(float), unit, "amount")
    overlays = splits["overlay"].astype(bool) if "overlay" in splits.columns else False
    splits = splits[["sale_id", "payee_id", "share"]].assign(overlay=overlays)
    carried = sales.drop(columns="payee_id", errors="ignore").rename(
        columns={"amount": "sale_amount"}
    )
    table = carried.assign(_minor=minor).merge(splits, on="sale_id", how="left", sort=False)
    table["amount"] = from_minor(_parts(table), unit)
    first = ["sale_id", "payee_id", "share", "overlay", "amount", "sale_amount"]
    return table[[*first, *(name for name in carried.columns if name not in first)]]


def _parts(table: pd.DataFrame) -> np.ndarray:
    """The credit of each row in minor units."""
    parts = table["_minor"].to_numpy().copy()
    totals = parts.tolist()
    credited = table["payee_id"].notna().to_numpy()
    overlay = credited & table["overlay"].eq(True).to_numpy()
    # A sale without any split has no share; a split without one is refused.
    places, given = pd.factorize(table["share"].astype(object).where(credited, 0).fillna("missing"))
    known = [_share(share) for share in given]
    shares = [known[place] for place in places.tolist()]
    sale, names = pd.factorize(table["sale_id"])
    own = np.flatnonzero(credited & ~overlay)
    # The rows of a sale stand together.
    for rows in np.split(own, np.flatnonzero(np.diff(sale[own])) + 1):
        if not len(rows):
            continue
        split = [shares[row] for row in rows]
        whole = sum(split)
        if abs(whole - 1) > ADDS_UP_WITHIN:
            raise SalesAnalysisError(
                f"`share` of sale {names[sale[rows[0]]]} adds up to {float(whole):g}; expected 1"
                " (mark credit beside that as `overlay`)."
            )
        parts[rows] = largest_remainder(totals[rows[0]], split)
    for row in np.flatnonzero(overlay):
        top = np.array([totals[row] * shares[row].numerator], dtype=object)
        parts[row] = rounded(top, shares[row].denominator, "half_up")[0]
    return parts


def _share(value) -> Fraction:
    try:
        share = exact(value)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise SalesAnalysisError(f"`share` holds {value!r}; expected shares of 0 to 1.")
    return share
