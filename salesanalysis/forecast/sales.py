"""Sales by month and quarter beside what was aimed at: what is in, and what is likely to come."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.findings import Finding

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast


def sales_by_month(forecast: "Forecast", *, quarters: int = 4) -> pd.DataFrame:
    """Sales by month, beside the targets of their quarters.

    Only those streams count of which the targets of a quarter speak (all, where one names none), as
    in ``Forecast.against_targets``. A quarter with a month before the forecast's ``closed`` begins
    has no row: what is in of it is not known.

    Parameters
    ----------
    forecast : Forecast
        As from :func:`combine`; its ``closed``, its targets, its calendar.
    quarters : int
        How many quarters: the one in which the forecast's period ends, and those before it.

    Returns
    -------
    DataFrame
        One row per month: ``month, quarter``; ``closed`` (what is in); ``q10, q50, q90`` of what
        the month will be in the end (missing where it is over, or where the forecast does not tell
        months); of its quarter ``quarter_closed, quarter_q50`` (missing where it is over) and
        ``target`` (missing where there is none).

    Raises
    ------
    SalesAnalysisError
        ``quarters`` is less than 1.

    Examples
    --------
    >>> from salesanalysis import forecast
    >>> from salesanalysis.known import KnownForecast
    >>> booked = pd.DataFrame({"stream": "channel", "period": [f"2025-{m:02}" for m in range(1, 10)],
    ...                        "amount": [100, 120, 90, 130, 110, 120, 140, 125, 135.0]})
    >>> paid = pd.DataFrame({"stream": "channel", "amount": booked["amount"],
    ...                      "closed_at": pd.to_datetime(booked["period"]), "opportunity_id": None})
    >>> goals = pd.DataFrame({"period": ["2025-Q3", "2025-Q4"], "target": [420.0, 390.0]})
    >>> known = KnownForecast(as_of="2025-09-30", bookings=booked, closed=paid, targets=goals)
    >>> whole = forecast.combine(known, period="2025-Q4", streams=[forecast.series(known, horizon=3)])
    >>> forecast.sales_by_month(whole, quarters=2)[["month", "closed", "q50", "target"]].round(1)
         month  closed    q50  target
    0  2025-07   140.0    NaN   420.0
    1  2025-08   125.0    NaN   420.0
    2  2025-09   135.0    NaN   420.0
    3  2025-10     0.0  128.4   390.0
    4  2025-11     0.0  130.9   390.0
    5  2025-12     0.0  134.0   390.0
    """  # noqa: E501
    if quarters < 1:
        raise SalesAnalysisError(f"`quarters` is {quarters}; expected 1 or more.")
    calendar = forecast.calendar
    last = calendar.bounds_of(forecast.period)[1] - pd.Timedelta(days=1)
    names = [calendar.label_of(last, "quarter")]
    while len(names) < quarters:
        before = calendar.bounds_of(names[0])[0] - pd.Timedelta(days=1)
        names.insert(0, calendar.label_of(before, "quarter"))
    rows = [row for name in names for row in _of_quarter(forecast, name)]
    columns = ["month", "quarter", "closed", "q10", "q50", "q90"]
    columns += ["quarter_closed", "quarter_q50", "target"]
    return pd.DataFrame(rows, columns=columns)


def sales_findings(table: pd.DataFrame) -> list[Finding]:
    """How many quarters that are over missed their targets, and by how much.

    Parameters
    ----------
    table : DataFrame
        As from :func:`sales_by_month`.

    Returns
    -------
    list of Finding
        One; none where no quarter with a target is over.

    Raises
    ------
    SalesAnalysisError
        A column is not there.
    """
    require_columns(
        table.columns, ["quarter", "quarter_closed", "quarter_q50", "target"], "`table`"
    )
    over = table[table["quarter_q50"].isna() & (table["target"] > 0)].drop_duplicates("quarter")
    if over.empty:
        return []
    gaps = 1 - over["quarter_closed"] / over["target"]
    missed = gaps[gaps > 0]
    quarters = {"missed": len(missed), "quarters": len(over)}
    if missed.empty:
        return [Finding("sales", "all_met", {"quarters": len(over)})]
    if len(missed) == 1:
        return [Finding("sales", "one_missed", {"quarters": len(over), "gap": missed.iloc[0]})]
    gap = {"least": missed.min(), "most": missed.max()}
    return [Finding("sales", "missed", quarters | gap)]


def _of_quarter(forecast: "Forecast", quarter: str) -> list[dict]:
    """The rows of the months of a quarter, as far as they are known."""
    calendar, targets = forecast.calendar, forecast.targets
    start, end = calendar.bounds_of(quarter)
    inside = [calendar.lies_in(name, quarter) for name in targets["period"]]
    aimed = targets[np.array(inside, dtype=bool)]
    closed, draws = forecast.closed, forecast.draws
    if len(aimed) and "stream" in aimed and aimed["stream"].notna().all():
        streams = sorted(aimed["stream"].unique())
        draws = draws.where(stream=streams)
        closed = closed[closed["stream"].isin(streams)] if len(closed) else closed
    first = forecast.closed["closed_at"].min() if len(forecast.closed) else forecast.as_of
    months = calendar.following(start, unit="month", count=3)
    if calendar.bounds_of(months[0])[1] <= first.normalize():
        return []
    own = closed[(closed["closed_at"] >= start) & (closed["closed_at"] < end)]
    whole = {
        "quarter": quarter,
        "quarter_closed": float(own["amount"].sum()),
        "quarter_q50": _quantiles(draws, calendar, quarter, forecast.as_of)[1],
        "target": float(aimed["target"].sum(min_count=1)) if len(aimed) else np.nan,
    }
    closed_in = calendar.labels_of(own["closed_at"], "month")
    rows = []
    for month in months:
        row = {"month": month, "closed": float(own.loc[closed_in == month, "amount"].sum())}
        quantiles = _quantiles(draws, calendar, month, forecast.as_of)
        rows.append(row | dict(zip(("q10", "q50", "q90"), quantiles, strict=True)) | whole)
    return rows


def _quantiles(draws, calendar, period: str, as_of: pd.Timestamp) -> list[float]:
    """What a period will be in the end; missing where it is over, or not told by itself."""
    start, end = calendar.bounds_of(period)
    bounds = [calendar.bounds_of(name) for name in draws.cells["period"]]
    touched = np.array([first < end and last > start for first, last in bounds], dtype=bool)
    within = np.array([start <= first and last <= end for first, last in bounds], dtype=bool)
    ahead = max((last for first, last in bounds), default=start)
    if as_of >= end - pd.Timedelta(seconds=1) or ahead < end or (touched & ~within).any():
        return [np.nan] * 3
    return [
        float(value) for value in np.quantile(draws.values[within].sum(axis=0), [0.1, 0.5, 0.9])
    ]
