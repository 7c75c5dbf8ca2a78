"""A year settled over its periods: by hand, as published plans have it, against exact fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive, periods, reduce

QUARTERS = [f"2025-Q{quarter}" for quarter in (1, 2, 3, 4)]


def rows(sales, periods=None, **more):
    periods = periods or [f"{2025 + at // 4}-Q{at % 4 + 1}" for at in range(len(sales))]
    table = pd.DataFrame({"payee_id": "a", "period": periods, "sales": sales}).astype(
        {"sales": float}
    )
    return table.assign(quota=100.0).assign(**more)


# By hand, as published plans have it


def test_quarters_capped_at_target_and_the_year_paid_for_what_is_over():
    """Quarterly bonus up to the target, overachievement only on the whole year's attainment."""
    plan = """
thresholds: quota
target_incentive: 5000
tiers: [{from: 0, times: 1}]
cap: {share: 100 %}
year:
  pays: more
  thresholds: quota
  tiers: [{from: 0, to: 1, times: 1}, {from: 1, times: 2}]
"""
    table = incentive.payout(rows([150, 90, 10, 200]), plan=plan)
    # Quarters: 5,000 + 4,500 + 500 + 5,000. The year: 112.5% of 20,000, the last eighth twice.
    assert table["year_due"].tolist()[3] == 20_000 + 5_000
    assert table["year_extra"].tolist() == [0, 0, 0, 10_000]
    assert table["payout"].tolist() == [5000, 4500, 500, 15_000]
    # A year below its quota takes nothing back where only `more` is paid; the difference does.
    short = rows([150, 0, 0, 40])
    assert incentive.payout(short, plan=plan)["payout"].tolist() == [5000, 0, 0, 2000 + 2500]
    short = rows([100, 100, 100, 0], quota=[100.0, 100, 100, 500])
    assert incentive.payout(short, plan=plan)["payout"].tolist() == [5000, 5000, 5000, 0]
    back = incentive.payout(short, plan=plan.replace("more", "difference"))
    # 300 of 800 is 37.5% of 20,000, and 15,000 were paid: owed 7,500 that later quarters repay.
    assert back["year_extra"].tolist()[3] == -7500 and back["debt"].tolist()[3] == 7500
    assert back["payout"].tolist() == [5000, 5000, 5000, 0]


def test_an_annual_accelerator_beside_the_commissions_of_months():
    """3% a month; at the year's end 2% more of what the year sold over its quota."""
    plan = {"tiers": [[0, None, "3%"]], "year": {
        "pays": "beside", "thresholds": "quota",
        "tiers": [{"from": 0, "to": 1, "rate": 0}, {"from": 1, "rate": "2%"}]}}  # fmt: skip
    months = [f"2025-{month:02}" for month in range(1, 13)]
    table = incentive.payout(rows([110] * 12, months), plan=plan)
    # 1,320 against 1,200: 2% of 120.
    assert table["payout"].tolist() == pytest.approx([3.3] * 11 + [3.3 + 2.4])


def test_no_more_than_twice_the_annual_target():
    """Quarters pay without a limit of their own; the year comes to 200% of its target at most."""
    plan = {"thresholds": "quota", "target_incentive": 1000,
            "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 3}],
            "year": {"cap": {"share": "200%"}}}  # fmt: skip
    table = incentive.payout(rows([300, 100, 100, 100, 100]), plan=plan)
    # 7,000 + 1,000 are the 8,000 of the year; the next year begins anew.
    assert table["payout"].tolist() == [7000, 1000, 0, 0, 1000]
    assert table["year_cut"].tolist() == [0, 0, -1000, -1000, 0]
    assert table["status"].tolist() == ["paid", "paid", "capped", "capped", "paid"]
    # A target that rises in July: two quarters of 1,000 and two of 2,000, known as they come.
    rising = rows([500, 100, 100, 0], target_incentive=[1000.0, 1000, 2000, 2000])
    plan = {key: value for key, value in plan.items() if key != "target_incentive"}
    table = incentive.payout(rising, plan=plan)
    # 13,000 + 1,000 + 2,000: at first 8,000 of 4 × 1,000; from July on 12,000 of 6,000.
    assert table["payout"].tolist() == [8000, 0, 4000, 0]


def test_a_draw_reconciled_at_the_end_of_the_year():
    """Monthly draws against commission; what is unearned at the year's end is paid back, or not."""
    plan = {"tiers": [[0, None, "10%"]], "draw": 20, "year": {"debt": "repay"}}
    sold = [100, 300, 0, 150, 300]
    table = incentive.payout(rows(sold), plan=plan)
    # 10, 30, 0, 15 against 20 each: advances of 10, 20 and 5, of which 10 were repaid by June.
    assert table["payout"].tolist() == [20, 20, 20, 20 - 25, 30]
    assert table["repaid"].tolist() == [0, 10, 0, 25, 0]
    assert table["debt"].tolist() == [10, 0, 20, 0, 0]
    let_go = incentive.payout(rows(sold), plan=plan | {"year": {"debt": "forgive"}})
    assert let_go["payout"].tolist() == [20, 20, 20, 20, 30]
    assert let_go["debt_forgiven"].tolist() == [0, 0, 0, 25, 0]
    # Without a word of the year the debt goes on.
    goes_on = incentive.payout(rows(sold), plan={k: v for k, v in plan.items() if k != "year"})
    assert goes_on["payout"].tolist() == [20, 20, 20, 20, 20]
    assert "debt_forgiven" not in goes_on


@pytest.mark.parametrize("rule", ["pay", "lose"])
def test_a_bank_ends_with_the_year(rule):
    plan = {"tiers": [[0, None, "100%"]], "cap": {"payout": 100, "banked": True},
            "year": {"bank": rule}}  # fmt: skip
    table = incentive.payout(rows([300, 70, 40, 250, 150]), plan=plan)
    # Over the cap 200, of which 30 and 60 are paid where there is room, and 150 more at the end.
    assert table["bank"].tolist() == [200, 170, 110, 0, 50]
    assert table["payout"].tolist() == [100, 100, 100, 360 if rule == "pay" else 100, 100]
    if rule == "lose":
        assert table["bank_lost"].tolist() == [0, 0, 0, 260, 0]


def test_one_plan_is_what_two_plans_and_paid_before_were():
    quarterly = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]], "cap": 4}
    tiers = [[0, 1, "3%"], [1, None, "6%"]]
    annual = {"thresholds": "quota", "method": "retroactive", "tiers": tiers}
    rng = np.random.default_rng(4)
    for _ in range(5):
        sold = rows(rng.integers(2000, 20_000, 4) / 100)
        paid = incentive.payout(sold, plan=quarterly)["payout"].sum()
        whole = pd.DataFrame({"payee_id": ["a"], "period": ["2025"], "quota": [400.0],
                              "sales": [sold["sales"].sum()], "paid_before": [paid]})  # fmt: skip
        settled = incentive.payout(whole.round(2), plan=annual | {"negative": "take_back"})
        one = quarterly | {"year": annual, "negative": "take_back"}
        total = incentive.payout(sold, plan=one)["payout"].sum()
        assert round(total * 100) == round((paid + settled["payout"].iloc[0]) * 100)


def test_the_company_year_ends_in_march():
    calendar = periods.calendar({"first_month": 4})
    plan = incentive.read_plan(
        {"tiers": [[0, None, "10%"]], "year": {"cap": 50}}, calendar=calendar
    )
    names = ["FY25-Q3", "FY25-Q4", "FY26-Q1", "FY26-Q2"]
    table = incentive.payout(rows([400, 400, 300, 300], names), plan=plan)
    assert table["payout"].tolist() == [40, 10, 30, 20]
    years = incentive.year_settlements(table, plan=plan)
    assert years[["year", "payout", "year_status"]].to_numpy().tolist() == [
        ["FY25", 50, "settled_part"],
        ["FY26", 50, "open"],
    ]


# Against exact fractions


def half_up(value: Fraction) -> int:
    return (-1 if value < 0 else 1) * floor(abs(value) + Fraction(1, 2))


@given(st.lists(st.lists(st.integers(-5000, 40_000), min_size=4, max_size=9), min_size=1,
                max_size=3),
       st.sampled_from(["difference", "more", "beside"]), st.integers(0, 600),
       st.sampled_from(["carry", "repay", "forgive"]), st.integers(0, 300))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_year_equals_a_loop_in_fractions(payees, pays, limit, debt_rule, draw):
    plan = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]], "cap": 4,
            "draw": Fraction(draw, 100),
            "year": {"pays": pays, "debt": debt_rule, "cap": Fraction(2 * limit + 400, 100),
                     "thresholds": "quota", "method": "retroactive",
                     "tiers": [[0, 1, "3%"], [1, None, "7%"]]}}  # fmt: skip
    table = pd.concat([rows(np.array(cents) / 100).assign(payee_id=f"p{at}")
                       for at, cents in enumerate(payees)], ignore_index=True)  # fmt: skip
    paid = incentive.payout(table, plan=plan)
    wanted, most = [], 2 * limit + 400
    for cents in payees:
        owed, year = 0, {"sold": 0, "brought": 0, "running": 0, "within": 0}
        for at, amount in enumerate(cents):
            tiered = Fraction(3, 100) * amount + Fraction(2, 100) * max(amount - 10_000, 0)
            due = min(half_up(tiered), 400)
            year["sold"] += amount
            year["brought"] += due
            if at % 4 == 3:
                own = half_up(Fraction(7 if year["sold"] >= 40_000 else 3, 100) * year["sold"])
                more = own if pays == "beside" else own - year["brought"]
                due += max(more, 0) if pays == "more" else more
            year["running"] += due
            earned = min(year["running"], most) - year["within"]
            year["within"] = min(year["running"], most)
            before, owed = owed, max(owed + draw - earned, 0)
            pay = earned + owed - before
            if at % 4 == 3:
                if debt_rule != "carry":
                    pay, owed = pay - owed * (debt_rule == "repay"), 0
                year = dict.fromkeys(year, 0)
            wanted.append(pay)
    assert paid["payout_minor"].tolist() == wanted
    lines = incentive.statement_lines(paid, plan=plan)
    sums = lines[lines["is_sum"]].groupby(["payee_id", "period"])["amount_minor"].last()
    assert sums.tolist() == paid.sort_values(["payee_id", "period"])["payout_minor"].tolist()


# Years that cannot be settled


def test_a_year_is_settled_in_its_last_period_only():
    plan = {"tiers": [[0, None, "10%"]], "draw": 20, "year": {
        "debt": "forgive", "tiers": [[0, None, "12%"]]}}  # fmt: skip
    table = rows([100, 100, 100], [*QUARTERS[:3]])
    paid = incentive.payout(table, plan=plan)
    assert paid["debt"].tolist() == [10, 20, 30] and paid["year_due"].isna().all()
    assert incentive.year_settlements(paid, plan=plan)["year_status"].tolist() == ["open"]
    # Later periods without it: the year stays open, its debt goes on, and that is said.
    later = rows([100, 100, 100, 500], [*QUARTERS[:3], "2026-Q1"])
    paid = incentive.payout(later, plan=plan)
    assert paid["payout"].tolist() == [20, 20, 20, 20]
    years = incentive.year_settlements(paid, plan=plan)
    assert years["year_status"].tolist() == ["left_open", "open"]
    names = [found.name for found in incentive.year_findings(years)]
    assert names == ["years_none", "years_left_open", "single_periods"]


def test_a_year_that_begins_late_is_settled_on_what_is_there_and_said():
    plan = {"tiers": [[0, None, "10%"]], "year": {"tiers": [[0, None, "12%"]]}}
    table = incentive.payout(rows([100, 200], ["2025-Q3", "2025-Q4"]), plan=plan)
    assert table["year_extra"].tolist() == [0, 6]
    years = incentive.year_settlements(table, plan=plan)
    assert years["year_status"].tolist() == ["settled_part"]
    names = [found.name for found in incentive.year_findings(years)]
    assert names == ["years_settled", "years_bring", "years_settled_part", "single_periods"]


def test_a_year_of_which_a_period_is_not_known_is_not_settled():
    plan = {"tiers": [[0, None, "10%"]], "year": {"tiers": [[0, None, "12%"]]}}
    table = incentive.payout(rows([100, None, 100, 100, 50]), plan=plan)
    assert table["status"].tolist() == ["paid", "no_sales", "paid", "no_year", "paid"]
    assert table["payout"].isna().tolist() == [False, True, False, True, False]
    years = incentive.year_settlements(table, plan=plan)
    assert years["year_status"].tolist() == ["no_year", "open"]
    assert "years_untold" in [found.name for found in incentive.year_findings(years)]


def test_nothing_is_advanced_for_a_period_that_cannot_be_paid():
    # Nothing is paid there, so nothing of the draw is owed afterwards; nor is a clawback repaid.
    plan = {"tiers": [[0, None, "10%"]], "draw": 20}
    table = rows([None, 300], clawback=[7.0, 0.0])
    paid = incentive.payout(table, plan=plan)
    assert paid["payout"].isna().tolist() == [True, False]
    assert paid["debt"].tolist() == [0, 0] and paid["payout"].tolist()[1] == 30
    kept = incentive.payout(table, plan=plan | {"draw": {"amount": 20, "recoverable": False}})
    assert kept["payout"].tolist()[1] == 30


# Components


def test_components_have_years_of_their_own_and_the_payee_one_for_all():
    plan = """
target_incentive: 1000
components:
  - name: x
    weight: 60 %
    thresholds: quota
    tiers: [{from: 0, times: 1}]
    cap: {share: 100 %}
    year: {pays: more, thresholds: quota, tiers: [{from: 0, to: 1, times: 1}, {from: 1, times: 2}]}
  - name: y
    weight: 40 %
    thresholds: quota
    tiers: [{from: 0, times: 1}]
year: {cap: {share: 110 %}, debt: repay}
draw: 500
"""
    table = pd.concat([rows([200, 100, 100, 100]).assign(component="x"),
                       rows([0, 100, 100, 100]).assign(component="y")])  # fmt: skip
    total, parts = (f(table, plan=plan) for f in (incentive.payout, incentive.payout_parts))
    # x: 600 a quarter, and 125% of the year: 2,400 + 2 × 600 − 2,400. The year comes to 4,400.
    own = parts[parts["component"] == "x"]
    assert own["payout"].tolist() == [600, 600, 600, 1800]
    assert total["payout"].tolist() == [600, 1000, 1000, 1800]
    assert total["year_cut"].tolist() == [0, 0, 0, -400]
    assert parts[parts["part"] == "year_cut"]["payout"].tolist() == [-400]
    sums = parts.groupby("period")["payout_minor"].sum()
    assert sums.tolist() == total["payout_minor"].tolist()
    years = incentive.year_settlements(parts, plan=plan).set_index("component")
    assert years.loc["x", ["year_due", "year_extra"]].tolist() == [3600, 1200]
    lines = incentive.statement_lines(total, plan=plan, parts=parts)
    assert len(lines)
    years = incentive.year_settlements(total, plan=plan)
    assert years[["brought", "year_cut", "payout"]].to_numpy().tolist() == [[4800, -400, 4400]]
    # A component whose year cannot be told has the payee's row wait, and says why.
    table.loc[table["component"].eq("x") & table["period"].eq("2025-Q2"), "sales"] = np.nan
    total = incentive.payout(table, plan=plan)
    assert total["status"].tolist() == ["paid", "no_sales", "paid", "no_year"]


# Bad input: one message each

YEAR = """
thresholds: quota
tiers: [[0, 1, 0.03], [1, null, 0.05]]
cap: {payout: 100, banked: yes}
year:
  thresholds: quota
  tiers: [[0, 1, 0.03], [1, null, 0.06]]
  cap: 1000
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cap: 1000", "pays: twice", "line 8, `year.pays`: 'twice'; expected one of difference"),
        ("cap: 1000", "debt: keep", "line 8, `year.debt`: 'keep'; expected one of carry"),
        ("cap: 1000", "bank: keep", "line 8, `year.bank`: 'keep'; expected one of carry"),
        ("cap: 1000", "cap: 99", "line 8, `year.cap.payout`: 99 is under the cap on a period"),
        ("cap: 1000", "cap: {payout: 1000, banked: yes}", "`year.cap.banked`: what is over"),
        ("cap: 1000", "cap: -1", "`year.cap.payout`: -1 is negative"),
        ("cap: 1000", "cap: 1000.001", "`year.cap.payout`: 1000 is not a whole"),
        ("cap: 1000", "draw: 5", "line 8, `year.draw`: belongs to the plan"),
        ("cap: 1000", "cup: 5", "line 8, `year.cup`: is not a word of a plan"),
        ("0.06", "6", "line 7, `year.tiers[1].rate`: a rate of 6 is over 1"),
        (", banked: yes}", "}\nperiod: year", "`year`: settles shorter periods"),
        (", banked: yes}", "}\nmeasure: year", "`year.tiers`: `measure` settles"),
        ("  tiers: [[0, 1, 0.03], [1, null, 0.06]]\n", "", "line 6, `year.thresholds`: is about"),
        ("cap: {payout: 100, banked: yes}\nyear:", "year:\n  bank: pay", "`year.bank`: there is"),
        ("cap: {payout: 100, banked: yes}\nyear:", "draw: {amount: 5, recoverable: no}\nyear:\n"
         "  debt: repay", "`year.debt`: the draw need not be paid back"),
    ],
)  # fmt: skip
def test_a_year_that_contradicts_itself_is_refused_with_line_and_key(old, new, said):
    assert old in YEAR
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(YEAR.replace(old, new, 1), file="plan.yml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("year", "said"),
    [("{}", "`year`: settles nothing"), ("5", "`year`: expected keys such as")],
)
def test_a_year_says_something(year, said):
    with pytest.raises(SalesAnalysisError, match=said):
        incentive.read_plan(f"tiers: [[0, null, 0.1]]\nyear: {year}")


def test_years_belong_where_they_can_be_settled():
    each = {"name": "x", "tiers": [[0, None, "1%"]]}
    for plan, said in (
        ({"components": [each | {"year": {"debt": "repay"}}]}, r"components\[0\].year.debt`: bel"),
        ({"components": [each], "year": {"tiers": [[0, None, "2%"]]}}, "`year.tiers`: belongs to"),
        ({"components": [each, each | {"name": "y", "year": {"cap": 5},
                                       "gate": {"component": "x", "at": 5}}]}, "single periods"),
    ):  # fmt: skip
        with pytest.raises(SalesAnalysisError, match=said):
            incentive.read_plan(plan)


@pytest.mark.parametrize("names", [["1", "2"], ["2025-W01", "2025-W02"]])
def test_periods_that_make_no_year_are_refused(names):
    plan = {"tiers": [[0, None, "10%"]], "year": {"cap": 5}}
    with pytest.raises(SalesAnalysisError, match="settles months, quarters or half years"):
        incentive.payout(rows([1, 2], names), plan=plan)
    with pytest.raises(SalesAnalysisError, match="settles no years"):
        incentive.year_settlements(rows([1]), plan={"tiers": [[0, None, "10%"]]})


def test_a_database_says_that_it_settles_no_years():
    plan = incentive.read_plan({"tiers": [[0, None, "10%"]], "year": {"cap": 5}})
    with pytest.raises(SalesAnalysisError, match="not computed in a database yet"):
        reduce.incentive.payout(rows([1]), plan=plan)


def test_the_year_in_words_and_numbers():
    plan = incentive.read_plan(
        YEAR.replace("cap: 1000", "cap: 1000\n  bank: lose\n  debt: forgive")
    )
    said = plan.describe().splitlines()
    at = said.index("At the end of the year, for its sales against the sum of its quotas:")
    assert said[at + 3] == "From 100% of quota: 6% of the sales."
    assert "Commission and bonuses of a year come to 1,000 at the most." in said
    assert "What the cap still keeps at the end of the year is lost." in said
    numbers = plan.summary().set_index("name")["value"]
    assert numbers["year_cap_payout"] == 1000 and numbers["year_tier_2_rate"] == 0.06
    assert "年末按全年销售额与各期指标之和计算：" in plan.describe("zh")
