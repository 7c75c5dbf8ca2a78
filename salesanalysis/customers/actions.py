"""What to do this week about the customers."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Action, Finding
from salesanalysis.known import KnownCustomers, frame_of
from salesanalysis.periods import due_day

NO_LIMIT, OWNER = "no_limit", "owner"
#: No list is longer than what people work off in a week.
MOST = 7


def actions(known: KnownCustomers, sales: pd.DataFrame) -> list[Action]:
    """Set a credit limit for those who buy without one, the largest buyers first.

    Parameters
    ----------
    known : KnownCustomers
        Its ``file`` tells who has a limit; without that column nobody is asked.
    sales : DataFrame
        As from :func:`customer_sales`.

    Returns
    -------
    list of Action
        Of the kind ``no_limit``, since the month in which the customer first bought.
    """
    require_columns(sales.columns, ["account_id", "amount"], "`sales`")
    file = known.file
    if "credit_limit" not in file or "owner_id" not in file:
        return []
    months = frame_of(known, "months", ["account_id", "period"])
    first = months.groupby("account_id")["period"].min()
    without = file.loc[file["credit_limit"].isna(), ["account_id", "owner_id"]]
    table = sales[sales["account_id"].isin(first.index)].merge(without, on="account_id")
    table = table.sort_values(["amount", "account_id"], ascending=[False, True]).head(MOST)
    return [
        Action(
            NO_LIMIT,
            "account",
            str(row["account_id"]),
            Finding("step", "set_limit", {"amount": row["amount"]}),
            since=f"{known.calendar.bounds_of(first[row['account_id']])[0]:%Y-%m-%d}",
            due=due_day(known.as_of, place),
            who=str(row["owner_id"]),
            title=str(row["account_id"]),
        )
        for place, row in enumerate(table.to_dict("records"))
    ]
