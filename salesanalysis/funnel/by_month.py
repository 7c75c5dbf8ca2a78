"""New deals, and what is won of those that close, month by month."""

import numpy as np
import pandas as pd

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.funnel.groups import require_columns, require_known
from salesanalysis.known import KnownFunnel, number, weights
from salesanalysis.known import require_known as require_what_is_known
from salesanalysis.stats import wilson


def months(known: KnownFunnel, *, last: int = 13, level: float = 0.95) -> pd.DataFrame:
    """How many deals were created in each month, how many closed, and the share won of these.

    A month in which many deals close and one in which many are created are different deals: the
    rate is of the deals that closed in the month, whenever they were created. The month of the day
    is not over, unless it is its last.

    Parameters
    ----------
    known : KnownFunnel
        Its ``deals``: ``outcome, created_at, closed_at``, counted (``weight``) or not. A deal is in
        no month where its day is missing.
    last : int
        How many months, with that of the day; fewer where the first deal was created later, or
        closings were recorded from later on (``observed_from``).
    level : float
        Confidence level of the interval.

    Returns
    -------
    DataFrame
        One row per month, in their order: ``month``; ``ends_quarter`` (whether it is the last of
        its quarter); ``created`` (deals); ``n`` deals that closed, of which ``k`` were won; ``rate,
        rate_low, rate_high`` (Wilson; missing where none closed); ``whole`` (whether it is over).

    Raises
    ------
    SalesAnalysisError
        A column is not there, an outcome is not in the vocabulary, or ``last`` is less than 1.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "outcome": ["won", "lost", "won", "open"], "age_days": [20.0, 30, 10, 5.5],
    ...     "created_at": pd.to_datetime(["2025-01-05", "2025-01-08", "2025-02-01", "2025-03-05"]),
    ...     "closed_at": pd.to_datetime(["2025-01-25", "2025-02-07", "2025-02-11", None])})
    >>> known = KnownFunnel(as_of="2025-03-10 12:00", deals=deals)
    >>> months(known)[["month", "created", "n", "k", "rate", "whole"]]
         month  created  n  k  rate  whole
    0  2025-01        2  1  1   1.0   True
    1  2025-02        1  2  1   0.5   True
    2  2025-03        1  0  0   NaN  False
    """
    deals = require_what_is_known(known, KnownFunnel).deals
    require_columns(deals, ["outcome", "created_at", "closed_at"], counted=True)
    require_known(deals["outcome"], (WON, LOST, CANCELLED, OPEN))
    if last < 1:
        raise SalesAnalysisError(f"`last` is {last}; expected a number of months, 1 or more.")
    calendar, weight = known.calendar, weights(deals)
    created = calendar.labels_of(deals["created_at"], "month")
    closed = calendar.labels_of(deals["closed_at"].where(deals["outcome"] != OPEN), "month")
    rows = []
    for month in _names(known, last):
        start, end = calendar.bounds_of(month)
        quarter = calendar.label_of(start, "quarter")
        n = number(closed == month, weight)
        k = number((closed == month) & (deals["outcome"] == WON), weight)
        low, high = wilson(k, n, level=level)
        rows.append(
            {"month": month, "ends_quarter": end == calendar.bounds_of(quarter)[1]}
            | {"created": number(created == month, weight), "n": n, "k": k}
            | {"rate": k / n if n else np.nan, "rate_low": float(low), "rate_high": float(high)}
            | {"whole": bool(known.as_of >= end - pd.Timedelta(seconds=1))}
        )
    columns = [
        "month",
        "ends_quarter",
        "created",
        "n",
        "k",
        "rate",
        "rate_low",
        "rate_high",
        "whole",
    ]
    return pd.DataFrame(rows, columns=columns)


def _names(known: KnownFunnel, last: int) -> list[str]:
    """The months in their order, from the first of which all is known."""
    calendar, created = known.calendar, known.deals["created_at"]
    if not created.notna().any():
        return []
    first = calendar.bounds_of(calendar.label_of(created.min(), "month"))[0]
    names = [calendar.label_of(known.as_of, "month")]
    while len(names) < last:
        before = calendar.bounds_of(names[0])[0] - pd.Timedelta(days=1)
        recorded = known.observed_from is None or (
            calendar.bounds_of(calendar.label_of(before, "month"))[0]
            >= calendar.end_of(known.observed_from).normalize()
        )
        if before < first or not recorded:
            break
        names.insert(0, calendar.label_of(before, "month"))
    return names
