"""What the overview and the next run keep of the report."""

import pandas as pd

from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.known import KnownFAMILY


def key_figures(months: pd.DataFrame) -> list[KeyFigure]:
    """All that came in; ``months`` as from :func:`by_month`."""
    return [KeyFigure("n", months["n"].sum()), KeyFigure("amount", months["amount"].sum())]


def things(known: KnownFAMILY) -> list[Thing]:
    """The stream that brings most."""
    if "stream" not in known.rows or known.rows.empty:
        return []
    amounts = known.rows.groupby("stream")["amount"].sum()
    most = amounts.idxmax()
    reason = Finding("thing", "largest", {"amount": amounts[most]})
    return [Thing(str(most), float(amounts[most]), reason, "stream")]
