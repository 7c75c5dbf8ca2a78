"""What came in, month by month."""

import pandas as pd

from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import Calendar


def by_month(known: KnownCustomers) -> pd.DataFrame:
    """How many rows and how much money each month brought.

    Parameters
    ----------
    known : KnownCustomers

    Returns
    -------
    DataFrame, one row per month from the first to the last with rows, in their order
        ``period`` (a month: 2025-03), ``n`` (rows, those without an amount too), ``amount``,
        ``whole`` (whether it is over).

    Examples
    --------
    >>> rows = pd.DataFrame({"booked_at": pd.to_datetime(["2025-01-05", "2025-03-01"]),
    ...                      "amount": [10.0, 30.0]})
    >>> by_month(KnownCustomers(as_of="2025-03-15", rows=rows))
        period  n  amount  whole
    0  2025-01  1    10.0   True
    1  2025-02  0     0.0   True
    2  2025-03  1    30.0  False
    """
    rows = frame_of(known, "rows", ["booked_at", "amount"]).dropna(subset=["booked_at"])
    names = known.calendar.labels_of(rows["booked_at"], "month").rename("period")
    table = rows.groupby(names)["amount"].agg(n="size", amount="sum")
    # A month without a row is a month too.
    table = table.reindex(_months(rows["booked_at"], known.calendar), fill_value=0)
    table = table.rename_axis("period").reset_index().astype({"n": int, "amount": float})
    ends = [known.calendar.bounds_of(month)[1] for month in table["period"]]
    over = [known.as_of >= end - pd.Timedelta(seconds=1) for end in ends]
    return table.assign(whole=pd.Series(over, table.index, dtype=bool))


def _months(days: pd.Series, calendar: Calendar) -> list[str]:
    """The months from the first of some days to the last."""
    if days.empty:
        return []
    months = [calendar.label_of(days.min(), "month")]
    while (end := calendar.bounds_of(months[-1])[1]) <= days.max():
        months.append(calendar.label_of(end, "month"))
    return months
