"""Incentive reductions: payouts in SQL equal to the cent, attainment by loops, planted faults."""

import itertools

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive, reduce, text

QUARTERS = [f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)]
MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
TWO = [[0, 1, 0.03], [1, None, 0.05]]

PLANS = {
    "four tiers": {"thresholds": "quota", "tiers": [[0, 0.5, 0.02], [0.5, 1, 0.03],
                   [1, 1.2, 0.05], [1.2, None, 0.075]]},
    "cliff and caps": {"thresholds": "quota", "method": "retroactive", "at_boundary": "lower",
                       "tiers": TWO, "floor": {"at": 0.8, "cliff": True},
                       "cap": {"payout": 6000, "attainment": 2}, "bonuses": [[1, 500]]},
    "interpolated": {"thresholds": "quota", "method": "interpolated", "tiers": [
        {"from": 0, "to": 0.5, "pay": 1000}, {"from": 0.5, "to": 1.5, "pay": 3000.33}]},
    "curve": {"thresholds": "quota", "target_incentive": 20000, "points": [
        {"at": 0.5, "share": 0.1}, {"at": 1, "share": 1}, {"at": 1.5, "share": 2}]},
    "curve of rates": {"points": [[50000, 0.01], [100000, 0.05]], "cap": {"rate": 0.04}},
    "half to even": {"thresholds": "quota", "target_incentive": 20000, "rounding": "half_even",
                     "bonuses": [{"at": 0.8, "share": "1/30"}, {"at": 1.2, "pay": 7}],
                     "tiers": [{"from": 0, "times": 0.8}, {"from": 1, "times": 1.5}]},
    "true-up and draw": {"thresholds": "quota", "tiers": TWO, "true_up": "year", "draw": 2000},
    "year to date": {"thresholds": "quota", "method": "retroactive", "tiers": TWO,
                     "measure": {"over": "year", "pays": "period"}, "ramp": [0.5, 0.75],
                     "rounding": {"method": "up", "to": 1}, "bonuses": [[1, 50]]},
    "rolling": {"thresholds": "quota", "tiers": TWO, "measure": {"over": 3, "pays": "period"},
                "draw": {"amount": 3000, "recoverable": False, "periods": 3}},
    "tier by tier": {"tiers": [[0, 50000, 0.0333], [50000, None, 0.0777]],
                     "rounding": {"at": "tier"}, "negative": "take_back"},
    "multiplied": {"thresholds": "quota", "tiers": [[0, 1, "1/3"], [1, None, 0.05]],
                   "measure": {"over": "year", "pays": "period"}, "cap": {"rate": 0.3},
                   "multipliers": [{"on": "margin", "steps": [[0.1, "2/3"], [0.3, 1.2]]},
                                   {"on": "margin", "steps": [[0, 0.9], [0.3, 1]], "tier": 2}]},
    "multiplied tier by tier": {"tiers": [[0, 50000, 0.0333], [50000, None, 0.0777]],
                                "rounding": {"at": "tier"},
                                "multipliers": [{"on": "margin", "steps": [[0.2, 1.05]]}]},
    "banked": {"thresholds": "quota", "tiers": TWO, "bonuses": [[1, 500]],
               "cap": {"payout": 4000, "banked": "yes"}, "draw": 2500},
    "sales banked": {"thresholds": "quota", "tiers": TWO, "ramp": [0.33333],
                     "cap": {"attainment": 1.1, "share": 0.16, "banked": "yes"},
                     "target_incentive": 20000,
                     "multipliers": [{"on": "margin", "steps": [[0.1, 1]]}]},
    "in lines": {"thresholds": "quota", "tiers": TWO, "bonuses": [[1, 50_000_000]],
                 "multipliers": [{"on": "margin", "bonuses": "yes",
                                  "points": [[0.1, "1/3"], [0.3, 1], [0.35, 0]]},
                                 {"on": "attainment", "tier": 2,
                                  "points": [[0.5, 0.1], [1.2, "8/7"], [2, 3]]}]},
    "by attainment": {"tiers": [[0, None, 0.0777]], "measure": {"over": "year", "pays": "period"},
                      "bonuses": [[400_000, 77.77]], "multipliers": [
                          {"on": "attainment", "steps": [[0.5, 0.7], [1.2, 1.1]], "bonuses": 1}]},
    "quarters of months": {"thresholds": "quota", "tiers": TWO, "true_up": "quarter",
                           "negative": "zero"},
}  # fmt: skip


def made(periods, seed=3, payees=40):
    """Attainment with exact hits, returns, and rows that cannot be paid, in no order."""
    rng = np.random.default_rng(seed)
    pairs = itertools.product([f"p{number:02}" for number in range(payees)], periods)
    frame = pd.DataFrame(list(pairs), columns=["payee_id", "period"])
    frame["quota"] = 100_000.0
    frame["sales"] = rng.lognormal(11.5, 0.4, len(frame)).round(2)
    levels = rng.choice([0.5, 0.8, 1, 1.2, 1.5, 2], len(frame)) * frame["quota"]
    frame["sales"] = frame["sales"].mask(frame.index % 5 == 0, levels)
    frame["sales"] = frame["sales"].where(frame.index % 37 != 1, -frame["sales"])
    frame["sales"] = frame["sales"].mask(frame.index % 41 == 2)
    frame["quota"] = frame["quota"].mask(frame.index % 43 == 3, 0).mask(frame.index % 47 == 4)
    frame["margin"] = (0.05 * (frame.index % 9)).where(frame.index % 31 != 5)
    frame["clawback"] = np.where(frame.index % 11 == 0, 123.45, 0.0)
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


@pytest.mark.matrix
@pytest.mark.parametrize("name", PLANS)
def test_payouts_in_the_engine_equal_those_in_memory(name):
    frame = made(MONTHS if "months" in name else QUARTERS)
    plan = incentive.read_plan(PLANS[name])
    expected = incentive.payout(frame, plan=plan).sort_values(["payee_id", "period"])
    table = reduce.incentive.payout(frame, plan=plan).order_by("payee_id", "period").to_pandas()
    assert table["status"].tolist() == expected["status"].tolist()
    minor = expected["payout_minor"].astype(float).to_numpy()
    assert np.array_equal(table["payout_minor"].astype(float), minor, equal_nan=True)
    banked = {"from_bank", "bank", "sales_banked"} & set(expected)
    assert banked == {"from_bank", "bank", "sales_banked"} & set(table)
    for column in [*banked, "measured", "commission", "bonus", "payout_cut", "paid_before",
                   "earned", "advance", "repaid", "debt", "payout"]:  # fmt: skip
        values = expected[column].astype(float)
        assert np.allclose(table[column].astype(float), values, equal_nan=True), column


LEVEL = "123.4567%"
FINE = {
    "cap in shares": {"cap": {"share": "12.34567%"}, "target_incentive": 10**12},
    "cap on attainment": {"cap": {"attainment": LEVEL}},
    "sales banked": {"cap": {"attainment": LEVEL, "banked": "yes"}},
    "floor": {"floor": {"at": LEVEL, "cliff": True}},
    "year to date": {"measure": {"over": "year", "pays": "period"}, "bonuses": [[LEVEL, 7]]},
    "cap on the rate": {"cap": {"rate": "2.345678%"}, "draw": 500},
}


@pytest.mark.parametrize("name", FINE)
def test_products_beyond_64_bits_are_paid_in_the_engine_as_in_memory(name):
    plan = incentive.read_plan({"thresholds": "quota", "tiers": [[0, None, 0.03]], **FINE[name]})
    sizes = np.array([5e4, 1e8, 1e10, 1e11])
    frame = pd.DataFrame({"payee_id": np.repeat([0, 1, 2], 4), "period": QUARTERS[:4] * 3})
    frame = frame.assign(sales=[*sizes, *sizes[::-1], *-sizes], quota=[*sizes, *sizes, *sizes * 10])
    assert not plan.fits(10**13, 10**14, 10**14)
    expected = incentive.payout(frame, plan=plan)["payout_minor"].tolist()
    table = reduce.incentive.payout(frame, plan=plan).order_by("payee_id", "period").to_pandas()
    assert table["payout_minor"].tolist() == expected


def test_what_would_make_a_payout_wrong_is_refused():
    plan = incentive.read_plan({"thresholds": "quota", "tiers": TWO})
    frame = made(QUARTERS).fillna({"sales": 1.0})
    for bad, said in (
        (pd.concat([frame, frame.head(2)]), "2 rows too many"),
        (frame.assign(sales=1.005), "`sales` holds amounts"),
        (
            frame.assign(currency=["EUR", "USD"] * (len(frame) // 2)),
            "`currency` of `table` holds EUR, USD; expected one",
        ),
        (frame.drop(columns="quota"), "no column `quota`"),
        (frame.assign(nth_period=1), "nth_period"),
        (frame.assign(sales=9e15), "38 digits"),
    ):
        with pytest.raises(SalesAnalysisError, match=said):
            reduce.incentive.payout(bad, plan=plan)
    with pytest.raises(SalesAnalysisError, match="read_plan"):
        reduce.incentive.payout(frame, plan=PLANS["rolling"])
    yearly = incentive.read_plan({"thresholds": "quota", "tiers": TWO, "true_up": "year"})
    with pytest.raises(SalesAnalysisError, match="order in time"):
        reduce.incentive.payout(frame.assign(period="Q1 2025").head(1), plan=yearly)


def test_attainment_equals_a_loop():
    rng = np.random.default_rng(1)
    at = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 500, 300), unit="D")
    sales = pd.DataFrame({"payee_id": rng.choice(["a", "b", None], 300), "sold_at": at,
                          "amount": rng.normal(50, 60, 300).round(2)})  # fmt: skip
    targets = pd.DataFrame({"period": ["2025-Q1", "2025-Q1", "2030-Q1"],
                            "owner_id": ["a", "a", "b"], "target": [100.0, 0.5, 7.0]})  # fmt: skip
    expected: dict = {}
    for row in sales.itertuples():
        if isinstance(row.payee_id, str) and row.sold_at <= pd.Timestamp("2026-03-15 23:59"):
            key = (row.payee_id, f"{row.sold_at.year}-Q{row.sold_at.quarter}")
            expected[key] = expected.get(key, 0) + row.amount
    table = reduce.incentive.attainment(sales, targets, as_of="2026-03-15")
    found = table.set_index(["payee_id", "period"])
    assert set(found.index) == {*expected, ("b", "2030-Q1")}
    for key, amount in expected.items():
        assert found.loc[key, "sales"] == pytest.approx(amount)
    assert found.loc[("a", "2025-Q1"), "quota"] == 100.5
    assert found.loc[("b", "2030-Q1"), ["sales", "sales_n"]].tolist() == [0, 0]
    assert table.equals(table.sort_values(["payee_id", "period"], ignore_index=True))
    monthly = reduce.incentive.attainment(sales, period="month")
    assert monthly["sales"].sum() == pytest.approx(sales.dropna()["amount"].sum())
    assert monthly["quota"].isna().all()


def test_attainment_from_won_deals():
    deals = pd.DataFrame({
        "opportunity_id": list("abc"), "owner_id": "R1", "amount": [10.0, 20.0, 40.0],
        "outcome": ["won", "won", "lost"],
        "closed_at": pd.to_datetime(["2025-01-05", "2025-04-05", "2025-01-05"])})  # fmt: skip
    table = reduce.incentive.attainment(opportunities=deals)
    assert table["sales"].tolist() == [10.0, 20.0]
    for wrong in ({}, {"sales": deals, "opportunities": deals}):
        with pytest.raises(SalesAnalysisError, match="one of them"):
            reduce.incentive.attainment(**wrong)
    with pytest.raises(SalesAnalysisError, match="EUR, USD"):
        reduce.incentive.attainment(opportunities=deals.assign(currency=["EUR", "USD", "USD"]))
    with pytest.raises(SalesAnalysisError, match="`period`"):
        reduce.incentive.attainment(opportunities=deals, period="week")


# Checks

CLEAN = pd.DataFrame({
    "payee_id": ["a", "a", "b"], "period": ["2025-Q1", "2025-Q2", "2025-Q1"], "quota": 100.0,
    "sales": [90.0, 110.0, 50.0], "currency": "EUR"})  # fmt: skip
SALES = pd.DataFrame({"payee_id": ["a", "b"], "amount": [5.0, 6.0], "currency": "EUR",
                      "sold_at": pd.to_datetime(["2025-01-05", "2025-02-01"])})  # fmt: skip
PLAN = incentive.read_plan(
    {"thresholds": "quota", "tiers": TWO, "currency": "EUR", "period": "quarter"}
)


def found(frame=CLEAN, sales=SALES, plan=PLAN):
    table = reduce.incentive.checks(frame, sales=sales, plan=plan).table.set_index("check")
    return table[table["finding"] == "found"]


def at(frame, row, **values):
    changed = frame.copy()
    for name, value in values.items():
        changed.loc[row, name] = value
    return changed


PLANTED = {
    "currency_mix": ({"frame": at(CLEAN, 1, currency="USD")}, 110.0, True),
    "payee_twice": ({"frame": at(CLEAN, 1, period="2025-Q1")}, 200.0, True),
    "payee_missing": ({"frame": at(CLEAN, 2, payee_id=None)}, 50.0, True),
    "overlapping_periods": ({"frame": at(CLEAN, 1, period="2025-05")}, 200.0, True),
    "other_period": (
        {"frame": CLEAN.assign(period=["2025-01", "2025-02", "2025-01"])},
        250.0,
        True,
    ),
    "quota_missing": ({"frame": at(CLEAN, 0, quota=np.nan)}, 90.0, True),
    "quota_zero": ({"frame": at(CLEAN, 0, quota=0.0)}, 90.0, True),
    "sales_missing": ({"frame": at(CLEAN, 0, sales=np.nan)}, 0.0, False),
    "negative_sales": ({"frame": at(CLEAN, 0, sales=-9.0)}, 9.0, False),
    "period_without_order": ({"frame": at(CLEAN, 0, period="spring")}, 90.0, False),
    "sales_currency_mix": ({"sales": at(SALES, 0, currency="USD")}, 5.0, True),
    "sale_without_payee": ({"sales": at(SALES, 0, payee_id=None)}, 5.0, False),
    "sale_without_date": ({"sales": at(SALES, 0, sold_at=pd.NaT)}, 5.0, False),
    "sale_without_amount": ({"sales": at(SALES, 0, amount=np.nan)}, 0.0, False),
    "returns": ({"sales": at(SALES, 1, amount=-6.0)}, 6.0, False),
}
#: What a planted fault brings with it.
ALSO = {"overlapping_periods": {"other_period"}, "period_without_order": {"other_period"}}


def test_clean_tables_have_no_finding():
    assert found().empty
    table = reduce.incentive.checks(CLEAN).table
    assert set(table.loc[table["finding"] == "unknown", "of"]) == {"sales", "attainment"}
    assert set(table["severity"]) == {"high", "medium", "low"}


@pytest.mark.matrix
@pytest.mark.parametrize("name", PLANTED)
def test_each_check_finds_what_was_planted_and_nothing_else(name):
    given, amount, blocks = PLANTED[name]
    table = found(**given)
    assert set(table.index) == {name} | ALSO.get(name, set())
    assert (table.loc[name, "amount"], table.loc[name, "blocks"]) == (amount, blocks)
    tables = {"attainment": given.get("frame", CLEAN), "sales": given.get("sales", SALES)}
    rows = reduce.incentive.checks(**tables, plan=PLAN).rows_of(name)
    assert len(rows) == table.loc[name, "rows"]


def test_every_check_has_words_in_both_languages():
    assert set(PLANTED) == set(reduce.incentive.checks(CLEAN).table["check"])
    for name in PLANTED:
        for lang in text.LANGUAGES:
            assert text.has(f"incentive.value.check.{name}", lang)
            assert text.has(f"incentive.value.why.{name}", lang)


def test_checks_of_nothing_or_of_no_name_are_refused():
    with pytest.raises(SalesAnalysisError, match="Give"):
        reduce.incentive.checks()
    with pytest.raises(SalesAnalysisError, match="Did you mean `quota_zero`"):
        reduce.incentive.checks(CLEAN).rows_of("quota_zer")
    with pytest.raises(SalesAnalysisError, match="no column `period`"):
        reduce.incentive.checks(CLEAN.drop(columns="period"))
