"""What customers will be worth, and how far totals were off."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from buyers import cdnow

from salesanalysis import customers, reduce

HORIZON = 273


@pytest.fixture(scope="module")
def lines(shared):
    return cdnow(shared("customers/CDNOW_master.txt"))


@pytest.fixture(scope="module")
def valued(lines):
    """All of CDNOW's customers after 39 weeks, worth what in 39 more; what came of them."""
    rhythm = reduce.customers.rhythm(lines, as_of="1997-09-30")
    models = {"purchasing": customers.fit_purchasing(rhythm), "spend": customers.fit_spend(rhythm)}
    past = customers.past_totals(reduce.customers.rhythms(lines, as_of="1997-09-30"))
    found = customers.customer_value(rhythm, **models, horizon_days=HORIZON, past=past)
    later = reduce.customers.rhythm(lines, as_of="1998-06-30").set_index("account_id")
    change = later[["repeats", "amount"]] - rhythm.set_index("account_id")[["repeats", "amount"]]
    bare = customers.customer_value(rhythm, **models, horizon_days=HORIZON)
    return found, change, past, bare


def test_the_limits_of_the_total_hold_what_came(valued):
    found, change, _, _ = valued
    (total,) = found.total.to_dict("records")
    assert change["repeats"].sum() == 19_684
    assert total["purchases_low"] < 19_684 < total["purchases_high"]
    assert total["value_low"] < change["amount"].sum() < total["value_high"]
    # They tell something: less than a quarter to either side.
    assert total["purchases_high"] / total["expected_purchases"] < 1.25


def test_the_limits_of_single_customers_hold_what_they_did(valued):
    found, change, _, _ = valued
    table = found.customers.set_index("account_id")
    came = change["amount"].reindex(table.index)
    inside = (table["value_low"] - 0.01 <= came) & (came <= table["value_high"] + 0.01)
    assert inside.mean() > 0.8


def test_a_total_that_was_never_tested_has_no_limits(valued):
    *_, bare = valued
    (total,) = bare.total.to_dict("records")
    assert total["days_tested"] == 0 and np.isnan(total["purchases_low"])
    assert bare.customers["value_low"].notna().all()


def test_past_totals_are_what_was_told_then(valued, lines):
    _, _, past, _ = valued
    row = past[(past["known_on"] == "1997-07-02") & (past["horizon_days"] == 90)].iloc[0]
    then = reduce.customers.rhythm(lines, as_of="1997-07-02")
    told = customers.fit_purchasing(then).expected(then, horizon_days=90).sum()
    later = reduce.customers.rhythm(lines, as_of="1997-09-30").set_index("account_id")["repeats"]
    came = (later.reindex(then["account_id"]).to_numpy() - then["repeats"]).sum()
    assert (row["expected_total"], row["came_total"]) == (pytest.approx(told), came)
    assert row["total_error"] == pytest.approx(np.log(came / told))


def test_value_needs_a_horizon_and_grows_with_it(lines):
    rhythm = reduce.customers.rhythm(lines, as_of="1997-09-30").head(500)
    models = {"purchasing": customers.fit_purchasing(rhythm), "spend": customers.fit_spend(rhythm)}
    sums = [
        customers.customer_value(rhythm, **models, horizon_days=days).total["customer_value"].item()
        for days in (30, 90, 365)
    ]
    assert sums == sorted(sums)
    with pytest.raises(customers.purchasing.SalesAnalysisError, match="`horizon_days` is 0"):
        customers.customer_value(rhythm, **models, horizon_days=0)


def test_the_most_valuable_come_first_and_the_same_input_gives_the_same_bytes(valued, lines):
    found, *_ = valued
    assert found.customers["customer_value"].is_monotonic_decreasing
    rhythm = reduce.customers.rhythm(lines, as_of="1997-09-30").head(300)
    models = {"purchasing": customers.fit_purchasing(rhythm), "spend": customers.fit_spend(rhythm)}
    again = [
        customers.customer_value(rows, **models, horizon_days=90).customers
        for rows in (rhythm, rhythm.sample(frac=1, random_state=1))
    ]
    pd.testing.assert_frame_equal(*again, check_exact=True)


def test_nobody_is_listed_whose_total_was_never_tested(valued):
    found, _, _, bare = valued
    assert bare.listed().empty and len(found.listed(5)) == 5
    unknown = replace(found, customers=found.customers.assign(customer_value=np.nan))
    assert unknown.listed().empty
