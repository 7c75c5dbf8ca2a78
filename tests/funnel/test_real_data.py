"""The funnel on two data sets that nobody here made: their known figures must come out."""

import pandas as pd
import pytest

from salesanalysis import funnel, reduce, sources

LOAN_STAGES = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK"]
LOAN_EXITS = {"won": "A_APPROVED", "lost": "A_DECLINED", "cancelled": "A_CANCELLED"}


@pytest.fixture(scope="module")
def crm(shared):
    return {
        "opportunities": sources.read(shared("crm/sales_pipeline.csv"), table="opportunities"),
        "accounts": sources.read(shared("crm/accounts.csv"), table="accounts"),
        "products": sources.read(shared("crm/products.csv"), table="products"),
        "reps": sources.read(shared("crm/sales_teams.csv"), table="reps"),
    }


@pytest.fixture(scope="module")
def loans(shared):
    return sources.read(
        shared("loans/bpi2012_events.parquet"),
        table="stage_history",
        columns={"amount": "case:AMOUNT_REQ"},
        keep={"lifecycle:transition": "COMPLETE"},
    )


def test_crm_outcomes_and_won_value(crm):
    deals = reduce.funnel.deals(crm["opportunities"], as_of="2017-12-31")
    rates = funnel.win_rate(deals).iloc[0]
    assert rates[["deals", "won", "lost", "cancelled", "open"]].tolist() == [
        8800, 4238, 2473, 0, 2089,
    ]  # fmt: skip
    assert rates["won_amount"] == 10_005_534
    waiting = funnel.open_deals(deals)
    assert waiting[["stage", "deals"]].to_numpy().tolist() == [
        ["Engaging", 1589], ["Prospecting", 500],
    ]  # fmt: skip
    assert waiting["without_amount"].sum() == 2089


def test_crm_won_value_by_quarter(crm):
    deals = reduce.funnel.deals(crm["opportunities"], as_of="2017-12-31")
    won = deals[deals["outcome"] == "won"]
    quarters = won.groupby(won["closed_at"].dt.quarter)["amount"].sum()
    assert quarters.tolist() == [1_134_672, 3_086_111, 2_982_255, 2_802_496]


def test_crm_product_keys_that_do_not_match_are_shown(crm):
    unmatched = sources.unmatched_keys(crm["opportunities"], crm["products"], "product")
    row = unmatched[unmatched["side"] == "left"].iloc[0]
    assert row[["product", "rows", "nearest"]].tolist() == ["GTXPro", 1480, "GTX Pro"]


def test_crm_lookups_keep_every_deal(crm):
    table = reduce.with_lookups(crm)["opportunities"]
    assert table.count().execute() == 8800
    deals = reduce.funnel.deals(table, as_of="2017-12-31", by=["region", "manager"])
    assert deals["region"].value_counts().sum() == 8800
    assert sorted(deals["region"].unique()) == ["Central", "East", "West"]


def test_crm_delayed_entry_corrects_the_win_share(crm):
    # Nothing closed before 2017-03-01 although deals exist since 2016-10-20.
    shares = [
        funnel.win_rate(
            reduce.funnel.deals(crm["opportunities"], as_of="2017-12-31", observed_from=first),
            horizon_days=60,
        ).iloc[0]["final_rate"]
        for first in (None, "2017-03-01")
    ]
    assert [round(share, 3) for share in shares] == [0.265, 0.293]


def test_crm_one_minus_kaplan_meier_would_promise_almost_every_deal(crm):
    deals = reduce.funnel.deals(crm["opportunities"], as_of="2017-12-31")
    assert 0.51 < funnel.win_rate(deals).iloc[0]["final_rate"] < 0.53


def test_loans_pass_the_stages_as_published(loans):
    entries = reduce.funnel.stage_entries(
        stage_history=loans, stages=LOAN_STAGES, exits=LOAN_EXITS, as_of="2012-03-14"
    )
    steps = funnel.conversion(entries, basis="reached")
    assert [*steps["n"], steps["k"].iloc[-1]] == [13087, 7367, 5113, 5015, 3254, 2246]
    assert not entries["skipped"].any()


def test_loans_end_as_published(loans):
    deals = reduce.funnel.deals(stage_history=loans, exits=LOAN_EXITS, as_of="2012-03-14")
    rates = funnel.win_rate(deals).iloc[0]
    assert rates[["won", "lost", "cancelled", "open"]].tolist() == [2246, 7635, 2807, 399]


def test_work_items_with_three_lifecycle_rows_are_one_visit(shared, loans):
    # All rows or only the completed ones: an application enters the work item as often.
    every = sources.read(shared("loans/bpi2012_events.parquet"), table="stage_history")
    entered = [
        reduce.funnel.stage_entries(
            stage_history=table,
            stages=["A_SUBMITTED", "W_Afhandelen leads"],
            exits=LOAN_EXITS,
            as_of="2012-03-14",
        ).query("stage == 'W_Afhandelen leads' and not skipped")
        for table in (every, loans)
    ]
    assert [len(frame) for frame in entered] == [4755, 4755]
    raw = pd.read_parquet(shared("loans/bpi2012_events.parquet"))
    work = raw[raw["concept:name"] == "W_Afhandelen leads"]
    assert work["case"].nunique() == 4755 < len(work) / 3
