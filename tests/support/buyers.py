"""Customers who buy: published data sets as purchases, and made-up ones with the truth."""

import numpy as np
import pandas as pd


def cdnow(path: str) -> pd.DataFrame:
    """The purchases of CDNOW's customers, whole or the published tenth.

    What cost nothing counts with a cent: the published figures count such days.
    """
    names = ["account_id", "day", "pieces", "amount"]
    skip = 1
    if "sample" in path:
        names, skip = ["master", *names], 0
    table = pd.read_csv(path, sep=r"\s+", names=names, skiprows=skip, dtype={"account_id": str})
    days = pd.to_datetime(table["day"].astype(str))
    amounts = table["amount"].astype(float).clip(lower=0.01)
    return pd.DataFrame(
        {"account_id": table["account_id"], "purchased_at": days, "amount": amounts}
    )


def retail(path: str) -> pd.DataFrame:
    """The invoice lines of a British wholesaler (UCI), cancellations as negative amounts."""
    table = pd.read_parquet(path)
    who = table["CustomerID"].astype("Int64").astype("str")
    return pd.DataFrame(
        {
            "account_id": who.where(table["CustomerID"].notna()),
            "purchased_at": table["InvoiceDate"],
            "order_id": table["InvoiceNo"],
            "amount": table["Quantity"] * table["UnitPrice"],
        }
    )


def simulated(
    *, customers: int = 3_000, shape: int = 1, swing: float = 0.0, seed: int = 0, over: int = 365
):
    """Purchases of three years by customers who buy about monthly, and when each left.

    Gaps are of a gamma shape on a clock that runs ``swing`` faster in spring than on the mean; 14%
    leave within the last days, ``over`` so many. The moment is missing of who stays.
    """
    rng = np.random.default_rng(seed)
    clock = np.r_[0, np.cumsum(1 + swing * np.sin(2 * np.pi * (np.arange(1_400) % 365) / 365))]
    begins = pd.Timestamp("2022-01-01")
    rate = rng.gamma(4, 1 / 4 / 30, customers)
    leaves = np.where(rng.random(customers) < 0.14, 1_095 - rng.uniform(0, over, customers), np.inf)
    rows = []
    for who in range(customers):
        gaps = rng.gamma(shape, 1 / (shape * rate[who]), int(rate[who] * 4_000) + 60)
        first = clock[int(rng.uniform(0, 400))]
        days = np.interp(first + np.cumsum(gaps), clock, np.arange(len(clock)))
        days = np.floor(days[days < min(leaves[who], 1_095)])
        rows.append(pd.DataFrame({"account_id": who, "day": days}))
    table = pd.concat(rows, ignore_index=True)
    table["account_id"] = table["account_id"].map("C{:04d}".format)
    bought = begins + pd.to_timedelta(table["day"], unit="D")
    left = pd.Series(leaves).where(np.isfinite(leaves))
    left.index = [f"C{who:04d}" for who in range(customers)]
    purchases = pd.DataFrame(
        {"account_id": table["account_id"], "purchased_at": bought, "amount": 1.0}
    )
    return purchases, begins + pd.to_timedelta(left, unit="D")
