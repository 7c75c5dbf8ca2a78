"""What the pipeline forecast takes: the deals as they were on a day, on every engine alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, forecast, reduce
from salesanalysis.datasets.bookings import revenue


def deal_list(**columns) -> pd.DataFrame:
    table = {
        "opportunity_id": ["a", "b", "c", "d"],
        "outcome": ["won", "lost", "open", "open"],
        "created_at": pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-20", "2025-03-01"]),
        "closed_at": pd.to_datetime(["2025-01-15", "2025-02-15", None, None]),
        "amount": [10.0, 20.0, 30.0, 40.0],
    }
    return pd.DataFrame(table | columns)


def history(**columns) -> pd.DataFrame:
    table = {
        "opportunity_id": ["a", "a", "b", "c", "c", "a"],
        "stage": ["lead", "offer", "lead", "lead", "offer", "signed"],
        "entered_at": pd.to_datetime(
            ["2025-01-01", "2025-01-10", "2025-01-05", "2025-01-20", "2025-02-20", "2025-01-15"]
        ),
        "amount": [5.0, 8.0, 20.0, 25.0, 33.0, 10.0],
    }
    return pd.DataFrame(table | columns)


def test_deals_are_as_they_were_on_the_day():
    frames = reduce.forecast.pipeline(deal_list(), history(), as_of="2025-01-31")
    deals = frames.deals.set_index("opportunity_id")
    assert deals["outcome"].to_dict() == {"a": "won", "b": "open", "c": "open"}
    assert deals["closed_at"].notna().tolist() == [True, False, False]
    assert deals.loc["c", "amount"] == 25.0  # 33 from February on
    entries = frames.stage_entries
    assert entries["entered_at"].max() == pd.Timestamp("2025-01-20")
    assert entries["entered_at"].is_monotonic_increasing
    assert frames.as_of == pd.Timestamp("2025-01-31 23:59:59.999999")


def test_stages_that_count_are_those_given_or_all_but_the_exits():
    every = reduce.forecast.pipeline(deal_list(), history(), as_of="2025-03-31")
    assert set(every.stage_entries["stage"]) == {"lead", "offer", "signed"}
    known = {"exits": {"won": "signed"}, "as_of": "2025-03-31"}
    without = reduce.forecast.pipeline(deal_list(), history(), **known)
    assert set(without.stage_entries["stage"]) == {"lead", "offer"}
    chosen = reduce.forecast.pipeline(deal_list(), history(), stages=["offer"], **known)
    assert set(chosen.stage_entries["stage"]) == {"offer"}


def test_a_history_alone_says_what_the_deals_are():
    exits = {"won": "signed"}
    frames = reduce.forecast.pipeline(stage_history=history(), exits=exits, as_of="2025-03-31")
    deals = frames.deals.set_index("opportunity_id")
    assert deals["outcome"].to_dict() == {"a": "won", "b": "open", "c": "open"}
    assert deals.loc["a", "amount"] == 10.0


def test_without_a_history_there_are_no_stages():
    frames = reduce.forecast.pipeline(deal_list(), as_of="2025-01-31", by=[])
    assert frames.stage_entries.empty
    assert list(frames.stage_entries) == ["opportunity_id", "stage", "entered_at", "amount"]


def test_amounts_that_come_with_the_closing_are_not_known_before():
    late = deal_list(amount=[10.0, 20.0, None, 0.0])
    before = reduce.forecast.pipeline(late, as_of="2025-02-01").deals
    assert before["amount"].isna().tolist() == [False, True, True]
    # Where open deals have amounts, these are known from the beginning.
    always = reduce.forecast.pipeline(deal_list(), as_of="2025-02-01").deals
    assert always["amount"].tolist() == [10.0, 20.0, 30.0]


def test_what_the_forecast_can_use_is_carried_along():
    table = deal_list(must_win=[True, False, True, False], list_price=[9.0] * 4, region="East")
    frames = reduce.forecast.pipeline(table, as_of="2025-01-31", by="region")
    assert list(frames.deals) == [
        *("opportunity_id", "outcome", "created_at", "closed_at", "amount", "age_days"),
        *("region", "list_price", "must_win"),
    ]


def test_a_deal_without_a_date_began_with_its_first_stage():
    undated = deal_list()
    undated.loc[2, "created_at"] = pd.NaT
    frames = reduce.forecast.pipeline(undated, history(), as_of="2025-01-31")
    created = frames.deals.set_index("opportunity_id")["created_at"]
    assert created["c"] == pd.Timestamp("2025-01-20")


def test_ibis_tables_and_frames_give_the_same():
    import ibis

    made = datasets.company(seed=1, deals=200).tables
    names = ("opportunities", "stage_history")
    frames = reduce.forecast.pipeline(*(made[n] for n in names), as_of="2025-06-30", by="region")
    con = ibis.duckdb.connect()
    tables = [con.create_table(name, made[name]) for name in names]
    other = reduce.forecast.pipeline(*tables, as_of="2025-06-30", by="region")
    pd.testing.assert_frame_equal(frames.deals, other.deals)
    pd.testing.assert_frame_equal(frames.stage_entries, other.stage_entries)


def test_what_cannot_be_used_is_refused():
    with pytest.raises(SalesAnalysisError, match="`currency` of `opportunities` holds EUR, USD"):
        reduce.forecast.pipeline(
            deal_list(currency=["USD", "EUR", None, "USD"]), as_of="2025-01-31"
        )
    with pytest.raises(SalesAnalysisError, match="no column `regoin`"):
        reduce.forecast.pipeline(deal_list(region="x"), as_of="2025-01-31", by="regoin")
    with pytest.raises(SalesAnalysisError, match="`stage_history` has no column `entered_at`"):
        reduce.forecast.pipeline(
            deal_list(), history().drop(columns="entered_at"), as_of="2025-01-31"
        )


@pytest.mark.parametrize("stream", [None, "all", "Total", "全部", "missing", "direct"])
def test_totals_by_month_are_a_series_whatever_their_stream_is_called(stream):
    days = pd.date_range("2023-01-01", "2025-10-01", freq="MS")
    booked = pd.DataFrame({"booked_at": days, "amount": np.arange(len(days)) % 5 + 100.0})
    if stream:
        booked["stream"] = None if stream == "missing" else stream
    asked = {"as_of": "2025-10-31", "since": "2025-01-01"}
    known = reduce.forecast.known({"bookings": booked}, **asked)
    name = "direct" if stream == "direct" else "other"
    assert set(known.bookings["stream"]) == set(known.closed["stream"]) == {name}
    landing = forecast.forecast_as_of(known, period="2025-Q4", draws=200)
    (found,) = forecast.parts_findings(landing.parts())
    assert found.values["closed"] == booked["amount"].iloc[-1]


def test_a_total_of_streams_beside_single_ones_is_refused():
    booked = pd.DataFrame({"booked_at": pd.to_datetime(["2025-10-01"] * 2),
                           "stream": ["all", "direct"], "amount": 1.0})  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="the stream 'all' beside single streams"):
        reduce.forecast.bookings(booked, as_of="2025-10-31")


@pytest.mark.parametrize("booked_too", [False, True])
def test_contracts_already_renewed_in_the_period_are_in_once(booked_too):
    """Nine contracts renewed in the quarter, one in the quarter before, one not yet."""
    renewed = pd.to_datetime(["2025-09-20", *[f"2025-10-{day:02}" for day in range(1, 10)], None])
    contracts = pd.DataFrame({
        "contract_id": [f"C{n}" for n in range(11)], "amount": np.arange(11) + 100.0,
        "ends_at": pd.to_datetime(["2025-10-31"] * 10 + ["2025-11-30"]),
        "renewed_at": renewed})  # fmt: skip
    tables = {"contracts": contracts}
    if booked_too:
        booked = contracts.dropna(subset=["renewed_at"]).rename(columns={"renewed_at": "booked_at"})
        tables["bookings"] = booked.assign(stream="renewal")
    known = reduce.forecast.known(tables, as_of="2025-11-15", since="2025-10-01")
    landing = forecast.forecast_as_of(known, period="2025-Q4", draws=200)
    parts = landing.parts().set_index(["stream", "part"])
    assert parts.loc[("renewal", "closed"), "mean"] == contracts["amount"].iloc[1:10].sum()
    then = forecast.forecast_as_of(known.on("2025-10-05"), period="2025-Q4", draws=200)
    before = then.parts().set_index(["stream", "part"])
    assert before.loc[("renewal", "closed"), "mean"] == contracts["amount"].iloc[1:6].sum()


@pytest.mark.parametrize(
    ("more", "brought"),
    [
        ({}, [100.0, 200.0]),
        ({"renewed_amount": [110.0, None, None]}, [110.0, 200.0]),
        ({"renews": [None, None, "C1"]}, [100.0, 250.0]),
        ({"renewed_amount": [110.0, 240.0, None], "renews": [None, None, "C1"]}, [110.0, 240.0]),
    ],
)
def test_a_renewed_contract_is_in_with_the_amount_of_the_new_one(more, brought):
    contracts = pd.DataFrame({
        "contract_id": ["C0", "C1", "C2"], "amount": [100.0, 200.0, 250.0],
        "ends_at": pd.to_datetime(["2025-10-31", "2025-10-31", "2026-10-31"]),
        "renewed_at": pd.to_datetime(["2025-10-20", "2025-10-21", None]), **more})  # fmt: skip
    asked = {"as_of": "2025-11-15", "since": "2025-10-01"}
    in_already = reduce.forecast.known({"contracts": contracts}, **asked).closed
    assert in_already["amount"].tolist() == brought
    found = reduce.forecast.checks(contracts=contracts, as_of="2025-11-15").table
    old = found.set_index("check").loc["renewed_at_old_amount"]
    assert (old["n"], old["rows"]) == (
        2,
        sum(a == b for a, b in zip(brought, [100.0, 200.0], strict=True)),
    )


@pytest.mark.parametrize(
    ("table", "column"),
    [("targets", "target"), ("calls", "owner_call"), ("contracts", "ends_at"),
     ("closed", "stream")],
)  # fmt: skip
def test_a_column_that_a_forecast_needs_is_missed_before_anything_is_computed(
    monkeypatch, table, column
):
    made = datasets.company(seed=7, deals=60, reps=4)
    tables = made.tables | revenue(seed=7).tables
    known = reduce.forecast.known(tables, as_of="2025-11-15", since="2025-10-01")
    known = replace(known, **{table: getattr(known, table).drop(columns=column)})

    def computed(*_, **__):
        raise AssertionError("computed before the table was looked at")

    monkeypatch.setattr("salesanalysis.forecast.past_forecasts.from_history", computed)
    monkeypatch.setattr("salesanalysis.forecast.past_forecasts.series", computed)
    with pytest.raises(SalesAnalysisError, match=f"`known.{table}`.*`?{column}"):
        forecast.forecast_as_of(known, period="2025-Q4", draws=20)


@pytest.mark.parametrize("weekday", ["MON", "FRI", "SUN"])
def test_totals_of_weeks_fill_months_by_their_days(weekday):
    weeks = pd.date_range("2024-01-01", "2025-11-16", freq=f"W-{weekday}")
    booked = pd.DataFrame({"booked_at": weeks, "amount": 7000.0})
    known = reduce.forecast.known({"bookings": booked}, as_of="2025-11-16", since="2025-10-01")
    whole = known.bookings[known.bookings["period"].between("2024-02", "2025-10")]
    days = pd.PeriodIndex(whole["period"], freq="M").days_in_month
    assert whole["amount"].tolist() == pytest.approx((1000.0 * days).tolist())
    last = weeks[-1] if weekday != "MON" else pd.Timestamp("2025-11-16")
    in_already = 1000.0 * ((last - pd.Timestamp("2025-10-01")).days + 1)
    assert known.closed["amount"].sum() == pytest.approx(in_already)
    landing = forecast.forecast_as_of(known, period="2025-Q4", draws=500)
    assert landing.against_targets()["q50"].iloc[0] == pytest.approx(92_000, rel=0.03)
    assert reduce.forecast.weekly_totals(booked)


@pytest.mark.parametrize(
    "days",
    [
        pd.date_range("2025-01-01", "2025-11-01", freq="MS"),  # totals of months
        pd.date_range("2025-01-06", periods=5, freq="W-MON"),  # too few
        pd.date_range("2025-01-06", periods=14, freq="21D"),  # now and then on a Monday
        pd.date_range("2025-01-08", periods=20, freq="7D"),  # of a week that nobody can name
        pd.date_range("2025-01-06", periods=90, freq="D"),
    ],
)
def test_other_bookings_are_left_as_they_are(days):
    booked = pd.DataFrame({"booked_at": days, "amount": 10.0})
    assert not reduce.forecast.weekly_totals(booked)
    known = reduce.forecast.known({"bookings": booked}, as_of="2025-11-16", since="2025-01-01")
    assert known.closed["closed_at"].tolist() == days.tolist()


def test_a_week_is_forecast_by_week_against_its_target():
    weeks = pd.date_range("2024-01-01", "2025-11-16", freq="W-MON")
    booked = pd.DataFrame({"booked_at": weeks, "amount": 7000.0, "stream": "channel"})
    goals = pd.DataFrame({"period": ["2025-W46", "2025-W47"], "target": [6000.0, 8000.0],
                          "stream": "channel"})  # fmt: skip
    tables = {"bookings": booked, "stream_targets": goals}
    asked = {"as_of": "2025-11-16", "since": "2025-10-01", "unit": "week"}
    known = reduce.forecast.known(tables, **asked)
    row = forecast.forecast_as_of(known, period="2025-W47", draws=500).against_targets().iloc[0]
    assert row["target"] == 8000.0
    assert row["q50"] == pytest.approx(7000.0, rel=0.05)
