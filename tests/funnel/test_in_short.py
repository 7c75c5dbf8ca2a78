"""The funnel in short: its figures, and what somebody should look at, from small tables."""

import numpy as np
import pandas as pd

from salesanalysis import funnel, text
from salesanalysis.known import KnownFunnel

NONE = pd.DataFrame(columns=["opportunity_id", "amount", "amount_days", "excess_days", "zombie"])


def worth(**money: float) -> pd.DataFrame:
    """What hangs on deals within the period."""
    return pd.DataFrame({"opportunity_id": list(money), "at_stake_period": list(money.values())})


def said(thing, lang: str = "en") -> str:
    reason = thing.reason
    return text.sentence(f"funnel.{reason.kind}.{reason.name}", lang, **reason.values)


def small_funnel(**changed) -> KnownFunnel:
    """30 deals won after 10 days and 30 lost, one open for 5 days, one stuck for 90."""
    outcome = ["won"] * 30 + ["lost"] * 30 + ["open"] * 2
    days = [10.0] * 60 + [5.0, 90.0]
    # The day is watched to its end; the others closed when it began.
    ended = pd.to_datetime(["2025-02-28"] * 60 + ["2025-03-01"] * 2)
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"d{n}" for n in range(62)],
            "outcome": outcome,
            "amount": 100.0,
            "age_days": days,
            "stage": "offer",
            "created_at": ended - pd.to_timedelta(days, unit="D"),
            "closed_at": [*ended[:60], pd.NaT, pd.NaT],
        }
    ).assign(**changed)
    entries = deals.assign(
        position=0, skipped=False, stage_days=days, left=[True] * 60 + [False] * 2
    )
    return KnownFunnel(as_of="2025-02-28", deals=deals, entries=entries)


def test_figures_are_those_of_the_functions_of_their_names():
    known = small_funnel()
    chances = pd.DataFrame({"opportunity_id": ["d60", "d61"], "at_stake": [50.0, 3.0]})
    figures = {one.name: one for one in funnel.key_figures(known, chances)}
    assert list(figures)[:4] == ["final_rate", "open_amount", "stuck_at_stake", "zombies"]
    rates = funnel.win_rate(known.deals).iloc[0]
    assert figures["final_rate"].low == rates["final_low"] < figures["final_rate"].value
    assert figures["open_amount"].value == 200.0 and figures["stuck_amount"].value == 100.0
    assert figures["stuck_at_stake"].value == 3.0
    assert figures["stuck_at_stake"].judged == ("stuck_share", 0.5)
    assert figures["zombies"].judged == ("zombie_share", 0.5)
    flow = funnel.velocity(known).iloc[0]
    assert figures["won_month_amount"].value == flow["won_month_amount"]
    # Without chances it is not known what hangs on them; where nothing is stuck it is nothing.
    unknown = {one.name: one.value for one in funnel.key_figures(known)}
    assert np.isnan(unknown["stuck_at_stake"])
    for lang in text.LANGUAGES:
        assert all(text.has(f"funnel.value.number.{name}", lang) for name in figures)
        for one in list(figures.values())[:4]:
            assert one.base is None or text.sentence(
                f"funnel.base.{one.base.name}", lang, **one.base.values
            )
    assert all(text.column_kind(name)[0] for name in list(figures)[:6])


def test_amounts_that_nobody_knows_are_no_money_and_no_deal_is_no_figure():
    figures = {one.name: one.value for one in funnel.key_figures(small_funnel(amount=np.nan))}
    assert np.isnan(figures["open_amount"]) and np.isnan(figures["stuck_amount"])
    known = small_funnel()
    none = KnownFunnel(as_of=known.as_of, deals=known.deals[:0], entries=known.entries[:0])
    assert funnel.key_figures(none) == []


def test_stuck_deals_go_to_their_seller_and_those_of_nobody_stand_alone():
    stuck = pd.DataFrame(
        {
            "opportunity_id": ["d1", "d2", "d3", "d4"],
            "owner_id": pd.Categorical(["ann", "bob", "ann", None]),
            "amount": [10.0, np.nan, 30.0, 5.0],
            "amount_days": [90.0, np.nan, 60.0, 5.0],
            "excess_days": [9.0, 7.0, 2.0, 1.0],
            "zombie": False,
        }
    )
    chances = worth(d1=5.0, d2=np.nan, d3=15.0, d4=2.5)
    things = funnel.things(stuck, chances=chances, most_deals=1)
    found = {one.subject: (one.money, one.reason.values["look_at"]) for one in things}
    assert found["ann"] == (20.0, "d1") and found["d4"] == (2.5, "d4")
    assert np.isnan(found["bob"][0])
    alone = funnel.things(stuck.drop(columns="owner_id"), chances=chances)
    assert [one.money for one in alone if one.subject == "d3"] == [15.0]
    # Without chances there is no money: that on paper says nothing of what hangs on a deal.
    assert all(np.isnan(one.money) for one in funnel.things(stuck))


def test_deals_older_than_any_that_closed_are_one_thing_and_no_sellers():
    stuck = pd.DataFrame(
        {
            "opportunity_id": ["d1", "d2", "d3"],
            "owner_id": ["ann", "ann", "bob"],
            "amount": [10.0, 300.0, 500.0],
            "amount_days": [90.0, 60.0, 50.0],
            "excess_days": [9.0, 2.0, 1.0],
            "zombie": [False, True, True],
        }
    )
    things = funnel.things(stuck, chances=worth(d1=5.0, d2=1.0, d3=2.0))
    assert [(one.subject, one.money) for one in things] == [("ann", 5.0), ("clean_up", 3.0)]
    assert things[0].reason.values["amount"] == 10.0
    assert things[1].reason.values == {"deals": 2, "amount": 800.0}
    assert "worth 800 on paper only" in said(things[1])
    assert text.word("funnel", things[1].called, things[1].subject).startswith("Deals older")


def test_exceptions_for_the_worse_count_and_keep_their_own_sentence():
    row = {"owner_id": "ann", "verdict": "exception", "stage": "C", "n": 9}
    row |= {"at_stake_period": 20.0, "gain": 80.0}
    row |= {"own_value": 0.2, "team_value": 0.5, "rank": 1}
    exceptions = pd.DataFrame(
        [
            row | {"direction": "worse", "measure": "ageing", "reason": "ageing_worse"},
            row | {"direction": "worse", "measure": "conversion", "rank": 2, "reason": ""},
            row | {"direction": "better", "measure": "ageing", "reason": "ageing_better"},
            row | {"direction": "worse", "verdict": "normal", "measure": "ageing", "reason": None},
        ]
    )
    things = funnel.things(NONE, exceptions)
    # What a lower conversion costs can be gained; on slow deals hangs what they are worth.
    assert [one.money for one in things] == [20.0, 80.0]
    assert [one.reason.name for one in things] == ["ageing_worse", "conversion_worse"]
    assert said(things[0]).startswith("Deals of ann stay longer at C")


def test_key_deals_count_for_what_is_not_done_not_for_what_nobody_knows():
    checks = ("at_grade", "visited", "letter_checked", "date_ahead")
    row = {"opportunity_id": "d1", "amount": 40.0, "claimed": "D", "verified": "S"}
    done = dict.fromkeys(checks, "yes")
    missing = {"at_grade": "no", "visited": "no", "letter_checked": "unknown"}
    lists = [row | done | missing, row | done | {"opportunity_id": "d2"}]
    things = funnel.things(NONE, checklist=pd.DataFrame(lists), chances=worth(d1=8.0, d2=9.0))
    assert [(one.subject, one.money) for one in things] == [("d1", 8.0), ("d1", 8.0)]
    assert [one.reason.name for one in things] == ["key_deal_grade", "key_deal_visit"]
    assert "proved up to S" in said(things[0])
    every = funnel.things(NONE, checklist=pd.DataFrame([row | dict.fromkeys(checks, "no")]))
    for lang in text.LANGUAGES:
        assert len({said(one, lang) for one in every}) == len(checks)


def test_checks_that_make_figures_wrong_are_things_and_have_words():
    checks = pd.DataFrame(
        {"check": ["currency_mix", "zombies"], "amount": [7.0, 9.0], "blocks": [True, False]}
    )
    (thing,) = funnel.things(NONE, checks=checks)
    assert thing.subject == "currency_mix" and np.isnan(thing.money)
    assert text.word("funnel", thing.called, thing.subject) == "More than one currency"
    assert thing.reason.values == {"why": "currency_mix"}
    assert text.word("funnel", "why", "currency_mix").startswith("Amounts of several currencies")


def test_open_deals_without_any_amount_are_said_to_be_stuck_without_money():
    stuck = pd.DataFrame({"amount": [np.nan, np.nan], "zombie": [True, False]})
    found, _ = funnel.stuck_findings(stuck, pd.DataFrame({"open": [2], "limit_days": [9.0]}))
    assert found.name == "stuck_no_amount" and found.values == {"deals": 2}
    for lang in text.LANGUAGES:
        assert text.sentence("funnel.headline.stuck_no_amount", lang, **found.values)
