"""The CRM's weighted pipeline: against naive loops, and what it says of its past."""

import pandas as pd
import pytest
from told import said

from salesanalysis import datasets, forecast, reduce
from salesanalysis.datasets.bookings import revenue
from salesanalysis.periods import PLAIN, Calendar

AS_OF = pd.Timestamp("2025-12-10")


@pytest.fixture(scope="module")
def tables():
    return datasets.company(seed=7, deals=150, reps=4).tables | revenue(seed=7).tables


def test_the_weighted_pipeline_is_that_of_a_loop_over_the_open_deals(tables):
    known = reduce.forecast.known(tables, as_of=AS_OF, since="2025-10-01")
    landing = forecast.forecast_as_of(known, period="2025-Q4", draws=100)
    (row,) = forecast.weighted_pipeline(landing).to_dict("records")
    amounts = landing.open_deals().set_index("opportunity_id")["amount"]
    due, worth = 0, 0.0
    for call in known.calls.itertuples():
        expected = call.expected_close_at
        in_rest = pd.Timestamp("2025-12-11") <= expected < pd.Timestamp("2026-01-01")
        if in_rest and pd.notna(call.probability) and call.opportunity_id in amounts:
            due, worth = due + 1, worth + call.probability * amounts[call.opportunity_id]
    assert due > 0
    assert row["due_deals"] == due
    assert row["weighted"] == pytest.approx(row["closed"] + worth)
    assert row["q10"] <= row["q50"] <= row["q90"]


@pytest.mark.parametrize("calendar", [PLAIN, Calendar(first_month=2)])
def test_what_was_promised_on_past_days_is_held_against_what_came(tables, calendar):
    asked = {"as_of": AS_OF, "since": "2025-10-01", "calendar": calendar}
    of_deals = {name: tables[name] for name in ("opportunities", "stage_history", "snapshots")}
    found = forecast.weighted_past(reduce.forecast.known(of_deals, **asked))
    kept, deals = tables["snapshots"], tables["opportunities"]
    expected = []
    for at in sorted(kept["taken_at"].unique()):
        quarter = calendar.label_of(at + pd.Timedelta(days=1), "quarter")
        until = min(calendar.bounds_of(quarter)[1] - pd.Timedelta(days=1), AS_OF)
        if (until - at).days < 14:
            continue
        due = kept[(kept["taken_at"] == at) & (kept["expected_close_at"] > at)]
        due = due[due["expected_close_at"] <= until]
        won = deals[(deals["outcome"] == "won") & (deals["closed_at"] > at)]
        came = won.loc[won["closed_at"] < until + pd.Timedelta(days=1), "amount"].sum()
        expected.append([at, until, (due["amount"] * due["probability"]).sum(), came])
    assert len(expected) >= 2
    assert found.values.tolist() == [[*row[:2], *map(pytest.approx, row[2:])] for row in expected]


def test_what_the_crm_adds_up_is_said_with_its_past(tables):
    asked = {"since": "2025-10-01"}
    for as_of, names in [(AS_OF, ["beside", "past"]), ("2025-10-05", ["beside", "no_past"])]:
        known = reduce.forecast.known(tables, as_of=as_of, **asked)
        landing = forecast.forecast_as_of(known, period="2025-Q4", draws=50)
        beside = forecast.weighted_pipeline(landing)
        assert (
            list(
                said("forecast", forecast.weighted_findings(beside, forecast.weighted_past(known)))
            )
            == names
        )
    without = {name: table for name, table in tables.items() if name != "snapshots"}
    known = reduce.forecast.known(without, as_of="2025-10-05", **asked)
    landing = forecast.forecast_as_of(known, period="2025-Q4", draws=50)
    assert (
        forecast.weighted_findings(
            forecast.weighted_pipeline(landing), forecast.weighted_past(known)
        )
        == []
    )
