"""The overview: key figures and what to look at first, from small tables of the families."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from salesanalysis import overview, text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.findings import Finding
from salesanalysis.overview import Thing

LATE = {"late": 1, "due": 2}


def thing(subject: str, at_stake: float, report: str = "incentive") -> Thing:
    values = LATE | {"amount": at_stake}
    return Thing(report, subject, at_stake, "overview.thing.late", values)


def first(*things: Thing, **options) -> pd.DataFrame:
    return overview.first_things(things, words=text, **options)


# The ranking


def test_most_money_first_each_subject_once_and_the_unknown_last():
    table = first(
        thing("a", 10.0), thing("x", np.nan), thing("b", 30.0), thing("a", 20.0, "funnel")
    )
    assert table["subject"].tolist() == ["b", "a", "x"]
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["others"].tolist() == [0, 1, 0]
    assert table["report"].tolist() == ["incentive", "funnel", "incentive"]
    assert table["at_stake"].tolist()[:2] == [30.0, 20.0] and np.isnan(table["at_stake"].iloc[2])


def test_only_so_many_are_listed_and_nothing_at_stake_is_nothing_to_look_at():
    things = [thing(name, money) for name, money in zip("abcd", (1.0, 0.0, -5.0, 2.0), strict=True)]
    assert first(*things)["subject"].tolist() == ["d", "a"]
    assert first(*things, most=1)["subject"].tolist() == ["d"]
    assert first().empty and list(first()) == list(first(thing("a", 1.0)))
    with pytest.raises(SalesAnalysisError, match="`most` is 0"):
        first(most=0)


def test_of_equals_the_one_handed_over_first_stays_first():
    names = list("qwertz")
    assert first(*(thing(name, 5.0) for name in names))["subject"].tolist() == names


def test_subjects_are_named_in_the_language_and_names_of_the_data_stay():
    known = Thing("forecast", "channel", 1.0, "overview.thing.late", LATE | {"amount": 1.0})
    named = [
        Thing(
            known.report,
            subject,
            1.0,
            known.reason,
            known.values,
            f"forecast.value.stream.{subject}",
        )
        for subject in ("channel", "our_shop")
    ]
    assert first(*named, lang="zh")["subject"].tolist() == ["经销商", "our_shop"]
    assert "2" in first(known, lang="zh")["reason"].iloc[0]


# What the families hand over


def test_stuck_deals_go_to_their_seller_and_those_of_nobody_stand_alone():
    stuck = pd.DataFrame(
        {
            "opportunity_id": ["d1", "d2", "d3", "d4"],
            "owner_id": pd.Categorical(["ann", "bob", "ann", None]),
            "amount": [10.0, np.nan, 30.0, 5.0],
        }
    )
    things = overview.funnel_things(stuck, won_share=0.5, most_deals=1)
    found = {one.subject: (one.at_stake, one.values["look_at"]) for one in things}
    assert found["ann"] == (20.0, "d1") and found["d4"] == (2.5, "d4")
    assert np.isnan(found["bob"][0])
    whole = overview.funnel_things(stuck.drop(columns="owner_id"), won_share=np.nan)
    assert [one.at_stake for one in whole if one.subject == "d3"] == [30.0]


def test_exceptions_for_the_worse_count_and_keep_their_own_sentence():
    row = {"owner_id": "ann", "verdict": "exception", "stage": "C", "at_stake": 80.0, "n": 9}
    row |= {"own_value": 0.2, "team_value": 0.5}
    exceptions = pd.DataFrame(
        [
            row | {"direction": "worse", "measure": "ageing", "reason": "ageing_worse"},
            row | {"direction": "worse", "measure": "conversion", "reason": "conversion_worse"},
            row | {"direction": "better", "measure": "ageing", "reason": "ageing_better"},
            row | {"direction": "worse", "verdict": "normal", "measure": "ageing", "reason": None},
        ]
    )
    none = pd.DataFrame(columns=["opportunity_id", "amount"])
    things = overview.funnel_things(none, exceptions, won_share=0.25)
    # The size of a lower conversion is money already, that of ageing the amount of open deals.
    assert [one.at_stake for one in things] == [20.0, 80.0]
    assert "ann" in first(*things)["reason"].iloc[0]


def test_key_deals_count_for_what_is_not_done_not_for_what_nobody_knows():
    done = {"opportunity_id": "d1", "amount": 40.0, "claimed": "D", "verified": "S"}
    done |= {"at_grade": "no", "visited": "no", "letter_checked": "unknown", "date_ahead": "yes"}
    checklist = pd.DataFrame(
        [
            done,
            done
            | {"opportunity_id": "d2"}
            | dict.fromkeys(("at_grade", "visited", "letter_checked", "date_ahead"), "yes"),
        ]
    )
    none = pd.DataFrame(columns=["opportunity_id", "amount"])
    table = first(*overview.funnel_things(none, checklist=checklist))
    assert table["subject"].tolist() == ["d1"] and table["others"].tolist() == [1]
    assert "proved up to S" in table["reason"].iloc[0]


def test_every_check_that_blocks_has_words_for_what_it_found():
    checks = pd.DataFrame(
        {"check": ["currency_mix", "zombies"], "amount": [7.0, 9.0], "blocks": [True, False]}
    )
    none = pd.DataFrame(columns=["opportunity_id", "amount"])
    table = first(*overview.funnel_things(none, checks=checks))
    assert table["subject"].tolist() == ["More than one currency"]
    assert table["at_stake"].tolist() == [7.0]


def test_shortfalls_of_streams_and_sellers():
    row = {"target": 100.0, "p_target": 0.1}
    streams = pd.DataFrame([{"stream": "inbound", "gap_amount": -30.0} | row])
    sellers = pd.DataFrame(
        [{"owner_id": who, "gap_amount": gap} | row for who, gap in (("a", -50.0), ("b", np.nan))]
    )
    table = first(*overview.forecast_things(streams, sellers, period="2025-Q4"))
    assert table["subject"].tolist() == ["a", "Customer orders"]
    assert table["at_stake"].tolist() == [50.0, 30.0]
    assert table["reason"].iloc[0].startswith("2025-Q4 will most likely end 50 short")


def test_a_skill_weighs_what_is_lacking_in_the_deals_that_need_it_now():
    gaps = pd.DataFrame(
        {
            "person_id": ["ann", "ann", "bob", "cy"],
            "skill": ["closing", "care", "closing", "closing"],
            "stage": ["A", "W", "A", "A"],
            "status": ["faded", "never_met", "never_met", "not_assessed"],
            "priority": [0.1, 0.5, 0.2, np.nan],
        }
    )
    deals = pd.DataFrame(
        {
            "owner_id": ["ann", "ann", "bob", "bob", "cy"],
            "stage": ["A", "B", "A", "A", "A"],
            "outcome": ["open", "open", "open", "won", "open"],
            "amount": [100.0, 1000.0, 10.0, 1000.0, 1000.0],
        }
    )
    (skill,) = overview.forgetting_things(gaps=gaps, deals=deals)
    assert skill.at_stake == pytest.approx(100 * 0.1 + 10 * 0.2)
    assert skill.values == {"people": 2, "stage": "A", "deals": 2, "amount": 110.0}
    assert overview.forgetting_things(gaps=gaps) == []


def test_refreshers_count_with_what_they_leave_in_the_weeks_ahead():
    weeks = pd.DataFrame(
        {"refreshers": [0, 1, 1], "saved": [0.0, 50.0, 9.0], "cost": [0.0, 20.0, 1.0]}
    )
    value = weeks.assign(net=weeks["saved"] - weeks["cost"])
    (found,) = overview.forgetting_things(value, weeks=2)
    assert found.at_stake == 30.0 and found.values["refreshers"] == 1
    assert first(found, lang="zh")["subject"].tolist() == ["强化训练"]


def test_thresholds_shown_to_be_better_and_payouts_late_in_a_period():
    pair = {"floor": 1.0, "stretch": 1.3, "gain": 80.0, "low": 60.0, "high": 90.0}
    sure = Finding("headline", "sensitive", {"worse": 2, "assumptions": 6})
    lateness = pd.DataFrame(
        {"team": ["x", "y"], "k": [3, 0], "n": [4, 4], "late_amount": [60.0, 0.0]}
    )
    things = overview.incentive_things(
        [Finding("headline", "recommended", pair), sure], lateness, periods=3
    )
    table = first(*things)
    assert table["at_stake"].tolist() == [80.0, 20.0]
    assert "Under 2 of 6" in table["reason"].iloc[0] and table["subject"].iloc[1] == "x"
    assert overview.incentive_things([Finding("headline", "no_better", pair), sure]) == []


# Key figures


def test_figures_are_those_of_the_tables_with_their_limits():
    rates = pd.DataFrame([{"final_rate": 0.4, "final_low": 0.3, "final_high": 0.5, "open": 7}])
    flow = {"month_amount": 5.0, "month_low": 4.0, "month_high": 6.0}
    flow |= {"cycle_days": 50.0, "cycle_low": 40.0, "cycle_high": 60.0}
    figures = overview.funnel_figures(rates, pd.DataFrame([flow]), pd.DataFrame({"amount": []}))
    row = figures.iloc[0].to_dict()
    assert row["final_rate_low"] == 0.3 and row["month_amount_high"] == 6.0
    assert row["open"] == 7 and row["stuck_amount"] == 0.0 and row["report"] == "funnel"


def test_a_half_life_that_the_tests_do_not_tell_has_no_limits():
    curve = SimpleNamespace(half_life_low=1.0, half_life_high=9.0)
    numbers = {"half_life_weeks": np.nan, "lost_share": np.nan, "refreshers": 2.0, "cost": np.nan}
    row = overview.forgetting_figures(curve, numbers).iloc[0]
    assert row[["half_life_weeks", "half_life_weeks_low", "next_refresher"]].isna().all()
    calendar = pd.DataFrame({"day": pd.to_datetime(["2026-02-01", "2026-01-09"])})
    known = overview.forgetting_figures(curve, numbers | {"half_life_weeks": 5.0}, calendar).iloc[0]
    assert known["half_life_weeks_high"] == 9.0
    assert known["next_refresher"] == pd.Timestamp("2026-01-09")


def test_lateness_is_left_out_where_no_payout_is_known():
    cost = pd.DataFrame({"name": ["cost", "cost_low", "cost_high", "cost_rate"], "value": 1.0})
    reach = pd.DataFrame(
        {"goal": ["floor", "stretch"], "rate": [0.7, 0.2], "rate_low": 0.1, "rate_high": 0.8}
    )
    assert "late_rate" not in overview.incentive_figures(cost, reach)
    late = pd.DataFrame({"rate": [0.3], "rate_low": [0.2], "rate_high": [0.4]})
    assert overview.incentive_figures(cost, reach, late)["late_rate_high"].tolist() == [0.4]
