"""What the overview and the next run keep of the report."""

import pandas as pd

from salesanalysis.errors import require_columns
from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.known import KnownCustomers, frame_of


def key_figures(months: pd.DataFrame) -> list[KeyFigure]:
    """All that came in, and in how many rows; ``months`` as from :func:`by_month`.

    They have no status: :data:`salesanalysis.statuses.LIMITS` has none of these names. A figure may
    be ``judged`` by another that has limits there.
    """
    require_columns(months.columns, ["n", "amount"], "`months`")
    of = Finding("base", "months", {"months": len(months)})
    return [
        KeyFigure("amount", months["amount"].sum(), base=of),
        KeyFigure("n", months["n"].sum()),
    ]


def things(known: KnownCustomers) -> list[Thing]:
    """The stream that brings most; none where no amount of a stream is known."""
    rows = frame_of(known, "rows", ["amount"])
    if "stream" not in rows:
        return []
    amounts = rows.dropna(subset=["amount"]).groupby("stream", observed=True)["amount"].sum()
    if amounts.empty:
        return []
    most = amounts.idxmax()
    reason = Finding("thing", "largest", {"amount": amounts[most]})
    return [Thing(str(most), float(amounts[most]), reason, "stream")]
