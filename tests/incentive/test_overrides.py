"""Managers are paid of their teams: by hand, against a naive walk up, and circles are refused."""

from fractions import Fraction
from math import floor

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive, reduce

PLAN = {"tiers": [[0, 100, "5%"], [100, None, "10%"]]}


def rule(of="sales", levels="direct", share="2%"):
    return PLAN | {"override": {"share": share, "of": of, "levels": levels}}


def attainment(**sales):
    return pd.DataFrame(
        {"payee_id": list(sales), "period": "2025-Q1", "sales": list(sales.values())}
    )


def paid(rows, plan, managers, **more):
    """Statements with overrides, by payee."""
    first = incentive.payout(rows, plan=plan)
    teams = incentive.overrides(first, plan=plan, managers=managers, **more)
    final = incentive.payout(incentive.with_overrides(rows, teams), plan=plan)
    return teams, incentive.override_statements(final, teams, plan=plan).set_index("payee_id")


def test_a_managers_own_sales_are_not_doubled():
    rows = attainment(a=100.0, b=50.0, m=200.0, top=10.0)
    managers = {"a": "m", "b": "m", "m": "top", "top": ""}
    teams, final = paid(rows, rule(), managers)
    # m: 2% of 150; top: 2% of what m sold, 200.
    assert final["override"].to_dict() == {"a": 0, "b": 0, "m": 3.0, "top": 4.0}
    assert final.loc["m", ["commission", "override", "payout"]].tolist() == [15.0, 3.0, 18.0]
    _, all_below = paid(rows, rule(levels="all"), managers)
    assert all_below["override"].to_dict() == {"a": 0, "b": 0, "m": 3.0, "top": 7.0}
    _, of_pay = paid(rows, rule(of="payouts", share="10%"), managers)
    # 5.00 and 2.50 of the team; m's own commission of 15.00 without the override.
    assert of_pay["override"].to_dict() == {"a": 0, "b": 0, "m": 0.75, "top": 1.5}


def test_a_manager_who_sells_nothing_has_a_statement_too():
    teams, final = paid(attainment(a=100.0, b=50.0), rule(), {"a": "Ada Abbott", "b": "Ada Abbott"})
    assert final.loc["Ada Abbott", ["payout", "status"]].tolist() == [3.0, "override"]
    lines = incentive.statement_lines(final.reset_index(), plan=rule())
    own = lines[lines["payee_id"] == "Ada Abbott"]
    assert own["amount_minor"].tolist() == [300, 300]
    assert own["plan_rule"].tolist()[0] == (
        "A manager is paid 2% of the sales of those who report to the manager."
    )
    payroll = incentive.payroll(final.reset_index(), plan=rule())
    assert payroll["payroll_amount"].sum() == final["payout"].sum()


def test_managers_may_be_named():
    names = {"R1": "Ann", "R2": "Bo", "R3": "Bo"}
    rows = attainment(R1=100.0, R2=50.0)
    _, final = paid(rows, rule(), {"R2": "Ann"}, names=names)
    assert final.loc["R1", "override"] == 1.0
    with pytest.raises(SalesAnalysisError, match="`manager` of R1 is 'Bo', the name of R2 and R3"):
        paid(rows, rule(), {"R1": "Bo"}, names=names)


@given(
    st.lists(st.integers(0, 30_000), min_size=2, max_size=7),
    st.lists(st.integers(0, 6), min_size=7, max_size=7),
    st.sampled_from(["direct", "all"]),
    st.sampled_from(["sales", "payouts"]),
    st.integers(1, 100),
)
@settings(max_examples=60, deadline=None)
def test_any_tree_pays_what_a_walk_up_pays(cents, above, levels, of, share):
    # Each reports to one before, so there is no circle.
    managers = {f"p{at}": f"p{above[at] % at}" for at in range(1, len(cents))}
    rows = attainment(**{f"p{at}": amount / 100 for at, amount in enumerate(cents)})
    plan = rule(of, levels, f"{share}/1000")
    first = incentive.payout(rows, plan=plan).set_index("payee_id")
    _, final = paid(rows, plan, managers)
    wanted = dict.fromkeys(rows["payee_id"], 0)
    for at, amount in enumerate(cents):
        base = amount if of == "sales" else int(first.loc[f"p{at}", "payout_minor"])
        one = managers.get(f"p{at}")
        while one is not None:
            wanted[one] += base
            one = managers.get(one) if levels == "all" else None
    for payee, base in wanted.items():
        exact = floor(base * Fraction(share, 1000) + Fraction(1, 2))
        assert round(final.loc[payee, "override"] * 100) == exact
        assert final.loc[payee, "payout_minor"] == first.loc[payee, "payout_minor"] + exact


@pytest.mark.parametrize(
    ("managers", "circle"),
    [({"a": "a"}, "a → a"), ({"a": "b", "b": "c", "c": "b"}, "b → c → b")],
)
def test_circles_are_refused(managers, circle):
    with pytest.raises(SalesAnalysisError, match=circle):
        paid(attainment(a=1.0), rule(), managers)


def test_what_is_missing_or_contradicts_is_said():
    rows = attainment(a=1.0)
    with pytest.raises(SalesAnalysisError, match="nobody has a manager. Give `reps`"):
        paid(rows, rule(), {})
    with pytest.raises(SalesAnalysisError, match="has no override"):
        paid(rows, PLAN, {"a": "b"})
    wrong = "tiers: [[0, null, 5%]]\noverride: {share: 2, of: profit, levels: some}\n"
    with pytest.raises(SalesAnalysisError) as said:
        incentive.read_plan(wrong, file="plan.yml")
    for place in ("`override.share`: 2", "`override.of`: 'profit'", "`override.levels`: 'some'"):
        assert f"plan.yml, line 2, {place}" in str(said.value)
    parts = {"components": [{"name": "x", **PLAN}], "override": "2%"}
    with pytest.raises(SalesAnalysisError, match="`override.of`: components have no sales"):
        incentive.read_plan(parts)
    with pytest.raises(SalesAnalysisError, match="override"):
        reduce.incentive.payout(rows.assign(override=1.0), plan=incentive.read_plan(rule()))


def test_overrides_stand_beside_components():
    plan = {"components": [{"name": name, **PLAN} for name in "xy"],
            "override": {"share": "10%", "of": "payouts"}}  # fmt: skip
    rows = pd.concat([attainment(a=100.0, m=20.0).assign(component=name) for name in "xy"])
    teams, final = paid(rows, plan, {"a": "m"})
    assert final.loc["m", ["commission", "override", "payout"]].tolist() == [2.0, 1.0, 3.0]
    parts = incentive.payout_parts(incentive.with_overrides(rows, teams), plan=plan)
    beside = parts[parts["part"] == "override"]
    assert beside[["payee_id", "payout"]].to_numpy().tolist() == [["m", 1.0]]
    lines = incentive.statement_lines(final.reset_index(), plan=plan, parts=parts)
    assert lines.loc[lines["payee_id"] == "m", "amount_minor"].iloc[-2:].tolist() == [100, 300]
