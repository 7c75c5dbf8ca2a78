"""New deals and the share won by month, and open deals by age, against a naive loop."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, datasets, funnel, reduce
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import Calendar


@pytest.fixture(scope="module")
def known():
    made = datasets.company(seed=7, deals=300, reps=4)
    return reduce.funnel.known(made.tables, as_of="2025-11-15", stages=made.stages)


def test_each_month_counts_what_a_loop_over_single_deals_counts(known):
    table = funnel.months(known, last=15).set_index("month")
    assert len(table) == 15 and list(table.index)[-1] == "2025-11"
    created, closed, won = (dict.fromkeys(table.index, 0) for _ in range(3))
    for deal in known.deals.to_dict("records"):
        month = f"{deal['created_at']:%Y-%m}"
        if month in created:
            created[month] += 1
        if deal["outcome"] == "open":
            continue
        month = f"{deal['closed_at']:%Y-%m}"
        if month in closed:
            closed[month] += 1
            won[month] += deal["outcome"] == "won"
    assert table["created"].to_dict() == created and sum(created.values()) > 100
    assert table["n"].to_dict() == closed and table["k"].to_dict() == won
    some = table[table["n"] > 0]
    assert (some["rate"] == some["k"] / some["n"]).all()
    assert ((some["rate_low"] <= some["rate"]) & (some["rate"] <= some["rate_high"])).all()
    assert table["whole"].tolist() == [True] * 14 + [False]
    assert [month for month in table.index[table["ends_quarter"]]][:2] == ["2024-09", "2024-12"]


def test_the_interval_is_wilson_s():
    """Newcombe (1998), method 3: 81 of 263 is 0.2553 to 0.3662."""
    deals = pd.DataFrame({
        "outcome": ["won"] * 81 + ["lost"] * 182, "age_days": 1.0,
        "created_at": pd.Timestamp("2025-03-03"), "closed_at": pd.Timestamp("2025-03-04"),
    })  # fmt: skip
    (row,) = funnel.months(KnownFunnel(as_of="2025-03-31", deals=deals)).to_dict("records")
    assert (round(row["rate_low"], 4), round(row["rate_high"], 4)) == (0.2553, 0.3662)
    assert row["whole"]


def test_counted_deals_give_the_same_as_single_ones(known):
    facts = ["outcome", "created_at", "closed_at", "age_days"]
    counted = known.deals.groupby(facts, dropna=False, as_index=False).size()
    counted = counted.rename(columns={"size": "weight"})
    other = KnownFunnel(as_of=known.as_of, deals=counted)
    pd.testing.assert_frame_equal(funnel.months(other), funnel.months(known))


def test_months_are_those_of_the_calendar_and_as_far_as_closings_were_recorded(known):
    fiscal = Calendar(first_month=1, weeks="4-4-5")
    named = KnownFunnel(as_of=known.as_of, deals=known.deals, calendar=fiscal)
    names = funnel.months(named, last=3)["month"]
    assert [fiscal.unit_of(name) for name in names] == ["month"] * 3
    since = KnownFunnel(as_of=known.as_of, deals=known.deals, observed_from="2025-08-20")
    assert funnel.months(since)["month"].tolist() == ["2025-09", "2025-10", "2025-11"]
    nothing = KnownFunnel(as_of=known.as_of, deals=known.deals.head(0))
    assert funnel.months(nothing).empty
    with pytest.raises(SalesAnalysisError, match="`last` is 0"):
        funnel.months(known, last=0)


def test_an_open_deal_is_older_or_over_its_limit_or_within(known):
    stuck = funnel.stuck(known)
    table = funnel.open_by_age(known, stuck).set_index("opportunity_id")
    still = known.deals[known.deals["outcome"] == "open"]
    assert sorted(table.index) == sorted(still["opportunity_id"])
    oldest = known.deals.loc[known.deals["outcome"] != "open", "age_days"].max()
    assert (table["oldest_days"] == oldest).all()
    listed = stuck.set_index("opportunity_id")
    for deal, row in table.iterrows():
        state = "older" if row["age_days"] > oldest else "within"
        if state == "within" and deal in listed.index:
            state = "over_limit"
        assert row["state"] == state
    assert set(table["state"]) >= {"within", "over_limit"} and np.isfinite(oldest)
