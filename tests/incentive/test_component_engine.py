"""Components in the engine: equal to memory to the cent, whatever the plan; bad tables refused."""

import gc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError, incentive, reduce

RATED = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]]}
PACED = {"thresholds": "quota", "tiers": [{"from": 0, "times": 1}, {"from": 1, "times": 2}]}
GATE = {"gate": {"component": "x", "at": "90%"}}
TABLE = {
    "thresholds": "quota",
    "method": "retroactive",
    "across": {"component": "x", "at": ["50%", "100%"]},
    "tiers": [{"from": "40%", "share": ["10%", "30%"]}, {"from": 1, "share": ["70%", 1]}],
}

PLANS = {
    "rates and a gate": {"components": [
        {"name": "x", **RATED}, {"name": "y", **RATED, **GATE},
        {"name": "z", "tiers": [[0, None, "1/3%"]]}]},
    "weights, caps, draws": {
        "target_incentive": 1000.01, "cap": {"share": "120%", "banked": True}, "draw": 150,
        "components": [{"name": "x", "weight": "1/3", **PACED},
                       {"name": "y", "weight": "1/3", **PACED, **GATE},
                       {"name": "z", "weight": "1/3", **PACED, "floor": {"at": 0.3, "cliff": 1}}]},
    "a joint table, two gates": {
        "target_incentive": 900, "negative": "take_back", "components": [
            {"name": "x", "weight": "70%", **PACED},
            {"name": "y", "weight": "20%", **TABLE},
            {"name": "z", "weight": "10%", **PACED,
             "gate": [{"component": "x", "at": 0.5}, {"component": "y", "at": 1}]}]},
    "over time": {"negative": "zero", "components": [
        {"name": "x", **RATED, "measure": "year"},
        {"name": "y", **RATED, "measure": {"over": 3, "pays": "period"}, "ramp": [0.5], **GATE},
        {"name": "z", **RATED, "cap": {"payout": 2, "banked": True},
         "multipliers": [{"on": "margin", "steps": [[0.1, 1], [0.3, 1.5]]}]}]},
}  # fmt: skip


def table(payees=9, seed=5):
    rng = np.random.default_rng(seed)
    months = [f"2025-{month:02}" for month in range(1, 8)]
    rows = pd.DataFrame(
        [(f"p{payee}", month, name) for payee in range(payees) for month in months
         for name in "xyz"],
        columns=["payee_id", "period", "component"],
    )  # fmt: skip
    size = len(rows)
    rows["quota"] = rng.choice([50.0, 100.0, 0.03, np.nan], size, p=[0.4, 0.5, 0.07, 0.03])
    exactly = rng.choice([0.5, 0.9, 1.0, 1.5], size)
    rows["sales"] = np.where(rng.random(size) < 0.3, (rows["quota"] * exactly).round(2),
                             rng.integers(-3000, 20_000, size) / 100)  # fmt: skip
    rows["margin"] = rng.choice([0.05, 0.2, 0.3, np.nan], size, p=[0.3, 0.3, 0.3, 0.1])
    period = rows.groupby(["payee_id", "period"]).ngroup()
    rows["spif"] = (rng.integers(0, 500, period.max() + 1) / 100)[period]
    rows["team"] = "East"
    return rows.sample(frac=0.97, random_state=seed, ignore_index=True)


def equal(rows, plan):
    plan = incentive.read_plan(plan)
    key = ["payee_id", "period"]
    memory = incentive.payout(rows, plan=plan).sort_values(key, ignore_index=True)
    found = reduce.incentive.payout(rows, plan=plan)
    gc.collect()  # what is brought together lives as long as the answer
    engine = found.to_pandas().sort_values(key, ignore_index=True)
    assert engine["payout_minor"].astype("Int64").tolist() == memory["payout_minor"].tolist()
    for name in ("commission", "payout_cut", "earned", "advance", "repaid", "debt", "payout"):
        assert np.allclose(engine[name], memory[name], atol=1e-6, equal_nan=True), name
    assert engine["status"].tolist() == memory["status"].tolist()
    return memory


@pytest.mark.parametrize("name", PLANS)
def test_components_in_the_engine_equal_those_in_memory(name):
    memory = equal(table(), PLANS[name])
    assert memory["payout_minor"].notna().sum() > 20 and memory["payout_minor"].isna().any()


@given(st.integers(0, 10**6), st.lists(st.integers(1, 98), min_size=2, max_size=2, unique=True),
       st.integers(1, 20), st.sampled_from(["carry", "take_back", "zero"]))  # fmt: skip
@settings(max_examples=8, deadline=None)
def test_any_split_of_a_target_incentive_is_the_same_in_the_engine(seed, cuts, start, negative):
    low, high = sorted(cuts)
    weights = [f"{low}%", f"{high - low}%", f"{100 - high}%"]
    tiers = [{"from": 0, "times": 1}, {"from": f"{start * 10}%", "times": 2}]
    plan = {"negative": negative, "components": [
        {"name": name, "weight": weight, "thresholds": "quota", "tiers": tiers}
        for name, weight in zip("xyz", weights, strict=True)
    ]}  # fmt: skip
    rows = table(3, seed)
    rng = np.random.default_rng(seed)
    period = rows.groupby(["payee_id", "period"]).ngroup()
    rows["target_incentive"] = (rng.integers(1, 10**7, period.max() + 1) / 100)[period]
    equal(rows, plan)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="component"), "`component`"),
        (lambda t: t[t["component"] != "z"], r"`components\[2\]` of the plan, 'z', has no row"),
        (lambda t: t.replace({"component": {"z": "zz"}}), "holds 'zz'.*Known: x, y, z"),
        (lambda t: t.assign(component=None), "holds no word in some rows"),
        (lambda t: pd.concat([t, t[t["component"] == "y"][:1]]), "twice in a period with one comp"),
        (lambda t: t.assign(spif=range(len(t))), "`spif` differs between the components"),
        (lambda t: t.assign(sales=t["sales"] + 0.001), "`sales` holds amounts that are not whole"),
        (lambda t: t.assign(active_share=1.0), "active_share, which only"),
        (lambda t: t.drop(columns="quota"), "`quota`"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_one_message(change, said):
    plan = incentive.read_plan(PLANS["rates and a gate"])
    with pytest.raises(SalesAnalysisError, match=said):
        reduce.incentive.payout(change(table(2)), plan=plan)
