"""The week's list of an incentive report: what is owed past its day, by team."""

import pandas as pd

from salesanalysis import incentive
from salesanalysis.known import KnownIncentive


def known(as_of="2025-03-20", **changed) -> KnownIncentive:
    payouts = pd.DataFrame(
        {
            "earned": [100.0, 50.0, 70.0, 30.0, 20.0],
            "paid": [100.0, 0.0, 0.0, 0.0, 0.0],
            "earned_at": pd.Timestamp("2025-01-31"),
            "paid_at": pd.to_datetime(["2025-02-20", None, None, None, None]),
            "promised_at": pd.to_datetime(
                ["2025-02-10", "2025-02-15", "2025-03-01", "2025-02-10", "2025-04-01"]
            ),
            "team": ["East", "East", "West", "East", "West"],
        }
    ).assign(**changed)
    return KnownIncentive(as_of=as_of, payouts=payouts)


def test_only_broken_promises_count_most_money_first():
    east, west = incentive.actions(known())
    assert (east.about, east.at_stake, east.since, east.step.values["payouts"]) == (
        "East", 80.0, "2025-02-10", 2,
    )  # fmt: skip
    assert (west.about, west.at_stake, west.overdue_days) == ("West", 70.0, 19.0)
    assert (east.due, east.who) == ("2025-03-26", "payroll")


def test_a_week_later_it_is_the_same_line():
    before = [one.action_id for one in incentive.actions(known())]
    after = incentive.actions(known("2025-03-27"))
    assert [one.action_id for one in after] == before
    assert after[0].overdue_days == 45.0


def test_the_order_of_the_rows_does_not_matter():
    shuffled = known().payouts.sample(frac=1, random_state=1)
    other = KnownIncentive(as_of="2025-03-20", payouts=shuffled)
    assert incentive.actions(other) == incentive.actions(known())


def test_nothing_promised_or_all_paid_is_nothing_to_do():
    assert incentive.actions(known(promised_at=pd.NaT)) == []
    assert incentive.actions(known(paid_at=pd.Timestamp("2025-02-20"))) == []


def test_without_a_team_all_are_one():
    payouts = known().payouts.drop(columns="team")
    (one,) = incentive.actions(KnownIncentive(as_of="2025-03-20", payouts=payouts))
    assert (one.about, one.at_stake) == ("", 150.0)
