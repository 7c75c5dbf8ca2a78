"""Targets of any grain: every piece of money once, and nothing wrong without a word."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import reduce
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import PLAIN, Calendar
from salesanalysis.reduce.season import Season
from salesanalysis.reduce.targets import each_once

MONTHS = {"2025-10": 150.0, "2025-11": 150.0, "2025-12": 200.0}
SELLERS = {"R1": 300.0, "R2": 350.0, "R3": 300.0}


def table(periods: dict, **groups) -> pd.DataFrame:
    return pd.DataFrame({"period": list(periods), "target": list(periods.values()), **groups})


def of_sellers(total: dict | None = None, owner=None) -> pd.DataFrame:
    own = pd.DataFrame({"period": "2025-Q4", "owner_id": list(SELLERS),
                        "target": list(SELLERS.values())})  # fmt: skip
    parts = [own] if total is None else [own, table(total, owner_id=owner)]
    return pd.concat(parts, ignore_index=True)


def test_a_quarter_beside_its_months_is_their_total():
    once = each_once(table({"2025-Q4": 500.0} | MONTHS))
    assert dict(zip(once["period"], once["target"], strict=True)) == MONTHS


@pytest.mark.parametrize("owner", [None, "Total", "总计", "All", "Grand total"])
def test_a_total_row_beside_sellers_is_not_counted_again(owner):
    once = each_once(of_sellers({"2025-Q4": 950.0}, owner))
    assert once["target"].sum() == 950.0
    assert once["owner_id"].tolist() == list(SELLERS)


@pytest.mark.parametrize("owner", [None, "Total"])
def test_a_total_that_says_something_else_is_refused_with_its_rows(owner):
    with pytest.raises(SalesAnalysisError, match="2025-Q4: 1,000, but .* 950 .*owner_id R2: 350"):
        each_once(of_sellers({"2025-Q4": 1000.0}, owner))


def test_a_deep_hierarchy_is_its_leaves():
    """Sellers by month, quarters and years of regions and of the company: only sellers count."""
    rng = np.random.default_rng(3)
    leaves = [
        (f"2025-{month:02}", region, f"{region}{seller}", float(rng.integers(10, 99)))
        for month in range(1, 13) for region in ("East", "West") for seller in range(3)
    ]  # fmt: skip
    own = pd.DataFrame(leaves, columns=["period", "region", "owner_id", "target"])
    quarter = own["period"].map(lambda p: f"2025-Q{(int(p[5:]) + 2) // 3}")
    totals = [
        own.assign(period=period, **dict.fromkeys(without)).groupby(
            ["period", "region", "owner_id"], dropna=False, as_index=False)["target"].sum()
        for period in (own["period"], quarter, "2025")
        for without in ((), ("owner_id",), ("owner_id", "region"))
    ][1:]  # fmt: skip
    everything = pd.concat([own, *totals]).sample(frac=1, random_state=1)
    once = each_once(everything)
    assert once["target"].sum() == own["target"].sum()
    keys = ["period", "region", "owner_id"]
    assert (
        once.sort_values(keys)[keys].values.tolist() == own.sort_values(keys)[keys].values.tolist()
    )


def test_rounded_totals_are_totals():
    assert each_once(of_sellers({"2025-Q4": 950.4}))["target"].sum() == 950.0


def test_what_the_given_periods_leave_of_a_year_is_the_rest_of_it():
    year = {"2025": 1000.0, "2025-Q1": 200.0, "2025-Q2": 200.0, "2025-Q3": 250.0}
    once = each_once(table(year)).set_index("period")["target"]
    assert once.to_dict() == {"2025-Q1": 200.0, "2025-Q2": 200.0, "2025-Q3": 250.0, "2025-Q4": 350}
    with pytest.raises(SalesAnalysisError, match="2025: 600, but .* adds up to 650"):
        each_once(table(year | {"2025": 600.0}))


def test_rows_of_which_none_holds_the_other_are_refused():
    both = pd.DataFrame({"period": "2025-Q4", "region": ["East", None], "owner_id": [None, "R1"],
                         "target": [500.0, 300.0]})  # fmt: skip
    with pytest.raises(
        SalesAnalysisError, match="(?s)(?=.*region East: 500)(?=.*owner_id R1: 300).*may be"
    ):
        each_once(both)
    weeks = table({"2025-W49": 10.0, "2025-W01": 10.0, "2025-01": 40.0})
    with pytest.raises(SalesAnalysisError, match="overlap"):
        each_once(weeks)


def test_apart_rows_stay_as_they_are():
    rows = pd.DataFrame({
        "period": ["2025-Q3", "2025-10", "2025-Q4", "2025-Q4", "2025-Q4"],
        "region": ["East", "East", "West", "North", "North"],
        "owner_id": ["R1", "R1", None, "R2", "R2"],
        "target": [1.0, 2.0, 3.0, 4.0, 5.0]})  # fmt: skip
    pd.testing.assert_frame_equal(each_once(rows), rows)


def years_of(first: int, last: int, shares, calendar: Calendar = PLAIN) -> pd.DataFrame:
    start = calendar.bounds_of(calendar.name("quarter", first, 1))[0]
    names = calendar.following(start, unit="quarter", count=4 * (last - first + 1))
    days = [calendar.bounds_of(name)[0] + pd.Timedelta(days=5) for name in names]
    return pd.DataFrame({"at": days, "amount": list(shares) * (last - first + 1)})


@pytest.mark.parametrize(
    "calendar", [PLAIN, Calendar(first_month=4), Calendar(first_month=2, weeks="4-5-4")]
)
def test_a_year_is_spread_as_the_companys_years_fill(calendar):
    year = calendar.name("year", 2025, 1)
    as_of = calendar.bounds_of(year)[0] + pd.Timedelta(days=100)
    sold = years_of(2022, 2024, [10, 20, 30, 40], calendar)
    season = Season(calendar, sold, as_of)
    once = each_once(table({year: 1000.0}), season=season)
    assert once["period"].tolist() == [calendar.name("quarter", 2025, n) for n in (1, 2, 3, 4)]
    assert once["target"].tolist() == pytest.approx([100.0, 200.0, 300.0, 400.0])
    assert once["spread_of"].eq(year).all()
    assert once["season_years"].eq(3).all()


def test_one_year_is_no_season():
    season = Season(PLAIN, years_of(2024, 2024, [10, 20, 30, 40]), pd.Timestamp("2025-04-01"))
    once = each_once(table({"2025": 365.0}), season=season)
    assert once["target"].tolist() == pytest.approx([90.0, 91.0, 92.0, 92.0])
    assert once["season_years"].eq(0).all()


def test_families_take_the_same_targets():
    both = pd.concat([of_sellers({"2025-Q4": 950.0}), table({"2025": 3000.0}, owner_id="R1")[:0]])
    of_forecast = reduce.forecast.targets(both)
    assert of_forecast["target"].sum() == 950.0
    of_funnel = reduce.funnel.seller_targets(both, period="2025-Q4")
    assert dict(zip(of_funnel["owner_id"], of_funnel["target"], strict=True)) == SELLERS
    sales = pd.DataFrame({"payee_id": ["R1"], "sold_at": pd.to_datetime(["2025-11-05"]),
                          "amount": [10.0]})  # fmt: skip
    rows = reduce.incentive.attainment(sales, both)
    assert dict(zip(rows["payee_id"], rows["quota"], strict=True)) == SELLERS


def test_months_of_a_quota_add_up_to_the_quarter_of_attainment_and_a_year_is_refused():
    sales = pd.DataFrame({"payee_id": ["R1"], "sold_at": pd.to_datetime(["2025-11-05"]),
                          "amount": [10.0]})  # fmt: skip
    months = table({"2025-Q4": 500.0} | MONTHS, owner_id="R1")
    (row,) = reduce.incentive.attainment(sales, months).to_dict("records")
    assert (row["period"], row["quota"], row["sales"]) == ("2025-Q4", 500.0, 10.0)
    year = table({"2025": 500.0}, owner_id="R1")
    assert reduce.incentive.attainment(sales, year, period="year")["quota"].tolist() == [500.0]
    with pytest.raises(
        SalesAnalysisError, match="quota of R1 for 2025, and attainment is by quarter"
    ):
        reduce.incentive.attainment(sales, year)


@pytest.mark.parametrize("total", [7.0, 12.0])
def test_a_total_of_streams_may_mean_the_pipeline_as_well_or_not(total):
    streams = pd.DataFrame({"period": "2025-Q4", "stream": ["channel", "inbound", "Total"],
                            "target": [3.0, 4.0, total]})  # fmt: skip
    sellers = table({"2025-Q4": 5.0}, owner_id="R1")
    once = reduce.forecast.targets(sellers, streams)
    assert once["target"].sum() == 12.0
    assert once["stream"].tolist() == ["pipeline", "channel", "inbound"]
    with pytest.raises(SalesAnalysisError, match="contradict"):
        reduce.forecast.targets(sellers, streams.assign(target=[3.0, 4.0, 90.0]))


def test_targets_of_weeks_are_put_together_by_day_where_a_month_is_all_in_weeks():
    weeks = PLAIN.following("2025-09-29", unit="week", count=15)  # up to the fourth of January
    given = pd.DataFrame({"period": weeks, "target": 7000.0, "stream": "channel"})
    once = each_once(given, shortest="month")
    assert once["period"].tolist() == ["2025-10", "2025-11", "2025-12"]
    assert once["target"].tolist() == pytest.approx([31_000.0, 30_000.0, 31_000.0])
    assert once["of_weeks"].all()
    # Of two groups each has its own weeks; months that are there stay.
    other = pd.DataFrame({"period": weeks[1:], "target": 700.0, "stream": "dealers"})
    both = each_once(pd.concat([given, other]), shortest="month")
    assert both.groupby("stream")["target"].sum().round(6).to_dict() == {
        "channel": 92_000.0, "dealers": 6_100.0}  # fmt: skip
    month = pd.DataFrame({"period": ["2025-10"], "target": [5.0], "stream": "inbound"})
    mixed = each_once(pd.concat([given, month]), shortest="month")
    assert mixed.loc[mixed["stream"] == "inbound", "target"].tolist() == [5.0]
    assert each_once(given)["period"].tolist() == weeks


def test_sellers_may_be_given_more_than_the_whole_where_that_is_said():
    given = pd.DataFrame({
        "period": "2025-Q4", "owner_id": [None, "R1", "R2"], "target": [1000.0, 700.0, 500.0],
        "stretch": [1200.0, 800.0, 600.0]})  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="contradict.*on purpose, say over_assigned=true"):
        each_once(given)
    once = each_once(given, over_assigned=True)
    assert once[["target", "stretch"]].sum().tolist() == [1000.0, 1200.0]
    own = once.dropna(subset=["owner_id"]).set_index("owner_id")["target"]
    assert own.to_dict() == {"R1": 700.0, "R2": 500.0}
    # Months that come to more than their quarter are still no plan of anybody.
    months = pd.DataFrame({"period": ["2025-Q4", "2025-10", "2025-11", "2025-12"],
                           "target": [100.0, 50.0, 50.0, 50.0]})  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="contradict"):
        each_once(months, over_assigned=True)
    # A year over its quarters, and regions between: each whole keeps its own.
    regions = pd.DataFrame({
        "period": ["2025-Q4"] * 5, "region": [None, "East", "West", "East", "West"],
        "owner_id": [None, None, None, "R1", "R2"],
        "target": [1000.0, 600.0, 500.0, 700.0, 500.0]})  # fmt: skip
    once = each_once(regions, over_assigned=True)
    assert once["target"].sum() == 1000.0
    assert once.groupby("region")["target"].sum().to_dict() == {"East": 600.0, "West": 500.0}
