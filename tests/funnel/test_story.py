"""What the funnel report says of its pictures: a case for each outcome, in every language."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import funnel, text


def said(kind, *found):
    """The findings, after a look that every language has a sentence for each."""
    for finding in found:
        for lang in text.LANGUAGES:
            assert text.sentence(f"funnel.{kind}.{finding.name}", lang, **finding.values)
    return found


@pytest.mark.parametrize(
    ("amounts", "name", "stage"),
    [
        ([10.0, 80.0, 10.0], "most", "offer"),
        ([33.0, 33.0, 34.0], "alike", "trial"),
        ([np.nan], "most_deals", "lead"),
        ([np.nan, np.nan], "alike_deals", "lead"),
        ([], "nothing_lost", None),
    ],
)
def test_the_stage_at_which_most_is_lost(amounts, name, stage):
    stages = ["lead", "offer", "trial"][: len(amounts)]
    entries = {"stage": stages, "position": range(len(amounts)), "result": "lost"}
    leakage = funnel.leakage(pd.DataFrame(entries | {"amount": amounts}), by=())
    (found,) = said("leakage", *funnel.leakage_findings(leakage))
    assert (found.name, found.values.get("stage")) == (name, stage)


def test_reasons_are_added_up_within_their_stage():
    leakage = pd.DataFrame(
        {"stage": ["a", "b", "b"], "deals": [1, 1, 1], "amount": [40.0, 35.0, 35.0]}
    )
    (found,) = funnel.leakage_findings(leakage, stands_out=1.2)
    assert (found.name, found.values["stage"], found.values["amount"]) == ("most", "b", 70.0)
    assert found.values["share"] == pytest.approx(70 / 110)


def test_splits_whose_groups_differ_come_first_the_widest_apart_before():
    verdicts = {"alone": None, "alike": "not_shown", "near": "differ", "far": "differ"}
    tests = pd.DataFrame(
        {
            "split": list(verdicts),
            "test": "win_share",
            "verdict": list(verdicts.values()),
            "between_sd": [np.nan, 0.01, 0.02, 0.3],
        }
    )
    rates = pd.DataFrame(
        {
            "split": ["near", "near", "far", "far", "far"],
            "group": ["a", "b", "c", "d", "e"],
            "rate": [0.4, 0.5, 0.1, 0.0, 1.0],
            "rate_low": 0.0,
            "rate_high": 1.0,
            "pooled_rate": [np.nan, np.nan, 0.1, 0.2, 0.8],
            "pooled_low": 0.05,
            "pooled_high": 0.95,
        }
    )
    found = said("pooled", *funnel.pooled_findings(rates, tests))
    names = [(finding.name, finding.values["split"]) for finding in found]
    assert names == [
        ("differ", "far"), ("differ", "near"), ("not_shown", "alike"), ("untold", "alone")
    ]  # fmt: skip
    far, near = found[0].values, found[1].values
    assert (far["group"], far["rate"], far["rate_low"]) == ("e", 0.8, 0.05)
    assert (far["group_lowest"], far["rate_lowest"]) == ("c", 0.1)
    # Two groups are not pooled: their own rates are told.
    assert (near["group"], near["rate"], near["rate_low"]) == ("b", 0.5, 0.0)


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ([("open", 10)], [("open", 15)], "grew"),
        ([("open", 10)], [("won", 10)], "shrank"),
        ([("open", 10), ("none", 10)], [("lost", 10), ("open", 10)], "same"),
        ([("open", None)], [("open", None)], "no_amounts"),
        ([], [], "nothing_open"),
    ],
)
def test_how_the_pipeline_changed(before, after, name):
    moves = pd.DataFrame(before, columns=["state_before", "amount_before"])
    moves[["state_after", "amount_after"]] = pd.DataFrame(after, columns=["state", "amount"])
    moves = moves.astype({"amount_before": float, "amount_after": float})
    moves = moves.assign(
        reopened=False, position_before=0, position_after=0, due_before=False, due_after=False,
        slipped=False,
    )  # fmt: skip
    waterfall = funnel.waterfall(moves)
    (found,) = said("waterfall", *funnel.waterfall_findings(waterfall))
    assert found.name == name
    if name in ("no_amounts", "nothing_open"):
        return
    told, lines = found.values, waterfall.set_index("movement")["net_amount"]
    changes = told["came"] - told["won"] - told["gone"] + told["revalued"]
    assert changes == told["end_amount"] - lines["start"]
    if name == "same":
        assert (told["came"], told["gone"], changes) == (10, 10, 0)
    else:
        assert told["change"] == abs(changes)


@pytest.mark.parametrize(
    ("aims", "new_deals", "names"),
    [
        ({"lead": 0.6}, 50.0, ["outcome", "beyond"]),
        ({"lead": 0.41}, 50.0, ["outcome", "by_chance"]),
        ({}, 50.0, ["outcome"]),
        ({"lead": 0.6}, np.nan, ["untold"]),
    ],
)
def test_what_aims_would_bring(aims, new_deals, names):
    steps = pd.DataFrame(
        {
            "stage": ["lead", "offer"], "to_stage": ["offer", "won"], "position": [0, 1],
            "n": [200, 80], "rate": [0.4, 0.5], "rate_low": [0.33, 0.39], "rate_high": [0.47, 0.61],
        }
    )  # fmt: skip
    flow = pd.DataFrame({"new_deals": [1.0], "mean_amount": [9.0], "cycle_days": [60.0]})
    aimed, outcomes = funnel.aimed(steps, aims), funnel.aim_outcomes(steps, flow, aims)
    outcomes["won"] *= new_deals
    found = said("aims", *funnel.aim_findings(aimed, outcomes))
    assert [finding.name for finding in found] == names
    if "beyond" in names:
        assert found[0].values == pytest.approx({"won": 10.0, "won_aimed": 15.0})
        assert found[1].values == {"aims": 1, "beyond": 1}
