"""What was paid against what it comes to now: the parts of a difference add up to it exactly."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive

PLAN = {"thresholds": "quota", "tiers": [[0, 1, "3.33%"], [1, None, "5%"]],
        "floor": {"at": 0.8, "cliff": True}, "negative": "take_back"}  # fmt: skip
PARTS = ["by_sales", "by_quota", "by_refunds", "by_other"]


def table(**columns):
    return pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1"} | columns)


CENTS = st.integers(1, 30_000)


@given(CENTS, CENTS, CENTS, CENTS, CENTS, CENTS, st.integers(0, 500))
@settings(max_examples=80, deadline=None)
def test_the_parts_of_a_difference_add_up(sales, quota, old_sales, old_quota, earned, paid, back):
    def money(**cents):
        return table(**{name: [amount / 100] for name, amount in cents.items()})

    now = money(sales=sales, quota=quota, clawback=back)
    then = money(earned=earned, paid=paid, sales=old_sales, quota=old_quota)
    (row,) = incentive.corrections(then, now, plan=PLAN).to_dict("records")
    cents = {name: round(row[name] * 100) for name in [*PARTS, "difference", "balance", "payout"]}

    def pays(one, other, taken=0):
        return round(incentive.payout(money(sales=one, quota=other, clawback=taken),
                                      plan=PLAN)["payout_minor"][0])  # fmt: skip

    assert cents["payout"] == pays(sales, quota, back)
    assert cents["by_other"] == pays(old_sales, old_quota) - earned
    assert cents["by_sales"] == pays(sales, old_quota) - pays(old_sales, old_quota)
    assert cents["by_quota"] == pays(sales, quota) - pays(sales, old_quota)
    assert cents["by_refunds"] == -back
    assert sum(cents[part] for part in PARTS) == cents["difference"] == cents["payout"] - earned
    assert cents["balance"] == cents["payout"] - paid


@pytest.mark.parametrize(
    ("then", "now", "reason", "difference", "balance"),
    [
        ({"earned": 3.33, "sales": 100.0, "quota": 100.0}, {}, "none", 0, 0),
        ({"earned": 3.0, "sales": 90.0, "quota": 100.0}, {}, "sales", 0.33, 0.33),
        ({"earned": 3.66, "sales": 100.0, "quota": 80.0}, {}, "quota", -0.33, -0.33),
        ({"earned": 3.33, "sales": 100.0, "quota": 100.0}, {"clawback": 2.0}, "refunds", -2, -2),
        ({"earned": 9.0, "sales": 100.0, "quota": 100.0}, {}, "other", -5.67, -5.67),
        ({"earned": 9.0}, {}, "unknown", -5.67, -5.67),
        ({"earned": 9.0}, {"sales": None}, "not_payable", None, None),
    ],
)
def test_each_difference_has_its_reason(then, now, reason, difference, balance):
    then = table(**then).assign(paid=then["earned"])
    now = table(**({"sales": 100.0, "quota": 100.0} | now)).astype({"sales": float})
    (row,) = incentive.corrections(then, now, plan=PLAN).to_dict("records")
    assert row["correction_reason"] == reason
    for name, wanted in (("difference", difference), ("balance", balance)):
        assert pd.isna(row[name]) if wanted is None else row[name] == pytest.approx(wanted)


def test_payees_of_one_table_only_are_there():
    then = pd.DataFrame({"payee_id": ["a", "b"], "period": "2025-Q1", "earned": 3.33, "paid": 3.33})
    now = pd.DataFrame(
        {"payee_id": ["b", "c"], "period": "2025-Q1", "sales": 100.0, "quota": 100.0}
    )
    found = incentive.corrections(then, now, plan=PLAN)
    assert found["payee_id"].tolist() == ["a", "b", "c"]
    assert found["correction_reason"].tolist() == ["not_payable", "none", "not_recorded"]
    assert found["balance"].fillna(-1).tolist() == [-1, 0, 3.33]
    assert incentive.open_corrections(found).empty
    assert incentive.correction_findings(found)[0].name == "settled"


def test_what_was_paid_otherwise_is_told_apart_from_what_changed():
    then = pd.DataFrame({"payee_id": list("abc"), "period": "2025-Q1", "earned": [3.33, 3.33, 3.0],
                         "paid": [3.0, None, 3.0]})  # fmt: skip
    now = then[["payee_id", "period"]].assign(sales=100.0, quota=100.0)
    found = incentive.corrections(then, now, plan=PLAN)
    # Who is not paid yet is no correction.
    assert incentive.open_corrections(found)["payee_id"].tolist() == ["a", "c"]
    assert found["correction_reason"].tolist() == ["paid_otherwise", "none", "unknown"]
    changed, other = incentive.correction_findings(found)
    assert (changed.name, changed.values["k"], other.name, other.values["k"]) == (
        "changed", 1, "paid_otherwise", 1,
    )  # fmt: skip
    assert round(changed.values["more"], 2) == round(other.values["short"], 2) == 0.33


def test_components_are_compared_together():
    plan = {"components": [{"name": name, "tiers": [[0, None, "10%"]]} for name in ("x", "y")]}
    now = pd.concat([table(sales=50.0, component=name) for name in ("x", "y")])
    then = table(earned=9.0, paid=9.0, sales=1.0, quota=1.0)
    (row,) = incentive.corrections(then, now, plan=plan).to_dict("records")
    assert (row["difference"], row["correction_reason"]) == (1.0, "unknown")


def test_a_payee_twice_in_a_period_is_refused():
    then = pd.concat([table(earned=9.0, paid=9.0)] * 2)
    with pytest.raises(SalesAnalysisError, match="`payouts` holds a twice in 2025-Q1"):
        incentive.corrections(then, table(sales=1.0, quota=1.0), plan=PLAN)
