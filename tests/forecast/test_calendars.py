"""The company's calendar: targets, streams and the season of quarter ends follow it."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import forecast, reduce
from salesanalysis.known import KnownPipeline
from salesanalysis.periods import PLAIN, Calendar

OWN = Calendar(first_month=2)
RETAIL = Calendar(first_month=2, weeks="4-5-4", ends_on="saturday")
AS_OF = "2025-11-15"


def hurried(calendar: Calendar) -> pd.DataFrame:
    """Deals of a company most of which close in the last days of its own quarters."""
    rng = np.random.default_rng(2)
    rows = []
    for day in pd.date_range("2024-01-01", AS_OF):
        for _ in range(rng.poisson(1.5)):
            closed = day + pd.Timedelta(days=int(rng.gamma(2, 15)) + 1)
            if rng.random() < 0.6:
                end = calendar.bounds_of(calendar.label_of(closed, "quarter"))[1]
                closed = max(day, end - pd.Timedelta(days=int(rng.integers(1, 12))))
            rows.append((day, closed, "won" if rng.random() < 0.5 else "lost"))
    deals = pd.DataFrame(rows, columns=["created_at", "closed_at", "outcome"])
    ids = [f"d{n:05}" for n in range(len(deals))]
    return deals.assign(opportunity_id=ids, amount=100.0)


@pytest.mark.parametrize("calendar", [OWN, RETAIL])
def test_the_season_of_quarter_ends_is_that_of_the_own_quarters(calendar):
    deals, ends = hurried(calendar), {}
    for name, told in (("own", calendar), ("plain", PLAIN)):
        known = KnownPipeline(as_of=AS_OF, deals=deals, latest="2026-06-30", calendar=told)
        rests = forecast.pipeline(known, periods="1 month", draws=50).assumptions
        ends[name] = float(rests.set_index("name")["value"]["quarter_end"])
    assert ends["own"] > 1.8
    assert ends["plain"] < 1.1


@pytest.mark.parametrize("calendar", [OWN, RETAIL])
def test_targets_and_streams_of_the_own_quarters_meet(calendar):
    days = pd.date_range("2023-01-02", AS_OF, freq="2D")
    booked = pd.DataFrame({"booked_at": days, "stream": "channel", "amount": 10.0})
    quarter = calendar.quarter_ahead(AS_OF)
    year = calendar.label_of(AS_OF, "year")
    start, end = calendar.bounds_of(quarter)
    for targets, expected in [
        ({"period": [quarter], "target": [500.0]}, 500.0),
        ({"period": [year], "target": [2000.0]}, 500.0),
    ]:
        goals = pd.DataFrame(targets | {"stream": "channel"})
        tables = {"bookings": booked, "stream_targets": goals}
        asked = {"as_of": AS_OF, "since": "2025-01-01", "calendar": calendar}
        known = reduce.forecast.known(tables, **asked)
        landing = forecast.forecast_as_of(known, draws=400)
        row = landing.against_targets().iloc[0]
        assert landing.period == quarter
        assert row["target"] == pytest.approx(expected, rel=0.03)
        assert row["closed"] == 10.0 * ((days >= start) & (days < end)).sum()
        assert row["q50"] == pytest.approx(10.0 * (end - start).days / 2, rel=0.1)
