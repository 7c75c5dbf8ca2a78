"""What the overview and the next run keep of the report."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, KeyFigure, Thing


def key_figures(
    sales: pd.DataFrame | None = None,
    owed: pd.DataFrame | None = None,
    alarms: pd.DataFrame | None = None,
    warnings: pd.DataFrame | None = None,
) -> list[KeyFigure]:
    """What was bought, is overdue and over limits, hangs on who leaves, and what is new.

    Parameters
    ----------
    sales : DataFrame, optional
        As from :func:`customer_sales`.
    owed : DataFrame, optional
        As from :func:`exposure`.
    alarms : DataFrame, optional
        As from ``ReturnChance.alarms``.
    warnings : DataFrame, optional
        As from :func:`all_warnings`.
    """
    figures = []
    if sales is not None:
        require_columns(sales.columns, ["account_id", "amount", "purchases"], "`sales`")
        of = Finding("base", "purchases", {"purchases": sales["purchases"].sum()})
        figures.append(KeyFigure("sales", sales["amount"].sum(), base=of))
    if owed is not None:
        needed = ["unpaid_amount", "overdue_amount", "over_limit_amount", "limit_state"]
        require_columns(owed.columns, needed, "`owed`")
        of = Finding("base", "open", {"open": owed["unpaid_amount"].sum()})
        figures.append(KeyFigure("overdue_amount", owed["overdue_amount"].sum(), base=of))
        if owed["limit_state"].ne("missing").any():
            over = owed["over_limit_amount"]
            of = Finding("base", "limits", {"customers": (over > 0).sum()})
            figures.append(KeyFigure("over_limit_amount", over.sum(), base=of))
    if alarms is not None:
        require_columns(alarms.columns, ["amount_at_stake", "false_share"], "`alarms`")
        if len(alarms):
            told = {"customers": len(alarms), "false": alarms["false_share"].max()}
            of = Finding("base", "leaving", told)
            figures.append(KeyFigure("leaving_amount", alarms["amount_at_stake"].sum(), base=of))
    if warnings is not None:
        require_columns(warnings.columns, ["is_new"], "`warnings`")
        of = Finding("base", "warnings", {"warnings": len(warnings)})
        figures.append(KeyFigure("new_warnings", warnings["is_new"].sum(), base=of))
    return figures


def things(alarms: pd.DataFrame) -> list[Thing]:
    """The customer who bought most of those who will hardly buy again.

    Parameters
    ----------
    alarms : DataFrame
        As from ``ReturnChance.alarms``.
    """
    needed = ["account_id", "value", "normal", "amount_at_stake"]
    require_columns(alarms.columns, needed, "`alarms`")
    if alarms.empty:
        return []
    order = ["amount_at_stake", "account_id"]
    most = alarms.sort_values(order, ascending=[False, True]).iloc[0]
    reason = Finding("thing", "leaving", {"days": most["value"], "usual": most["normal"]})
    money = float(most["amount_at_stake"])
    return [Thing(str(most["account_id"]), money, reason, "account_id")]
