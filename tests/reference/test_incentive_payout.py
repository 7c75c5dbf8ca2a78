"""Worked payouts of vendors' manuals and of the source, each named for where it is published."""

import json
from pathlib import Path

import pandas as pd
import pytest

from salesanalysis import incentive

ORACLE_RATES = [[0, 1000, 0.01], [1000, 3000, 0.02], [3000, 8000, 0.03], [8000, 20000, 0.05]]
ORACLE_AMOUNTS = [[0, 1000, 10], [1000, 3000, 40], [3000, 8000, 100], [8000, 20000, 2000]]
TRANSACTIONS = [200, 300, 1500, 1200, 2000, 4500]


def attainment(**columns) -> pd.DataFrame:
    size = max(len(v) if isinstance(v, list) else 1 for v in columns.values())
    names = [str(at + 1) for at in range(size)]
    return pd.DataFrame({"payee_id": "a", "period": names, **columns})


def plan_of(vector: dict) -> dict:
    """A vector's own words as a plan."""
    given, kind = vector["input"], vector["kind"]
    if "rate_floor" in given:
        rates = [[0, 1, given["rate_floor"]], [1, None, given["rate_excess"]]]
        method = "retroactive" if kind == "retroactive" else "marginal"
        cliff = {"at": 1, "cliff": kind != "marginal"}
        return {"thresholds": "quota", "tiers": rates, "method": method, "floor": cliff,
                "at_boundary": "lower"}  # fmt: skip
    if "target_incentive" in given:
        twice = [{"from": 0, "times": 1}, {"from": 1, "times": 2}]
        target = {"target_incentive": given["target_incentive"]}
        return {"thresholds": "quota", "tiers": twice, **target}
    plan = {name: value for name, value in given.items() if name.startswith("tier")}
    return plan | ({} if kind == "interpolated_amount" else {"method": kind})


def paid(vector: dict):
    given = vector["input"]
    if "draw" in given:
        kept = vector["kind"] == "draw_recoverable"
        table = incentive.draw_balance(
            attainment(earned=given["earned"], draw=given["draw"]), recoverable=kept
        )
        columns = {"pay": "payout", "debt": "debt"}
        return {name: table[columns[name]].tolist() for name in vector["expected"]}
    names = {"amount": "sales", "sales": "sales", "quota": "quota", "attainment": "attainment",
             "paid_ytd": "paid_before"}  # fmt: skip
    frame = attainment(**{names[name]: float(v) for name, v in given.items() if name in names})
    return incentive.payout(frame, plan=plan_of(vector))["payout"].tolist()[0]


def test_all_vectors_of_vendors_manuals(shared):
    vectors = json.loads(Path(shared("incentive/commission_vectors.json")).read_text("utf-8"))
    assert len(vectors) >= 12
    wrong = {v["id"]: (paid(v), v["expected"]) for v in vectors if paid(v) != v["expected"]}
    assert wrong == {}


@pytest.mark.parametrize(
    ("method", "sales", "expected"),
    [("marginal", 99.99, 2.9997), ("marginal", 100, 3), ("marginal", 120, 4),
     ("marginal", 150, 5.5), ("retroactive", 100.01, 5.0005)],
)  # fmt: skip
def test_the_sources_floor_and_stretch(method, sales, expected):
    """Sales-system source, §4: 3 points to the floor, 5 on the excess; before rounding."""
    plan = incentive.floor_stretch(floor=100, method=method)
    table = incentive.payout(attainment(sales=[sales]), plan=plan)
    exact = table["commission"] - table["rounding"]
    assert exact.tolist() == pytest.approx([expected], abs=1e-9)
    assert incentive.payout_amounts([sales], plan=plan, exact=False) == pytest.approx(expected)


def test_oracle_step_rates_transaction_by_transaction():
    """Oracle, Examples of Calculating Earnings Using Step Rates: 164 USD in all."""
    amounts = incentive.payout_amounts(
        TRANSACTIONS, plan={"tiers": ORACLE_RATES, "method": "marginal"}
    )
    assert (amounts / 100).tolist() == [2, 3, 20, 14, 30, 95]


def test_oracle_interpolated_amounts_transaction_by_transaction():
    """Oracle, Examples of Calculating Earnings Using Interpolated Rates: 149 USD in all."""
    amounts = incentive.payout_amounts(TRANSACTIONS, plan={"tier_amounts": ORACLE_AMOUNTS})
    assert (amounts / 100).tolist() == [2, 3, 20, 14, 30, 80]


def test_oracle_amounts_by_attainment():
    """Oracle, Options for Splitting Attainment Numbers: 12 % of a tier of 25 % that pays 1,000."""
    tiers = [[0, 25, 1000], [25, 50, 2000], [50, 100, 5000], [100, 999, 6000]]
    shares = [{"from": f"{a} %", "to": f"{b} %", "pay": pay} for a, b, pay in tiers]
    plan = {"thresholds": "quota", "method": "interpolated", "tiers": shares}
    table = incentive.payout(attainment(attainment=[0.12, 0.5]), plan=plan)
    assert table["payout"].tolist() == [480, 3000]


def test_oracle_blended_rates():
    """Oracle, Report Split Rates in Calculation: blended rates of 1.6 % (step), 1.5 % (in part)."""
    tiers = [[0, 1000, 0.01], [1000, 5000, 0.02], [5000, 10000, 0.03], [10000, 1000000, 0]]
    step = incentive.payout(attainment(sales=[2500]), plan={"tiers": tiers})
    assert step["payout"].tolist() == [40]
    in_part = {"tiers": tiers, "method": "interpolated"}
    part = incentive.payout(attainment(sales=[2000]), plan=in_part)
    assert part["payout"].tolist() == [30]  # (1 % + a quarter of 2 %) of 2,000


def test_quotapath_cliff_and_accelerator():
    """QuotaPath, Accelerators & Cliff: nothing under 60 %, then all; 1.5 × the rate over quota."""
    plan = {"thresholds": "quota", "base_rate": 0.1, "floor": {"at": 0.6, "cliff": True},
            "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 1.5}]}  # fmt: skip
    paid = incentive.payout_amounts([59_999, 60_000, 100_000, 120_000], quota=100_000, plan=plan)
    assert (paid / 100).tolist() == [0, 6000, 10_000, 13_000]


def test_salescookie_cumulative_and_not():
    """Sales Cookie, cumulative and non-cumulative tiers: 6, 8, 10 % at 110 % of quota."""
    tiers = {"tiers_pct": [[0, 100, 0.06], [100, 150, 0.08], [150, None, 0.1]]}
    for method, expected in (("marginal", 6800), ("retroactive", 8800)):
        plan = {**tiers, "method": method}
        assert incentive.payout_amounts(110_000, quota=100_000, plan=plan) == expected * 100
