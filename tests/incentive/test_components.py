"""Plans of several components: by hand, against exact fractions, added up; bad input is refused."""

from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive, reduce, sources

#: 70% of the target on revenue by a curve, 30% on services that wait for 80% of the revenue.
FIELD = """
name: Field sales
target_incentive: 20000
components:
  - name: revenue
    weight: 70 %
    thresholds: quota
    method: curve
    points: [{at: 0.5, share: 0}, {at: 1, share: 1}, {at: 2, share: 3}]
    floor: {at: 50 %, cliff: yes}
  - name: services
    weight: 30 %
    thresholds: quota
    method: retroactive
    tiers: [{from: 0, to: 1, share: 50%}, {from: 1, share: 100 %}]
    gate: {component: revenue, at: 80 %}
cap: {share: 150 %}
"""


def rows(*given, **more):
    """Attainment from (payee, period, component, quota, sales)."""
    names = ["payee_id", "period", "component", "quota", "sales"]
    table = pd.DataFrame(given, columns=names).astype({"quota": float, "sales": float})
    return table.assign(**more)


def both(revenue, services, **more):
    return rows(
        ("a", "2025-Q1", "revenue", 100, revenue),
        ("a", "2025-Q1", "services", 10, services),
        **more,
    )


def adds_up(parts: pd.DataFrame, total: pd.DataFrame) -> None:
    """The parts of each payee's period are its payout, to the minor unit."""
    key = ["payee_id", "period"]
    sums = parts.groupby(key, sort=False)["payout_minor"].sum(min_count=1)
    wanted = total.set_index(key)["payout_minor"]
    assert sums.reindex(wanted.index).astype("Int64").tolist() == wanted.tolist()


# By hand


def test_two_measures_with_weights():
    # 14,000 at 100% of revenue; 8 of 10 services bring half of 6,000.
    total = incentive.payout(both(100, 8), plan=FIELD)
    assert total["payout"].tolist() == [17_000.0]
    parts = incentive.payout_parts(both(100, 8), plan=FIELD)
    assert parts["payout"].tolist() == [14_000.0, 3_000.0]
    assert parts["weight"].tolist() == [0.7, 0.3]
    # Halfway from 100 to 200%: twice the target of 14,000.
    assert incentive.payout_parts(both(150, 0), plan=FIELD)["earned"].tolist() == [28_000, 3_000]


@pytest.mark.parametrize(
    ("revenue", "paid", "status"), [(79.99, 0, "gated"), (80, 6000, "paid"), (200, 3750, "paid")]
)
def test_a_gate_opens_exactly_at_its_level(revenue, paid, status):
    services = incentive.payout_parts(both(revenue, 10), plan=FIELD).set_index("component")
    assert services.loc["services", ["payout", "status"]].tolist() == [paid, status]
    assert services.loc["services", "earned"] == 6000
    assert services.loc["services", "gate_cut"] == (-6000 if status == "gated" else 0)


def test_a_gate_looks_at_what_was_measured_not_at_what_is_paid():
    # Revenue of 85% pays something and opens the gate; a floor at 90% closes its own pay only.
    plan = FIELD.replace("floor: {at: 50 %", "floor: {at: 90 %")
    paid = incentive.payout_parts(both(85, 10), plan=plan)
    assert paid["payout"].tolist() == [0, 6000]
    assert paid["status"].tolist() == ["below_floor", "paid"]


def test_the_cap_on_all_is_shared_out_to_the_cent():
    # 42,000 and 6,000 are cut to 150% of 20,000: 7/8 and 1/8 of 30,000.
    total, parts = (
        f(both(200, 12), plan=FIELD) for f in (incentive.payout, incentive.payout_parts)
    )
    assert total.loc[0, ["commission", "payout_cut", "payout"]].tolist() == [
        48_000,
        -18_000,
        30_000,
    ]
    assert total["status"].tolist() == ["capped"]
    assert parts["payout"].tolist() == [26_250, 3_750]
    assert parts["total_cut"].tolist() == [-15_750, -2_250]


def test_rates_without_weights_and_what_belongs_to_the_payee():
    plan = {
        "components": [
            {"name": "new", "thresholds": "amount", "tiers": [[0, None, "10%"]]},
            {"name": "renewed", "thresholds": "amount", "tiers": [[0, None, "2%"]]},
        ],
        "draw": {"amount": 100},
    }
    table = rows(
        ("a", "2025-01", "new", 0, 500), ("a", "2025-01", "renewed", 0, 500),
        ("a", "2025-02", "new", 0, 2000), ("a", "2025-02", "renewed", 0, -500),
    )  # fmt: skip
    table["spif"] = [5.0, np.nan, 7.0, 7.0]
    total = incentive.payout(table, plan=plan)
    # 50 + 10 + 5, advanced to 100; 200 − 10 + 7 less the 35 advanced.
    assert total["earned"].tolist() == [65, 197]
    assert total["payout"].tolist() == [100, 162]
    parts = incentive.payout_parts(table, plan=plan)
    assert parts["part"].tolist() == [*["component"] * 2, "spif", "advance",
                                      *["component"] * 2, "spif", "repaid"]  # fmt: skip
    assert parts["payout"].tolist() == [50, 10, 5, 35, 200, -10, 7, -35]
    adds_up(parts, total)


def test_one_component_is_a_plan_without_components():
    single = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]], "cap": 4,
              "bonuses": [[1, 2]]}  # fmt: skip
    over = {key: value for key, value in single.items() if key != "cap"}
    plan = {"cap": 4, "draw": 1, "components": [{"name": "all", **over}]}
    table = rows(*[("a", f"2025-Q{q}", "all", 100, sales) for q, sales in
                   enumerate((90, 120, 10, -10), start=1)])  # fmt: skip
    alone = incentive.payout(table.drop(columns="component"), plan={**single, "draw": 1})
    total = incentive.payout(table, plan=plan)
    same = ["payee_id", "period", "payout_minor", "earned", "advance", "repaid", "debt"]
    pd.testing.assert_frame_equal(total[same], alone[same])


def test_each_payees_own_target_is_split_without_a_cent_lost():
    third = [{"name": n, "weight": "1/3", "thresholds": "quota", "method": "retroactive",
              "tiers": [{"from": 0, "share": 1}]} for n in "xyz"]  # fmt: skip
    table = rows(*[("a", "2025", n, 1, 1) for n in "xyz"], target_incentive=100.0)
    parts = incentive.payout_parts(table, plan={"components": third})
    assert parts["payout"].tolist() == [33.34, 33.33, 33.33]


def test_a_component_that_cannot_be_told_pays_nothing_and_says_so():
    table = both(100, 8)
    table.loc[1, "quota"] = np.nan
    total, parts = (f(table, plan=FIELD) for f in (incentive.payout, incentive.payout_parts))
    assert total["payout_minor"].isna().all() and total["status"].tolist() == ["no_quota"]
    assert parts["status"].tolist() == ["no_total", "no_quota"]
    assert parts["payout"].isna().all()
    # The other way round the gate cannot be told either; a row that is not there is not 0.
    for gone in (table.assign(quota=[np.nan, 10]), None):
        given = (
            gone
            if gone is not None
            else pd.concat([both(1, 1)[1:], both(1, 1).assign(payee_id="b")])
        )
        parts = incentive.payout_parts(given, plan=FIELD)
        assert parts["status"][:2].tolist() == [
            "no_sales" if gone is None else "no_quota",
            "no_gate",
        ]


# Against exact fractions


@st.composite
def cases(draw):
    size = draw(st.integers(1, 4))
    cuts = sorted(
        draw(st.lists(st.integers(1, 99), min_size=size - 1, max_size=size - 1, unique=True))
    )
    weights = [Fraction(b - a, 100) for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    starts = draw(st.lists(st.integers(1, 20), min_size=size, max_size=size))
    gates = [
        draw(st.one_of(st.none(), st.integers(0, at - 1))) if at else None for at in range(size)
    ]
    cap = draw(st.one_of(st.none(), st.integers(0, 300)))
    return weights, starts, gates, cap


@given(
    cases(),
    st.lists(
        st.tuples(st.integers(1, 10**7), *[st.integers(-20, 50)] * 4, st.integers(1, 10**5)),
        min_size=1, max_size=6,
    ),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_payouts_and_parts_equal_exact_fractions(case, amounts):
    weights, starts, gates, cap = case
    components = [
        {
            "name": f"c{at}", "weight": weight, "thresholds": "quota",
            # The part of the target incentive in proportion to attainment, twice beyond the start.
            "tiers": [{"from": 0, "times": 1}, {"from": Fraction(start, 10), "times": 2}],
            **({} if gate is None else {"gate": {"component": f"c{gate}", "at": 1}}),
        }
        for at, (weight, start, gate) in enumerate(zip(weights, starts, gates, strict=True))
    ]  # fmt: skip
    plan = {"components": components, "negative": "take_back"}
    plan |= {} if cap is None else {"cap": {"share": f"{cap}%"}}
    table = rows(*[
        (f"p{row}", "2025", f"c{at}", quota / 100, tenths * quota / 1000)
        for row, (_, *sold, quota) in enumerate(amounts)
        for at, tenths in enumerate(sold[: len(weights)])
    ]).round(2)  # fmt: skip
    owner = table["payee_id"].str[1:].astype(int)
    table["target_incentive"] = [amounts[row][0] / 100 for row in owner]
    total, parts = (f(table, plan=plan) for f in (incentive.payout, incentive.payout_parts))
    adds_up(parts, total)
    minor = table.assign(minor=(table["sales"] * 100).round().astype(int))
    minor = minor.pivot_table("minor", "payee_id", "component")

    for row, (target, *_, quota) in enumerate(amounts):
        shares, level = largest_remainder(target, weights), []
        pays = []
        for at, (part, start) in enumerate(zip(shares, starts, strict=True)):
            level.append(Fraction(int(minor.loc[f"p{row}", f"c{at}"]), quota))
            beyond = max(level[-1] - Fraction(start, 10), 0)
            pay = half_up((level[-1] + beyond) * part)
            shut = gates[at] is not None and level[gates[at]] < 1
            pays.append(0 if shut else pay)
        most = sum(pays) if cap is None else min(sum(pays), target * cap // 100)
        assert total["payout_minor"][row] == most
        own = parts[parts["payee_id"] == f"p{row}"].set_index("component")["payout_minor"]
        earned = sum(max(pay, 0) for pay in pays)
        for at, pay in enumerate(pays):
            # Cut by its share of what was earned, to less than a cent.
            cut = Fraction((sum(pays) - most) * max(pay, 0), earned or 1)
            assert abs(own[f"c{at}"] - (pay - cut)) < 1


def half_up(value: Fraction) -> int:
    return (-1 if value < 0 else 1) * floor(abs(value) + Fraction(1, 2))


def largest_remainder(total: int, weights: list[Fraction]) -> list[int]:
    parts = [floor(total * weight) for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (parts[at] - total * weights[at], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


@pytest.mark.parametrize("negative", ["carry", "zero", "take_back"])
@pytest.mark.parametrize("banked", [False, True])
def test_parts_add_up_with_banks_draws_and_what_is_paid_beside(negative, banked):
    rng = np.random.default_rng(7)
    each = {"thresholds": "quota", "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 2}]}
    components = [
        {"name": "x", "weight": "50%", **each},
        {"name": "y", "weight": "30%", "gate": {"component": "x", "at": 0.9}, **each},
        {"name": "z", "weight": "20%", "floor": {"at": 0.3, "cliff": True}, **each},
    ]
    plan = {"target_incentive": 1000, "cap": {"share": "60%", "banked": banked}, "draw": 150,
            "negative": negative, "components": components}  # fmt: skip
    table = rows(*[(f"p{payee}", f"2025-0{month}", name, 100, rng.integers(-5000, 25_000) / 100)
                   for payee in range(8) for month in range(1, 7) for name in "xyz"])  # fmt: skip
    period = table.groupby(["payee_id", "period"]).ngroup()
    for name in ("spif", "clawback"):
        table[name] = rng.integers(0, 5000, period.max() + 1)[period] / 100
    table = table.sample(frac=0.97, random_state=1)
    total, parts = (f(table, plan=plan) for f in (incentive.payout, incentive.payout_parts))
    adds_up(parts, total)
    beside = {"component", "spif", "clawback", "advance", *(["from_bank"] if banked else [])}
    assert beside <= set(parts["part"]) and total["payout"].isna().any()


# Read from a file


def test_a_file_with_components_is_read_checked_and_paid(tmp_path):
    file = tmp_path / "attainment.csv"
    table = pd.concat([both(100, 8), both(200, 12).assign(payee_id="b")])
    table.to_csv(file, index=False)
    read = sources.check(file, table="attainment")
    known = reduce.incentive.known({"attainment": read.table}, as_of="2025-03-31")
    assert len(known.attainment) == 4 and read.faults.empty
    plan = incentive.read_plan(FIELD)
    assert incentive.payout(known.attainment, plan=plan)["payout"].tolist() == [17_000, 30_000]
    found = reduce.incentive.checks(read.table, plan=plan).table.set_index("check")
    assert found.loc["payee_twice", "finding"] == "clear"
    # The same component twice is a fault of the file, and of the table.
    pd.concat([table, table[:1].assign(sales=5)]).to_csv(file, index=False)
    faults = sources.check(file, table="attainment").faults
    assert faults[["rule", "count"]].to_numpy().tolist() == [["duplicate_key", 2]]
    twice = pd.concat([table, table[:1]])
    found = reduce.incentive.checks(twice, plan=plan).table.set_index("check")
    assert found.loc["payee_twice", ["finding", "rows"]].tolist() == ["found", 2]


# Bad input: one message each


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("70 %", "60 %", "line 12, `components[1].weight`: the weights add up to 90%"),
        ("    weight: 70 %\n", "", "line 5, `components[0].weight`: is missing"),
        ("weight: 70 %", "weight: 170 %", "line 6, `components[0].weight`: 1.7 is not a share"),
        ("share: 50%}, {from: 1, share: 100 %}", "rate: 5%}, {from: 1, rate: 6%}",
         "line 12, `components[1].weight`: is a share of the target incentive, of which"),
        ("name: services", "name: revenue", "line 11, `components[1].name`: there is already"),
        ("name: services", "name: ' '", "line 11, `components[1]`: `name` is missing"),
        ("name: services\n    weight", "weight", "`components[1]`: `name` is missing"),
        ("component: revenue", "component: services", "line 16, `components[1].gate.component`"),
        ("component: revenue", "component: margin", "there is no component 'margin'"),
        ("at: 80 %", "at: 80", "line 16, `components[1].gate.at`: 80 is 80 times the quota"),
        ("at: 80 %", "at: 0", "line 16, `components[1].gate.at`: 0 is no level"),
        ("{component: revenue, at: 80 %}", "{at: 80 %}", "line 16, `components[1].gate`: `comp"),
        ("{component: revenue, at: 80 %}", "revenue", "line 16, `components[1].gate`: expected"),
        ("cliff: yes}", "cliff: yes}\n    gate: {component: services, at: 1}",
         "gates go round in a circle: revenue → services → revenue"),
        ("gate:", "measure: year\n    gate:", "`components[1].gate`: looks at single periods"),
        ("method: curve", "draw: 5", "line 8, `components[0].draw`: belongs to the payee"),
        ("cap: {share", "ramp: [0.5]\ncap: {share", "line 17, `ramp`: belongs to a component"),
        ("cap: {share", "cap: {rate", "line 17, `cap`: holds for all components"),
        ("cap: {share", "captain: {share", "is not a word of a plan. Did you mean `cap`?"),
        ("method: curve", "methode: curve", "line 8, `components[0].methode`: is not a word"),
        ("    floor: {at: 50 %, cliff: yes}", "    stretch: -2\n    floor: 3", "[0].stretch`"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_used_is_refused_with_line_and_key(old, new, said):
    assert old in FIELD
    with pytest.raises(SalesAnalysisError) as refused:
        incentive.read_plan(FIELD.replace(old, new, 1), file="field.yml")
    assert said in str(refused.value)


@pytest.mark.parametrize("given", ["components: 3", "components: []", "components: [3]"])
def test_components_are_a_list_of_keys(given):
    with pytest.raises(SalesAnalysisError, match="line 1, `components"):
        incentive.read_plan(given, file="field.yml")


def test_a_gate_of_a_component_in_money_is_no_share():
    plan = {"components": [
        {"name": "x", "thresholds": "amount", "tiers": [[0, None, "1%"]]},
        {"name": "y", "thresholds": "amount", "tiers": [[0, None, "1%"]],
         "gate": {"component": "x", "at": "80%"}},
    ]}  # fmt: skip
    with pytest.raises(SalesAnalysisError, match="the thresholds of 'x' are amounts"):
        incentive.read_plan(plan)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="component"), "`component`"),
        (lambda t: t[t["component"] == "revenue"], r"`components\[1\]` of the plan, 'serv"),
        (lambda t: t.replace("services", "servces"), "Did you mean `services`?"),
        (lambda t: pd.concat([t, t[:1]]), "a in 2025-Q1 in revenue"),
        (lambda t: t.assign(component=["revenue", None]), "`component` is missing in 1 rows"),
        (lambda t: t.assign(draw=[1.0, 2.0]), "`draw` differs between the components of a"),
        (lambda t: t.to_dict(), "`attainment` is a dict"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_the_components_is_refused(change, said):
    with pytest.raises(SalesAnalysisError, match=said.replace("?", r"\?")):
        incentive.payout(change(both(100, 8)), plan=FIELD)


def test_weights_need_a_target():
    plan = FIELD.replace("target_incentive: 20000\n", "").replace("cap: {share: 150 %}\n", "")
    with pytest.raises(SalesAnalysisError, match="`target_incentive` is neither in the plan nor"):
        incentive.payout(both(100, 8), plan=plan)


def test_what_looks_at_one_measure_refuses_components_in_words():
    calls = [
        lambda plan: incentive.cost(plan, [100.0]),
        lambda plan: incentive.compare_costs({"one": plan}, [100.0]),
        lambda plan: incentive.marginal_reward(plan),
        lambda plan: incentive.payout_amounts([100.0], plan=plan, quota=[100.0]),
        lambda plan: incentive.optimise(plan, both(100, 8)),
        lambda plan: incentive.plan_outcomes({"one": plan}, both(100, 8), current=plan),
        lambda plan: incentive.plan_change(
            plan, both(100, 8), current=plan, behaviour=incentive.Response()
        ),
    ]
    for call in calls:
        with pytest.raises(SalesAnalysisError, match="`plan` has components, and"):
            call(incentive.read_plan(FIELD))


def test_a_table_by_component_needs_a_plan_with_components():
    with pytest.raises(SalesAnalysisError, match="need a plan with `components`"):
        incentive.payout(both(100, 8), plan={"tiers": [[0, None, 0.1]]})


def test_without_components_there_are_no_parts():
    with pytest.raises(SalesAnalysisError, match="no components"):
        incentive.payout_parts(both(100, 8), plan={"tiers": [[0, None, 0.1]]})


def test_spifs_clawbacks_and_holdbacks_are_those_of_the_payee():
    more = "spifs: [{name: March, start: 2025-03-01, end: 2025-03-31, pay: 10}]\nholdback: 50%\n"
    plan = incentive.read_plan(FIELD + more)
    sales = pd.DataFrame({"payee_id": ["a"], "sold_at": pd.to_datetime(["2025-03-02"]),
                          "amount": [5.0]})  # fmt: skip
    assert incentive.spifs(sales, plan=plan, period="quarter")["spif"].tolist() == [10.0]


# The plan in words, and the report


def test_the_plan_in_words_has_a_heading_for_each_component():
    said = incentive.plan_rules(incentive.read_plan(FIELD + "draw: 500\n"))["plan_rule"].tolist()
    assert said[1] == "Component revenue, whose target incentive is 70% of the payee's:"
    gate = said.index("It pays only where revenue reaches 80% of quota.")
    assert said.index("Component services, whose target incentive is 30% of the payee's:") < gate
    # What belongs to the payee is said once, after the components.
    for once in ("The target incentive is 20,000.", "Earnings below zero are held against later"):
        (at,) = [at for at, line in enumerate(said) if line.startswith(once)]
        assert at > said.index("For all components together:") > gate
    chinese = incentive.read_plan(FIELD).describe("zh")
    assert "组成部分“services”" in chinese and "只有“revenue”达到完成率80%时才发放。" in chinese


def test_without_weights_a_heading_names_the_component_only():
    plan = incentive.read_plan({"components": [{"name": "new", "tiers": [[0, None, "1%"]]}]})
    assert plan.describe().splitlines()[0] == "Component new:"


def test_what_is_told_of_components_is_what_their_parts_say():
    table = pd.concat([both(200, 12), both(79, 10).assign(payee_id="b")])
    statements = incentive.payout(table, plan=FIELD)
    parts = incentive.payout_parts(table, plan=FIELD)
    totals = incentive.component_totals(parts)
    assert totals["payout"].sum() == pytest.approx(statements["payout"].sum())
    assert totals[["statements", "gated"]].to_numpy().tolist() == [[2, 0], [2, 1]]
    found = {one.name: one.values for one in incentive.component_findings(totals)}
    assert found["gate_shut"] == {"component": "services", "k": 1, "n": 2, "amount": 6000}
    assert found["largest_component"]["component"] == "revenue"
    assert "not_looked_at" in found and incentive.component_findings(totals, in_view="revenue")[
        -1
    ].values == {"component": "revenue"}
    names = [one.name for one in incentive.payout_findings(statements)]
    assert names == ["payout_together", "largest_payout", "caps_hit"]
    assert "sales" not in incentive.payee_totals(statements).columns
    missing = incentive.payout(table.assign(sales=[1, None, 1, 1]), plan=FIELD)
    assert "not_payable_together" in [o.name for o in incentive.payout_findings(missing)]


def test_thresholds_are_those_of_single_components():
    plan = incentive.read_plan(FIELD)
    assert incentive.has_components(plan)
    assert incentive.plan_thresholds(plan).empty and incentive.target_levels(plan).empty
    assert len(incentive.plan_thresholds(plan.components[1].plan)) == 1
    incentive.require_quotas(both(1, 1), plan=plan)
    with pytest.raises(SalesAnalysisError, match="`quota`"):
        incentive.require_quotas(both(1, 1).drop(columns="quota"), plan=plan)


def test_one_component_is_looked_at_as_a_plan_of_its_own():
    plan = incentive.read_plan(FIELD)
    seen = incentive.component_in_view(plan)
    assert seen.name == "revenue" and incentive.component_in_view(plan, "services").gates
    rows = incentive.component_rows(both(150, 8), plan=plan, component="revenue")
    paid = incentive.payout(rows, plan=seen.plan)["payout"].tolist()
    parts = incentive.payout_parts(both(150, 8), plan=plan)
    assert paid == parts["earned"].tolist()[:1] == [28_000]
    assert incentive.component_in_view({"tiers": [[0, None, 0.1]]}) is None
    for call, said in (
        (lambda: incentive.component_in_view(plan, "servces"), "Did you mean `services`"),
        (lambda: incentive.component_rows(both(1, 1), plan=plan, component="x"), "does not have"),
        (lambda: incentive.component_rows(both(1, 1), plan=seen.plan, component="x"), "no comp"),
    ):
        with pytest.raises(SalesAnalysisError, match=said):
            call()


@pytest.fixture(scope="module")
def made(make_reports, tmp_path_factory):
    """The report of a plan with components, made of a year of two payees."""
    folder = tmp_path_factory.mktemp("components")
    table = pd.concat(
        [both(60 + 30 * q, 6 + q).assign(payee_id=payee, period=f"2025-Q{q}")
         for payee in ("a", "b") for q in (1, 2, 3)]
    )  # fmt: skip
    table.to_csv(folder / "attainment.csv", index=False)
    (folder / "plan.yml").write_text(FIELD, encoding="utf-8")
    own = {"attainment": str(folder / "attainment.csv"), "plan": str(folder / "plan.yml"),
           "sales": "", "payouts": "", "as_of": "2025-10-15",
           "plan_considered": "data/plans/sample.yml"}  # fmt: skip
    return make_reports("incentive", {"en": own, "zh": own | {"lang": "zh"}})


def test_the_report_pays_components_and_says_what_it_leaves_out(made):
    parts, statements = made["en"].table("parts"), made["en"].table("statements")
    assert parts["payout"].sum() == pytest.approx(statements["payout"].sum())
    page = made["en"].page
    for said in ("looks at revenue alone, as a plan of its own", "are not held against others",
                 "revenue alone is expected to cost"):  # fmt: skip
        assert said in page
    titles = [section["title"] for section in made["en"].facts["sections"]]
    assert "How attainment is spread" in titles
    assert [title for title in titles if title.startswith("revenue will cost between")]
    assert "Is it paid when it was promised?" not in titles
    # What is told is of that component: its part of the target incentive, its own attainment.
    assert made["en"].table("marginal_reward")["payout"].max() > 14_000
    assert made["zh"].english_lines() == [] and made["zh"].columns_without_heading() == []
