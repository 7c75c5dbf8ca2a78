"""Promptness: lags with what is still unpaid, late and broken promises."""

import numpy as np
import pandas as pd
import pytest

from salesanalysis import SalesAnalysisError, incentive, reduce
from salesanalysis.known import KnownIncentive
from salesanalysis.stats import wilson


def payouts():
    """Ten days each: on time, on the day, late, unpaid past it, unpaid before it, early, short."""
    frame = pd.DataFrame({
        "paid_at": ["2025-01-08", "2025-01-11 17:00", "2025-01-21", None, None, "2024-12-30",
                    "2025-01-05"],
        "promised_at": ["2025-01-11"] * 4 + ["2025-03-01"] + ["2025-01-11"] * 2,
        "earned": [100.0] * 7, "paid": [100.0, 100.0, 100.0, None, None, 100.0, 60.0],
    })  # fmt: skip
    return frame.assign(earned_at="2025-01-01", team="East")


def timeliness(frame, *, as_of="2025-01-31", **more):
    return incentive.timeliness(KnownIncentive(as_of=as_of, payouts=frame), **more)


def only(frame, **more):
    return timeliness(frame, by=[], **more).iloc[0]


def known_on(day):
    return reduce.incentive.known({"payouts": payouts()}, as_of=day)


def test_late_broken_short_and_early_are_told_apart():
    row = only(payouts())
    counts = ["payouts", "n", "k", "unpaid", "broken", "short", "paid_early", "undated"]
    assert row[counts].tolist() == [7, 6, 2, 2, 1, 1, 1, 0]
    assert row["late_days"] == 10
    assert (row["late_amount"], row["unpaid_amount"]) == (200, 240)
    low, high = wilson(2, 6)
    assert (row["rate_low"], row["rate_high"]) == (low, high)


def test_what_is_not_paid_waits_and_is_not_left_out():
    frame = pd.DataFrame({"earned": 1.0, "earned_at": "2025-01-01",
                          "paid_at": ["2025-01-03", "2025-01-05", None, None, None]})  # fmt: skip
    row = only(frame)
    assert row["median_days"] == np.inf  # two of five are paid: the median lag is not reached
    assert (row["n"], np.isnan(row["rate"])) == (0, True)
    assert only(frame.head(3))["median_days"] == 4
    assert only(frame, promise_days=3)[["n", "k", "broken"]].tolist() == [5, 4, 3]


def test_nothing_later_than_as_of_is_known():
    early = incentive.timeliness(known_on("2025-01-15"), by=[]).iloc[0]
    assert early[["unpaid", "broken", "k"]].tolist() == [3, 2, 2]
    assert incentive.timeliness(known_on("2024-12-31"), by=[]).iloc[0]["payouts"] == 0
    late = incentive.timeliness(known_on("2025-01-31"), by=[])
    pd.testing.assert_frame_equal(late, timeliness(payouts(), by=[]))
    with pytest.raises(SalesAnalysisError, match="`payouts` has a `paid_at` of 2025-01-21, after"):
        timeliness(payouts(), as_of="2025-01-15")


def test_teams_and_findings():
    frame = pd.concat([payouts(), payouts().assign(team="West", paid_at="2025-01-02")])
    table = timeliness(frame)
    assert table["team"].tolist() == ["East", "West"]
    assert table["k"].tolist() == [2, 0]
    found = incentive.timeliness_findings(timeliness(frame, by=[]))
    assert [finding.name for finding in found] == ["late_payments", "unpaid"]
    assert found[1].values == {"unpaid": 2, "broken": 1, "amount": 280.0}


def test_rows_that_earned_nothing_or_have_no_day_do_not_count():
    frame = payouts()
    frame.loc[0, "earned"] = 0.0
    frame.loc[1, "earned_at"] = None
    assert only(frame)[["payouts", "undated", "n"]].tolist() == [6, 1, 4]


def test_bad_input_is_refused_in_words():
    with pytest.raises(SalesAnalysisError, match="no column `paid_at`"):
        timeliness(payouts().drop(columns="paid_at"))
    with pytest.raises(SalesAnalysisError, match="no column `region`"):
        timeliness(payouts(), by="region")
    with pytest.raises(SalesAnalysisError, match="`known` has no `payouts`"):
        timeliness(None)
