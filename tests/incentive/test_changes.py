"""Periods in parts: by days, to the cent, all parts on the statement; bad days are refused."""

from datetime import date, timedelta
from fractions import Fraction
from math import floor

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive

PLAN = {"thresholds": "quota", "tiers": [[0, 1, "3.33%"], [1, None, "5%"]]}
FLAT = {"name": "Flat", "tiers": [[0, None, "7%"]]}
QUARTER = date(2025, 1, 1), 90


def attainment(*rows, **more):
    table = pd.DataFrame(rows, columns=["payee_id", "period", "sales", "quota"])
    return table.astype({"sales": float, "quota": float}).assign(**more)


def changes(*rows, **more):
    """Changes from (payee, period, first day)."""
    table = pd.DataFrame(rows, columns=["payee_id", "period", "starts_at"])
    return table.assign(starts_at=pd.to_datetime(table["starts_at"]), **more)


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def pays(sales: int, quota: int, flat: bool) -> int:
    """What a plan pays for a whole period, in cents and exact fractions."""
    if flat:
        return half_up(sales * Fraction(7, 100))
    low, over = min(sales, quota), max(sales - quota, 0)
    return half_up(low * Fraction(333, 10_000) + over * Fraction(5, 100))


@given(
    st.integers(0, 30_000),
    st.integers(1, 20_000),
    st.dictionaries(
        st.integers(0, 89), st.tuples(st.one_of(st.none(), st.integers(1, 20_000)), st.booleans()),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_parts_are_exact_shares_of_days(sales, quota, steps):
    first, days = QUARTER
    steps = dict(sorted(steps.items()))
    given_rows = changes(
        *(("a", "2025-Q1", str(first + timedelta(days=day))) for day in steps),
        quota=[None if q is None else q / 100 for q, _ in steps.values()],
        plan_name=["Flat" if flat else None for _, flat in steps.values()],
    ).astype({"quota": float})
    rows = attainment(("a", "2025-Q1", sales / 100, quota / 100))
    changed = incentive.changed_payout(rows, given_rows, plan=PLAN, plans=[FLAT])
    now, flat, at, exact = quota, False, 0, []
    for day, (new, turns_flat) in [*steps.items(), (days, (None, False))]:
        if day > at:
            exact.append(Fraction(pays(sales, now, flat) * (day - at), days))
        at, now, flat = day, new or now, flat or turns_flat
    parts = changed.parts["payout_minor"].tolist()
    assert len(parts) == len(exact)
    total = half_up(sum(exact))
    assert changed.statements["payout_minor"].tolist() == [total]
    assert sum(parts) == total
    assert all(abs(part - wanted) < 1 for part, wanted in zip(parts, exact, strict=True))
    # On the statement every step is there, and they add up.
    made = {"plan": PLAN, "plans": [FLAT], "changed": changed.parts}
    lines = incentive.statement_lines(changed.statements, **made)
    assert lines.loc[~lines["is_sum"], "amount_minor"].sum() == total
    assert lines.loc[lines["is_sum"], "amount_minor"].iloc[-1] == total
    sums = lines.loc[lines["statement_step"].str.startswith("Paid for part"), "amount_minor"]
    assert sums.tolist() == parts


@given(st.integers(0, 30_000), st.lists(st.integers(1, 89), min_size=1, max_size=3, unique=True))
@settings(max_examples=30, deadline=None)
def test_a_change_that_changes_nothing_leaves_the_payout_as_it_is(sales, days):
    first, _ = QUARTER
    rows = attainment(("a", "2025-Q1", sales / 100, 100), ("a", "2025-Q2", 90, 100))
    same = changes(
        *(("a", "2025-Q1", str(first + timedelta(days=day))) for day in days), quota=100.0
    )
    plan = PLAN | {"draw": {"amount": 5}}
    before = incentive.payout(rows, plan=plan)
    after = incentive.changed_payout(rows, same, plan=plan).statements
    money = ["quota", "attainment", "commission", "earned", "advance", "repaid", "payout", "debt"]
    pd.testing.assert_frame_equal(after[[*money, "payout_minor"]], before[[*money, "payout_minor"]])
    assert after["status"].tolist() == ["in_parts", "paid"]


def test_a_draw_is_settled_once_over_parts_and_later_periods():
    rows = attainment(
        ("a", "2025-Q1", 100, 100), ("a", "2025-Q2", 300, 100), ("b", "2025-Q1", 1, 1)
    )
    rows = rows.assign(spif=[1.0, 0, 0], clawback=[0.5, 0, 0])
    plan = PLAN | {"draw": {"amount": 6}}
    change = changes(("a", "2025-Q1", "2025-03-02"), plan_name="Flat")
    changed = incentive.changed_payout(rows, change, plan=plan, plans=[FLAT])
    # 60 days of 3.33 and 30 of 7.00: 4.55, with SPIF and clawback 5.05; 0.95 is advanced.
    assert changed.parts["payout"].tolist() == [2.22, 2.33]
    table = changed.statements
    assert table["earned"].tolist()[:2] == [5.05, 13.33]
    assert table["advance"].tolist() == [0.95, 0, 5.97] and table["repaid"].tolist() == [0, 0.95, 0]
    assert table["payout"].tolist() == [6.0, 12.38, 6.0]
    untouched = incentive.payout(rows, plan=plan).iloc[[2]]
    pd.testing.assert_frame_equal(table.iloc[[2]], untouched, check_dtype=False)


def test_a_part_that_cannot_be_computed_leaves_the_period_without_a_payout():
    rows = attainment(("a", "2025-Q1", 100, None), ("a", "2025-Q2", 100, 100))
    change = changes(("a", "2025-Q1", "2025-02-01"), quota=80.0)
    changed = incentive.changed_payout(rows, change, plan=PLAN)
    assert changed.statements["payout"].isna().tolist() == [True, False]
    assert changed.statements["status"].tolist() == ["part_unknown", "paid"]
    assert changed.parts["status"].tolist() == ["no_quota", "paid"]
    lines = incentive.statement_lines(changed.statements, plan=PLAN, changed=changed.parts)
    assert "A part cannot be computed" in lines["plan_rule"].tolist()


def test_refunds_take_back_by_days_too():
    plan = PLAN | {"period": "quarter"}
    rows = attainment(("a", "2025-Q1", 130, 100), ("a", "2025-Q2", 0, 100))
    sold = pd.DataFrame({"sale_id": ["s"], "payee_id": "a", "amount": 30.0,
                         "sold_at": pd.to_datetime(["2025-02-01"])})  # fmt: skip
    back = pd.DataFrame({"sale_id": ["s"], "refunded_at": pd.to_datetime(["2025-04-01"]),
                         "amount": 30.0})  # fmt: skip
    change = changes(("a", "2025-Q1", "2025-03-02"), plan_name="Flat")
    more = {"plan": plan, "changes": change, "plans": [FLAT]}
    # 60 days of 1.50 and 30 of 2.10.
    assert incentive.settle_refunds(back, rows, sold, **more).table["clawback"].tolist() == [1.7]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (["2025-04-01"], None,
         "`starts_at` is 2025-04-01, outside the period (2025-01-01 to 2025-03-31)"),
        (["2024-12-31"], None, "`starts_at` is 2024-12-31, outside"),
        (["2025-02-01"], ["2025-04-01"], "`ends_at` is 2025-04-01, outside"),
        (["2025-02-01"] * 2, None, "two changes start on 2025-02-01, so they overlap"),
        (["2025-02-01", "2025-03-01"], ["2025-03-01", None],
         "the next starts on 2025-03-01: they overlap"),
        (["2025-02-01", "2025-03-01"], ["2025-02-27", None],
         "the next starts on 2025-03-01: a gap"),
        (["2025-02-01"], ["2025-03-30"], "nothing is said of the days to the period's end: a gap"),
        ([None], None, "a change has no `starts_at`"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_refused(start, end, said):
    rows = attainment(("a", "2025-Q1", 1, 1))
    table = changes(*(("a", "2025-Q1", day) for day in start), quota=2.0)
    if end is not None:
        table["ends_at"] = pd.to_datetime(end)
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.changed_payout(rows, table, plan=PLAN)
    assert "`changes` of a in 2025-Q1" in str(refused.value) and said in str(refused.value)


def test_plans_and_payees_that_are_not_there_are_refused():
    rows = attainment(("a", "2025-Q1", 1, 1))
    named = changes(("a", "2025-Q1", "2025-02-01"), plan_name="Flatt")
    with pytest.raises(SalesAnalysisError, match="'Flatt', which is none of .*Did you mean"):
        incentive.changed_payout(rows, named, plan=PLAN, plans=[FLAT])
    with pytest.raises(SalesAnalysisError, match="no row of them"):
        incentive.changed_payout(
            rows, changes(("b", "2025-Q1", "2025-02-01"), quota=1.0), plan=PLAN
        )
    with pytest.raises(SalesAnalysisError, match="changes nothing"):
        incentive.changed_payout(rows, changes(("a", "2025-Q1", "2025-02-01")), plan=PLAN)
    with pytest.raises(SalesAnalysisError, match="one of them has no `name`"):
        incentive.changed_payout(rows, named, plan=PLAN, plans=[PLAN])
    for rule in (
        {"measure": {"over": "year"}},
        {"cap": {"payout": 1, "banked": True}},
        {"period": "quarter", "year": {"cap": 100}},
    ):
        with pytest.raises(SalesAnalysisError, match="cannot be split by days"):
            incentive.changed_payout(rows, named, plan=PLAN | rule, plans=[FLAT])
    parts = {"components": [{"name": "x", **PLAN}]}
    with pytest.raises(SalesAnalysisError, match="The plan has components"):
        incentive.changed_payout(rows, named, plan=parts, plans=[FLAT])
    parts = incentive.changed_payout(
        rows, changes(("a", "2025-Q1", "2025-02-01"), quota=1.0), plan=PLAN
    )
    with pytest.raises(SalesAnalysisError, match="`changed` is needed"):
        incentive.statement_lines(parts.statements, plan=PLAN)
