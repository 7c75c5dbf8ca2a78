"""Statements line by line add up to the payout, whatever the plan, and so does payroll's table."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive

KEY = ["payee_id", "period"]
FIELD = """
target_incentive: 200
components:
  - {name: revenue, weight: 70%, thresholds: quota, method: curve, floor: {at: 50%, cliff: yes},
     points: [{at: 0.5, share: 0}, {at: 1, share: 1}, {at: 2, share: 3}]}
  - {name: services, weight: 30%, thresholds: quota, method: retroactive,
     tiers: [{from: 0, to: 1, share: 50%}, {from: 1, share: 100%}],
     gate: {component: revenue, at: 80%}}
cap: {share: 150%}
draw: {amount: 50}
"""
JOINT = """
components:
  - {name: services, thresholds: quota, tiers: [[0, null, 0]]}
  - {name: revenue, thresholds: quota, method: retroactive,
     across: {component: services, at: [80%, 90%]},
     tiers: [{from: 0, rate: [1%, 2%]}, {from: 1, rate: [5%, 7%]}]}
"""
QUARTERS = [f"2025-Q{quarter}" for quarter in (1, 2, 3, 4)]


def of_components(*rows, **more) -> pd.DataFrame:
    """Attainment from (payee, period, revenue, services)."""
    both = [
        (*row[:2], name, row[at]) for row in rows for at, name in ((2, "revenue"), (3, "services"))
    ]
    table = pd.DataFrame(both, columns=[*KEY, "component", "sales"]).astype({"sales": float})
    return table.assign(quota=100.0, **more)


def adds_up(lines: pd.DataFrame, statements: pd.DataFrame) -> None:
    """Each sum is that of the lines before it, and the last one the payout."""
    for (_, row), (_, page) in zip(
        statements.iterrows(), lines.groupby(KEY, sort=False), strict=True
    ):
        steps = page[~page["is_sum"]]
        if pd.isna(row["payout_minor"]):
            assert not page.iloc[-1]["is_sum"] and pd.isna(page.iloc[-1]["amount_minor"])
            continue
        assert page.loc[page["is_sum"], "amount_minor"].iloc[-1] == row["payout_minor"]
        assert steps["amount_minor"].fillna(0).sum() == row["payout_minor"]


@st.composite
def plans(draw):
    """Plans with all that changes a payout."""
    rates = st.sampled_from([0, 0.01, 0.0333, "1/30", 0.05])
    ends = sorted(draw(st.sets(st.integers(5, 30), min_size=1, max_size=3)))
    starts = [0, *(end / 10 for end in ends)]
    plan = {"thresholds": "quota",
            "negative": draw(st.sampled_from(["carry", "take_back", "zero"])),
            "method": draw(st.sampled_from(["marginal", "retroactive"])),
            "tiers": [{"from": start, "rate": draw(rates)} for start in starts]}  # fmt: skip
    maybe = {
        "floor": {"at": 0.8, "cliff": True},
        "cap": draw(st.sampled_from([{"payout": 9, "banked": True}, {"rate": "2%"}])),
        "bonuses": [{"at": 1, "pay": 3}],
        "multipliers": [{"on": "margin", "steps": [[0, 0.7], [0.3, "4/3"]]}],
        "draw": {"amount": 4},
        "rounding": {"method": draw(st.sampled_from(["half_up", "up", "down", "half_even"])),
                     "to": draw(st.sampled_from([0.01, 1])),
                     "at": draw(st.sampled_from(["total", "tier"]))},
    }  # fmt: skip
    return plan | {name: rule for name, rule in maybe.items() if draw(st.booleans())}


ROWS = st.lists(
    st.tuples(st.integers(-5_000, 60_000), st.one_of(st.none(), st.integers(1, 30_000))),
    min_size=1, max_size=4,
)  # fmt: skip


@given(plans(), ROWS, st.sampled_from(["en", "zh"]))
@settings(max_examples=60, deadline=None)
def test_the_lines_of_any_plan_add_up_to_its_payout(plan, given_rows, lang):
    rows = pd.DataFrame(
        {
            "payee_id": "a",
            "period": QUARTERS[: len(given_rows)],
            "sales": [sales / 100 for sales, _ in given_rows],
            "quota": [quota and quota / 100 for _, quota in given_rows],
            "margin": 0.35,
            "spif": 1.25,
            "clawback": 0.5,
        }
    ).astype({"quota": float})
    paid = incentive.payout(rows, plan=plan)
    lines = incentive.statement_lines(paid, plan=plan, lang=lang)
    adds_up(lines, paid)
    assert lines["statement_step"].ne("").all()
    assert lines["plan_rule"].str.contains(r"\{|nan", regex=True).sum() == 0


@given(st.lists(st.integers(0, 30_000), min_size=4, max_size=4), st.sampled_from(["en", "zh"]))
@settings(max_examples=25, deadline=None)
def test_the_lines_of_components_add_up_to_their_payout(amounts, lang):
    sales = [amount / 100 for amount in amounts]
    table = of_components(("a", "2025-Q1", *sales[:2]), ("a", "2025-Q2", *sales[2:]), spif=1.25)
    paid, parts = (make(table, plan=FIELD) for make in (incentive.payout, incentive.payout_parts))
    lines = incentive.statement_lines(paid, plan=FIELD, parts=parts, lang=lang)
    adds_up(lines, paid)
    # What each component is paid stands under it.
    own = parts.loc[parts["part"] == "component", "payout_minor"].tolist()
    said = [lines[lines["statement_step"].str.contains(name)] for name in ("revenue", "services")]
    of_each = [page.loc[page["is_sum"], "amount_minor"].tolist() for page in said]
    assert [minor for pair in zip(*of_each, strict=True) for minor in pair] == own


def test_a_statement_by_hand():
    # 3% of 41,300 and 5% of 6,309.35, which is 315.4675.
    plan = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, 1.3, "5%"], [1.3, None, "1%"]]}
    rows = pd.DataFrame({"payee_id": ["R001"], "period": "2022-Q4", "sales": 47609.35})
    paid = incentive.payout(rows.assign(quota=41300.0), plan=plan)
    lines = incentive.statement_lines(paid, plan=plan)
    assert lines["amount_minor"].tolist() == [pd.NA, 123900, 31547, 0, 155447, 155447]
    assert lines["counted"].tolist()[1:4] == [41300.0, 6309.35, 0.0]
    assert lines["plan_rule"].tolist()[:3] == [
        "Sales: 47,609.35. Quota: 41,300.00. Attainment: 115.2768%.",
        "From 0% of quota to 100% of quota: 3% of the sales.",
        "From 100% of quota to 130% of quota: 5% of the sales.",
    ]
    # A hair below a threshold is not said to be on it.
    near = incentive.payout(rows.assign(quota=47609.36), plan=plan)
    assert "99.9999%" in incentive.statement_lines(near, plan=plan)["plan_rule"][0]


def test_a_joint_table_says_which_of_its_columns_holds():
    plan = incentive.read_plan(JOINT)
    rows = of_components(
        ("a", "2025-Q1", 120, 85), ("b", "2025-Q1", 120, 99), ("b", "2025-Q2", 9, 9)
    )
    paid, parts = (make(rows, plan=plan) for make in (incentive.payout, incentive.payout_parts))
    lines = incentive.statement_lines(paid, plan=plan, parts=parts)
    adds_up(lines, paid)
    about = lines.loc[lines["statement_step"] == "Component", "plan_rule"]
    about = about[about.str.contains("revenue, whose|Component revenue")].tolist()
    assert ["90% of quota or more" in said for said in about] == [False, True, False]
    tiers = lines[lines["counted"].eq(120)]
    assert tiers["plan_rule"].str.contains("7%").tolist() == [False, True]
    assert tiers["amount_minor"].tolist() == [600, 840]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_each_tier_is_its_exact_amount_to_less_than_a_unit(amounts):
    starts = [Fraction(at, 10) for at in range(len(amounts))]
    plan = {"thresholds": "quota",
            "tiers": [{"from": start, "rate": Fraction(rate, 30_000)}
                      for start, rate in zip(starts, amounts, strict=True)]}  # fmt: skip
    rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": 81.37, "quota": 100.0})
    lines = incentive.statement_lines(incentive.payout(rows, plan=plan), plan=plan)
    tiers = lines[lines["counted"].notna()]
    for (start, rate), minor in zip(
        zip(starts, amounts, strict=True), tiers["amount_minor"], strict=True
    ):
        last = start == starts[-1]
        end = Fraction(8137, 100) if last else min(start * 100 + 10, Fraction(8137, 100))
        assert abs(max(end - start * 100, 0) * 100 * Fraction(rate, 30_000) - minor) < 1


def test_of_another_plan_nothing_is_said():
    rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "sales": 100.0, "quota": 80.0})
    paid = incentive.payout(rows, plan={"tiers": [[0, None, "10%"]]})
    with pytest.raises(SalesAnalysisError, match="tier_2_pay"):
        incentive.statement_lines(paid, plan={"tiers": [[0, 50, "1%"], [50, None, "2%"]]})
    wrong = paid.assign(earned=9.0)
    with pytest.raises(SalesAnalysisError, match="statement of a in 2025-Q1 does not add up"):
        incentive.statement_lines(wrong, plan={"tiers": [[0, None, "10%"]]})


def test_a_plan_with_components_needs_their_parts():
    paid = incentive.payout(of_components(("a", "2025-Q1", 100, 8)), plan=FIELD)
    with pytest.raises(SalesAnalysisError, match="`parts` is needed"):
        incentive.statement_lines(paid, plan=FIELD)


def test_payroll_has_what_the_statements_have():
    rows = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "sales": [120.5, None]})
    plan = {"tiers": [[0, None, "10%"]], "currency": "EUR"}
    paid = incentive.payout(rows, plan=plan)
    table = incentive.payroll(paid, plan=plan)
    assert table.columns.tolist() == ["payee_id", "period", "payroll_amount", "currency"]
    assert table["payroll_amount"].sum() == paid["payout"].sum() == 12.05
    # What cannot be computed is not a payout of 0.
    assert table["payroll_amount"].isna().tolist() == [False, True]
    assert table["currency"].tolist() == ["EUR", "EUR"]


def test_pages_are_of_the_last_period_or_of_those_named():
    rows = pd.DataFrame(
        {"payee_id": list("aab"), "period": ["2025-Q4", "2025-Q3", "2025-Q4"], "sales": 1.0}
    )
    paid = incentive.payout(rows, plan={"tiers": [[0, None, "10%"]]})

    def chosen(**which):
        return incentive.some_statements(paid, **which)[KEY].agg(" ".join, axis=1).tolist()

    assert chosen() == ["a 2025-Q4", "b 2025-Q4"]
    assert chosen(period="2025-Q3") == ["a 2025-Q3"]
    assert chosen(payees=["b"]) == ["b 2025-Q4"]
    with pytest.raises(SalesAnalysisError, match="`payees` holds 'c'"):
        chosen(payees=["c"])
    with pytest.raises(SalesAnalysisError, match="`period` holds '2025Q4'.*2025-Q4"):
        chosen(period="2025Q4")


@pytest.fixture(scope="module")
def made(make_reports, tmp_path_factory):
    """The report with pages for payees whose ids no file could have."""
    folder = tmp_path_factory.mktemp("statements")
    names = ["王 伟/东区", "x", "X", "nul"]
    rows = pd.DataFrame(
        [(name, f"2025-Q{at}", 100 + 7 * at + len(name)) for name in names for at in (1, 2, 3)],
        columns=[*KEY, "sales"],
    )
    rows.assign(quota=100, currency="CNY").to_csv(folder / "attainment.csv", index=False)
    (folder / "plan.yml").write_text(
        "period: quarter\nthresholds: quota\ntiers: [[0, 1, 3%], [1, null, 5%]]\n"
    )
    days = {"2025-Q1": "2025-02-03", "2025-Q2": "2025-05-05", "2025-Q3": "2025-08-04"}
    sold = rows.assign(sold_at=rows["period"].map(days), sale_id=rows.index)
    sold.rename(columns={"sales": "amount"}).drop(columns="period").to_csv(
        folder / "sales.csv", index=False
    )
    # The first quarter of x, 108 of 100: 3.40; without it nothing is left of it.
    back = sold[(sold["payee_id"] == "x") & (sold["period"] == "2025-Q1")]
    back = back[["sale_id"]].assign(refunded_at="2025-08-01", amount=108.0)
    back.to_csv(folder / "refunds.csv", index=False)
    paid = {"payee_id": "X", "period": "2025-Q1", "earned": 2.7, "paid": 2.7, "sales": 90.0}
    pd.DataFrame([paid | {"quota": 100.0}]).to_csv(folder / "payouts.csv", index=False)
    # The third quarter of nul: 31 of 92 days under the plan, 61 under the other one.
    change = {"payee_id": "nul", "period": "2025-Q3", "starts_at": "2025-08-01"}
    pd.DataFrame([change | {"plan_name": "Flat"}]).to_csv(folder / "plan_changes.csv", index=False)
    (folder / "flat.yml").write_text("name: Flat\nperiod: quarter\ntiers: [[0, null, 10%]]\n")
    own = {name: str(folder / f"{name}.csv")
           for name in ("attainment", "sales", "refunds", "payouts", "plan_changes")}  # fmt: skip
    own["plans"] = [str(folder / "flat.yml")]
    own |= {
        "plan": str(folder / "plan.yml"),
        "as_of": "2025-10-15",
        "lang": "zh",
        "statements_as": ["xlsx"],
    }
    return make_reports("incentive", {"zh": own})["zh"]


def test_the_report_writes_a_page_for_each_payee_and_a_table_for_payroll(made):
    import openpyxl

    files, statements, payroll = map(made.table, ("statements_files", "statements", "payroll"))
    assert files["period"].unique().tolist() == ["2025-Q3"] and len(files) == 4
    assert files["statement_file"].str.casefold().is_unique
    assert len(payroll) == len(statements) == 12
    assert payroll["payroll_amount"].tolist() == statements["payout"].tolist()
    last = statements[statements["period"] == "2025-Q3"].set_index("payee_id")["payout"]
    for payee, path in files[["payee_id", "statement_file"]].to_numpy():
        (sheet,) = openpyxl.load_workbook(made.folder / path).worksheets
        assert sheet["A1"].value == f"奖金结算单：{payee}，2025-Q3"
        shown = [cell.value for cell in sheet["D"] if cell.value is not None]
        assert shown[0] == "金额" and shown[-1] == last[payee]
    assert set(files["statement_file"]) <= set(made.facts["files"])
    assert made.english_lines() == [] and made.columns_without_heading() == []


def test_the_report_takes_back_refunds_and_holds_what_was_paid_against_what_it_comes_to(made):
    refund, statements = made.table("refunds"), made.table("statements").set_index(KEY)
    assert refund[["period", "refund_period", "clawback"]].to_numpy().tolist() == [
        ["2025-Q1", "2025-Q3", 3.4]
    ]
    # 122 in the third quarter bring 4.10.
    assert statements.loc[("x", "2025-Q3"), ["clawback", "payout"]].tolist() == [3.4, 0.7]
    (row,) = made.table("corrections").to_dict("records")
    assert [row[name] for name in ("recorded_amount", "payout", "by_sales", "balance")] == [
        2.7, 3.4, 0.7, 0.7,
    ]  # fmt: skip
    assert row["correction_reason"] == "sales"
    said = made.page
    assert "1笔退款中有1笔追回" in said and "有1笔现在的金额不同" in said


def test_the_report_pays_by_days_what_changes_inside_a_period(made):
    import openpyxl

    statements = made.table("statements").set_index(KEY)
    # 124 of 100: 4.20 for 31 days and 12.40 for 61 of 92.
    assert statements.loc[("nul", "2025-Q3"), ["payout", "status"]].tolist() == [9.64, "in_parts"]
    assert made.table("changed")["payout"].tolist() == [1.42, 8.22]
    files = made.table("statements_files").set_index("payee_id")["statement_file"]
    (sheet,) = openpyxl.load_workbook(made.folder / files["nul"]).worksheets
    said = [cell.value for cell in sheet["B"]]
    assert "2025-08-01至2025-09-30：本期92天中的61天。Flat。" in said
