"""One test for each seller × stage: honest under chance, able to see what is a little of both."""

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import funnel
from salesanalysis.funnel.coaching import exception_finding
from salesanalysis.funnel.places import judged_places, most_of_three, watch_list


def rows(conversion, ageing, stages=None):
    """Rows of sellers at one stage each, with these z values; missing for what is not testable."""
    stages = ["offer"] * len(conversion) if stages is None else stages
    tables = [
        pd.DataFrame(
            {
                "owner_id": [f"s{at:03}" for at in range(len(z))], "measure": measure,
                "stage": stages, "position": 0, "z": z, "log_ratio": z, "freedom": np.inf,
            }
        )
        for measure, z in (("conversion", conversion), ("ageing", ageing))
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def judged(conversion, ageing, **options):
    table = rows(conversion, ageing, **options)
    return table.join(judged_places(table, "owner_id", 0.1))


def test_the_largest_of_three_is_as_likely_as_in_simulation():
    draw = np.random.default_rng(3).normal(size=(1_000_000, 2))
    largest = np.maximum(draw.max(axis=1), draw.sum(axis=1) / np.sqrt(2))
    for z in (-1.0, 0.0, 0.7, 1.5, 2.5, 3.5):
        share = (largest > z).mean()
        assert most_of_three(np.array([z]))[0] == pytest.approx(share, abs=4e-3 * share**0.5)
    # Far out it is that of three, less what they share; and it never underflows to nothing.
    far = most_of_three(np.array([8.0, 30.0]))
    assert 2 * 6.2e-16 < far[0] < 3 * 6.3e-16 and far[1] > 0


def test_by_chance_as_many_are_found_as_is_said():
    draw, companies = np.random.default_rng(4), 600
    worse = 0
    for _ in range(companies):
        table = judged(draw.normal(size=60), draw.normal(size=60))
        found = table[table["q_value"] <= 0.1]
        worse += (found["z"] < 0).any()
    # With nothing to be found every discovery is false: so in one company of ten at most.
    assert 0.05 < worse / companies < 0.13


def test_a_little_of_both_is_found_and_said_to_be_both():
    conversion, ageing = np.zeros(40), np.zeros(40)
    conversion[0] = ageing[0] = -2.6
    table = judged(conversion, ageing).set_index(["owner_id", "measure"])
    alone = judged(conversion, np.zeros(40))
    assert alone["q_value"].min() > 0.1
    found = table[table["q_value"] <= 0.1]
    assert found["together"].tolist() == [True] and found.index[0][0] == "s000"
    row = {"owner_id": "ann", "measure": "ageing", "stage": "C", "direction": "worse", "n": 30,
           "own_value": 1.0, "team_value": 2.0, "reason": "both_worse"}  # fmt: skip
    for direction in ("worse", "better"):
        finding = exception_finding(row | {"direction": direction, "reason": f"both_{direction}"})
        (sentence,) = said("funnel", [finding]).values()
        assert finding.name == f"both_{direction}" and "ann" in sentence and "30" in sentence


def test_both_measures_that_depart_far_are_both_found():
    conversion, ageing = np.zeros(40), np.zeros(40)
    conversion[0], ageing[0] = -6.0, -6.0
    conversion[1], ageing[1] = -6.0, -1.0
    table = judged(conversion, ageing)
    found = table[table["q_value"] <= 0.1]
    assert not found["together"].any()
    assert sorted(zip(found["owner_id"], found["measure"], strict=True)) == [
        ("s000", "ageing"), ("s000", "conversion"), ("s001", "conversion"),
    ]  # fmt: skip


def test_where_one_measure_cannot_be_told_the_other_is_tested_alone():
    table = judged([np.nan, 0.0, 0.0], [-2.5, 0.0, 0.0])
    row = table[(table["owner_id"] == "s000") & (table["measure"] == "ageing")].iloc[0]
    assert row["p_value"] == pytest.approx(0.0062097, rel=1e-4)
    assert len(judged_places(rows([], []), "owner_id", 0.1)) == 0


def test_the_watch_list_has_each_place_once_and_the_most_money_first():
    table = judged([-1.0, -2.0, 1.0, -0.5], [-1.5, -2.1, -3.0, -0.4])
    table = table.assign(
        direction=np.where(table["z"] < 0, "worse", "better"), n=9, own_value=1.0, team_value=2.0,
        verdict="normal", at_stake=[np.nan] * 4 + [10.0, 5.0, 20.0, 99.0],
    )  # fmt: skip
    listed = watch_list(table, most=3)
    assert listed["owner_id"].tolist() == ["s002", "s000", "s001"]
    assert listed["at_stake"].tolist() == [20.0, 10.0, 5.0]
    assert listed["rank"].tolist() == [1, 2, 3]
    assert "q_value" not in listed and funnel.watch_list(table.head(0)).empty
