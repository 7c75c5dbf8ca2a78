"""Snapshots of the deal list → what sellers said of each deal on earlier days."""

import pandas as pd

from salesanalysis import periods
from salesanalysis.periods import Day
from salesanalysis.reduce.expressions import AnyTable, as_ibis, moment, require_columns, to_pandas

#: What a snapshot says of a deal.
SAID = ("amount", "expected_close_at", "probability", "owner_call")


def earlier_calls(snapshots: AnyTable | None = None, *, as_of: Day) -> pd.DataFrame:
    """What was said of each deal on the days of the snapshots, up to ``as_of``.

    Parameters
    ----------
    snapshots : Ibis table or DataFrame, one row per day × deal open then, optional
        ``taken_at, opportunity_id`` and any of ``amount, expected_close_at, probability,
        owner_call``.
    as_of : str, date or timestamp
        The day up to whose end the data count.

    Returns
    -------
    DataFrame
        One row per snapshot × deal with a date, in the order of deals and days: ``taken_at,
        opportunity_id, amount, expected_close_at, probability, owner_call`` (missing where the
        snapshots do not say) and ``pushes`` (how often the date had been moved later by then).

    Examples
    --------
    >>> kept = pd.DataFrame({
    ...     "taken_at": pd.to_datetime(["2025-08-31", "2025-09-30", "2025-10-31"]),
    ...     "opportunity_id": "a",
    ...     "expected_close_at": pd.to_datetime(["2025-09-15", "2025-10-20", "2025-12-01"])})
    >>> earlier_calls(kept, as_of="2025-11-15")[["expected_close_at", "pushes"]]
      expected_close_at  pushes
    0        2025-09-15       0
    1        2025-10-20       1
    2        2025-12-01       2
    """
    columns = ["taken_at", "opportunity_id", *SAID]
    rows = pd.DataFrame({name: [] for name in columns})
    if snapshots is not None:
        table = as_ibis(snapshots)
        require_columns(table, ["taken_at", "opportunity_id"], "snapshots")
        known = table.filter(table.taken_at.cast("timestamp") <= moment(periods.end_of(as_of)))
        there = [name for name in columns if name in table.columns]
        rows = to_pandas(known.select(*there)).reindex(columns=columns)
    days = {name: "datetime64[us]" for name in ("taken_at", "expected_close_at")}
    rows = rows.astype({**days, "amount": float, "probability": float})
    rows = rows.dropna(subset=["expected_close_at"])
    rows = rows.sort_values(["opportunity_id", "taken_at"], kind="stable", ignore_index=True)
    before = rows.groupby("opportunity_id")["expected_close_at"].shift()
    later = rows["expected_close_at"] > before
    pushes = later.groupby(rows["opportunity_id"]).cumsum().astype(int)
    return rows.assign(pushes=pushes)
