"""Behind schedule: better than simpler rules on real series, limits that hold, traps."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers
from salesanalysis.known import KnownCustomers


@pytest.fixture(scope="module")
def sales(shared):
    """A shop's sales in China by region and kind of product, month by month: 102 series."""
    table = pd.read_excel(shared("chinese/superstore_cn.xls"), engine="calamine")
    return pd.DataFrame(
        {
            "account_id": table["区域"] + "/" + table["子类别"],
            "period": pd.to_datetime(table["订单日期"]).dt.strftime("%Y-%m"),
            "amount": table["销售额"],
        }
    )


def of_year(sales: pd.DataFrame, year: int, until: int = 12) -> pd.Series:
    """What each series sold in the first months of a year."""
    within = (sales["period"] >= f"{year}-01") & (sales["period"] <= f"{year}-{until:02}")
    every = sales["account_id"].unique()
    return sales[within].groupby("account_id")["amount"].sum().reindex(every, fill_value=0.0)


def told(sales: pd.DataFrame, month: int, more: float = 1.0) -> pd.DataFrame:
    """The schedule of 2023 at the end of a month; targets are so many times last year's sales."""
    target = (of_year(sales, 2022) * more).rename("target").rename_axis("account_id")
    until = pd.Period(f"2023-{month:02}", "M")
    months = sales[sales["period"] <= str(until)].groupby(["account_id", "period"], as_index=False)
    known = KnownCustomers(
        as_of=until.end_time.normalize(),
        months=months["amount"].sum(),
        targets=target.reset_index().assign(period="2023"),
    )
    return customers.schedule_gap(known).set_index("account_id")


def off(ends: pd.Series, came: pd.Series) -> float:
    """How far off the ends of the year were, of all that came."""
    return (ends - came.reindex(ends.index)).abs().sum() / came.sum()


@pytest.mark.parametrize(("month", "most"), [(3, 0.25), (6, 0.16)])
def test_ends_are_better_told_than_by_simpler_rules(sales, month, most):
    found, came = told(sales, month), of_year(sales, 2023)
    now, past = of_year(sales, 2023, month), [2020, 2021, 2022]
    begun = sum(of_year(sales, year, month).sum() for year in past)
    of_all = begun / sum(of_year(sales, year).sum() for year in past)
    own = of_year(sales, 2022, month) / of_year(sales, 2022)
    linear, pooled = off(now * 12 / month, came), off(now / of_all, came)
    last = off((now / own).where(own > 0, now / of_all), came)
    assert len(found) == 102
    assert off(found["end_amount"], came) < most < min(linear, pooled, last)


@pytest.mark.parametrize("month", [3, 6])
@pytest.mark.parametrize("more", [1.0, 1.2])
def test_who_is_said_to_be_behind_misses_the_target_more_often_than_by_pro_rata(sales, month, more):
    found = told(sales, month, more)
    missed = of_year(sales, 2023).reindex(found.index) < found["target"]
    linear = found["actual"] < found["target"] * month / 12
    behind = found["behind"].astype(bool)
    assert behind.sum() >= 3 and missed[behind].mean() > missed[linear].mean() + 0.15
    brier = ((found["target_chance"] - ~missed) ** 2).mean()
    assert brier < missed.mean() * (1 - missed.mean())


@pytest.mark.parametrize("month", [3, 6, 9])
def test_limits_hold_as_often_as_they_say(sales, month):
    found, came = told(sales, month), of_year(sales, 2023)
    came = came.reindex(found.index)
    inside = (found["end_low"] <= came) & (came <= found["end_high"])
    assert inside.mean() == pytest.approx(0.8, abs=0.08)
    assert (found["end_low"] >= found["actual"] - 1e-6).all()


def simple(years, now, *, as_of="2025-03-31", target=120.0, period="2025"):
    """Customers who buy the same in each month of some years, and so much this year."""
    rows = [
        (f"C{who:02}", f"{year}-{month:02}", 10.0 + who)
        for who in range(30)
        for year in years
        for month in range(1, 13)
    ]
    rows += [("C00", name, amount) for name, amount in now.items()]
    months = pd.DataFrame(rows, columns=["account_id", "period", "amount"])
    targets = pd.DataFrame({"account_id": ["C00"], "period": [period], "target": [target]})
    return KnownCustomers(as_of=as_of, months=months, targets=targets)


def test_without_an_earlier_year_nothing_is_expected():
    (row,) = customers.schedule_gap(simple([], {"2025-01": 5.0})).to_dict("records")
    assert row["years_tested"] == 0 and np.isnan(row["expected_now"]) and np.isnan(row["end_low"])
    assert pd.isna(row["behind"]) and row["actual"] == 5.0


def test_with_one_earlier_year_nobody_is_said_to_be_behind():
    (row,) = customers.schedule_gap(simple([2024], {"2025-01": 0.0})).to_dict("records")
    assert row["expected_now"] == pytest.approx(30.0) and pd.isna(row["behind"])
    assert row["gap_now"] == pytest.approx(-30.0)


def test_the_part_of_a_month_that_is_over_counts():
    known = simple([2023, 2024], {"2025-01": 10.0, "2025-02": 5.0}, as_of="2025-02-14")
    (row,) = customers.schedule_gap(known).to_dict("records")
    assert row["expected_now"] == pytest.approx(15.0)
    assert row["end_amount"] == pytest.approx(120.0) and row["target_chance"] == 1.0


def test_a_quarter_is_held_against_the_same_quarters():
    known = simple(
        [2023, 2024], {"2025-01": 10.0}, as_of="2025-01-31", target=30.0, period="2025-Q1"
    )
    (row,) = customers.schedule_gap(known).to_dict("records")
    assert row["expected_now"] == pytest.approx(10.0) and row["end_amount"] == pytest.approx(30.0)


def test_a_period_that_has_not_begun_is_left_out_and_a_target_said_twice_refused():
    assert customers.schedule_gap(simple([2024], {}, as_of="2024-12-31")).empty
    known = simple([2024], {})
    twice = pd.concat([known.targets] * 2)
    with pytest.raises(SalesAnalysisError, match="C00 twice for 2025"):
        customers.schedule_gap(
            KnownCustomers(as_of="2025-03-31", months=known.months, targets=twice)
        )


def test_a_season_that_is_given_is_taken():
    season = pd.DataFrame({"month": range(1, 13), "month_factor": [2.0] * 6 + [0.0] * 6})
    (row,) = customers.schedule_gap(simple([2024], {}), season=season).to_dict("records")
    assert row["expected_now"] == pytest.approx(60.0)
