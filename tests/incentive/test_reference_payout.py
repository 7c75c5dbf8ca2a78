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


# Rules as manuals of plan engines state them (Oracle, SAP, Xactly, Spiff, CaptivateIQ, QuotaPath,
# Everstage, Performio), worked by hand: rule → plan, columns of the attainment table, payouts

BANDS = [[0, 50_000, "5 %"], [50_000, 100_000, "7 %"], [100_000, None, "10 %"]]
ON_TARGET = {"thresholds": "quota", "target_incentive": 50_000}
FASTER = [{"from": 0, "times": 1}, {"from": 1, "times": 1.5}, {"from": 1.5, "times": 2}]
SIMPLE = [[0, None, 0.1]]
OVER_QUOTA = {"thresholds": "quota", "tiers": [[0, 1, "10 %"], [1, None, "15 %"]]}
WHOLE_YEAR = {"over": "year", "quota": "whole"}

RULES = {
    "tiers, each for its part": ({"tiers": BANDS}, {"sales": [50_000, 120_000]}, [2500, 8000]),
    "tiers, back to the first dollar": (
        {"tiers": BANDS, "method": "retroactive"}, {"sales": [50_000, 120_000]}, [3500, 12_000]),
    "accelerators on target incentive ÷ quota": (
        {**ON_TARGET, "tiers": FASTER}, {"sales": [800_000], "quota": 500_000}, [97_500]),
    "capped at twice the target incentive": (
        {**ON_TARGET, "tiers": FASTER, "cap": {"share": 2}},
        {"sales": [900_000], "quota": 500_000}, [100_000]),
    "capped at 150 % of attainment": (
        {**ON_TARGET, "tiers": FASTER[:2], "cap": {"attainment": 1.5}},
        {"sales": [900_000], "quota": 500_000}, [87_500]),
    "a decelerator under half of the quota": (
        {"thresholds": "quota", "base_rate": "10 %",
         "tiers": [{"from": 0, "times": 0.5}, {"from": 0.5, "times": 1}]},
        {"sales": [400_000], "quota": 500_000}, [27_500]),
    "nothing under a cliff, all from it on": (
        {"thresholds": "quota", "tiers": SIMPLE, "floor": {"at": "50 %", "cliff": "yes"}},
        {"sales": [249_999.99, 250_000], "quota": 500_000}, [0, 25_000]),
    "paid from half of the quota on": (
        {"thresholds": "quota", "tiers": [[0.5, None, "10 %"]]},
        {"sales": [250_000, 400_000], "quota": 500_000}, [0, 15_000]),
    "a payout curve": (
        {"thresholds": "quota", "target_incentive": 10_000,
         "points": [{"at": 0.8, "share": 0.5}, {"at": 1, "share": 1}, {"at": 1.2, "share": 1.5}]},
        {"sales": [79, 80, 90, 110, 140], "quota": 100}, [0, 5000, 7500, 12_500, 15_000]),
    "a step for each level": (
        {"thresholds": "quota", "method": "retroactive", "target_incentive": 5000,
         "tiers": [{"from": 0.8, "share": 0.5}, {"from": 1, "share": 1}]},
        {"sales": [79, 85, 119], "quota": 100}, [0, 2500, 5000]),
    "so much a unit, more beyond 50": (
        {"tiers": [{"from": 0, "each": 10}, {"from": 50, "each": 15}]},
        {"sales": [40, 60]}, [400, 650]),
    "bonuses on top": (
        {"thresholds": "quota", "tiers": [[0, None, "8 %"]], "bonuses": [[1, 2500], [1.25, 5000]]},
        {"sales": [99_999, 100_000, 125_000], "quota": 100_000}, [7999.92, 10_500, 17_500]),
    "a recoverable draw": (
        {"tiers": SIMPLE, "draw": 3000}, {"sales": [10_000, 25_000, 60_000]}, [3000, 3000, 3500]),
    "a draw that is kept": (
        {"tiers": SIMPLE, "draw": {"amount": 3000, "recoverable": "no"}},
        {"sales": [20_000, 30_000, 70_000]}, [3000, 3000, 7000]),
    "a draw that ends, and its debt does not": (
        {"tiers": SIMPLE, "draw": {"amount": 3000, "periods": 2}},
        {"sales": [20_000, 20_000, 15_000, 35_000]}, [3000, 3000, 0, 3000]),
    "a ramped quota": (
        {**OVER_QUOTA, "ramp": [0.25, 0.5, 0.75]},
        {"sales": [30_000, 55_000, 80_000, 100_000], "quota": 100_000}, [3250, 5750, 8250, 10_000]),
    "half a period: half the quota": (
        OVER_QUOTA, {"sales": [60_000], "quota": 100_000, "active_share": 0.5}, [6500]),
    "half a period: half the quota and half the target incentive": (
        {"thresholds": "quota", "target_incentive": 10_000,
         "points": [{"at": 0, "share": 0}, {"at": 2, "share": 2}]},
        {"sales": [60_000], "quota": 100_000, "active_share": 0.5}, [6000]),
    "half a period at a rate of target incentive ÷ quota": (
        {**ON_TARGET, "tiers": FASTER},
        {"sales": [400_000], "quota": 500_000, "active_share": 0.5}, [48_750]),
    "trued up to a yearly quota": (
        {"thresholds": "quota", "tiers": [[0, 1, "5 %"], [1, None, "10 %"]], "measure": WHOLE_YEAR},
        {"sales": [20_000, 30_000, 40_000, 20_000], "quota": 100_000}, [1000, 1500, 2000, 1500]),
    "trued up to the first dollar": (
        {"method": "retroactive", "tiers": [[0, 100_000, "5 %"], [100_000, None, "8 %"]],
         "true_up": "year"}, {"sales": [40_000, 50_000, 30_000]}, [2000, 2500, 5100]),
    "the last three periods": (
        {"method": "retroactive", "tiers": [[0, 100, "1 %"], [100, None, "2 %"]],
         "measure": {"over": 3, "pays": "period"}}, {"sales": [50, 40, 30]}, [0.5, 0.4, 0.6]),
    "a clawback, taken back at once": (
        {"tiers": SIMPLE, "negative": "take_back"}, {"sales": [500], "clawback": 100}, [-50]),
    "a SPIF beside": ({"tiers": SIMPLE}, {"sales": [1000], "spif": 250}, [350]),
    "returns against later sales": (
        {"tiers": SIMPLE}, {"sales": [1000, -500, 1000]}, [100, 0, 50]),
    "a gate: nothing under 90 % satisfaction": (
        {**OVER_QUOTA, "multipliers": [{"on": "satisfaction", "steps": [[0.9, 1]]}]},
        {"sales": [100_000, 110_000], "quota": 100_000, "satisfaction": [0.899, 0.9]}, [0, 11_500]),
    "a multiplier by margin": (
        {"tiers": [[0, None, "8 %"]],
         "multipliers": [{"on": "margin", "steps": [[0, 0.8], [0.3, 1], [0.4, 1.2]]}]},
        {"sales": [10_000] * 4, "margin": [0.1, 0.7 - 0.4, 0.4, 0.9]}, [640, 800, 960, 960]),
    "an accelerator that hangs on new customers": (
        {"thresholds": "quota", "tiers": [[0, 1, "10 %"], [1, None, "10 %"]],
         "multipliers": [{"on": "new", "tier": 2, "steps": [[0, 1], [1, 1.5]]}]},
        {"sales": [110_000] * 2, "quota": 100_000, "new": [0.9, 1]}, [11_000, 11_500]),
    "a table of rates by attainment and margin": (
        {"thresholds": "quota", "method": "retroactive", "tiers": [[0, 0.8, 1], [0.8, None, 1]],
         "multipliers": [{"on": "margin", "tier": 1, "steps": [[0, "2 %"], [0.3, "3 %"]]},
                         {"on": "margin", "tier": 2, "steps": [[0, "4 %"], [0.3, "5 %"]]}]},
        {"sales": [5000, 5000, 8000, 9000], "quota": 10_000, "margin": [0.2, 0.3, 0.2, 0.3]},
        [100, 150, 320, 450]),
    "what a cap takes off is paid later": (
        {"tiers": SIMPLE, "cap": {"payout": 5000, "banked": "yes"}},
        {"sales": [30_000, 70_000, 40_000, 20_000]}, [3000, 5000, 5000, 3000]),
    "sales over the cap count in the next period": (
        {**OVER_QUOTA, "cap": {"attainment": 1.2, "banked": "yes"}},
        {"sales": [150_000, 100_000, 60_000], "quota": 100_000}, [13_000, 13_000, 7000]),
    "an accelerator that rises with attainment": (
        {"thresholds": "quota", "tiers": [[0, 1, "10 %"], [1, None, "10 %"]],
         "multipliers": [{"on": "attainment", "points": [[1, 1], [1.5, 2]], "tier": 2}]},
        {"sales": [80_000, 100_000, 125_000, 150_000, 200_000], "quota": 100_000},
        [8000, 10_000, 13_750, 20_000, 30_000]),
    "two points of pay less for each point under quota": (
        {"thresholds": "quota", "tiers": SIMPLE,
         "multipliers": [{"on": "attainment", "points": [[0.5, 0], [1, 1]]}]},
        {"sales": [40_000, 80_000, 99_000, 120_000], "quota": 100_000}, [0, 4800, 9702, 12_000]),
    "a factor in a line by customers' recommendation": (
        {"tiers": SIMPLE, "multipliers": [{"on": "nps", "points": [[30, 0.8], [50, 1.2]]}]},
        {"sales": [10_000] * 4, "nps": [29, 40, 45, 60]}, [0, 1000, 1100, 1200]),
    "gates on two measures": (
        {"tiers": SIMPLE, "multipliers": [{"on": "margin", "steps": [[0.3, 1]]},
                                          {"on": "satisfaction", "steps": [[90, 1]]}]},
        {"sales": [5000] * 3, "margin": [0.3, 0.29, 0.4], "satisfaction": [90, 95, 89.9]},
        [500, 0, 0]),
    "a bonus as a share of the target incentive": (
        {**ON_TARGET, "tiers": FASTER, "bonuses": [{"at": 1.2, "share": "10 %"}]},
        {"sales": [500_000, 600_000], "quota": 500_000}, [50_000, 70_000]),
    "a gate for commission and bonus": (
        {**OVER_QUOTA, "bonuses": [[1, 3000]],
         "multipliers": [{"on": "audit", "steps": [[0.5, 0.5], [1, 1]], "bonuses": "yes"}]},
        {"sales": [110_000] * 3, "quota": 100_000, "audit": [1, 0.5, 0]}, [14_500, 7250, 0]),
    "own sales at the rate that the team has reached": (
        {**OVER_QUOTA, "method": "retroactive"},
        {"sales": [10_000, 20_000], "attainment": [0.999, 1]}, [1000, 3000]),
    "70 % revenue and 30 % margin in one attainment": (
        {"thresholds": "quota", "target_incentive": 20_000,
         "points": [{"at": 0.5, "share": 0.5}, {"at": 1, "share": 1}, {"at": 1.5, "share": 2}]},
        {"attainment": [0.7 * 1.1 + 0.3 * 0.8]}, [20_400]),
    "objectives met in part": (
        {"thresholds": "quota", "target_incentive": 5000,
         "points": [{"at": 0.7, "share": 0.5}, {"at": 1, "share": 1}]},
        {"attainment": [0.69, 0.7, 0.85, 1]}, [0, 2500, 3750, 5000]),
    "relief of a third of the quota": (
        OVER_QUOTA, {"sales": [75_000], "quota": 90_000, "active_share": 2 / 3}, [8250]),
    "what quarters have paid taken off the year": (
        {**OVER_QUOTA, "method": "retroactive"},
        {"sales": [480_000], "quota": 400_000, "paid_before": 50_000}, [22_000]),
    "renewals at their own rate, under one draw": (
        {"tiers": SIMPLE, "draw": 3000},
        {"sales": [10_000, 40_000], "spif": [0.03 * 20_000, 0.03 * 50_000]}, [3000, 4100]),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_rules_of_plan_engines(rule):
    plan, columns, expected = RULES[rule]
    table = incentive.payout(attainment(**columns), plan=plan)
    assert table["payout"].tolist() == expected
    assert table["payout_minor"].tolist() == [round(paid * 100) for paid in expected]
    steps = [name for name in table if name.endswith("_pay") or name == "multiplied"]
    steps += ["floor_cut", "rate_cut", "rounding"]
    assert table[steps].sum(axis=1).tolist() == pytest.approx(table["commission"].tolist())


# The same of short-term rewards: rule, sales of one payee in their order, what they bring

SPIFS = {
    "so much for each of the first three": ({"tiers": [[1, 100], [4, 0]]}, [900] * 5, 300),
    "more from the sixth on": ({"tiers": [[1, 10], [6, 25]]}, [900] * 8, 125),
    "all at the rate of the tenth": (
        {"tiers": [[10, 25]], "method": "retroactive"}, [900] * 12, 300),
    "not yet the tenth": ({"tiers": [[10, 25]], "method": "retroactive"}, [900] * 9, 0),
    "a bonus for the first deal": ({"tiers": [{"from": 1, "pay": 500}]}, [900] * 3, 500),
    "a bonus for ten, another for twenty": (
        {"tiers": [{"from": 10, "pay": 1000}, {"from": 20, "pay": 1500}]}, [900] * 20, 2500),
    "a rate that rises with the amount": (
        {"counts": "amount", "tiers": [{"from": 10_000, "rate": "2 %"},
                                       {"from": 25_000, "rate": "4 %"}]},
        [8000, 16_000, 6000], 500),
    "so much a sale, up to a limit": ({"pay": 150, "most": 400}, [900] * 5, 400),
}  # fmt: skip


@pytest.mark.parametrize("rule", SPIFS)
def test_short_term_rewards_of_plan_engines(rule):
    spif, amounts, expected = SPIFS[rule]
    window = {"name": "spring", "start": "2025-01-01", "end": "2025-03-31"}
    sold = pd.date_range("2025-01-31", periods=len(amounts), freq="2D")
    sales = pd.DataFrame({"payee_id": "a", "sold_at": sold, "amount": amounts}, dtype=object)
    sales = sales.sample(frac=1, random_state=2)
    plan = {"tiers": SIMPLE, "spifs": [{**window, **spif}]}
    assert incentive.spifs(sales, plan=plan, period="month")["spif"].sum() == expected
