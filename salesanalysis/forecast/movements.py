"""What moved the expected revenue of a period between two forecasts: a waterfall that adds up."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from salesanalysis.columns import PIPELINE
from salesanalysis.forecast.draws import NEW_DEALS

if TYPE_CHECKING:
    from salesanalysis.forecast.company_forecast import Forecast


def movements(previous: "Forecast", now: "Forecast", period: str) -> pd.DataFrame:
    """The expected revenue of one period, from an earlier forecast to a later one.

    Every deal is in one line only, but for open ones, whose amount and odds are told apart. Of a
    deal that was open then:

    - ``won``: what it brought, less what was expected of it; ``lost``: what was expected (cancelled
      and vanished deals too),
    - still open: ``amount_up, amount_down`` at the odds of then; ``moved_in, moved_out``: the
      change of its odds to be won in the period, at the amount of now.

    ``new``: deals created since, open or won. ``corrected``: deals won before whose amount or
    outcome is another now. ``not_yet_created``: the change in what deals still to be created are
    expected to bring. ``outside_pipeline``: streams, what came and what is to come. ``simulation``:
    the forecasts are means of draws; this is how far these are from the sums over deals.

    Parameters
    ----------
    previous, now : Forecast
        Both must cover the period.
    period : str
        Such as ``2025-Q4``.

    Returns
    -------
    DataFrame
        One row per line: ``movement, kind`` (``start, change, end``), ``deals`` (missing where a
        line is not about deals), ``amount``. Start and changes add up to the end.

    References
    ----------
    Sales-system source, §7.
    """
    then, later = _by_deal(previous, period), _by_deal(now, period)
    both = then.add_suffix("_then").join(later.add_suffix("_now"), how="outer")
    numbers = ["expected_then", "expected_now", "won_then", "won_now"]
    both[numbers] = both[numbers].fillna(0.0)
    was_open, is_open = both["chance_then"].notna(), both["chance_now"].notna()
    is_won = ~is_open & (both["won_now"] != 0)
    change = both["expected_now"] + both["won_now"] - both["expected_then"] - both["won_then"]
    at_odds_then = _amount_change(both)

    still = was_open & is_open
    sizes = at_odds_then.where(still, 0.0)
    odds = (change - sizes).where(still, 0.0)
    created = ~was_open & (both["won_then"] == 0) & (is_open | is_won)
    lines = {
        "new": change.where(created),
        "amount_up": sizes.where(still & (sizes > 0)),
        "amount_down": sizes.where(still & (sizes < 0)),
        "moved_in": odds.where(still & (odds > 0)),
        "moved_out": odds.where(still & (odds < 0)),
        "won": change.where(was_open & is_won),
        "lost": change.where(was_open & ~is_open & ~is_won),
        "corrected": change.where(~was_open & (both["won_then"] != 0) & (change.abs() > 1e-9)),
    }
    rows = [
        {"movement": name, "kind": "change", "deals": int(line.notna().sum()), "amount": line.sum()}
        for name, line in lines.items()
    ]
    start, end = (_mean(forecast, period) for forecast in (previous, now))
    coming = {"stream": PIPELINE, "part": NEW_DEALS}
    moved = {
        "not_yet_created": _mean(now, period, **coming) - _mean(previous, period, **coming),
        "outside_pipeline": _outside(now, period) - _outside(previous, period),
    }
    rows += [
        {"movement": name, "kind": "change", "deals": np.nan, "amount": amount}
        for name, amount in moved.items()
    ]
    rest = end - start - sum(row["amount"] for row in rows)
    rows.append({"movement": "simulation", "kind": "change", "deals": np.nan, "amount": rest})
    ends = [
        {"movement": kind, "kind": kind, "deals": np.nan, "amount": amount}
        for kind, amount in (("start", start), ("end", end))
    ]
    return pd.DataFrame([ends[0], *rows, ends[1]]).astype({"deals": "Int64"})


def _by_deal(forecast: "Forecast", period: str) -> pd.DataFrame:
    """Of each deal: chance and expected amount while open, amount where won in the period."""
    deals = forecast.deals
    inside = np.array(
        [forecast.calendar.lies_in(name, period) for name in deals["period"]], dtype=bool
    )
    # A deal that cannot be won in the period any more is open all the same.
    own = deals.assign(
        chance=deals["probability"].where(inside, 0.0),
        expected=deals["expected_amount"].where(inside, 0.0),
    )
    table = own.groupby("opportunity_id")[["chance", "expected"]].sum()
    start, end = forecast.calendar.bounds_of(period)
    won = forecast.closed[forecast.closed["opportunity_id"].notna()]
    won = won[(won["closed_at"] >= start) & (won["closed_at"] < end)]
    amounts = won.groupby("opportunity_id")["amount"].sum().rename("won")
    return table.join(amounts, how="outer")


def _amount_change(both: pd.DataFrame) -> pd.Series:
    """What the change of a deal's amount is worth at the odds of then."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size_then = both["expected_then"] / both["chance_then"]
        size_now = both["expected_now"] / both["chance_now"]
    moved = both["chance_then"] * (size_now - size_then)
    # Equal amounts, each taken from a product with its odds, differ by rounding.
    return moved.where(np.isfinite(moved) & ~np.isclose(size_now, size_then, rtol=1e-9), 0.0)


def _mean(forecast: "Forecast", period: str, **labels) -> float:
    """The mean of the cells of the period that have the labels."""
    return float(forecast.within(period).where(**labels).values.sum(axis=0).mean())


def _outside(forecast: "Forecast", period: str) -> float:
    """The mean of the streams outside the pipeline."""
    cells = forecast.within(period)
    others = sorted(set(cells.cells["stream"]) - {PIPELINE})
    return float(cells.where(stream=others).values.sum(axis=0).mean())
