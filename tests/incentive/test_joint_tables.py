"""Joint tables and several gates: by hand, against a loop; what looks at itself is refused."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive

#: Rows: revenue against its quota; columns: services against theirs; cells: shares of the target.
MATRIX = """
target_incentive: 10000
components:
  - name: services
    weight: 40 %
    thresholds: quota
    method: retroactive
    tiers: [{from: 1, share: 100 %}]
  - name: revenue
    weight: 60 %
    thresholds: quota
    method: retroactive
    across: {component: services, at: [0, 80 %, 100 %]}
    tiers:
      - {from: 80 %, to: 100 %, share: [20 %, 50 %, 60 %]}
      - {from: 100 %, share: [80 %, 100 %, 150 %]}
"""


def both(services, revenue):
    return pd.DataFrame({
        "payee_id": "a", "period": "2025-Q1", "component": ["services", "revenue"],
        "quota": [10.0, 100.0], "sales": [float(services), float(revenue)],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("services", "revenue", "paid"),
    [(5, 79.99, 0), (5, 80, 1200), (7.99, 100, 4800), (8, 99.99, 3000), (8, 100, 6000),
     (10, 99, 3600), (10, 300, 9000), (0, 100, 4800)],
)  # fmt: skip
def test_a_cell_is_found_by_both_levels(services, revenue, paid):
    parts = incentive.payout_parts(both(services, revenue), plan=MATRIX).set_index("component")
    assert parts.loc["revenue", "payout"] == paid
    assert parts.loc["services", "payout"] == (4000 if services >= 10 else 0)


def test_below_the_first_column_nothing_is_paid():
    plan = MATRIX.replace("[0, 80 %, 100 %]", "[50 %, 80 %, 100 %]")
    parts = incentive.payout_parts(both(4.99, 120), plan=plan).set_index("component")
    assert parts.loc["revenue", ["earned", "gate_cut", "payout"]].tolist() == [4800, -4800, 0]
    assert parts.loc["revenue", "status"] == "gated"
    assert (
        "It pays only where services reaches 50% of quota." in incentive.read_plan(plan).describe()
    )


def test_a_table_whose_columns_cannot_be_told_pays_nothing_and_says_so():
    rows = both(8, 100)
    rows.loc[0, "quota"] = np.nan
    parts = incentive.payout_parts(rows, plan=MATRIX).set_index("component")
    assert parts["status"].to_dict() == {"services": "no_quota", "revenue": "no_gate"}


def test_cells_of_money_and_rates_in_marginal_tiers():
    plan = {"components": [
        {"name": "x", "thresholds": "amount", "tiers": [[0, None, 0]]},
        {"name": "y", "thresholds": "amount", "across": {"component": "x", "at": [0, 1000]},
         "tiers": [{"from": 0, "rate": ["1%", "2%"]}, {"from": 100, "rate": ["2%", "4%"]}],
         "bonuses": [{"at": 150, "pay": [5, 7]}]},
    ]}  # fmt: skip
    rows = both(0, 0).assign(component=["x", "y"])
    for x, y, paid in ((999, 150, 1 + 1 + 5), (1000, 150, 2 + 2 + 7), (1000, 50, 1)):
        made = incentive.payout(rows.assign(sales=[float(x), float(y)]), plan=plan)
        assert made["payout"].tolist() == [paid]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 30)), min_size=1, max_size=8),
       st.lists(st.integers(1, 300), min_size=2, max_size=4, unique=True),
       st.lists(st.integers(0, 100), min_size=8, max_size=8))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_any_table_equals_exact_fractions(sold, levels, cells):
    levels = sorted(levels)
    table = [cells[: len(levels)], cells[4 : 4 + len(levels)]]
    plan = {"target_incentive": 1000, "components": [
        {"name": "other", "thresholds": "quota", "tiers": [[0, None, 0]]},
        {"name": "own", "thresholds": "quota", "method": "retroactive",
         "across": {"component": "other", "at": [Fraction(at, 100) for at in levels]},
         "tiers": [{"from": start, "share": [f"{cell}%" for cell in row]}
                   for start, row in zip((0, "50%"), table, strict=True)]},
    ]}  # fmt: skip
    rows = pd.concat([
        pd.DataFrame({"payee_id": f"p{at}", "period": "2025", "component": ["other", "own"],
                      "quota": [100.0, 10.0], "sales": [float(other), float(own)]})
        for at, (other, own) in enumerate(sold)
    ])  # fmt: skip
    paid = incentive.payout(rows, plan=plan)["payout_minor"].tolist()
    wanted = []
    for other, own in sold:
        column = sum(Fraction(other, 100) >= Fraction(level, 100) for level in levels)
        row = table[own * 2 >= 10]
        wanted.append(row[column - 1] * 1000 if column else 0)
    assert paid == wanted


def test_all_gates_must_be_open():
    plan = {"components": [
        {"name": "x", "thresholds": "amount", "tiers": [[0, None, 0]]},
        {"name": "y", "thresholds": "amount", "tiers": [[0, None, 0]]},
        {"name": "z", "thresholds": "amount", "tiers": [[0, None, "10%"]],
         "gate": [{"component": "x", "at": 10}, {"component": "y", "at": 20}]},
    ]}  # fmt: skip
    rows = pd.DataFrame({"payee_id": np.repeat(list("abcd"), 3), "period": "2025",
                         "component": ["x", "y", "z"] * 4,
                         "sales": [10.0, 20, 100, 9, 20, 100, 10, 19, 100, 0, 0, 100]})  # fmt: skip
    assert incentive.payout(rows, plan=plan)["payout"].tolist() == [10, 0, 0, 0]
    said = incentive.read_plan(plan).describe()
    assert "only where x reaches 10." in said and "only where y reaches 20." in said


def test_a_joint_table_is_not_looked_at_by_itself():
    assert incentive.component_in_view(MATRIX).name == "services"
    with pytest.raises(SalesAnalysisError, match="'revenue', a joint table: what it pays depends"):
        incentive.component_in_view(MATRIX, "revenue")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("component: services", "component: revenue",
         "line 13, `components[1].across.component`: is the component itself"),
        ("component: services", "component: margin", "line 13, `components[1].across.component`:"
         " there is no component 'margin'"),
        ("[0, 80 %, 100 %]", "[0, 100 %, 80 %]", "line 13, `components[1].across.at`: 0.8 follows"),
        ("[0, 80 %, 100 %]", "[0, 80, 100]", "80 is 80 times the quota"),
        ("[0, 80 %, 100 %]", "[80 %]", "line 13, `components[1].across.at`: a table has two"),
        ("[20 %, 50 %, 60 %]", "[20 %, 50 %]", "line 15, `components[1].tiers[0].share`: holds 2"
         " values; the table has 3 columns"),
        ("{component: services, at: [0, 80 %, 100 %]}", "services", "expected {component: …, at"),
        ("across: {component: services, at: [0, 80 %, 100 %]}", "",
         "line 15, `components[1].tiers[0].share`: expected a number"),
        ("tiers: [{from: 1, share: 100 %}]", "tiers: [{from: 1, share: 100 %}]\n    gate:"
         " {component: revenue, at: 1}", "gates go round in a circle: services → revenue →"),
        ("share: [20 %, 50 %, 60 %]}\n      - {from: 100 %, share: [80 %, 100 %, 150 %]}",
         "share: 5 %}\n      - {from: 100 %, share: 6 %}", "`components[1].across`: no tier"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_with_line_and_key(old, new, said):
    assert old in MATRIX
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(MATRIX.replace(old, new, 1), file="plan.yml")
    assert said in str(refused.value)


def test_levels_of_amounts_are_no_shares():
    plan = {"components": [
        {"name": "x", "thresholds": "amount", "tiers": [[0, None, 0]]},
        {"name": "y", "thresholds": "amount", "across": {"component": "x", "at": [0, "80%"]},
         "tiers": [{"from": 0, "rate": ["1%", "2%"]}]},
    ]}  # fmt: skip
    with pytest.raises(SalesAnalysisError, match=r"components\[1\].across.at`: the thresholds of"):
        incentive.read_plan(plan)
    plan["components"][1] = {"name": "y", "tiers": [[0, None, "1%"]], "gate": [
        {"component": "x", "at": 5}, {"component": "x", "at": "80%"}]}  # fmt: skip
    with pytest.raises(SalesAnalysisError, match=r"components\[1\].gate\[1\].at`: the thresholds"):
        incentive.read_plan(plan)


def test_a_table_in_words_and_numbers():
    plan = incentive.read_plan(MATRIX)
    said = plan.describe().splitlines()
    at = said.index("Where services is at 80% of quota or more, as far as the next such level:")
    assert said[at + 2] == "From 80% of quota to 100% of quota: 50% of the target incentive."
    numbers = plan.summary().set_index(["component", "name"])["value"]
    assert numbers["revenue", "column_2"] == 0.8 and numbers["revenue", "weight"] == 0.6
    assert numbers["revenue", "column_3_tier_2_share"] == 1.5
    assert plan.summary()["component"].isna().sum() == 1  # the target incentive is the payee's
