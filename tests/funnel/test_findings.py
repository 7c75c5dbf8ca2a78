"""The findings of the funnel that no ordinary pipeline brings about, each from a small table."""

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import funnel, reduce
from salesanalysis.funnel.coaching import exception_finding
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import end_of

#: A seller at a stage, as `funnel.exceptions` has it.
ROW = {"owner_id": "ann", "measure": "conversion", "stage": "C", "verdict": "exception",
       "direction": "worse", "n": 9, "own_value": 0.2, "team_value": 0.5, "ratio_high": 0.9,
       "ratio_noticed": 0.5, "rank": 1, "p_value": 0.001}  # fmt: skip


@pytest.mark.parametrize("direction", ["worse", "better"])
@pytest.mark.parametrize(
    ("measure", "stage"),
    [("conversion", "C"), ("ageing", "C"), *((m, "all") for m in ("conversion", "ageing")),
     ("volume", "all"), ("activity", "all")],
)  # fmt: skip
def test_every_kind_of_exception_has_its_sentence(measure, stage, direction):
    row = ROW | {"measure": measure, "stage": stage, "direction": direction}
    finding = exception_finding(row)
    (sentence,) = said("funnel", [finding]).values()
    assert finding.name.startswith(measure) and finding.name.endswith(direction)
    assert "ann" in sentence and ("C" in finding.values.values()) == (stage == "C")


def test_more_exceptions_than_are_told_and_the_lowest_level():
    table = pd.DataFrame([ROW | {"owner_id": name} for name in "abc"])
    level = ROW | {"owner_id": "low", "stage": "all", "verdict": "normal"}
    found = said(
        "funnel", funnel.exception_findings(pd.concat([table, pd.DataFrame([level])]), most=2)
    )
    assert found["others"].startswith("1 more") and found["lowest"].startswith("low has the lowest")


def test_a_stage_that_most_deals_have_not_left():
    none = pd.DataFrame(columns=["basis", "rate", "stage", "to_stage", "rate_low", "rate_high"])
    rates = funnel.win_rate(pd.DataFrame({"outcome": ["won"], "age_days": [3.0], "amount": [1.0]}))
    days = pd.DataFrame({"stage": ["A", "B"], "median_days": [3.0, np.inf]})
    found = said("funnel", funnel.findings(none, days, rates))
    assert "B" in found["slowest_unknown"] and "slowest" not in found


def test_stuck_deals_with_all_some_and_no_amounts():
    limits = pd.DataFrame({"open": [3], "limit_days": [9.0]})
    for amounts, name in (([5.0, 6.0], "stuck"), ([5.0, None], "stuck_some_amounts")):
        stuck = pd.DataFrame({"amount": amounts, "zombie": [True, False]})
        assert list(said("funnel", funnel.stuck_findings(stuck, limits))) == [name, "older"]


def _lost_and_open(won: int):
    """30 deals lost at an age of 9 days, some won, and one open for 20 days."""
    outcome = ["lost"] * 30 + ["won"] * won + ["open"]
    days = [9.0] * (30 + won) + [20.0]
    created = end_of("2024-12-31") - pd.to_timedelta(days, unit="D")
    deals = pd.DataFrame({"opportunity_id": range(len(days)), "outcome": outcome, "amount": 5.0})
    deals = deals.assign(age_days=days, created_at=created, closed_at=pd.NaT)
    entries = deals.assign(
        stage="A", position=0, skipped=False, stage_days=days, left=deals["outcome"] != "open"
    )
    return KnownFunnel(as_of="2024-12-31", deals=deals, entries=entries)


@pytest.mark.parametrize("won", [0, 19])
def test_without_winners_no_deal_is_stuck(won):
    known = _lost_and_open(won)
    late, limits = funnel.stuck(known), funnel.ageing(known.entries)
    found, older = funnel.stuck_findings(late, limits)
    assert (found.name, older.name, older.values) == ("no_winners", "older", {"deals": 1})
    figures = {figure.name: figure.value for figure in funnel.key_figures(known)}
    assert np.isnan([figures[name] for name in ("stuck", "stuck_amount", "stuck_at_stake")]).all()
    assert figures["zombies"] == 1
    (lead,) = funnel.lead(funnel.key_figures(known))
    assert lead.name == "no_winners"
    assert said("funnel", [found, older, lead])


def test_no_sentence_counts_deals_older_than_any_where_there_are_none():
    known = _lost_and_open(0)
    none = funnel.stuck(known)[:0]
    (found,) = funnel.stuck_findings(none, funnel.ageing(known.entries))
    assert found.name == "no_winners"
    assert "0" not in said("funnel", [found])["no_winners"]


def test_with_winners_it_is():
    known = _lost_and_open(20)
    found, older = funnel.stuck_findings(funnel.stuck(known), funnel.ageing(known.entries))
    assert (found.name, older.name) == ("stuck", "older")
    assert funnel.lead(funnel.key_figures(known))[0].values["stuck"] == 1


def test_what_must_be_known_of_deals_the_history_does_not_know():
    ids = {"opportunity_id": ["a", "b"]}
    deals = pd.DataFrame(ids | {"outcome": "won", "age_days": [3.0, None]})
    entries = pd.DataFrame({"opportunity_id": ["a"]})
    known = KnownFunnel(as_of="2025-12-31", deals=deals, entries=entries, history=True)
    found = said("funnel", funnel.caveats(known, only={"region": "East", "team": 3}))
    assert list(found) == ["only", "without_history", "undated", "few"]
    assert "region: East, team: 3" in found["only"]


def test_a_list_without_its_key_is_said():
    lists = {"opportunities": pd.DataFrame({"opportunity_id": ["a"]}),
             "reps": pd.DataFrame({"owner_id": ["Li"]})}  # fmt: skip
    assert "reps" in said("funnel", reduce.unused_lookups(lists))["unused_lookup"]
