"""Recognised revenue: against a loop over single rows; nothing of later days; sums that differ."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, forecast, periods, reduce, sources
from salesanalysis.datasets import bookings as made_up

STEPS = {"as_of": "2025-11-15", "since": "2025-10-01"}
DEALS = [("won", "won", "2025-03-01", "2025-10-20", 300.0),
         ("later", "won", "2025-03-01", "2025-12-05", 500.0),
         ("lost", "lost", "2025-03-01", "2025-10-02", 70.0),
         ("open", "open", "2025-04-01", None, 900.0),
         ("unborn", "open", "2025-12-01", None, 40.0)]  # fmt: skip


def known_of(rows, *, contracts=(), deals=DEALS, **more):
    """What is known of a schedule (contract, deal, month, amount), contracts and deals."""
    listed = pd.DataFrame(
        deals, columns=["opportunity_id", "outcome", "created_at", "closed_at", "amount"]
    )
    listed = listed.astype({"created_at": "datetime64[us]", "closed_at": "datetime64[us]"})
    plan = pd.DataFrame(rows, columns=["contract_id", "opportunity_id", "period", "amount"])
    sold = pd.DataFrame(contracts, columns=["contract_id", "amount"])
    sold = sold.assign(ends_at=pd.Timestamp("2026-12-31"))
    tables = {"opportunities": listed, "schedule": plan, "contracts": sold}
    return reduce.forecast.known(tables, **STEPS | more)


def test_months_are_those_of_a_loop_over_single_rows():
    rng = np.random.default_rng(0)
    names = ["2025-09", *PLAIN_MONTHS, "2026-04"]
    owners = [*(("C1", None), ("C2", "won")), *((None, deal[0]) for deal in DEALS), (None, "who")]
    rows = [(*owners[rng.integers(len(owners))], names[rng.integers(len(names))], float(amount))
            for amount in rng.integers(1, 100, 400)]  # fmt: skip
    found = forecast.recognised(known_of(rows), period="2025-Q4").set_index("month")
    assert found.index.tolist() == [*PLAIN_MONTHS, "2026-04"]
    expected = {(name, kind): 0.0 for name in found.index for kind in ("recognised", "if_won")}
    for contract, deal, month, amount in rows:
        kind = "recognised" if contract or deal == "won" else ""
        kind = "if_won" if not contract and deal in ("open", "later") else kind
        if (month, kind) in expected:
            expected[month, kind] += amount
    assert {key: found.loc[key] for key in expected} == pytest.approx(expected)
    assert found["in_period"].tolist() == [True] * 3 + [False] * 4
    assert found["booked"].iloc[:2].tolist() == [300.0, 0.0] and found["booked"][2:].isna().all()


PLAIN_MONTHS = ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]


def test_what_becomes_of_deals_later_changes_nothing():
    rows = [(None, deal[0], "2025-12", 10.0) for deal in DEALS]
    other = [
        (
            name,
            outcome if closed and closed < "2025-11-16" else "lost",
            created,
            closed or "2025-12-20",
            amount,
        )
        for name, outcome, created, closed, amount in DEALS
    ]
    before, after = (
        forecast.recognised(known_of(rows, deals=deals), period="2025-Q4")
        for deals in (DEALS, other)
    )
    pd.testing.assert_frame_equal(before, after)
    earlier = forecast.recognised(known_of(rows).on("2025-10-10"), period="2025-Q4")
    assert earlier.loc[2, ["recognised", "if_won"]].tolist() == [0.0, 30.0]


def test_a_schedule_that_does_not_add_up_is_said_with_its_contract():
    thirds = [("C1", None, month, 33.33) for month in PLAIN_MONTHS[:3]]
    rows = [*thirds, ("C2", None, "2025-10", 200.0), (None, "won", "2025-10", 120.0),
            (None, "later", "2025-10", 1.0), ("C9", None, "2025-10", 1.0)]  # fmt: skip
    known = known_of(rows, contracts=[("C1", 100.0), ("C2", 240.0), ("C3", 7.0)])
    found = forecast.schedule_differs(known)
    assert found["opportunity_id"].tolist()[0] == "won" and found["contract_id"].tolist()[1] == "C2"
    assert found["difference"].tolist() == [-180.0, -40.0]
    months = forecast.recognised(known, period="2025-Q4")
    told = forecast.recognised_findings(months, found, period="2025-Q4")
    assert [each.name for each in told] == ["scheduled", "if_won", "contract_differs",
                                            "deal_differs"]  # fmt: skip
    assert told[0].values["recognised"] == pytest.approx(100 - 0.01 + 200 + 120 + 1)
    assert told[2].values == {
        "contracts": 1, "contract_id": "C2", "amount": 240.0, "scheduled": 200.0
    }  # fmt: skip


def test_recognised_revenue_is_added_to_no_forecast():
    tables = made_up.revenue(seed=7).tables
    sold = tables["contracts"][["contract_id"]].assign(period="2025-12", amount=1e9)
    look = {"as_of": "2025-11-15", "since": "2025-10-01"}
    for day in (tables, tables | {"schedule": sold}):
        known = reduce.forecast.known(day, **look)
        landing = forecast.forecast_as_of(known, period="2025-Q4", draws=50)
        assert landing.against_targets()["q90"].max() < 1e8


def test_days_are_months_of_the_companys_calendar_and_months_come_first():
    plan = pd.DataFrame({"opportunity_id": ["a", "a", "b"], "amount": [1.0, 2.0, 4.0],
                         "at": pd.to_datetime(["2025-09-29", "2025-10-05", "2025-10-01"]),
                         "period": [None, None, "2025-12"]})  # fmt: skip
    plain = reduce.forecast.schedule(plan)
    assert plain[["month", "amount"]].to_numpy().tolist() == [
        ["2025-09", 1.0], ["2025-10", 2.0], ["2025-12", 4.0]]  # fmt: skip
    weeks = periods.calendar({"first_month": 1, "weeks": "4-4-5"})
    own = reduce.forecast.schedule(plan.drop(columns="period"), calendar=weeks)
    name = weeks.label_of("2025-10-05", "month")  # it begins on September 28
    assert own[["month", "amount"]].to_numpy().tolist() == [[name, 3.0], [name, 4.0]]


def test_what_cannot_be_used_is_counted_and_what_is_no_schedule_refused():
    rows = {
        "contract_id": ["C1", None, "C1", "C8"],
        "opportunity_id": [None, "x", None, None],
        "period": ["2025-11", "2025-11", None, "2025-11"],
        "amount": [1.0, 1.0, 1.0, None],
    }
    deals, sold = pd.DataFrame({"opportunity_id": ["a"]}), pd.DataFrame({"contract_id": ["C1"]})
    plan = pd.DataFrame(rows)
    found = reduce.forecast.schedule_checks(plan, deals, sold)
    assert len(found.rows_of("schedule_incomplete")) == 2
    assert found.rows_of("schedule_of_unknown_deals")["opportunity_id"].tolist() == ["x"]
    assert found.rows_of("schedule_of_unknown_contracts")["contract_id"].tolist() == ["C8"]
    assert reduce.forecast.schedule_checks(None, deals, sold).every == []
    with pytest.raises(SalesAnalysisError, match="'2025-Q4' in 3 rows; expected months such as"):
        reduce.forecast.schedule(plan.assign(period="2025-Q4", amount=1.0))
    with pytest.raises(SalesAnalysisError, match="neither `period` nor `at`"):
        reduce.forecast.schedule(plan.drop(columns="period"))
    assert len(reduce.forecast.schedule(plan.drop(columns="contract_id"))) == 1


def test_a_schedule_in_other_currencies_is_refused_or_converted():
    days = pd.to_datetime(["2025-03-01", "2025-10-01", "2026-03-01"])
    plan = pd.DataFrame({"contract_id": "C1", "amount": 100.0, "at": days})
    plan["currency"] = ["USD", "EUR", "EUR"]
    with pytest.raises(SalesAnalysisError, match="`schedule` in EUR, USD"):
        reduce.in_one_currency({"schedule": plan}, as_of="2025-11-15")
    days = pd.to_datetime(["2025-01-01", "2025-11-01", "2026-02-01"])
    rates = pd.DataFrame({"currency": "EUR", "rated_at": days, "exchange_rate": [1.1, 1.2, 9.0],
                          "base_currency": "USD"})  # fmt: skip
    made = reduce.in_one_currency({"schedule": plan, "rates": rates}, as_of="2025-11-15")
    # What is ahead takes the rate of the day of the report.
    assert reduce.forecast.schedule(made.tables["schedule"])["amount"].tolist() == pytest.approx(
        [100.0, 110.0, 120.0]
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("合同编号,确认月份,确认金额", "HT-1,2025年11月,1200"),
        ("Contract Number,Recognition Date,Recognized Revenue", "HT-1,2025-11-30,1200"),
        ("商机编号,收入确认日期,收入确认金额", "HT-1,2025-11-30,1200"),
        ("OpportunityId,ScheduleDate,Revenue", "HT-1,2025-11-30,1200"),
    ],
)
def test_headers_of_schedules_are_known(tmp_path, header, row):
    path = tmp_path / "plan.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    plan = reduce.forecast.schedule(sources.read(path, table="schedule"))
    assert plan[["month", "amount"]].to_numpy().tolist() == [["2025-11", 1200.0]]
    assert "HT-1" in plan[["contract_id", "opportunity_id"]].to_numpy()
