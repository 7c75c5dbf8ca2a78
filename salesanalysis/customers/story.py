"""What is worth saying about the customers: findings for :mod:`salesanalysis.text`."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.known import KnownCustomers


def require_purchases(known: KnownCustomers) -> None:
    """Refuse what no report can be made of.

    Raises
    ------
    SalesAnalysisError
        There is no purchase up to the day.
    """
    if known.months.empty:
        raise SalesAnalysisError(
            f"`purchases` has no row that counts up to {known.as_of:%Y-%m-%d} (`as_of`): one with a"
            " customer, a day and an amount that is not cancelled. Check the day and the columns."
        )


def lead(sales: pd.DataFrame) -> list[Finding]:
    """The answer in one sentence: who bought how much in the last months.

    Parameters
    ----------
    sales : DataFrame
        As from :func:`customer_sales`.
    """
    require_columns(sales.columns, ["account_id", "amount"], "`sales`")
    values = {"amount": sales["amount"].sum(), "customers": len(sales)}
    return [Finding("lead", "bought", values)]


def findings(months: pd.DataFrame) -> list[Finding]:
    """The latest of the months that are over, beside the same month a year before.

    Parameters
    ----------
    months : DataFrame
        As from :func:`by_month`.
    """
    needed = ["period", "customers", "purchases", "amount", "whole"]
    require_columns(months.columns, needed, "`months`")
    over = months[months["whole"].astype(bool)].sort_values("period")
    if over.empty:
        return []
    last = over.iloc[-1]
    values = {"month": last["period"], "customers": last["customers"], "amount": last["amount"]}
    found = [Finding("headline", "latest", values)]
    if len(over) > 12:
        # Buying follows the season: a month is held against its own of the year before.
        change = last["amount"] - over.iloc[-13]["amount"]
        if change > 0:
            found.append(Finding("headline", "more", {"amount": change}))
        if change < 0:
            found.append(Finding("headline", "less", {"amount": -change}))
    return found
