"""What customers bought by month, against a loop over single rows."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, customers, plots, reduce
from salesanalysis.known import KnownCustomers

AS_OF = "2025-06-30"


@pytest.fixture
def purchases():
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2024-09-01") + pd.to_timedelta(rng.integers(0, 400, 120), unit="D")
    return pd.DataFrame(
        {
            "purchased_at": days,
            "amount": rng.integers(-20, 100, 120).astype(float),
            "account_id": rng.choice(list("abcd"), 120),
            "kind": rng.choice(["sale", "cancelled", None], 120),
        }
    )


def known(purchases, as_of=AS_OF):
    return reduce.customers.known({"purchases": purchases}, as_of=as_of)


def loop(purchases):
    """Net value by customer and day up to the day, cancelled orders left out."""
    days = {}
    for row in purchases.to_dict("records"):
        if row["purchased_at"] < pd.Timestamp("2025-07-01") and row["kind"] != "cancelled":
            key = (row["account_id"], row["purchased_at"])
            days[key] = days.get(key, 0.0) + row["amount"]
    return days


def test_months_of_customers_equal_a_loop_over_rows(purchases):
    expected = {}
    for (account, day), amount in loop(purchases).items():
        total, bought = expected.get((account, f"{day:%Y-%m}"), (0.0, 0))
        expected[account, f"{day:%Y-%m}"] = (total + amount, bought + (amount > 0))
    rows = known(purchases).months.itertuples()
    assert {(row.account_id, row.period): (row.amount, row.purchases) for row in rows} == expected


def test_months_are_sums_over_customers_without_a_gap(purchases):
    purchases = purchases[purchases["purchased_at"].dt.month != 2]
    table = customers.by_month(known(purchases))
    rows = known(purchases).months
    assert table["amount"].sum() == pytest.approx(rows["amount"].sum())
    assert table["period"].tolist() == [
        str(p) for p in pd.period_range("2024-09", "2025-06", freq="M")
    ]
    february = table.set_index("period").loc["2025-02"]
    assert (february["customers"], february["purchases"], february["amount"]) == (0, 0, 0.0)
    march = rows[(rows["period"] == "2025-03") & (rows["purchases"] > 0)]
    assert table.set_index("period").loc["2025-03", "customers"] == len(march)


def test_nothing_after_the_day_counts(purchases):
    later = purchases.assign(
        amount=purchases["amount"].where(purchases["purchased_at"] < "2025-07-01", 9e9)
    )
    one, other = (customers.by_month(known(table)) for table in (purchases, later))
    assert one.equals(other)


def test_twelve_months_end_with_that_of_the_day():
    months = ["2024-03", "2024-04", "2025-03"]
    rows = pd.DataFrame({"account_id": "A", "period": months, "amount": [1.0, 2.0, 4.0]})
    there = KnownCustomers(as_of="2025-03-15", months=rows.assign(purchases=1))
    assert customers.customer_sales(there)["amount"].tolist() == [6.0]
    assert customers.customer_sales(there, months=1)["share"].tolist() == [1.0]


def test_several_currencies_are_refused(purchases):
    mixed = purchases.assign(currency=["EUR", "USD"] * 60)
    with pytest.raises(SalesAnalysisError, match="EUR"):
        known(mixed)


def test_a_check_finds_what_was_planted_and_nothing_else(purchases):
    purchases.loc[3, "amount"] = np.nan
    purchases.loc[5, "account_id"] = None
    found = reduce.customers.checks(purchases, as_of="2026-12-31").table.set_index("check")
    expected = {"no_customer": 1, "missing_amount": 1, "after_as_of": 0}
    assert found["rows"].dropna().to_dict() | expected == found["rows"].dropna().to_dict()


def test_without_a_purchase_there_is_no_report(purchases):
    with pytest.raises(SalesAnalysisError, match="no row that counts up to 2020-01-01"):
        customers.require_customers(known(purchases, as_of="2020-01-01"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_has_a_bar_for_each_month(purchases, lang):
    table = customers.by_month(known(purchases))
    ax = plots.customers.by_month(table, lang=lang)
    assert [bar.get_height() for bar in ax.patches] == table["amount"].tolist()
    assert len({bar.get_facecolor() for bar in ax.patches}) == 1, "all are over"


def test_the_picture_has_room_for_the_latest_and_shows_which_is_not_over():
    days = pd.date_range("2024-01-15", "2025-06-15", freq="MS")
    rows = pd.DataFrame({"purchased_at": days, "account_id": "A"})
    rows["amount"] = np.arange(len(days)) + 1.0
    table = customers.by_month(known(rows, as_of="2025-06-15"))
    *over, begun = plots.customers.by_month(table).patches
    assert [bar.get_height() for bar in (*over, begun)] == table["amount"].tolist()[-13:]
    assert begun.get_facecolor() not in {bar.get_facecolor() for bar in over}
