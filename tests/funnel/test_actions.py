"""What to do about open deals: who is on the list, in which order, and ids that last."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from told import said

from salesanalysis import SalesAnalysisError, datasets, forecast, funnel, reduce
from salesanalysis.datasets.bookings import revenue
from salesanalysis.funnel.episodes import late_since, old_since
from salesanalysis.known import KnownFunnel

DAY = pd.Timestamp("2025-11-15")


@pytest.fixture(scope="module")
def tables():
    made = datasets.company(seed=7)
    return made.tables | revenue(seed=7).tables, made.stages


def as_known(tables, day, *, shuffled=False):
    """What `actions` takes, of a made-up company on a day."""
    tables, stages = tables
    if shuffled:
        tables = {
            name: table.sample(frac=1, random_state=3, ignore_index=True)
            for name, table in tables.items()
        }
    core = [tables["opportunities"], tables["stage_history"]]
    asked = {"as_of": day, "stages": stages}
    joined = reduce.with_lookups(tables)
    known = reduce.funnel.known(joined, **asked, by="owner_id", labels=["product", "account_name"])
    return {
        "known": known,
        "chances": forecast.deal_chances(reduce.forecast.pipeline(*core, **asked)),
        "stuck": funnel.stuck(known),
        "graded": funnel.verified_grade(known),
        "calls": reduce.forecast.calls(core[0], tables["snapshots"], as_of=day),
    }


@pytest.fixture(scope="module")
def now(tables):
    return as_known(tables, DAY)


def test_a_line_is_a_deal_that_is_late_unproved_or_past_its_date(now):
    lines = funnel.actions(**now)
    stuck, graded, calls = now["stuck"], now["graded"], now["calls"]
    old = set(stuck.loc[stuck["zombie"], "opportunity_id"])
    late = set(stuck.loc[stuck["over_limit"], "opportunity_id"])
    unproved = set(
        graded.loc[graded["standing"].isin(["put_back", "unverified"]), "opportunity_id"]
    )
    past = set(calls.loc[calls["expected_close_at"] < DAY, "opportunity_id"])
    is_open = set(now["known"].deals.query("outcome == 'open'")["opportunity_id"])
    assert len(old) > 5 and len(late - old) > 5 and len(unproved - old) > 5 and len(past - old) > 5
    about = [one.about for one in lines if one.kind != "clean_up"]
    assert len(set(about)) == len(about)
    assert set(about) == ((late | unproved | past) & is_open) - old
    sets = {"late_deal": late, "unproven_grade": unproved, "date_passed": past}
    assert all(one.about in sets[one.kind] for one in lines if one.about)
    assert {one.kind for one in lines} == {*sets, "clean_up"}


def test_lines_come_by_what_hangs_on_them_within_the_period(now):
    lines = funnel.actions(**now)
    money = now["chances"].set_index("opportunity_id")["at_stake_period"]
    deals = now["known"].deals.set_index("opportunity_id")
    single = [one for one in lines if one.about]
    assert [one.at_stake for one in single] == sorted(one.at_stake for one in single)[::-1]
    for one in single:
        deal = deals.loc[one.about]
        assert one.at_stake == money[one.about] and one.amount == deal["amount"]
        assert (one.who, one.title) == (deal["owner_id"], deal["account_name"])
        assert one.traits == {"product": deal["product"], "stage": deal["stage"]}
    # A week: Wednesday for what hangs most, Friday for the rest.
    assert [one.due for one in lines[:5]] == ["2025-11-19"] * 3 + ["2025-11-21"] * 2


def test_old_deals_are_one_line_that_is_seen(now):
    lines = funnel.actions(**now)
    assert [at for at, one in enumerate(lines) if one.kind == "clean_up"] == [6]
    line, old = lines[6], now["stuck"].query("zombie")
    assert (line.about, line.who, line.amount) == ("", "", old["amount"].sum())
    money = now["chances"].set_index("opportunity_id")["at_stake_period"]
    assert line.at_stake == pytest.approx(money[old["opportunity_id"]].sum())
    assert line.at_stake < 0.02 * line.amount
    said("funnel", [line.step])


def test_every_step_can_be_said(now):
    steps = [one.step for one in funnel.actions(**now)]
    assert len(said("funnel", steps)) >= 6


def test_ids_do_not_hang_on_the_order_of_rows(tables, now):
    ids = [one.action_id for one in funnel.actions(**now)]
    assert len(set(ids)) == len(ids) > 20
    again = as_known(tables, DAY, shuffled=True)
    assert [one.action_id for one in funnel.actions(**again)] == ids


def test_a_week_later_what_goes_on_keeps_its_id(tables, now):
    before = funnel.actions(**as_known(tables, "2025-11-08"))
    after = funnel.actions(**now)
    key = {(one.kind, one.about, one.measure): one.action_id for one in before}
    # What is about the same at both times, where only the same deal in the same stage is the same.
    both = [one for one in after if (one.kind, one.about, one.measure) in key]
    assert len(both) > 20
    assert all(key[one.kind, one.about, one.measure] == one.action_id for one in both)
    assert {one.kind for one in both} >= {"late_deal", "unproven_grade", "clean_up"}


def test_the_day_it_began_is_the_first_of_an_unbroken_run(tables, now):
    """Each day before is looked at anew, with what was known on it."""
    stuck = now["stuck"].query("over_limit & not zombie")
    since = late_since(now["known"], stuck)
    started = since[since >= DAY - pd.Timedelta(days=12)]
    assert len(started) > 3
    on_list = {}
    for back in range(14):
        day = DAY - pd.Timedelta(days=back)
        known = reduce.funnel.known(tables[0], as_of=day, stages=tables[1])
        table = funnel.stuck(known)
        on_list[day] = set(table.loc[table["over_limit"], "opportunity_id"])
    for deal, first in started.items():
        days = pd.date_range(first, DAY)
        assert all(deal in on_list[day] for day in days), deal
        assert deal not in on_list[first - pd.Timedelta(days=1)], deal


def test_old_deals_have_been_there_since_the_first_day_without_a_break():
    created = pd.to_datetime(["2025-01-01"] * 20 + ["2025-01-05", "2025-02-01"])
    closed = pd.to_datetime(["2025-01-31"] * 20 + ["2025-02-20", None])
    table = pd.DataFrame(
        {
            "opportunity_id": [f"d{n:02d}" for n in range(22)],
            "outcome": ["lost"] * 21 + ["open"],
            "created_at": created,
            "closed_at": closed,
            "amount": 10.0,
        }
    )
    known = reduce.funnel.known({"opportunities": table}, as_of="2025-03-31", stages=["created"])
    # d20 was older than 30 days from 5 Feb until it closed at 46; d21 is older than that since.
    assert old_since(known) == pd.Timestamp("2025-03-19")
    early = reduce.funnel.known({"opportunities": table}, as_of="2025-02-15", stages=["created"])
    assert old_since(early) == pd.Timestamp("2025-02-04")
    few = reduce.funnel.known({"opportunities": table[:5]}, as_of="2025-03-31", stages=["created"])
    assert pd.isna(old_since(few))


def one_deal(**columns) -> dict:
    """One open deal in the first of two stages, on which nothing is wrong unless it is said."""
    entry = {"opportunity_id": "a", "stage": "lead", "position": 0, "skipped": False}
    entry |= {"outcome": "open", "stage_days": 20.0, "left": False, "result": "open"}
    entry |= {"reached_at": pd.Timestamp("2025-10-27"), "result_days": 20.0}
    other = entry | {"opportunity_id": "b", "stage": "offer", "position": 1, "outcome": "won"}
    deal = {"opportunity_id": "a", "outcome": "open", "stage": "lead", "amount": 50.0}
    deal |= {"closed_at": pd.NaT, "created_at": pd.Timestamp("2025-10-27"), "owner_id": "ann"}
    none = ["opportunity_id", "stage", "stage_days", "excess_days", "over_limit", "zombie"]
    return {
        "known": KnownFunnel(
            as_of=DAY,
            deals=pd.DataFrame([deal | {"age_days": np.nan} | columns]),
            entries=pd.DataFrame([entry, other | {"left": True, "result": "won"}]).assign(
                result_days=np.nan
            ),
        ),
        "chances": pd.DataFrame({"opportunity_id": ["a"], "at_stake_period": [10.0]}),
        "stuck": pd.DataFrame(columns=none),
    }


def promised(day: str | None) -> pd.DataFrame:
    return pd.DataFrame({"opportunity_id": ["a"], "expected_close_at": pd.to_datetime([day])})


def ungraded() -> pd.DataFrame:
    return pd.DataFrame({"opportunity_id": ["a"], "claimed": ["D"], "standing": ["put_back"]})


def talked(day: str | None) -> pd.DataFrame:
    row = {"opportunity_id": "a" if day else "z", "last_at": pd.Timestamp(day or "2025-01-01")}
    return pd.DataFrame([row])


def test_a_healthy_deal_asks_for_nothing():
    assert funnel.actions(**one_deal()) == []
    assert funnel.actions(**one_deal(), calls=promised("2025-12-31")) == []
    assert funnel.actions(**one_deal(), calls=promised("2025-11-15")) == []  # today is not over


@pytest.mark.parametrize(
    ("date", "contact", "graded", "step"),
    [
        ("2025-09-10", None, True, "confirm_or_drop"),
        ("2025-11-01", "never", False, "manager_joins"),
        (None, "2025-11-10", True, "check_evidence"),
        ("2025-11-01", "2025-10-01", False, "call_new_date"),
        ("2025-11-01", "2025-11-10", False, "new_date"),
        ("2025-11-01", None, False, "new_date"),
    ],
)
def test_the_step_is_that_of_the_first_rule_that_fits(date, contact, graded, step):
    given = one_deal()
    if contact:
        last = talked(None if contact == "never" else contact)
        given["known"] = replace(given["known"], contacts=last)
    asked = {"calls": promised(date), "graded": ungraded() if graded else None}
    (one,) = funnel.actions(**given, **asked)
    assert one.step.name == step
    said("funnel", [one.step])


def test_a_late_deal_that_is_talked_to_asks_for_a_decision_and_a_silent_one_for_a_call():
    row = {"opportunity_id": "a", "stage": "lead", "stage_days": 20.0, "excess_days": 6.0}
    late = pd.DataFrame([row | {"over_limit": True, "zombie": False}])
    for contact, step in (("2025-11-10", "decide"), ("2025-10-01", "call")):
        given = one_deal() | {"stuck": late}
        given["known"] = replace(given["known"], contacts=talked(contact))
        (one,) = funnel.actions(**given)
        assert (one.kind, one.step.name, one.overdue_days) == ("late_deal", step, 6.0)


def test_what_has_lasted_longest_names_the_line():
    (one,) = funnel.actions(**one_deal(), calls=promised("2025-11-01"), graded=ungraded())
    assert (one.kind, one.since, one.measure) == ("unproven_grade", "2025-10-27", "lead")
    assert one.overdue_days == 14.0
    (other,) = funnel.actions(**one_deal(), calls=promised("2025-10-01"), graded=ungraded())
    assert (other.kind, other.since, other.measure) == ("date_passed", "2025-10-02", "")


def test_without_names_codes_are_shown():
    (one,) = funnel.actions(**one_deal(account_id="A7"), calls=promised("2025-11-01"))
    assert (one.title, one.who) == ("A7", "ann")
    (bare,) = funnel.actions(**one_deal(owner_id=None), calls=promised("2025-11-01"))
    assert (bare.title, bare.who) == ("a", "")


def test_rules_of_ones_own_must_fit_every_deal():
    rules = [funnel.StepRule("call", silent_days=30)]
    with pytest.raises(SalesAnalysisError, match="the last rule fits every deal"):
        funnel.actions(**one_deal(), calls=promised("2025-11-01"), step_rules=rules)


@pytest.mark.parametrize(
    ("day", "due"), [("2025-11-16", "2025-11-19"), ("2025-11-17", "2025-11-26")]
)
def test_lines_are_due_in_the_week_that_begins_after_the_day(day, due):
    given = one_deal(age_days=np.nan)
    given["known"] = replace(given["known"], as_of=pd.Timestamp(day))
    (one,) = funnel.actions(**given, calls=promised("2025-11-01"))
    assert one.due == due
