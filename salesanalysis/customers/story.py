"""What is worth saying about what came in: findings for :mod:`salesanalysis.text`."""

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding
from salesanalysis.known import KnownCustomers


def require_rows(known: KnownCustomers) -> None:
    """Refuse what no report can be made of.

    Raises
    ------
    SalesAnalysisError
        There is no row up to the day.
    """
    if known.rows.empty:
        raise SalesAnalysisError(
            f"`bookings` has no row up to {known.as_of:%Y-%m-%d} (`as_of`). Check the day and the"
            " column of the dates."
        )


def lead(months: pd.DataFrame) -> list[Finding]:
    """The answer in one sentence: what came in.

    Parameters
    ----------
    months : DataFrame
        As from :func:`by_month`.
    """
    require_columns(months.columns, ["period", "n", "amount"], "`months`")
    values = {"amount": months["amount"].sum(), "months": len(months)}
    return [Finding("lead", "came_in", values)]


def findings(months: pd.DataFrame) -> list[Finding]:
    """The latest of the months that are over, beside the one before.

    A month that has only begun would look like a bad one.

    Parameters
    ----------
    months : DataFrame
        As from :func:`by_month`.
    """
    require_columns(months.columns, ["period", "n", "amount", "whole"], "`months`")
    over = months[months["whole"].astype(bool)].sort_values("period")
    if over.empty:
        return []
    last = over.iloc[-1]
    values = {"month": last["period"], "count": last["n"], "amount": last["amount"]}
    found = [Finding("headline", "latest", values)]
    change = over["amount"].diff().iloc[-1]
    if change > 0:
        found.append(Finding("headline", "more", {"amount": change}))
    if change < 0:
        found.append(Finding("headline", "less", {"amount": -change}))
    return found
