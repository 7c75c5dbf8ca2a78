"""What customers bought, month by month and customer by customer."""

import pandas as pd

from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import Calendar


def by_month(known: KnownCustomers) -> pd.DataFrame:
    """How many customers bought in each month, how often and for how much.

    Parameters
    ----------
    known : KnownCustomers

    Returns
    -------
    DataFrame, one row per month from the first with purchases to that of the day, in their order
        ``period`` (a month: 2025-03), ``customers`` (who bought), ``purchases`` (days with a
        purchase, summed over customers), ``amount`` (net of returns), ``whole`` (whether it is
        over).

    Examples
    --------
    >>> months = pd.DataFrame({"account_id": ["A", "B", "A"], "purchases": [1, 2, 1],
    ...                        "period": ["2025-01", "2025-01", "2025-03"],
    ...                        "amount": [10.0, 5.0, 30.0]})
    >>> by_month(KnownCustomers(as_of="2025-03-15", months=months))
        period  customers  purchases  amount  whole
    0  2025-01          2          3    15.0   True
    1  2025-02          0          0     0.0   True
    2  2025-03          1          1    30.0  False
    """
    rows = frame_of(known, "months", ["account_id", "period", "amount", "purchases"])
    grouped = rows.assign(bought=rows["purchases"] > 0).groupby("period")
    table = grouped.agg(
        customers=("bought", "sum"), purchases=("purchases", "sum"), amount=("amount", "sum")
    )
    # A month without a row is a month too.
    today = known.calendar.label_of(known.as_of, "month")
    table = table.reindex(_months(rows["period"], today, known.calendar), fill_value=0)
    table = table.rename_axis("period").reset_index()
    table = table.astype({"customers": int, "purchases": int, "amount": float})
    ends = [known.calendar.bounds_of(month)[1] for month in table["period"]]
    over = [known.as_of >= end - pd.Timedelta(seconds=1) for end in ends]
    return table.assign(whole=pd.Series(over, table.index, dtype=bool))


def _months(names: pd.Series, last: str, calendar: Calendar) -> list[str]:
    """The months from the first of some to the last."""
    if names.empty:
        return []
    months = [names.min()]
    while months[-1] != last:
        months.append(calendar.label_of(calendar.bounds_of(months[-1])[1], "month"))
    return months


def customer_sales(known: KnownCustomers, *, months: int = 12) -> pd.DataFrame:
    """What each customer bought in the months up to that of the day.

    Parameters
    ----------
    known : KnownCustomers
    months : int
        How many months, the one of the day among them.

    Returns
    -------
    DataFrame, one row per customer who bought then, the largest first
        ``account_id, amount, purchases, share`` (of what all bought).

    Examples
    --------
    >>> months = pd.DataFrame({"account_id": ["A", "B", "A"], "purchases": [1, 2, 1],
    ...                        "period": ["2023-01", "2025-01", "2025-03"],
    ...                        "amount": [10.0, 10.0, 30.0]})
    >>> customer_sales(KnownCustomers(as_of="2025-03-15", months=months))
      account_id  amount  purchases  share
    0          A    30.0          1   0.75
    1          B    10.0          2   0.25
    """
    rows = frame_of(known, "months", ["account_id", "period", "amount", "purchases"])
    name = known.calendar.label_of(known.as_of, "month")
    names = [name]
    while len(names) < months:
        day = known.calendar.bounds_of(names[-1])[0] - pd.Timedelta(days=1)
        names.append(known.calendar.label_of(day, "month"))
    recent = rows[rows["period"].isin(names)]
    table = recent.groupby("account_id", as_index=False)[["amount", "purchases"]].sum()
    table = table.sort_values(["amount", "account_id"], ascending=[False, True], ignore_index=True)
    return table.assign(share=table["amount"] / table["amount"].sum())
