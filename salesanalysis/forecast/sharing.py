"""Who a deal counts for: the shares of those who split it, and overlay credit beside the total."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.findings import Finding
from salesanalysis.forecast.draws import CLOSED, Draws
from salesanalysis.forecast.own_draws import deal_draws

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast

#: Whose shares a split says.
OWNER = "owner_id"
#: The columns of splits.
SPLITS = ("opportunity_id", OWNER, "share", "overlay")
#: So many deals are held draw by draw at once.
_AT_ONCE = 50
#: Money is told to so many decimals, so that what is taken away whole leaves nothing.
_DECIMALS = 6


def credited(forecast: "Forecast", cells: Draws, by: list[str]) -> tuple[Draws, Draws]:
    """The cells by group, each split deal with those who share it; and overlay credit beside them.

    In every draw the parts of a deal are shares of what it brings in that draw, so they add up to
    the total. What is not in the list yet has no splits and counts whole for its owner.

    Parameters
    ----------
    forecast : Forecast
        Its ``splits``, its deals and what is closed.
    cells : Draws
        The forecast's, of some periods.
    by : list of str
        The columns to split by; without ``owner_id`` among them nothing is to be shared.

    Returns
    -------
    tuple of Draws
        By ``stream, part`` and ``by``: the cells, and the overlay credit, of the same streams.
    """
    splits, columns = forecast.splits, list(dict.fromkeys(["stream", "part", *by]))
    if OWNER not in by or splits.empty:
        return cells, cells.none()
    moved, overlay = [cells.total(columns)], []
    is_split = ~splits["overlay"].to_numpy(bool)
    for own in _own_draws(forecast, cells, splits["opportunity_id"].unique()):
        shared = own.cells["opportunity_id"].isin(splits.loc[is_split, "opportunity_id"])
        whole = own.cells[shared].reindex(columns=columns)
        moved.append(Draws(whole, -own.values[shared]).total(columns))
        moved.append(_parts(own, splits[is_split], columns))
        overlay.append(_parts(own, splits[~is_split], columns))
    overlay = _added_up(overlay, columns) if overlay else cells.none()
    return _added_up(moved, columns), overlay


def shared_rows(rows: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Deals with each that is split as one row per person, with the person's part of its amount."""
    own = splits.loc[~splits["overlay"].astype(bool), ["opportunity_id", OWNER, "share"]]
    if own.empty or OWNER not in rows:
        return rows
    own = own.rename(columns={OWNER: "_with"})
    both = rows.merge(own, on="opportunity_id", how="left")
    parts = both.assign(
        **{OWNER: both["_with"].where(both["_with"].notna(), both[OWNER])},
        amount=both["amount"] * both["share"].fillna(1.0),
    )
    return parts.drop(columns=["_with", "share"])


def split_findings(forecast: "Forecast", by_seller: pd.DataFrame) -> list[Finding]:
    """How many deals of the period are shared, and how much overlay credit stands beside them.

    Parameters
    ----------
    forecast : Forecast
    by_seller : DataFrame
        As from ``forecast.against_targets("owner_id")``.

    Returns
    -------
    list of Finding
        Of the kind ``splits``: ``shared`` (deals, and the people who share them), ``overlay`` (what
        overlay credit is expected to be, of how many people); as far as there are any.
    """
    splits, found = forecast.splits, []
    if splits.empty or by_seller.empty:
        return found
    begins = forecast.calendar.bounds_of(forecast.period)[0]
    closed = forecast.closed[forecast.closed["closed_at"] >= begins]
    there = {*forecast.deals["opportunity_id"], *closed["opportunity_id"].dropna()}
    own = splits[splits["opportunity_id"].isin(there) & ~splits["overlay"].astype(bool)]
    if len(own):
        counts = {"deals": own["opportunity_id"].nunique(), "people": own[OWNER].nunique()}
        found.append(Finding("splits", "shared", counts))
    if "overlay_credit" in by_seller:
        credit = by_seller["overlay_credit"]
        values = {"people": int((credit > 0).sum()), "amount": float(credit.sum())}
        found.append(Finding("splits", "overlay", values))
    return found


def _own_draws(forecast: "Forecast", cells: Draws, ids: np.ndarray) -> Iterator[Draws]:
    """What split deals bring in the periods of the cells: those that are closed, then open ones."""
    columns = [name for name in cells.cells if name not in ("part", "quarter")]
    periods = cells.cells.drop_duplicates("period").set_index("period")
    calendar, begins = forecast.calendar, forecast.calendar.bounds_of(forecast.period)[0]
    closed = forecast.closed[forecast.closed["opportunity_id"].isin(ids)]
    closed = closed[closed["closed_at"] >= begins]
    unit = calendar.unit_of(periods.index[0])
    names = [calendar.label_of(day, unit) for day in closed["closed_at"]]
    closed = closed.assign(period=names).reindex(columns=["opportunity_id", "amount", *columns])
    closed = closed.assign(part=CLOSED, stream=PIPELINE)
    for first in range(0, len(closed), _AT_ONCE):
        rows = closed[first : first + _AT_ONCE]
        amounts = rows["amount"].to_numpy(float)[:, None]
        yield _within(Draws(rows, np.broadcast_to(amounts, (len(rows), cells.n))), periods)
    if forecast.pipeline is None:
        return
    still = sorted(set(forecast.pipeline.deals["opportunity_id"]) & set(ids))
    for first in range(0, len(still), _AT_ONCE):
        yield _within(deal_draws(forecast.pipeline, still[first : first + _AT_ONCE]), periods)


def _within(own: Draws, periods: pd.DataFrame) -> Draws:
    """Those in the periods, with the quarters that these lie in."""
    inside = own.cells["period"].isin(periods.index)
    rows = own.cells[inside]
    if "quarter" in periods:
        rows = rows.assign(quarter=rows["period"].map(periods["quarter"]))
    return Draws(rows, own.values[inside])


def _parts(own: Draws, splits: pd.DataFrame, columns: list[str]) -> Draws:
    """The shares of deals, added up by the columns."""
    rows = own.cells.drop(columns=OWNER, errors="ignore").assign(_row=np.arange(len(own.cells)))
    rows = rows.merge(splits[["opportunity_id", OWNER, "share"]], on="opportunity_id")
    values = own.values[rows["_row"].to_numpy()] * rows["share"].to_numpy(float)[:, None]
    return Draws(rows.reindex(columns=columns), values).total(columns)


def _added_up(parts: list[Draws], columns: list[str]) -> Draws:
    """All parts by the columns; what was taken away whole leaves exactly nothing."""
    there = [part for part in parts if len(part.cells)]
    if not there:
        return parts[0]
    cells = pd.concat([part.cells for part in there], ignore_index=True)
    whole = Draws(cells, np.concatenate([part.values for part in there])).total(columns)
    return Draws(whole.cells, np.round(whole.values, _DECIMALS) + 0.0)
