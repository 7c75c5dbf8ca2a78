"""Components that count single sales: one query; overlaps and gaps are said with their money."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive, reduce

PLAN = """
period: quarter
currency: USD
components:
  - name: devices
    of: {product: [Nova, Orbit], customer_kind: new}
    thresholds: quota
    tiers: [{from: 0, to: 1, rate: 3 %}, {from: 1, rate: 5 %}]
  - name: margin
    counts: margin
    tiers: [{from: 0, rate: 10 %}]
  - name: units
    of: {product: Comet}
    counts: sales
    tiers: [{from: 0, each: 7}]
"""


def sold(size=400, seed=3):
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, size), unit="D")
    return pd.DataFrame({
        "payee_id": rng.choice(["a", "b", "c"], size), "sold_at": days,
        "amount": rng.integers(-5_000, 50_000, size) / 100,
        "product": rng.choice(["Nova", "Orbit", "Comet", "Dust", None], size),
        "customer_kind": rng.choice(["new", "old"], size),
        "margin": [f"{cents / 100:.2f}" for cents in rng.integers(0, 9_000, size)],
        "currency": "USD",
    })  # fmt: skip


def test_sums_by_component_equal_a_loop_over_the_sales():
    sales = sold()
    wanted = defaultdict(int)
    for row in sales.itertuples():
        if row.sold_at > pd.Timestamp("2025-09-30 23:59"):
            continue
        key = (row.payee_id, f"2025-Q{row.sold_at.quarter}")
        if row.product in ("Nova", "Orbit") and row.customer_kind == "new":
            wanted[*key, "devices"] += round(row.amount * 100)
        wanted[*key, "margin"] += round(float(row.margin) * 100)
        wanted[*key, "units"] += 100 * (row.product == "Comet")
    plan = incentive.read_plan(PLAN)
    found = reduce.incentive.component_attainment(sales, plan=plan, as_of="2025-09-30")
    sums = found.set_index(["payee_id", "period", "component"])["sales"] * 100
    assert {key: round(value) for key, value in sums.items()} == {
        (payee, f"2025-Q{quarter}", name): wanted[payee, f"2025-Q{quarter}", name]
        for payee in "abc" for quarter in (1, 2, 3) for name in ("devices", "margin", "units")
    }  # fmt: skip


def test_quotas_stand_beside_what_was_counted_and_pay_it():
    sales = pd.DataFrame({
        "payee_id": "a", "sold_at": pd.to_datetime(["2025-01-05", "2025-02-01", "2025-03-31"]),
        "amount": [100.0, 50.0, 10.0], "product": ["Nova", "Orbit", "Comet"],
        "customer_kind": "new", "margin": [30.0, 20.0, 5.0],
    })  # fmt: skip
    quotas = pd.DataFrame({
        "payee_id": ["a", "a", "b"], "period": ["2025-Q1", "2025-Q1", "2025-Q1"],
        "component": ["devices", "units", "devices"], "quota": [100.0, np.nan, 80.0],
    })  # fmt: skip
    rows = reduce.incentive.component_attainment(sales, quotas, plan=incentive.read_plan(PLAN))
    by = rows.set_index(["payee_id", "component"])
    assert by.loc[("a", "devices"), ["quota", "sales", "sales_n"]].tolist() == [100, 150, 2]
    assert by.loc[("b", "devices"), ["quota", "sales", "sales_n"]].tolist() == [80, 0, 0]
    paid = incentive.payout(rows, plan=PLAN).set_index("payee_id")["payout"]
    # 3% of 100 and 5% of 50; a tenth of a margin of 55; 7 for one sale of Comet.
    assert paid.to_dict() == {"a": 5.5 + 5.5 + 7, "b": 0}


def test_components_with_sales_of_their_own_stay_as_they_are():
    plan = incentive.read_plan({"period": "quarter", "components": [
        {"name": "new", "of": {"product": "Nova"}, "tiers": [[0, None, "10%"]]},
        {"name": "service", "tiers": [[0, None, "1%"]]},
    ]})  # fmt: skip
    given = pd.DataFrame({"payee_id": ["a"], "period": ["2025-Q1"], "component": ["service"],
                          "sales": [500.0]})  # fmt: skip
    sales = pd.DataFrame({"payee_id": ["a"], "sold_at": pd.to_datetime(["2025-01-01"]),
                          "amount": [20.0], "product": ["Nova"]})  # fmt: skip
    rows = reduce.incentive.component_attainment(sales, given, plan=plan)
    assert rows["sales"].tolist() == [20, 500] and rows["sales_n"].isna().tolist() == [False, True]
    assert incentive.payout(rows, plan=plan)["payout"].tolist() == [7.0]


def test_sales_that_two_components_pay_or_none_are_told_with_their_money():
    plan = incentive.read_plan({"period": "quarter", "components": [
        {"name": "new", "of": {"product": ["Nova", "Orbit"]}, "tiers": [[0, None, "10%"]]},
        {"name": "nova", "of": {"product": "Nova"}, "tiers": [[0, None, "1%"]]},
    ]})  # fmt: skip
    sales = pd.DataFrame({
        "payee_id": "a", "sold_at": pd.Timestamp("2025-01-05"),
        "amount": [10.0, 20.0, 40.0, 80.0, -160.0],
        "product": ["Nova", "Orbit", "Comet", None, "Nova"],
    })  # fmt: skip
    checks = reduce.incentive.checks(sales=sales, plan=plan)
    found = checks.table.set_index("check")
    for name, rows, amount in (("sale_paid_twice", 2, 170), ("sale_not_counted", 2, 120)):
        assert found.loc[name, ["finding", "rows", "amount"]].tolist() == ["found", rows, amount]
    assert checks.rows_of("sale_paid_twice")["amount"].tolist() == [-160, 10]
    assert checks.rows_of("sale_not_counted")["product"].fillna("none").tolist() == [
        "none",
        "Comet",
    ]
    # A plan without such filters has no such checks; without the column they cannot be told.
    assert "sale_paid_twice" not in set(reduce.incentive.checks(sales=sales).table["check"])
    bare = reduce.incentive.checks(sales=sales.drop(columns="product"), plan=plan).table
    assert bare.set_index("check").loc["sale_paid_twice", "finding"] == "unknown"


@pytest.mark.parametrize(
    ("plan", "change", "said"),
    [
        (("Nova, Orbit", "Nvoa"), {}, r"`components\[0\]` of the plan, 'devices', has no data: no"
         " row of `sales` has product Nvoa and customer_kind new. Did you mean `Nova`"),
        (("period: quarter\n", ""), {}, "does not say the `period`"),
        (("counts: margin", "counts: profit"), {}, "`sales` has no column `profit`"),
        (("", ""), {"product": None}, "'devices', has no data"),
        (("", ""), {"currency": "EUR"}, "EUR"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused_in_one_message(plan, change, said):
    sales = sold(50).assign(**change)
    with pytest.raises(SalesAnalysisError, match=said):
        reduce.incentive.component_attainment(
            sales, plan=incentive.read_plan(PLAN.replace(*plan, 1) if plan[0] else PLAN)
        )


def test_sales_in_both_tables_are_refused():
    given = pd.DataFrame({"payee_id": ["a"], "period": ["2025-Q1"], "component": ["devices"],
                          "sales": [5.0]})  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="holds 5 for a in 2025-Q1, and component 'devic"):
        reduce.incentive.component_attainment(sold(50), given, plan=incentive.read_plan(PLAN))
    with pytest.raises(SalesAnalysisError, match="`sales` is not given"):
        reduce.incentive.component_attainment(None, given, plan=incentive.read_plan(PLAN))
    with pytest.raises(SalesAnalysisError, match="none counts single sales"):
        reduce.incentive.component_attainment(
            sold(50), plan=incentive.read_plan({"tiers": [[0, None, 0.1]]})
        )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{product: Comet}", "Comet", "line 13, `components[2].of`: expected {product:"),
        ("{product: Comet}", "{product: []}", "line 13, `components[2].of.product`: names no"),
    ],
)
def test_a_filter_that_says_nothing_is_refused_with_line_and_key(old, new, said):
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(PLAN.replace(old, new), file="plan.yml")
    assert said in str(refused.value)


def test_what_counts_is_said_in_words():
    plan = incentive.read_plan(PLAN)
    said = plan.describe().splitlines()
    assert "It counts the amount of sales (Product: Nova or Orbit, Kind of customer: new)." in said
    assert "It counts the margin of sales (any kind)." in said
    assert "It counts the number of sales (Product: Comet)." in said
    assert "计入的是销售笔数（产品：Comet）。" in plan.describe("zh")
