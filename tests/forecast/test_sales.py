"""Sales by month beside the targets of their quarters, against sums by hand."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forecast
from salesanalysis.findings import Finding
from salesanalysis.known import KnownForecast


def landing(**changed):
    """Bookings of two streams in 2025, targets for one of them in three quarters, one for both."""
    months = [f"2025-{number:02}" for number in range(1, 11)]
    booked = pd.DataFrame({
        "stream": ["channel"] * 10 + ["inbound"] * 10, "period": months * 2,
        "amount": [100.0 + n for n in range(10)] + [10.0] * 10,
    })  # fmt: skip
    paid_at = pd.to_datetime(booked["period"]) + pd.Timedelta(days=9)
    closed = booked.assign(closed_at=paid_at, opportunity_id=None)
    goals = pd.DataFrame({
        "period": ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2025-Q4"],
        "stream": ["channel"] * 4 + ["inbound"], "target": [404.0, 300.0, 630.0, 300.0, 30.0],
    })  # fmt: skip
    settings = {"as_of": "2025-10-31", "bookings": booked, "closed": closed, "targets": goals}
    known = KnownForecast(**settings | changed)
    streams = [forecast.series(known, horizon=2)]
    return forecast.combine(known, period="2025-Q4", streams=streams)


def test_months_add_up_to_quarters_of_the_streams_that_have_a_target():
    whole = landing()
    table = forecast.sales_by_month(whole)
    assert table["month"].tolist() == [f"2025-{number:02}" for number in range(1, 13)]
    assert table["closed"].tolist()[:4] == [100, 101, 102, 103], "inbound has no target in Q1"
    assert table["closed"].tolist()[9:] == [119, 0, 0], "in Q4 it has"
    quarters = table.drop_duplicates("quarter").set_index("quarter")
    assert quarters["quarter_closed"].tolist() == [303, 312, 321, 119]
    assert quarters["target"].tolist() == [404, 300, 630, 330]
    assert table["q50"].notna().tolist() == [False] * 10 + [True] * 2
    ahead = table.iloc[10:]
    assert (ahead["q10"] < ahead["q50"]).all() and (ahead["q50"] < ahead["q90"]).all()
    own = whole.summary(within="2025-11", quantiles=[0.1, 0.5, 0.9], by=())
    assert (
        own[["q10", "q50", "q90"]].iloc[0].tolist() == ahead[["q10", "q50", "q90"]].iloc[0].tolist()
    )
    assert quarters["quarter_q50"].iloc[3] == whole.against_targets()["q50"].iloc[0]
    assert quarters["quarter_q50"].isna().tolist() == [True] * 3 + [False]


def test_a_quarter_that_is_known_in_part_has_no_row():
    later = landing().closed
    later = later[later["closed_at"] >= "2025-05-01"]
    table = forecast.sales_by_month(landing(closed=later))
    assert table["quarter"].unique().tolist() == ["2025-Q3", "2025-Q4"]
    assert forecast.sales_by_month(landing(), quarters=1)["quarter"].unique().tolist() == [
        "2025-Q4"
    ]
    with pytest.raises(SalesAnalysisError, match="`quarters` is 0"):
        forecast.sales_by_month(landing(), quarters=0)


def test_without_targets_all_streams_count():
    table = forecast.sales_by_month(landing(targets=None))
    assert table["target"].isna().all()
    assert table["closed"].iloc[0] == 110
    assert forecast.sales_findings(table) == []


def test_what_is_said_of_the_quarters_that_are_over():
    table = forecast.sales_by_month(landing())
    (said,) = forecast.sales_findings(table)
    assert (said.kind, said.name) == ("sales", "missed")
    assert said.values["missed"] == 2 and said.values["quarters"] == 3
    gaps = (said.values["least"], said.values["most"])
    assert gaps == pytest.approx((1 - 303 / 404, 1 - 321 / 630))
    one = forecast.sales_findings(table[table["quarter"] > "2025-Q1"])
    assert one == [Finding("sales", "one_missed", {"quarters": 2, "gap": 1 - 321 / 630})]
    met = forecast.sales_findings(table[table["quarter"] == "2025-Q2"])
    assert met == [Finding("sales", "all_met", {"quarters": 1})]
    ahead = table[table["quarter"] == "2025-Q4"]
    assert forecast.sales_findings(ahead) == [] and np.isfinite(ahead["target"]).all()
