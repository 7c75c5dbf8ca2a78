"""What customers looked at, counted: by category, period and price band."""

import ibis
import pandas as pd

from salesanalysis.errors import require_number
from salesanalysis.periods import Day, end_of
from salesanalysis.reduce.completing import with_all_columns
from salesanalysis.reduce.expressions import (
    AnyTable,
    as_ibis,
    day,
    moment,
    require_columns,
    to_pandas,
)

#: What a look needs to count.
NEEDED = ("account_id", "category", "at")
#: The two periods that are compared, by their names in the result.
BEFORE, AFTER = "before", "after"

_GRAIN = ["account_id", "category", "period", "price_band"]


def view_counts(
    views: AnyTable,
    *,
    as_of: Day,
    before_days: int = 180,
    after_days: int = 120,
    price_bands: int = 3,
    once_a_day: bool = False,
) -> pd.DataFrame:
    """How often each customer looked at each category and price band, in two periods.

    The price bands of a category hold equally many of its looks, as far as prices allow: a price
    is never in two bands. They are cut over both periods, so that a band means the same in both.

    Parameters
    ----------
    views : Ibis table or DataFrame, one row per look
        ``account_id, category, at``, and ``price`` where known. Rows without one of the first
        three do not count.
    as_of : str, date or timestamp
        The day with which the later period ends.
    before_days, after_days : int
        How many days the earlier and the later period last; older looks do not count.
    price_bands : int
        How many bands there are in each category.
    once_a_day : bool
        Whether the looks of a customer at a category and band on one day count as one. Where
        people look at ten things in a sitting, ten looks are one piece of evidence.

    Returns
    -------
    DataFrame, one row per account × category × period × price band with a look, sorted by these
        ``account_id, category, period`` (before, after), ``price_band`` (1 is the cheapest;
        missing where no price is known), ``n``.

    Raises
    ------
    SalesAnalysisError
        A column is not there, or a number is none.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-05", "2025-03-01", "2025-03-01", "2025-03-02"])
    >>> looks = pd.DataFrame({"account_id": "A", "category": "lamp", "at": days,
    ...                       "price": [10.0, 10.0, 90.0, 500.0]})
    >>> view_counts(looks, as_of="2025-03-31", before_days=60, after_days=31)
      account_id category  period  price_band  n
    0          A     lamp   after           1  1
    1          A     lamp   after           2  1
    2          A     lamp   after           3  1
    3          A     lamp  before           1  1
    """
    for name, value in {"before_days": before_days, "after_days": after_days}.items():
        require_number(name, value, low=1, whole=True)
    require_number("price_bands", price_bands, low=1, whole=True)
    require_columns(views, NEEDED, "views")
    table = as_ibis(with_all_columns({"views": views}, "views")["views"])
    end = end_of(as_of)
    change = end.normalize() + pd.Timedelta(days=1 - after_days)
    at = table["at"].cast("timestamp")
    table = table.filter(
        *(table[name].notnull() for name in NEEDED),
        at <= moment(end),
        at >= moment(change - pd.Timedelta(days=before_days)),
    )
    table = table.select(
        "account_id",
        "category",
        price=table["price"].cast("float64"),
        period=ibis.ifelse(at >= moment(change), AFTER, BEFORE),
        day=day(at),
    )
    table = table.left_join(_bands(table, price_bands), ["category", "price"])
    if once_a_day:
        table = table.select(*_GRAIN, "day").distinct()
    counts = table.group_by(_GRAIN).agg(n=table.count())
    # Engines differ on where a missing value goes.
    found = to_pandas(counts.order_by(*_GRAIN[:3], counts["price_band"].fill_null(price_bands + 1)))
    return found.astype({"price_band": "Int64", "n": "int64"})


def _bands(table: ibis.Table, price_bands: int) -> ibis.Table:
    """The band of each price of each category, by the share of looks below the middle of its own.

    In whole numbers, so that every engine cuts alike.
    """
    prices = table.filter(table["price"].notnull()).group_by("category", "price")
    counts = prices.agg(looks=lambda t: t.count())
    category = ibis.window(group_by="category")
    upto = ibis.cumulative_window(group_by="category", order_by="price")
    below = 2 * counts["looks"].sum().over(upto) - counts["looks"]
    whole = 2 * counts["looks"].sum().over(category)
    placed = counts.select(
        "category", "price", below=below.cast("int64"), whole=whole.cast("int64")
    )
    band = (price_bands * placed["below"]) // placed["whole"] + 1
    return placed.select("category", "price", price_band=band.cast("int64"))
