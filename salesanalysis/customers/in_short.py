"""What the overview and the next run keep of the report."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, KeyFigure, Thing


def key_figures(sales: pd.DataFrame) -> list[KeyFigure]:
    """What was bought in the last months, and by how many; ``sales`` as from `customer_sales`."""
    require_columns(sales.columns, ["account_id", "amount", "purchases"], "`sales`")
    of = Finding("base", "purchases", {"purchases": sales["purchases"].sum()})
    return [
        KeyFigure("sales", sales["amount"].sum(), base=of),
        KeyFigure("customers", len(sales)),
    ]


def things(sales: pd.DataFrame) -> list[Thing]:
    """The customer who bought most; ``sales`` as from :func:`customer_sales`."""
    require_columns(sales.columns, ["account_id", "amount"], "`sales`")
    if sales.empty:
        return []
    most = sales.sort_values(["amount", "account_id"], ascending=[False, True]).iloc[0]
    reason = Finding("thing", "largest", {"amount": most["amount"]})
    return [Thing(str(most["account_id"]), float(most["amount"]), reason, "account_id")]
